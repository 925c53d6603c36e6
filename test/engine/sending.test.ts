import type { IBinaryData, IBinaryKeyData, IDataObject, INodeParameters } from 'n8n-workflow';

import type { ApiName, Fault, ParsedMail, SentMail } from '../sandbox';
import { keepFilesIn, readsOfFiles, storedFile, type Run, type RunOptions } from './engine';
import { connected, continues, locate, onRequest, run as runNode, sandbox, time } from './stage';

const SEND = 'mail.message.send';
const CREATE = 'mail.draft.create';
const SEND_DRAFT = 'mail.draft.send';

const HOUR = 3_600_000;

const BOB = { mail_address: 'bob@example.org' };

/** Runs an operation as the user who owns the mailbox. */
const run = async (
	resource: string,
	operation: string,
	parameters: INodeParameters,
	options: Partial<RunOptions> = {},
): Promise<Run> =>
	await runNode(
		resource,
		operation,
		{ userMailboxId: 'me', ...parameters },
		{ credential: await connected(), ...options },
	);

const letter = { to: 'bob@example.org', subject: 'Plan', message: '<p>Hello</p>' };

const send = async (parameters: INodeParameters = {}, options: Partial<RunOptions> = {}) =>
	await run('message', 'send', { ...letter, ...parameters }, options);

const draft = async (parameters: INodeParameters = {}, options: Partial<RunOptions> = {}) =>
	await run('draft', 'create', { ...letter, ...parameters }, options);

const sendDraft = async (id: string, parameters: INodeParameters = {}, options: Partial<RunOptions> = {}) =>
	await run('draft', 'send', { draftId: locate('id', id), ...parameters }, options);

/** What Feishu has got, taken apart by mailparser: the mails that left, and those that are drafts or wait. */
const mails = (): ParsedMail[] => [
	...sandbox.sentMails.map(({ mail }) => mail),
	...sandbox.mailbox.messages.flatMap(({ source }) => source?.mail ?? []),
];

const inFolder = (folder: string) => sandbox.mailbox.messages.filter(({ folder_id }) => folder_id === folder);

const requestsTo = (...apis: ApiName[]) => apis.map((api) => sandbox.requestsTo(api).length);

const description = ({ error }: Run) => (error as { description?: string } | undefined)?.description ?? '';

const PNG = Buffer.from('\x89PNG\r\n\x1a\nimage', 'latin1');

const file = (fileName: string, content: string | Buffer = `Content of ${fileName}`): IBinaryData => ({
	fileName,
	mimeType: 'application/octet-stream',
	data: Buffer.from(content).toString('base64'),
});

const retries = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };

beforeAll(async () => await keepFilesIn('memory'));

