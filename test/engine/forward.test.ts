import type { NewMessage } from '../sandbox';
import { binary, carol, dave, field, file, forward, image, onlySent, png, receive } from './answering';
import { keepFilesIn } from './engine';
import { connected, continues, onRequest, sandbox } from './stage';

const CREATE = 'mail.draft.create';
const SEND = 'mail.draft.send';
const LINKS = 'mail.message.attachmentDownloadUrl';
const FILE = 'file.download';

const drafts = () => sandbox.mailbox.messages.filter(({ folder_id }) => folder_id === 'DRAFT');

/** The files of the mail that left: name, Content-ID and text. */
const sentFiles = () =>
	onlySent().mail.attachments.map(({ filename, cid, content }) => [
		filename,
		cid,
		content.toString('latin1'),
	]);

const userWithout = async (word: string) =>
	await connected({ scopes: [...sandbox.app.userScopes].filter((scope) => !scope.includes(word)) });

afterEach(() => {
	expect(sandbox.tokenLeaks).toEqual([]);
});

it('passes a mail on with its text, its images and its files', async () => {
	const mail = receive({
		to: [carol],
		cc: [dave],
		references: 'root@example.org',
		body_html: '<p>See <img src="cid:logo"></p>',
		attachments: [file('a.pdf'), image('logo'), file('报价.xlsx', Buffer.from([0, 255, 10, 13]))],
	});
	const ran = await forward(mail, {}, { timezone: 'Asia/Shanghai' });
	expect(ran.error?.message).toBeUndefined();
	const sent = onlySent();
	expect(ran.jsons).toEqual([
		{
			outcome: 'sent',
			message_id: sent.message_id,
			thread_id: mail.thread_id,
			recall_status: 'available',
			smtp_message_id: expect.any(String),
			from: { mail_address: 'user@example.com', name: 'Sandbox User' },
			to: [{ mail_address: 'eve@example.net' }],
			subject: 'Fwd: Plan',
		},
	]);
	expect(sent.recipients).toEqual(['eve@example.net']);
	expect(sent.mail).toMatchObject({
		subject: 'Fwd: Plan',
		in_reply_to: 'plan@example.org',
		reply_to_message_id: mail.message_id,
		reply_type: 'FORWARD',
	});
	expect(field('References')).toBe('<root@example.org> <plan@example.org>');
	expect([...mail.label_ids]).toContain('-604');
	expect(sent.mail.body_html).toMatch(/^<p>Hello<\/p><div class="history-quote-wrapper">/);
	expect(sent.mail.body_html).toContain('---------- Forwarded message ---------');
	expect(sent.mail.body_html).toContain('<div><p>See <img src="cid:logo"></p></div>');
	expect(sentFiles()).toEqual([
		['logo.png', 'logo', png('logo').toString('latin1')],
		['a.pdf', undefined, 'Content of a.pdf'],
		['报价.xlsx', undefined, '\x00\xff\n\r'],
	]);
	expect(sandbox.requestsTo(LINKS)).toHaveLength(1);
});

describe.each(['memory', 'filesystem'] as const)('own files that n8n keeps in the %s', (place) => {
	beforeAll(async () => await keepFilesIn(place));
	afterAll(async () => await keepFilesIn('memory'));

	it('stand behind those of the mail', async () => {
		const ran = await forward(
			receive({ attachments: [file('a.pdf')] }),
			{ additionalFields: { attachments: '={{ $json.file }}', cc: 'carol@example.org' } },
			{ items: [{ file: binary('b.txt', 'Ours') }] },
		);
		expect(ran.error?.message).toBeUndefined();
		expect(sentFiles()).toEqual([
			['a.pdf', undefined, 'Content of a.pdf'],
			['b.txt', undefined, 'Ours'],
		]);
		expect(onlySent().recipients).toEqual(['eve@example.net', 'carol@example.org']);
	});
});

