import fc from 'fast-check';
import { domainToASCII } from 'node:url';

import { findAddresses, type Address } from '../../../nodes/FeishuMail/mime/addresses';
import { messageId } from '../../../nodes/FeishuMail/mime/headers';
import {
	attachmentsWithoutRoom,
	buildMail,
	contentHash,
	LARGEST_MAIL,
	mailSize,
	rawMail,
	type Mail,
	type MailFile,
} from '../../../nodes/FeishuMail/mime/mail';
import { answerSubject, answerTo } from '../../../nodes/FeishuMail/mime/reply';
import { fieldNames, judged, type ReadMail } from './judges';

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

const mail = (fields: Partial<Mail> = {}): Mail => ({
	from: { mail_address: 'ann@example.com' },
	subject: 'Plan',
	date: new Date('2026-11-24T09:00:00Z'),
	messageId: '<1@n8n>',
	...fields,
});

const lines = (fields: Partial<Mail>) => buildMail(mail(fields)).toString().split('\n');

/** The parts of a mail, each indented below the one it is in. */
const structure = (fields: Partial<Mail>) =>
	lines(fields)
		.filter((line) => line.startsWith('Content-Type:'))
		.map((line) => /: ([^;]+)/.exec(line)![1]);

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
const headline = (maxLength = 60) =>
	fc
		.string({ unit: fc.oneof(characters.latin, characters.scripts, characters.syntax), maxLength })
		.map((text) => text.trim());

const address: fc.Arbitrary<Address> = fc.record({
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
const addresses = fc.oneof(
	{ weight: 20, arbitrary: fc.array(address, { maxLength: 5 }) },
	{ weight: 1, arbitrary: fc.array(address, { minLength: 150, maxLength: 166 }) },
);

const body = fc.oneof(
	fc.constant(''),
	fc.string({
		unit: fc.oneof(characters.latin, characters.scripts, fc.constantFrom('\n', '\r\n', '\t', '.', '--')),
	}),
);

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));

const file = fc.record({ filename: headline().filter((name) => name !== ''), content: bytes });

const inlineImages = fc.uniqueArray(
	fc.record({
		filename: headline().filter((name) => name !== ''),
		content: bytes.map((content) => Buffer.concat([PNG, content])),
		cid: fc.string({ unit: fc.constantFrom(...'abcXYZ019._-@+$'), minLength: 1, maxLength: 30 }),
	}),
	{ selector: ({ cid }) => cid, maxLength: 4 },
);

const id = fc.stringMatching(/^<[a-z0-9.]{1,30}@[a-z0-9.]{1,30}>$/);

const anyMail: fc.Arbitrary<Mail> = fc.record(
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

function expected(sent: Mail): ReadMail {
	const read = (list: Address[] = []) =>
		list.map(({ mail_address, name = '' }) => {
			const [, local = '', domain = ''] = /^(.*)@(.*)$/.exec(mail_address)!;
			return { name, address: `${local}@${domainToASCII(domain)}` };
		});
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

it('2,000 mails are read by both judges as what went in', async () => {
	await fc.assert(
		fc.asyncProperty(anyMail, async (sent) => {
			const eml = buildMail(sent);
			const { mailparser, postalMime } = await judged(eml);
			expect(mailparser).toEqual(expected(sent));
			expect(postalMime).toEqual(expected(sent));
			expect(eml.length).toBe(mailSize(sent));
		}),
		{ numRuns: 2_000 },
	);
}, 180_000);

/** What an attacker may put into a text. */
const hostile = fc
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

const hostileMail = fc.record({
	subject: hostile,
	name: hostile,
	addresses: hostile,
	filename: hostile,
	cid: hostile,
	answered: fc.record({
		message_id: hostile,
		smtp_message_id: hostile,
		references: hostile,
		subject: hostile,
		reply_to: hostile,
	}),
});

const named = (list: Address[]) => (list.length > 0 ? 1 : 0);

it('no value adds a header field, a part or a recipient in 2,000 hostile mails', async () => {
	await fc.assert(
		fc.asyncProperty(hostileMail, async ({ subject, name, addresses: list, filename, cid, answered }) => {
			const to = [{ mail_address: 'bob@example.com', name }];
			const replyTo = findAddresses([answered.reply_to, list]);
			const answers = answerTo(answered, 'REPLY');
			const sent = mail({
				from: { mail_address: 'ann@example.com', name },
				to,
				replyTo,
				subject: subject + answerSubject(answered, 'REPLY'),
				text: subject,
				html: subject,
				inlineImages: [{ filename, content: PNG, cid: `x${cid}` }],
				attachments: [{ filename, content: Buffer.from(subject) }],
				answers,
			});
			const eml = buildMail(sent);

			const optional = (field: string, value: unknown) => (value ? [field] : []);
			const content = (...more: string[]) => ['Content-Type', ...more, 'Content-Transfer-Encoding'];
			expect(fieldNames(eml)).toEqual([
				...['Subject', 'From', 'MIME-Version', 'Date', 'Message-ID', 'To'],
				...optional('Reply-To', named(replyTo)),
				...optional('In-Reply-To', answers.inReplyTo),
				...optional('X-LMS-Reply-To-Message-Id', answers.messageId),
				...['X-LMS-Reply-Type', ...optional('References', answers.references.length)],
				...['Content-Type', 'Content-Type', 'Content-Type', ...content(), ...content()],
				...content('Content-Disposition', 'Content-Id', 'X-Attachment-Id', 'X-Image-Id'),
				...content('Content-Disposition'),
			]);
			expect(eml.toString()).not.toMatch(/[^\P{C}\n]|[\u2028\u2029]/u);
			const { mailparser, postalMime } = await judged(eml);
			for (const read of [mailparser, postalMime]) {
				expect([...read.from, ...read.to].map((one) => one.address)).toEqual([
					'ann@example.com',
					'bob@example.com',
				]);
				expect(read.replyTo).toHaveLength(replyTo.length);
				expect([...read.cc, ...read.bcc]).toEqual([]);
				expect(read.files).toHaveLength(2);
			}
		}),
		{ numRuns: 2_000 },
	);
}, 180_000);
