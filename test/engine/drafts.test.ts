import type { IDataObject, INodeCredentialsDetails, INodeParameters } from 'n8n-workflow';

import { buildMail } from '../../nodes/FeishuMail/mime/mail';
import type { Message, NewMessage } from '../sandbox';
import { parseMail } from '../sandbox/parsedMail';
import {
	bodies,
	connected,
	continues,
	credentialOf,
	engine,
	locate,
	onRequest,
	run as runNode,
	sandbox,
} from './stage';
import type { RunOptions } from './engine';

const LIST = 'mail.draft.list';
const GET = 'mail.draft.get';
const UPDATE = 'mail.draft.update';
const DELETE = 'mail.draft.delete';

let credential: INodeCredentialsDetails;

beforeEach(async () => {
	credential = await connected();
});

const run = async (operation: string, parameters: INodeParameters = {}, options: Partial<RunOptions> = {}) =>
	await runNode('draft', operation, { userMailboxId: 'me', ...parameters }, { credential, ...options });

const draft = (fields: NewMessage = {}) => sandbox.mailbox.receive({ folder_id: 'DRAFT', ...fields });

/** So many drafts, the newest first, as the sandbox lists them. */
const fill = (count: number): Message[] =>
	Array.from({ length: count }, (_, index) =>
		draft({ subject: `Draft ${index}`, internal_date: 1_000 + index }),
	).reverse();

const chosen = ({ message_id }: Message) => ({ draftId: locate('id', message_id) });

const idsOf = (jsons: IDataObject[]) => jsons.map(({ draft_id }) => draft_id);

const ids = (drafts: Message[]) => drafts.map(({ message_id }) => message_id);

const drafts = () => sandbox.mailbox.messages.filter(({ folder_id }) => folder_id === 'DRAFT');

describe('an app', () => {
	it.each(['get', 'getAll', 'update', 'delete'])(
		'%s is refused before any request: drafts are of users',
		async (operation) => {
			const { error } = await run(
				operation,
				{
					userMailboxId: sandbox.mailbox.address,
					draftId: locate('id', 'x'),
					updateFields: { subject: 'x' },
				},
				{ credential: await credentialOf(sandbox.app) },
			);
			expect(error?.message).toMatch(/user|OAuth2/);
			expect(sandbox.requests).toEqual([]);
		},
	);
});

