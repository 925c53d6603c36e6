import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { Sandbox } from '../sandbox';
import { Engine, type RunOptions } from './engine';

let sandbox: Sandbox;
let engine: Engine;

beforeAll(async () => {
	sandbox = await Sandbox.start();
	engine = new Engine(sandbox);
});

beforeEach(() => {
	sandbox.clearFaults();
	sandbox.requests.length = 0;
	sandbox.mailbox.labels.length = 0;
	sandbox.mailbox.labelLimit = 1000;
});

afterAll(async () => await sandbox.close());

const run = async (operation: string, parameters: INodeParameters = {}, options: Partial<RunOptions> = {}) =>
	await engine.run({
		parameters: { resource: 'label', operation, userMailboxId: sandbox.mailbox.address, ...parameters },
		...options,
	});

const fill = (...names: string[]) =>
	names.forEach((name, index) =>
		sandbox.mailbox.labels.push({ id: `l${index}`, name, background_color: 'blue', messages_unread: index }),
	);

const jsons = ({ outputs }: Awaited<ReturnType<typeof run>>) => outputs[0]!.map(({ json }) => json);

const sent = (api: 'list' | 'get' | 'create' | 'patch' | 'delete') => sandbox.requestsTo(`mail.label.${api}`);

const by = (mode: 'list' | 'name' | 'id', value: string) => ({ __rl: true, mode, value });

const named = (names: string[]) => names.map((name) => ({ name }));

describe('the label', () => {
	beforeEach(() => fill('客户', '客户/亚洲', 'VIP', 'Team', 'team'));

	it.each([
		['from the list', by('list', 'l1'), '客户/亚洲', 0],
		['by ID', by('id', ' l1 '), '客户/亚洲', 0],
		['by ID, as an expression gives it', '={{ "l1" }}', '客户/亚洲', 0],
		['by name', by('name', '客户/亚洲'), '客户/亚洲', 1],
		['by name in other letters', by('name', ' vip '), 'VIP', 1],
		['by the exact one of two names', by('name', 'team'), 'team', 1],
	])('is chosen %s', async (_, labelId, name, listings) => {
		expect(jsons(await run('get', { labelId }))).toMatchObject([{ name, background_color: 'blue' }]);
		expect(sent('list')).toHaveLength(listings);
	});

	it.each([
		['no label has the name', by('name', 'nothing'), "the mailbox has no label named 'nothing'"],
		['two have it, but in other letters', by('name', 'TEAM'), "no label named 'TEAM'"],
		['it is empty', by('name', '={{ "" }}'), "'Label' is empty"],
	])('is refused where %s', async (_, labelId, message) => {
		const { error } = await run('delete', { labelId });
		expect(error?.message).toContain(message);
		expect(sent('delete')).toEqual([]);
	});

	it('is looked up in one list for all items', async () => {
		const items = Array.from({ length: 30 }, (_, index) => ({ name: ['客户', 'VIP', 'team'][index % 3]! }));
		const read = jsons(await run('get', { labelId: by('name', '={{ $json.name }}') }, { items }));
		expect(read.map(({ name }) => name)).toEqual(items.map(({ name }) => name));
		expect(sent('list')).toHaveLength(1);
		expect(sent('get')).toHaveLength(30);
	});
});

describe('Label: Get Many', () => {
	it.each([
		['all', { returnAll: true }, 3],
		['up to the limit', { limit: 2 }, 2],
		['no more than there are', { limit: 50 }, 3],
	])('gives %s, in one request', async (_, parameters, count) => {
		fill('甲', '乙', '丙');
		const result = await run('getAll', parameters);
		expect(jsons(result)).toEqual(sandbox.mailbox.labels.slice(0, count));
		expect(sent('list')).toHaveLength(1);
		expect(sent('list')[0]!.query).toEqual({});
	});

	it('gives nothing where Feishu leaves an empty list out', async () => {
		sandbox.fail({ api: 'mail.label.list', with: { code: 0, data: {} } });
		const result = await run('getAll');
		expect([result.status, jsons(result)]).toEqual(['success', []]);
	});
});

