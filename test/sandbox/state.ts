import type { Authorization, RefreshToken, UserAccessToken } from './authorizations';
import type { Sandbox } from './index';
import { bytesOf } from './mails';
import type { Attachment, Message } from './mails';
import { parseMail } from './parsedMail';
import { SentMail } from './post';
import type { Delivery, Post, RecallItem } from './post';
import type {
	Clock,
	Contact,
	Folder,
	Label,
	Mailbox,
	Rule,
	Signature,
	SignatureUsage,
	Template,
	Tenant,
	User,
} from './tenants';

/** Raised whenever what was kept before can no longer be taken up. */
export const stateVersion = 1;

type Kept<Entry extends { user: User; scopes: ReadonlySet<string> }> = Omit<Entry, 'user' | 'scopes'> & {
	user: string;
	scopes: string[];
};

/** A file with its content in base64. */
type KeptFile = Omit<Attachment, 'content'> & { content: string };

interface KeptMessage extends Omit<Message, 'label_ids' | 'attachments' | 'source'> {
	label_ids: string[];
	attachments: KeptFile[];
	/** What it was made from, in base64. */
	raw?: string;
}

interface KeptMailbox {
	address: string;
	contacts: Contact[];
	labels: Label[];
	folders: Folder[];
	/** Absent in what was kept before there were mails. */
	messages?: KeptMessage[];
	aliases?: string[];
	/** Absent in what was kept before there were rules. */
	rules?: Rule[];
	/** Absent in what was kept before there was sending. */
	sentMessageIds?: string[];
	/** Absent in what was kept before there were templates and signatures. */
	templates?: Array<Omit<Template, 'attachments'> & { attachments: KeptFile[] }>;
	driveFiles?: KeptFile[];
	signatures?: Array<Omit<Signature, 'images'> & { images: KeptFile[] }>;
	signatureUsages?: SignatureUsage[];
}

/** The id of a mail that its mailbox still has, or the mail. */
type KeptReference = string | KeptMessage;

interface KeptSentMail {
	at: number;
	/** Mailboxes by their addresses. */
	mailbox: string;
	message: KeptReference;
	/** In base64. */
	raw: string;
	deliveries: Array<
		Omit<Delivery, 'mailbox' | 'message'> & { arrived?: { mailbox: string; message: KeptReference } }
	>;
	statuses: Array<[string, ReturnType<SentMail['statusFor']>]>;
	recallItems: Array<[string, RecallItem]>;
	recall?: { at: number; items: Array<[string, RecallItem]> };
}

/** Bytes of the mails that left that are kept, the newest first. */
const keptBytes = 50 * 1024 * 1024;

/** What clients remember of a sandbox, as JSON. */
export interface SandboxState {
	version: typeof stateVersion;
	tenantKey: string;
	app: { id: string; secret: string };
	/** What the app no longer holds: a later sandbox may know more scopes than an earlier one. */
	withdrawn: { tenant: string[]; user: string[] };
	tokens: Array<[string, number]>;
	mailboxes: KeptMailbox[];
	/** Absent in what was kept before they were. */
	sent?: KeptSentMail[];
	/** Of the app. Users by their ids, mailboxes by their addresses. Absent in what was kept before there were events. */
	subscriptions?: Array<{ user: string; mailbox: string }>;
	users: Array<{ name: string; mailbox?: string; userId: string; unionId: string; allowed: string[] }>;
	accessTokens: Array<[string, Kept<UserAccessToken>]>;
	refreshTokens: Array<
		[string, Omit<RefreshToken, 'authorization'> & { authorization: Kept<Authorization> }]
	>;
}

const keptFile = (file: Attachment): KeptFile => ({ ...file, content: bytesOf(file).toString('base64') });

const fileAsBefore = (file: KeptFile): Attachment => ({
	...file,
	content: Buffer.from(file.content, 'base64'),
});

function keptMessage({ label_ids, attachments, source, ...message }: Message): KeptMessage {
	return {
		...message,
		raw: source?.raw.toString('base64'),
		label_ids: [...label_ids],
		attachments: attachments.map(keptFile),
	};
}