describe('Draft: Get', () => {
	it('gives the draft by its id first, its texts decoded, with those who get a blind copy', async () => {
		const made = draft({
			subject: '报价 & quote',
			head_from: { mail_address: 'user@example.com' },
			to: [{ mail_address: 'a@example.com', name: 'A' }],
			bcc: [{ mail_address: 'b@example.com' }],
			body_html: '<p>您好 😀</p>',
			body_plain_text: '您好 😀',
			internal_date: Date.parse('2026-11-24T01:02:03.004Z'),
			attachments: [{ filename: 'a.pdf', content: Buffer.from('x') }],
		});
		const simple = await run('get', chosen(made));
		expect(simple.error?.message).toBeUndefined();
		expect(Object.keys(simple.jsons[0]!)[0]).toBe('draft_id');
		expect(simple.jsons).toEqual([
			{
				draft_id: made.message_id,
				message_id: made.message_id,
				thread_id: made.thread_id,
				date: '2026-11-24T01:02:03.004Z',
				subject: '报价 & quote',
				head_from: { mail_address: 'user@example.com' },
				to: [{ mail_address: 'a@example.com', name: 'A' }],
				cc: [],
				bcc: [{ mail_address: 'b@example.com' }],
				folder_id: 'DRAFT',
				label_ids: [],
				body_preview: '您好 😀',
				body_plain_text: '您好 😀',
				attachments: [
					{ id: made.attachments[0]!.id, filename: 'a.pdf', attachment_type: 1, is_inline: false },
				],
			},
		]);
		const full = await run('get', { ...chosen(made), simple: false });
		expect(full.jsons[0]).toMatchObject({ ...simple.jsons[0], body_html: '<p>您好 😀</p>' });
		expect(sandbox.requestsTo(GET).map(({ query }) => query)).toEqual([
			{ format: 'full' },
			{ format: 'full' },
		]);
	});

	it('of what is not a draft any more fails, and says so', async () => {
		const sent = sandbox.mailbox.receive({ folder_id: 'SENT' });
		const { error } = await run('get', chosen(sent));
		expect(error?.message).toContain('no such draft: it may have been sent or deleted');
		expect(error?.context.details).toMatchObject({ code: 1234050, httpCode: 404 });
	});

	it('of several items gives those of each, in the order of the input', async () => {
		const made = fill(12);
		const items = made.map(({ message_id }) => ({ id: message_id }));
		const ran = await run('get', { draftId: '={{ $json.id }}' }, { items });
		expect(idsOf(ran.jsons)).toEqual(ids(made));
		expect(ran.outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual(items.map((_, item) => ({ item })));
	});
});

describe('Draft: Get Many', () => {
	it.each<[string, INodeParameters, number, number]>([
		['nothing where there are none', {}, 0, 0],
		['one', {}, 1, 1],
		['as many as the limit says', { limit: 5 }, 5, 5],
		['no more than the limit', { limit: 5 }, 6, 5],
		['fifty unless something else is set', {}, 60, 50],
		['all, of several pages', { returnAll: true }, 120, 120],
	])('gives %s', async (_, parameters, there, given) => {
		const made = fill(there);
		sandbox.mailbox.receive({ folder_id: 'INBOX' });
		const ran = await run('getAll', parameters);
		expect(ran.error?.message).toBeUndefined();
		expect(idsOf(ran.jsons)).toEqual(ids(made.slice(0, given)));
		expect(ran.jsons.map(({ subject }) => subject)).toEqual(
			made.slice(0, given).map(({ subject }) => subject),
		);
		expect(sandbox.requestsTo(GET)).toHaveLength(given);
	});

	it('reads a few at the same time', async () => {
		sandbox.latency = 20;
		const made = fill(20);
		let most = 0;
		sandbox.fail({
			api: GET,
			on: () => {
				most = Math.max(most, sandbox.requestsTo(GET).filter(({ status }) => status === undefined).length);
				return false;
			},
			with: {},
		});
		expect(idsOf((await run('getAll')).jsons)).toEqual(ids(made));
		expect(most).toBe(4);
	});

	it('comes to its end where Feishu refuses reads that overlap', async () => {
		sandbox.latency = 5;
		sandbox.serialisesWrites = true;
		const made = fill(20);
		const ran = await run('getAll');
		expect(ran.error?.message).toBeUndefined();
		expect(idsOf(ran.jsons)).toEqual(ids(made));
	});

	it('leaves out a draft that is sent or deleted between list and read', async () => {
		const made = fill(12);
		onRequest(GET, 2, () => sandbox.mailbox.messages.splice(sandbox.mailbox.messages.indexOf(made[9]!), 1));
		const ran = await run('getAll');
		expect(ran.error?.message).toBeUndefined();
		expect(idsOf(ran.jsons)).toEqual(ids(made.filter((_, index) => index !== 9)));
	});

	it('fails where a draft cannot be read', async () => {
		fill(12);
		sandbox.fail({ api: GET, on: 7, with: { status: 403, code: 1234017 } });
		const { error } = await run('getAll');
		expect(error?.context.details).toMatchObject({ code: 1234017 });
	});

	it('waits for the quota', async () => {
		const made = fill(25);
		sandbox.setQuota(GET, { limit: 10, window: 1 });
		expect(idsOf((await run('getAll')).jsons)).toEqual(ids(made));
	});
});

describe('the list of drafts', () => {
	it('shows recipient and subject of the newest twenty', async () => {
		fill(25);
		draft({ subject: 'Plan', to: [{ mail_address: 'a@example.com', name: 'Ann' }] });
		draft({ subject: '', to: [] });
		const { results } = await engine.search('searchDrafts', { userMailboxId: 'me' }, { credential });
		expect(results).toHaveLength(20);
		expect(results.slice(0, 2).map(({ name }) => name)).toEqual(['(No Subject)', 'Ann: Plan']);
		const ran = await run('get', { draftId: locate('list', String(results[1]!.value)) });
		expect(ran.jsons[0]).toMatchObject({ subject: 'Plan' });
	});
});

describe('Draft: Delete', () => {
	it('removes the draft and leaves the others', async () => {
		const [one, other] = fill(2) as [Message, Message];
		expect((await run('delete', chosen(one))).jsons).toEqual([{ deleted: true, draft_id: one.message_id }]);
		expect(drafts()).toEqual([other]);
	});

	it('of what is gone already fails and says so', async () => {
		const made = draft();
		const ran = await run('delete', chosen(made), { items: [{}, {}], ...continues });
		expect(ran.jsons).toEqual([
			{ deleted: true, draft_id: made.message_id },
			{
				error: expect.stringContaining('no such draft: it may have been sent or deleted'),
				details: expect.objectContaining({ code: 1234050 }),
			},
		]);
	});

	it('succeeds where the answer of the try that did it was lost', async () => {
		sandbox.fail({ api: DELETE, on: 1, with: { kind: 'reset', when: 'after' } });
		const ran = await run('delete', chosen(draft()));
		expect(ran.error?.message).toBeUndefined();
		expect(sandbox.requestsTo(DELETE)).toHaveLength(2);
		expect(drafts()).toEqual([]);
	});
});

/** A reply as some mail program has written it: a text and HTML, an image in it, a file, and fields that nobody knows. */
const written = [
	'From: "Us er" <user@example.com>',
	'To: <a@example.com>',
	'Cc: <c@example.com>',
	'Subject: =?UTF-8?B?6K6h5YiS?=',
	'Date: Tue, 24 Nov 2026 09:00:00 +0000',
	'Message-ID: <1@client>',
	'In-Reply-To: <original@example.org>',
	'References: <root@example.org>',
	' <original@example.org>',
	'X-LMS-Reply-To-Message-Id: tfuh9N4WnzU6jdDw=',
	'X-Unknown: stays',
	'MIME-Version: 1.0',
	'Content-Type: multipart/mixed; boundary=a',
	'',
	'--a',
	'Content-Type: multipart/related; boundary=b',
	'',
	'--b',
	'Content-Type: multipart/alternative; boundary=c',
	'',
	'--c',
	'Content-Type: text/plain; charset=utf-8',
	'Content-Transfer-Encoding: quoted-printable',
	'',
	'Gr=C3=BC=C3=9Fe',
	'--c',
	'Content-Type: text/html; charset=utf-8',
	'Content-Transfer-Encoding: quoted-printable',
	'',
	'<p>Gr=C3=BC=C3=9Fe <img src=3D"cid:logo"></p>',
	'--c--',
	'--b',
	'Content-Type: image/png; name=logo.png',
	'Content-Disposition: inline; filename=logo.png',
	'Content-ID: <logo>',
	'Content-Transfer-Encoding: base64',
	'',
	'iVBORw0KGgo=',
	'--b--',
	'--a',
	'Content-Type: application/octet-stream; name=a.pdf',
	'Content-Disposition: attachment; filename=a.pdf',
	'Content-Transfer-Encoding: base64',
	'',
	'JVBERi0xLjQ=',
	'--a--',
	'',
].join('\r\n');

const sourceOf = async (eml: string | Buffer) => {
	const raw = Buffer.from(eml);
	return { raw, mail: await parseMail(raw) };
};

const draftOf = async (eml: string | Buffer = written): Promise<Message> =>
	Object.assign(draft(), { source: await sourceOf(eml) });

/** The source of the only draft as it is now. */
const now = () => drafts()[0]!.source!;

const fileNames = () => now().mail.attachments.map(({ filename }) => filename);

const binary = (content: string | Buffer, fileName: string) => ({
	mimeType: 'application/octet-stream',
	fileName,
	data: Buffer.from(content).toString('base64'),
});

const PNG = Buffer.from('iVBORw0KGgo=', 'base64');

const update = async (made: Message, updateFields: INodeParameters, options: Partial<RunOptions> = {}) =>
	await run('update', { ...chosen(made), updateFields }, options);

describe('Draft: Update', () => {
	it.each<[string, INodeParameters, object, IDataObject]>([
		['the subject', { subject: '新 plan' }, { subject: '新 plan' }, { subject: '新 plan' }],
		['no subject', { subject: '' }, { subject: '' }, { subject: '' }],
		[
			'the recipients',
			{ to: 'Doe <d@example.com>, e@example.com', bcc: 'D@example.com; f@example.com' },
			{
				to: [{ mail_address: 'd@example.com', name: 'Doe' }, { mail_address: 'e@example.com' }],
				bcc: [{ mail_address: 'f@example.com' }],
			},
			{
				to: [{ mail_address: 'd@example.com', name: 'Doe' }, { mail_address: 'e@example.com' }],
				bcc: [{ mail_address: 'f@example.com' }],
			},
		],
		['no copies', { cc: '' }, { cc: [] }, { cc: [] }],
		[
			'where answers go',
			{ replyTo: 'r@example.com' },
			{ reply_to: 'r@example.com' },
			{ reply_to: [{ mail_address: 'r@example.com' }] },
		],
		['the importance', { importance: 'high' }, { priority: '1' }, { importance: 'high' }],
		[
			'a receipt',
			{ readReceipt: true },
			{ receipt_to: expect.stringContaining('user@example.com') },
			{ read_receipt: true },
		],
		[
			'the name of the sender',
			{ senderName: '张三' },
			{ head_from: { mail_address: 'user@example.com', name: '张三' } },
			{ sender_name: '张三' },
		],
	])('changes %s and nothing else', async (_, updateFields, changed, output) => {
		const made = await draftOf();
		const { mail } = made.source!;
		const ran = await update(made, updateFields);
		expect(ran.error?.message).toBeUndefined();
		expect(ran.jsons).toEqual([{ draft_id: made.message_id, ...output }]);
		expect(now().mail).toEqual({ ...mail, ...changed });
		const body = (text: string) => text.slice(text.indexOf('\n\n'));
		expect(body(String(now().raw))).toBe(body(written.replace(/\r/g, '')));
		expect(String(now().raw)).toContain('\nX-Unknown: stays\n');
		expect(drafts().map(({ message_id }) => message_id)).toEqual([made.message_id]);
	});

	it.each<[string, INodeParameters, object, IDataObject]>([
		[
			'HTML, which stands alone then',
			{ message: '<p>新 <img src="cid:logo"></p>' },
			{ body_html: '<p>新 <img src="cid:logo"></p>', body_plain_text: undefined },
			{ body_html: '<p>新 <img src="cid:logo"></p>' },
		],
		[
			'a text, which takes HTML and its images away',
			{ emailType: 'text', message: '新' },
			{ body_html: undefined, body_plain_text: '新' },
			{ body_plain_text: '新' },
		],
	])('gives it %s', async (_, updateFields, changed, output) => {
		const made = await draftOf();
		const { mail } = made.source!;
		const ran = await update(made, updateFields);
		expect(ran.error?.message).toBeUndefined();
		expect(ran.jsons).toEqual([{ draft_id: made.message_id, ...output }]);
		const isText = updateFields.emailType === 'text';
		const attachments = mail.attachments.filter(({ is_inline }) => !isText || !is_inline);
		expect(now().mail).toEqual({ ...mail, ...changed, attachments });
	});

	it('takes another sender, with the name that Feishu knows', async () => {
		sandbox.mailbox.aliases.push('sales@example.com');
		const made = await draftOf();
		const ran = await update(made, { from: 'sales@example.com', senderName: 'Sales' });
		expect(ran.error?.message).toBeUndefined();
		expect(ran.jsons[0]).toMatchObject({ from: { mail_address: 'sales@example.com', name: 'Sales' } });
		expect(now().mail.head_from).toEqual({ mail_address: 'sales@example.com', name: 'Sales' });
	});

	it('leaves alone what an expression gives nothing for', async () => {
		const made = await draftOf();
		const { mail } = made.source!;
		const nothing = '={{ $json.missing }}';
		const ran = await update(made, {
			subject: 'x',
			to: '={{ null }}',
			cc: nothing,
			message: nothing,
			importance: nothing,
			senderName: nothing,
		});
		expect(ran.jsons).toEqual([{ draft_id: made.message_id, subject: 'x' }]);
		expect(now().mail).toEqual({ ...mail, subject: 'x' });
	});

	it('keeps a draft in its conversation, by its fields as Feishu wants them', async () => {
		await update(await draftOf(), { message: 'x', to: 'z@example.com' });
		const raw = String(now().raw);
		expect(raw).toContain('\nIn-Reply-To: <original@example.org>\n');
		expect(raw).toContain('\nReferences: <root@example.org> <original@example.org>\n');
		expect(raw).toContain('\nX-LMS-Reply-To-Message-Id: tfuh9N4WnzU6jdDw=\n');
	});

	it('changes what the sandbox has written, and what the node writes', async () => {
		const written = draft({ body_html: '<p>', attachments: [{ filename: 'a', content: Buffer.from('a') }] });
		const own = await draftOf(
			buildMail({
				from: { mail_address: 'user@example.com' },
				subject: 's',
				date: new Date(0),
				messageId: '<1@n8n>',
				html: '<b>',
				attachments: [{ filename: '发票.pdf', content: Buffer.from('a') }],
			}),
		);
		for (const made of [written, own]) {
			expect((await update(made, { subject: 'x' })).error?.message).toBeUndefined();
		}
		expect(drafts().map(({ source }) => source!.mail)).toEqual([
			expect.objectContaining({ subject: 'x', body_html: '<p>' }),
			expect.objectContaining({ subject: 'x', body_html: '<b>' }),
		]);
		expect(drafts().map(({ attachments }) => attachments[0]!.filename)).toEqual(['a', '发票.pdf']);
	});

	it('by several items goes in their order: none takes away what another has added', async () => {
		const made = await draftOf();
		const items = Array.from({ length: 4 }, (_, index) => ({ file: binary(`${index}`, `${index}.txt`) }));
		await update(made, { attachments: '={{ $json.file }}' }, { items });
		expect(fileNames()).toEqual(['logo.png', 'a.pdf', '0.txt', '1.txt', '2.txt', '3.txt']);
	});
});

describe('files of an update', () => {
	const items = [
		{
			file: binary('b', '发票.pdf'),
			images: { logo: binary(PNG, 'new.png'), sign: binary(PNG, 'sign.png') },
		},
	];

	it('are not asked for where the draft already shows an image that is nowhere', async () => {
		const made = await draftOf(written.replace('Content-ID: <logo>', 'Content-ID: <other>'));
		const { error } = await update(made, { subject: 'x' });
		expect(error?.message).toBeUndefined();
		expect(now().mail.subject).toBe('x');
	});

	it('come to those that the draft has', async () => {
		const ran = await update(await draftOf(), { attachments: '={{ $json.file }}' }, { items });
		expect(ran.error?.message).toBeUndefined();
		expect(ran.jsons[0]).toMatchObject({ attachments: ['发票.pdf'] });
		expect(fileNames()).toEqual(['logo.png', 'a.pdf', '发票.pdf']);
	});

	it('come to them once where Retry On Fail tries again because the answers were lost', async () => {
		sandbox.fail({ api: 'mail.draft.update', on: [1, 2, 3], with: { kind: 'reset', when: 'after' } });
		const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
		const ran = await update(await draftOf(), { attachments: '={{ $json.file }}' }, { items, settings });
		expect(ran.error?.message).toBeUndefined();
		expect(sandbox.requestsTo('mail.draft.update')).toHaveLength(4);
		expect(fileNames()).toEqual(['logo.png', 'a.pdf', '发票.pdf']);
	});

	it('come to them where Retry On Fail tries again because nothing was changed', async () => {
		sandbox.fail({ api: 'mail.draft.update', on: [1, 2, 3], with: { kind: 'reset', when: 'before' } });
		const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
		await update(await draftOf(), { attachments: '={{ $json.file }}' }, { items, settings });
		expect(fileNames()).toEqual(['logo.png', 'a.pdf', '发票.pdf']);
	});

	it('replace an image of the same name, and are shown in the HTML', async () => {
		const message = '<img src="cid:logo"><img src="cid:sign">';
		const ran = await update(await draftOf(), { message, inlineImages: '={{ $json.images }}' }, { items });
		expect(ran.error?.message).toBeUndefined();
		expect(ran.jsons[0]).toMatchObject({ inline_images: ['new.png', 'sign.png'] });
		expect(now().mail.attachments.map(({ filename, cid }) => [filename, cid])).toEqual([
			['new.png', 'logo'],
			['sign.png', 'sign'],
			['a.pdf', undefined],
		]);
	});

	it.each<[string, INodeParameters, string, number]>([
		[
			'an image that the new HTML does not show',
			{ message: '<p>', inlineImages: '={{ $json.images }}' },
			"'Inline Images': the message does not show the image 'logo'",
			0,
		],
		[
			'an image with a text',
			{ message: 'cid:logo', emailType: 'text', inlineImages: '={{ $json.images }}' },
			"'Inline Images': the message does not show the image 'logo'",
			0,
		],
		[
			'an image that the HTML of the draft does not show',
			{ inlineImages: '={{ $json.images }}' },
			"'Inline Images': the message does not show the image 'sign'",
			1,
		],
		[
			'HTML with an image that is nowhere',
			{ message: '<img src="cid:logo"><img src="cid:nowhere">' },
			"'Message' shows an image 'nowhere'",
			1,
		],
		['an image that is none', { inlineImages: '={{ { logo: $json.file } }}' }, 'is no image', 0],
		['a binary field that is not there', { attachments: 'data' }, "no binary field 'data'", 0],
		['a file whose expression gives nothing', { attachments: '={{ $json.missing }}' }, 'gives nothing', 0],
	])('refused: %s', async (_, updateFields, words, reads) => {
		const { error } = await update(await draftOf(), updateFields, { items });
		expect(error?.message).toContain(words);
		expect(sandbox.requestsTo(GET)).toHaveLength(reads);
		expect(bodies(UPDATE)).toEqual([]);
	});

	it('that make the mail too large are refused, but not a large draft for its subject', async () => {
		const large = [
			'From: user@example.com',
			'Content-Type: text/plain',
			'',
			`${'x'.repeat(76)}\n`.repeat(345_000),
		];
		const made = await draftOf(large.join('\n'));
		expect((await update(made, { subject: 'x' })).error?.message).toBeUndefined();
		const { error } = await update(made, { attachments: '={{ $json.file }}' }, { items });
		expect(error?.message).toContain('Feishu takes at most 25.0 MB');
		expect(bodies(UPDATE)).toHaveLength(1);
	});

	it('are not added once more where n8n runs the node again', async () => {
		const made = await draftOf();
		const options = {
			items: [
				{ id: made.message_id, file: items[0]!.file },
				{ id: 'gone', file: items[0]!.file },
			],
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 },
		};
		const { error } = await run(
			'update',
			{ draftId: '={{ $json.id }}', updateFields: { attachments: '={{ $json.file }}' } },
			options,
		);
		expect(error?.message).toContain('no such draft');
		expect(bodies(UPDATE).length).toBeGreaterThan(1);
		expect(fileNames()).toEqual(['logo.png', 'a.pdf', '发票.pdf']);
	});

	it('are added to another draft, and another file of the same name is, where somebody tries it again', async () => {
		const [first, other] = [await draftOf(), await draftOf()];
		const files = { b: binary('b', 'b.txt'), c: binary('c', 'b.txt') };
		const tried = async (id: string, name: string, options: Partial<RunOptions>) =>
			await run(
				'update',
				{
					draftId: `={{ $itemIndex === 0 ? "${id}" : "gone" }}`,
					updateFields: { attachments: `={{ $json.${name} }}` },
				},
				{ items: [files, files], ...options },
			);
		const names = ({ message_id }: Message) =>
			drafts()
				.find((one) => one.message_id === message_id)!
				.source!.mail.attachments.map(({ filename, content }) => [filename, content.toString()])
				.filter(([filename]) => filename === 'b.txt');
		const failed = await tried(first.message_id, 'b', { executionId: '1' });
		await tried(other.message_id, 'b', { executionId: '2', retryOf: failed });
		await tried(first.message_id, 'c', { executionId: '3', retryOf: failed });
		expect(names(other)).toEqual([['b.txt', 'b']]);
		expect(names(first)).toEqual([
			['b.txt', 'b'],
			['b.txt', 'c'],
		]);
	});
});

