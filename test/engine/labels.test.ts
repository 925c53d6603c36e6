import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { ApiName, Fault, Label } from '../sandbox';
import type { Run, RunOptions } from './engine';
import { bodies, connected, continues, credentialOf, locate, named, runOn, sandbox, writes } from './stage';

const LIST = 'mail.label.list';
const CREATE = 'mail.label.create';
const PATCH = 'mail.label.patch';

const run = runOn('label');

const add = (...names: string[]) =>
	names.map((name) => {
		const label: Label = { id: `id of ${name}`, name, background_color: 'blue', messages_unread: 3 };
		sandbox.mailbox.labels.push(label);
		return label;
	});

/** A label as the field holds it that chooses one. */
const chosen = (mode: 'list' | 'name' | 'id', value: string) => ({ labelId: locate(mode, value) });

const byName = (value: string) => chosen('name', value);

const names = () => sandbox.mailbox.labels.map(({ name }) => name);

const colours = () =>
	Object.fromEntries(sandbox.mailbox.labels.map(({ name, background_color }) => [name, background_color]));

const labelsSent = (api: ApiName) => bodies(api).map((body) => (body as { label: IDataObject }).label);

const many = (count: number) => named(count, '标签');

/** What the operations need to reach one label, with nothing to refuse. */
const operations: Array<[string, ApiName, INodeParameters]> = [
	['get', 'mail.label.get', chosen('id', 'id of VIP')],
	['getAll', LIST, {}],
	['create', CREATE, { name: 'New' }],
	['update', PATCH, { ...chosen('id', 'id of VIP'), updateFields: { backgroundColor: 'red' } }],
	['upsert', PATCH, { name: 'VIP', backgroundColor: 'red' }],
	['upsert', LIST, { name: 'VIP', backgroundColor: 'red' }],
	['upsert', CREATE, { name: 'New', backgroundColor: 'red' }],
	['delete', 'mail.label.delete', chosen('id', 'id of VIP')],
];

const isRead = (api: ApiName) => api === LIST || api === 'mail.label.get';

/** How a message ends after three tries whose answers were lost. */
const saysAfterThreeTries = (api: ApiName) => {
	if (isRead(api)) return /[^,]: run it again later$/;
	if (api === CREATE) return /, and nothing was created: run it again later$/;
	return /, and Feishu may or may not have carried out the request: run it again later, which does nothing twice$/;
};

describe('Label: Get Many', () => {
	it.each([
		['all', { returnAll: true }, 60],
		['as many as the limit says', { limit: 7 }, 7],
		['a limit that an expression gives as text', { limit: '={{ "7" }}' }, 7],
		['what there is, below the limit', { limit: 100 }, 60],
		['50, unless something else is set', {}, 50],
	])('gives %s, with one request and no paging', async (_, parameters, count) => {
		add(...many(60).map(({ name }) => name));
		const ran = await run('getAll', parameters);
		expect(ran.jsons).toEqual(sandbox.mailbox.labels.slice(0, count));
		expect(sandbox.requestsTo(LIST).map(({ query }) => query)).toEqual([{}]);
	});

	it('gives nothing for a mailbox without labels', async () => {
		const ran = await run('getAll');
		expect([ran.status, ran.jsons]).toEqual(['success', []]);
	});

	it.each([0, -1, 1.5, 'many'])('refuses the limit %p before anything is sent', async (limit) => {
		const { error } = await run('getAll', { limit });
		expect(error?.message).toContain("'Limit' must be a whole number above 0");
		expect(sandbox.requests).toEqual([]);
	});
});