async function asBefore({ label_ids, attachments, raw, ...message }: KeptMessage): Promise<Message> {
	const bytes = raw === undefined ? undefined : Buffer.from(raw, 'base64');
	return {
		...message,
		...(bytes === undefined ? {} : { source: { raw: bytes, mail: await parseMail(bytes) } }),
		label_ids: new Set(label_ids),
		attachments: attachments.map(fileAsBefore),
	};
}

function referenceTo(message: Message, { messages }: Mailbox): KeptReference {
	return messages.includes(message) ? message.message_id : keptMessage(message);
}

async function messageOf(reference: KeptReference, { messages }: Mailbox): Promise<Message> {
	if (typeof reference !== 'string') return await asBefore(reference);
	const message = messages.find(({ message_id }) => message_id === reference);
	if (message === undefined) throw new Error(`The state has no mail ${reference}`);
	return message;
}

function keptSentMail({ at, mailbox, message, raw, deliveries, ...fared }: SentMail): KeptSentMail {
	const { statuses, recallItems, recall } = fared;
	return {
		at,
		mailbox: mailbox.address,
		message: referenceTo(message, mailbox),
		raw: raw.toString('base64'),
		deliveries: deliveries.map(({ mailbox: box, message: copy, ...recipient }) => ({
			...recipient,
			...(box && copy ? { arrived: { mailbox: box.address, message: referenceTo(copy, box) } } : {}),
		})),
		statuses: [...statuses],
		recallItems: [...recallItems],
		...(recall ? { recall: { at: recall.at, items: [...recall.items] } } : {}),
	};
}

/** Mailboxes of other tenants, of which nothing is kept, are outside from now on. */
async function sentAsBefore(kept: KeptSentMail, tenant: Tenant, clock: Clock): Promise<SentMail> {
	const mailbox = tenant.findMailbox(kept.mailbox);
	if (mailbox === undefined) throw new Error(`The state has no mailbox ${kept.mailbox}`);
	const raw = Buffer.from(kept.raw, 'base64');
	const deliveries = kept.deliveries.map(async ({ arrived, ...recipient }): Promise<Delivery> => {
		const box = arrived && tenant.findMailbox(arrived.mailbox);
		return box ? { ...recipient, mailbox: box, message: await messageOf(arrived.message, box) } : recipient;
	});
	const sent = new SentMail(
		kept.at,
		mailbox,
		await messageOf(kept.message, mailbox),
		raw,
		await parseMail(raw),
		await Promise.all(deliveries),
		clock,
	);
	for (const [address, status] of kept.statuses) sent.statuses.set(address, status);
	for (const [address, item] of kept.recallItems) sent.recallItems.set(address, item);
	if (kept.recall) sent.recall = { at: kept.recall.at, items: new Map(kept.recall.items) };
	return sent;
}

/**
 * The sandbox's own tenant with its app, its mailboxes and users, the mails that left and how they fared, and the tokens
 * that were given. Events and long connections are left out, subscriptions are not. Codes, which live for minutes, and the remembered requests are left out.
 */
export function stateOf({ tenant, app, sentMails }: Sandbox): SandboxState {
	const { authorizations, scopes, userScopes } = app;
	const kept = <Entry extends { user: User; scopes: ReadonlySet<string> }>(entry: Entry): Kept<Entry> => ({
		...entry,
		user: entry.user.userId,
		scopes: [...entry.scopes],
	});
	let room = keptBytes;
	const newest = sentMails.filter(({ mailbox }) => tenant.mailboxes.includes(mailbox)).reverse();
	return {
		version: stateVersion,
		tenantKey: tenant.key,
		app: { id: app.id, secret: app.secret },
		withdrawn: {
			tenant: tenant.everyScope.tenant.filter((scope) => !scopes.has(scope)),
			user: tenant.everyScope.user.filter((scope) => !userScopes.has(scope)),
		},
		tokens: [...app.tokens],
		mailboxes: tenant.mailboxes.map(
			({ address, contacts, labels, folders, messages, aliases, rules, sentMessageIds, ...mailbox }) => ({
				address,
				contacts,
				labels,
				folders,
				messages: messages.map(keptMessage),
				aliases,
				rules,
				sentMessageIds: [...sentMessageIds],
				templates: mailbox.templates.map(({ attachments, ...template }) => ({
					...template,
					attachments: attachments.map(keptFile),
				})),
				driveFiles: mailbox.driveFiles.map(keptFile),
				signatures: mailbox.signatures.map(({ images, ...signature }) => ({
					...signature,
					images: images.map(keptFile),
				})),
				signatureUsages: mailbox.signatureUsages,
			}),
		),
		sent: newest
			.filter(({ raw }) => (room -= raw.length) >= 0)
			.map(keptSentMail)
			.reverse(),
		subscriptions: app.subscriptions.map(({ user, mailbox }) => ({
			user: user.userId,
			mailbox: mailbox.address,
		})),
		users: tenant.users.map((user) => ({
			name: user.name,
			mailbox: user.mailbox?.address,
			userId: user.userId,
			unionId: user.unionId,
			allowed: [...authorizations.scopesOf(user)],
		})),
		accessTokens: [...authorizations.accessTokens].map(([token, access]) => [token, kept(access)]),
		refreshTokens: [...authorizations.refreshTokens].map(([token, { authorization, ...rest }]) => [
			token,
			{ ...rest, authorization: kept(authorization) },
		]),
	};
}

