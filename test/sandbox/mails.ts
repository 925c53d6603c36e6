import { randomBytes } from 'crypto';

import type { Source } from './parsedMail';
import type { MailChoices } from './platform';

/** An address of a mail, with the API's field names. */
export interface MailAddress {
	mail_address: string;
	name?: string;
}

/** A file of a mail, with the API's field names. [docs: user_mailbox-message/get] */
export interface Attachment {
	id: string;
	filename: string;
	/** 1: in the mail, 2: too big for that, behind a link in its text. */
	attachment_type: 1 | 2;
	is_inline: boolean;
	/** What the HTML calls an inline image. */
	cid?: string;
	/** The bytes, or what makes them each time they are asked for. */
	content: Buffer | (() => Buffer);
}

/** A mail, with the API's field names and nothing encoded. [docs: user_mailbox-message/get] */
export interface Message {
	message_id: string;
	thread_id: string;
	subject: string;
	head_from: MailAddress;
	to: MailAddress[];
	cc: MailAddress[];
	bcc: MailAddress[];
	reply_to?: string;
	/** Absent: a mail of plain text. */
	body_html?: string;
	body_plain_text: string;
	/** An iCalendar text. */
	body_calendar?: string;
	/** When it was received, sent or, a draft, made: ms since 1970. */
	internal_date: number;
	/** Without "<" and ">". */
	smtp_message_id: string;
	in_reply_to?: string;
	references?: string;
	/** 1: received, 2: sent, 3: draft. */
	message_state: 1 | 2 | 3;
	folder_id: string;
	label_ids: Set<string>;
	/** 0: none, 1: high, 3: normal, 5: low. */
	priority_type: '0' | '1' | '3' | '5';
	security_level?: Record<string, unknown>;
	attachments: Attachment[];
	/** What a draft or a scheduled mail was made from; absent for one that a test has put there. */
	source?: Source;
	/** Of a scheduled mail: when it leaves (ms since 1970), and the id of the draft that it was. */
	scheduled?: { send_time: number; draft_id: string };
}

/** What a new mail may say of itself; the rest is filled in. */
export type NewMessage = Partial<Omit<Message, 'label_ids' | 'attachments' | 'source' | 'scheduled'>> & {
	label_ids?: Iterable<string>;
	attachments?: Array<Partial<Attachment> & Pick<Attachment, 'filename' | 'content'>>;
};

/**
 * A new id of a mail, a thread or a file: it looks like base64 and holds all the characters that have a meaning in a
 * URL. [docs: samples]
 */
export function newMailId(): string {
	const text = randomBytes(12).toString('base64');
	return `${text.slice(0, 5)}/${text.slice(5, 10)}+${text.slice(10, 14)}=`;
}

export function isUnread({ label_ids }: Message): boolean {
	return label_ids.has('UNREAD');
}

/** Mails in the trash and in spam are out of sight of labels, threads and searches that do not ask for them. */
export function isOutOfSight({ folder_id }: Message): boolean {
	return folder_id === 'TRASH' || folder_id === 'SPAM';
}

export function isDraft({ message_state }: Message): boolean {
	return message_state === 3;
}

/** Of two mails of the same moment the later one comes first. */
export function latestFirst(messages: readonly Message[]): Message[] {
	return [...messages].reverse().sort((one, other) => other.internal_date - one.internal_date);
}

/** The mails as a list has them. */
export function listed(
	messages: readonly Message[],
	{ listOrder }: Pick<MailChoices, 'listOrder'>,
): Message[] {
	if (listOrder === 'lastArrivedFirst') return [...messages].reverse();
	const latest = latestFirst(messages);
	return listOrder === 'newestFirst' ? latest : latest.reverse();
}

/** The beginning of a mail's text. [docs] 100 characters */
export function previewOf({ body_plain_text }: Message): string {
	return [...body_plain_text].slice(0, 100).join('');
}

export function bytesOf({ content }: Attachment): Buffer {
	return typeof content === 'function' ? content() : content;
}

