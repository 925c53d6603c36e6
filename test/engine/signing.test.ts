import type { IBinaryData, INodeParameters } from 'n8n-workflow';

import type { ApiName, Fault, Mailbox, ParsedMail, Signature } from '../sandbox';
import { keepFilesIn, type Run, type RunOptions } from './engine';
import { connected, continues, engine, locate, run as runNode, sandbox } from './stage';

const LIST = 'mail.mailbox.signatures';
const SEND = 'mail.message.send';
const CREATE = 'mail.draft.create';
const SEND_DRAFT = 'mail.draft.send';

const PNG = Buffer.from('\x89PNG\r\n\x1a\nlogo', 'latin1');

const image = (cid: string, content: Buffer = PNG) =>
	({
		id: `key of ${cid}`,
		filename: `${cid}.png`,
		cid,
		is_inline: true,
		attachment_type: 1,
		content,
	}) as const;

const variable = (id: string) =>
	`<span data-variable-meta-props='{"id":"${id}","type":"text"}'>{text}</span>`;

const add = (id: string, change: Partial<Signature> = {}, mailbox: Mailbox = sandbox.mailbox) =>
	mailbox.signatures.push({
		id,
		name: `Name of ${id}`,
		content: `<b>Signature ${id}</b>`,
		signature_type: 'USER',
		signature_device: 'PC',
		template_json_keys: [],
		images: [],
		...change,
	});

const use = (
	email_address: string,
	send_mail_signature_id: string,
	reply_signature_id = '',
	mailbox = sandbox.mailbox,
) => mailbox.signatureUsages.push({ email_address, send_mail_signature_id, reply_signature_id });

const block = (id: string, html: string) =>
	`<div><br></div><div id="${id}" class="lark-mail-signature">${html}</div>`;

const signed = (id: string) => block(id, `<b>Signature ${id}</b>`);

const signature = (value: string, mode = 'list', others: INodeParameters = {}): INodeParameters => ({
	options: { appendSignature: locate(mode, value), ...others },
});

