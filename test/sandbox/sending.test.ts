import type { AxiosInstance } from 'axios';

import { Sandbox } from './index';
import type { Mailbox, NewMessage } from './index';
import { connect, dataOf, decoded, mailboxPath, outcome } from './client';
import { pngOf } from './sampleFiles';
import { attached, base64, eml, header, inline, multipart, rawOf, text } from './testMails';

const noon = Date.parse('2026-06-15T12:00:00Z');
const image = pngOf(1, 1, () => [0, 0, 0]);

let sandbox: Sandbox;
let client: AxiosInstance;

beforeEach(async () => {
	sandbox = await Sandbox.start({ clock: { now: () => noon } });
	sandbox.app.userTokenLifetime = 30 * 24 * 60 * 60;
	client = connect(sandbox, sandbox.issueUserTokens().access_token);
});
afterEach(async () => await sandbox.close());

interface Sent {
	message_id: string;
	thread_id: string;
}

const path = mailboxPath('messages', 'me', 'send');
const post = async (mail = eml(), mailbox = 'me') =>
	await client.post(mailboxPath('messages', mailbox, 'send'), { raw: rawOf(mail) });
const sent = async (mail = eml()) => dataOf<Sent>(await post(mail));
const draft = async (mail = eml()) => await client.post(mailboxPath('drafts', 'me'), { raw: rawOf(mail) });
const inFolder = ({ messages }: Mailbox, folder: string) =>
	messages.filter(({ folder_id }) => folder_id === folder);
const addUser = (address: string) => {
	const mailbox = sandbox.tenant.addMailbox(address);
	return sandbox.tenant.addUser({ mailbox }) && mailbox;
};

