import { randomBytes } from 'crypto';
import type { Downloads } from './downloads';
import type { Events } from './events';
import type { Post } from './post';
import type { Limit, Quotas } from './quota';
import type { App, Clock, Mailbox, Tenant, User } from './tenants';
import type { Writes } from './writes';

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
	/** The body as JSON, or as a form where the API takes forms; undefined when there is none or it does not parse. */
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
	/** An object; a word on the OAuth token endpoint. */
	error?: Record<string, unknown> | string;
	[field: string]: unknown;
}

/** An answer before it is written to the socket: JSON or text. */
export interface Answer {
	status: number;
	headers?: Record<string, string>;
	json?: Envelope;
	text?: string | Buffer;
	contentType?: string;
	/** Feishu's code of an answer that is not JSON, for the log. */
	code?: number;
	executed: boolean;
}

/** What the APIs of one sandbox work on. */
export interface World {
	readonly clock: Clock;
	readonly tenants: readonly Tenant[];
	readonly quotas: Quotas;
	readonly invalidTokenAnswer: InvalidTokenAnswer;
	readonly expiredUserTokenAnswer: InvalidTokenAnswer;
	readonly signedInUser: User;
	readonly contactPatch: ContactPatch;
	readonly mailChoices: MailChoices;
	readonly downloads: Downloads;
	readonly post: Post;
	readonly events: Events;
	/** Where it is reached. */
	readonly url: string;
	/** Absent: writes to one mailbox may overlap. */
	readonly writes?: Writes;
}

/** What the documents leave open about mails, for tests to turn round. */
export interface MailChoices {
	/** Whether base64url ends with "=". The pages name Go's base64.URLEncoding, which does. */
	padding: boolean;
	/** What batch_get does with ids that there are no mails of. [docs] 1230006 for all; [cli] the others come. */
	unknownIds: 'refuse' | 'leaveOut';
	/** Whether batch_get and the mails of a thread come in order: that of the request, of the dates. */
	inOrder: boolean;
	/** What becomes of the other mails of a batch that is refused because of one of them. */
	restOfBatch: 'untouched' | 'changed';
	/**
	 * Where the link to a file leads on to: nowhere, to another path, by http to another host (the sandbox, by another
	 * name), to itself. Nothing is documented.
	 */
	redirects: 'none' | 'path' | 'host' | 'loop';
	/** How many hits a search can be paged through (1231022). [docs] there is a limit; the number is not documented. */
	searchDepth: number;
	/** What a mail (EML) is refused for (1236002), all of which [cli] names. The page's own sample has a folded header. */
	refusesCarriageReturns: boolean;
	refusesFoldedHeaders: boolean;
	/** Any byte but ASCII, in headers or in parts that are 7bit or 8bit. */
	refusesOtherThanAscii: boolean;
	/** Whether `raw` must be base64url; base64 is taken otherwise. */
	refusesOtherThanBase64url: boolean;
	/** Bytes of a mail (1236001). [docs] 37.5 MB */
	mailSize: number;
	/** Whether message.send looks at the files as drafts do (1236020, 1236021), which its page does not say. */
	sendChecksFiles: boolean;
	/** Words that make a mail a risk (1236014). */
	riskyWords: string[];
	/** Addresses that no mail may go to (1236018), besides those that are none. */
	refusedRecipients: string[];
	/** Where the answer has the id of a draft that was made. [docs] draft.id; [cli, 3rd] read the others, too. */
	draftIdIn: 'draft' | 'draft_id' | 'id';
	/** Whether the answer has a link to the draft. [docs] SDK only */
	draftReference: boolean;
	/** Whether the Message-ID of a sent mail stays, or Feishu makes one of its own. */
	keepsMessageId: boolean;
	/** Whether the answer to a scheduled sending has the ids of message and thread. [cli] contradictory */
	scheduledMessageId: boolean;
	/** Which id cancels a scheduled sending. [docs] message_id; [cli] draft_id */
	cancelBy: 'both' | 'message_id' | 'draft_id';
	/** How long a mail is under way, as its send status says: ms of the sandbox clock. */
	deliveryTime: number;
	/** How long a recall is in progress: ms of the sandbox clock. */
	recallTime: number;
	/** In which order a list has the mails of a folder or label. [3rd] the newest first; no page says so. */
	listOrder: 'newestFirst' | 'lastArrivedFirst' | 'oldestFirst';
	/**
	 * What a page token of a list remembers, on which nothing is documented: with which entry the page ended ('stay'), or
	 * how many entries came before, so that what arrives or goes meanwhile moves entries over the edge of the page.
	 */
	pages: 'stay' | 'shift';
	/** `message_state` of what arrives in the mailbox that it was sent from: received, or sent. Not documented. */
	ownCopyState: 1 | 2;
}

