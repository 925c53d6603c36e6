import { createHash, randomBytes, randomInt } from 'crypto';

import { Authorizations } from './authorizations';
import { mailEvent } from './mailEvent';
import { complete, isOutOfSight, isUnread } from './mails';
import type { Attachment, MailAddress, Message, NewMessage } from './mails';

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
	/** Of mails that are not in `Mailbox.messages`; the others are counted when the label is shown. */
	messages_unread: number;
}

/** A mail folder, with the API's field names. [docs: user_mailbox-folder/create] */
export interface Folder {
	id: string;
	name: string;
	/** '0' is the root. */
	parent_folder_id: string;
	/** 1: system folder, 2: user folder. */
	folder_type: 1 | 2;
	/** Of mails that are not in `Mailbox.messages`, as with labels. */
	unread_message_count: number;
	unread_thread_count: number;
}

/** A rule for mails that arrive, with the API's field names. [docs: user_mailbox-rule/create] */
export interface Rule {
	id: string;
	name: string;
	is_enable: boolean;
	ignore_the_rest_of_rules: boolean;
	condition: {
		/** 1: all conditions, 2: any of them. */
		match_type: number;
		items: Array<{ type: number; operator?: number; input?: string }>;
	};
	action: { items: Array<{ type: number; input?: string }> };
}

/** A template for mails, with the API's field names. [docs: user_mailbox-template/create] */
export interface Template {
	template_id: string;
	name: string;
	subject: string;
	template_content: string;
	is_plain_text_mode: boolean;
	tos: MailAddress[];
	ccs: MailAddress[];
	bccs: MailAddress[];
	/** Their ids are those of files in Feishu's drive. */
	attachments: Attachment[];
	/** ms since 1970. */
	create_time: number;
}

/** A signature, with the API's field names. [docs: user_mailbox-setting/get_signatures] */
export interface Signature {
	id: string;
	name: string;
	/** HTML. */
	content: string;
	/** Of a user, or of the company. */
	signature_type: 'USER' | 'TENANT';
	signature_device: 'PC' | 'MOBILE';
	/** The names of the variables of a company's. */
	template_json_keys: string[];
	images: Attachment[];
	/** The values of the variables. [docs: SDK] */
	user_fields?: Record<string, { default_val: string; i18n_vals: Record<string, string> }>;
}

/** Which signatures an address has where its owner chooses none. "" or "0": none. [cli] */
export interface SignatureUsage {
	email_address: string;
	send_mail_signature_id: string;
	reply_signature_id: string;
}

/** [docs: user_mailbox-folder/list] the ids; the names are the sandbox's choice. */
const systemFolders = {
	INBOX: 'Inbox',
	SENT: 'Sent',
	DRAFT: 'Drafts',
	SCHEDULED: 'Scheduled',
	TRASH: 'Trash',
	SPAM: 'Spam',
	ARCHIVED: 'Archived',
};

/**
 * What the owner of a mailbox may send. The documents of the API have no numbers, those of the product have some for one
 * plan, so none applies until a test sets one.
 */
export interface SendingRules {
	/** 1236007. A day begins at 0:00 UTC: the sandbox's choice. */
	dailyMails: number;
	/** 1236008. The same address counts once a day. [help center] */
	dailyExternalRecipients: number;
	/** 1236010: the frequency of outgoing mails; how it is measured is not documented. */
	mailsPerMinute: number;
	/** 1236012, which `message.send` alone has: how many mails in all. */
	threshold: number;
	/** Present: the user has switched off automated sending. */
	automationDisabled?: { reason: string };
	/** Present: no mail can be recalled. [docs: recall_restriction_reason] */
	recallRestriction?: string;
}

/** Mailboxes that an app may touch: all, or the addresses in the set. [docs: data permission] */
export type DataPermission = 'all' | Set<string>;

/** Redirect URLs registered for an app: those in the set, or every http(s) URL of a loopback host. */
export type RedirectUris = 'loopback' | Set<string>;

export interface AppOptions {
	id?: string;
	secret?: string;
	/** What the authorize page calls it. */
	name?: string;
	/** Scopes of the application identity (tenant access token). */
	scopes?: Iterable<string>;
	/** Scopes of the user identity (user access token). */
	userScopes?: Iterable<string>;
	dataPermission?: 'all' | Iterable<string>;
}

/** A version of an app, as the console has it. */
export interface AppVersion {
	version: string;
	/** [docs] 1: approved, 2: rejected, 3: under review, 4: not submitted. */
	status: 0 | 1 | 2 | 3 | 4;
	/** ms since 1970; absent: never published. */
	publishedAt?: number;
	/** The types of the events in it. */
	events: string[];
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

/** Scopes by the identity that they are for: the console keeps one list for each. [docs] */
export interface Scopes {
	tenant: readonly string[];
	user: readonly string[];
}

/** A member of a tenant: somebody who can authorize an app. */
export class User {
	/** [docs: user_info] the id in the tenant, and the id for all apps of one developer. */
	readonly userId = randomBytes(4).toString('hex');

	readonly unionId = `on_${randomBytes(16).toString('hex')}`;