describe('a mail that is sent', () => {
	it('stays with the sender and arrives, unread, at every mailbox of the sandbox', async () => {
		const ann = addUser('ann@example.com');
		const boss = sandbox.addTenant().addMailbox('boss@example.net');
		const { message_id, thread_id } = await sent(
			eml({
				Subject: '=?UTF-8?B?5oql5Lu3?=',
				'Message-ID': '<one@client.example>',
				To: '"Ann, A." <ann@example.com>, bob@example.org, ANN@example.com',
				Bcc: 'boss@example.net',
			}),
		);
		expect(sandbox.mailbox.messages).toMatchObject([
			{
				message_id,
				thread_id,
				folder_id: 'SENT',
				message_state: 2,
				subject: '报价',
				head_from: { mail_address: 'user@example.com' },
				bcc: [{ mail_address: 'boss@example.net' }],
				body_plain_text: 'Hello',
				smtp_message_id: 'one@client.example',
				internal_date: noon,
				label_ids: new Set(),
			},
		]);
		for (const { messages } of [ann, boss]) {
			expect(messages).toMatchObject([
				{
					folder_id: 'INBOX',
					message_state: 1,
					subject: '报价',
					bcc: [],
					label_ids: new Set(['UNREAD']),
				},
			]);
			expect(messages[0]?.to.slice(0, 2)).toEqual([
				{ mail_address: 'ann@example.com', name: 'Ann, A.' },
				{ mail_address: 'bob@example.org' },
			]);
			expect(messages[0]?.message_id).not.toBe(message_id);
		}
		expect(sandbox.sentMails).toMatchObject([
			{
				at: noon,
				message_id,
				recipients: ['ann@example.com', 'bob@example.org', 'boss@example.net'],
				deliveries: [{ kind: 'to', message: ann.messages[0] }, { kind: 'to' }, { kind: 'bcc' }],
			},
		]);
		expect(sandbox.mailsTo('Bob@example.org')).toHaveLength(1);
		expect(sandbox.mailsTo('boss@example.net')).toHaveLength(1);
		expect(sandbox.mailsTo('nobody@example.org')).toEqual([]);
	});

	it('to oneself is two mails in one thread', async () => {
		const { message_id, thread_id } = await sent(eml({ To: 'user@example.com' }));
		const [copy, arrived] = sandbox.mailbox.messages;
		expect([copy?.folder_id, arrived?.folder_id]).toEqual(['SENT', 'INBOX']);
		expect([copy?.message_id, copy?.thread_id, arrived?.thread_id]).toEqual([
			message_id,
			thread_id,
			thread_id,
		]);
		expect(arrived?.message_id).not.toBe(message_id);
	});

	it('arrives once at a mailbox, by its address and its alias', async () => {
		const ann = addUser('ann@example.com');
		ann.aliases.push('a.lee@example.com');
		await sent(eml({ To: 'a.lee@example.com', Cc: 'ann@example.com' }));
		expect(ann.messages).toHaveLength(1);
	});

	it('is taken apart: texts, files, inline images, and kept byte for byte', async () => {
		const big = Buffer.alloc(300, 7);
		const mail =
			header({ Cc: 'Ann <ann@example.com>', 'Reply-To': '"Desk" <desk@example.com>' }) +
			multipart(
				'mixed',
				multipart(
					'related',
					multipart('alternative', text('您好'), text('<p>您好<img src="cid:logo"></p>', 'html')),
					inline('logo', image),
				),
				attached('=?UTF-8?B?5oql5Lu3LnBkZg==?=', big),
			);
		const { message_id } = await sent(mail);
		expect(sandbox.sentMails[0]?.eml).toBe(mail);
		const shown = await client.get(mailboxPath('messages', 'me', message_id));
		const { message } = dataOf<{ message: Record<string, unknown> }>(shown);
		expect(message).toMatchObject({
			cc: [{ mail_address: 'ann@example.com', name: 'Ann' }],
			reply_to: '"Desk" <desk@example.com>',
			attachments: [
				{ filename: 'logo.png', is_inline: true, cid: 'logo' },
				{ filename: '报价.pdf', is_inline: false },
			],
		});
		expect(decoded(message.body_plain_text)).toBe('您好');
		expect(decoded(message.body_html)).toBe('<p>您好<img src="cid:logo"></p>');
		expect(sandbox.mailbox.messages[0]?.attachments.map(({ content }) => content)).toEqual([image, big]);
	});

	it('has its files once, however many mailboxes hold it', async () => {
		const ann = addUser('ann@example.com');
		const fields = { To: 'ann@example.com, user@example.com' };
		await sent(header(fields) + multipart('mixed', text(''), attached('a.txt', 'A')));
		const contents = [sandbox.mailbox, ann].flatMap(({ messages }) =>
			messages.flatMap(({ attachments }) => attachments),
		);
		expect(new Set(contents.map(({ content }) => content))).toEqual(
			new Set([sandbox.sentMails[0]?.mail.attachments[0]?.content]),
		);
		expect(new Set(contents.map(({ content }) => content)).size).toBe(1);
		expect(new Set(contents.map(({ id }) => id)).size).toBe(3);
	});

	it.each([
		[{ 'X-Cli-Priority': '1' }, '1', ['HIGH_PRIORITY']],
		[{ 'X-Cli-Priority': '5' }, '5', ['LOW_PRIORITY']],
		[{ 'X-Cli-Priority': '3' }, '0', []],
		[{ 'Disposition-Notification-To': 'user@example.com' }, '0', ['READ_RECEIPT_REQUEST']],
	])('says with %j what it is', async (fields, priority_type, labels) => {
		const ann = addUser('ann@example.com');
		await sent(eml({ To: 'ann@example.com', ...fields }));
		expect(ann.messages).toMatchObject([{ priority_type, label_ids: new Set(['UNREAD', ...labels]) }]);
	});

	it('has a Message-ID of Feishu, if the sandbox is told so or it brings none', async () => {
		await sent(eml({ 'Message-ID': undefined }));
		sandbox.mailChoices.keepsMessageId = false;
		await sent(eml({ 'Message-ID': '<mine@client.example>' }));
		const ids = sandbox.mailbox.messages.map(({ smtp_message_id }) => smtp_message_id);
		expect(ids).toEqual([0, 1].map(() => expect.stringMatching(/@mail\.feishu\.example$/) as string));
		expect(sandbox.timesSent('<mine@client.example>')).toBe(1);
	});

	it('takes large files along that lie in Feishu', async () => {
		const file = { id: 'f1', filename: 'film.mp4', content: image, attachment_type: 2 } as const;
		sandbox.mailbox.receive({ attachments: [file] });
		const ids = base64('[{"id":"f1"},{"id":"unknown"}]');
		await sent(eml({ 'X-Lms-Large-Attachment-Ids': ids }));
		expect(inFolder(sandbox.mailbox, 'SENT')).toMatchObject([
			{ attachments: [{ id: 'f1', filename: 'film.mp4', attachment_type: 2 }] },
		]);
	});
});