/** What a contact's PATCH does with the fields it leaves out: leaves them alone, or takes them away. */
export type ContactPatch = 'keep' | 'replace';

/** How a token is refused. */
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

/** Whom a token stands for: the app itself, or a user of the app. */
export type TokenType = 'tenant' | 'user';

/** One endpoint: what it is called, where it is, what it needs and what it does. */
export interface Api<Name extends string = string> {
	name: Name;
	method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	/** Express paths; each parameter is one segment, decoded after matching. */
	path: string | string[];
	/** Token types that it accepts; none where no token is needed. */
	tokenTypes: readonly TokenType[];
	/** Whether it takes application/x-www-form-urlencoded besides JSON. */
	acceptsForm?: boolean;
	/** Any one suffices. */
	scopes: readonly string[];
	/** Scopes for sensitive fields of the answer. */
	fieldScopes: readonly string[];
	documentedQuota?: Limit;
	/** Does the work. Throws, or rejects with, a Refusal when the platform would refuse. */
	answer(call: Call): Answer | Promise<Answer>;
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

/** Who calls: the app, and the user in whose name it does so. */
export interface Caller {
	app: App;
	/** Absent for the app itself. */
	user?: User;
	/** Whether the token carries the scope. */
	holds(scope: string): boolean;
}

const invalidTokenText =
	'Invalid access token for authorization. Please make a test attempt with the correct token in the request.';

/** Whom the token of a request stands for. Throws the platform's refusal of a missing or bad token. */
function callerOf({ request, world }: Call): Caller {
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
			if (app.holdsToken(token, now)) {
				return inUse({ app, holds: (scope) => app.scopes.has(scope) });
			}
			const userToken = app.authorizations.accessTokens.get(token);
			if (userToken === undefined) continue;
			const { user, scopes, end } = userToken;
			if (end <= now) {
				// [seen] the text that comes with HTTP 401, 99991677.
				const msg = 'Authentication token expired. Please request a new one.';
				throw refusal({ msg, ...world.expiredUserTokenAnswer });
			}
			return inUse({ app, user, holds: (scope) => app.userScopes.has(scope) && scopes.has(scope) });
		}
	}
	throw invalidToken(token, world.invalidTokenAnswer);
}

function inUse(caller: Caller): Caller {
	// [docs] 99991662: app stopped; its HTTP status is not documented, 400 is the sandbox's choice.
	if (!caller.app.enabled) throw refusal({ status: 400, code: 99991662, msg: 'app is not in use' });
	return caller;
}

function invalidToken(token: string, tenantToken: InvalidTokenAnswer): Refusal {
	if (token.startsWith('t-')) return refusal({ msg: invalidTokenText, ...tenantToken });
	// [probe] "eyJ" is taken for a user token.
	if (/^(u-|eyJ)/.test(token)) return refusal({ status: 400, code: 99991668, msg: invalidTokenText });
	// [docs] codes without HTTP status; 400 is the sandbox's choice.
	if (token.startsWith('a-')) return refusal({ status: 400, code: 99991664, msg: 'invalid app token' });
	return refusal({ status: 400, code: 99991671, msg: 'invalid token: must start with "t-" or "u-"' });
}

