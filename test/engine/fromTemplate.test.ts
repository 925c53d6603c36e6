import type { IBinaryData, IDataObject, INodeParameters } from 'n8n-workflow';

import type { ApiName, Fault, ParsedMail, Template } from '../sandbox';
import { keepFilesIn, type Run, type RunOptions } from './engine';
import { connected, continues, locate, run as runNode, sandbox } from './stage';

const LIST = 'mail.template.list';
const GET = 'mail.template.get';
const LINK = 'mail.template.attachmentDownloadUrl';
const SEND = 'mail.message.send';

const PNG = Buffer.from('\x89PNG\r\n\x1a\nlogo', 'latin1');

const JANE = { mail_address: 'jane@example.com', name: 'Jane' };
const JOE = { mail_address: 'joe@example.com' };
const ANN = { mail_address: 'ann@example.com' };

const pdf = {
	id: 'file-1',
	filename: '条款.pdf',
	attachment_type: 1,
	is_inline: false,
	content: Buffer.from('PDF'),
} as const;

const logo = {
	id: 'file-2',
	filename: 'logo.png',
	attachment_type: 1,
	is_inline: true,
	cid: 'logo-1',
	content: PNG,
} as const;

/** A template with recipients, a file and an image. */
const add = (change: Partial<Template> = {}) => {
	const template: Template = {
		template_id: 'welcome',
		name: 'Welcome',
		subject: '欢迎',
		template_content: '<p>您好</p><img src="cid:logo-1">',
		is_plain_text_mode: false,
		tos: [JANE],
		ccs: [JOE],
		bccs: [ANN],
		attachments: [pdf, logo],
		create_time: 0,
		...change,
	};
	sandbox.mailbox.templates.push(template);
	return template;
};

const templateId = locate('id', 'welcome');