describe('a label is chosen', () => {
	it.each<[string, INodeParameters]>([
		['from the list', chosen('list', 'id of Customers/Asia')],
		['by its ID', chosen('id', 'id of Customers/Asia')],
		['by an ID with blanks around it', chosen('id', ' id of Customers/Asia\n')],
		['by an ID that an expression gives', { labelId: "={{ 'id of Customers/Asia' }}" }],
		['by its name, the whole path', byName('Customers/Asia')],
		['by its name in another letter case', byName('customers/ASIA')],
		['by its name with blanks around it', byName(' Customers/Asia ')],
	])('%s', async (_, parameters) => {
		const [label] = add('Customers/Asia', 'Asia');
		expect((await run('get', parameters)).jsons).toEqual([label]);
	});

	it.each(['a/b', 'a?b#c', '50%', '标签 1', "o'neil", 'a b'])(
		'by the ID %j, which is one part of the address',
		async (id) => {
			add('Odd')[0]!.id = id;
			const { error } = await run('get', chosen('id', id));
			expect(error?.message).toBeUndefined();
			expect(sandbox.requestsTo('mail.label.get')[0]!.path.split('/').at(-1)).toBe(encodeURIComponent(id));
		},
	);

	it.each(['get', 'update', 'delete'])('%s: exactly, where two names are alike', async (operation) => {
		add('vip', 'VIP');
		const updateFields = { backgroundColor: 'red' };
		const { error } = await run(operation, { ...byName('VIP'), updateFields });
		expect(error?.message).toBeUndefined();
		expect(decodeURIComponent(sandbox.requests.at(-1)!.path)).toContain('/id of VIP');
	});

	it.each([
		['get', 'Nobody', "'Label': the mailbox has no label 'Nobody'"],
		['update', 'Nobody', "'Label': the mailbox has no label 'Nobody'"],
		['delete', 'Nobody', "'Label': the mailbox has no label 'Nobody'"],
		['delete', 'Asia', "'Label': the mailbox has no label 'Asia'"],
		['delete', 'VIP', "'Label': the mailbox has 2 labels 'VIP'"],
	])('%s by the name %s is refused without a write', async (operation, name, words) => {
		add('Customers/Asia', 'Vip', 'vip');
		const { error } = await run(operation, { ...byName(name), updateFields: { name: 'New' } });
		expect(error?.name).toBe('NodeOperationError');
		expect(error?.message).toContain(words);
		expect(writes()).toEqual([]);
	});

	it('and the labels that one name may mean are told by their IDs', async () => {
		add('Vip', 'vip');
		const { error } = await run('get', byName('VIP'));
		expect(error?.description).toContain('id of Vip, id of vip');
	});

	it.each<[string, INodeParameters['labelId']]>([
		['an expression gives an empty text', locate('list', '={{ "" }}')],
		['an expression gives nothing', locate('id', '={{ $json.missing }}')],
		['a name is blanks', locate('name', '  ')],
	])('where %s: refused before anything is sent', async (_, labelId) => {
		const { error } = await run('delete', { labelId });
		expect(error?.message).toContain("'Label' is empty");
		expect(sandbox.requests).toEqual([]);
	});

	it('but an ID that lost its last digits as a number is refused: it would mean another label', async () => {
		const { error } = await run('delete', chosen('id', '={{ 7012345678901234567 }}'));
		expect(error?.message).toContain("'Label' is a number that cannot hold all digits of an ID");
		expect(sandbox.requests).toEqual([]);
	});

	it('by name for 30 items with one list', async () => {
		add(...many(30).map(({ name }) => name));
		const ran = await run('get', byName('={{ $json.name }}'), { items: many(30) });
		expect(ran.jsons).toEqual(sandbox.mailbox.labels);
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});

	it('by name in two mailboxes, each with its own labels', async () => {
		const other = sandbox.tenant.addMailbox('other@example.com');
		other.labels.push({ id: 'elsewhere', name: 'VIP', background_color: 'red', messages_unread: 0 });
		add('VIP');
		const ran = await run(
			'get',
			{ ...byName('VIP'), userMailboxId: '={{ $json.box }}' },
			{ items: [{ box: other.address }, { box: sandbox.mailbox.address }, { box: other.address }] },
		);
		expect(ran.jsons.map(({ id }) => id)).toEqual(['elsewhere', 'id of VIP', 'elsewhere']);
		expect(sandbox.requestsTo(LIST)).toHaveLength(2);
	});

	it.each<[string, number[], Fault, string]>([
		['failed', [1, 2, 3], { status: 500, code: 1234017 }, 'internal fault'],
		['something else answered', [1], { kind: 'html', status: 403 }, "did not come from Feishu's API"],
		[
			'had its token rejected',
			[1, 2],
			{ status: 401, code: 99991663 },
			"does not accept the app's access token",
		],
	])(
		'by name after a list that %s: only the item that asked fails, the others list again',
		async (_, on, fault, words) => {
			add('VIP');
			sandbox.fail({ api: LIST, on, with: fault });
			const ran = await run('get', byName('VIP'), { items: many(20), ...continues });
			expect(ran.jsons).toEqual([
				expect.objectContaining({ error: expect.stringContaining(words) }),
				...Array<Label>(19).fill(sandbox.mailbox.labels[0]!),
			]);
			expect(sandbox.requestsTo(LIST)).toHaveLength(on.length + 1);
		},
	);

	it('by name where one item does not wait for the quota: the others do', async () => {
		add('VIP');
		sandbox.fail({
			api: LIST,
			on: 1,
			with: { code: 99991400, headers: { 'x-ogw-ratelimit-reset': '30' } },
		});
		const ran = await run(
			'get',
			{ ...byName('VIP'), options: { maxWait: '={{ $itemIndex === 0 ? 0 : 60 }}' } },
			{ items: many(20), ...continues },
		);
		expect(ran.jsons).toEqual([
			expect.objectContaining({ error: expect.stringContaining("'Max Wait (Seconds)'") }),
			...Array<Label>(19).fill(sandbox.mailbox.labels[0]!),
		]);
	});

	it('by name where Feishu refuses the list for good: it is asked once', async () => {
		add('VIP');
		const credential = await credentialOf(sandbox.tenant.addApp({ dataPermission: [] }));
		const ran = await run('get', byName('VIP'), { items: many(30), credential, ...continues });
		expect(ran.jsons.map(({ error }) => error)).toEqual(
			Array(30).fill(expect.stringContaining('may not reach the labels of this mailbox')),
		);
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});

	it('by name in one mailbox however its address is written, with one list', async () => {
		add('VIP');
		const ran = await run(
			'get',
			{ ...byName('VIP'), userMailboxId: '={{ $json.box }}' },
			{ items: [{ box: sandbox.mailbox.address }, { box: sandbox.mailbox.address.toUpperCase() }] },
		);
		expect(ran.jsons).toEqual([sandbox.mailbox.labels[0], sandbox.mailbox.labels[0]]);
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});
});