	constructor(
		readonly tenant: Tenant,
		readonly name: string,
		/** The own mailbox, which `me` stands for. */
		public mailbox?: Mailbox,
	) {}

	/** [docs: user_info] a user has another open id in each app. */
	openIdIn(app: App): string {
		return `ou_${createHash('md5').update(`${app.id} ${this.unionId}`).digest('hex')}`;
	}

	/** Own mailbox, or a public mailbox that the user is a member of. [docs: user access token] */
	mayReach(mailbox: Mailbox): boolean {
		return this.mailbox === mailbox || mailbox.members.has(this);
	}
}

/** What happens when a mail has come into a mailbox. */
export type MailArrived = (mailbox: Mailbox, message: Message) => void;

export class Mailbox {
	active: boolean;

	/** The users of a public mailbox. Who owns a personal one: `User.mailbox`. */
	readonly members = new Set<User>();

	readonly contacts: Contact[] = [];

	readonly labels: Label[] = [];

	/** The folders that no one made and no one can change. */
	readonly systemFolders: readonly Folder[] = Object.entries(systemFolders).map(([id, name]) => ({
		id,
		name,
		parent_folder_id: '0',
		folder_type: 1,
		unread_message_count: 0,
		unread_thread_count: 0,
	}));

	/** The user's folders, in order of creation. */
	readonly folders: Folder[] = [];

	/** The mails of all folders, in order of arrival. */
	readonly messages: Message[] = [];

	/** In the order in which they are applied. */
	readonly rules: Rule[] = [];

	/** In order of creation. */
	readonly templates: Template[] = [];

	/** Files in its owner's drive, which templates may refer to. */
	readonly driveFiles: Attachment[] = [];

	readonly signatures: Signature[] = [];

	readonly signatureUsages: SignatureUsage[] = [];

	/** Other addresses that its owner may send from. */
	readonly aliases: string[] = [];

	/** What its owner may send. */
	readonly sending: SendingRules = {
		dailyMails: Number.POSITIVE_INFINITY,
		dailyExternalRecipients: Number.POSITIVE_INFINITY,
		mailsPerMinute: Number.POSITIVE_INFINITY,
		threshold: Number.POSITIVE_INFINITY,
	};

	/** Message-IDs, without "<" and ">", of the mails that were sent from it. How long Feishu keeps them is not known. */
	readonly sentMessageIds = new Set<string>();

	/** The documents give no number, so none applies until a test sets one. */
	labelLimit = Number.POSITIVE_INFINITY;

	/** As for labels. */
	templateLimit = Number.POSITIVE_INFINITY;

	/** Private at run time too: two mailboxes that hold the same are equal to a test. */
	readonly #clock: Clock;

	readonly #arrived: MailArrived;

	/** @param arrived - is told of each mail that is received, sent ones and drafts, too */
	constructor(
		readonly address: string,
		clock: Clock,
		arrived: MailArrived,
		options: { active?: boolean } = {},
	) {
		this.#clock = clock;
		this.#arrived = arrived;
		this.active = options.active ?? true;
	}