describe.each([
	['message send', send],
	['draft create', draft],
] as const)('%s: the mail that Feishu gets', (_, write) => {
	/** The mail that comes of the fields. */
	const written = async (parameters: INodeParameters, options: Partial<RunOptions> = {}) => {
		const { error } = await write(parameters, options);
		expect(error?.message).toBeUndefined();
		const [mail, another] = mails();
		expect(another).toBeUndefined();
		return mail!;
	};

	it('has subject, text and date, and comes from the own mailbox', async () => {
		const mail = await written({ subject: '报价 "Zoë" 😀', message: '<p>您好<br>Zoë</p>' });
		expect(mail).toMatchObject({
			subject: '报价 "Zoë" 😀',
			head_from: { mail_address: 'user@example.com' },
			to: [BOB],
			cc: [],
			bcc: [],
			body_html: '<p>您好<br>Zoë</p>',
			body_plain_text: undefined,
			attachments: [],
			reply_to: undefined,
			priority: undefined,
			receipt_to: undefined,
		});
		expect(mail.smtp_message_id).toMatch(/^[0-9a-f]{40}@n8n-nodes-feishu-mail$/);
	});

	it('of an expression that gives nothing: none', async () => {
		const { error } = await write({ message: '={{ $json.missing }}' });
		expect(error?.message).toContain("'Message' has no value");
		expect(mails()).toEqual([]);
	});

	it('of an empty text is empty', async () => {
		expect((await written({ message: '={{ "" }}' })).body_html?.trim() || undefined).toBeUndefined();
	});

	it('of text is text', async () => {
		const mail = await written({ emailType: 'text', message: 'a < b\n\n您好' });
		expect(mail.body_html).toBeUndefined();
		expect(mail.body_plain_text?.trimEnd()).toBe('a < b\n\n您好');
	});

	it.each<[string, unknown, object[]]>([
		['a text', 'bob@example.org', [BOB]],
		[
			'a text with names and commas',
			'"Doe, Jane" <jane@example.org>, 陈 <chen@example.org>; bob@example.org',
			[
				{ mail_address: 'jane@example.org', name: 'Doe, Jane' },
				{ mail_address: 'chen@example.org', name: '陈' },
				BOB,
			],
		],
		[
			'a list',
			['bob@example.org', 'Eve <eve@example.org>'],
			[BOB, { mail_address: 'eve@example.org', name: 'Eve' }],
		],
		['an object', { mail_address: 'bob@example.org', name: 'Bob' }, [{ ...BOB, name: 'Bob' }]],
		[
			'a list of objects',
			[{ mail_address: 'jane@example.org', name: 'Doe, Jane' }, { mail_address: 'bob@example.org' }],
			[{ mail_address: 'jane@example.org', name: 'Doe, Jane' }, BOB],
		],
	])('has recipients from %s', async (_, whom, expected) => {
		const items = [{ whom }] as IDataObject[];
		const to = '={{ $json.whom }}';
		expect((await written({ to }, { items })).to).toEqual(expected);
	});

	it('has each recipient once, and tells no more of BCC than Feishu needs', async () => {
		const mail = await written({
			to: 'bob@example.org, BOB@example.org',
			additionalFields: {
				cc: 'eve@example.org, bob@example.org',
				bcc: 'joe@example.org, eve@EXAMPLE.org',
			},
		});
		expect([mail.to, mail.cc, mail.bcc].map((list) => list.map(({ mail_address }) => mail_address))).toEqual([
			['bob@example.org'],
			['eve@example.org'],
			['joe@example.org'],
		]);
	});

	it('has where answers go, importance and the wish for a receipt', async () => {
		const mail = await written({
			additionalFields: {
				replyTo: '"Help, Desk" <help@example.com>',
				importance: 'high',
				readReceipt: true,
			},
		});
		expect(mail).toMatchObject({ priority: '1' });
		expect(mail.reply_to).toContain('help@example.com');
		expect(mail.receipt_to).toContain('user@example.com');
	});

	it.each([
		['low', '5'],
		['normal', undefined],
	])('of importance %s is marked %s', async (importance, priority) => {
		expect((await written({ additionalFields: { importance } })).priority).toBe(priority);
	});

	it.each([
		['sales@example.com', 'Sales, 北京', 'Sales, 北京'],
		['Sales Team <sales@example.com>', '', 'Sales Team'],
		['Sales Team <sales@example.com>', 'Support', 'Support'],
		['sales@example.com', '', 'Sandbox User'],
	])('from %s with the name %j comes from there as %s', async (from, senderName, name) => {
		sandbox.mailbox.aliases.push('sales@example.com');
		const mail = await written({ additionalFields: { from, senderName } });
		expect(mail.head_from).toEqual({ mail_address: 'sales@example.com', name });
	});

	it('comes from the address that Feishu takes where none is chosen, if it tells of one', async () => {
		sandbox.mailbox.aliases.push('sales@example.com');
		const sendable_addresses = [
			{ email_address: 'user@example.com' },
			{ email_address: 'sales@example.com', is_default: true },
		];
		sandbox.fail({ api: 'mail.mailbox.sendAs', with: { code: 0, data: { sendable_addresses } } });
		expect((await written({})).head_from?.mail_address).toBe('sales@example.com');
	});

	it('of a public mailbox comes from its address', async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		team.members.add(sandbox.user);
		await write({ userMailboxId: 'Team@example.com' });
		const mail = sandbox.sentMails[0]?.mail ?? team.messages[0]?.source?.mail;
		expect(mail?.head_from?.mail_address.toLowerCase()).toBe('team@example.com');
		expect(sandbox.requestsTo('mail.mailbox.profile')).toEqual([]);
	});

	it('lets no value add a header', async () => {
		const mail = await written({
			subject: 'Plan\r\nBcc: evil@example.org',
			additionalFields: { senderName: 'A\nB' },
		});
		expect(mail).toMatchObject({
			subject: 'Plan Bcc: evil@example.org',
			bcc: [],
			head_from: { name: 'A B' },
		});
	});

	const names = ({ attachments }: ParsedMail) =>
		attachments.map(({ filename, content, is_inline, cid }) => [
			filename,
			content.toString('latin1'),
			is_inline,
			cid,
		]);

	const image = PNG.toString('latin1');

	it.each<[string, unknown, string[]]>([
		['a name', 'data', ['a.pdf']],
		['names with commas', ' data , other,', ['a.pdf', '报价.xlsx']],
		['a list of names', '={{ ["data", "other"] }}', ['a.pdf', '报价.xlsx']],
		['one of them by expression', '={{ $binary.other }}', ['报价.xlsx']],
		['all of them by expression', '={{ $binary }}', ['a.pdf', '报价.xlsx']],
		['a list by expression', '={{ [$binary.other, $binary.data] }}', ['报价.xlsx', 'a.pdf']],
		['an empty text', '', []],
	])('has the files of %s', async (_, attachments, expected) => {
		const files = [{ data: file('a.pdf'), other: file('报价.xlsx', 'x\r\n\xff') }];
		const mail = await written({ additionalFields: { attachments } as INodeParameters }, { files });
		expect(mail.attachments.map(({ filename }) => filename)).toEqual(expected);
		const other = mail.attachments.find(({ filename }) => filename === '报价.xlsx');
		if (other) expect(other.content).toEqual(Buffer.from('x\r\n\xff'));
	});

	it('shows images, and has files beside them', async () => {
		const files = [{ logo: file('logo.png', PNG), data: file('a.txt') }];
		const mail = await written(
			{
				message: '<p><img src="cid:logo"></p>',
				additionalFields: { inlineImages: 'logo', attachments: 'data' },
			},
			{ files },
		);
		expect(names(mail)).toEqual([
			['logo.png', image, true, 'logo'],
			['a.txt', 'Content of a.txt', false, undefined],
		]);
		expect(mail.body_html).toContain('cid:logo');
	});

	it.each([
		['memory', 'attachment_0'],
		['memory', '={{ $binary.attachment_0 }}'],
		['filesystem', 'attachment_0'],
		['filesystem', '={{ $binary.attachment_0 }}'],
		['filesystem', '={{ $binary }}'],
	] as const)('has files that n8n keeps in the %s, by %s', async (place, attachments) => {
		await keepFilesIn(place);
		try {
			const content = Buffer.alloc(300_000, 'Feishu\r\n');
			const stored = sandbox.mailbox.receive({ attachments: [{ filename: 'big.dat', content }] });
			const { outputs } = await run('attachment', 'download', { messageId: stored.message_id });
			const files = outputs.map(([item]) => item!.binary) as IBinaryKeyData[];
			expect(files[0]!.attachment_0!.data.startsWith('filesystem')).toBe(place === 'filesystem');
			const mail = await written({ additionalFields: { attachments } }, { files });
			expect(mail.attachments).toMatchObject([{ filename: 'big.dat' }]);
			expect(mail.attachments[0]!.content.equals(content)).toBe(true);
		} finally {
			await keepFilesIn('memory');
		}
	});

	it.each(['', '\u200b\u202e', 5])(
		'calls a file with the name %j as its field is called',
		async (fileName) => {
			const nameless = { ...file('', 'Hi'), fileName, fileExtension: 'txt' } as unknown as IBinaryData;
			const mail = await written(
				{ additionalFields: { attachments: 'data' } },
				{ files: [{ data: nameless }] },
			);
			expect(mail.attachments).toMatchObject([{ filename: 'data.txt' }]);
		},
	);

	it('of two files that an expression cannot tell apart, asks for the name', async () => {
		const files = [{ one: file('a.txt', 'One'), other: file('a.txt', 'Other') }];
		const { error } = await write({ additionalFields: { attachments: '={{ $binary.other }}' } }, { files });
		expect(error?.message).toContain("'one' and 'other' look the same to an expression");
		const mail = await written({ additionalFields: { attachments: '={{ $binary }}' } }, { files });
		expect(mail.attachments.map(({ content }) => content.toString())).toEqual(['One', 'Other']);
	});

	it('shows an image by expression under the name of its field', async () => {
		const files = [{ logo: file('company.png', PNG), other: file('other.png', PNG) }];
		const message = '<img src="cid:logo">';
		const mail = await written(
			{ message, additionalFields: { inlineImages: '={{ $binary.logo }}' } },
			{ files },
		);
		expect(mail.attachments).toMatchObject([{ filename: 'company.png', cid: 'logo' }]);
	});

	it('has a file that the json of an item holds', async () => {
		const items = [{ file: { ...file('a.txt') } }] as unknown as IDataObject[];
		const mail = await written({ additionalFields: { attachments: '={{ $json.file }}' } }, { items });
		expect(mail.attachments).toMatchObject([{ filename: 'a.txt' }]);
	});

	it('shows an image that an expression gives under a name of its own', async () => {
		const items = [{ file: { ...file('a.png', PNG) } }] as unknown as IDataObject[];
		const additionalFields = { inlineImages: '={{ ({ seal: $json.file }) }}' };
		const mail = await written({ message: '<img src="cid:seal">', additionalFields }, { items });
		expect(mail.attachments).toMatchObject([{ filename: 'a.png', cid: 'seal' }]);
	});

	it('has a file without a name by that of its field', async () => {
		const files = [{ data: { ...file(''), fileName: undefined, fileExtension: 'pdf' } }];
		const mail = await written({ additionalFields: { attachments: 'data' } }, { files });
		expect(mail.attachments).toMatchObject([{ filename: 'data.pdf' }]);
	});

	it('each item has its own fields and files, and the own addresses are read once', async () => {
		const items = [0, 1, 2].map((number) => ({ number }));
		const files = items.map(({ number }) => ({ data: file(`${number}.txt`) }));
		const { jsons, outputs } = await write(
			{ subject: '=No. {{ $json.number }}', additionalFields: { attachments: 'data' } },
			{ items, files },
		);
		expect(jsons.map(({ subject }) => subject)).toEqual(['No. 0', 'No. 1', 'No. 2']);
		expect(outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
		expect(mails().map(({ subject, attachments }) => [subject, attachments[0]!.filename])).toEqual(
			[0, 1, 2].map((number) => [`No. ${number}`, `${number}.txt`]),
		);
		expect(requestsTo('mail.mailbox.profile', 'mail.mailbox.sendAs')).toEqual([0, 1]);
	});

	const tooMany = Array.from({ length: 501 }, (_, index) => `a${index}@example.org`).join();

	it.each<[string, INodeParameters, string]>([
		['an address that is none', { to: 'bob' }, "'To': 'bob' is not an email address"],
		['a CC that is none', { additionalFields: { cc: 'a@b.example c@d.example' } }, "'CC'"],
		['a Reply To that is none', { additionalFields: { replyTo: '<bob' } }, "'Reply To'"],
		[
			'two senders',
			{ additionalFields: { from: 'a@example.com, b@example.com' } },
			'has more than one address',
		],
		[
			'an importance that is none',
			{ additionalFields: { importance: 'urgent' } },
			"'Importance' must be one of",
		],
		['an email type that is none', { emailType: 'rtf' }, "'Email Type' must be one of"],
		[
			'a binary field that is not there',
			{ additionalFields: { attachments: 'data, missing' } },
			"'Attachments': the item has no binary field 'missing'",
		],
		[
			'a subject of which an expression gives nothing',
			{ subject: '={{ $json.nothing }}' },
			"'Subject' has no value",
		],
		[
			'a sender of which an expression gives nothing',
			{ additionalFields: { from: '={{ $json.nothing }}' } },
			"'From Name or ID' has no value",
		],
		[
			'an address for answers of which an expression gives nothing',
			{ additionalFields: { replyTo: '={{ $json.nothing }}' } },
			"'Reply To' has no value",
		],
		[
			'files of which an expression gives nothing',
			{ additionalFields: { attachments: '={{ $json.nothing }}' } },
			"'Attachments' has no value",
		],
		[
			'images of which an expression gives nothing',
			{ additionalFields: { inlineImages: '={{ $json.nothing }}' } },
			"'Inline Images' has no value",
		],
		[
			'a file that is none',
			{ additionalFields: { attachments: '={{ 5 }}' } },
			"'Attachments' is neither the name of a binary field nor binary data",
		],
		[
			'a file without its bytes',
			{ additionalFields: { attachments: '={{ ({ mimeType: "text/plain", fileName: "b.txt" }) }}' } },
			'gives a file that this item does not have',
		],
		[
			'an image that the message does not show',
			{ additionalFields: { inlineImages: 'data' } },
			"the message does not show the image 'data'",
		],
		[
			'an image whose name has a blank',
			{ message: '<img src="cid:my logo">', additionalFields: { inlineImages: 'my logo' } },
			"'my logo' cannot be the name of an image in a mail",
		],
		[
			'an image that is not given',
			{ message: '<img src="cid:logo">' },
			"'Message' shows an image 'logo' that 'Inline Images' does not hold",
		],
	])('%s is refused before any request', async (_, parameters, message) => {
		const files = [{ data: file('a.txt'), 'my logo': file('logo.png', PNG) }];
		const { error } = await write(parameters, { files });
		expect(error?.message).toContain(message);
		expect(sandbox.requests).toEqual([]);
	});

	it.each<[string, INodeParameters, IBinaryKeyData, string]>([
		['an empty file', { attachments: 'data' }, { data: file('a.txt', '') }, "the file 'data' is empty"],
		[
			'an image that is none',
			{ inlineImages: 'data' },
			{ data: file('logo.svg', '<svg/>') },
			"'data' (logo.svg) is no image that Feishu shows in a mail",
		],
		[
			'501 files',
			{ attachments: '={{ $binary }}' },
			Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`f${index}`, file(`${index}.txt`)])),
			'The mail has 501 files; Feishu takes at most 500',
		],
		[
			'files that are too large',
			{ attachments: 'small, large, last' },
			{
				small: file('small.bin', Buffer.alloc(1_000_000)),
				large: file('large.bin', Buffer.alloc(19_000_000)),
				last: file('last.bin', Buffer.alloc(1000)),
			},
			'large; Feishu takes at most 25.0 MB',
		],
	])('%s: nothing is written', async (_, additionalFields, files, message) => {
		const html = 'inlineImages' in additionalFields ? '<img src="cid:data">' : 'Hello';
		const failed = await write({ message: html, additionalFields }, { files: [files] });
		expect(failed.error?.message).toContain(message);
		if (message.includes('25.0'))
			expect(description(failed)).toContain('There is no room for: large.bin (18.1 MB).');
		expect(requestsTo(SEND, CREATE)).toEqual([0, 0]);
	});

	it('is for users only: an app is refused before any request', async () => {
		const credential = undefined;
		const { error } = await write({ userMailboxId: 'user@example.com' }, { credential });
		expect(error?.message).toContain('Feishu offers this operation to users only');
		expect(sandbox.requests).toEqual([]);
	});

	it('of more than 500 people is not for Feishu', async () => {
		const { error } = await write({ to: tooMany });
		expect(error?.message).toContain(write === send ? 'The mail has 501 recipients' : 'too many recipients');
	});
});