describe('Label: Update', () => {
	it.each<[string, INodeParameters, IDataObject]>([
		['the name', { name: 'Customers/Europe' }, { name: 'Customers/Europe' }],
		['the colour', { backgroundColor: 'wathet' }, { background_color: 'wathet' }],
		['both', { name: 'New', backgroundColor: 'red' }, { name: 'New', background_color: 'red' }],
		['not what is null', { name: '={{ null }}', backgroundColor: 'red' }, { background_color: 'red' }],
		['not what is missing', { name: 'New', backgroundColor: '={{ $json.missing }}' }, { name: 'New' }],
	])('changes %s, and gives the label as it is then', async (_, updateFields, sent) => {
		add('VIP');
		const ran = await run('update', { ...chosen('list', 'id of VIP'), updateFields });
		expect(labelsSent(PATCH)).toEqual([sent]);
		expect(ran.jsons).toEqual([
			{ id: 'id of VIP', name: 'VIP', background_color: 'blue', messages_unread: 3, ...sent },
		]);
		expect(ran.jsons).toEqual(sandbox.mailbox.labels);
	});

	it.each<[string, INodeParameters, string]>([
		['an empty name', { name: '' }, "'Name' is empty"],
		['an empty colour', { backgroundColor: '={{ "" }}' }, "'Background Color' must be one of"],
		[
			'a colour that Feishu does not have',
			{ backgroundColor: '={{ "pink" }}' },
			"'Background Color' must be one of",
		],
		['a name of 256 characters', { name: '签'.repeat(256) }, "'Name' has 256 characters"],
		['nothing', {}, 'There is nothing to change'],
		[
			'only fields without a value',
			{ name: '={{ null }}', backgroundColor: '={{ $json.missing }}' },
			'There is nothing to change',
		],
	])('refuses %s before anything is sent', async (_, updateFields, words) => {
		const { error } = await run('update', { ...byName('VIP'), updateFields });
		expect(error?.name).toBe('NodeOperationError');
		expect(error?.message).toContain(words);
		expect(sandbox.requests).toEqual([]);
	});
});