describe('an answer', () => {
	const original = (fields: NewMessage = {}) => sandbox.mailbox.receive({ subject: 'Offer', ...fields });

	it.each([
		['REPLY', '-603'],
		['FORWARD', '-604'],
	])('of the kind %s marks the mail that it names, and is in its thread', async (type, label) => {
		const { message_id, thread_id, label_ids } = original();
		const fields = { 'X-LMS-Reply-To-Message-Id': message_id, 'X-LMS-Reply-Type': type };
		expect((await sent(eml(fields))).thread_id).toBe(thread_id);
		expect(label_ids).toEqual(new Set(['UNREAD', label]));
	});

	it.each([
		['In-Reply-To', '<x@example.org>'],
		['References', '<a@example.org> <x@example.org>'],
	])('is in the thread of the mail that %s names, at its sender and its receiver', async (name, ids) => {
		const ann = addUser('ann@example.com');
		const smtp_message_id = 'x@example.org';
		const { thread_id, label_ids } = original({ smtp_message_id });
		const other = ann.receive({ smtp_message_id });
		expect((await sent(eml({ To: 'ann@example.com', [name]: ids }))).thread_id).toBe(thread_id);
		expect(ann.messages.map((message) => message.thread_id)).toEqual([other.thread_id, other.thread_id]);
		expect(label_ids).toEqual(new Set(['UNREAD']));
		expect(ann.messages[1]).toMatchObject(
			name === 'In-Reply-To' ? { in_reply_to: 'x@example.org' } : { references: ids },
		);
	});

	it('of a mail that is not there is a new thread', async () => {
		const { thread_id } = original();
		const fields = { 'X-LMS-Reply-To-Message-Id': 'gone', 'X-LMS-Reply-Type': 'REPLY' };
		expect((await sent(eml(fields))).thread_id).not.toBe(thread_id);
	});
});

describe('a mail of fields', () => {
	const fields = {
		subject: '报价',
		to: [{ mail_address: 'ann@example.com', name: 'Lee, Ann "A"' }],
		body_html: '<p>您好</p>',
		head_from: { name: '王小明' },
	};

	it('is sent, its texts as they are', async () => {
		const ann = addUser('ann@example.com');
		const attachments = [
			{ filename: 'a.txt', body: rawOf('1') },
			{ filename: 'b.png', body: rawOf(image), is_inline: true, cid: 'b' },
		];
		expect(outcome(await client.post(path, { ...fields, attachments, dedupe_key: '1' }))).toEqual([200, 0]);
		expect(ann.messages).toMatchObject([
			{
				...{ subject: '报价', to: fields.to, body_html: '<p>您好</p>' },
				head_from: { mail_address: 'user@example.com', name: '王小明' },
				attachments: [
					{ filename: 'b.png', is_inline: true, cid: 'b', content: image },
					{ filename: 'a.txt', content: Buffer.from('1') },
				],
			},
		]);
	});

	it.each([
		['neither fields nor raw', {}],
		['fields beside raw', { ...fields, raw: rawOf(eml()) }],
		['a recipient without an address', { ...fields, to: [{ name: 'Ann' }] }],
		['a file without a name', { ...fields, attachments: [{ body: rawOf('1') }] }],
		['a file in base64', { ...fields, attachments: [{ filename: 'a', body: '+/+/' }] }],
		[
			'an inline image without a cid',
			{ ...fields, attachments: [{ filename: 'a', body: 'AA', is_inline: true }] },
		],
	])('is refused with %s', async (_what, body) => {
		expect(outcome(await client.post(path, body))).toEqual([400, 1234008]);
	});

	it('is refused where a field has another type', async () => {
		expect(outcome(await client.post(path, { ...fields, to: 'ann@example.com' }))).toEqual([400, 99992402]);
	});
});

const folded = header().replace('Subject: Plan', 'Subject: Plan\n for us');
const partOf = (fields: string) => header() + multipart('mixed', `${fields}\n\nHello\n`);