const write = async (
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

const send = async (parameters: INodeParameters = signature('default'), options?: Partial<RunOptions>) =>
	await write('message', 'send', { ...letter, ...parameters }, options);

/** What Feishu has got, taken apart by mailparser. */
const mails = (): ParsedMail[] => [
	...sandbox.sentMails.map(({ mail }) => mail),
	...sandbox.mailbox.messages.flatMap(({ source }) => source?.mail ?? []),
];

/** The mail that came of a run. */
const only = ({ error }: Run): ParsedMail => {
	expect(error?.message).toBeUndefined();
	expect(mails()).toHaveLength(1);
	return mails()[0]!;
};

const imagesOf = ({ attachments }: ParsedMail) =>
	attachments
		.filter(({ is_inline }) => is_inline)
		.map(({ cid, content }) => [cid, content] as const)
		.sort(([one = ''], [other = '']) => (one < other ? -1 : 1));

const description = ({ error }: Run) => (error as { description?: string } | undefined)?.description ?? '';

const file = (data: Buffer): IBinaryData => ({
	fileName: 'own.png',
	mimeType: 'image/png',
	data: data.toString('base64'),
});

beforeAll(async () => await keepFilesIn('memory'));

describe('Append Signature', () => {
	it.each<[string, INodeParameters, string]>([
		['is not there: none, and nothing is asked for', {}, ''],
		['is None', signature('none'), ''],
		['is the default of the sender', signature('default'), signed('1')],
		['is one from the list', signature('2'), signed('2')],
		['is one by its ID', signature('2', 'id'), signed('2')],
		['is one by an expression', { options: { appendSignature: "={{ '2' }}" } }, signed('2')],
		['is an empty text by expression: none', signature("={{ '' }}", 'id'), ''],
		['is the word by expression', signature("={{ 'Default' }}", 'id'), signed('1')],
	])('%s', async (_, parameters, below) => {
		add('1');
		add('2');
		use('user@example.com', '1', '2');
		const mail = only(await send(parameters));
		expect(mail.body_html).toBe(`<p>Hello</p>${below}`);
		expect(sandbox.requestsTo(LIST)).toHaveLength(below === '' ? 0 : 1);
	});

	it.each<[string, INodeParameters, string]>([
		[
			'nothing by the expression of the ID',
			signature('={{ $json.missing }}', 'id'),
			"'Append Signature' has no value",
		],
		[
			'nothing by an expression',
			{ options: { appendSignature: '={{ $json.missing }}' } },
			"'Append Signature' has no value",
		],
		['nothing from the list', signature(''), "'Append Signature' is empty"],
		[
			'a number that has lost digits',
			signature('={{ 7012345678901234567 }}', 'id'),
			'cannot hold all digits',
		],
	])('is refused before any request where it is %s', async (_, parameters, words) => {
		for (const [resource, operation] of [
			['message', 'send'],
			['message', 'reply'],
			['message', 'forward'],
			['draft', 'create'],
		] as const) {
			const { error } = await write(resource, operation, {
				...letter,
				messageId: locate('id', 'x'),
				...parameters,
			});
			expect(error?.message).toContain(words);
		}
		expect(sandbox.requests).toEqual([]);
	});

	it('that the mailbox does not have is refused without a write, with those that it has', async () => {
		add('1');
		const ran = await send(signature('9'));
		expect(ran.error?.message).toBe("'Append Signature': the mailbox has no signature '9'");
		expect(description(ran)).toContain('Name of 1 (1)');
		expect(mails()).toEqual([]);
		sandbox.mailbox.signatures.length = 0;
		expect(description(await send(signature('9')))).toContain('It has none at all');
	});

	it.each(['', '0'])(
		'of a sender whose default is %j leaves the mail as it is, and says so',
		async (none) => {
			add('1');
			use('user@example.com', none);
			const ran = await send();
			expect(only(ran).body_html).toBe('<p>Hello</p>');
			expect(JSON.stringify(ran.hints)).toContain('no default signature in Feishu Mail for new mails');
		},
	);

	it('is the default of the address that the mail comes from, or else of the mailbox', async () => {
		sandbox.mailbox.aliases.push('sales@example.com', 'help@example.com');
		for (const id of ['1', '2']) add(id);
		use('user@example.com', '1');
		use('sales@example.com', '2');
		const items = ['Sales@example.com', 'help@example.com', ''].map((from) => ({ from }));
		await send({ ...signature('default'), additionalFields: { from: '={{ $json.from }}' } }, { items });
		expect(mails().map(({ body_html }) => body_html)).toEqual(
			['2', '1', '1'].map((id) => `<p>Hello</p>${signed(id)}`),
		);
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});

	it('is that of a public mailbox', async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		team.members.add(sandbox.user);
		add('7', {}, team);
		use('team@example.com', '7', '', team);
		const mail = only(await send({ userMailboxId: 'team@example.com', ...signature('default') }));
		expect(mail.body_html).toContain('Signature 7');
	});

	it('stands below a text as text', async () => {
		add('1', {
			content: '<div><b>Jane</b> &amp; Co.</div><div>Tel. 1<img src="cid:logo"></div>',
			images: [image('logo')],
		});
		use('user@example.com', '1');
		const mail = only(await send({ ...signature('default'), emailType: 'text', message: 'Hello' }));
		expect(mail.body_plain_text).toBe('Hello\n\nJane & Co.\n\nTel. 1');
		expect(mail.body_html).toBeUndefined();
		expect(mail.attachments).toEqual([]);
		expect(sandbox.requestsTo('file.download')).toEqual([]);
	});

	it('goes into a draft', async () => {
		add('1');
		use('user@example.com', '1');
		const mail = only(await write('draft', 'create', { ...letter, ...signature('default') }));
		expect(mail.body_html).toBe(`<p>Hello</p>${signed('1')}`);
	});

	it('goes below what a template says', async () => {
		add('1', { content: '<img src="cid:logo">', images: [image('logo')] });
		use('user@example.com', '1');
		const other = Buffer.concat([PNG, Buffer.from('other')]);
		sandbox.mailbox.templates.push({
			template_id: 't',
			name: 'Welcome',
			subject: '欢迎',
			template_content: '<p>您好</p><img src="cid:logo">',
			is_plain_text_mode: false,
			tos: [],
			ccs: [],
			bccs: [],
			attachments: [
				image('logo', other),
				{ ...image('terms'), is_inline: false, cid: undefined, filename: 'terms.pdf' },
			],
			create_time: 0,
		});
		const mail = only(
			await write('message', 'send', {
				to: 'bob@example.org',
				additionalFields: { templateId: locate('id', 't') },
				...signature('default'),
			}),
		);
		expect(mail).toMatchObject({ subject: '欢迎' });
		expect(mail.body_html).toBe(`<p>您好</p><img src="cid:logo">${block('1', '<img src="cid:quoted-1">')}`);
		expect(imagesOf(mail)).toEqual([
			['logo', other],
			['quoted-1', PNG],
		]);
		expect(mail.attachments.map(({ filename }) => filename)).toContain('terms.pdf');
	});
});