describe('several items work on one label: they go in the order of the input', () => {
	const slowly = (api: ApiName) => sandbox.fail({ api, on: 1, with: { kind: 'delay', ms: 150 } });

	it('updates, whether the label is chosen by its name or its ID', async () => {
		add('VIP', 'Other');
		slowly(LIST);
		slowly(PATCH);
		const items = [
			{ by: 'name', label: 'vip', colour: 'red' },
			{ by: 'id', label: 'id of VIP', colour: 'lime' },
			{ by: 'id', label: 'id of Other', colour: 'green' },
			{ by: 'list', label: 'id of VIP', colour: 'wathet' },
		];
		const ran = await run(
			'update',
			{ labelId: '={{ $json.choice }}', updateFields: { backgroundColor: '={{ $json.colour }}' } },
			{ items: items.map((item) => ({ ...item, choice: locate(item.by, item.label) })) },
		);
		expect(ran.jsons.map(({ background_color }) => background_color)).toEqual(
			items.map(({ colour }) => colour),
		);
		expect(colours()).toEqual({ VIP: 'wathet', Other: 'green' });
		const patched = sandbox.requestsTo(PATCH).map(({ path }) => decodeURIComponent(path.split('/').at(-1)!));
		expect(patched.filter((id) => id === 'id of VIP')).toHaveLength(3);
	});

	it('renames that give and take names: each row means the label that has the name by then', async () => {
		add('A', 'Z');
		slowly(PATCH);
		const items = [
			{ from: 'A', to: 'B' },
			{ from: 'Z', to: 'A' },
			{ from: 'A', to: 'Q' },
			{ from: 'B', to: 'C' },
		];
		const ran = await run(
			'update',
			{
				labelId: locate('name', '={{ $json.from }}'),
				updateFields: { name: '={{ $json.to }}' },
			},
			{ items },
		);
		expect(ran.jsons.map(({ id, name }) => `${String(id)} ${String(name)}`)).toEqual([
			'id of A B',
			'id of Z A',
			'id of Z Q',
			'id of A C',
		]);
	});

	it('renames of two labels to one name: the first gets it', async () => {
		add('A', 'B');
		slowly(PATCH);
		const ran = await run(
			'update',
			{ ...chosen('id', '={{ $json.id }}'), updateFields: { name: 'C' } },
			{ items: [{ id: 'id of A' }, { id: 'id of B' }], ...continues },
		);
		expect(names()).toEqual(['C', 'B']);
		expect(ran.jsons[1]!.error).toContain('A label with this name exists already');
	});

	it('deletions: the first deletes, the second says that it is gone', async () => {
		add('VIP');
		slowly('mail.label.delete');
		const ran = await run('delete', chosen('id', 'id of VIP'), { items: many(2), ...continues });
		expect(ran.jsons).toEqual([
			{ deleted: true, id: 'id of VIP' },
			expect.objectContaining({ error: expect.stringContaining('The mailbox has no such label') }),
		]);
	});

	it('creations: the first creates, the second says that the name exists', async () => {
		slowly(CREATE);
		const ran = await run(
			'create',
			{ name: 'VIP', backgroundColor: '={{ $json.colour }}' },
			{ items: [{ colour: 'red' }, { colour: 'lime' }], ...continues },
		);
		expect(colours()).toEqual({ VIP: 'red' });
		expect(ran.jsons[1]!.error).toContain('A label with this name exists already');
	});
});

