import fc from 'fast-check';

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
import { fieldNames, inAscii, judged, type ReadMail } from './judges';

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

describe('a mail', () => {
	const image = { filename: 'logo.png', content: PNG, cid: 'logo' };
	const invoice = { filename: 'invoice.pdf', content: Buffer.from('%PDF') };

	it.each<[string, Partial<Mail>, string[]]>([
		['of text', { text: 'a' }, ['text/plain']],
		['of nothing', {}, ['text/plain']],
		['of HTML alone', { html: 'b' }, ['text/html']],
		['of both', { text: 'a', html: 'b' }, ['multipart/alternative', 'text/plain', 'text/html']],
		[
			'with a file',
			{ text: 'a', attachments: [invoice] },
			['multipart/mixed', 'text/plain', 'application/octet-stream'],
		],
		['with an image', { html: 'b', inlineImages: [image] }, ['multipart/related', 'text/html', 'image/png']],
		[
			'of all',
			{ text: 'a', html: 'b', inlineImages: [image], attachments: [invoice, invoice] },
			[
				...['multipart/mixed', 'multipart/related', 'multipart/alternative', 'text/plain', 'text/html'],
				...['image/png', 'application/octet-stream', 'application/octet-stream'],
			],
		],
	])('%s has no more layers than it needs', (_, fields, parts) => {
		expect(structure(fields)).toEqual(parts);
	});

	it('has the header of an answer that is important and asks for a receipt', () => {
		const answers = {
			type: 'REPLY' as const,
			messageId: 'tfuh9N4WnzU6jdDw=',
			inReplyTo: '<2@y>',
			references: ['<1@y>', '<2@y>'],
		};
		const all = lines({
			from: { mail_address: 'ann@example.com', name: 'Ann' },
			to: [{ mail_address: 'a@x.com' }, { mail_address: 'b@x.com', name: 'B' }],
			cc: [{ mail_address: 'c@x.com' }],
			bcc: [{ mail_address: 'd@x.com' }],
			replyTo: [{ mail_address: 'e@x.com' }],
			importance: 'high',
			readReceipt: true,
			answers,
			largeFiles: ['token1'],
			html: 'b',
		});
		expect(all).toEqual([
			'Subject: Plan',
			'From: "Ann" <ann@example.com>',
			'MIME-Version: 1.0',
			'Date: Tue, 24 Nov 2026 09:00:00 +0000',
			'Message-ID: <1@n8n>',
			'To: <a@x.com>, "B" <b@x.com>',
			'Cc: <c@x.com>',
			'Bcc: <d@x.com>',
			'Reply-To: <e@x.com>',
			'Disposition-Notification-To: "Ann" <ann@example.com>',
			'In-Reply-To: <2@y>',
			'X-LMS-Reply-To-Message-Id: tfuh9N4WnzU6jdDw=',
			'X-LMS-Reply-Type: REPLY',
			'References: <1@y> <2@y>',
			'X-Cli-Priority: 1',
			'X-Lms-Large-Attachment-Ids: W3siaWQiOiJ0b2tlbjEifV0=',
			'Content-Type: text/html; charset=UTF-8',
			'Content-Transfer-Encoding: base64',
			'',
			'Yg==',
			'',
		]);
	});

	it('has 500 recipients on one line', () => {
		const to = Array.from({ length: 500 }, (_, number) => ({
			mail_address: `p${number}@x.com`,
			name: '张三',
		}));
		expect(lines({ to }).filter((line) => line.startsWith('To: '))).toHaveLength(1);
	});

	it('has LF line ends and base64 lines of 76 characters', () => {
		const all = lines({
			text: 'x'.repeat(1_026),
			attachments: [{ filename: 'a', content: Buffer.alloc(1_026) }],
		});
		expect(all.join('\n')).not.toContain('\r');
		const content = all.filter((line) => /^[A-Za-z0-9+/]{60,}=*$/.test(line));
		expect(content).toHaveLength(36);
		expect(Math.max(...content.map((line) => line.length))).toBe(76);
	});

	it('has boundaries that occur in no content', async () => {
		const first = buildMail(mail({ text: 'a', html: 'b', attachments: [invoice] }));
		// A mail with the same boundaries, as a file and in the texts.
		const text = first.toString();
		const { mailparser } = await judged(
			buildMail(mail({ text, html: text, attachments: [{ filename: text, content: first }] })),
		);
		expect(mailparser).toMatchObject({ text, html: text, files: [{ content: first.toString('hex') }] });
	});

	it('is the same each time', () => {
		const fields = { text: 'a', html: 'b', attachments: [invoice] };
		expect(buildMail(mail(fields)).equals(buildMail(mail(fields)))).toBe(true);
	});

	it('goes out in base64url', () => {
		expect(Buffer.from(rawMail(mail({ text: '??>>~~' })), 'base64url')).toEqual(
			buildMail(mail({ text: '??>>~~' })),
		);
		expect(rawMail(mail({ text: '??>>~~' }))).toMatch(/^[\w-]+$/);
	});

	it('is known by its content, whenever it is sent', () => {
		const hash = contentHash(mail({ text: 'a', attachments: [invoice] }));
		const later = { date: new Date(), messageId: messageId(['other']) };
		expect(contentHash(mail({ text: 'a', attachments: [invoice], ...later }))).toBe(hash);
		expect(contentHash(mail({ text: 'b', attachments: [invoice] }))).not.toBe(hash);
		const other = { ...invoice, content: Buffer.from('%PDG') };
		expect(contentHash(mail({ text: 'a', attachments: [other] }))).not.toBe(hash);
	});

	it('tells which files have no room in it, before it is built', () => {
		const attachments = [10, 9, 8, 0.4].map((megabytes) => ({
			filename: `${megabytes} MB`,
			content: Buffer.alloc(megabytes * 1024 * 1024),
		}));
		const [ten, , eight] = attachments as [MailFile, MailFile, MailFile];
		const left = (files: MailFile[]) =>
			attachmentsWithoutRoom(mail({ attachments: files })).map(({ filename }) => filename);
		expect(mailSize(mail({ attachments }))).toBeGreaterThan(LARGEST_MAIL);
		expect(left(attachments)).toEqual(['9 MB']);
		expect(mailSize(mail({ attachments: [ten, eight] }))).toBeLessThanOrEqual(LARGEST_MAIL);
		expect(left([ten, eight])).toEqual([]);
		expect(left([])).toEqual([]);
	});
});