/** Where both a mail that is sent and a draft are refused. */
describe.each([
	['sending', post],
	['a draft', draft],
])('the form of %s', (_what, attempt) => {
	it.each([
		['CR', 'refusesCarriageReturns', eml().replace(/\n/g, '\r\n')],
		['a CR in the body', 'refusesCarriageReturns', `${header()}\nHello\r\n`],
		['a folded field', 'refusesFoldedHeaders', `${folded}\nHello`],
		['a folded field of a part', 'refusesFoldedHeaders', partOf('Content-Type: text/plain;\n charset=UTF-8')],
		['text that is not ASCII', 'refusesOtherThanAscii', `${header()}\n您好`],
		['a field that is not ASCII', 'refusesOtherThanAscii', `${header({ Subject: '报价' })}\nHello`],
	] as const)('is refused with %s, unless it is not to be', async (_name, choice, mail) => {
		expect(outcome(await attempt(mail))).toEqual([400, 1236002]);
		sandbox.mailChoices[choice] = false;
		expect(outcome(await attempt(mail))).toEqual([200, 0]);
	});

	it('may have lines of a text that begin with blanks or look like a boundary', async () => {
		expect(outcome(await attempt(partOf('\n\n  a\n--\n  b\n--x\n  c')))).toEqual([200, 0]);
	});

	it.each([
		['no header', 'Hello'],
		['a body alone', `\n${eml()}`],
	])('is refused with %s', async (_name, mail) => {
		expect(outcome(await attempt(mail))).toEqual([400, 1236002]);
	});

	it('has at most 500 recipients, all kinds together, and 500 files', async () => {
		const list = (count: number) =>
			Array.from({ length: count }, (_one, n) => `p${n}@example.org`).join(', ');
		const files = (count: number) => Array.from({ length: count }, (_one, n) => attached(`${n}.txt`, '1'));
		expect(outcome(await attempt(eml({ To: list(499), Bcc: 'ann@example.com' })))).toEqual([200, 0]);
		const tooMany = { To: list(499), Cc: 'ann@example.com', Bcc: 'bob@example.com' };
		expect(outcome(await attempt(eml(tooMany)))).toEqual([400, 1236003]);
		expect(outcome(await attempt(header() + multipart('mixed', ...files(500))))).toEqual([200, 0]);
		expect(outcome(await attempt(header() + multipart('mixed', ...files(501))))).toEqual([400, 1236004]);
	});

	it('has a size that it does not exceed', async () => {
		const mail = eml();
		sandbox.mailChoices.mailSize = mail.length;
		expect(outcome(await attempt(mail))).toEqual([200, 0]);
		expect(outcome(await attempt(`${eml()} and more`))).toEqual([400, 1236001]);
	});

	it.each([
		['setup.EXE', 1236020],
		['a.b.js', 1236020],
		['exe', 0],
		['setup.exe.zip', 0],
	])('with the file %s is answered with %i', async (name, code) => {
		expect((await attempt(header() + multipart('mixed', text(''), attached(name, '1')))).data).toMatchObject({
			code,
		});
	});

	it.each([
		['a PNG', image, 'image/png', 0],
		['a JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'image/jpeg', 0],
		['a GIF', Buffer.from('GIF89a1'), 'image/gif', 0],
		['a WebP', Buffer.from('RIFF1234WEBPVP8 '), 'image/webp', 0],
		['a PNG that says it is a GIF', image, 'image/gif', 1236021],
		['a text that says it is a PNG', Buffer.from('Hello'), 'image/png', 1236021],
		['an SVG', Buffer.from('<svg/>'), 'image/svg+xml', 1236021],
	])('with the inline image %s is answered as it should', async (_name, content, type, code) => {
		const html = text('<img src="cid:a">', 'html');
		const answer = await attempt(header() + multipart('related', html, inline('a', content, type)));
		expect(answer.data).toMatchObject({ code });
	});
});

describe('raw', () => {
	// "?>" gives characters in which base64 and base64url differ.
	const mail = eml({ Subject: '???>>>' });

	it('is base64url, with or without "="', async () => {
		const padded = rawOf(`${mail} `.padEnd(Math.ceil(mail.length / 3) * 3 + 1));
		expect(padded).toMatch(/=$/);
		expect(outcome(await client.post(path, { raw: padded }))).toEqual([200, 0]);
		const bare = rawOf(eml()).replace(/=/g, '');
		expect(outcome(await client.post(path, { raw: bare }))).toEqual([200, 0]);
	});

	it.each([
		['base64', base64(`${mail}`).replace(/\n/g, '')],
		['lines', base64(mail.repeat(2))],
		['a mail that is not encoded', mail],
	])('is refused as %s', async (_what, raw) => {
		expect(outcome(await client.post(path, { raw }))).toEqual([400, 1236002]);
	});

	it('may be base64 if it is not to be refused', async () => {
		sandbox.mailChoices.refusesOtherThanBase64url = false;
		expect(outcome(await client.post(path, { raw: base64(mail).replace(/\n/g, '') }))).toEqual([200, 0]);
	});

	it('is missed', async () => {
		for (const raw of ['', undefined, null]) {
			expect(outcome(await client.post(path, { raw }))).toEqual([400, 1234008]);
			expect(outcome(await client.post(mailboxPath('drafts', 'me'), { raw }))).toEqual([400, 1234008]);
		}
	});

	it('of 37.5 MB is taken, of more refused, and is not remembered among the requests', async () => {
		const limit = 37.5 * 1024 * 1024;
		const whole = Buffer.alloc(limit, 'A');
		const start = header() + '\n';
		whole.write(start, 0);
		expect(outcome(await client.post(path, { raw: rawOf(whole) }))).toEqual([200, 0]);
		const more = Buffer.concat([whole, Buffer.from('A')]);
		expect(outcome(await client.post(path, { raw: rawOf(more) }))).toEqual([400, 1236001]);
		expect(sandbox.requestsTo('mail.message.send')).toMatchObject([
			{ rawBody: '', body: undefined },
			{ rawBody: '', body: undefined },
		]);
		expect(sandbox.sentMails).toHaveLength(1);
	});
});

describe('message.send', () => {
	it('takes any file if it does not look at them', async () => {
		sandbox.mailChoices.sendChecksFiles = false;
		const mail =
			header() + multipart('mixed', text(''), attached('a.exe', '1'), inline('a', Buffer.from('1')));
		expect(outcome(await post(mail))).toEqual([200, 0]);
		expect(outcome(await draft(mail))).toEqual([400, 1236020]);
	});
});

/** What is refused when a mail is to leave, by either way. */
describe.each([
	['message.send', post],
	[
		'draft.send',
		async (mail?: string) => {
			const made = dataOf<{ draft: { id: string } }>(await draft(mail));
			return await client.post(mailboxPath('drafts', 'me', made.draft.id, 'send'));
		},
	],
])('%s', (_way, attempt) => {
	const isRefused = async (mail: string, expected: [number, number]) => {
		const before = sandbox.sentMails.length;
		expect(outcome(await attempt(mail))).toEqual(expected);
		expect(sandbox.sentMails).toHaveLength(before);
	};

	it('refuses a Message-ID that was sent from the mailbox before, by whatever way', async () => {
		const fields = { 'Message-ID': '<one@client.example>' };
		await sent(eml(fields));
		await isRefused(eml(fields, 'Another text'), [409, 1236005]);
		expect(sandbox.timesSent('<one@client.example>')).toBe(1);
		expect(outcome(await attempt(eml()))).toEqual([200, 0]);
	});

	it('takes the Message-ID of a mail that was refused, and of another mailbox', async () => {
		const other = sandbox.tenant.addMailbox('team@example.com');
		other.members.add(sandbox.user);
		const fields = { 'Message-ID': '<one@client.example>' };
		await post(eml({ ...fields, From: 'team@example.com' }), 'team@example.com');
		await isRefused(eml({ ...fields, To: 'nobody' }), [400, 1236018]);
		expect(outcome(await attempt(eml(fields)))).toEqual([200, 0]);
	});

	it('takes the address of the mailbox, its aliases and public mailboxes of the user as the sender', async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		team.members.add(sandbox.user);
		team.aliases.push('sales@example.com');
		sandbox.mailbox.aliases.push('me@example.com');
		sandbox.tenant.addMailbox('other@example.com');
		for (const from of [
			'User@example.com',
			'me@example.com',
			'team@example.com',
			'Sales <sales@example.com>',
		]) {
			expect(outcome(await attempt(eml({ From: from })))).toEqual([200, 0]);
		}
		for (const From of ['other@example.com', 'user@example.org', undefined]) {
			await isRefused(eml({ From }), [400, 1236017]);
		}
	});

	it('refuses recipients that are no addresses, that it is told to refuse, and none at all', async () => {
		sandbox.mailChoices.refusedRecipients.push('gone@example.com');
		for (const To of ['nobody', 'bob@example.org, a@b', 'Gone@example.com', undefined]) {
			await isRefused(eml({ To }), [400, 1236018]);
		}
		expect(outcome(await attempt(eml({ To: undefined, Bcc: '"a b"@example.org' })))).toEqual([200, 0]);
	});

	it('refuses risky words, in the subject and in the text', async () => {
		sandbox.mailChoices.riskyWords.push('lottery');
		await isRefused(eml({ Subject: 'Lottery' }), [400, 1236014]);
		await isRefused(eml({}, 'the lottery'), [400, 1236014]);
		await isRefused(header() + text('<b>lottery</b>', 'html'), [400, 1236014]);
		expect(outcome(await attempt(eml()))).toEqual([200, 0]);
	});

	it('refuses what is more than the mails of a day, until the next day', async () => {
		sandbox.mailbox.sending.dailyMails = 2;
		// From noon to midnight, then the whole next day.
		for (const hours of [12, 24, 24]) {
			for (let n = 0; n < 2; n += 1) expect(outcome(await attempt(eml()))).toEqual([200, 0]);
			sandbox.clock.advance(hours * 60 * 60 * 1000 - 1);
			await isRefused(eml(), [429, 1236007]);
			sandbox.clock.advance(1);
		}
	});

	it('refuses more external recipients than a user has in a day, of whom each counts once', async () => {
		addUser('ann@example.com');
		sandbox.mailbox.sending.dailyExternalRecipients = 2;
		const to = async (To: string) => outcome(await attempt(eml({ To })));
		expect(await to('bob@example.org, ann@example.com')).toEqual([200, 0]);
		expect(await to('BOB@example.org, carl@example.org')).toEqual([200, 0]);
		await isRefused(eml({ To: 'dora@example.org' }), [429, 1236008]);
		expect(await to('carl@example.org')).toEqual([200, 0]);
		sandbox.mailbox.sending.dailyExternalRecipients = 1;
		expect(await to('ann@example.com')).toEqual([200, 0]);
		sandbox.clock.advance(24 * 60 * 60 * 1000);
		expect(await to('dora@example.org')).toEqual([200, 0]);
	});

	it('refuses more external recipients than the organisation has in a day, whoever sends', async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		team.members.add(sandbox.user);
		sandbox.tenant.dailyExternalRecipients = 1;
		await post(eml({ From: 'team@example.com' }), 'team@example.com');
		await isRefused(eml({ To: 'carl@example.org' }), [429, 1236009]);
		expect(outcome(await attempt(eml({ To: 'bob@example.org' })))).toEqual([200, 0]);
	});

	it('refuses more mails than there may be in a minute', async () => {
		sandbox.mailbox.sending.mailsPerMinute = 1;
		expect(outcome(await attempt(eml()))).toEqual([200, 0]);
		await isRefused(eml(), [429, 1236010]);
		sandbox.clock.advance(60_000);
		expect(outcome(await attempt(eml()))).toEqual([200, 0]);
	});

	it('refuses everything when the storage of the tenant is full', async () => {
		sandbox.tenant.storageFull = true;
		await isRefused(eml(), [429, 1236013]);
	});

	it('has a threshold, if it is message.send', async () => {
		sandbox.mailbox.sending.threshold = 0;
		expect(outcome(await attempt(eml()))).toEqual(attempt === post ? [429, 1236012] : [200, 0]);
	});

	it('does its work once if the answer is lost, and says so the next time', async () => {
		const api = attempt === post ? 'mail.message.send' : 'mail.draft.send';
		sandbox.fail({ api, with: { kind: 'reset', when: 'after' } });
		const mail = eml({ 'Message-ID': '<one@client.example>' });
		await expect(attempt(mail)).rejects.toThrow(/hang up|ECONNRESET/);
		expect(sandbox.timesSent('one@client.example')).toBe(1);
		await isRefused(mail, [409, 1236005]);
	});

	it.each([
		{ kind: 'reset', when: 'before' },
		{ kind: 'html' },
		{ status: 500, code: 1236019 },
		{ status: 429, code: 99991400 },
	] as const)('does nothing with the fault %j', async (fault) => {
		sandbox.fail({ api: attempt === post ? 'mail.message.send' : 'mail.draft.send', with: fault });
		const mail = eml();
		await attempt(mail).catch(() => undefined);
		expect(sandbox.sentMails).toEqual([]);
		expect(outcome(await attempt(mail))).toEqual([200, 0]);
	});
});