describe('a signature of the company', () => {
	const fields = {
		'B-NAME': { default_val: '张三', i18n_vals: { zh_cn: '', en_us: 'Zhang San', ja_jp: '' } },
		'B-DEPARTMENT': { default_val: '研发部', i18n_vals: { zh_cn: '研发', en_us: 'R&D', ja_jp: '開発部' } },
		'B-ENTERPRISE-EMAIL': { default_val: 'old@example.com', i18n_vals: {} },
	};

	beforeEach(() => {
		add('1', {
			signature_type: 'TENANT',
			content: ['B-NAME', 'B-DEPARTMENT', 'B-ENTERPRISE-EMAIL', 'B-PHONE'].map(variable).join('|'),
			template_json_keys: Object.keys(fields),
			user_fields: fields,
		});
		use('user@example.com', '1');
	});

	it.each([
		['Plan', 'Zhang San|R&amp;D|user@example.com|'],
		['计划', '张三|研发|user@example.com|'],
		['計画について', '张三|開発部|user@example.com|'],
	])('speaks the language of the mail: %s', async (subject, filled) => {
		const mail = only(await send({ ...signature('default'), subject }));
		expect(mail.body_html).toBe(`<p>Hello</p>${block('1', filled)}`);
	});

	it('names the sender where the company has no name for them', async () => {
		sandbox.mailbox.signatures[0]!.user_fields = {};
		const mail = only(
			await send({ ...signature('default'), additionalFields: { senderName: 'Jane <Doe>' } }),
		);
		expect(mail.body_html).toContain('>Jane &lt;Doe&gt;||user@example.com|<');
	});
});

it.each<[string, object, string]>([
	['of which Feishu tells no text', { content: null, images: null, user_fields: null }, ''],
	[
		'whose variables are no texts',
		{
			content: ['A', 'B', 'C', 'D', '__proto__', 'constructor'].map(variable).join('|'),
			user_fields: { A: { default_val: 5 }, B: null, C: { default_val: 'c', i18n_vals: null }, D: 'd' },
		},
		'||c|||',
	],
	[
		'with hostile values',
		{
			content: ['A', 'B'].map(variable).join('|'),
			user_fields: {
				A: { default_val: '<img src=x onerror=a()>' },
				B: { default_val: 'https://b/"onclick="a' },
			},
		},
		'&lt;img src=x onerror=a()&gt;|<a href="https://b/&quot;onclick=&quot;a">https://b/&quot;onclick=&quot;a</a>',
	],
])('a signature %s keeps no mail back', async (_title, answered, html) => {
	const usages = [null, {}, { email_address: 'user@example.com', send_mail_signature_id: '1' }];
	sandbox.fail({ api: LIST, with: { code: 0, data: { signatures: [{ id: '1', ...answered }], usages } } });
	expect(only(await send()).body_html).toBe(`<p>Hello</p>${block('1', html)}`);
});