function requireTokenType({ user }: Caller, accepted: readonly TokenType[]): void {
	if (accepted.includes(user === undefined ? 'tenant' : 'user')) return;
	// [docs] the codes of invalid tokens also say that an endpoint refuses this type of token; the text of the
	// first one is not documented.
	throw user === undefined
		? refusal({ status: 400, code: 99991663, msg: invalidTokenText })
		: refusal({ status: 400, code: 99991668, msg: 'user access token not support' });
}

function requireScope({ app, user, holds }: Caller, scopes: readonly string[]): void {
	if (scopes.length === 0 || scopes.some(holds)) return;
	const list = scopes.join(', ');
	const [held, type, identity] =
		user === undefined ? [app.scopes, 'tenant', '应用'] : [app.userScopes, 'user', '用户'];
	if (user !== undefined && scopes.some((scope) => held.has(scope))) {
		throw refusal(
			{
				// [docs: how to resolve error 99991679] text and body; the HTTP status is the sandbox's choice.
				status: 400,
				code: 99991679,
				msg: `Unauthorized. You do not have permission to perform the requested operation on the resource. Please request user re-authorization and try again. required one of these privileges under the user identity: [${list}].应用未获取所需的用户授权：[${list}]`,
			},
			{
				permission_violations: scopes.map((subject) => ({ type: 'action_privilege_required', subject })),
			},
		);
	}
	const url = `https://open.feishu.cn/app/${app.id}/auth?q=${scopes.join(',')}&op_from=openapi&token_type=${type}`;
	throw refusal(
		{
			status: 400,
			code: 99991672,
			// [seen] both languages and the console link in one message. Seen for the application identity only; the
			// words for the user identity are the console's.
			msg: `Access denied. One of the following scopes is required: [${list}].应用尚未开通所需的${identity}身份权限：[${list}]，点击链接申请并开通任一权限即可：${url}`,
		},
		{
			// [seen] items are {type, subject}; action_scope_required is what public captures of 99991672 quote.
			permission_violations: scopes.map((subject) => ({ type: 'action_scope_required', subject })),
			helps: [{ url, description: 'apply for the scopes in the developer console' }],
		},
	);
}

/**
 * The gates of the open gateway, which every API with a token has: token, type of the token, scope, quota. Throws
 * the refusal of the first one that stays shut.
 */