describe('Label: Update', () => {
	beforeEach(() => fill('旧名', 'Other'));

	it.each([
		['the name', { name: '新名/下级' }, { name: '新名/下级' }],
		['the colour', { backgroundColor: 'wathet' }, { background_color: 'wathet' }],
		['both', { name: '新名', backgroundColor: 'red' }, { name: '新名', background_color: 'red' }],
		['what expressions give', { name: '={{ null }}', backgroundColor: 'red' }, { background_color: 'red' }],
	])('changes %s, and gives the label', async (_, updateFields, label) => {
		const result = await run('update', { labelId: by('id', 'l0'), updateFields });
		expect(sent('patch')[0]!.body).toEqual({ label });
		expect(jsons(result)).toEqual([
			{ id: 'l0', name: '旧名', background_color: 'blue', messages_unread: 0, ...label },
		]);
	});

	it.each([
		['there is nothing to change', {}, 'There is nothing to change'],
		['expressions give nothing', { name: '={{ undefined }}' }, 'There is nothing to change'],
		['the name is empty', { name: '' }, "'Name' is empty"],
		['the colour is none', { backgroundColor: 'pink' }, "'Background Color' must be one of"],
		['the name is too long', { name: '长'.repeat(256) }, "'Name' has 256 characters"],
	])('sends nothing where %s', async (_, updateFields, message) => {
		const { error } = await run('update', { labelId: by('id', 'l0'), updateFields });
		expect(error?.message).toContain(message);
		expect(sandbox.requests).toEqual([]);
	});
});

it.each(['update', 'delete'])(
	'%s refuses labels of Feishu’s own before anything is sent',
	async (operation) => {
		for (const name of ['IMPORTANT', 'FLAGGED', 'unread']) {
			const { error } = await run(operation, { labelId: by('id', name), updateFields: { name: 'x' } });
			expect(error?.message).toContain("a label of Feishu's own");
		}
		expect(sandbox.requests).toEqual([]);
	},
);

describe('Label: Delete', () => {
	it('deletes the label and says which; one that is gone is a failure that says so', async () => {
		fill('甲', '乙');
		const result = await run(
			'delete',
			{ labelId: '={{ $json.id }}' },
			{
				items: [{ id: 'l0' }, { id: 'l9' }],
				onError: 'continueRegularOutput',
			},
		);
		expect(jsons(result)).toEqual([
			{ deleted: true, id: 'l0' },
			{
				error: expect.stringContaining('it may have been deleted'),
				details: expect.objectContaining({ code: 1230100 }),
			},
		]);
		expect(sandbox.mailbox.labels.map(({ name }) => name)).toEqual(['乙']);
	});
});

describe('Label: Create, if the label exists', () => {
	it('fails unless told otherwise', async () => {
		fill('客户');
		const { error } = await run('create', { name: '客户' });
		expect(error?.message).toContain('A label with this name exists already');
		expect(sent('list')).toEqual([]);
	});

	it('gives the existing one; a second run creates nothing', async () => {
		const parameters = { name: '={{ $json.name }}', options: { ifLabelExists: 'returnExisting' } };
		const items = named(['甲', '乙', '甲', '丙', '甲']);
		const first = jsons(await run('create', parameters, { items }));
		expect(sandbox.mailbox.labels).toHaveLength(3);
		expect(first.map(({ name }) => name)).toEqual(items.map(({ name }) => name));
		sandbox.requests.length = 0;
		expect(jsons(await run('create', parameters, { items }))).toEqual(first);
		expect([sent('list').length, sent('create').length]).toEqual([1, 0]);
	});

	it('finds one that somebody else created after the list was read', async () => {
		const options = { ifLabelExists: 'returnExisting' };
		sandbox.fail({ api: 'mail.label.list', with: { code: 0, data: { items: [] } } });
		fill('客户');
		expect(jsons(await run('create', { name: '客户', options }))).toMatchObject([{ id: 'l0', name: '客户' }]);
	});
});