describe('message send', () => {
	it('gives what went out, with the ids by which it is found', async () => {
		const { jsons } = await send({
			additionalFields: { cc: 'Eve <eve@example.org>', bcc: 'joe@example.org' },
		});
		const [sent] = sandbox.sentMails;
		expect(jsons).toEqual([
			{
				outcome: 'sent',
				message_id: sent!.message_id,
				thread_id: sent!.message.thread_id,
				smtp_message_id: sent!.mail.smtp_message_id,
				from: { mail_address: 'user@example.com', name: expect.any(String) },
				to: [BOB],
				cc: [{ mail_address: 'eve@example.org', name: 'Eve' }],
				bcc: [{ mail_address: 'joe@example.org' }],
				subject: 'Plan',
			},
		]);
		expect(requestsTo(SEND, CREATE)).toEqual([1, 0]);
	});

	it('needs somebody to send it to', async () => {
		const { error } = await send({ to: '={{ [] }}' });
		expect(error?.message).toBe("'To' is empty");
		expect(sandbox.requests).toEqual([]);
	});

	it('goes to 500 people, BCC alone', async () => {
		const to = Array.from({ length: 499 }, (_, index) => `a${index}@example.org`).join();
		const { jsons } = await send({ to, additionalFields: { bcc: 'bob@example.org' } });
		expect(jsons).toMatchObject([{ outcome: 'sent' }]);
		expect(sandbox.sentMails[0]!.recipients).toHaveLength(500);
	});

	it('without the permission to look senders up, mails leave all the same', async () => {
		sandbox.fail({ api: 'mail.mailbox.sendAs', with: { code: 1230004, status: 403 } });
		const { jsons } = await send();
		expect(jsons).toMatchObject([{ outcome: 'sent', from: { mail_address: 'user@example.com' } }]);
	});

	it('while Feishu fails to tell the senders, no mail leaves', async () => {
		sandbox.fail({ api: 'mail.mailbox.sendAs', on: () => true, with: { kind: 'html' } });
		expect((await send()).error?.message).toContain("did not come from Feishu's API");
		expect(requestsTo(SEND)).toEqual([0]);
	});

	it('from two mailboxes in one run, each has what is known of its own sender', async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		team.members.add(sandbox.user);
		const items = ['team@example.com', 'me'].map((mailbox) => ({ mailbox }));
		const { jsons } = await send({ userMailboxId: '={{ $json.mailbox }}' }, { items });
		expect(jsons.map(({ from }) => from)).toEqual([
			{ mail_address: 'team@example.com' },
			{ mail_address: 'user@example.com', name: 'Sandbox User' },
		]);
	});
});

describe('draft create', () => {
	it('gives the id of the draft and a link to it', async () => {
		const { jsons } = await draft({ to: '' });
		const [made] = inFolder('DRAFT');
		expect(jsons).toEqual([
			{
				outcome: 'savedAsDraft',
				draft_id: made!.message_id,
				reference: expect.stringContaining('https://'),
				smtp_message_id: made!.smtp_message_id,
				from: expect.objectContaining({ mail_address: 'user@example.com' }),
				subject: 'Plan',
			},
		]);
		expect(sandbox.sentMails).toEqual([]);
	});

	it.each(['draft', 'draft_id', 'id'] as const)(
		'finds the id where an answer has it as %s',
		async (place) => {
			sandbox.mailChoices.draftIdIn = place;
			sandbox.mailChoices.draftReference = false;
			const { jsons } = await draft();
			expect(jsons).toMatchObject([{ draft_id: inFolder('DRAFT')[0]!.message_id }]);
			expect(jsons[0]).not.toHaveProperty('reference');
		},
	);

	it('a success without an id is none', async () => {
		sandbox.fail({ api: CREATE, with: { code: 0, data: {} } });
		const failed = await draft();
		expect(failed.error?.message).toContain('its answer holds no ID of the draft');
		expect(description(failed)).toMatch(/Nothing was sent. The Message-ID of the mail is <.+>/);
	});

	it.each([null, {}, { draft: null }, { draft: 'made' }, { draft: ['made'] }, { id: { id: 'made' } }])(
		'a draft whose id is not in the answer is found by its Message-ID: %j',
		async (data) => {
			sandbox.fail({ api: CREATE, with: { code: 0, data, after: true } });
			const { jsons } = await send({ additionalFields: { sendAt: '={{ $now.plus({ hours: 1 }) }}' } });
			expect(jsons).toMatchObject([{ outcome: 'scheduled' }]);
			expect(inFolder('SCHEDULED')).toHaveLength(1);
		},
	);

	it('an id may be a number', async () => {
		sandbox.fail({ api: CREATE, with: { code: 0, data: { draft: { id: 4711 } } } });
		expect((await draft()).jsons).toMatchObject([{ draft_id: '4711' }]);
	});

	it('a draft that is gone before it is sent: an error that names the mail', async () => {
		sandbox.fail({ api: SEND_DRAFT, with: { code: 1234050, status: 404 } });
		const failed = await send({ additionalFields: { sendAt: '={{ $now.plus({ hours: 1 }) }}' } });
		expect(description(failed)).toMatch(/had made the draft .+look in 'Sent' and 'Drafts'.+<.+>/);
		expect(description(failed)).not.toContain('is among the drafts');
	});
});

