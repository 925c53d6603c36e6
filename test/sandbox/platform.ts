import { randomBytes } from 'crypto';
import type { Limit, Quotas } from './quota';
import type { App, Clock, Mailbox, Tenant } from './tenants';

/** A request as it arrived, and what became of it. */
export interface ReceivedRequest {
	/** The API whose path and method it matched. */
	api?: string;
	method: string;
	/** Raw: not decoded, without the query. */
	path: string;
	query: Record<string, string | string[] | undefined>;
	headers: Record<string, string | string[] | undefined>;
	rawBody: string;
	/** The body as JSON; undefined when there is none or it does not parse. */
	body: unknown;
	/** HTTP status and `code` of the answer; undefined when no answer was sent. */
	status?: number;
	code?: number;
	/** True when the work was done, whether or not the answer got through. */
	executed: boolean;
	/** Arrival, in ms of the sandbox clock. */
	at: number;
}

export interface Envelope {
	code?: number;
	msg?: string;
	data?: unknown;
	error?: Record<string, unknown>;
	[field: string]: unknown;
}

/** An answer before it is written to the socket: JSON or text. */
export interface Answer {
	status: number;
	headers?: Record<string, string>;
	json?: Envelope;
	text?: string | Buffer;
	contentType?: string;
	executed: boolean;
}

/** What the APIs of one sandbox work on. */
export interface World {
	readonly clock: Clock;
	readonly tenants: readonly Tenant[];
	readonly quotas: Quotas;
	readonly invalidTokenAnswer: InvalidTokenAnswer;
}

/** How an unknown or expired tenant access token is refused. */
export interface InvalidTokenAnswer {
	status: 200 | 400 | 401;
	code: number;
	msg?: string;
}

export interface Call {
	request: ReceivedRequest;
	/** Path parameters, decoded. */
	parameters: Record<string, string>;
	world: World;
}

/** One endpoint: what it is called, where it is, what it needs and what it does. */
export interface Api<Name extends string = string> {
	name: Name;
	method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	/** Express paths; each parameter is one segment, decoded after matching. */
	path: string | string[];
	/** Any one suffices. */
	scopes: readonly string[];
	/** Scopes for sensitive fields of the answer. */
	fieldScopes: readonly string[];
	documentedQuota?: Limit;
	/** Does the work. Throws a Refusal when the platform would refuse. */
	answer(call: Call): Answer;
}

/** Thrown by checks and handlers: the answer that ends the request. */
export class Refusal extends Error {
	constructor(readonly answer: Answer) {
		super(answer.json?.msg);
	}
}

export interface DocumentedError {
	status: number;
	code: number;
	msg: string;
}

/** A refusal with Feishu's error body. The log id is added when the answer is sent. */
export function refusal(
	{ status, code, msg }: DocumentedError,
	error: Record<string, unknown> = {},
): Refusal {
	return new Refusal({ status, json: { code, msg, error }, executed: false });
}

/** The success envelope. [docs: response samples] */
export function success(data: unknown): Answer {
	return { status: 200, json: { code: 0, msg: 'success', data }, executed: true };
}

/** [probe] an unknown path and a wrong method both answer plain text, not JSON. */
export function pageNotFound(): Answer {
	return { status: 404, text: '404 page not found', contentType: 'text/plain', executed: false };
}

const logIdRun = randomBytes(5).toString('hex');
let logIdSequence = 0;

/** A log id in the form of live ones: a timestamp and 20 hexadecimal digits. [seen: 20260502185309D5C2A963...] */
export function newLogId(now: number): string {
	logIdSequence += 1;
	const digits = new Date(now).toISOString().replace(/\D/g, '').slice(0, 14);
	return digits + (logIdRun + logIdSequence.toString(16).padStart(10, '0')).toUpperCase();
}