describe('which files go along', () => {
	const fields: NewMessage = {
		body_html: '<img src="cid:logo"><img src="cid:drawing">',
		body_plain_text: 'Text',
		attachments: [
			image('logo'),
			image('drawing', Buffer.from('<svg/>'), 'drawing.svg'),
			image('stray'),
			file('a.pdf'),
		],
	};
	const names = () => onlySent().mail.attachments.map(({ filename, cid }) => [filename, cid]);

	it('images that the quote shows as such, all others as files', async () => {
		await forward(receive(fields));
		expect(names()).toEqual([
			['logo.png', 'logo'],
			['drawing.svg', undefined],
			['stray.png', undefined],
			['a.pdf', undefined],
		]);
	});

	it.each([
		['plain text', { emailType: 'text' }],
		['no quote', { options: { quoteOriginal: false } }],
	])('with %s all of them as files', async (_, parameters) => {
		await forward(receive(fields), parameters);
		expect(names()).toEqual([
			['logo.png', undefined],
			['drawing.svg', undefined],
			['stray.png', undefined],
			['a.pdf', undefined],
		]);
	});

	it('without Include Attachments the images of the quote', async () => {
		const ran = await forward(receive(fields), { options: { includeAttachments: false } });
		expect(names()).toEqual([['logo.png', 'logo']]);
		expect(ran.hints.map(({ message }) => message)).toEqual([
			expect.stringMatching(/^Images of a quoted mail .* were left out/),
		]);
	});

	it.each(['={{ "false" }}', '={{ 0 }}'])('%s by expression is no, too', async (includeAttachments) => {
		await forward(receive({ attachments: [file('secret.txt')] }), { options: { includeAttachments } });
		expect(onlySent().mail.attachments).toEqual([]);
	});

	it('nothing without Include Attachments and Quote Original: not even links are asked for', async () => {
		await forward(receive(fields), { options: { includeAttachments: false, quoteOriginal: false } });
		expect(names()).toEqual([]);
		expect(onlySent().mail.body_html?.trimEnd()).toBe('<p>Hello</p>');
		expect(sandbox.requestsTo(LINKS)).toEqual([]);
	});

	it('large ones stay where they are: the mail names them', async () => {
		const mail = receive({
			attachments: [{ ...file('film.mp4'), attachment_type: 2 }, file('a.pdf')],
		});
		const ran = await forward(mail);
		expect(ran.error?.message).toBeUndefined();
		const ids = Buffer.from(field('X-Lms-Large-Attachment-Ids')!, 'base64').toString();
		expect(JSON.parse(ids)).toEqual([{ id: mail.attachments[0]!.id }]);
		expect(names()).toEqual([['a.pdf', undefined]]);
		sandbox.sentMails.length = 0;
		await forward(mail, { options: { includeAttachments: false, idempotencyKey: 'without' } });
		expect(field('X-Lms-Large-Attachment-Ids')).toBeUndefined();
		expect(names()).toEqual([]);
	});

	it('more than twenty, in their order', async () => {
		const attachments = Array.from({ length: 25 }, (_, index) => file(`${index}.txt`));
		await forward(receive({ attachments }));
		expect(names()).toEqual(attachments.map(({ filename }) => [filename, undefined]));
		expect(sandbox.requestsTo(LINKS)).toHaveLength(2);
	});

	it('one without a name', async () => {
		await forward(receive({ attachments: [file('', 'Nameless')] }));
		expect(sentFiles()).toEqual([['attachment', undefined, 'Nameless']]);
	});
});

describe('a mail with more than there is room for', () => {
	const MB = 1024 * 1024;

	it('is an error after as much as fits, and nothing is written', async () => {
		const attachments = [1, 2, 3, 4].map((number) => file(`${number}.dat`, Buffer.alloc(7 * MB, number)));
		const { error } = await forward(receive({ attachments }));
		expect(error?.message).toBe("There is no room in a mail for the attachment '3.dat' of the other one");
		expect(error?.description).toBe(
			"To do without, switch off 'Include Attachments' and 'Quote Original' under 'Options'.",
		);
		expect(sandbox.requestsTo(FILE)).toHaveLength(3);
		expect(sandbox.requestsTo(CREATE)).toEqual([]);
	});

	it('with its own files counts all', async () => {
		const ran = await forward(
			receive({ attachments: [file('theirs.dat', Buffer.alloc(12 * MB, 1))] }),
			{ additionalFields: { attachments: '={{ $json.file }}' } },
			{ items: [{ file: binary('ours.dat', Buffer.alloc(8 * MB, 2)) }] },
		);
		expect(ran.error?.message).toMatch(/^The mail would be 27\.\d MB large; Feishu takes at most 25\.0 MB$/);
		expect(ran.error?.description).toContain('There is no room for: ours.dat (8.0 MB).');
		expect(sandbox.requestsTo(CREATE)).toEqual([]);
	});

	it('leaves whole with 17 MB', async () => {
		const content = Buffer.alloc(17 * MB, 'Feishu');
		const ran = await forward(receive({ attachments: [file('a.dat', content)] }));
		expect(ran.error?.message).toBeUndefined();
		expect(onlySent().mail.attachments[0]!.content.equals(content)).toBe(true);
	});
});

describe('a file that cannot be had', () => {
	it('without a link: an error that names it', async () => {
		const mail = receive({ attachments: [file('a.pdf')] });
		const data = { download_urls: [], failed_ids: mail.attachments.map(({ id }) => id) };
		sandbox.fail({ api: LINKS, with: { code: 0, data } });
		const { error } = await forward(mail);
		expect(error?.message).toBe("Feishu gives no link to the attachment 'a.pdf' of the mail");
		expect(error?.description).toContain("switch off 'Include Attachments' and 'Quote Original'");
		expect(sandbox.requestsTo(CREATE)).toEqual([]);
	});

	it('with an answer that is cut off three times: an error, and nothing is written', async () => {
		sandbox.fail({ api: FILE, on: () => true, with: { kind: 'truncated', how: 'length' } });
		const ran = await forward(
			receive({ attachments: [file('big.dat', 'x'.repeat(300_000))] }),
			{},
			continues,
		);
		expect(ran.jsons[0]!.error).toBe("The attachment 'big.dat' could not be downloaded: run it again later");
		expect(sandbox.requestsTo(CREATE)).toEqual([]);
	});

	it('because its link has expired meanwhile: by a new one', async () => {
		onRequest(FILE, 1, () => sandbox.clock.advance(3 * 3_600_000));
		await forward(receive({ attachments: [file('a.txt'), file('b.txt')] }));
		expect(sentFiles().map(([, , content]) => content)).toEqual(['Content of a.txt', 'Content of b.txt']);
	});
});