describe('draft send', () => {
	it('sends it as it is, and gives what went out', async () => {
		const { jsons: made } = await draft({ additionalFields: { bcc: 'eve@example.org' } });
		const { jsons } = await sendDraft(made[0]!.draft_id as string);
		const [sent] = sandbox.sentMails;
		expect(jsons).toEqual([
			{
				outcome: 'sent',
				message_id: sent!.message_id,
				thread_id: sent!.message.thread_id,
				recall_status: 'available',
				smtp_message_id: made[0]!.smtp_message_id,
				from: made[0]!.from,
				to: [BOB],
				bcc: [{ mail_address: 'eve@example.org' }],
				subject: 'Plan',
				draft_id: made[0]!.draft_id,
			},
		]);
	});

	it('one that is not there is named, however often it is tried', async () => {
		for (const options of [{}, { settings: retries }]) {
			const { error } = await sendDraft('nowhere', {}, options);
			expect(error?.message).toContain('The mailbox has no such draft');
		}
		expect(requestsTo(SEND_DRAFT)).toEqual([0]);
	});

	it('one that goes between the look at it and the sending is not said to be sent', async () => {
		const { jsons: made } = await draft();
		sandbox.fail({ api: SEND_DRAFT, with: { code: 1234050, status: 404 } });
		const { error } = await sendDraft(made[0]!.draft_id as string);
		expect(error?.message).toContain('The mailbox has no such draft');
	});

	it('one without recipients is refused in words', async () => {
		const { jsons } = await draft({ to: '' });
		const { error } = await sendDraft(jsons[0]!.draft_id as string);
		expect(error?.message).toContain('recipient');
	});
});

describe('Send At', () => {
	const at = () => Date.now() + HOUR;

	/** A moment on the clock of a zone, as n8n's date picker gives it. */
	const local = (moment: number, hoursAhead: number) =>
		new Date(moment + hoursAhead * HOUR).toISOString().slice(0, 19);

	const seconds = (moment: number) => Math.floor(moment / 1000);

	it.each<[string, (moment: number) => unknown, Partial<RunOptions>]>([
		['ISO 8601', (moment) => new Date(moment).toISOString(), {}],
		[
			'the date picker, in the zone of the workflow',
			(moment) => local(moment, 8),
			{ timezone: 'Asia/Shanghai' },
		],
		['seconds', (moment) => Math.ceil(moment / 1000), {}],
		['luxon', (moment) => `={{ DateTime.fromMillis(${moment}) }}`, {}],
		['a Date', (moment) => `={{ new Date(${moment}) }}`, {}],
	])('from %s', async (_, textOf, options) => {
		const moment = at();
		const sendAt = textOf(moment) as string;
		const { jsons, error } = await send({ additionalFields: { sendAt } }, options);
		expect(error?.message).toBeUndefined();
		const [waiting] = inFolder('SCHEDULED');
		expect(jsons).toMatchObject([
			{
				outcome: 'scheduled',
				draft_id: waiting!.scheduled!.draft_id,
				message_id: waiting!.message_id,
				send_time: expect.stringMatching(/^\d{10}$/),
				to: [BOB],
			},
		]);
		expect(Math.abs(seconds(waiting!.scheduled!.send_time) - seconds(moment))).toBeLessThanOrEqual(1);
		expect(requestsTo(SEND, CREATE, SEND_DRAFT)).toEqual([0, 1, 1]);
		sandbox.clock.advance(2 * HOUR);
		expect(sandbox.sentMails).toHaveLength(1);
	});

	it('of drafts as well', async () => {
		const { jsons: made } = await draft();
		const sendAt = new Date(at()).toISOString();
		const { jsons } = await sendDraft(made[0]!.draft_id as string, { additionalFields: { sendAt } });
		expect(jsons).toMatchObject([{ outcome: 'scheduled', draft_id: made[0]!.draft_id, subject: 'Plan' }]);
		expect(inFolder('SCHEDULED')).toHaveLength(1);
	});

	it.each([
		['too near', () => new Date(Date.now() + 299_000).toISOString(), 'at least five minutes ahead'],
		['gone', () => '2026-01-01T00:00:00Z', 'at least five minutes ahead'],
		['no date', () => 'tomorrow', "'Send At' must be a date"],
	])('%s is refused before any request', async (_, sendAt, message) => {
		for (const write of [send, async (fields: INodeParameters) => await sendDraft('any', fields)]) {
			const { error } = await write({ additionalFields: { sendAt: sendAt() } });
			expect(error?.message).toContain(message);
		}
		expect(sandbox.requests).toEqual([]);
	});

	it('one that has come too near on the way leaves no draft behind', async () => {
		onRequest(CREATE, 1, () => sandbox.clock.advance(HOUR));
		const sendAt = new Date(Date.now() + 400_000).toISOString();
		const { error } = await send({ additionalFields: { sendAt } });
		expect(error?.message).toContain("'Send At' is not too near");
		expect([inFolder('DRAFT'), inFolder('SCHEDULED'), sandbox.sentMails]).toEqual([[], [], []]);
	});

	it('where Feishu gives no id of the mail, that of the draft is there', async () => {
		sandbox.mailChoices.scheduledMessageId = false;
		const { jsons } = await send({ additionalFields: { sendAt: new Date(at()).toISOString() } });
		expect(jsons[0]).toMatchObject({ outcome: 'scheduled', draft_id: expect.any(String) });
		expect(jsons[0]).not.toHaveProperty('message_id');
	});
});

describe('what Feishu refuses is told in words', () => {
	const sendChosen = async () => await sendDraft((await draft()).jsons[0]!.draft_id as string);

	const ways = {
		'message send': [SEND, send],
		'draft create': [CREATE, draft],
		'draft send': [SEND_DRAFT, sendChosen],
	} as const;

	const always: Array<[number, number, string]> = [
		[1234008, 400, 'Feishu does not'],
		[1234013, 404, "check 'Mailbox'"],
		[1234017, 403, 'mail:user_mailbox.message:'],
		[1236003, 400, 'too many recipients'],
		[1236004, 400, 'too many files'],
	];
	const asMail: Array<[number, number, string]> = [
		[1236001, 400, 'too large'],
		[1236002, 400, 'please report this with the log id'],
		[1236020, 400, 'archive'],
		[1236021, 400, 'JPEG, PNG, GIF and WebP'],
	];
	const whenSent: Array<[number, number, string]> = [
		[1236007, 429, 'tomorrow'],
		[1236008, 429, 'outside of the organisation'],
		[1236009, 429, 'The organisation has written'],
		[1236010, 429, 'Feishu limits how much this mailbox may send'],
		[1236012, 429, 'a limit of Feishu for senders'],
		[1236013, 429, 'storage'],
		[1236014, 400, 'risky'],
		[1236017, 400, "under 'From'"],
		[1236018, 400, "check the addresses in 'To', 'CC' and 'BCC'"],
	];

	const rows = [
		...[...always, ...asMail, ...whenSent].map((row) => ['message send', ...row] as const),
		...[...always, ...asMail].map((row) => ['draft create', ...row] as const),
		...[...always, ...whenSent].map((row) => ['draft send', ...row] as const),
	];

	it.each(rows)('%s: %i', async (way, code, status, words) => {
		const [api, write] = ways[way];
		sandbox.fail({ api, with: { code, status } });
		const failed = await write();
		expect(failed.error?.message).toContain(words);
		expect(failed.error?.context).toMatchObject({ details: { code, httpCode: status } });
		// It was sent once, and not again.
		expect(requestsTo(api)).toEqual([1]);
	});

	it('1236019 of a mail that is sent leaves open what came of it, and says which mail to look for', async () => {
		sandbox.fail({ api: SEND, on: () => true, with: { code: 1236019, status: 500 } });
		const failed = await send();
		expect(failed.error?.message).toContain("check in 'Sent' whether the mail went out");
		expect(description(failed)).toMatch(/The Message-ID of the mail is <[0-9a-f]{40}@n8n-nodes-feishu-mail>/);
		expect(requestsTo(SEND)).toEqual([3]);
	});

	it('1236006 for longer than Max Wait: something else works on the mailbox', async () => {
		sandbox.fail({ api: SEND, on: () => true, with: { code: 1236006, status: 429 } });
		const { error } = await send({ options: { maxWait: 60 } });
		expect(error?.message).toContain(
			"Something else works on the mailbox for longer than 'Max Wait (Seconds)'",
		);
		expect(sandbox.sentMails).toHaveLength(0);
	});

	it('1236006 waits until the mailbox is free', async () => {
		sandbox.fail({ api: SEND, on: [1, 2], with: { code: 1236006, status: 429 } });
		expect((await send()).jsons).toMatchObject([{ outcome: 'sent' }]);
		expect(time.waits.length).toBeGreaterThan(0);
	});

	it('a success without the ID of the mail is none, and says which mail to look for', async () => {
		sandbox.fail({ api: SEND, with: { code: 0, data: {} } });
		const failed = await send();
		expect(failed.error?.message).toContain('its answer holds no ID of the mail');
		expect(description(failed)).toContain('The Message-ID of the mail is <');
	});

	it('an address that the user may not send from', async () => {
		const { error } = await send({ additionalFields: { from: 'boss@example.com' } });
		expect(error?.message).toContain("'Get Senders'");
	});
});

