import { simpleParser } from 'mailparser';
import type { AddressObject, Attachment as File, EmailAddress, HeaderValue } from 'mailparser';

import type { MailAddress, NewMessage } from './mails';

/** A file of a mail that was taken apart. */
export interface ParsedFile {
	filename: string;
	content: Buffer;
	/** In small letters, without parameters. */
	content_type: string;
	is_inline: boolean;
	/** What the HTML calls it; of inline files only. */
	cid?: string;
}

/** A mail (EML) taken apart, by a library, with the API's field names where it has them. */
export interface ParsedMail {
	subject: string;
	head_from?: MailAddress;
	to: MailAddress[];
	cc: MailAddress[];
	bcc: MailAddress[];
	reply_to?: string;
	body_html?: string;
	body_plain_text?: string;
	body_calendar?: string;
	attachments: ParsedFile[];
	/** Message-ID without "<" and ">". */
	smtp_message_id?: string;
	in_reply_to?: string;
	/** As in the header, blanks between the ids. */
	references?: string;
	/** X-LMS-Reply-To-Message-Id: the API's id of the mail that is answered or passed on. */
	reply_to_message_id?: string;
	/** X-LMS-Reply-Type */
	reply_type?: string;
	/** X-Cli-Priority */
	priority?: string;
	/** Disposition-Notification-To: who wants a receipt. */
	receipt_to?: string;
	/** X-Lms-Large-Attachment-Ids: files that lie in Feishu and go along. */
	large_file_ids: string[];
}

/** A mail as it came, byte for byte, and taken apart. */
export interface Source {
	raw: Buffer;
	mail: ParsedMail;
}

/** The addresses of a field, members of groups each by itself. What is no address stands for itself. */
function addressesOf(field: AddressObject | AddressObject[] | undefined): MailAddress[] {
	const flat = ({ address, name, group }: EmailAddress): MailAddress[] => {
		if (group !== undefined) return group.flatMap(flat);
		const mail_address = address || name;
		if (mail_address === '') return [];
		return [name === '' || !address ? { mail_address } : { mail_address, name }];
	};
	return [field ?? []].flat().flatMap(({ value }) => value.flatMap(flat));
}

function textOf(value: HeaderValue | undefined): string | undefined {
	if (value === undefined) return undefined;
	if (typeof value === 'string') return value;
	if (Array.isArray(value)) return value.map(String).join(' ');
	return 'text' in value && typeof value.text === 'string' ? value.text : undefined;
}

const withoutBrackets = (text: string | undefined) => text?.trim().replace(/^<|>$/g, '') || undefined;

function fileOf({ filename, content, contentType, contentDisposition, cid, related }: File): ParsedFile {
	const is_inline = cid !== undefined && (related || contentDisposition === 'inline');
	return {
		filename: filename ?? '',
		content,
		content_type: contentType,
		is_inline,
		...(is_inline ? { cid } : {}),
	};
}

/** [cli] base64 of `[{"id":"<file_token>"}]`. What is none counts as no files: the sandbox's choice. */
function largeFileIds(text: string | undefined): string[] {
	try {
		const ids = JSON.parse(Buffer.from(text ?? '', 'base64').toString()) as Array<{ id: string }>;
		return ids.map(({ id }) => id);
	} catch {
		return [];
	}
}

/** Takes a mail apart. Anything counts as a mail; what it has not is absent. */
export async function parseMail(raw: Buffer): Promise<ParsedMail> {
	const mail = await simpleParser(raw, {
		keepCidLinks: true,
		skipHtmlToText: true,
		skipTextToHtml: true,
		skipTextLinks: true,
	});
	const header = (name: string) => textOf(mail.headers.get(name));
	const isCalendar = ({ contentType, contentDisposition }: File) =>
		contentType === 'text/calendar' && contentDisposition !== 'attachment';
	return {
		subject: mail.subject ?? '',
		head_from: addressesOf(mail.from)[0],
		to: addressesOf(mail.to),
		cc: addressesOf(mail.cc),
		bcc: addressesOf(mail.bcc),
		reply_to: header('reply-to'),
		// mailparser makes no difference between an empty text and none.
		body_html: mail.html || undefined,
		body_plain_text: mail.text || undefined,
		body_calendar: mail.attachments.find(isCalendar)?.content.toString(),
		attachments: mail.attachments.filter((file) => !isCalendar(file)).map(fileOf),
		smtp_message_id: withoutBrackets(mail.messageId),
		in_reply_to: withoutBrackets(mail.inReplyTo),
		references: header('references'),
		reply_to_message_id: header('x-lms-reply-to-message-id'),
		reply_type: header('x-lms-reply-type'),
		priority: header('x-cli-priority'),
		receipt_to: header('disposition-notification-to'),
		large_file_ids: largeFileIds(header('x-lms-large-attachment-ids')),
	};
}

/** [cli] X-Cli-Priority, and how it is read back. */
const priorities: Record<string, { priority_type: '1' | '5'; label: string }> = {
	1: { priority_type: '1', label: 'HIGH_PRIORITY' },
	5: { priority_type: '5', label: 'LOW_PRIORITY' },
};

/** What a mail says of itself as a message of a mailbox; the labels are those that say how important it is. */
export function fieldsOf(mail: ParsedMail): NewMessage & { label_ids: string[] } {
	const { subject, head_from, to, cc, bcc, attachments, priority = '' } = mail;
	const important = Object.hasOwn(priorities, priority) ? priorities[priority] : undefined;
	const optional = {
		head_from,
		reply_to: mail.reply_to,
		body_html: mail.body_html,
		body_plain_text: mail.body_plain_text ?? (mail.body_html === undefined ? '' : undefined),
		body_calendar: mail.body_calendar,
		smtp_message_id: mail.smtp_message_id,
		in_reply_to: mail.in_reply_to,
		references: mail.references,
		priority_type: important?.priority_type,
	};
	return {
		subject,
		to,
		cc,
		bcc,
		...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
		label_ids: important === undefined ? [] : [important.label],
		attachments: attachments.map(({ filename, content, is_inline, cid }) => ({
			filename,
			content,
			is_inline,
			...(cid === undefined ? {} : { cid }),
		})),
	};
}
