import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { ApiName, Fault, Template } from '../sandbox';
import {
	appWithout,
	bodies,
	connected,
	continues,
	credentialOf,
	locate,
	named,
	runOn,
	sandbox,
	writes,
} from './stage';

const LIST = 'mail.template.list';
const GET = 'mail.template.get';
const CREATE = 'mail.template.create';
const UPDATE = 'mail.template.update';
const DELETE = 'mail.template.delete';

const run = runOn('template');

const JANE = { mail_address: 'jane@example.com', name: 'Jane' };

const file = { id: 'file-1', filename: 'terms.pdf', attachment_type: 1, is_inline: false } as const;

/** Adds a template whose id is its name. */
const add = (name: string, change: Partial<Template> = {}) => {
	const template: Template = {
		template_id: name,
		name,
		subject: 'Hello',
		template_content: '<p>Hello</p>',
		is_plain_text_mode: false,
		tos: [JANE],
		ccs: [],
		bccs: [],
		attachments: [{ ...file, content: Buffer.from('PDF') }],
		create_time: 1_760_000_000_000,
		...change,
	};
	sandbox.mailbox.templates.push(template);
	return template;
};

/** A template as it comes out. */
const shown = ({ attachments, create_time, ...template }: Template) => ({
	...template,
	attachments: attachments.map((one) => ({ ...one, content: undefined })),
	create_time: String(create_time),
});

const chosen = (mode: 'list' | 'name' | 'id', value: string) => ({ templateId: locate(mode, value) });

/** What the operations need to reach one template, with nothing to refuse. */
const operations: Array<[string, ApiName, INodeParameters]> = [
	['get', GET, chosen('id', 'Welcome')],
	['get', LIST, chosen('name', 'Welcome')],
	['getAll', LIST, {}],
	['create', CREATE, { name: 'New' }],
	['update', GET, { ...chosen('id', 'Welcome'), updateFields: { subject: 'Hi' } }],
	['update', UPDATE, { ...chosen('id', 'Welcome'), updateFields: { subject: 'Hi' } }],
	['delete', DELETE, chosen('id', 'Welcome')],
];