export interface Thread {
	id: string;
	/** The newest first. */
	messages: [Message, ...Message[]];
}

/** The threads of mails; the one with the newest mail comes first. */
export function threadsOf(messages: readonly Message[]): Thread[] {
	const threads = new Map<string, Thread>();
	for (const message of latestFirst(messages)) {
		const thread = threads.get(message.thread_id);
		if (thread === undefined) {
			threads.set(message.thread_id, { id: message.thread_id, messages: [message] });
		} else thread.messages.push(message);
	}
	return [...threads.values()];
}

/** How a subject begins that answers or passes on another one. [cli] */
const prefix = /^\s*(?:re|fwd?|回复|转发)\s*[:：]\s*/i;

function withoutPrefixes(subject: string): string {
	return prefix.test(subject) ? withoutPrefixes(subject.replace(prefix, '')) : subject.trim();
}

/**
 * The thread that a mail belongs to: of the mail that it names, or that has its subject but for "Re:" and the like.
 * [cli] that both count; that a subject without such a prefix begins a thread of its own is the sandbox's choice.
 */
export function threadOf(
	{ subject = '', in_reply_to, references }: NewMessage,
	earlier: readonly Message[],
): string {
	const named = new Set(`${in_reply_to ?? ''} ${references ?? ''}`.match(/[^\s<>,]+/g));
	const same = withoutPrefixes(subject);
	const isAnswered = (message: Message) =>
		named.has(message.smtp_message_id) || (prefix.test(subject) && withoutPrefixes(message.subject) === same);
	const answered = named.size > 0 || prefix.test(subject) ? earlier.filter(isAnswered).at(-1) : undefined;
	return answered?.thread_id ?? newMailId();
}

function stateIn(folder: string): Message['message_state'] {
	if (folder === 'DRAFT' || folder === 'SCHEDULED') return 3;
	return folder === 'SENT' ? 2 : 1;
}

/** The characters that HTML writes in another way most often. */
const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ', amp: '&' };

/** Which text a mail of HTML alone has is not documented: here its HTML, one line for each paragraph, without the tags. */
function textOf(html: string): string {
	const lines = html.replace(/<(br|\/p|\/div|\/li|\/h\d)\b[^>]*>/gi, '\n');
	const text = lines.replace(/<[^>]*>/g, '').trim();
	return text.replace(/&(lt|gt|quot|#39|nbsp|amp);/g, (_entity, name: string) => entities[name] ?? '');
}

/**
 * A mail with all that it does not say filled in: unread, in the inbox, to the mailbox and from somebody outside.
 *
 * @param earlier - the mails that are there already
 */
export function complete(
	fields: NewMessage,
	{ address, now, earlier }: { address: string; now: number; earlier: readonly Message[] },
): Message {
	const { folder_id = 'INBOX', message_state = stateIn(folder_id), body_html } = fields;
	const number = earlier.length + 1;
	const sent = message_state !== 1;
	const own = { mail_address: address };
	const somebody = { mail_address: 'ann@example.org', name: 'Ann Example' };
	const text = body_html === undefined ? `Text of mail ${number}` : textOf(body_html);
	const hasBody = fields.body_plain_text !== undefined || body_html !== undefined;
	return {
		message_id: newMailId(),
		thread_id: threadOf(fields, earlier),
		subject: `Mail ${number}`,
		head_from: sent ? own : somebody,
		to: [sent ? somebody : own],
		cc: [],
		bcc: [],
		body_plain_text: text,
		...(hasBody ? {} : { body_html: `<p>${text}</p>` }),
		internal_date: now,
		smtp_message_id: `${randomBytes(12).toString('hex')}@example.org`,
		priority_type: '0',
		...fields,
		message_state,
		folder_id,
		label_ids: new Set(fields.label_ids ?? (sent ? [] : ['UNREAD'])),
		attachments: (fields.attachments ?? []).map((attachment) => ({
			id: newMailId(),
			attachment_type: 1,
			is_inline: attachment.cid !== undefined,
			...attachment,
		})),
	};
}