describe('Label: Delete', () => {
	it('gives the id, and leaves the other labels', async () => {
		add('VIP', 'Other one');
		expect((await run('delete', byName('VIP'))).jsons).toEqual([{ deleted: true, id: 'id of VIP' }]);
		expect(names()).toEqual(['Other one']);
	});

	it('of what is gone already fails and says so, and the others go on', async () => {
		add('VIP', 'Asia');
		const items = [{ id: 'id of VIP' }, { id: 'id of VIP' }, { id: 'id of Asia' }];
		const ran = await run('delete', chosen('id', '={{ $json.id }}'), { items, ...continues });
		expect(ran.jsons).toEqual([
			{ deleted: true, id: 'id of VIP' },
			{
				error: 'The mailbox has no such label: it may have been deleted or renamed',
				details: expect.objectContaining({ code: 1230100, httpCode: 400 }),
			},
			{ deleted: true, id: 'id of Asia' },
		]);
		expect(names()).toEqual([]);
	});
});

describe("a label of Feishu's own", () => {
	const own = ['IMPORTANT', 'OTHER', 'FLAGGED', 'UNREAD', 'SCHEDULED'];

	describe.each(['update', 'delete'])('%s', (operation) => {
		it.each(own.flatMap((id) => [chosen('id', id), byName(id), chosen('list', id), { labelId: id }]))(
			'refuses %j without a request, with the reason',
			async (parameters) => {
				const { error } = await run(operation, { ...parameters, updateFields: { name: 'x' } });
				expect(error?.message).toContain("is a label of Feishu's own, which cannot be changed or deleted");
				expect(sandbox.requests).toEqual([]);
			},
		);

		it('is not mistaken for one of a user that differs in letter case', async () => {
			add('Other');
			const { error } = await run(operation, { ...byName('Other'), updateFields: { name: 'New' } });
			expect(error?.message).toBeUndefined();
			expect(names()).toEqual(operation === 'update' ? ['New'] : []);
		});
	});

	it.each(own)('get leaves %s to Feishu', async (id) => {
		await run('get', chosen('id', id));
		expect(sandbox.requestsTo('mail.label.get')).toHaveLength(1);
	});

	it.each(['create', 'upsert'])('%s: the name is refused by Feishu, in words', async (operation) => {
		const { error } = await run(operation, { name: 'FLAGGED', backgroundColor: 'red' });
		expect(error?.message).toBe("Feishu uses this name for a label of its own: enter another 'Name'");
	});
});