/** What `error` holds in every error body that has one. [seen: live bodies] */
export function traceOf(logId: string, code: number | undefined): Record<string, string> {
	return {
		log_id: logId,
		troubleshooter: `排查建议查看(Troubleshooting suggestions): https://open.feishu.cn/search?from=openapi&log_id=${logId}&code=${code}`,
	};
}

export interface FieldViolation {
	field: string;
	value?: string;
	description: string;
}

/** [seen] HTTP 400, 99992402 "field validation failed"; the descriptions are the sandbox's own. */
export function fieldValidationFailed(violations: FieldViolation[]): Refusal {
	return refusal(
		{ status: 400, code: 99992402, msg: 'field validation failed' },
		{ field_violations: violations },
	);
}

/** The app that a tenant access token stands for. Throws the platform's refusal of a missing or bad token. */
function authorizedApp({ request, world }: Call): App {
	const header = request.headers.authorization;
	// [probe] a header without "Bearer " is treated as no token. Letter case of the word: the sandbox's choice.
	const token = typeof header === 'string' ? /^Bearer +(\S.*)$/.exec(header)?.[1]?.trim() : undefined;
	if (token === undefined) {
		throw refusal({
			status: 400,
			code: 99991661,
			msg: 'Missing access token for authorization. Please make a request with token attached.',
		});
	}
	const now = world.clock.now();
	for (const tenant of world.tenants) {
		for (const app of tenant.apps) {
			if (!app.holdsToken(token, now)) continue;
			// [docs] 99991662: app stopped; its HTTP status is not documented, 400 is the sandbox's choice.
			if (!app.enabled) throw refusal({ status: 400, code: 99991662, msg: 'app is not in use' });
			return app;
		}
	}
	throw invalidToken(token, world.invalidTokenAnswer);
}

function invalidToken(token: string, tenantToken: InvalidTokenAnswer): Refusal {
	const msg =
		'Invalid access token for authorization. Please make a test attempt with the correct token in the request.';
	if (token.startsWith('t-')) return refusal({ msg, ...tenantToken });
	// [probe] "eyJ" is taken for a user token.
	if (/^(u-|eyJ)/.test(token)) return refusal({ status: 400, code: 99991668, msg });
	// [docs] codes without HTTP status; 400 is the sandbox's choice.
	if (token.startsWith('a-')) return refusal({ status: 400, code: 99991664, msg: 'invalid app token' });
	return refusal({ status: 400, code: 99991671, msg: 'invalid token: must start with "t-" or "u-"' });
}

function requireScope(app: App, scopes: readonly string[]): void {
	if (scopes.length === 0 || scopes.some((scope) => app.scopes.has(scope))) return;
	const list = scopes.join(', ');
	const url = `https://open.feishu.cn/app/${app.id}/auth?q=${scopes.join(',')}&op_from=openapi&token_type=tenant`;
	throw refusal(
		{
			status: 400,
			code: 99991672,
			// [seen] both languages and the console link in one message.
			msg: `Access denied. One of the following scopes is required: [${list}].应用尚未开通所需的应用身份权限：[${list}]，点击链接申请并开通任一权限即可：${url}`,
		},
		{
			// [seen] items are {type, subject}; action_scope_required is what public captures of 99991672 quote.
			permission_violations: scopes.map((subject) => ({ type: 'action_scope_required', subject })),
			helps: [{ url, description: 'apply for the scopes in the developer console' }],
		},
	);
}

/** JSON types of body or query fields, keyed by dotted path. Parents come before their fields. */
export type FieldTypes = Record<string, 'string' | 'object' | 'int'>;

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasType(value: unknown, type: FieldTypes[string]): boolean {
	if (type === 'object') return isObject(value);
	if (type === 'int') return typeof value === 'string' && /^[+-]?\d+$/.test(value);
	return typeof value === 'string';
}