describe('requests that overlap', () => {
	beforeEach(() => {
		sandbox.serialisesWrites = true;
		sandbox.latency = 60;
		sandbox.tenant.addMailbox('team@example.com').members.add(sandbox.user);
	});

	it('are refused but for one of them, of sends, of drafts, and from whatever mailbox of the user', async () => {
		const team = eml({ From: 'team@example.com' });
		const answers = await Promise.all([post(), post(), draft(), post(team, 'team@example.com')]);
		expect(answers.map(outcome).sort()).toEqual([
			[200, 0],
			[429, 1236006],
			[429, 1236006],
			[429, 1236006],
		]);
	});

	it('are refused on one mailbox, too, of two users', async () => {
		const ann = sandbox.tenant.addUser();
		sandbox.tenant.findMailbox('team@example.com')?.members.add(ann);
		const other = connect(sandbox, sandbox.issueUserTokens({ user: ann }).access_token);
		const drafts = mailboxPath('drafts', 'team@example.com');
		const bothDraft = [client, other].map(async (one) => await one.post(drafts, { raw: rawOf(eml()) }));
		expect((await Promise.all(bothDraft)).map(({ status }) => status).sort()).toEqual([200, 429]);
	});

	it('are allowed for two users with a mailbox each, and one after the other', async () => {
		const ann = addUser('ann@example.com');
		const user = sandbox.tenant.users.find(({ mailbox }) => mailbox === ann);
		const other = connect(sandbox, sandbox.issueUserTokens({ user }).access_token);
		const [one, two] = await Promise.all([
			post(),
			other.post(path, { raw: rawOf(eml({ From: 'ann@example.com' })) }),
		]);
		expect([one, two].map(outcome)).toEqual([
			[200, 0],
			[200, 0],
		]);
		expect(outcome(await post())).toEqual([200, 0]);
	});

	it('with one Message-ID send one mail, also if they may overlap', async () => {
		sandbox.serialisesWrites = false;
		const mail = eml();
		const answers = await Promise.all([post(mail), post(mail), post(mail)]);
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
		expect(sandbox.sentMails).toHaveLength(1);
	});
});

