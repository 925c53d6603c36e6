import { previewOf } from '../mails';
import type { Message } from '../mails';
import type { MailboxCall, MailChoices } from '../platform';

/** Scopes without which fields of a mail are left out, silently. [docs] */
const addressScope = 'mail:user_mailbox.message.address:read';
export const bodyScope = 'mail:user_mailbox.message.body:read';
const subjectScope = 'mail:user_mailbox.message.subject:read';

export const mailFieldScopes = [addressScope, bodyScope, subjectScope];

export const readScopes = ['mail:user_mailbox.message:readonly'];

/** [docs] all of a mail, all but the HTML, nothing of the body but its beginning. */
export const formats = ['full', 'plain_text_full', 'metadata'] as const;

export type Format = (typeof formats)[number];

/** How much of a mail is wanted: all, if nothing or "" is said, the sandbox's choice. Undefined: there is no such format. */
export function formatOf(value: unknown): Format | undefined {
	return value === undefined || value === null || value === ''
		? 'full'
		: formats.find((format) => format === value);
}

/** base64url of a text, or of bytes. */
export function encoded(text: string | Buffer, { padding }: MailChoices): string {
	const short = (typeof text === 'string' ? Buffer.from(text) : text).toString('base64url');
	return padding ? short.padEnd(Math.ceil(short.length / 4) * 4, '=') : short;
}

/**
 * A mail as the caller may see it. Fields that a mail has not are absent, but lists of addresses, labels and files are
 * there and empty: the sandbox's choice.
 */
export function shownMessage(
	message: Message,
	format: Format,
	{ caller, world: { mailChoices } }: MailboxCall,
): Record<string, unknown> {
	const text = (value: string | undefined) => value && encoded(value, mailChoices);
	const { subject, head_from, to, cc, bcc, attachments } = message;
	return {
		message_id: message.message_id,
		thread_id: message.thread_id,
		smtp_message_id: message.smtp_message_id,
		in_reply_to: message.in_reply_to,
		references: message.references,
		reply_to: message.reply_to,
		// [docs] ms, as a text.
		internal_date: String(message.internal_date),
		message_state: message.message_state,
		folder_id: message.folder_id,
		label_ids: [...message.label_ids],
		priority_type: message.priority_type,
		security_level: message.security_level,
		body_preview: text(previewOf(message)),
		...(caller.holds(subjectScope) ? { subject } : {}),
		...(caller.holds(addressScope) ? { head_from, to, cc, bcc } : {}),
		...(caller.holds(bodyScope)
			? {
					body_html: format === 'full' ? text(message.body_html) : undefined,
					body_plain_text: format === 'metadata' ? undefined : text(message.body_plain_text),
					body_calendar: format === 'metadata' ? undefined : text(message.body_calendar),
					// [docs] neither size nor type of content.
					attachments: attachments.map(({ id, filename, attachment_type, is_inline, cid }) => {
						return { id, filename, attachment_type, is_inline, cid };
					}),
				}
			: {}),
	};
}

/** Mails in no order that a client could take for granted, unless they are to come in theirs. */
export function inAnyOrder<Entry>([first, ...others]: Entry[], { inOrder }: MailChoices): Entry[] {
	if (first === undefined) return [];
	return inOrder ? [first, ...others] : [...others, first];
}