it('of a kind that Feishu does not take: an error in words', async () => {
	const ran = await forward(receive({ attachments: [file('setup.exe')] }));
	expect(ran.error?.message).toMatch(/^Feishu does not take files of this kind/);
	expect(sandbox.sentMails).toEqual([]);
});

it('a plain mail in plain text has a title', async () => {
	await forward(
		receive({ body_html: undefined, subject: '报价' }),
		{ emailType: 'text', message: '请看' },
		{ timezone: 'Asia/Shanghai' },
	);
	expect(onlySent().mail.subject).toBe('转发：报价');
	expect(onlySent().mail.body_plain_text?.trimEnd()).toBe(
		[
			'请看\n',
			'--------- 转发消息 ---------',
			'发件人："Bob Builder" <bob@example.org>',
			'时间：2026年11月24日 (周二) 09:02',
			'主题：报价',
			'收件人：<user@example.com>',
			'',
			'Shall we?',
		].join('\n'),
	);
});

describe('before any request', () => {
	it.each([
		['nobody to send it to', { to: ' ' }, "'To' is empty"],
		['what is no address', { to: 'Eve' }, "'To': 'Eve' is not an email address"],
		[
			'an image that the message does not show',
			{ additionalFields: { inlineImages: '={{ $json.logo }}' } },
			"'Inline Images': the message does not show the image 'logo'",
		],
		[
			'an image of the mail in the message',
			{ message: '<img src="cid:theirs">' },
			"'Message' shows an image 'theirs' that 'Inline Images' does not hold",
		],
	])('%s is refused', async (_, parameters, message) => {
		const mail = receive({ body_html: '<img src="cid:theirs">', attachments: [image('theirs')] });
		const ran = await forward(mail, parameters, { items: [{ logo: binary('logo', png('x')) }] });
		expect(ran.error?.message).toBe(message);
		expect(sandbox.requests).toEqual([]);
	});
});

it('Save as Draft: with the files, and without recipients, too', async () => {
	const mail = receive({ attachments: [file('a.pdf')] });
	const ran = await forward(mail, { to: '={{ "" }}', options: { saveAsDraft: true } });
	expect(ran.jsons[0]).toMatchObject({ outcome: 'savedAsDraft', draft_id: drafts()[0]!.message_id });
	expect(drafts()[0]).toMatchObject({
		thread_id: mail.thread_id,
		attachments: [{ filename: 'a.pdf' }],
		to: [],
	});
	expect(sandbox.sentMails).toEqual([]);
});

it('Send At: it leaves at its time, with the files', async () => {
	const sendAt = new Date(sandbox.clock.now() + 3_600_000).toISOString();
	const ran = await forward(receive({ attachments: [file('a.pdf')] }), { additionalFields: { sendAt } });
	expect(ran.jsons[0]).toMatchObject({ outcome: 'scheduled' });
	sandbox.clock.advance(3_700_000);
	expect(sentFiles()).toEqual([['a.pdf', undefined, 'Content of a.pdf']]);
});

it('leaves once where answers are lost', async () => {
	sandbox.fail({ api: CREATE, with: { kind: 'reset', when: 'after' } });
	sandbox.fail({ api: SEND, with: { kind: 'reset', when: 'after' } });
	const ran = await forward(receive({ attachments: [file('a.pdf')] }));
	expect(ran.jsons[0]).toMatchObject({ outcome: 'alreadySent', message_id: onlySent().message_id });
	expect(drafts()).toEqual([]);
});

describe('permissions', () => {
	it.each([
		['subject:read', {}, true],
		['address:read', {}, true],
		['address:read', { quoteOriginal: false }, false],
		['body:read', {}, true],
		['body:read', { quoteOriginal: false }, true],
		['body:read', { quoteOriginal: false, includeAttachments: false }, false],
		['subject:read', { quoteOriginal: false, includeAttachments: false }, true],
	])('without %s and with %j: needed: %s', async (scope, options, isNeeded) => {
		const ran = await forward(receive(), { options }, { credential: await userWithout(scope) });
		if (isNeeded) {
			expect(ran.error?.message).toContain(`the permission mail:user_mailbox.message.${scope} is missing`);
			expect(sandbox.requestsTo(CREATE)).toEqual([]);
		} else {
			expect(ran.error?.message).toBeUndefined();
			expect(onlySent().mail.subject).toBe('Fwd: Plan');
		}
	});
});