describe('limits of a mailbox', () => {
	/** Mails from two mailboxes, one after the other. */
	const fromTwo = async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		team.members.add(sandbox.user);
		const items = ['me', 'team@example.com', 'me', 'team@example.com'].map((mailbox) => ({ mailbox }));
		return await send({ userMailboxId: '={{ $json.mailbox }}' }, { items, ...continues });
	};

	it.each([1236007, 1236008, 1236009, 1236010, 1236012, 1236013])(
		'%i ends the items of that mailbox, and not those of another',
		async (code) => {
			sandbox.fail({ api: SEND, with: { code, status: 429 } });
			const { jsons } = await fromTwo();
			expect(jsons.map(({ outcome }) => outcome)).toEqual([undefined, 'sent', undefined, 'sent']);
			expect(jsons[2]!.error).toBe(jsons[0]!.error);
			expect(jsons[2]!.details).toEqual(jsons[0]!.details);
			expect(requestsTo(SEND)).toEqual([3]);
		},
	);

	it('that Feishu counts: the first mail of the day leaves, the others are for tomorrow', async () => {
		sandbox.mailbox.sending.dailyMails = 1;
		const { jsons } = await fromTwo();
		expect(jsons.map(({ outcome, error }) => outcome ?? error)).toEqual([
			'sent',
			'sent',
			expect.stringContaining('tomorrow'),
			'sent',
		]);
	});

	it('after a lost answer leaves open what came of that mail, and says nothing of the others', async () => {
		sandbox.fail({ api: SEND, on: 1, with: { kind: 'reset', when: 'before' } });
		sandbox.fail({ api: SEND, on: 2, with: { code: 1236007, status: 429 } });
		const { jsons } = await send({}, { items: [{}, {}], ...continues });
		expect(jsons).toMatchObject([
			{ error: expect.stringContaining('It is unknown whether Feishu carried out the request') },
			{ outcome: 'sent' },
		]);
	});

	it('what is wrong with one mail keeps no other from leaving', async () => {
		sandbox.fail({ api: SEND, with: { code: 1236014, status: 400 } });
		const { jsons } = await fromTwo();
		expect(jsons.map(({ outcome }) => outcome)).toEqual([undefined, 'sent', 'sent', 'sent']);
	});

	describe('where the user has switched off sending by programs', () => {
		const items = [{}, {}];
		const refused = expect.stringContaining(
			'The mail was not sent: the mailbox does not allow sending by programs',
		);

		beforeEach(() => {
			sandbox.mailbox.sending.automationDisabled = { reason: 'user_disabled' };
		});

		it('no draft is sent, and the second one is not tried', async () => {
			const drafts = [await draft({ subject: 'One' }), await draft({ subject: 'Two' })];
			const { jsons } = await sendDraft(
				'={{ $json.id }}',
				{},
				{
					items: drafts.map(({ jsons: [made] }) => ({ id: made!.draft_id! })),
					...continues,
				},
			);
			expect(jsons).toMatchObject([{ error: refused }, { error: refused }]);
			expect((jsons[0]!.details as IDataObject).description).toContain(
				"Feishu's reason: user_disabled. See https://",
			);
			expect(requestsTo(SEND_DRAFT)).toEqual([1]);
		});

		it('what is to be sent later stays a draft, of which the error of another mail tells nothing', async () => {
			const sendAt = new Date(Date.now() + HOUR).toISOString();
			const { jsons } = await send({ additionalFields: { sendAt } }, { items, ...continues });
			expect(jsons).toMatchObject([{ error: refused }, { error: refused }]);
			const [first, second] = jsons.map(({ details }) => (details as IDataObject).description);
			expect(first).toContain(`among the drafts, with the ID ${inFolder('DRAFT')[0]!.message_id}`);
			expect(second).not.toContain('among the drafts');
			expect(requestsTo(CREATE, SEND_DRAFT)).toEqual([1, 1]);
		});

		it('a new mail is not taken for sent, if Feishu says it there as well', async () => {
			const automation_send_disable = { reason: 'user_disabled', reference: 'https://example.com/settings' };
			sandbox.fail({ api: SEND, with: { code: 0, data: { automation_send_disable } } });
			const { jsons } = await send({}, { items, ...continues });
			expect(jsons).toMatchObject([{ error: refused }, { error: refused }]);
			expect(requestsTo(SEND)).toEqual([1]);
		});
	});
});

describe('answers that are lost on the way', () => {
	const lost = (api: ApiName, when: 'before' | 'after', times: number) =>
		sandbox.fail({ api, on: (n) => n <= times, with: { kind: 'reset', when } });

	const later = async () =>
		await send({ additionalFields: { sendAt: new Date(Date.now() + HOUR).toISOString() } });

	const left = () => {
		sandbox.clock.advance(2 * HOUR);
		return sandbox.sentMails;
	};

	describe.each(['before', 'after'] as const)('message send, %s the work', (when) => {
		it.each([1, 2])('%i of them: the mail is sent once', async (times) => {
			lost(SEND, when, times);
			const { jsons } = await send();
			const [sent] = sandbox.sentMails;
			expect(sandbox.sentMails).toHaveLength(1);
			expect(jsons).toMatchObject([
				{
					outcome: when === 'before' ? 'sent' : 'alreadySent',
					message_id: sent!.message_id,
					thread_id: sent!.message.thread_id,
					smtp_message_id: sent!.mail.smtp_message_id,
					to: [BOB],
				},
			]);
		});

		it('all of them: nobody knows, and the Message-ID says what to look for', async () => {
			lost(SEND, when, 3);
			const failed = await send();
			expect(failed.error?.message).toContain('It is unknown whether Feishu carried out the request');
			const [, messageId] = /The Message-ID of the mail is <(.+)>/.exec(description(failed))!;
			expect(sandbox.timesSent(messageId!)).toBe(when === 'before' ? 0 : 1);
			expect(requestsTo(SEND)).toEqual([3]);
		});

		it('a refusal after one does not settle what came of it', async () => {
			lost(SEND, when, 1);
			sandbox.fail({ api: SEND, on: 2, with: { code: 1236014, status: 400 } });
			const failed = await send();
			expect(failed.error?.message).toContain('It is unknown');
		});
	});

	it.each([
		['before', 1],
		['before', 2],
		['after', 1],
		['after', 2],
	] as const)('draft create, %s the work, %i of them: one draft, which is sent once', async (when, times) => {
		lost(CREATE, when, times);
		expect((await later()).jsons).toMatchObject([{ outcome: 'scheduled' }]);
		expect(left()).toHaveLength(1);
		expect(inFolder('DRAFT')).toEqual([]);
	});

	it('of several mails: each is found, those that left after the first look, too', async () => {
		sandbox.fail({ api: SEND, on: [1, 3, 6], with: { kind: 'reset', when: 'after' } });
		const { jsons } = await send({}, { items: [{}, {}, {}, {}] });
		expect(jsons.map(({ outcome }) => outcome)).toEqual([
			'alreadySent',
			'alreadySent',
			'sent',
			'alreadySent',
		]);
		expect(jsons.map(({ message_id }) => message_id)).toEqual(
			sandbox.sentMails.map(({ message_id }) => message_id),
		);
	});

	it.each(['before', 'after'] as const)(
		'draft create, %s the work: a draft of another mail is not taken for it',
		async (when) => {
			lost(CREATE, when, 1);
			const other = { folder_id: 'DRAFT', subject: 'Other', smtp_message_id: 'other@example.com' };
			onRequest('mail.draft.list', 1, () =>
				sandbox.mailbox.receive({ ...other, internal_date: sandbox.clock.now() + 1000 }),
			);
			expect((await later()).jsons).toMatchObject([{ outcome: 'scheduled' }]);
			expect(left().map(({ mail }) => mail.subject)).toEqual(['Plan']);
			expect(inFolder('DRAFT').map(({ subject }) => subject)).toEqual(['Other']);
			expect(requestsTo(CREATE)).toEqual([when === 'before' ? 2 : 1]);
		},
	);

	it('draft create, all of them: nothing was created', async () => {
		lost(CREATE, 'before', 3);
		const { error } = await draft();
		expect(error?.message).toContain('nothing was created');
		expect(inFolder('DRAFT')).toEqual([]);
	});

	it.each([
		['before', 1],
		['before', 2],
		['after', 1],
	] as const)('draft send, %s the work, %i of them: it is sent once', async (when, times) => {
		const { jsons: made } = await draft();
		lost(SEND_DRAFT, when, times);
		const { jsons } = await sendDraft(made[0]!.draft_id as string);
		expect(jsons).toMatchObject([
			{
				outcome: when === 'before' ? 'sent' : 'alreadySent',
				message_id: sandbox.sentMails[0]!.message_id,
				draft_id: made[0]!.draft_id,
				subject: 'Plan',
			},
		]);
		expect(sandbox.sentMails).toHaveLength(1);
	});

	it.each([
		['before', 1],
		['before', 2],
		['after', 1],
	] as const)('what is to be sent later, %s the work, %i of them: it waits once', async (when, times) => {
		lost(SEND_DRAFT, when, times);
		const { jsons } = await later();
		const [waiting] = inFolder('SCHEDULED');
		expect(jsons).toMatchObject([{ outcome: 'scheduled', draft_id: waiting!.scheduled!.draft_id }]);
		expect(left()).toHaveLength(1);
	});

	it('draft send, all of them before the work: the draft was not sent, and is there', async () => {
		lost(SEND_DRAFT, 'before', 3);
		const failed = await later();
		expect(failed.error?.message).toContain('the draft was not sent');
		expect(description(failed)).toContain(
			`The mail is among the drafts, with the ID ${inFolder('DRAFT')[0]!.message_id}`,
		);
		expect(left()).toEqual([]);
	});

	it('draft send, and the look at the draft as well: nobody knows', async () => {
		lost(SEND_DRAFT, 'after', 1);
		sandbox.fail({ api: 'mail.draft.get', on: () => true, with: { kind: 'html' } });
		const failed = await later();
		expect(failed.error?.message).toContain('It is unknown');
		const said = description(failed);
		expect(said).toContain('The Message-ID of the mail is <');
		expect(said).toContain('Its draft has the ID');
		expect(said).not.toContain('The mail is among the drafts');
		expect(left()).toHaveLength(1);
	});

	it('a draft that was never there is not said to be sent', async () => {
		lost(SEND_DRAFT, 'before', 1);
		const { error, jsons } = await sendDraft('nowhere');
		expect(jsons).toEqual([]);
		expect(error?.message).toContain('The mailbox has no such draft');
	});

	it('a mail that was sent has no ids where it cannot be looked up', async () => {
		lost(SEND, 'after', 1);
		sandbox.fail({ api: 'mail.message.list', with: { code: 1230004, status: 403 } });
		const { jsons } = await send();
		expect(jsons).toMatchObject([{ outcome: 'alreadySent', subject: 'Plan' }]);
		expect(jsons[0]).not.toHaveProperty('message_id');
		expect(sandbox.sentMails).toHaveLength(1);
	});

	it('where Feishu makes Message-IDs of its own, a mail that was sent has no ids', async () => {
		sandbox.mailChoices.keepsMessageId = false;
		lost(SEND, 'after', 1);
		const { jsons } = await send();
		expect(jsons).toMatchObject([{ outcome: 'alreadySent', subject: 'Plan' }]);
		expect(jsons[0]).not.toHaveProperty('message_id');
		expect(sandbox.sentMails).toHaveLength(1);
	});
});

