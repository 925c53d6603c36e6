const alphabet: Record<string, string> = { '+': '-', '/': '_' };

/** What a request's `raw` holds of a mail. */
export function rawOf(mail: string | Buffer): string {
	return Buffer.from(mail)
		.toString('base64')
		.replace(/[+/]/g, (character) => alphabet[character] ?? '');
}

export const base64 = (content: string | Buffer): string =>
	Buffer.from(content)
		.toString('base64')
		.replace(/.{76}(?=.)/g, '$&\n');

let mails = 0;

type Fields = Record<string, string | undefined>;

/** The header of a mail, each with a Message-ID of its own. A field is put in, replaced, or with undefined left out. */
export function header(fields: Fields = {}): string {
	const all: Fields = {
		Subject: 'Plan',
		From: 'user@example.com',
		'Message-ID': `<${++mails}@client.example>`,
		To: 'bob@example.org',
		...fields,
	};
	return Object.entries(all)
		.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\n`]))
		.join('');
}

/** A mail of one text. */
export function eml(fields: Fields = {}, text = 'Hello'): string {
	const type = { 'Content-Type': 'text/plain; charset=UTF-8', 'Content-Transfer-Encoding': 'base64' };
	return `${header({ ...type, ...fields })}\n${base64(text)}\n`;
}

/** A part of a mail. */
export function part(content: string | Buffer, fields: Fields): string {
	const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value ?? ''}\n`);
	return `${lines.join('')}Content-Transfer-Encoding: base64\n\n${base64(content)}\n`;
}

/** Several parts as one. */
export function multipart(subtype: string, ...parts: string[]): string {
	const boundary = `b-${subtype}`;
	const inner = parts.map((one) => `--${boundary}\n${one}`).join('');
	return `Content-Type: multipart/${subtype}; boundary=${boundary}\n\n${inner}--${boundary}--\n`;
}

export const attached = (filename: string, content: string | Buffer): string =>
	part(content, {
		'Content-Type': `application/octet-stream; name="${filename}"`,
		'Content-Disposition': `attachment; filename="${filename}"`,
	});

/** An image that the HTML shows as `cid:<cid>`. */
export const inline = (cid: string, content: Buffer, type = 'image/png'): string =>
	part(content, {
		'Content-Type': `${type}; name="${cid}.png"`,
		'Content-Disposition': `inline; filename="${cid}.png"`,
		'Content-Id': `<${cid}>`,
	});

export const text = (content: string, subtype = 'plain'): string =>
	part(content, { 'Content-Type': `text/${subtype}; charset=UTF-8` });
