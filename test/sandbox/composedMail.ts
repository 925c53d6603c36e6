import { createHash } from 'crypto';

import { bytesOf } from './mails';
import type { MailAddress, Message } from './mails';

/** What a mail is made of here. */
export type Composition = Pick<
	Message,
	'subject' | 'head_from' | 'to' | 'cc' | 'bcc' | 'internal_date' | 'smtp_message_id'
> &
	Partial<
		Pick<Message, 'reply_to' | 'body_html' | 'body_plain_text' | 'in_reply_to' | 'references' | 'attachments'>
	>;

/** Bytes of a text in one encoded word, which has 75 characters at most (RFC 2047, section 2). */
const bytesOfWord = 42;

/** A text of a header: as it is, or in encoded words, none of which divides a character. */
function headerText(text: string): string {
	if (/^[\x20-\x7e]*$/.test(text) && !text.includes('=?')) return text;
	const words = [''];
	for (const character of text) {
		const last = words.at(-1) ?? '';
		if (Buffer.byteLength(last + character) > bytesOfWord) words.push(character);
		else words[words.length - 1] = last + character;
	}
	return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join(' ');
}

const quoted = (text: string) => {
	const encoded = headerText(text);
	return encoded === text ? `"${text.replace(/["\\]/g, '\\$&')}"` : encoded;
};

const listed = (addresses: MailAddress[]) =>
	addresses
		.map(({ mail_address, name }) =>
			name === undefined ? mail_address : `${quoted(name)} <${mail_address}>`,
		)
		.join(', ');

function part(fields: string[], content: Buffer): string {
	const lines = content.toString('base64').replace(/.{76}(?=.)/g, '$&\n');
	return [...fields, 'Content-Transfer-Encoding: base64', '', lines, ''].join('\n');
}

function multipart(subtype: string, parts: string[], seed: string): string {
	if (parts.length === 1) return parts[0] ?? '';
	const boundary = `${subtype}-${createHash('md5').update(seed).digest('hex')}`;
	const inner = parts.map((one) => `--${boundary}\n${one}`).join('');
	return `Content-Type: multipart/${subtype}; boundary=${boundary}\n\n${inner}--${boundary}--\n`;
}

const typesOfImages: Record<string, string> = {
	png: 'image/png',
	jpg: 'image/jpeg',
	jpeg: 'image/jpeg',
	gif: 'image/gif',
	webp: 'image/webp',
};

/** A mail (EML) as Feishu likes it: LF, unfolded headers, all of the body in base64. The same mail gives the same bytes. */
export function composeMail(mail: Composition): Buffer {
	const { head_from, to, cc, bcc, body_html, body_plain_text, attachments = [], smtp_message_id } = mail;
	const fields = [
		['Subject', headerText(mail.subject)],
		['From', listed([head_from])],
		['MIME-Version', '1.0'],
		['Date', new Date(mail.internal_date).toUTCString().replace('GMT', '+0000')],
		['Message-ID', `<${smtp_message_id}>`],
		['To', listed(to)],
		['Cc', listed(cc)],
		['Bcc', listed(bcc)],
		['Reply-To', mail.reply_to ?? ''],
		['In-Reply-To', mail.in_reply_to === undefined ? '' : `<${mail.in_reply_to.replace(/^<|>$/g, '')}>`],
		['References', (mail.references ?? '').replace(/\s+/g, ' ')],
	];
	const header = fields.flatMap(([name, value]) => (value ? [`${name}: ${value}\n`] : [])).join('');
	const texts = [
		...(body_plain_text === undefined
			? []
			: [part(['Content-Type: text/plain; charset=UTF-8'], Buffer.from(body_plain_text))]),
		...(body_html === undefined
			? []
			: [part(['Content-Type: text/html; charset=UTF-8'], Buffer.from(body_html))]),
	];
	const body =
		texts.length > 0 ? texts : [part(['Content-Type: text/plain; charset=UTF-8'], Buffer.from(''))];
	const files = attachments.map((file) => {
		const name = `"${headerText(file.filename).replace(/["\\]/g, '\\$&')}"`;
		const extension = file.filename.split('.').at(-1)?.toLowerCase() ?? '';
		const type = typesOfImages[extension] ?? 'application/octet-stream';
		const content = part(
			file.is_inline
				? [
						`Content-Type: ${type}; name=${name}`,
						`Content-Disposition: inline; filename=${name}`,
						`Content-Id: <${file.cid ?? ''}>`,
					]
				: [
						`Content-Type: application/octet-stream; name=${name}`,
						`Content-Disposition: attachment; filename=${name}`,
					],
			bytesOf(file),
		);
		return { inline: file.is_inline, content };
	});
	const of = (inline: boolean) =>
		files.filter((file) => file.inline === inline).map(({ content }) => content);
	const alternative = multipart('alternative', body, smtp_message_id);
	const related = multipart('related', [alternative, ...of(true)], smtp_message_id);
	return Buffer.from(header + multipart('mixed', [related, ...of(false)], smtp_message_id));
}
