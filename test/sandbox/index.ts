/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/require-node-api-error -- the sandbox runs on Node, not inside n8n */
import express from 'express';
import type { NextFunction, Request, Response } from 'express';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';

import { changeAccess, renderAccess } from './access';
import { apis } from './apis';
import type { ApiName } from './apis';
import { connectionOpen } from './apis/longConnection';
import type { UserTokens } from './authorizations';
import { Downloads } from './downloads';
import { dropMails, mailsPath, NotDropped, readForm } from './droppedMails';
import { Events } from './events';
import { doesWork, faultyAnswer, Rules } from './faults';
import type { Fault, FaultHandle, FaultRule, RequestRule } from './faults';
import { accessPath, renderNotDropped, renderPage } from './page';
import { newLogId, pageNotFound, Refusal, traceOf } from './platform';
import type {
	Answer,
	Api,
	ContactPatch,
	InvalidTokenAnswer,
	MailChoices,
	ReceivedRequest,
	TokenType,
	World,
} from './platform';
import { Post } from './post';
import type { SentMail } from './post';
import { Quotas } from './quota';
import type { Limit, Quota } from './quota';
import { stateOf, takeUp } from './state';
import type { SandboxState } from './state';
import { Tenant } from './tenants';
import type { App, Clock, Mailbox, Scopes, User } from './tenants';
import { Writes } from './writes';

export type { ApiName } from './apis';
export { labelColors } from './apis/labels';
export { connectionRefusal } from './apis/longConnection';
export type { ConnectionRefusal } from './apis/longConnection';
export type { UserTokens } from './authorizations';
export type { Connection } from './connections';
export type { ClientConfig, DeliveryOutcome, EventAnswer, EventDelivery, OddMessage } from './events';
export type { AnswerFault, Fault, FaultHandle, RequestRule } from './faults';
export { decodeFrame, encodeFrame, headerOf } from './frames';
export type { Frame } from './frames';
export { envelopeOf, mailEvent, mailEventOf } from './mailEvent';
export type { EventAddress, EventEnvelope, MailEvent } from './mailEvent';
export { newMailId } from './mails';
export type { Attachment, MailAddress, Message, NewMessage } from './mails';
export type { ParsedFile, ParsedMail } from './parsedMail';
export type { ContactPatch, InvalidTokenAnswer, MailChoices } from './platform';
export { sendStatuses } from './post';
export type { Delivery, RecallItem, SendStatus, SentMail } from './post';
export type { Limit, Quota } from './quota';
export { stateVersion } from './state';
export type { SandboxState } from './state';
export { App, Mailbox, Tenant, User } from './tenants';
export type {
	AppOptions,
	AppVersion,
	Clock,
	Contact,
	DataPermission,
	Folder,
	Label,
	RedirectUris,
	Rule,
	Signature,
	SignatureUsage,
	Template,
} from './tenants';

export interface RequestRecord extends ReceivedRequest {
	api?: ApiName;
}

export interface FailOptions extends FaultRule {
	api?: ApiName;
}

/** A clock that tests can move forward. */
export interface MovableClock extends Clock {
	advance(ms: number): void;
}

export interface SandboxOptions {
	/** Default 0: any free port. */
	port?: number;
	/** Default: the real time. */
	clock?: Clock;
	/** See `Sandbox.latency`. */
	latency?: number;
	/** See `Sandbox.requestLimit`. */
	requestLimit?: number;
	/** Where an earlier sandbox ended: see `Sandbox.state`. */
	state?: SandboxState;
}

/** The request limits of the API pages, ready for `setQuota`. */
export const documentedQuotas = Object.fromEntries(
	apis.flatMap(({ name, documentedQuota }) => (documentedQuota ? [[name, documentedQuota]] : [])),
) as Record<Extract<ApiName, `mail.${string}`>, Limit>;

function scopesFor(type: TokenType): string[] {
	const usable = apis.filter(({ tokenTypes }) => tokenTypes.some((accepted) => accepted === type));
	return [...new Set(usable.flatMap(({ scopes, fieldScopes }) => [...scopes, ...fieldScopes]))];
}

// [docs] offline_access is the scope behind refresh tokens; no API asks for it.
const everyScope: Scopes = { tenant: scopesFor('tenant'), user: [...scopesFor('user'), 'offline_access'] };

type Locals = { record: RequestRecord };