describe('Template: Create', () => {
	it('sends what is entered, and gives the template', async () => {
		const ran = await run('create', {
			name: '欢迎',
			subject: 'Welcome',
			templateContent: '<p>您好</p>',
			additionalFields: {
				tos: 'Jane <jane@example.com>',
				ccs: [{ mail_address: 'joe@example.com' }],
				bccs: 'ann@example.com, ben@example.com',
			},
		});
		expect(bodies(CREATE)).toEqual([
			{
				template: {
					name: '欢迎',
					subject: 'Welcome',
					template_content: '<p>您好</p>',
					tos: [JANE],
					ccs: [{ mail_address: 'joe@example.com' }],
					bccs: [{ mail_address: 'ann@example.com' }, { mail_address: 'ben@example.com' }],
				},
			},
		]);
		expect(ran.jsons).toEqual(sandbox.mailbox.templates.map(shown));
	});

	it.each<[string, INodeParameters, IDataObject]>([
		['a name alone', {}, {}],
		['plain text', { isPlainTextMode: true }, { is_plain_text_mode: true }],
		['plain text by expression', { isPlainTextMode: "={{ 'true' }}" }, { is_plain_text_mode: true }],
	])('takes %s', async (_, additionalFields, body) => {
		const { error } = await run('create', { name: 'New', additionalFields });
		expect(error?.message).toBeUndefined();
		expect(bodies(CREATE)).toEqual([{ template: { name: 'New', ...body } }]);
	});

	it.each<[string, INodeParameters, string]>([
		['an empty name', { name: '={{ "" }}' }, "'Name' is empty"],
		['a name of 101 characters', { name: '模'.repeat(101) }, "'Name' has 101 characters"],
		['a subject of 1001 characters', { subject: 'x'.repeat(1001) }, "'Subject' has 1001 characters"],
		['what is no address', { additionalFields: { ccs: 'jane' } }, "'CC': 'jane' is not an email address"],
		[
			'101 recipients',
			{
				additionalFields: { tos: Array.from({ length: 101 }, (_, index) => `p${index}@example.com`).join() },
			},
			"'To' has 101 addresses",
		],
		[
			'a switch that is neither on nor off',
			{ additionalFields: { isPlainTextMode: "={{ 'maybe' }}" } },
			"'Plain Text' must",
		],
	])('refuses %s before anything is sent', async (_, parameters, words) => {
		const { error } = await run('create', { name: 'New', ...parameters });
		expect(error?.message).toContain(words);
		expect(sandbox.requests).toEqual([]);
	});

	it('lists the templates once, to recognise what it creates should an answer be lost', async () => {
		await run('create', { name: '={{ $json.name }}' }, { items: named(3) });
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
		expect(sandbox.requestsTo(CREATE)).toHaveLength(3);
	});

	it('takes 100 recipients', async () => {
		const tos = Array.from({ length: 100 }, (_, index) => `p${index}@example.com`);
		const ran = await run('create', { name: 'New', additionalFields: { tos: tos.join() } });
		expect(ran.error?.message).toBeUndefined();
		expect(sandbox.mailbox.templates[0]!.tos.map(({ mail_address }) => mail_address)).toEqual(tos);
	});

	describe('whose answer is lost', () => {
		const lost: Fault = { kind: 'reset', when: 'after' };

		it('is found, and comes out whole', async () => {
			sandbox.fail({ api: CREATE, with: lost });
			const ran = await run('create', { name: 'New', subject: 'Hi' });
			expect(ran.jsons).toEqual(sandbox.mailbox.templates.map(shown));
			expect(ran.jsons).toMatchObject([{ name: 'New', subject: 'Hi' }]);
		});

		it('is one of its own, not an older one of the same name', async () => {
			add('New', { template_id: 'old' });
			sandbox.fail({ api: CREATE, with: lost });
			const ran = await run('create', { name: 'New' });
			expect(ran.jsons).toEqual([shown(sandbox.mailbox.templates[1]!)]);
			expect(sandbox.mailbox.templates).toHaveLength(2);
		});

		it('is not that of the row before', async () => {
			sandbox.fail({ api: CREATE, on: 2, with: lost });
			const ran = await run('create', { name: 'New' }, { items: [{}, {}] });
			expect(ran.jsons).toEqual(sandbox.mailbox.templates.map(shown));
			expect(sandbox.mailbox.templates).toHaveLength(2);
		});

		it('is unknown where nobody knows what was there before', async () => {
			sandbox.fail({ api: LIST, on: [1, 2, 3], with: lost });
			sandbox.fail({ api: CREATE, with: lost });
			const { error } = await run('create', { name: 'New' });
			expect(error?.message).toBe(
				'It is unknown whether Feishu carried out the request: check whether the template is in the mailbox before running it again',
			);
			expect(sandbox.mailbox.templates).toHaveLength(1);
		});

		it('is unknown where somebody else has created one of the same name meanwhile', async () => {
			const meanwhile = (n: number) => n === 1 && add('New', { template_id: 'theirs' }) !== undefined;
			sandbox.fail({ api: CREATE, on: meanwhile, with: lost });
			const { error } = await run('create', { name: 'New' });
			expect(error?.message).toContain('It is unknown whether Feishu carried out the request');
			expect(sandbox.mailbox.templates).toHaveLength(2);
		});
	});
});

it('a new template is not created again by Retry On Fail where another item failed', async () => {
	sandbox.fail({ api: CREATE, on: 2, with: { code: 1230009, status: 400 } });
	const { jsons } = await run(
		'create',
		{ name: '={{ $json.name }}' },
		{ items: named(2), settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 } },
	);
	expect(jsons).toEqual(sandbox.mailbox.templates.map(shown));
	expect(jsons).toMatchObject([{ name: 'No. 0' }, { name: 'No. 1' }]);
});

describe('Template: Get Many', () => {
	it.each([
		['all', { returnAll: true }, 60],
		['as many as the limit says', { limit: 7 }, 7],
		['50, unless something else is set', {}, 50],
	])('gives %s, with names and IDs', async (_, parameters, count) => {
		for (let index = 0; index < 60; index++) add(`No. ${index}`);
		const ran = await run('getAll', parameters);
		expect(ran.jsons).toEqual(
			Array.from({ length: count }, (_item, index) => ({
				template_id: `No. ${index}`,
				name: `No. ${index}`,
				create_time: '1760000000000',
			})),
		);
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});
});

