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
import { anyMail, expected, hostile, PNG } from './anyMail';
import { fieldNames, judged } from './judges';

const mail = (fields: Partial<Mail> = {}): Mail => ({
	from: { mail_address: 'ann@example.com' },
	subject: 'Plan',
	date: new Date('2026-11-24T09:00:00Z'),
	messageId: '<1@n8n>',
	...fields,
});

const lines = (fields: Partial<Mail>) => buildMail(mail(fields)).toString().split('\n');

/** A mail as it goes out, in the midst of something else. */
function raw(sent: Mail): string {
	const { size, write } = rawMail(sent);
	const bytes = Buffer.alloc(size + 2, '"');
	write(bytes, 1);
	const text = bytes.toString();
	expect(text.at(0)).toBe('"');
	expect(text.at(-1)).toBe('"');
	return text.slice(1, -1);
}

/** The parts of a mail, each indented below the one it is in. */
const structure = (fields: Partial<Mail>) =>
	lines(fields)
		.filter((line) => line.startsWith('Content-Type:'))
		.map((line) => /: ([^;]+)/.exec(line)![1]);

it('2,000 mails are read by both judges as what went in', async () => {
	await fc.assert(
		fc.asyncProperty(anyMail, async (sent) => {
			const eml = buildMail(sent);
			const { mailparser, postalMime } = await judged(eml);
			expect(mailparser).toEqual(expected(sent));
			expect(postalMime).toEqual(expected(sent));
			expect(eml.length).toBe(mailSize(sent));
			expect(raw(sent)).toBe(eml.toString('base64url'));
		}),
		{ numRuns: 2_000 },
	);
}, 180_000);

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
		expect(Buffer.from(raw(mail({ text: '??>>~~' })), 'base64url')).toEqual(
			buildMail(mail({ text: '??>>~~' })),
		);
		expect(raw(mail({ text: '??>>~~' }))).toMatch(/^[\w-]+$/);
	});

	// It is encoded chunk by chunk, of 192 lines of 57 bytes each.
	it.each([0, 1, 56, 57, 58, 10_943, 10_944, 10_945, 21_888, 100_000])(
		'goes out whole with files of %d bytes',
		(length) => {
			const content = Buffer.alloc(length, 'Feishu');
			const attachments = ['', 'a', 'ab'].map((filename) => ({ filename, content }));
			const sent = mail({ text: 'a', attachments });
			expect(raw(sent)).toBe(buildMail(sent).toString('base64url'));
		},
	);

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