/** Checks the types of the fields that are there. `null` counts as absent: the sandbox's choice. */
function checkTypes(fields: Record<string, unknown>, types: FieldTypes): void {
	const violations: FieldViolation[] = [];
	for (const [path, type] of Object.entries(types)) {
		const value = path
			.split('.')
			.reduce<unknown>((parent, key) => (isObject(parent) ? parent[key] : undefined), fields);
		if (value === undefined || value === null || hasType(value, type)) continue;
		violations.push({ field: path, value: JSON.stringify(value), description: `${type} expected` });
	}
	if (violations.length > 0) throw fieldValidationFailed(violations);
}

/**
 * The JSON object of a request body. What the platform answers to another content type or to broken JSON is
 * not documented; the sandbox takes its general validation error.
 */
function jsonBody(request: ReceivedRequest): Record<string, unknown> {
	const contentType = request.headers['content-type'];
	// [docs] fixed value "application/json; charset=utf-8"; the parameter is not insisted on.
	if (typeof contentType !== 'string' || !/^application\/json\s*(;|$)/i.test(contentType)) {
		throw fieldValidationFailed([
			{ field: 'Content-Type', value: String(contentType ?? ''), description: 'application/json expected' },
		]);
	}
	if (!isObject(request.body)) {
		throw fieldValidationFailed([{ field: 'body', description: 'a JSON object expected' }]);
	}
	return request.body;
}

/** What a handler of a mailbox API works with, every gate passed. */
export interface MailboxCall {
	app: App;
	mailbox: Mailbox;
	/** Types checked, required fields and limits not. */
	query: ReceivedRequest['query'];
	/** Types checked, required fields and limits not; {} for an API without a body. */
	body: Record<string, unknown>;
}

/** The declaration of an API below /user_mailboxes/:user_mailbox_id. */
export interface MailboxApi<Name extends string> extends Omit<
	Api<Name>,
	'answer' | 'fieldScopes' | 'documentedQuota'
> {
	documentedQuota: Limit;
	fieldScopes?: readonly string[];
	/** Present when the API takes a JSON body. */
	body?: FieldTypes;
	query?: FieldTypes;
	/** Codes differ between endpoint families. */
	errors: { mailboxNotFound: DocumentedError; noDataPermission: DocumentedError };
	handle(call: MailboxCall): Answer;
}

/**
 * Makes an API out of its declaration: the gates that a mailbox API called with a tenant access token has.
 *
 * The documents give no order of checks beyond "token before parameters" [probe]. Chosen here: what the gateway
 * owns (codes 9999xxxx) first: token, scope, quota (per app, so after the token; its headers are named after the
 * open gateway, and a refused request is not executed), field types; then what the mail service owns: mailbox,
 * data permission, limits of the fields.
 */
export function mailboxApi<const Name extends string>(declaration: MailboxApi<Name>): Api<Name> {
	const { body: bodyTypes, query: queryTypes, errors, handle, ...api } = declaration;
	return {
		...api,
		fieldScopes: api.fieldScopes ?? [],
		answer(call) {
			const { request, world } = call;
			const app = authorizedApp(call);
			requireScope(app, api.scopes);
			world.quotas.spend(api.name, app);
			if (queryTypes !== undefined) checkTypes(request.query, queryTypes);
			const body = bodyTypes === undefined ? {} : jsonBody(request);
			if (bodyTypes !== undefined) checkTypes(body, bodyTypes);

			const address = call.parameters.user_mailbox_id ?? '';
			if (address === 'me') {
				// [docs] stated for send_as and accessible_mailboxes; elsewhere the rule is prose and the code unknown.
				throw refusal({ status: 400, code: 1230005, msg: 'tenant access token not support me' });
			}
			// A mailbox of another tenant does not exist for this one.
			const mailbox = app.tenant.findMailbox(address);
			if (mailbox === undefined || !mailbox.active) throw refusal(errors.mailboxNotFound);
			if (!app.mayReach(mailbox)) throw refusal(errors.noDataPermission);
			return handle({ app, mailbox, query: request.query, body });
		},
	};
}

/** Length of a text in Unicode code points, which is what the documents' "characters" are taken to be. */
export function lengthOf(text: string): number {
	return [...text].length;
}