describe('Label: Create or Update', () => {
	const upsert = async (items: IDataObject[], options: Partial<RunOptions> = {}) =>
		await run(
			'upsert',
			{ name: '={{ $json.name }}', backgroundColor: '={{ $json.colour }}' },
			{ items, ...options },
		);

	it('creates, changes the colour, or leaves the label as it is, and tells which', async () => {
		fill('红', '蓝', '空');
		const result = jsons(
			await upsert([
				{ name: '红', colour: 'red' },
				{ name: '蓝', colour: 'blue' },
				{ name: '空' },
				{ name: '新', colour: 'green' },
			]),
		);
		expect(result.map(({ outcome }) => outcome)).toEqual(['updated', 'unchanged', 'unchanged', 'created']);
		expect(sandbox.mailbox.labels.map(({ background_color }) => background_color)).toEqual([
			'red',
			'blue',
			'blue',
			'green',
		]);
		expect([sent('list').length, sent('create').length, sent('patch').length]).toEqual([1, 1, 1]);
		expect(sent('patch')[0]!.body).toEqual({ label: { background_color: 'red' } });
	});

	it('gives one label for a name that comes again, with its last colour, while several items are in flight', async () => {
		sandbox.latency = 20;
		const colours = ['red', 'green', 'blue', 'lime', 'violet'];
		const items = colours.flatMap((colour) => ['A', 'B', 'c'].map((name) => ({ name, colour })));
		items.push({ name: 'C', colour: 'orange' });
		const result = jsons(await upsert(items));
		sandbox.latency = 0;
		expect(result.map(({ background_color }) => background_color)).toEqual(items.map(({ colour }) => colour));
		expect(
			sandbox.mailbox.labels.map(({ name, background_color }) => [name, background_color]).sort(),
		).toEqual([
			['A', 'violet'],
			['B', 'violet'],
			['c', 'orange'],
		]);
	});

	it('changes nothing when it runs again', async () => {
		const items = named(['甲', '乙/丙', '丁']).map((item) => ({ ...item, colour: 'lime' }));
		await upsert(items);
		const before = structuredClone(sandbox.mailbox.labels);
		expect(jsons(await upsert(items)).map(({ outcome }) => outcome)).toEqual(Array(3).fill('unchanged'));
		expect(sandbox.mailbox.labels).toEqual(before);
	});

	it('goes on with a name after an item of it failed', async () => {
		sandbox.fail({ api: 'mail.label.create', with: { status: 400, code: 1230102 } });
		const result = jsons(await upsert(named(['甲', '甲']), { onError: 'continueRegularOutput' }));
		expect(result).toEqual([
			expect.objectContaining({ error: expect.stringContaining('as many labels as Feishu allows') }),
			expect.objectContaining({ outcome: 'created' }),
		]);
	});
});

describe.each([
	['get', 'get', { labelId: 'l0' }],
	['getAll', 'list', {}],
	['update', 'patch', { labelId: 'l0', updateFields: { name: '新' } }],
	['delete', 'delete', { labelId: 'l0' }],
	['upsert', 'create', { name: '新', backgroundColor: 'red' }],
] as const)('Label: %s, refused by Feishu', (operation, api, parameters) => {
	const codes: Array<[number, number, string]> = [
		[1234000, 400, 'does not accept a value of the label'],
		[1234013, 400, 'no active mailbox'],
		[1234030, 403, 'data permission'],
		[1230100, 400, 'no such label'],
		[1230103, 400, 'a label of its own'],
		[99991672, 400, 'mail:user_mailbox.message:modify'],
	];

	it.each(codes)('with code %i: says what to do, and the next item goes on', async (code, status, words) => {
		fill('甲', '乙');
		sandbox.fail({ api: `mail.label.${api}`, with: { code, status, msg: 'refused' } });
		const ids = operation === 'delete' ? [{ id: 'l0' }, { id: 'l1' }] : [{ id: 'l0' }, { id: 'l0' }];
		const result = jsons(
			await run(
				operation,
				{ ...parameters, ...('labelId' in parameters ? { labelId: '={{ $json.id }}' } : {}) },
				{ items: ids, onError: 'continueRegularOutput' },
			),
		);
		const failed = result.filter(({ error }) => error !== undefined);
		expect(failed).toEqual([
			expect.objectContaining({
				error: expect.stringContaining(words),
				details: expect.objectContaining({ code, httpCode: status }),
			}),
		]);
	});

	it(`${api === 'get' || api === 'list' ? 'is read again' : 'is not sent again'} when no answer came`, async () => {
		fill('甲');
		sandbox.fail({ api: `mail.label.${api}`, with: { kind: 'reset', when: 'after' } });
		const { error } = await run(operation, parameters);
		const reads = api === 'get' || api === 'list';
		expect(sent(api)).toHaveLength(reads ? 2 : 1);
		if (reads) expect(error).toBeUndefined();
		else expect(error?.message).toContain('It is unknown whether Feishu carried out the request: check wh');
	});
});

it('a user works with the labels of the own mailbox', async () => {
	fill('甲');
	const credential = await engine.credentials.add('feishuMailOAuth2Api', {
		region: 'custom',
		baseUrl: sandbox.url,
		clientId: sandbox.app.id,
		clientSecret: sandbox.app.secret,
		oauthTokenData: { ...sandbox.issueUserTokens() },
	});
	const user = { authentication: 'oAuth2', userMailboxId: 'me', labelId: by('name', '甲') };
	await run('update', { ...user, updateFields: { name: '乙' } }, { credential });
	expect(sandbox.mailbox.labels).toMatchObject([{ id: 'l0', name: '乙' }]);
});
