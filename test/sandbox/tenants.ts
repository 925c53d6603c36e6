import { randomBytes, randomInt } from 'crypto';

/** Where the sandbox reads the time, in milliseconds since 1970. */
export interface Clock {
	now(): number;
}

/** A mailbox contact, with the API's field names. [docs: user_mailbox-mail_contact/create] */
export interface Contact {
	id: string;
	name: string;
	company?: string;
	phone?: string;
	mail_address?: string;
	tag?: string;
	remark?: string;
	avatar?: string;
	position?: string;
}

/** A mail label, with the API's field names. [docs: user_mailbox-label/create] */
export interface Label {
	id: string;
	name: string;
	background_color: string;
	messages_unread: number;
}

/** Mailboxes that an app may touch: all, or the addresses in the set. [docs: data permission] */
export type DataPermission = 'all' | Set<string>;

export interface AppOptions {
	id?: string;
	secret?: string;
	scopes?: Iterable<string>;
	dataPermission?: 'all' | Iterable<string>;
}

/** Tokens with at least this much life left are handed out again. [docs: 30 minutes] */
const sameTokenFrom = 30 * 60 * 1000;

const idPrefix = `7${String(randomInt(100_000)).padStart(5, '0')}`;
let idSequence = Date.now();

/** A new entity id: a numeric string of 19 digits, too long for a JavaScript number. [docs: samples] */
export function newId(): string {
	idSequence += 4099;
	return idPrefix + String(idSequence);
}

export class Mailbox {
	active: boolean;

	readonly contacts: Contact[] = [];

	readonly labels: Label[] = [];

	/** The documents give no number, so none applies until a test sets one. */
	labelLimit = Number.POSITIVE_INFINITY;

	constructor(
		readonly address: string,
		options: { active?: boolean } = {},
	) {
		this.active = options.active ?? true;
	}
}

export class App {
	readonly id: string;

	secret: string;

	readonly scopes: Set<string>;

	dataPermission: DataPermission;

	enabled = true;

	/** Seconds that a new tenant access token lives. [docs: at most 2 hours] */
	tokenLifetime = 7200;

	/** Tenant access tokens and the moment each one ends (ms, sandbox clock). */
	readonly tokens = new Map<string, number>();

	constructor(
		readonly tenant: Tenant,
		options: AppOptions & { scopes: Iterable<string> },
	) {
		this.id = options.id ?? `cli_${randomBytes(8).toString('hex')}`;
		this.secret = options.secret ?? randomBytes(16).toString('hex');
		this.scopes = new Set(options.scopes);
		this.dataPermission =
			options.dataPermission === undefined || options.dataPermission === 'all'
				? 'all'
				: new Set(options.dataPermission);
	}

	/**
	 * The tenant access token of the app and the whole seconds it has left: the newest one while it has 30
	 * minutes or more, a new one otherwise; older ones stay valid until their own end. [docs: tenant access token]
	 */
	issueToken(now: number): { token: string; expire: number } {
		let reusable: string | undefined;
		for (const [token, end] of this.tokens) {
			if (end <= now) this.tokens.delete(token);
			else if (end - now >= sameTokenFrom) reusable = token;
		}
		const token = reusable ?? `t-${randomBytes(20).toString('hex')}`;
		const end = this.tokens.get(token) ?? now + this.tokenLifetime * 1000;
		this.tokens.set(token, end);
		return { token, expire: Math.floor((end - now) / 1000) };
	}

	/** Whether `token` is one of this app's tenant access tokens and has not ended yet. */
	holdsToken(token: string, now: number): boolean {
		const end = this.tokens.get(token);
		return end !== undefined && end > now;
	}

	/** Makes every token of the app invalid from now on. */
	revokeTokens(): void {
		this.tokens.clear();
	}

	/** Whether the app's data permission covers the mailbox. */
	mayReach(mailbox: Mailbox): boolean {
		if (this.dataPermission === 'all') return true;
		const address = mailbox.address.toLowerCase();
		return [...this.dataPermission].some((allowed) => allowed.toLowerCase() === address);
	}
}

export class Tenant {
	readonly apps: App[] = [];

	readonly mailboxes: Mailbox[] = [];

	/** `everyScope` is what an app gets when `addApp` names no scopes. */
	constructor(
		readonly name: string,
		private readonly everyScope: readonly string[],
	) {}

	/** Adds a custom app. Without options it holds every scope and may touch every mailbox of the tenant. */
	addApp(options: AppOptions = {}): App {
		const app = new App(this, { ...options, scopes: options.scopes ?? this.everyScope });
		this.apps.push(app);
		return app;
	}

	/** Adds a mailbox with no contacts and no labels. */
	addMailbox(address: string, options: { active?: boolean } = {}): Mailbox {
		const mailbox = new Mailbox(address, options);
		this.mailboxes.push(mailbox);
		return mailbox;
	}

	/**
	 * The tenant's mailbox with that address, active or not. Letter case is ignored: the sandbox's choice, as
	 * the documents are silent.
	 */
	findMailbox(address: string): Mailbox | undefined {
		const wanted = address.toLowerCase();
		return this.mailboxes.find((mailbox) => mailbox.address.toLowerCase() === wanted);
	}
}