describe('a template is chosen', () => {
	it.each<[string, INodeParameters]>([
		['from the list', chosen('list', 'Welcome')],
		['by its ID', chosen('id', 'Welcome')],
		['by an ID that an expression gives', { templateId: "={{ 'Welcome' }}" }],
		['by its name', chosen('name', 'Welcome')],
		['by its name in another letter case', chosen('name', 'WELCOME')],
	])('%s', async (_, parameters) => {
		add('Other');
		const template = add('Welcome');
		expect((await run('get', parameters)).jsons).toEqual([shown(template)]);
	});

	it.each([
		['get', 'Nowhere', "'Template': the mailbox has no template 'Nowhere'"],
		['update', 'Nowhere', "'Template': the mailbox has no template 'Nowhere'"],
		['delete', 'Twice', "'Template': the mailbox has 2 templates 'Twice'"],
	])('%s by the name %s is refused without a write', async (operation, name, words) => {
		add('Twice', { template_id: 'a' });
		add('Twice', { template_id: 'b' });
		const { error } = await run(operation, { ...chosen('name', name), updateFields: { subject: 'Hi' } });
		expect(error?.message).toBe(words);
		expect(writes()).toEqual([]);
	});

	it('by name for 30 items with one list', async () => {
		const items = named(30);
		const templates = items.map(({ name }) => add(name));
		const ran = await run('get', chosen('name', '={{ $json.name }}'), { items });
		expect(ran.jsons).toEqual(templates.map(shown));
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});

	it('by the name that an item before has given it', async () => {
		add('Welcome');
		const items = [
			{ from: 'Welcome', to: 'Hello' },
			{ from: 'Hello', to: 'Goodbye' },
		];
		const ran = await run(
			'update',
			{ ...chosen('name', '={{ $json.from }}'), updateFields: { name: '={{ $json.to }}' } },
			{ items },
		);
		expect(ran.jsons.map(({ name }) => name)).toEqual(['Hello', 'Goodbye']);
	});
});

describe('Template: Update', () => {
	it.each<[string, INodeParameters, Partial<Template>]>([
		['the subject', { subject: 'Hi' }, { subject: 'Hi' }],
		['the name', { name: 'Hello' }, { name: 'Hello' }],
		['the message', { templateContent: '<b>Hi</b>' }, { template_content: '<b>Hi</b>' }],
		['the kind of message', { isPlainTextMode: true }, { is_plain_text_mode: true }],
		[
			'recipients',
			{ tos: 'joe@example.com', ccs: 'ann@example.com' },
			{
				tos: [{ mail_address: 'joe@example.com' }],
				ccs: [{ mail_address: 'ann@example.com' }],
			},
		],
		['recipients to none', { tos: '' }, { tos: [] }],
		['the subject to an empty one', { subject: '' }, { subject: '' }],
		[
			'what an expression gives, and leaves alone what gives nothing',
			{ subject: '={{ null }}', tos: '={{ undefined }}', name: 'Hello' },
			{ name: 'Hello' },
		],
	])('changes %s, and keeps all else with the files', async (_, updateFields, change) => {
		const before = structuredClone(add('Welcome', { is_plain_text_mode: false, bccs: [JANE] }));
		const ran = await run('update', { ...chosen('name', 'Welcome'), updateFields });
		expect(ran.error?.message).toBeUndefined();
		expect(ran.jsons).toEqual([{ ...shown(before), ...change }]);
		expect(sandbox.mailbox.templates.map(shown)).toEqual([{ ...shown(before), ...change }]);
	});

	it('keeps what Feishu tells of a template and the node does not know', async () => {
		const template = shown(add('Welcome'));
		sandbox.fail({
			api: GET,
			with: { code: 0, data: { template: { ...template, is_send_separately: true } } },
		});
		await run('update', { ...chosen('id', 'Welcome'), updateFields: { subject: 'Hi' } });
		const sent = { ...template, is_send_separately: true, subject: 'Hi' };
		expect(bodies(UPDATE)).toEqual([
			{ template: { ...sent, template_id: undefined, create_time: undefined } },
		]);
	});

	it.each<[string, INodeParameters, string]>([
		['nothing', {}, 'There is nothing to change'],
		['only fields without a value', { subject: '={{ null }}' }, 'There is nothing to change'],
		['an empty name', { name: '' }, "'Name' is empty"],
		['what is no address', { tos: 'jane' }, "'To': 'jane' is not an email address"],
	])('refuses %s before anything is sent', async (_, updateFields, words) => {
		const { error } = await run('update', { ...chosen('name', 'Welcome'), updateFields });
		expect(error?.message).toContain(words);
		expect(sandbox.requests).toEqual([]);
	});
});

describe('Template: Delete', () => {
	it('gives the id, and leaves the other templates', async () => {
		add('Welcome');
		add('Other');
		const ran = await run('delete', chosen('name', 'Welcome'));
		expect(ran.jsons).toEqual([{ deleted: true, template_id: 'Welcome' }]);
		expect(sandbox.mailbox.templates.map(({ name }) => name)).toEqual(['Other']);
	});

	it('by two items takes it with the first one, however often that has to ask', async () => {
		add('Welcome');
		sandbox.fail({ api: DELETE, with: { kind: 'reset', when: 'before' } });
		const { jsons } = await run('delete', chosen('id', 'Welcome'), { items: [{}, {}], ...continues });
		expect(jsons).toEqual([
			{ deleted: true, template_id: 'Welcome' },
			expect.objectContaining({ error: expect.stringContaining('The mailbox has no such template') }),
		]);
	});

	it('of what is gone already fails and says so', async () => {
		const { error } = await run('delete', chosen('id', 'Welcome'));
		expect(error?.message).toContain('The mailbox has no such template');
	});
});