describe('an update is refused', () => {
	it.each<[string, INodeParameters, string]>([
		['with nothing', {}, 'There is nothing to change'],
		['with fields without a value', { subject: '={{ null }}' }, 'There is nothing to change'],
		['with a kind of message alone', { emailType: 'text' }, 'There is nothing to change'],
		['with what is no address', { to: 'Jane' }, "'To': 'Jane' is not an email address"],
		['with two senders', { from: 'a@example.com, b@example.com' }, 'more than one address'],
		['with an importance that there is not', { importance: 'urgent' }, "'Importance' must be one of"],
	])('%s before any request', async (_, updateFields, words) => {
		const { error } = await update(await draftOf(), updateFields);
		expect(error?.message).toContain(words);
		expect(sandbox.requests).toEqual([]);
	});

	it('of a draft that is gone, and says so', async () => {
		const { error } = await update(sandbox.mailbox.receive({ folder_id: 'SENT' }), { subject: 'x' });
		expect(error?.message).toContain('no such draft: it may have been sent or deleted');
		expect(bodies(UPDATE)).toEqual([]);
	});

	it('without the scope, which is named', async () => {
		const user = sandbox.tenant.addUser({ name: 'Ann', mailbox: sandbox.mailbox });
		const scopes = [...sandbox.app.userScopes].filter((scope) => !scope.includes('message:modify'));
		const without = await connected({ user, scopes });
		const { error } = await update(await draftOf(), { subject: 'x' }, { credential: without });
		expect(error?.message).toContain('mail:user_mailbox.message:modify');
	});
});