describe('the send status', () => {
	const status = async (id: string) => await client.get(mailboxPath('messages', 'me', id, 'send_status'));
	const at = noon / 1000;

	it('tells for each recipient how far the mail got', async () => {
		const { message_id } = await sent(eml({ To: 'Bob <bob@example.org>', Bcc: 'carl@example.org' }));
		const details = (one: number, other: number, moved = at) => ({
			message_id,
			details: [
				{
					recipient: { mail_address: 'bob@example.org', name: 'Bob' },
					status: one,
					last_updated_time: moved,
				},
				{ recipient: { mail_address: 'carl@example.org' }, status: other, last_updated_time: at },
			],
		});
		expect(dataOf(await status(message_id))).toEqual(details(4, 4));
		sandbox.clock.advance(60_000);
		sandbox.sentMails[0]?.setStatus('BOB@example.org', 3);
		expect(dataOf(await status(message_id))).toEqual(details(3, 4, at + 60));
	});

	it('is "delivering" for a while, if it is to be', async () => {
		sandbox.mailChoices.deliveryTime = 5000;
		const { message_id } = await sent();
		const first = async () =>
			dataOf<{ details: Array<{ status: number; last_updated_time: number }> }>(await status(message_id))
				.details[0];
		expect(await first()).toMatchObject({ status: 1, last_updated_time: at });
		sandbox.clock.advance(5000);
		expect(await first()).toMatchObject({ status: 4, last_updated_time: at + 5 });
	});

	it('is not known of mails that were not sent through the API', async () => {
		const { message_id } = sandbox.mailbox.receive({ folder_id: 'SENT' });
		expect(outcome(await status(message_id))).toEqual([404, 1236010]);
		expect(outcome(await status('unknown'))).toEqual([404, 1236010]);
	});
});