describe('Label: Create or Update', () => {
	const upsert = async (items: IDataObject[], options: Partial<RunOptions> = {}) =>
		await run(
			'upsert',
			{ name: '={{ $json.name }}', backgroundColor: '={{ $json.colour }}' },
			{ items, ...options },
		);

	const outcomes = (ran: Run) => ran.jsons.map(({ outcome }) => outcome);

	it('creates what is new, recolours what has another colour, leaves the rest', async () => {
		const [asia, europe, africa] = add('Asia', 'Europe', 'Africa');
		const ran = await upsert([
			{ name: 'Asia', colour: 'red' },
			{ name: 'Europe', colour: 'blue' },
			{ name: 'Africa' },
			{ name: 'America', colour: 'lime' },
			{ name: 'Oceania' },
		]);
		expect(ran.jsons).toEqual([
			{ ...asia, background_color: 'red', outcome: 'updated' },
			{ ...europe, outcome: 'unchanged' },
			{ ...africa, outcome: 'unchanged' },
			expect.objectContaining({ name: 'America', background_color: 'lime', outcome: 'created' }),
			expect.objectContaining({ name: 'Oceania', outcome: 'created' }),
		]);
		for (const json of ran.jsons) expect(Object.keys(json)[0]).toBe('outcome');
		expect(colours()).toMatchObject({ Asia: 'red', Europe: 'blue', Africa: 'blue', America: 'lime' });
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
		expect(labelsSent(CREATE)).toEqual(
			expect.arrayContaining([{ name: 'America', background_color: 'lime' }, { name: 'Oceania' }]),
		);
		expect(labelsSent(PATCH)).toEqual([{ background_color: 'red' }]);
	});

	it('run twice with the same list gives the same labels, and writes nothing the second time', async () => {
		const items = many(30).map(({ name }, index) => ({
			name,
			colour: ['red', 'lime', 'wathet'][index % 3]!,
		}));
		const first = await upsert(items);
		const afterFirst = structuredClone(sandbox.mailbox.labels);
		sandbox.requests.length = 0;
		const second = await upsert(items);
		expect(outcomes(first)).toEqual(items.map(() => 'created'));
		expect(outcomes(second)).toEqual(items.map(() => 'unchanged'));
		expect(second.jsons.map(({ id }) => id)).toEqual(first.jsons.map(({ id }) => id));
		expect(sandbox.mailbox.labels).toEqual(afterFirst);
		expect(colours()).toEqual(Object.fromEntries(items.map(({ name, colour }) => [name, colour])));
		expect(writes()).toEqual([]);
	});

	it.each<[string, (index: number) => string]>([
		['the same name', () => 'VIP'],
		['a name in any letter case', (index) => ['VIP', 'vip', 'Vip', 'vIp'][index % 4]!],
	])('%s many times in one run gives one label with the last colour', async (_, nameOf) => {
		const palette = ['red', 'lime', 'wathet', 'violet', 'green'];
		const items = Array.from({ length: 23 }, (__, index) => ({
			name: nameOf(index),
			colour: palette[index % palette.length]!,
		}));
		const ran = await upsert(items);
		expect(ran.error?.message).toBeUndefined();
		expect(colours()).toEqual({ VIP: items.at(-1)!.colour });
		expect(outcomes(ran)).toEqual(['created', ...Array<string>(22).fill('updated')]);
		expect(sandbox.requestsTo(CREATE)).toHaveLength(1);
	});

	it('a name in either Unicode form is one label', async () => {
		const items = ['NFC', 'NFD', 'NFC'].map((form) => ({ name: 'José'.normalize(form), colour: 'red' }));
		const ran = await upsert(items);
		expect(outcomes(ran)).toEqual(['created', 'unchanged', 'unchanged']);
		expect(names()).toEqual(['José'.normalize('NFC')]);
	});

	it('several names many times, six in flight, give one label each with its last colour', async () => {
		const palette = ['red', 'lime', 'wathet', 'violet', 'green', 'blue', 'orange'];
		const items = Array.from({ length: 60 }, (_, index) => ({
			name: `No. ${index % 4}`,
			colour: palette[index % palette.length]!,
		}));
		await upsert(items);
		expect(colours()).toEqual(Object.fromEntries(items.map(({ name, colour }) => [name, colour])));
		expect(sandbox.requestsTo(CREATE)).toHaveLength(4);
	});

	it('finds a label that somebody else creates between the list and the creation', async () => {
		sandbox.fail({ api: LIST, on: 1, with: { code: 0, data: { items: [] } } });
		add('VIP');
		const ran = await upsert([{ name: 'VIP', colour: 'red' }]);
		expect(sandbox.requestsTo(CREATE).map(({ code }) => code)).toEqual([1230101]);
		expect(ran.jsons).toEqual([
			expect.objectContaining({ id: 'id of VIP', background_color: 'red', outcome: 'updated' }),
		]);
		expect(colours()).toEqual({ VIP: 'red' });
	});

	it('fails where Feishu says that the label exists but does not list it', async () => {
		sandbox.fail({ api: CREATE, with: { status: 400, code: 1230101, msg: 'label name already exists' } });
		const { error } = await upsert([{ name: 'VIP', colour: 'red' }]);
		expect(error?.message).toContain('A label with this name exists already');
	});

	it.each(['before', 'after'] as const)(
		'a creation whose answer was lost (%s the work) is one, and the next item of the name finds it',
		async (when) => {
			sandbox.fail({ api: CREATE, with: { kind: 'reset', when } });
			const items = [
				{ name: 'VIP', colour: 'red' },
				{ name: 'VIP', colour: 'lime' },
			];
			const ran = await upsert(items);
			expect(outcomes(ran)).toEqual(['created', 'updated']);
			expect(colours()).toEqual({ VIP: 'lime' });
		},
	);

	it('after a creation whose look-up failed, too, the next item of the name finds what became of it', async () => {
		sandbox.fail({ api: CREATE, with: { kind: 'reset', when: 'after' } });
		sandbox.fail({ api: LIST, on: [2, 3, 4], with: { kind: 'reset', when: 'before' } });
		const items = [
			{ name: 'VIP', colour: 'red' },
			{ name: 'VIP', colour: 'lime' },
		];
		const ran = await upsert(items, continues);
		expect(ran.jsons).toEqual([
			expect.objectContaining({
				error:
					'It is unknown whether Feishu carried out the request: check whether the label is in the mailbox before running it again',
			}),
			expect.objectContaining({ name: 'VIP', background_color: 'lime', outcome: 'updated' }),
		]);
		expect(colours()).toEqual({ VIP: 'lime' });
	});

	it.each(['={{ "" }}', '={{ $json.missing }}'])(
		'refuses the name %j before anything is sent',
		async (name) => {
			const { error } = await run('upsert', { name, backgroundColor: 'red' });
			expect(error?.message).toContain("'Name' is empty");
			expect(sandbox.requests).toEqual([]);
		},
	);
});

