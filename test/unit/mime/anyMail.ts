import fc from 'fast-check';

import type { Address } from '../../../nodes/FeishuMail/mime/addresses';
import type { Mail, MailFile } from '../../../nodes/FeishuMail/mime/mail';
import { inAscii, type ReadMail } from './judges';

export const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

// A unit is what a reader sees as one character.
const characters = {
	latin: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }),
	scripts: fc.constantFrom(
		...['é', 'ß', 'Ω', 'ж', '张', '三', 'の', 'カ', '한', 'ع', 'ש', 'ไ', 'हि', '€', '，', '：'],
		...['😀', '👍🏽', '🇨🇳', '❤️', '𠮷'],
	),
	syntax: fc.constantFrom(...'",;:<>@()[]\\\'=?_&.% -'),
};

/** A text of a header: any script, all that has a meaning in headers, no blanks around it. */
export const headline = (maxLength = 60) =>
	fc
		.string({ unit: fc.oneof(characters.latin, characters.scripts, characters.syntax), maxLength })
		.map((text) => text.trim());

export const address: fc.Arbitrary<Address> = fc.record({
	mail_address: fc
		.tuple(
			fc.oneof(
				fc.string({ unit: fc.constantFrom(...'abcxyz019_+-'), minLength: 1, maxLength: 20 }),
				fc.constantFrom('first.last', "o'neil", '"john doe"', '"a,b"', '用户', 'jürgen'),
			),
			fc.constantFrom('example.com', 'mail.example.org', '例子.中国', 'bücher.example', 'xn--fsqu00a.cn'),
		)
		.map((parts) => parts.join('@')),
	name: headline(),
});

// Feishu takes 500 recipients.
export const addresses = fc.oneof(
	{ weight: 20, arbitrary: fc.array(address, { maxLength: 5 }) },
	{ weight: 1, arbitrary: fc.array(address, { minLength: 150, maxLength: 166 }) },
);

export const body = fc.oneof(
	fc.constant(''),
	fc.string({
		unit: fc.oneof(characters.latin, characters.scripts, fc.constantFrom('\n', '\r\n', '\t', '.', '--')),
	}),
);

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));

export const file = fc.record({ filename: headline().filter((name) => name !== ''), content: bytes });

export const inlineImages = fc.uniqueArray(
	fc.record({
		filename: headline().filter((name) => name !== ''),
		content: bytes.map((content) => Buffer.concat([PNG, content])),
		cid: fc.string({ unit: fc.constantFrom(...'abcXYZ019._-@+$'), minLength: 1, maxLength: 30 }),
	}),
	{ selector: ({ cid }) => cid, maxLength: 4 },
);

const id = fc.stringMatching(/^<[a-z0-9.]{1,30}@[a-z0-9.]{1,30}>$/);

export const anyMail: fc.Arbitrary<Mail> = fc.record(
	{
		from: address,
		to: addresses,
		cc: addresses,
		bcc: addresses,
		replyTo: addresses,
		subject: headline(300),
		date: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
		messageId: id,
		text: body,
		html: body,
		inlineImages,
		attachments: fc.array(file, { maxLength: 8 }),
		importance: fc.constantFrom('high', 'normal', 'low'),
		readReceipt: fc.boolean(),
		answers: fc.record({
			type: fc.constantFrom('REPLY', 'FORWARD'),
			messageId: fc.base64String({ minLength: 4 }),
			inReplyTo: id,
			references: fc.array(id, { minLength: 1, maxLength: 40 }),
		}),
		largeFiles: fc.array(fc.stringMatching(/^[A-Za-z0-9]{27}$/), { maxLength: 2 }),
	},
	{ requiredKeys: ['from', 'subject', 'date', 'messageId'] },
);

/** What a reader finds in a mail. */
export function expected(sent: Mail): ReadMail {
	const read = (list: Address[] = []) =>
		list.map(({ mail_address, name = '' }) => ({ name, address: inAscii(mail_address) }));
	const { text, html, inlineImages: images = [], attachments = [] } = sent;
	return {
		subject: sent.subject,
		from: read([sent.from]),
		to: read(sent.to),
		cc: read(sent.cc),
		bcc: read(sent.bcc),
		replyTo: read(sent.replyTo),
		// A mail's date has no milliseconds.
		date: new Date(Math.floor(sent.date.getTime() / 1000) * 1000).toISOString(),
		messageId: sent.messageId,
		inReplyTo: sent.answers?.inReplyTo,
		references: sent.answers?.references ?? [],
		text: text?.replace(/\r\n/g, '\n') || undefined,
		html: html?.replace(/\r\n/g, '\n') || undefined,
		files: [...images, ...attachments].map(
			({ filename, content, ...image }: MailFile & { cid?: string }) => ({
				filename,
				content: content.toString('hex'),
				cid: image.cid,
			}),
		),
	};
}

/** What an attacker may put into a text. */
export const hostile = fc
	.array(
		fc.oneof(
			fc.constantFrom(
				'\r\n',
				'\n',
				'\r',
				'\r\n ',
				'\n\n',
				'\u0000',
				'\u0085',
				'\u2028',
				'\v',
				'\t',
				'\u007f',
			),
			fc.constantFrom('\u200b', '\u200d', '\ufeff', '\u202e', '\u2066', '\u061c', '\ud800', '\udc00'),
			fc.constantFrom(
				'Bcc: eve@example.net',
				'Content-Type: text/html',
				'--mixed-',
				'=?UTF-8?B?DQpCY2M6IGV2ZUBl?=',
			),
			fc.constantFrom('"', '\\', '>', '<', ',', ';', ':', '@', '?=', '=?', '张', 'Re: ', '<a@example.com>'),
			headline(10),
		),
		{ maxLength: 12 },
	)
	.map((parts) => parts.join(''));