describe('a lost answer', () => {
	it.each([
		['a reset before the work', { kind: 'reset', when: 'before' }],
		['a reset after the work', { kind: 'reset', when: 'after' }],
		['half an answer', { kind: 'truncated' }],
	] as const)('of an update, %s twice: it is sent again, and adds its files once', async (_, fault) => {
		sandbox.fail({ api: UPDATE, times: 2, on: () => true, with: fault });
		const items = [{ file: binary('b', 'b.txt') }];
		const ran = await update(await draftOf(), { attachments: '={{ $json.file }}' }, { items });
		expect(ran.error?.message).toBeUndefined();
		expect(fileNames()).toEqual(['logo.png', 'a.pdf', 'b.txt']);
	});

	it('of a read is asked for again', async () => {
		sandbox.fail({ api: LIST, on: 1, with: { kind: 'truncated' } });
		sandbox.fail({ api: GET, on: [1, 3], with: { kind: 'reset', when: 'after' } });
		const made = fill(5);
		expect(idsOf((await run('getAll')).jsons)).toEqual(ids(made));
	});
});

describe("the source of a draft in other places of Feishu's answer", () => {
	const raw = Buffer.from(written).toString('base64url');

	it.each([[{ raw }], [{ message: { raw } }], [{ draft: { message: { raw } } }]])('%#', async (data) => {
		const made = await draftOf();
		sandbox.fail({ api: GET, on: 1, with: { code: 0, data } });
		expect((await update(made, { subject: 'x' })).error?.message).toBeUndefined();
		expect(now().mail.subject).toBe('x');
	});

	it.each([[{}], [{ message: { raw: '' } }]])('nowhere: the draft stays as it is: %j', async (source) => {
		const made = await draftOf();
		const data = { draft: { id: made.message_id, ...source } };
		sandbox.fail({ api: GET, on: 1, with: { code: 0, data } });
		const { error } = await update(made, { subject: 'x' });
		expect(error?.message).toContain('without its source: it was not changed');
		expect(bodies(UPDATE)).toEqual([]);
	});
});