describe('the images of a signature', () => {
	beforeEach(() => {
		add('1', { content: '<img src="cid:logo"><img src="cid:seal">', images: [image('logo'), image('seal')] });
		use('user@example.com', '1');
	});

	it('are embedded, fetched once in a run and without a token', async () => {
		const { jsons } = await send(signature('default'), { items: [{}, {}] });
		expect(jsons.map(({ outcome }) => outcome)).toEqual(['sent', 'sent']);
		for (const mail of mails()) {
			expect(mail.body_html).toContain('<img src="cid:logo"><img src="cid:seal">');
			expect(imagesOf(mail)).toEqual([
				['logo', PNG],
				['seal', PNG],
			]);
		}
		expect(sandbox.requestsTo('file.download')).toHaveLength(2);
		expect(sandbox.tokenLeaks).toEqual([]);
	});

	it('are called otherwise where the mail has an image of the name', async () => {
		const own = Buffer.concat([PNG, Buffer.from('own')]);
		const mail = only(
			await send(
				{
					...signature('default'),
					message: '<img src="cid:logo">',
					additionalFields: { inlineImages: 'logo' },
				},
				{ files: [{ logo: file(own) }] },
			),
		);
		expect(imagesOf(mail)).toEqual([
			['logo', own],
			['quoted-1', PNG],
			['seal', PNG],
		]);
		expect(mail.body_html).toContain('<img src="cid:quoted-1"><img src="cid:seal">');
	});

	it('are fetched by a new link where the first one fails', async () => {
		sandbox.fail({ api: 'file.download', on: 1, with: { status: 403 } });
		expect(imagesOf(only(await send()))).toHaveLength(2);
		expect(sandbox.requestsTo(LIST)).toHaveLength(2);
	});

	it('that cannot be had keep the mail from leaving, and it says why', async () => {
		sandbox.fail({ api: 'file.download', on: () => true, with: { kind: 'reset', when: 'before' } });
		const { error } = await send();
		expect(error?.message).toContain("'logo.png' could not be downloaded: run it again later");
		expect(mails()).toEqual([]);
		expect(JSON.stringify(error)).not.toContain('authcode/?code=');
	});

	it('without a link keep the mail from leaving, and it says so', async () => {
		const images = [{ cid: 'logo', image_name: 'logo.png' }];
		const one = { id: '1', content: '<img src="cid:logo">', images };
		const usages = sandbox.mailbox.signatureUsages;
		sandbox.fail({ api: LIST, with: { code: 0, data: { signatures: [one], usages } } });
		const { error } = await send();
		expect(error?.message).toBe("Feishu gives no link to the image 'logo.png' of the signature");
		expect(mails()).toEqual([]);
	});

	it('that Feishu does not give or embed are left out, and the run says so', async () => {
		sandbox.mailbox.signatures[0]!.images = [image('logo', Buffer.from('<svg/>'))];
		const ran = await send();
		expect(imagesOf(only(ran))).toEqual([]);
		expect(JSON.stringify(ran.hints)).toContain('An image of the signature was left out');
	});
});

describe.each([
	['reply', 'Re: Offer'],
	['forward', 'Fwd: Offer'],
])('%s', (operation, subject) => {
	const answer = async (
		parameters: INodeParameters = signature('default'),
		options?: Partial<RunOptions>,
	) => {
		const { message_id } = sandbox.mailbox.messages[0]!;
		return await write(
			'message',
			operation,
			{ ...letter, messageId: locate('id', message_id), ...parameters },
			options,
		);
	};

	beforeEach(() => {
		add('1');
		add('2', { content: '<img src="cid:logo">', images: [image('logo')] });
		use('user@example.com', '1', '2');
		sandbox.mailbox.receive({
			subject: 'Offer',
			head_from: { mail_address: 'ann@example.org' },
			to: [{ mail_address: 'user@example.com' }],
			body_html: '<p>Old</p><img src="cid:logo">',
			attachments: [{ filename: 'old.png', content: Buffer.concat([PNG, Buffer.from('old')]), cid: 'logo' }],
		});
	});

	it('has the default for answers before the quote, each with its images', async () => {
		const mail = only(await answer());
		expect(mail.subject).toBe(subject);
		expect(mail.body_html).toMatch(
			/^<p>Hello<\/p><div><br><\/div><div id="2" class="lark-mail-signature"><img src="cid:logo"><\/div><div class="history-quote-wrapper">/,
		);
		expect(mail.body_html).toContain('<p>Old</p><img src="cid:quoted-1">');
		expect(imagesOf(mail)).toEqual([
			['logo', PNG],
			['quoted-1', Buffer.concat([PNG, Buffer.from('old')])],
		]);
	});

	it('has it in plain text before the quote', async () => {
		sandbox.mailbox.signatures[1]!.content = '<p>Jane</p>';
		const mail = only(await answer({ ...signature('default'), emailType: 'text', message: 'Hello' }));
		expect(mail.body_plain_text).toMatch(/^Hello\n\nJane\n\n/);
		expect(mail.body_plain_text!.indexOf('Jane')).toBeLessThan(
			mail.body_plain_text!.indexOf('ann@example.org'),
		);
	});

	it('has it without a quote, too', async () => {
		const mail = only(await answer(signature('1', 'id', { quoteOriginal: false })));
		expect(mail.body_html).toBe(`<p>Hello</p>${signed('1')}`);
	});

	it('has none where none is wanted', async () => {
		expect(only(await answer({})).body_html).not.toContain('lark-mail-signature');
		expect(sandbox.requestsTo(LIST)).toEqual([]);
	});

	it.each<[ApiName, Fault]>(
		([LIST, 'file.download', CREATE, SEND_DRAFT] as const).flatMap((api): Array<[ApiName, Fault]> => [
			[api, { kind: 'reset', when: 'before' }],
			[api, { kind: 'reset', when: 'after' }],
		]),
	)('leaves once where an answer of %s is lost (%j)', async (api, fault) => {
		sandbox.fail({ api, on: 1, with: fault });
		const { error } = await answer();
		expect(error?.message).toBeUndefined();
		expect(sandbox.sentMails).toHaveLength(1);
	});
});