describe('Label: Create, if the label exists', () => {
	const create = async (items: IDataObject[], ifLabelExists?: string, options: Partial<RunOptions> = {}) =>
		await run(
			'create',
			{ name: '={{ $json.name }}', options: ifLabelExists ? { ifLabelExists } : {} },
			{ items, ...options },
		);

	it.each([undefined, 'fail'])('with %p: the item fails and names the reason', async (ifLabelExists) => {
		add('VIP');
		const ran = await create([{ name: 'VIP' }, { name: 'New' }], ifLabelExists, continues);
		expect(ran.jsons[0]!.error).toContain('A label with this name exists already');
		expect(names()).toEqual(['VIP', 'New']);
		expect(sandbox.requestsTo(LIST)).toEqual([]);
	});

	it('returns the existing one as it is, with one list and no write', async () => {
		const labels = add(...many(30).map(({ name }) => name));
		const ran = await create(many(30), 'returnExisting');
		expect(ran.jsons).toEqual(labels);
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
		expect(writes()).toEqual([]);
	});

	it('run twice gives the same labels', async () => {
		const first = await create(many(12), 'returnExisting');
		const second = await create(many(12), 'returnExisting');
		expect(second.jsons).toEqual(first.jsons);
		expect(sandbox.mailbox.labels).toHaveLength(12);
	});

	it('repeated names in one run, in any letter case, give one label', async () => {
		const items = Array.from({ length: 18 }, (_, index) => ({ name: ['VIP', 'vip', 'Vip'][index % 3]! }));
		const ran = await create(items, 'returnExisting');
		expect(new Set(ran.jsons.map(({ id }) => id)).size).toBe(1);
		expect(names()).toEqual(['VIP']);
	});
});