describe('files that n8n keeps on disk', () => {
	beforeAll(async () => await keepFilesIn('filesystem'));
	afterAll(async () => await keepFilesIn('memory'));

	it.each([
		['message', 'send', {}],
		['draft', 'create', {}],
		['draft', 'update', { updateFields: { attachments: 'small, large, last' } }],
	])('%s: %s: what is too large is not read into memory', async (resource, operation, fields) => {
		const { jsons } = await draft();
		const read = readsOfFiles();
		const large = await storedFile('large.dat', Buffer.alloc(19_500_000));
		const failed = await run(
			resource,
			operation,
			{
				...letter,
				draftId: locate('id', jsons[0]!.draft_id as string),
				additionalFields: { attachments: 'small, large, last' },
				...fields,
			},
			{ files: [{ small: file('small.dat'), large, last: file('last.dat') }] },
		);
		expect(failed.error?.message).toMatch(
			/^The mail would be 25\.1 MB large; Feishu takes at most 25\.0 MB$/,
		);
		expect(description(failed)).toContain('There is no room for: large (18.6 MB).');
		expect(read).not.toHaveBeenCalled();
	});
});

describe('the same mail leaves once', () => {
	const ever = '=Sent at {{ $now.toMillis() }} {{ Math.random() }}';

	const risky: Fault = { code: 1236014, status: 400 };

	const inAnHour = { additionalFields: { sendAt: '={{ $now.plus({ hours: 1 }) }}' } };

	it('the same content in two items is two mails', async () => {
		const { jsons } = await send({}, { items: [{}, {}] });
		expect(jsons.map(({ outcome }) => outcome)).toEqual(['sent', 'sent']);
		expect(sandbox.sentMails).toHaveLength(2);
	});

	it('in two executions it is two mails', async () => {
		await send({}, { executionId: '1' });
		await send({}, { executionId: '2' });
		expect(sandbox.sentMails).toHaveLength(2);
	});

	it.each([
		['stops at the failure', 2, {}, ['alreadySent', 'sent', 'sent']],
		// n8n looks at the first item only.
		['goes on', 1, continues, ['sent', 'alreadySent', 'alreadySent']],
	] as const)('Retry On Fail sends nothing twice, where the run %s', async (_, failing, how, outcomes) => {
		sandbox.fail({ api: SEND, on: failing, with: risky });
		const { jsons } = await send({ message: ever }, { items: [{}, {}, {}], settings: retries, ...how });
		expect(jsons.map(({ outcome }) => outcome)).toEqual(outcomes);
		expect(jsons.map(({ message_id }) => message_id).sort()).toEqual(
			sandbox.sentMails.map(({ message_id }) => message_id).sort(),
		);
		expect(sandbox.sentMails).toHaveLength(3);
		expect(requestsTo(SEND)).toEqual([4]);
	});

	it('Retry On Fail makes no draft twice', async () => {
		sandbox.fail({ api: CREATE, on: 2, with: { code: 1236002, status: 400 } });
		const { jsons } = await draft({ message: ever }, { items: [{}, {}], settings: retries });
		expect(jsons).toMatchObject([{ outcome: 'savedAsDraft' }, { outcome: 'savedAsDraft' }]);
		expect(inFolder('DRAFT').map(({ message_id }) => message_id)).toEqual(
			jsons.map(({ draft_id }) => draft_id),
		);
		// What the first try has made is not made anew: somebody may have changed it meanwhile.
		expect(requestsTo(CREATE, 'mail.draft.delete')).toEqual([3, 0]);
	});

	it('Retry On Fail leaves no draft behind of a mail that it sends', async () => {
		sandbox.fail({ api: SEND_DRAFT, with: risky });
		const { jsons } = await send({ message: ever, ...inAnHour }, { settings: retries });
		expect(jsons).toMatchObject([{ outcome: 'scheduled' }]);
		expect([inFolder('SCHEDULED').length, inFolder('DRAFT').length]).toEqual([1, 0]);
	});

	it('Retry On Fail sends no draft twice, and tells what the first try has sent', async () => {
		const drafts = [await draft({ subject: 'One' }), await draft({ subject: 'Two' })];
		const items = drafts.map(({ jsons: [made] }) => ({ id: made!.draft_id! }));
		sandbox.fail({ api: SEND_DRAFT, on: 2, with: risky });
		const { jsons } = await sendDraft('={{ $json.id }}', {}, { items, settings: retries });
		expect(jsons).toMatchObject([
			{ outcome: 'alreadySent', message_id: sandbox.sentMails[0]!.message_id, subject: 'One' },
			{ outcome: 'sent', message_id: sandbox.sentMails[1]!.message_id, subject: 'Two' },
		]);
	});

	it('a database that counts executions from 1 again: two mails', async () => {
		await send({}, { executionId: '17' });
		sandbox.clock.advance(24 * HOUR);
		time.pass(24 * HOUR);
		expect((await send({}, { executionId: '17' })).jsons).toMatchObject([{ outcome: 'sent' }]);
		expect(sandbox.sentMails).toHaveLength(2);
	});

	it('a later try is refused: the error says that an earlier one may have sent the mail', async () => {
		sandbox.fail({ api: SEND, on: [1, 2, 3], with: { kind: 'html', status: 504, after: true } });
		sandbox.fail({ api: SEND, on: 4, with: { kind: 'html', status: 409 } });
		const failed = await send({}, { settings: retries });
		expect(failed.error?.message).toContain('HTTP 409');
		expect(description(failed)).toMatch(/unknown whether an earlier try has sent the mail.+<.+>/);
	});

	it('somebody retries the execution with other recipients: the output names those of the mail that left', async () => {
		sandbox.fail({ api: SEND, on: [1, 2, 3], with: { kind: 'html', status: 504, after: true } });
		const failed = await send({}, { executionId: '1' });
		expect(failed.error?.message).toContain('It is unknown');
		const { jsons } = await send({ to: 'eve@example.org' }, { executionId: '2', retryOf: failed });
		expect(jsons).toMatchObject([{ outcome: 'alreadySent', to: [BOB] }]);
		expect(sandbox.sentMails.map(({ mail }) => mail.to)).toEqual([[BOB]]);
	});

	it('somebody retries the execution with another operation: it is carried out', async () => {
		sandbox.fail({ api: SEND, on: 2, with: risky });
		const failed = await send({}, { items: [{}, {}], executionId: '1' });
		expect(failed.status).toBe('error');
		const { jsons } = await draft({}, { items: [{}, {}], executionId: '2', retryOf: failed });
		expect(jsons).toMatchObject([{ outcome: 'savedAsDraft' }, { outcome: 'savedAsDraft' }]);
	});

	it('an execution that another worker begins again: one mail', async () => {
		await send({}, { executionId: '17' });
		expect((await send({}, { executionId: '17' })).jsons).toMatchObject([{ outcome: 'alreadySent' }]);
		expect(sandbox.sentMails).toHaveLength(1);
	});

	it('what Feishu does not refuse while the first one waits is not scheduled again', async () => {
		const later = { additionalFields: { sendAt: '={{ $now.plus({ hours: 1 }) }}' } };
		sandbox.fail({ api: SEND_DRAFT, on: (n) => n <= 3, with: { kind: 'reset', when: 'after' } });
		sandbox.fail({ api: 'mail.draft.get', on: (n) => n <= 3, with: { kind: 'html' } });
		const failed = await send(later, { executionId: '1' });
		expect(failed.error?.message).toContain('It is unknown');
		sandbox.mailbox.sentMessageIds.clear();
		sandbox.fail({ api: 'mail.draft.get', with: { code: 1234050, status: 404 } });
		const { jsons } = await send(later, { executionId: '2', retryOf: failed });
		expect(jsons).toMatchObject([{ outcome: 'scheduled', message_id: inFolder('SCHEDULED')[0]!.message_id }]);
		expect(inFolder('SCHEDULED')).toHaveLength(1);
	});

	it('Retry On Fail says of a draft that waits that it waits', async () => {
		const drafts = [await draft({ subject: 'One' }), await draft({ subject: 'Two' })];
		const items = drafts.map(({ jsons: [made] }) => ({ id: made!.draft_id! }));
		sandbox.fail({ api: SEND_DRAFT, on: 2, with: risky });
		const { jsons } = await sendDraft('={{ $json.id }}', inAnHour, { items, settings: retries });
		expect(jsons).toMatchObject([
			{ outcome: 'scheduled', subject: 'One' },
			{ outcome: 'scheduled', subject: 'Two' },
		]);
		expect(requestsTo(SEND_DRAFT)).toEqual([3]);
	});

	const ways: Array<[string, ApiName, INodeParameters, string]> = [
		['message send', SEND, {}, 'alreadySent'],
		['what is to be sent later', SEND_DRAFT, inAnHour, 'scheduled'],
	];

	describe.each(ways)('%s, of which nobody knows what came of it', (_, api, parameters, outcome) => {
		const write = async (options: Partial<RunOptions>) =>
			await send({ message: ever, ...parameters }, options);

		beforeEach(() => {
			sandbox.fail({ api, on: (n) => n <= 3, with: { kind: 'reset', when: 'after' } });
			sandbox.fail({ api: 'mail.draft.get', on: (n) => n <= 3, with: { kind: 'html' } });
		});

		const isSettled = ({ error, jsons }: Run) => {
			expect(error?.message).toBeUndefined();
			expect(jsons).toMatchObject([{ outcome, message_id: expect.any(String) }]);
			if (outcome === 'scheduled')
				expect(jsons[0]!.draft_id).toBe(inFolder('SCHEDULED')[0]!.scheduled!.draft_id);
			sandbox.clock.advance(2 * HOUR);
			expect(sandbox.sentMails).toHaveLength(1);
		};

		it('is settled by Retry On Fail', async () => {
			isSettled(await write({ settings: retries }));
		});

		it('is settled where somebody retries the execution', async () => {
			const failed = await write({ executionId: '1' });
			expect(failed.error?.message).toContain('It is unknown');
			isSettled(await write({ executionId: '2', retryOf: failed }));
		});
	});

	it('draft send: Retry On Fail settles what nobody knew', async () => {
		const { jsons: made } = await draft();
		sandbox.fail({ api: SEND_DRAFT, with: { kind: 'reset', when: 'after' } });
		sandbox.fail({ api: 'mail.draft.get', on: [2, 3, 4], with: { kind: 'html' } });
		const { jsons } = await sendDraft(made[0]!.draft_id as string, {}, { settings: retries });
		expect(jsons).toMatchObject([
			{ outcome: 'alreadySent', message_id: sandbox.sentMails[0]!.message_id, subject: 'Plan', to: [BOB] },
		]);
		expect(sandbox.sentMails).toHaveLength(1);
	});

	it('draft send: a mail that has left before is said to have been sent, not to wait', async () => {
		const options = { idempotencyKey: 'invoice-1' };
		const { jsons: made } = await draft({ options });
		await send({ options });
		for (const fields of [{}, inAnHour]) {
			const { jsons } = await sendDraft(made[0]!.draft_id as string, fields);
			expect(jsons).toMatchObject([{ outcome: 'alreadySent', message_id: sandbox.sentMails[0]!.message_id }]);
		}
		expect(sandbox.sentMails).toHaveLength(1);
	});

	describe('draft send: what an earlier try has done with another draft does not count', () => {
		const made = async (subject: string) => (await draft({ subject })).jsons[0]!.draft_id as string;

		it('where it was sent', async () => {
			const [first, second, other] = [await made('One'), await made('Two'), await made('Three')];
			const items = [{ id: first }, { id: second }];
			sandbox.fail({ api: SEND_DRAFT, on: 2, with: risky });
			const failed = await sendDraft('={{ $json.id }}', {}, { items, executionId: '1' });
			const { jsons } = await sendDraft(
				`={{ $itemIndex === 0 ? "${other}" : $json.id }}`,
				{},
				{ items, executionId: '2', retryOf: failed },
			);
			expect(jsons.map(({ outcome }) => outcome)).toEqual(['sent', 'sent']);
			expect(sandbox.sentMails.map(({ mail }) => mail.subject)).toEqual(['One', 'Three', 'Two']);
		});

		it('where nobody knows', async () => {
			const id = await made('One');
			sandbox.fail({ api: SEND_DRAFT, with: { kind: 'reset', when: 'after' } });
			sandbox.fail({ api: 'mail.draft.get', on: [2, 3, 4], with: { kind: 'html' } });
			const failed = await sendDraft(id, {}, { executionId: '1' });
			expect(failed.error?.message).toContain('It is unknown');
			const { error } = await sendDraft('nowhere', {}, { executionId: '2', retryOf: failed });
			expect(error?.message).toContain('The mailbox has no such draft');
		});
	});

	describe('where what waits is found by the id of its draft, which is not documented', () => {
		const DRAFT_GET = 'mail.draft.get';

		/** The looks at the draft that fail, and the next one, which shows it waiting. */
		const looks = (failing: number[], next: number) => {
			const data = { draft: { id: 'any', message: { folder_id: 'SCHEDULED' } } };
			sandbox.fail({ api: DRAFT_GET, on: failing, with: { kind: 'html' } });
			sandbox.fail({ api: DRAFT_GET, on: next, with: { code: 0, data } });
		};

		beforeEach(() => {
			sandbox.fail({ api: SEND_DRAFT, with: { kind: 'reset', when: 'after' } });
		});

		it.each([
			['a look after the lost answer', [], 1],
			['Retry On Fail', [1, 2, 3], 4],
		])('%s shows that nothing is left to do', async (_, failing, next) => {
			looks(failing, next);
			const { jsons } = await send(inAnHour, { settings: retries });
			const [waiting] = inFolder('SCHEDULED');
			expect(jsons).toMatchObject([{ outcome: 'scheduled', draft_id: waiting!.scheduled!.draft_id }]);
			expect(requestsTo(CREATE, SEND_DRAFT, 'mail.draft.delete')).toEqual([1, 1, 0]);
		});

		it('draft send: Retry On Fail shows that nothing is left to do', async () => {
			const { jsons: made } = await draft();
			// The first look is at what is to be sent.
			looks([2, 3, 4], 5);
			const { jsons } = await sendDraft(made[0]!.draft_id as string, inAnHour, { settings: retries });
			expect(jsons).toMatchObject([
				{ outcome: 'scheduled', draft_id: made[0]!.draft_id, subject: 'Plan', to: [BOB] },
			]);
			expect(requestsTo(SEND_DRAFT)).toEqual([1]);
		});
	});

	it('draft send: a draft that goes while it is sent once more was sent', async () => {
		const { jsons: made } = await draft();
		sandbox.fail({ api: SEND_DRAFT, on: 1, with: { kind: 'reset', when: 'before' } });
		sandbox.fail({ api: 'mail.draft.get', on: [2, 3, 4], with: { kind: 'html' } });
		sandbox.fail({ api: SEND_DRAFT, on: 2, with: { code: 1234050, status: 404 } });
		const { jsons } = await sendDraft(made[0]!.draft_id as string, {}, { settings: retries });
		expect(jsons).toMatchObject([{ outcome: 'alreadySent', draft_id: made[0]!.draft_id, subject: 'Plan' }]);
	});

	describe('Idempotency Key', () => {
		const keyed = async (key: string, parameters: INodeParameters = {}, executionId = key) =>
			await send({ options: { idempotencyKey: key }, ...parameters }, { executionId });

		it('of blanks is none', async () => {
			const failed = await keyed('={{ "  " }}');
			expect(failed.error?.message).toContain("'Idempotency Key' consists of blanks");
			expect(sandbox.requestsTo(SEND)).toHaveLength(0);
		});

		it('that two items have: a hint says that one mail leaves', async () => {
			const { jsons, hints } = await send(
				{ to: '={{ $json.to }}', options: { idempotencyKey: '=invoice-{{ $json.id }}' } },
				{ items: [{ to: 'bob@example.org' }, { to: 'eve@example.org' }] },
			);
			expect(jsons.map(({ outcome }) => outcome)).toEqual(['sent', 'alreadySent']);
			expect(hints.map(({ message }) => message)).toEqual([
				expect.stringContaining("Items 0 and 1 have the same 'Idempotency Key'"),
			]);
		});

		it('tells whom the first mail went to, not whom the second one names', async () => {
			await keyed('invoice-1', { to: 'bob@example.org', subject: 'First' }, '1');
			const { jsons } = await keyed('invoice-1', { to: 'eve@example.org', subject: 'Second' }, '2');
			expect(jsons).toMatchObject([
				{ outcome: 'alreadySent', to: [{ mail_address: 'bob@example.org' }], subject: 'First' },
			]);
			sandbox.mailbox.messages.length = 0;
			const unknown = await keyed('invoice-1', { to: 'eve@example.org', subject: 'Third' }, '3');
			expect(unknown.jsons).toEqual([{ outcome: 'alreadySent', smtp_message_id: jsons[0]!.smtp_message_id }]);
		});

		it('holds across executions and workflows, whatever the mail says', async () => {
			const [first] = (await keyed('invoice-1', {}, '1')).jsons;
			const settings = { id: 'another node' };
			const again = await send(
				{ subject: 'Other', message: ever, options: { idempotencyKey: ' invoice-1 ' } },
				{ executionId: '2', settings },
			);
			expect(again.jsons).toMatchObject([
				{ outcome: 'alreadySent', message_id: first!.message_id, smtp_message_id: first!.smtp_message_id },
			]);
			expect(sandbox.sentMails).toHaveLength(1);
		});

		it('another key, or another mailbox, is another mail', async () => {
			const team = sandbox.tenant.addMailbox('team@example.com');
			team.members.add(sandbox.user);
			await keyed('invoice-1');
			await keyed('invoice-2');
			const { jsons } = await keyed('invoice-1', { userMailboxId: 'team@example.com' });
			expect(jsons).toMatchObject([{ outcome: 'sent' }]);
			expect(sandbox.sentMails).toHaveLength(3);
			// Nobody knows whether Feishu compares them beyond one mailbox.
			expect(new Set(sandbox.sentMails.map(({ mail }) => mail.smtp_message_id)).size).toBe(3);
		});

		it('the own mailbox by its address is the same', async () => {
			await keyed('invoice-1');
			const { jsons } = await keyed('invoice-1', { userMailboxId: 'User@Example.com' });
			expect(jsons).toMatchObject([{ outcome: 'alreadySent' }]);
		});

		it('of which an expression gives nothing sends nothing', async () => {
			const { error } = await keyed('={{ $json.nothing }}');
			expect(error?.message).toContain("'Idempotency Key' has no value");
			expect(sandbox.sentMails).toEqual([]);
			expect((await keyed('')).jsons).toMatchObject([{ outcome: 'sent' }]);
		});

		it('of several mails that have left before, each is found', async () => {
			await keyed('a');
			time.pass(1000);
			await keyed('b');
			const items = ['a', 'b', 'a'].map((key) => ({ key }));
			const options = { idempotencyKey: '={{ $json.key }}' };
			const { jsons } = await send({ options }, { items, executionId: 'later' });
			const [first, second] = sandbox.sentMails.map(({ message_id }) => message_id);
			expect(jsons.map(({ message_id }) => message_id)).toEqual([first, second, first]);
		});

		it('of mails of two mailboxes, each is found', async () => {
			const team = sandbox.tenant.addMailbox('team@example.com');
			team.members.add(sandbox.user);
			const items = ['me', 'team@example.com'].map((mailbox) => ({ mailbox }));
			const letters = { userMailboxId: '={{ $json.mailbox }}', options: { idempotencyKey: 'k' } };
			const first = await send(letters, { items, executionId: '1' });
			const again = await send(letters, { items, executionId: '2' });
			expect(again.jsons.map(({ outcome }) => outcome)).toEqual(['alreadySent', 'alreadySent']);
			const ids = ({ jsons }: Run) => jsons.map(({ message_id }) => message_id);
			expect(ids(again)).toEqual(ids(first));
		});

		it('of a mail that has left does not say that it waits', async () => {
			await keyed('k', {}, '1');
			const { jsons } = await send(
				{
					options: { idempotencyKey: 'k' },
					additionalFields: { sendAt: '={{ $itemIndex === 1 ? $now.plus({ hours: 1 }) : "" }}' },
				},
				{ items: [{}, {}], executionId: '2' },
			);
			const [{ message_id }] = sandbox.sentMails as [SentMail];
			const sent = { outcome: 'alreadySent', message_id };
			expect(jsons).toMatchObject([sent, sent]);
		});

		it('of two items with the same key, one is sent', async () => {
			const { jsons } = await send({ options: { idempotencyKey: 'k' } }, { items: [{}, {}] });
			expect(jsons.map(({ outcome }) => outcome)).toEqual(['sent', 'alreadySent']);
			expect(sandbox.sentMails).toHaveLength(1);
		});

		it('holds for what is to be sent later, too, and leaves no draft', async () => {
			const additionalFields = { sendAt: new Date(Date.now() + HOUR).toISOString() };
			const [first] = (await keyed('k', { additionalFields }, '1')).jsons;
			const { jsons } = await keyed('k', { additionalFields }, '2');
			expect(jsons).toMatchObject([{ outcome: 'scheduled', message_id: first!.message_id }]);
			expect([inFolder('SCHEDULED').length, inFolder('DRAFT').length]).toEqual([1, 0]);
		});
	});

	it('a run that is cancelled sends nothing more', async () => {
		const items = [{}, {}, {}];
		const started: RunOptions['started'] = ({ cancel }) => {
			onRequest(SEND, 2, cancel);
			sandbox.fail({ api: SEND, on: 2, with: { kind: 'reset', when: 'before' } });
		};
		const { status } = await send({}, { items, started });
		expect(status).toBe('canceled');
		expect(sandbox.sentMails).toHaveLength(1);
		expect(requestsTo(SEND)).toEqual([2]);
	});

	it('where one item cannot be sent, none before it is: all are looked at first', async () => {
		const items = [{ to: 'bob@example.org' }, { to: 'nobody' }];
		const { error } = await send({ to: '={{ $json.to }}' }, { items });
		expect(error?.message).toContain("'nobody' is not an email address");
		expect(sandbox.requests).toEqual([]);
	});
});
