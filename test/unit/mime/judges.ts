/* eslint-disable @n8n/community-nodes/no-restricted-imports -- judges domains as Node.js knows them */
import { simpleParser, type AddressObject, type EmailAddress } from 'mailparser';
import { domainToASCII } from 'node:url';
import PostalMime from 'postal-mime';

/** What a reader finds in a mail, in one form for all readers. */
export interface ReadMail {
	subject: string;
	from: ReadAddress[];
	to: ReadAddress[];
	cc: ReadAddress[];
	bcc: ReadAddress[];
	replyTo: ReadAddress[];
	date: string;
	messageId: string;
	inReplyTo?: string;
	references: string[];
	/** An empty text is none: mailparser tells no difference. */
	text?: string;
	html?: string;
	files: Array<{ filename: string; content: string; cid?: string }>;
}

export interface ReadAddress {
	name: string;
	address: string;
}

/** mailparser shows international domains in their own script, postal-mime as they stand in the mail. */
export const inAscii = (address = '') => {
	const domain = address.lastIndexOf('@') + 1;
	return address.slice(0, domain) + domainToASCII(address.slice(domain));
};

/** mailparser gives all texts with LF, postal-mime as they were. */
const withLf = (text: string) => text.replace(/\r\n/g, '\n');

const readIds = (value: string | string[] = []) => [value].flat().flatMap((ids) => ids.split(' '));

async function byMailparser(eml: Buffer): Promise<ReadMail> {
	const mail = await simpleParser(eml, {
		skipHtmlToText: true,
		skipTextToHtml: true,
		skipImageLinks: true,
		skipTextLinks: true,
	});
	const addresses = (field: AddressObject | AddressObject[] = []) =>
		[field]
			.flat()
			.flatMap(({ value }) =>
				value.map(({ name, address }: EmailAddress) => ({ name, address: inAscii(address) })),
			);
	return {
		subject: mail.subject ?? '',
		from: addresses(mail.from),
		to: addresses(mail.to),
		cc: addresses(mail.cc),
		bcc: addresses(mail.bcc),
		replyTo: addresses(mail.replyTo),
		date: mail.date?.toISOString() ?? '',
		messageId: mail.messageId ?? '',
		inReplyTo: mail.inReplyTo,
		references: readIds(mail.references),
		text: mail.text || undefined,
		html: mail.html || undefined,
		files: mail.attachments.map(({ filename = '', content, cid }) => ({
			filename,
			content: content.toString('hex'),
			cid,
		})),
	};
}

async function byPostalMime(eml: Buffer): Promise<ReadMail> {
	const mail = await PostalMime.parse(eml);
	const addresses = (field: PostalMime.Address[] = []) =>
		field.map(({ name, address }) => ({ name, address: inAscii(address) }));
	return {
		subject: mail.subject ?? '',
		from: addresses(mail.from && [mail.from]),
		to: addresses(mail.to),
		cc: addresses(mail.cc),
		bcc: addresses(mail.bcc),
		replyTo: addresses(mail.replyTo),
		date: mail.date ?? '',
		messageId: mail.messageId ?? '',
		inReplyTo: mail.inReplyTo,
		references: readIds(mail.references),
		text: withLf(mail.text ?? '') || undefined,
		html: withLf(mail.html ?? '') || undefined,
		files: mail.attachments.map(({ filename, content, contentId }) => ({
			filename: filename ?? '',
			content: Buffer.from(content as ArrayBuffer).toString('hex'),
			cid: contentId?.slice(1, -1),
		})),
	};
}

/** A mail as two readers understand it that nobody here has written. */
export const judged = async (eml: Buffer) => ({
	mailparser: await byMailparser(eml),
	postalMime: await byPostalMime(eml),
});

/** The names of the header fields of a mail and of all its parts, read line by line. */
export function fieldNames(eml: Buffer): string[] {
	let inHeader = true;
	const names: string[] = [];
	for (const line of eml.toString().split('\n')) {
		if (inHeader && line !== '') names.push(/^([!-9;-~]+): /.exec(line)?.[1] ?? `no field: ${line}`);
		inHeader = line.startsWith('--') ? !line.endsWith('--') : inHeader && line !== '';
	}
	return names;
}