const from = (additionalFields: INodeParameters = {}): INodeParameters => ({
	additionalFields: { templateId, ...additionalFields },
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

const send = async (parameters: INodeParameters = from(), options?: Partial<RunOptions>) =>
	await write('message', 'send', parameters, options);

/** What Feishu has got, taken apart by mailparser. */
const mails = (): ParsedMail[] => [
	...sandbox.sentMails.map(({ mail }) => mail),
	...sandbox.mailbox.messages.flatMap(({ source }) => source?.mail ?? []),
];

const filesOf = ({ attachments }: ParsedMail) =>
	attachments.map(({ filename, content, is_inline, cid }) => ({
		filename,
		content,
		is_inline,
		...(cid !== undefined && { cid }),
	}));

const sentFile = { filename: '条款.pdf', content: Buffer.from('PDF'), is_inline: false };
const sentLogo = { filename: 'logo.png', content: PNG, is_inline: true, cid: 'logo-1' };

const description = ({ error }: Run) => (error as { description?: string } | undefined)?.description ?? '';

const retries = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };

const image = (data: Buffer): IBinaryData => ({
	fileName: 'own.png',
	mimeType: 'image/png',
	data: data.toString('base64'),
});

beforeAll(async () => await keepFilesIn('memory'));

describe.each([
	['message', 'send'],
	['draft', 'create'],
])('%s %s from a template', (resource, operation) => {
	/** The mail that comes of the fields. */
	const written = async (parameters: INodeParameters = from(), options: Partial<RunOptions> = {}) => {
		const { error } = await write(resource, operation, parameters, options);
		expect(error?.message).toBeUndefined();
		const [mail, another] = mails();
		expect(another).toBeUndefined();
		return mail!;
	};

	it('takes all from it that is left empty, with its files', async () => {
		add();
		const mail = await written();
		expect(mail).toMatchObject({
			subject: '欢迎',
			to: [JANE],
			cc: [JOE],
			bcc: [ANN],
			body_html: '<p>您好</p><img src="cid:logo-1">',
		});
		expect(filesOf(mail)).toEqual(expect.arrayContaining([sentFile, sentLogo]));
		expect(mail.attachments).toHaveLength(2);
		expect(sandbox.tokenLeaks).toEqual([]);
	});

	it.each<[string, INodeParameters, Partial<ParsedMail>]>([
		['the subject', { subject: 'Hello' }, { subject: 'Hello', to: [JANE], cc: [JOE] }],
		['the recipients', { to: 'ben@example.com' }, { to: [{ mail_address: 'ben@example.com' }], cc: [JOE] }],
		[
			'whom it copies',
			from({ cc: 'ben@example.com' }),
			{ to: [JANE], cc: [{ mail_address: 'ben@example.com' }] },
		],
		[
			'whom it copies blindly',
			from({ bcc: 'ben@example.com' }),
			{ bcc: [{ mail_address: 'ben@example.com' }] },
		],
		[
			'a recipient that it copies',
			{ to: 'JOE@example.com' },
			{ to: [{ mail_address: 'JOE@example.com' }], cc: [] },
		],
	])('what is entered wins: %s', async (_, parameters, expected) => {
		add();
		expect(await written({ ...from(), ...parameters })).toMatchObject(expected);
	});

	it('a message that is entered wins, in its own kind, and images that it does not show stay behind', async () => {
		add();
		const mail = await written({ ...from(), emailType: 'text', message: 'Hello' });
		expect(mail).toMatchObject({ body_plain_text: 'Hello', subject: '欢迎' });
		expect(mail.body_html).toBeUndefined();
		expect(filesOf(mail)).toEqual([sentFile]);
	});

	it('a message that is entered may show the images of the template', async () => {
		add();
		const mail = await written({ ...from(), message: '<b>Hi</b><img src="cid:logo-1">' });
		expect(mail.body_html).toBe('<b>Hi</b><img src="cid:logo-1">');
		expect(filesOf(mail)).toContainEqual(sentLogo);
	});

	it('an image that is entered stands in the place of that of the template', async () => {
		add();
		const own = Buffer.concat([PNG, Buffer.from('own')]);
		const mail = await written(from({ inlineImages: 'logo-1' }), {
			files: [{ 'logo-1': image(own) }],
		});
		const shown = filesOf(mail).filter(({ is_inline }) => is_inline);
		expect(shown).toEqual([{ filename: 'own.png', content: own, is_inline: true, cid: 'logo-1' }]);
	});

	it('an image that an entered message does not show is found before the first of several items is sent', async () => {
		add();
		const { error } = await write(
			resource,
			operation,
			{ ...from({ inlineImages: 'own' }), message: '={{ $json.name }}<img src="cid:{{ $json.image }}">' },
			{
				items: [{ image: 'own' }, { image: 'logo-1' }],
				files: [{ own: image(PNG) }, { own: image(PNG) }],
			},
		);
		expect(error?.message).toBe("'Inline Images': the message does not show the image 'own'");
		expect(sandbox.requests).toEqual([]);
	});

	it('of plain text gives plain text', async () => {
		add({ is_plain_text_mode: true, template_content: 'Hello,\nJane' });
		const mail = await written();
		expect(mail.body_plain_text).toBe('Hello,\nJane');
		expect(mail.body_html).toBeUndefined();
	});

	it('attaches its large files by their ids', async () => {
		add({ template_content: 'x', attachments: [{ ...pdf, id: 'large-1', attachment_type: 2 }] });
		const mail = await written();
		expect(mail.large_file_ids).toEqual(['large-1']);
		expect(sandbox.requestsTo(LINK)).toEqual([]);
	});

	it('is found by its name', async () => {
		add();
		const mail = await written(from({ templateId: locate('name', 'welcome') }));
		expect(mail.subject).toBe('欢迎');
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});

	it('takes no template where an expression gives an empty text', async () => {
		add();
		const mail = await written({
			to: 'ben@example.com',
			subject: 'Hello',
			...from({ templateId: locate('id', "={{ '' }}") }),
		});
		expect(mail).toMatchObject({ subject: 'Hello', cc: [], attachments: [] });
		expect(sandbox.requestsTo(GET)).toEqual([]);
	});

	it.each<[string, INodeParameters | string]>([
		['the ID', locate('id', '={{ $json.missing }}')],
		['the whole field', '={{ $json.missing }}'],
	])('is refused before any request where the expression of %s gives nothing', async (_, value) => {
		const { error } = await write(resource, operation, {
			to: 'ben@example.com',
			additionalFields: { templateId: value },
		});
		expect(error?.message).toBe("'Template' has no value: its expression gives nothing");
		expect(sandbox.requests).toEqual([]);
	});

	it('is refused before any request where none is chosen from the list', async () => {
		const { error } = await write(resource, operation, {
			to: 'ben@example.com',
			additionalFields: { templateId: locate('list', '') },
		});
		expect(error?.message).toBe("'Template' is empty");
		expect(sandbox.requests).toEqual([]);
	});

	it.each<[string, INodeParameters, string]>([
		['a template that is gone', locate('id', 'nowhere'), 'The mailbox has no such template'],
		[
			'a name that no template has',
			locate('name', 'Goodbye'),
			"'Template': the mailbox has no template 'Goodbye'",
		],
	])('fails in words and writes nothing for %s', async (_, choice, words) => {
		add();
		const { error } = await write(resource, operation, from({ templateId: choice }));
		expect(error?.message).toContain(words);
		expect(mails()).toEqual([]);
	});

	it('fails in words for an image that nobody has', async () => {
		add({ attachments: [pdf] });
		const ran = await write(resource, operation, from());
		expect(ran.error?.message).toBe(
			"The message shows an image 'logo-1' that neither 'Template' nor 'Inline Images' holds",
		);
		expect(description(ran)).toContain("a binary field that is called 'logo-1'");
		expect(mails()).toEqual([]);
	});

	it('fails in words for a file that has no link', async () => {
		add();
		const reason = { failed_reasons: [{ attachment_id: 'file-1', reason: 'not safe' }] };
		sandbox.fail({ api: LINK, on: () => true, with: { code: 0, data: { ...reason } } });
		const ran = await write(resource, operation, from());
		expect(ran.error?.message).toBe("Feishu gives no link to the attachment '条款.pdf' of the template");
		expect(description(ran)).toContain('not safe');
		expect(description(ran)).toContain('Choose another template');
		expect(mails()).toEqual([]);
	});

	it('does not leave out a recipient who is no address', async () => {
		add({ ccs: [JOE, { mail_address: 'nobody' }] });
		const ran = await write(resource, operation, from());
		expect(ran.error?.message).toBe("'Template': 'nobody' is not an email address");
		expect(description(ran)).toContain("or enter who gets the mail under 'CC'");
		expect(mails()).toEqual([]);
		const mail = await written(from({ cc: 'ann@example.com' }));
		expect(mail).toMatchObject({ to: [JANE], cc: [ANN] });
	});

	it('takes what Feishu does not tell of it as empty', async () => {
		const empty = {
			subject: null,
			template_content: { a: 1 },
			ccs: null,
			bccs: undefined,
			attachments: null,
		};
		sandbox.fail({
			api: GET,
			with: { code: 0, data: { template: { template_id: 'welcome', tos: [JANE], ...empty } } },
		});
		const mail = await written();
		expect(mail).toMatchObject({ subject: '', to: [JANE], cc: [], bcc: [], attachments: [] });
		expect(mail.body_html ?? '').toBe('');
	});

	it('says that it leaves out an image of which Feishu embeds none', async () => {
		add({ attachments: [{ ...logo, filename: 'logo.svg', content: Buffer.from('<svg/>') }] });
		const { error, hints } = await write(resource, operation, from());
		expect(error?.message).toBeUndefined();
		expect(mails()[0]!.attachments).toEqual([]);
		expect(JSON.stringify(hints)).toContain('or of a template that are no JPEG');
	});
});

describe('a mail from a template', () => {
	it('needs recipients from one of the two, and says so without writing', async () => {
		add({ tos: [], ccs: [], bccs: [] });
		const { error } = await send();
		expect(error?.message).toBe("'To' is empty, and the template has no recipients");
		expect(sandbox.requestsTo(SEND)).toEqual([]);
		expect((await send({ ...from(), to: 'ben@example.com' })).error?.message).toBeUndefined();
	});

	it('without a template needs recipients before any request', async () => {
		const { error } = await send({ subject: 'Hello' });
		expect(error?.message).toBe("'To' is empty");
		expect(sandbox.requests).toEqual([]);
	});

	it('tells in its output what went out', async () => {
		add();
		const { jsons } = await send();
		expect(jsons).toMatchObject([{ outcome: 'sent', to: [JANE], cc: [JOE], bcc: [ANN], subject: '欢迎' }]);
	});

	it('leaves later, too', async () => {
		add();
		const { jsons } = await send(from({ sendAt: '={{ $now.plus(1, "hour") }}' }));
		expect(jsons).toMatchObject([{ outcome: 'scheduled', subject: '欢迎' }]);
	});

	it('reads the template and its files once for all items in a row', async () => {
		add();
		const items = ['a', 'b', 'c'].map((name) => ({ to: `${name}@example.com` }));
		const { jsons } = await send({ ...from(), to: '={{ $json.to }}' }, { items });
		expect(jsons.map(({ outcome }) => outcome)).toEqual(['sent', 'sent', 'sent']);
		expect(mails().map(({ attachments }) => attachments.length)).toEqual([2, 2, 2]);
		expect([GET, LINK].map((api) => sandbox.requestsTo(api as ApiName).length)).toEqual([1, 1]);
		expect(sandbox.requestsTo('file.download')).toHaveLength(2);
	});

	it('takes each item from its own template', async () => {
		add();
		const bye = { ...pdf, id: 'file-3', filename: 'bye.pdf', content: Buffer.from('BYE') };
		add({ template_id: 'bye', subject: 'Bye', template_content: '<p>Bye</p>', attachments: [bye] });
		const items = ['welcome', 'bye', 'welcome'].map((id) => ({ id }));
		await send(from({ templateId: locate('id', '={{ $json.id }}') }), { items });
		const sentBye = { filename: 'bye.pdf', content: Buffer.from('BYE'), is_inline: false };
		expect(mails().map((mail) => [mail.subject, ...filesOf(mail)])).toEqual([
			['欢迎', ...[sentLogo, sentFile]],
			['Bye', sentBye],
			['欢迎', ...[sentLogo, sentFile]],
		]);
	});

	it.each<[ApiName, Fault]>(
		([GET, LINK, 'file.download', SEND] as const).flatMap((api): Array<[ApiName, Fault]> => [
			[api, { kind: 'reset', when: 'before' }],
			[api, { kind: 'reset', when: 'after' }],
		]),
	)('leaves once where an answer of %s is lost (%j)', async (api, fault) => {
		add();
		sandbox.fail({ api, on: 1, with: fault });
		const { error } = await send();
		expect(error?.message).toBeUndefined();
		expect(sandbox.sentMails).toHaveLength(1);
	});

	it('does not leave where its template cannot be read, with the item that it concerns', async () => {
		add();
		sandbox.fail({ api: GET, on: [1, 2, 3], with: { kind: 'reset', when: 'before' } });
		const { jsons } = await send(from(), { items: [{}, {}], ...continues });
		expect(jsons).toEqual([
			expect.objectContaining({ error: expect.stringMatching(/: run it again later$/) as string }),
			expect.objectContaining({ outcome: 'sent' }),
		]);
		expect(sandbox.sentMails).toHaveLength(1);
	});

	it('leaves once with Retry On Fail, though the template says something else by then', async () => {
		const template = add();
		sandbox.fail({ api: SEND, on: [1, 2, 3], with: { kind: 'reset', when: 'after' } });
		sandbox.fail({
			api: SEND,
			on: (nth) => {
				if (nth === 3) template.subject = 'Changed';
				return false;
			},
			with: {},
		});
		const { jsons, error } = await send(from(), { settings: retries });
		expect(error?.message).toBeUndefined();
		expect(jsons).toMatchObject([{ outcome: 'alreadySent', subject: '欢迎' }]);
		expect(sandbox.sentMails.map(({ mail }) => mail.subject)).toEqual(['欢迎']);
	});

	it('whose template is gone when it is tried again may have left, and the error says so', async () => {
		add();
		sandbox.fail({ api: SEND, on: [1, 2, 3], with: { kind: 'html', status: 504, after: true } });
		sandbox.fail({ api: GET, on: 2, with: { code: 1230007, status: 404 } });
		const failed = await send(from(), { settings: retries });
		expect(failed.error?.message).toContain('The mailbox has no such template');
		expect(description(failed)).toMatch(/unknown whether an earlier try has sent the mail.+<.+>/);
		expect(sandbox.sentMails).toHaveLength(1);
	});

	it('that has left is not made again when another item fails and the node is run again', async () => {
		add();
		sandbox.fail({ api: SEND, on: 2, with: { status: 400, code: 1236014, msg: 'content risk' } });
		const { jsons } = await send(from(), { items: [{}, {}], settings: retries });
		expect(jsons.map(({ outcome }: IDataObject) => outcome)).toEqual(['alreadySent', 'sent']);
		expect(sandbox.sentMails).toHaveLength(2);
	});

	it('waits for the quota of templates', async () => {
		add();
		add({ template_id: 'bye' });
		for (const api of [GET, LINK] as const) sandbox.setQuota(api, { limit: 1, window: 1 });
		const items = ['welcome', 'bye'].map((id) => ({ id }));
		const { jsons } = await send(from({ templateId: locate('id', '={{ $json.id }}') }), { items });
		expect(jsons.map(({ outcome }) => outcome)).toEqual(['sent', 'sent']);
		expect(sandbox.requestsTo(GET).map(({ code }) => code)).toEqual([0, 99991400, 0]);
	});

	it('that is too large with its files is refused, and says so', async () => {
		add({ template_content: 'x', attachments: [{ ...pdf, content: () => Buffer.alloc(19 * 1024 * 1024) }] });
		const ran = await send();
		expect(ran.error?.message).toBe(
			"There is no room in a mail for the attachment '条款.pdf' of the template",
		);
		expect(sandbox.sentMails).toEqual([]);
	});
});