describe.each(operations)('label %s, when %s', (operation, api, parameters) => {
	beforeEach(() => add('VIP'));

	it.each([
		[400, 1234000, 'Feishu does not accept'],
		[400, 1234013, 'Feishu finds no active mailbox with this address'],
		[403, 1234030, 'the data permission for this mailbox'],
		[400, 1230100, 'The mailbox has no such label'],
		[400, 1230101, 'A label with this name exists already'],
		[400, 1230102, 'as many labels as Feishu allows'],
		[400, 1230103, 'Feishu uses this name for a label of its own'],
	])('is refused with HTTP %d and code %d: says what to do', async (status, code, words) => {
		sandbox.fail({ api, on: () => true, with: { status, code, msg: 'no' } });
		const { error } = await run(operation, parameters);
		expect(error?.message).toContain(words);
		expect(error?.context.details).toMatchObject({ code, httpCode: status });
	});

	it('names its own fields where Feishu does not accept the request', async () => {
		sandbox.fail({ api, with: { status: 400, code: 1234000, msg: 'invalid params' } });
		const { error } = await run(operation, parameters);
		const shown = { 'mail.label.get': ['Label'], 'mail.label.delete': ['Label'], [LIST]: [] as string[] };
		const creates = ['Name', 'Background Color'];
		const fields = shown[api as keyof typeof shown] ?? (api === PATCH ? ['Label', ...creates] : creates);
		expect(error?.message.match(/'[^']+'/g)?.map((field) => field.slice(1, -1))).toEqual([
			'Mailbox',
			...fields,
		]);
	});

	it('lacks its scope: names it', async () => {
		const credential = await credentialOf(sandbox.tenant.addApp({ scopes: [] }));
		const { error } = await run(operation, parameters, { credential });
		expect(error?.context.details).toMatchObject({ code: 99991672 });
		expect(error?.message).toContain('mail:user_mailbox.message:modify');
		if (isRead(api) && operation !== 'upsert') {
			expect(error?.message).toContain('mail:user_mailbox.message:readonly');
		}
	});

	it.each<[string, Fault, boolean]>([
		['a reset before the work', { kind: 'reset', when: 'before' }, false],
		['a reset after the work', { kind: 'reset', when: 'after' }, true],
		['half an answer', { kind: 'truncated' }, true],
		['HTTP 500 with code 1234017', { status: 500, code: 1234017, msg: 'internal error', after: true }, true],
	])('meets %s twice: succeeds, and does the work once', async (_, fault, done) => {
		const handle = sandbox.fail({ api, times: 2, on: () => true, with: fault });
		const { error } = await run(operation, parameters);
		expect(error?.message).toBeUndefined();
		// What was created is found, so that it is not sent again.
		expect(handle.fired).toBe(api === CREATE && done ? 1 : 2);
		expect(sandbox.mailbox.labels).toHaveLength(operation === 'delete' ? 0 : api === CREATE ? 2 : 1);
	});

	it.each<[string, Fault]>([
		['a reset', { kind: 'reset', when: 'before' }],
		['HTTP 502', { kind: 'html', status: 502 }],
		['HTTP 500 with code 1234017', { status: 500, code: 1234017, msg: 'internal error' }],
	])('meets %s each time: fails after three tries, and says what to do', async (_, fault) => {
		sandbox.fail({ api, on: () => true, with: fault });
		const before = structuredClone(sandbox.mailbox.labels);
		const { error } = await run(operation, parameters);
		expect(error?.message).toMatch(saysAfterThreeTries(api));
		expect(error?.description).not.toContain('Retry On Fail');
		expect(sandbox.requestsTo(api)).toHaveLength(3);
		expect(sandbox.mailbox.labels).toEqual(before);
	});

	it('fails for one item, lets the others go on', async () => {
		const box = sandbox.tenant.addMailbox('second@example.com');
		box.labels.push({ ...sandbox.mailbox.labels[0]! });
		const items = [{ box: 'nobody@example.com' }, { box: sandbox.mailbox.address }, { box: box.address }];
		const ran = await run(
			operation,
			{ ...parameters, userMailboxId: '={{ $json.box }}' },
			{ items, ...continues },
		);
		expect(ran.jsons).toHaveLength(3);
		expect(ran.jsons.map(({ error }) => error)).toEqual([
			expect.stringContaining('Feishu finds no active mailbox'),
			undefined,
			undefined,
		]);
	});

	it('acts for a user: works on the own mailbox', async () => {
		const credential = await connected();
		const user = { userMailboxId: 'me', ...parameters };
		const { error } = await run(operation, user, { credential });
		expect(error?.message).toBeUndefined();
		const paths = sandbox.requestsTo(api).map(({ path }) => path.split('/')[5]);
		expect(paths).toEqual(['me']);
	});
});