describe('a signed mail', () => {
	beforeEach(() => {
		add('1');
		use('user@example.com', '1');
	});

	it.each<[ApiName, Fault]>(
		([LIST, SEND] as const).flatMap((api): Array<[ApiName, Fault]> => [
			[api, { kind: 'reset', when: 'before' }],
			[api, { kind: 'reset', when: 'after' }],
		]),
	)('leaves once where an answer of %s is lost (%j)', async (api, fault) => {
		sandbox.fail({ api, on: 1, with: fault });
		expect(only(await send()).body_html).toContain('Signature 1');
	});

	it('leaves once with Retry On Fail, though the signature says something else by then', async () => {
		sandbox.fail({
			api: SEND,
			on: (nth) => {
				if (nth === 3) sandbox.mailbox.signatures[0]!.content = 'Changed';
				return nth <= 3;
			},
			with: { kind: 'reset', when: 'after' },
		});
		const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
		const { jsons } = await send(signature('default'), { settings });
		expect(jsons).toMatchObject([{ outcome: 'alreadySent' }]);
		expect(sandbox.sentMails).toHaveLength(1);
	});

	it('does not leave where signatures cannot be read; the item after it does', async () => {
		sandbox.fail({ api: LIST, on: [1, 2, 3], with: { kind: 'reset', when: 'before' } });
		const { jsons } = await send(signature('default'), { items: [{}, {}], ...continues });
		expect(jsons).toEqual([
			expect.objectContaining({ error: expect.stringMatching(/: run it again later$/) as string }),
			expect.objectContaining({ outcome: 'sent' }),
		]);
	});

	it('waits for the quota of signatures', async () => {
		const credential = await connected();
		sandbox.setQuota(LIST, { limit: 1, window: 1 });
		await runNode('signature', 'getAll', { userMailboxId: 'me' }, { credential });
		expect((await send(signature('default'), { credential })).jsons).toMatchObject([{ outcome: 'sent' }]);
		expect(sandbox.requestsTo(LIST).map(({ code }) => code)).toEqual([0, 99991400, 0]);
	});
});

describe('the list of signatures', () => {
	const search = async (filter?: string) =>
		(
			await engine.search(
				'searchSignatures',
				{ userMailboxId: 'me' },
				{ credential: await connected(), filter },
			)
		).results;

	it('begins with the default and none, and is searched', async () => {
		add('1');
		add('2', { name: '' });
		expect(await search()).toEqual([
			{ name: 'Default of the Sender', value: 'default' },
			{ name: 'None', value: 'none' },
			{ name: 'Name of 1', value: '1' },
			{ name: '2', value: '2' },
		]);
		expect((await search('name of')).map(({ value }) => value)).toEqual(['1']);
	});

	it('says to an app that only users have it', async () => {
		const opening = engine.search('searchSignatures', { userMailboxId: sandbox.mailbox.address }, {});
		await expect(opening).rejects.toThrow("'Feishu Mail OAuth2 API' credential");
	});
});