export function admit(call: Call, api: Pick<Api, 'name' | 'tokenTypes' | 'scopes'>): Caller {
	const caller = callerOf(call);
	requireTokenType(caller, api.tokenTypes);
	requireScope(caller, api.scopes);
	call.world.quotas.spend(api.name, caller.app);
	return caller;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isString = (value: unknown): value is string => typeof value === 'string';

/** What a field may hold. */
const types = {
	string: isString,
	object: isObject,
	boolean: (value: unknown) => typeof value === 'boolean',
	strings: (value: unknown) => Array.isArray(value) && value.every(isString),
	objects: (value: unknown) => Array.isArray(value) && value.every(isObject),
	integer: (value: unknown) => Number.isInteger(value),
	// The other two are of queries, where everything is text.
	int: (value: unknown) => isString(value) && /^[+-]?\d+$/.test(value),
	flag: (value: unknown) => value === 'true' || value === 'false',
} satisfies Record<string, (value: unknown) => boolean>;

/** Types of body or query fields, keyed by dotted path. Parents come before their fields. */
export type FieldTypes = Record<string, keyof typeof types>;

/** Checks the types of the fields that are there. `null` counts as absent: the sandbox's choice. */
function checkTypes(fields: Record<string, unknown>, wanted: FieldTypes): void {
	const violations: FieldViolation[] = [];
	for (const [path, type] of Object.entries(wanted)) {
		const value = path
			.split('.')
			.reduce<unknown>((parent, key) => (isObject(parent) ? parent[key] : undefined), fields);
		if (value === undefined || value === null || types[type](value)) continue;
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
	caller: Caller;
	mailbox: Mailbox;
	world: World;
	/** Path parameters, decoded. */
	parameters: Record<string, string>;
	/** Types checked, required fields and limits not. */
	query: ReceivedRequest['query'];
	/** Types checked, required fields and limits not; {} for an API without a body. */
	body: Record<string, unknown>;
}

/** The declaration of an API below /user_mailboxes/:user_mailbox_id. */
export interface MailboxApi<Name extends string> extends Omit<
	Api<Name>,
	'answer' | 'tokenTypes' | 'fieldScopes' | 'documentedQuota'
> {
	documentedQuota: Limit;
	/** Default: both. */
	tokenTypes?: readonly TokenType[];
	fieldScopes?: readonly string[];
	/** Present when the API takes a JSON body. */
	body?: FieldTypes;
	/** Whether it does without a body, too. */
	bodyOptional?: boolean;
	query?: FieldTypes;
	/** Whether it overlaps with no other such request: on the mailbox, or on any mailbox in the name of the user. */
	oneAtATime?: 'mailbox' | 'user';
	/** Codes differ between endpoint families. Without the second, no permission for the mailbox itself is needed. */
	errors: { mailboxNotFound: DocumentedError; noDataPermission?: DocumentedError };
	handle(call: MailboxCall): Answer | Promise<Answer>;
}

/** The mailbox of the path. Throws the endpoint's refusals. */
function mailboxOf(address: string, { app, user }: Caller, errors: MailboxApi<string>['errors']): Mailbox {
	if (address === 'me' && user === undefined) {
		// [docs] stated for send_as and accessible_mailboxes; elsewhere the rule is prose and the code unknown.
		throw refusal({ status: 400, code: 1230005, msg: 'tenant access token not support me' });
	}
	// A mailbox of another tenant does not exist for this one.
	const mailbox = address === 'me' ? user?.mailbox : app.tenant.findMailbox(address);
	if (mailbox === undefined || !mailbox.active) throw refusal(errors.mailboxNotFound);
	// [docs] the data permission is a gate for tenant access tokens; a user must own the mailbox or be a member.
	const open = user === undefined ? app.mayReach(mailbox) : user.mayReach(mailbox);
	if (!open && errors.noDataPermission) throw refusal(errors.noDataPermission);
	return mailbox;
}

/**
 * Makes an API out of its declaration: the gates that a mailbox API has.
 *
 * The documents give no order of checks beyond "token before parameters" [probe]. Chosen here: what the gateway
 * owns (codes 9999xxxx) first: token and its type, scope, quota (per app, so after the token; its headers are
 * named after the open gateway, and a refused request is not executed), field types; then what the mail service
 * owns: mailbox, data permission or membership, limits of the fields.
 */
export function mailboxApi<const Name extends string>(declaration: MailboxApi<Name>): Api<Name> {
	const {
		body: bodyTypes,
		bodyOptional,
		query: queryTypes,
		oneAtATime,
		errors,
		handle,
		...rest
	} = declaration;
	const api = { tokenTypes: ['tenant', 'user'] as const, fieldScopes: [], ...rest };
	return {
		...api,
		answer(call) {
			const { request, parameters, world } = call;
			const caller = admit(call, api);
			if (queryTypes !== undefined) checkTypes(request.query, queryTypes);
			const bare = bodyTypes === undefined || (bodyOptional === true && request.rawBody === '');
			const body = bare ? {} : jsonBody(request);
			if (bodyTypes !== undefined) checkTypes(body, bodyTypes);
			const mailbox = mailboxOf(parameters.user_mailbox_id ?? '', caller, errors);
			if (oneAtATime !== undefined) {
				const { user } = caller;
				const owners = oneAtATime === 'user' && user !== undefined ? [mailbox, user] : [mailbox];
				world.writes?.begin(request, owners);
			}
			return handle({ caller, mailbox, world, parameters, query: request.query, body });
		},
	};
}

/** A refusal that says which field is to blame. */
export function fieldRefused(
	error: DocumentedError,
	field: string,
	description: string,
	value?: string,
): Refusal {
	return refusal(error, { field_violations: [{ field, value, description }] });
}

/** Length of a text in Unicode code points, which is what the documents' "characters" are taken to be. */
export function lengthOf(text: string): number {
	return [...text].length;
}