/** Makes a new sandbox go on where another one ended. */
export async function takeUp(
	{ tenant, app, clock }: Sandbox,
	post: Post,
	state: SandboxState,
): Promise<void> {
	Object.assign(tenant, { key: state.tenantKey });
	Object.assign(app, state.app);
	for (const scope of state.withdrawn.tenant) app.scopes.delete(scope);
	for (const scope of state.withdrawn.user) app.userScopes.delete(scope);
	for (const [token, end] of state.tokens) app.tokens.set(token, end);
	for (const kept of state.mailboxes) {
		const { address, contacts, labels, folders, messages = [], aliases = [], rules = [] } = kept;
		const mailbox = tenant.findMailbox(address) ?? tenant.addMailbox(address);
		mailbox.messages.push(...(await Promise.all(messages.map(asBefore))));
		for (const message of mailbox.messages) if (message.scheduled) post.schedule(mailbox, message);
		mailbox.aliases.push(...aliases);
		mailbox.rules.push(...rules);
		for (const id of kept.sentMessageIds ?? []) mailbox.sentMessageIds.add(id);
		for (const { attachments, ...template } of kept.templates ?? []) {
			mailbox.templates.push({ ...template, attachments: attachments.map(fileAsBefore) });
		}
		mailbox.driveFiles.push(...(kept.driveFiles ?? []).map(fileAsBefore));
		for (const { images, ...signature } of kept.signatures ?? []) {
			mailbox.signatures.push({ ...signature, images: images.map(fileAsBefore) });
		}
		mailbox.signatureUsages.push(...(kept.signatureUsages ?? []));
		mailbox.contacts.push(...contacts);
		mailbox.labels.push(...labels);
		mailbox.folders.push(...folders);
	}
	for (const kept of state.sent ?? []) post.sent.push(await sentAsBefore(kept, tenant, clock));
	const { authorizations } = app;
	for (const [index, { name, mailbox = '', userId, unionId, allowed }] of state.users.entries()) {
		const user = tenant.users[index] ?? tenant.addUser({ name, mailbox: tenant.findMailbox(mailbox) });
		Object.assign(user, { userId, unionId });
		authorizations.grant(user, allowed, clock.now());
	}
	const known = <Entry extends { user: string; scopes: string[] }>(entry: Entry) => {
		const user = tenant.users.find(({ userId }) => userId === entry.user);
		if (user === undefined) throw new Error(`The state has no user ${entry.user}`);
		return { ...entry, user, scopes: new Set(entry.scopes) };
	};
	for (const { user, mailbox: address } of state.subscriptions ?? []) {
		const mailbox = tenant.findMailbox(address);
		if (mailbox === undefined) throw new Error(`The state has no mailbox ${address}`);
		app.subscriptions.push({ user: known({ user, scopes: [] }).user, mailbox });
	}
	for (const [token, access] of state.accessTokens) authorizations.accessTokens.set(token, known(access));
	for (const [token, { authorization, ...rest }] of state.refreshTokens) {
		authorizations.refreshTokens.set(token, { ...rest, authorization: known(authorization) });
	}
}