function parseJson(text: string): unknown {
	if (text === '') return undefined;
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

function parseQuery(search: string): RequestRecord['query'] {
	const query: RequestRecord['query'] = {};
	for (const [name, value] of new URLSearchParams(search)) {
		const earlier = query[name];
		query[name] = earlier === undefined ? value : [earlier, value].flat();
	}
	return query;
}

/** More than the largest mail that is taken has in base64url, so that a larger one gets Feishu's own refusal. */
const bodyLimit = '80mb';

/** Characters of a body that is forgotten once it is answered: mails with large files fill the memory otherwise. */
const longBody = 4 * 1024 * 1024;

/**
 * Whether a form comes from the sandbox's own pages, or from a program: any page in a browser could post one. Browsers
 * say it in the one or the other header.
 */
function isOwnForm({ headers: { origin, host, 'sec-fetch-site': site } }: Request): boolean {
	return site === undefined ? [undefined, `http://${host}`].includes(origin) : site === 'same-origin';
}

const formType = /^application\/x-www-form-urlencoded\s*(;|$)/i;

/**
 * A local HTTP server that behaves as the Feishu Open Platform is documented to, for Mail v1, the tenant access
 * token and the OAuth of user access tokens (API host and accounts host in one). It listens on the loopback interface only.
 */
export class Sandbox {
	/** Every request but those for the page, in order of arrival. */
	readonly requests: RequestRecord[] = [];

	readonly tenants: Tenant[] = [];

	/** A tenant with one app that may do everything and one active mailbox. */
	readonly tenant: Tenant;

	readonly app: App;

	readonly mailbox: Mailbox;

	/** The owner of that mailbox. */
	readonly user: User;

	/** Who sits at the authorize page. */
	signedInUser: User;

	readonly clock: MovableClock;

	/** Real milliseconds that each request takes, half before and half after the work. */
	latency: number;

	/** How many requests are remembered; the oldest are forgotten first. */
	requestLimit: number;

	/** How an unknown or expired tenant access token is refused. [probe] HTTP 400, 99991663 */
	invalidTokenAnswer: InvalidTokenAnswer = { status: 400, code: 99991663 };

	/** How an expired user access token is refused. [seen] HTTP 401, 99991677; [cli] 99991668 may mean it too. */
	expiredUserTokenAnswer: InvalidTokenAnswer = { status: 401, code: 99991677 };

	/**
	 * What a contact's PATCH does with the fields it leaves out, which the documents do not say. The name, always
	 * required, speaks for 'replace'; the method for 'keep'.
	 */
	contactPatch: ContactPatch = 'keep';

	/** What is answered about mails where the documents leave it open. */
	readonly mailChoices: MailChoices = {
		padding: true,
		unknownIds: 'refuse',
		inOrder: false,
		restOfBatch: 'untouched',
		redirects: 'none',
		searchDepth: Number.POSITIVE_INFINITY,
		refusesCarriageReturns: true,
		refusesFoldedHeaders: true,
		refusesOtherThanAscii: true,
		refusesOtherThanBase64url: true,
		mailSize: 37.5 * 1024 * 1024,
		sendChecksFiles: true,
		riskyWords: [],
		refusedRecipients: [],
		draftIdIn: 'draft',
		draftReference: true,
		keepsMessageId: true,
		scheduledMessageId: true,
		cancelBy: 'both',
		deliveryTime: 0,
		recallTime: 1000,
		listOrder: 'newestFirst',
		pages: 'stay',
		ownCopyState: 1,
	};

	/**
	 * Whether writes to the mails of one mailbox that overlap are refused, all but the first of them, as documented
	 * (1236006). They overlap when one arrives before the other is answered, so it takes some latency.
	 */
	serialisesWrites = false;

	/** Where it listens, without a trailing slash. */
	url = '';

	/** Where apps send users to be asked. */
	get authorizeUrl(): string {
		return `${this.url}/open-apis/authen/v1/authorize`;
	}

	/** Where apps get the tokens of users. */
	get tokenUrl(): string {
		return `${this.url}/open-apis/authen/v2/oauth/token`;
	}

	/** Long connections, and the events that they bring. */
	readonly events: Events;

	private readonly faults = new Rules<Fault>();

	/** What happens when requests arrive. */
	private readonly happenings = new Rules<() => unknown>();

	private readonly quotas: Quotas;

	private readonly writes = new Writes();

	private readonly downloads: Downloads;

	/** Carries the mails. */
	private readonly post: Post;

	private readonly closing = new AbortController();

	/** Sockets that Node's server has given away, which it does not close. */
	private readonly upgraded = new Set<Duplex>();

	private server?: ReturnType<express.Express['listen']>;

	private closed?: Promise<void>;

	private constructor({ clock, latency = 0, requestLimit = 20_000 }: SandboxOptions) {
		let offset = 0;
		this.clock = {
			now: () => (clock?.now() ?? Date.now()) + offset,
			advance: (ms) => {
				offset += ms;
				this.post.sendDue();
				this.events.deliverDue();
			},
		};
		this.latency = latency;
		this.requestLimit = requestLimit;
		this.quotas = new Quotas(this.clock);
		this.downloads = new Downloads(this.clock);
		this.post = new Post(this.clock, this.tenants, this.mailChoices);
		this.events = new Events(this.clock, this.tenants);
		this.tenant = this.addTenant('Sandbox');
		this.app = this.tenant.addApp();
		this.mailbox = this.tenant.addMailbox('user@example.com');
		this.user = this.tenant.addUser({ name: 'Sandbox User', mailbox: this.mailbox });
		this.signedInUser = this.user;
	}

	/** Starts a sandbox. Rejects with the system's error (`EADDRINUSE` ...) when the port cannot be had. */
	static async start(options: SandboxOptions = {}): Promise<Sandbox> {
		const sandbox = new Sandbox(options);
		if (options.state) await takeUp(sandbox, sandbox.post, options.state);
		await sandbox.listen(options.port ?? 0);
		return sandbox;
	}

	/** What a later sandbox needs to go on where this one is: the data and tokens of its own tenant. */
	state(): SandboxState {
		this.post.sendDue();
		return stateOf(this);
	}

	/** Adds a tenant without apps, mailboxes and users. */
	addTenant(name = `Tenant ${this.tenants.length + 1}`): Tenant {
		const tenant = new Tenant(name, everyScope, this.clock, (...arrival) =>
			this.events.mailArrived(...arrival),
		);
		this.tenants.push(tenant);
		return tenant;
	}

	/**
	 * Tokens of a user without page and code, as the token endpoint (v2) would answer if the user had just allowed
	 * `scopes` (default: all that the app may ask for).
	 */
	issueUserTokens(options: { app?: App; user?: User; scopes?: Iterable<string> } = {}): UserTokens {
		const { app = this.app, user = this.user, scopes = app.userScopes } = options;
		const now = this.clock.now();
		return app.authorizations.issue(app.authorizations.grant(user, scopes, now), 'v2', now);
	}

	/** The remembered requests to one API. */
	requestsTo(api: ApiName): RequestRecord[] {
		return this.requests.filter((record) => record.api === api);
	}

	/** Requests for files that brought a token along: it was shown to whatever host the link named. */
	get tokenLeaks(): readonly ReceivedRequest[] {
		return this.downloads.withToken;
	}

	/**
	 * Every mail that left, in that order, those to nobody in the sandbox, too. Tests may empty it: limits then count
	 * anew, while Message-IDs stay known.
	 */
	get sentMails(): SentMail[] {
		this.post.sendDue();
		return this.post.sent;
	}

	/** How often mails with a Message-ID left, which is written with or without "<" and ">". */
	timesSent(messageId: string): number {
		const wanted = messageId.replace(/^<|>$/g, '');
		return this.sentMails.filter(({ mail }) => mail.smtp_message_id === wanted).length;
	}

	/** The mails that went to an address. */
	mailsTo(address: string): SentMail[] {
		const wanted = address.toLowerCase();
		return this.sentMails.filter(({ recipients }) =>
			recipients.some((recipient) => recipient.toLowerCase() === wanted),
		);
	}

	/** Asks for a fault. */
	fail(options: FailOptions): FaultHandle {
		return this.faults.add(options, options.with);
	}

	/**
	 * Lets something happen when a request has arrived, before its work: between two pages of a list, between a list and
	 * what is asked for next. The request waits until it has happened, whatever fault it meets besides.
	 *
	 * @param rule - which requests to the API, counted from now on; default: the next one
	 */
	before(api: ApiName, happens: () => unknown, rule: Omit<RequestRule, 'api'> = {}): FaultHandle {
		return this.happenings.add({ ...rule, api }, happens);
	}

	clearFaults(): void {
		this.faults.clear();
	}

	/** Puts a quota on an API, for each app by itself, or takes it away with null. */
	setQuota(api: ApiName, quota: Quota | null): void {
		this.quotas.set(api, quota);
	}

	/** Puts the documented quotas on all APIs. */
	setDocumentedQuotas(): void {
		for (const [api, quota] of Object.entries(documentedQuotas)) this.quotas.set(api, quota);
	}

	/** Stops the server and closes every connection, hanging ones too. */
	async close(): Promise<void> {
		this.closing.abort();
		this.events.close();
		this.closed ??= new Promise((resolve) => {
			this.server?.close(() => resolve());
			this.server?.closeAllConnections();
			for (const socket of this.upgraded) socket.destroy();
		});
		await this.closed;
	}

	private async listen(port: number): Promise<void> {
		const application = express();
		application.disable('x-powered-by');
		application.set('etag', false);
		application.set('query parser', false);
		// Only keeps express from printing a stack when a client breaks off an upload.
		application.set('env', 'test');
		// [probe] paths are exact; the one trailing slash that is known to work is declared where it does.
		application.enable('strict routing');
		application.enable('case sensitive routing');

		application.use((_request, response, next) => {
			response.setHeader('Date', this.httpDate());
			next();
		});
		application.get('/', (request, response) => {
			response.type('html').send(renderPage(this, request.originalUrl === '/?requests=more'));
		});
		application.get(accessPath, (_request, response) => {
			response.type('html').send(renderAccess(this));
		});
		application.post([accessPath, mailsPath], (request, response, next) => {
			if (isOwnForm(request)) next();
			else response.status(403).type('text').send('This form is taken from the pages of the sandbox alone.');
		});
		application.post(
			mailsPath,
			express.raw({ type: () => true, limit: bodyLimit }),
			async (request, response) => {
				await this.takeMails(request, response);
			},
		);
		application.post(accessPath, express.urlencoded({ extended: false }), (request, response) => {
			changeAccess(this.tenants, (request.body ?? {}) as Record<string, unknown>);
			response.redirect(303, accessPath);
		});
		application.use((request: Request, response: Response<unknown, Locals>, next: NextFunction) => {
			response.locals.record = this.arrived(request);
			next();
		});
		application.use(express.raw({ type: () => true, limit: bodyLimit }));
		application.use((request: Request, response: Response<unknown, Locals>, next: NextFunction) => {
			const { record } = response.locals;
			record.rawBody = Buffer.isBuffer(request.body) ? request.body.toString() : '';
			record.body = parseJson(record.rawBody);
			next();
		});
		const byPath = new Map<string, Map<string, Api<ApiName>>>();
		for (const api of apis) {
			for (const path of [api.path].flat()) {
				const byMethod = byPath.get(path) ?? new Map<string, Api<ApiName>>();
				byPath.set(path, byMethod.set(api.method, api));
			}
		}
		for (const [path, byMethod] of byPath) {
			application.route(path).all(async (request: Request, response: Response<unknown, Locals>) => {
				// Express has an answer of its own to HEAD and OPTIONS; [probe] Feishu answers 404 to any other method.
				await this.serve(response, byMethod.get(request.method), request.params as Record<string, string>);
			});
		}
		application.use(async (_request: Request, response: Response<unknown, Locals>) => {
			await this.serve(response, undefined, {});
		});
		application.use((error: Error, _request: Request, response: Response, next: NextFunction) => {
			if (response.headersSent || response.destroyed) next(error);
			else this.refuseMalformed(error, response as Response<unknown, Locals>);
		});

		await new Promise<void>((resolve, reject) => {
			const server = application.listen(port, '127.0.0.1', (error?: Error) => {
				if (error) return reject(error);
				this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
				resolve();
			});
			server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
				void this.upgrade(request, socket, head);
			});
			this.server = server;
		});
	}

	/** A request for a WebSocket. It is counted among the requests, and faults meet it as any other. */
	private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
		this.upgraded.add(socket);
		socket.on('close', () => this.upgraded.delete(socket));
		// A client that breaks off a handshake.
		socket.on('error', () => undefined);
		const { method = 'GET', url: originalUrl = '/', headers } = request;
		const record = this.arrived({ method, originalUrl, headers });
		const api = record.path === connectionOpen.path ? connectionOpen : undefined;
		record.api = api?.name;
		const [fault] = this.faults.take(api?.name, undefined, 1);
		try {
			for (const happens of this.happenings.take(api?.name, undefined)) await happens();
			await this.pause(this.latency);
			if (fault?.kind === 'delay') await this.pause(fault.ms);
			if (fault?.kind === 'hang') return;
			if (fault?.kind === 'reset' || fault?.kind === 'truncated') return void socket.destroy();
			const real = fault === undefined || doesWork(fault) ? await this.work(api, record, {}) : undefined;
			const logId = newLogId(this.clock.now());
			const answer =
				fault === undefined || fault.kind === 'delay'
					? (real ?? pageNotFound())
					: faultyAnswer(fault, real, logId);
			Object.assign(record, { status: answer.status, executed: answer.executed });
			if (answer.status === 101) this.events.accept(String(record.query.ticket), request, socket, head);
			else this.refuseUpgrade(socket, answer, logId);
		} catch (error) {
			if (!this.closing.signal.aborted) throw error;
		}
	}

	private refuseUpgrade(socket: Duplex, answer: Answer, logId: string): void {
		const body = answer.json === undefined ? String(answer.text ?? '') : JSON.stringify(answer.json);
		const headers = {
			'Content-Type': answer.contentType ?? 'application/json; charset=utf-8',
			'Content-Length': Buffer.byteLength(body),
			'X-Tt-Logid': logId,
			Date: this.httpDate(),
			Connection: 'close',
			...answer.headers,
		};
		const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
		socket.end([`HTTP/1.1 ${answer.status} Refused`, ...lines, '', body].join('\r\n'));
	}

	/** Drops mails in: answers a browser with a page, a program (JSON) with what was dropped in. */
	private async takeMails(request: Request, response: Response): Promise<void> {
		const forProgram = request.accepts(['html', 'json']) === 'json';
		try {
			const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
			const form = await readForm(body, request.headers['content-type']);
			const dropped = await dropMails(form, this.tenants, this.mailbox);
			if (forProgram) response.json(dropped);
			else response.redirect(303, `/#${encodeURIComponent(dropped.mailbox)}`);
		} catch (error) {
			if (!(error instanceof NotDropped)) throw error;
			response.status(400);
			if (forProgram) response.json({ error: error.message });
			else response.type('html').send(renderNotDropped(error.message));
		}
	}

	private arrived(request: Pick<Request, 'method' | 'originalUrl' | 'headers'>): RequestRecord {
		const mark = request.originalUrl.indexOf('?');
		const record: RequestRecord = {
			api: undefined,
			method: request.method,
			path: mark === -1 ? request.originalUrl : request.originalUrl.slice(0, mark),
			query: mark === -1 ? {} : parseQuery(request.originalUrl.slice(mark + 1)),
			headers: request.headers,
			rawBody: '',
			body: undefined,
			status: undefined,
			code: undefined,
			executed: false,
			at: this.clock.now(),
		};
		this.requests.push(record);
		// Forgetting in batches keeps the log cheap.
		const surplus = this.requests.length - this.requestLimit;
		if (surplus > this.requestLimit / 10) this.requests.splice(0, surplus);
		return record;
	}

	private async serve(
		response: Response<unknown, Locals>,
		api: Api<ApiName> | undefined,
		parameters: Record<string, string>,
	): Promise<void> {
		const { record } = response.locals;
		record.api = api?.name;
		if (api?.acceptsForm === true && formType.test(String(record.headers['content-type']))) {
			record.body = parseQuery(record.rawBody);
		}
		const [fault] = this.faults.take(api?.name, parameters.user_mailbox_id, 1);
		const happenings = this.happenings.take(api?.name, parameters.user_mailbox_id);
		this.writes.arrive(record);
		try {
			for (const happens of happenings) await happens();
			await this.pause(this.latency / 2);
			if (fault?.kind === 'delay' && fault.after !== true) await this.pause(fault.ms);
			const working = fault === undefined || doesWork(fault);
			const answer = working ? await this.work(api, record, parameters) : undefined;
			record.executed = answer?.executed ?? false;
			if (fault?.kind === 'delay' && fault.after === true) await this.pause(fault.ms);
			await this.pause(this.latency / 2);
			this.writes.end(record);
			this.deliver(response, fault, answer);
			if (record.rawBody.length > longBody) Object.assign(record, { rawBody: '', body: undefined });
		} catch (error) {
			this.writes.end(record);
			if (!this.closing.signal.aborted) throw error;
		}
	}

	private async work(
		api: Api<ApiName> | undefined,
		request: RequestRecord,
		parameters: Record<string, string>,
	): Promise<Answer> {
		if (api === undefined) return pageNotFound();
		this.post.sendDue();
		const { clock, tenants, quotas, invalidTokenAnswer, expiredUserTokenAnswer } = this;
		const { signedInUser, contactPatch, mailChoices, downloads, post, events, url } = this;
		const world: World = {
			clock,
			tenants,
			quotas,
			invalidTokenAnswer,
			expiredUserTokenAnswer,
			signedInUser,
			contactPatch,
			mailChoices,
			downloads,
			post,
			events,
			url,
			writes: this.serialisesWrites ? this.writes : undefined,
		};
		try {
			return await api.answer({ request, parameters, world });
		} catch (error) {
			if (error instanceof Refusal) return error.answer;
			throw error;
		}
	}

	private deliver(
		response: Response<unknown, Locals>,
		fault: Fault | undefined,
		answer: Answer | undefined,
	): void {
		const logId = newLogId(this.clock.now());
		switch (fault?.kind) {
			case 'hang':
				return;
			case 'reset':
				response.socket?.resetAndDestroy();
				return;
		}
		if (fault === undefined || fault.kind === 'delay' || fault.kind === 'truncated') {
			const cut = fault?.kind === 'truncated' ? (fault.how ?? 'json') : undefined;
			this.send(response, this.traced(answer ?? pageNotFound(), logId), logId, cut);
			return;
		}
		const real = answer && this.traced(answer, logId);
		this.send(response, faultyAnswer(fault, real, logId), logId);
	}

	/** The answer with the log id in its `error`, if that is an object. */
	private traced(answer: Answer, logId: string): Answer {
		const { json } = answer;
		// The OAuth token endpoint's `error` is a word.
		if (typeof json?.error !== 'object') return answer;
		return { ...answer, json: { ...json, error: { ...traceOf(logId, json.code), ...json.error } } };
	}

	private send(
		response: Response<unknown, Locals>,
		answer: Answer,
		logId: string,
		cut?: 'json' | 'length',
	): void {
		// Forms of the sandbox's own pages have none.
		const { record } = response.locals as Partial<Locals>;
		// Node sends headers and a string in one write, but headers and a buffer in two.
		const whole = answer.json === undefined ? (answer.text ?? '') : JSON.stringify(answer.json);
		const length = Buffer.byteLength(whole);
		const body = cut === undefined ? whole : Buffer.from(whole).subarray(0, Math.ceil(length / 2));
		if (record) record.status = answer.status;
		if (record && cut === undefined) record.code = answer.json?.code ?? answer.code;
		response.writeHead(answer.status, {
			'Content-Type': answer.contentType ?? 'application/json; charset=utf-8',
			'Content-Length': cut === 'json' ? body.length : length,
			// [docs] on every answer, the same value as error.log_id.
			'X-Tt-Logid': logId,
			Date: this.httpDate(),
			...(cut === undefined ? {} : { Connection: 'close' }),
			...answer.headers,
		});
		if (cut === 'length') response.write(body, () => response.socket?.end());
		else response.end(body);
	}

	/** The `Date` header of an answer: by the sandbox's clock, which need not be this machine's. */
	private httpDate(): string {
		return new Date(this.clock.now()).toUTCString();
	}

	/** A request that express itself refuses: an undecodable path, a body that is too long or breaks off. */
	private refuseMalformed(error: Error & { status?: number }, response: Response<unknown, Locals>): void {
		// An undecodable path gets what Go's HTTP server answers (the 404 text above is Go's): the sandbox's choice.
		const status = error.status ?? 500;
		const text = status === 400 ? '400 Bad Request' : `${status} ${error.stack ?? error.message}`;
		const answer: Answer = { status, text, contentType: 'text/plain', executed: false };
		this.send(response, answer, newLogId(this.clock.now()));
	}

	private async pause(ms: number): Promise<void> {
		if (ms > 0) await wait(ms, undefined, { signal: this.closing.signal });
	}
}