describe.each(operations)('template %s, when %s', (operation, api, parameters) => {
	beforeEach(() => add('Welcome'));

	it.each([
		[400, 1230001, "check 'Mailbox'"],
		[403, 1230002, 'the data permission for the mails of this mailbox'],
	])('is refused with HTTP %d and code %d: says what to do', async (status, code, words) => {
		sandbox.fail({ api, with: { status, code, msg: 'no' } });
		const { error } = await run(operation, parameters);
		expect(error?.message).toContain(words);
		expect(error?.context.details).toMatchObject({ code, httpCode: status });
	});

	it('lacks its scope: names it', async () => {
		const credential = await credentialOf(sandbox.tenant.addApp({ scopes: [] }));
		const { error } = await run(operation, parameters, { credential });
		expect(error?.context.details).toMatchObject({ code: 99991672 });
		expect(error?.message).toContain('mail:user_mailbox.message:modify');
	});

	it.each<[string, Fault, boolean]>([
		['a reset before the work', { kind: 'reset', when: 'before' }, false],
		['a reset after the work', { kind: 'reset', when: 'after' }, true],
		['half an answer', { kind: 'truncated' }, true],
		['HTTP 500 with code 1230003', { status: 500, code: 1230003, msg: 'internal error', after: true }, true],
	])('meets %s twice: succeeds, and does the work once', async (_, fault, done) => {
		const handle = sandbox.fail({ api, times: 2, on: () => true, with: fault });
		const { error } = await run(operation, parameters);
		expect(error?.message).toBeUndefined();
		// What was created is found, so that it is not sent again.
		expect(handle.fired).toBe(api === CREATE && done ? 1 : 2);
		expect(sandbox.mailbox.templates).toHaveLength({ create: 2, delete: 0 }[operation] ?? 1);
	});

	it('meets a reset each time: fails after three tries, and changes nothing', async () => {
		sandbox.fail({ api, on: () => true, with: { kind: 'reset', when: 'before' } });
		const before = structuredClone(sandbox.mailbox.templates);
		const { error } = await run(operation, parameters);
		expect(error?.message).toMatch(/: run it again later(, which does nothing twice)?$/);
		expect(sandbox.requestsTo(api)).toHaveLength(3);
		expect(sandbox.mailbox.templates).toEqual(before);
	});

	it('uses up the quota: waits and goes on', async () => {
		sandbox.setQuota(api, { limit: 1, window: 1 });
		const { error } = await run(operation, parameters, { items: [{}] });
		expect(error?.message).toBeUndefined();
		sandbox.mailbox.templates.length = 0;
		add('Welcome');
		expect((await run(operation, parameters)).error?.message).toBeUndefined();
		expect(sandbox.requestsTo(api).map(({ code }) => code)).toContain(99991400);
	});

	it('fails for one item, lets the others go on', async () => {
		const { address } = sandbox.mailbox;
		const items = [{ box: 'nobody@example.com' }, { box: address }];
		const ran = await run(
			operation,
			{ ...parameters, userMailboxId: '={{ $json.box }}' },
			{ items, ...continues },
		);
		expect(ran.jsons.map(({ error }) => typeof error)).toEqual(['string', 'undefined']);
	});

	it('acts for a user: works on the own mailbox', async () => {
		const { error } = await run(
			operation,
			{ userMailboxId: 'me', ...parameters },
			{ credential: await connected() },
		);
		expect(error?.message).toBeUndefined();
		expect(sandbox.requestsTo(api).map(({ path }) => path.split('/')[5])).toEqual(['me']);
	});
});

it('template get needs to read mails only', async () => {
	add('Welcome');
	const credential = await appWithout('modify');
	const { error } = await run('get', chosen('name', 'Welcome'), { credential });
	expect(error?.message).toBeUndefined();
});

it.each([
	[1230004, 400, 'create', CREATE, "enter another 'Name'"],
	[1230005, 400, 'create', CREATE, 'delete one first'],
	[1230006, 400, 'create', CREATE, "'Message' is too large for a template"],
	[1230008, 400, 'update', UPDATE, 'too large with its files'],
	[1230009, 400, 'update', UPDATE, 'does not accept a value of the template'],
	[1230011, 403, 'update', UPDATE, 'A file of the template may not be read'],
	[1230007, 404, 'get', GET, 'The mailbox has no such template'],
] as const)('code %d is told in words', async (code, status, operation, api, words) => {
	add('Welcome');
	sandbox.fail({ api, with: { status, code, msg: 'no' } });
	const parameters = { name: 'New', ...chosen('id', 'Welcome'), updateFields: { subject: 'Hi' } };
	const { error } = await run(operation, parameters);
	expect(error?.message).toContain(words);
});