	/**
	 * A mail arrives, or is there already as a sent one or a draft if its folder says so. What `fields` leaves out is
	 * filled in: a mail from somebody outside, unread, in the inbox, of now, in the thread of the mail it answers.
	 */
	receive(fields: NewMessage = {}): Message {
		const { address, messages } = this;
		const message = complete(fields, { address, now: this.#clock.now(), earlier: messages });
		messages.push(message);
		this.#arrived(this, message);
		return message;
	}

	/** The names from the root down to a folder. */
	pathOf({ name, parent_folder_id }: Folder): string {
		const parent = [...this.systemFolders, ...this.folders].find(({ id }) => id === parent_folder_id);
		return parent === undefined ? name : `${this.pathOf(parent)} / ${name}`;
	}

	/** A mail is gone for good: no folder has it any more. Tells whether it was there. */
	remove(message: Message): boolean {
		const index = this.messages.indexOf(message);
		if (index !== -1) this.messages.splice(index, 1);
		return index !== -1;
	}

	/** The label with the number of its unread mails. Those out of sight do not count: the sandbox's choice. */
	countedLabel(label: Label): Label {
		const unread = this.messages.filter(
			(message) => isUnread(message) && message.label_ids.has(label.id) && !isOutOfSight(message),
		);
		return { ...label, messages_unread: label.messages_unread + unread.length };
	}

	/** The folder with the number of its unread mails and of their threads. */
	countedFolder(folder: Folder): Folder {
		const unread = this.messages.filter((message) => isUnread(message) && message.folder_id === folder.id);
		const threads = new Set(unread.map(({ thread_id }) => thread_id));
		return {
			...folder,
			unread_message_count: folder.unread_message_count + unread.length,
			unread_thread_count: folder.unread_thread_count + threads.size,
		};
	}
}

export class App {
	readonly id: string;

	secret: string;

	name: string;

	/** Held for the application identity. */
	readonly scopes: Set<string>;

	/** Held for the user identity: what the app may ask users for. */
	readonly userScopes: Set<string>;

	/** Asked for by the developer, and not granted by an administrator unless they are held, too. */
	readonly requestedScopes = new Set<string>();

	dataPermission: DataPermission;

	/** The console's list of redirect URLs. Default: the sandbox's choice, for clients whose port is not known before. */
	redirectUris: RedirectUris = 'loopback';

	/** The console's switch for refreshing user access tokens. [docs: refresh user_access_token] */
	refreshEnabled = true;

	enabled = true;

	/** The newest first. Default: one, with the event of mails in it, published long ago. */
	readonly versions: AppVersion[] = [
		{ version: '1.0.0', status: 1, publishedAt: Date.UTC(2026, 0, 1), events: [mailEvent] },
	];

	/** The mailboxes whose events its users have subscribed to. */
	readonly subscriptions: Array<{ user: User; mailbox: Mailbox }> = [];

	/** Seconds that a new tenant access token lives. [docs: at most 2 hours] */
	tokenLifetime = 7200;

	/** Seconds that a new user access token lives. [docs: sample] */
	userTokenLifetime = 7200;

	/** Seconds that a new refresh token lives. [docs: sample] */
	refreshTokenLifetime = 604_800;

	/** What users allowed the app, and the codes and tokens that came of it. */
	readonly authorizations = new Authorizations(this);

	/** Tenant access tokens and the moment each one ends (ms, sandbox clock). */
	readonly tokens = new Map<string, number>();

	constructor(
		readonly tenant: Tenant,
		options: AppOptions & { scopes: Iterable<string>; userScopes: Iterable<string> },
	) {
		this.id = options.id ?? `cli_${randomBytes(8).toString('hex')}`;
		this.secret = options.secret ?? randomBytes(16).toString('hex');
		this.name = options.name ?? 'Sandbox App';
		this.scopes = new Set(options.scopes);
		this.userScopes = new Set(options.userScopes);
		this.dataPermission =
			options.dataPermission === undefined || options.dataPermission === 'all'
				? 'all'
				: new Set(options.dataPermission);
	}

	/** The newest version that is published. */
	get publishedVersion(): AppVersion | undefined {
		return this.versions.find(({ status, publishedAt }) => status === 1 && publishedAt !== undefined);
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

	/** Makes every tenant access token of the app invalid from now on. */
	revokeTokens(): void {
		this.tokens.clear();
	}

	/** Makes every user access token of the app unknown from now on; refresh tokens go on. */
	revokeUserTokens(): void {
		this.authorizations.accessTokens.clear();
	}

	/** Makes every refresh token of the app revoked (20064) from now on; access tokens go on. */
	revokeRefreshTokens(): void {
		for (const token of this.authorizations.refreshTokens.values()) token.revoked = true;
	}

	/** Users take back what they allowed the app: every token of theirs is dead, and the next authorization starts afresh. */
	revokeUserAccess(): void {
		this.revokeUserTokens();
		this.revokeRefreshTokens();
		for (const user of this.tenant.users) this.authorizations.forget(user);
	}

	/** Whether a user may be sent back to the URL. Listed ones must be the same to the letter. [docs: 20029] */
	mayRedirectTo(url: string): boolean {
		if (!URL.canParse(url)) return false;
		if (this.redirectUris !== 'loopback') return this.redirectUris.has(url);
		const { protocol, hostname } = new URL(url);
		return /^https?:$/.test(protocol) && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
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

	readonly users: User[] = [];

	/** 1236009: addresses outside of the tenant that its mails may go to in a day. */
	dailyExternalRecipients = Number.POSITIVE_INFINITY;

	/** 1236013 */
	storageFull = false;

	/** [docs: user_info] */
	readonly key = randomBytes(8).toString('hex');

	constructor(
		readonly name: string,
		/** What there is, and what an app gets when `addApp` names no scopes. */
		readonly everyScope: Scopes,
		private readonly clock: Clock,
		/** Is told of the mails of all its mailboxes. */
		private readonly arrived: (tenant: Tenant, ...arrival: Parameters<MailArrived>) => void,
	) {}

	/** Adds a custom app. Without options it holds every scope and may touch every mailbox of the tenant. */
	addApp(options: AppOptions = {}): App {
		const app = new App(this, {
			...options,
			scopes: options.scopes ?? this.everyScope.tenant,
			userScopes: options.userScopes ?? this.everyScope.user,
		});
		this.apps.push(app);
		return app;
	}

	/** Adds a mailbox with no contacts, no labels, no mails and the system folders. */
	addMailbox(address: string, options: { active?: boolean } = {}): Mailbox {
		const arrived: MailArrived = (...arrival) => this.arrived(this, ...arrival);
		const mailbox = new Mailbox(address, this.clock, arrived, options);
		this.mailboxes.push(mailbox);
		return mailbox;
	}

	/** Adds a user. Without a mailbox the user has none of the own. */
	addUser(options: { name?: string; mailbox?: Mailbox } = {}): User {
		const user = new User(this, options.name ?? `User ${this.users.length + 1}`, options.mailbox);
		this.users.push(user);
		return user;
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
