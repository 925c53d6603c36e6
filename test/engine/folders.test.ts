import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { ApiName, Fault, Folder } from '../sandbox';
import { bodies, connected, continues, credentialOf, locate, named, runOn, sandbox, writes } from './stage';

const LIST = 'mail.folder.list';
const CREATE = 'mail.folder.create';
const PATCH = 'mail.folder.patch';

const run = runOn('folder');

/** Adds a folder whose id is its path. */
const add = (path: string, change: Partial<Folder> = {}) => {
	const names = path.split('/');
	const folder: Folder = {
		id: path,
		name: names.at(-1)!,
		parent_folder_id: names.slice(0, -1).join('/') || '0',
		folder_type: 2,
		unread_message_count: 2,
		unread_thread_count: 1,
		...change,
	};
	sandbox.mailbox.folders.push(folder);
	return folder;
};

/** A folder as the field holds it that chooses one. */
const chosen = (mode: 'list' | 'name' | 'id', value: string) => ({ folderId: locate(mode, value) });

const parent = (mode: 'list' | 'name' | 'id', value: string) => ({ parentFolderId: locate(mode, value) });

/** What the operations need to reach one folder, with nothing to refuse. */
const operations: Array<[string, ApiName, INodeParameters]> = [
	['get', 'mail.folder.get', chosen('id', 'Projects')],
	['getAll', LIST, {}],
	['create', CREATE, { name: 'New', ...parent('id', 'Projects') }],
	['create', LIST, { name: 'New', ...parent('name', 'Projects') }],
	['update', PATCH, { ...chosen('id', 'Projects'), updateFields: { name: 'New' } }],
	['delete', 'mail.folder.delete', chosen('id', 'Projects')],
];

const isRead = (api: ApiName) => api === LIST || api === 'mail.folder.get';

/** How a message ends after three tries whose answers were lost. */
const saysAfterThreeTries = (api: ApiName) => {
	if (isRead(api)) return /[^,]: run it again later$/;
	if (api === CREATE) return /, and nothing was created: run it again later$/;
	return /, and Feishu may or may not have carried out the request: run it again later, which does nothing twice$/;
};

describe('Folder: Get Many', () => {
	const userFolders = (count: number) => {
		for (let index = 0; index < count; index++) add(`No. ${index}`);
	};

	it.each<[string, INodeParameters, IDataObject, () => Folder[]]>([
		['all of both kinds', {}, {}, () => [...sandbox.mailbox.systemFolders, ...sandbox.mailbox.folders]],
		[
			'all, where that is chosen',
			{ filters: { folderType: 'all' } },
			{},
			() => [...sandbox.mailbox.systemFolders, ...sandbox.mailbox.folders],
		],
		[
			'all, where an expression chooses nothing',
			{ filters: { folderType: '={{ null }}' } },
			{},
			() => [...sandbox.mailbox.systemFolders, ...sandbox.mailbox.folders],
		],
		[
			"Feishu's own",
			{ filters: { folderType: 'system' } },
			{ folder_type: '1' },
			() => [...sandbox.mailbox.systemFolders],
		],
		[
			'those of users',
			{ filters: { folderType: 'user' } },
			{ folder_type: '2' },
			() => sandbox.mailbox.folders,
		],
	])('gives %s, with one request', async (_, parameters, query, folders) => {
		userFolders(3);
		expect((await run('getAll', parameters)).jsons).toEqual(folders());
		expect(sandbox.requestsTo(LIST).map((request) => request.query)).toEqual([query]);
	});

	it.each([
		['all', { returnAll: true }, 60],
		['as many as the limit says', { limit: 7 }, 7],
		['50, unless something else is set', {}, 50],
	])('gives %s', async (_, parameters, count) => {
		userFolders(60);
		const ran = await run('getAll', { ...parameters, filters: { folderType: 'user' } });
		expect(ran.jsons).toEqual(sandbox.mailbox.folders.slice(0, count));
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});

	it.each([0, -1, 1.5])('refuses the limit %p before anything is sent', async (limit) => {
		const { error } = await run('getAll', { limit });
		expect(error?.message).toContain("'Limit' must be a whole number above 0");
		expect(sandbox.requests).toEqual([]);
	});

	it.each(['inbox', 'constructor', '1'])('refuses the folder type %j with those there are', async (kind) => {
		const { error } = await run('getAll', { filters: { folderType: `={{ '${kind}' }}` } });
		expect(error?.message).toBe("'Folder Type' must be one of: all, system, user");
		expect(error?.description).toContain(`'${kind}'`);
		expect(sandbox.requests).toEqual([]);
	});
});

describe('a folder is chosen', () => {
	it.each<[string, INodeParameters]>([
		['from the list', chosen('list', 'Projects/2026')],
		['by its ID', chosen('id', 'Projects/2026')],
		['by an ID that an expression gives', { folderId: "={{ 'Projects/2026' }}" }],
		['by its path', chosen('name', 'Projects/2026')],
		['by its path in another letter case', chosen('name', 'projects/2026')],
		['by its path with slashes around it', chosen('name', '/Projects/2026/')],
	])('%s', async (_, parameters) => {
		add('Projects');
		const folder = add('Projects/2026');
		add('2026');
		expect((await run('get', parameters)).jsons).toEqual([folder]);
	});

	it.each(['INBOX', 'TRASH'])('%s too, where nothing is changed', async (id) => {
		expect((await run('get', chosen('id', id))).jsons).toEqual([
			expect.objectContaining({ id, folder_type: 1 }),
		]);
	});

	it("by the path of one of Feishu's own", async () => {
		expect((await run('get', chosen('name', 'Inbox'))).jsons).toEqual([
			expect.objectContaining({ id: 'INBOX' }),
		]);
	});

	it('by path for 30 items with one list', async () => {
		const items = Array.from({ length: 30 }, (_, index) => ({ path: `Projects/${index}` }));
		add('Projects');
		const folders = items.map(({ path }) => add(path));
		const ran = await run('get', chosen('name', '={{ $json.path }}'), { items });
		expect(ran.jsons).toEqual(folders);
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});

	it.each(['get', 'update', 'delete'])('%s: exactly, where two paths are alike', async (operation) => {
		add('work', { id: '1' });
		add('Work', { id: '2' });
		const { error } = await run(operation, { ...chosen('name', 'Work'), updateFields: { name: 'New' } });
		expect(error?.message).toBeUndefined();
		expect(sandbox.requests.at(-1)!.path).toMatch(/\/2$/);
	});

	it.each([
		['get', 'Nowhere', "the mailbox has no folder 'Nowhere'"],
		['update', 'Nowhere', "the mailbox has no folder 'Nowhere'"],
		['delete', 'Nowhere', "the mailbox has no folder 'Nowhere'"],
		['delete', '2026', "the mailbox has no folder '2026'"],
		['delete', 'Projects/2025', "the mailbox has no folder 'Projects/2025'"],
		['delete', 'Twice', "the mailbox has 2 folders 'Twice'"],
		['delete', 'WORK', "the mailbox has 2 folders 'WORK'"],
		['delete', '/', "the mailbox has no folder '/'"],
	])('%s by the path %s is refused without a write', async (operation, path, words) => {
		add('Projects');
		add('Projects/2026');
		add('Twice', { id: 'a' });
		add('Twice', { id: 'b' });
		add('work');
		add('Work');
		const { error } = await run(operation, { ...chosen('name', path), updateFields: { name: 'New' } });
		expect(error?.name).toBe('NodeOperationError');
		expect(error?.message).toBe(`'Folder': ${words}`);
		expect(writes()).toEqual([]);
	});

	it('and the folders that one path may mean are told by their IDs', async () => {
		add('Projects', { id: 'p' });
		add('2026', { id: 'nested', parent_folder_id: 'p' });
		add('x', { id: 'flat', name: 'Projects/2026' });
		const { error } = await run('delete', chosen('name', 'Projects/2026'));
		expect(error?.description).toContain('nested, flat');
	});

	it('by path where folders lie in a circle, as no mailbox should have them', async () => {
		add('A', { parent_folder_id: 'B' });
		add('B', { parent_folder_id: 'A' });
		const { error } = await run('get', chosen('name', 'B/A'));
		expect(error?.message).toBeUndefined();
		expect(sandbox.requests.at(-1)!.path).toMatch(/\/A$/);
	});

	it('by path after a list that failed: later items list again', async () => {
		add('Projects');
		sandbox.fail({ api: LIST, on: [1, 2, 3], with: { status: 500, code: 1230003 } });
		const items = [{}, {}];
		const ran = await run('delete', chosen('name', 'Projects'), { items, ...continues });
		expect(ran.jsons).toEqual([
			expect.objectContaining({ error: expect.stringContaining('internal fault') }),
			{ deleted: true, id: 'Projects' },
		]);
	});

	it('by path where Feishu refuses the list for good: it is asked once', async () => {
		sandbox.fail({ api: LIST, on: () => true, with: { status: 403, code: 1230002 } });
		const ran = await run('get', chosen('name', 'Projects'), { items: Array(20).fill({}), ...continues });
		expect(ran.jsons.map(({ error }) => error)).toEqual(
			Array(20).fill(expect.stringContaining('may not reach the folders of this mailbox')),
		);
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});

	it('by path in one mailbox however its address is written, with one list', async () => {
		add('Projects');
		const items = ['toLowerCase', 'toUpperCase'].map((how) => ({
			box: sandbox.mailbox.address[how as 'toLowerCase'](),
		}));
		await run('get', { ...chosen('name', 'Projects'), userMailboxId: '={{ $json.box }}' }, { items });
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});

	it.each(['NFC', 'NFD'])('by a path in another Unicode form than its name: %s', async (form) => {
		add('José'.normalize(form === 'NFC' ? 'NFD' : 'NFC'), { id: 'id of José' });
		const ran = await run('get', chosen('name', 'josé'.normalize(form)));
		expect(ran.jsons).toEqual([expect.objectContaining({ id: 'id of José' })]);
	});

	it('but an ID that lost its last digits as a number is refused: it would mean another folder', async () => {
		const { error } = await run('delete', chosen('id', '={{ 7012345678901234567 }}'));
		expect(error?.message).toContain("'Folder' is a number that cannot hold all digits of an ID");
		expect(sandbox.requests).toEqual([]);
	});
});

describe('Folder: Create', () => {
	it('puts it on the top level unless something else is chosen, and gives the folder', async () => {
		const ran = await run('create', { name: '发票' });
		expect(bodies(CREATE)).toEqual([{ name: '发票', parent_folder_id: '0' }]);
		expect(ran.jsons).toEqual(sandbox.mailbox.folders);
		expect(ran.jsons).toEqual([
			expect.objectContaining({ id: expect.stringMatching(/^\d{19}$/), name: '发票', folder_type: 2 }),
		]);
	});

	it('creates none again with Retry On Fail where another item failed', async () => {
		sandbox.fail({ api: CREATE, on: 2, with: { code: 1230001, status: 400 } });
		const retries = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
		const before = sandbox.mailbox.folders.length;
		const { jsons } = await run(
			'create',
			{ name: '={{ $json.name }}' },
			{ items: named(2), settings: retries },
		);
		expect(jsons).toMatchObject([{ name: 'No. 0' }, { name: 'No. 1' }]);
		expect(sandbox.mailbox.folders.slice(before).map(({ name }) => name)).toEqual(['No. 0', 'No. 1']);
	});

	it('lists the folders once, to recognise what it creates should an answer be lost', async () => {
		await run('create', { name: '={{ $json.name }}' }, { items: named(3) });
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
		expect(sandbox.requestsTo(CREATE)).toHaveLength(3);
	});

	it.each<[string, INodeParameters, string]>([
		['from the list', parent('list', 'Projects'), 'Projects'],
		['by ID', parent('id', 'Projects'), 'Projects'],
		['by path', parent('name', 'projects'), 'Projects'],
		["by ID, one of Feishu's own", parent('id', 'INBOX'), 'INBOX'],
		['as the top level, from the list', parent('list', '0'), '0'],
		['as the top level, by path', parent('name', '/'), '0'],
	])('takes its parent %s', async (_, parameters, parent_folder_id) => {
		add('Projects');
		const { error } = await run('create', { name: 'New', ...parameters });
		expect(error?.message).toBeUndefined();
		expect(bodies(CREATE)).toEqual([{ name: 'New', parent_folder_id }]);
	});

	it('finds a folder by its path that an item before has created, with one list', async () => {
		const items = [
			{ name: 'Projects', parent: '/' },
			{ name: 'Old', parent: 'Archive' },
			{ name: '2026', parent: 'Projects' },
			{ name: 'Q1', parent: 'Projects/2026' },
			{ name: 'January', parent: 'projects/2026/q1' },
		];
		add('Archive');
		const ran = await run(
			'create',
			{ name: '={{ $json.name }}', ...parent('name', '={{ $json.parent }}') },
			{ items },
		);
		expect(ran.error?.message).toBeUndefined();
		const idOf = (name: string) => sandbox.mailbox.folders.find((folder) => folder.name === name)!.id;
		expect(ran.jsons.map(({ parent_folder_id }) => parent_folder_id)).toEqual([
			'0',
			'Archive',
			idOf('Projects'),
			idOf('2026'),
			idOf('Q1'),
		]);
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});

	it('succeeds also after an item whose list failed', async () => {
		sandbox.fail({ api: LIST, with: { status: 400, code: 1230001 } });
		const items = [{ parent: locate('name', 'Projects') }, { parent: locate('id', '0') }];
		const ran = await run(
			'create',
			{ name: 'New', parentFolderId: '={{ $json.parent }}' },
			{ items, ...continues },
		);
		expect(ran.jsons).toEqual([
			expect.objectContaining({ error: expect.stringContaining("check 'Mailbox'") }),
			expect.objectContaining({ name: 'New' }),
		]);
	});

	it.each<[string, INodeParameters, string]>([
		['an empty name', { name: '={{ "" }}' }, "'Name' is empty"],
		['a name of 251 characters', { name: '夹'.repeat(251) }, "'Name' has 251 characters"],
		['no parent', { name: 'x', parentFolderId: locate('id', '={{ null }}') }, "'Parent Folder' is empty"],
	])('refuses %s before anything is sent', async (_, parameters, words) => {
		const { error } = await run('create', parameters);
		expect(error?.message).toContain(words);
		expect(sandbox.requests).toEqual([]);
	});

	it('takes a name of 250 characters', async () => {
		expect((await run('create', { name: '📁'.repeat(250) })).error?.message).toBeUndefined();
	});

	it('refuses a parent path that leads nowhere, without a write', async () => {
		const { error } = await run('create', { name: 'x', ...parent('name', 'Nowhere') });
		expect(error?.message).toBe("'Parent Folder': the mailbox has no folder 'Nowhere'");
		expect(writes()).toEqual([]);
	});
});

describe('Folder: Update', () => {
	beforeEach(() => {
		add('Projects');
		add('Archive');
	});

	it.each<[string, INodeParameters, IDataObject]>([
		['renames it', { name: 'Work' }, { name: 'Work' }],
		['moves it by path', parent('name', 'Archive'), { parent_folder_id: 'Archive' }],
		['moves it to the top level', parent('list', '0'), { parent_folder_id: '0' }],
		[
			'does both',
			{ name: 'Work', ...parent('id', 'Archive') },
			{ name: 'Work', parent_folder_id: 'Archive' },
		],
		[
			'leaves alone a parent whose expression gives nothing',
			{ name: 'Work', ...parent('id', '={{ $json.missing }}') },
			{ name: 'Work' },
		],
		[
			'leaves alone a name whose expression gives nothing',
			{ name: '={{ null }}', ...parent('id', 'Archive') },
			{ parent_folder_id: 'Archive' },
		],
	])('%s, and gives the id with what was sent', async (_, updateFields, body) => {
		const ran = await run('update', { ...chosen('name', 'Projects'), updateFields });
		expect(bodies(PATCH)).toEqual([body]);
		expect(ran.jsons).toEqual([{ id: 'Projects', ...body }]);
		expect(sandbox.mailbox.folders[0]).toMatchObject(body);
	});

	it.each<[string, INodeParameters, string]>([
		['an empty name', { name: '' }, "'Name' is empty"],
		['a name of 251 characters', { name: 'x'.repeat(251) }, "'Name' has 251 characters"],
		['nothing', {}, 'There is nothing to change'],
		[
			'only fields without a value',
			{ name: '={{ null }}', ...parent('name', '={{ $json.missing }}') },
			'There is nothing to change',
		],
	])('refuses %s before anything is sent', async (_, updateFields, words) => {
		const { error } = await run('update', { ...chosen('name', 'Projects'), updateFields });
		expect(error?.name).toBe('NodeOperationError');
		expect(error?.message).toContain(words);
		expect(sandbox.requests).toEqual([]);
	});

	it.each<[string, INodeParameters, string]>([
		['an empty parent', parent('id', '={{ "" }}'), "'Parent Folder' is empty"],
		['a parent that is not there', parent('name', 'Nowhere'), "'Parent Folder': the mailbox has no folder"],
	])('refuses %s without a write', async (_, updateFields, words) => {
		const { error } = await run('update', { ...chosen('id', 'Projects'), updateFields });
		expect(error?.message).toContain(words);
		expect(writes()).toEqual([]);
	});

	it('is found by its new path by the rows after it', async () => {
		add('Work');
		const items = [
			{ from: 'Work', to: 'Old' },
			{ from: 'Old', to: 'Older' },
		];
		const ran = await run(
			'update',
			{ ...chosen('name', '={{ $json.from }}'), updateFields: { name: '={{ $json.to }}' } },
			{ items },
		);
		expect(ran.jsons.map(({ id, name }) => [id, name])).toEqual([
			['Work', 'Old'],
			['Work', 'Older'],
		]);
	});

	it('into a folder below itself is refused by Feishu, in words', async () => {
		add('Projects/2026');
		const updateFields = parent('name', 'Projects/2026');
		const { error } = await run('update', { ...chosen('id', 'Projects'), updateFields });
		expect(error?.message).toContain('does not accept a value of the folder');
		expect(error?.description).toContain('Field parent_folder_id');
	});
});

it('several updates of one folder go in the order of the input, whether it is chosen by path or ID', async () => {
	add('Projects');
	sandbox.fail({ api: PATCH, on: 1, with: { kind: 'delay', ms: 100 } });
	await run(
		'update',
		{ folderId: '={{ $json.choice }}', updateFields: { name: '={{ $json.name }}' } },
		{
			items: [
				{ choice: locate('name', 'Projects'), name: 'A' },
				{ choice: locate('id', 'Projects'), name: 'B' },
			],
		},
	);
	expect(sandbox.mailbox.folders.map(({ name }) => name)).toEqual(['B']);
});

describe('Folder: Delete', () => {
	it('gives the id, and leaves the other folders', async () => {
		add('Projects');
		add('Archive');
		expect((await run('delete', chosen('name', 'Projects'))).jsons).toEqual([
			{ deleted: true, id: 'Projects' },
		]);
		expect(sandbox.mailbox.folders.map(({ name }) => name)).toEqual(['Archive']);
	});

	it.each(['id', 'name'] as const)('by %s of what is gone already fails and says so', async (mode) => {
		add('Projects');
		const items = [{}, {}];
		const ran = await run('delete', chosen(mode, 'Projects'), { items, ...continues });
		expect(ran.jsons).toEqual([
			{ deleted: true, id: 'Projects' },
			{
				error: expect.stringContaining('it may have been deleted already'),
				details: expect.objectContaining({ code: 1230001 }),
			},
		]);
	});
});

describe("a folder of Feishu's own", () => {
	const own = ['INBOX', 'SENT', 'DRAFT', 'SCHEDULED', 'TRASH', 'SPAM', 'ARCHIVED'];

	describe.each(['update', 'delete'])('%s', (operation) => {
		it.each([...own, 'inbox', '0'].flatMap((id) => [chosen('id', id), chosen('list', id), { folderId: id }]))(
			'refuses %j without a request, with the reason',
			async (parameters) => {
				const updateFields = { name: 'x', ...parent('name', 'Somewhere') };
				const { error } = await run(operation, { ...parameters, updateFields });
				expect(error?.message).toContain('belongs to Feishu and cannot be changed or deleted');
				expect(sandbox.requests).toEqual([]);
			},
		);

		it('refuses its path without a write', async () => {
			const { error } = await run(operation, { ...chosen('name', 'Inbox'), updateFields: { name: 'x' } });
			expect(error?.message).toContain('INBOX belongs to Feishu');
			expect(writes()).toEqual([]);
		});
	});
});

describe.each(operations)('folder %s, when %s', (operation, api, parameters) => {
	beforeEach(() => add('Projects'));

	it.each([
		[
			400,
			1230001,
			operation === 'get' || operation === 'delete' ? 'does not find the folder' : 'does not accept',
		],
		[403, 1230002, 'add the data permission for mailbox folders'],
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
		expect(error?.message).toContain('mail:user_mailbox.folder:write');
		if (isRead(api)) expect(error?.message).toContain('mail:user_mailbox.folder:read');
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
		expect(sandbox.mailbox.folders).toHaveLength(
			operation === 'delete' ? 0 : api === CREATE || operation === 'create' ? 2 : 1,
		);
	});

	it.each<[string, Fault]>([
		['a reset', { kind: 'reset', when: 'before' }],
		['HTTP 502', { kind: 'html', status: 502 }],
		['HTTP 500 with code 1230003', { status: 500, code: 1230003, msg: 'internal error' }],
	])('meets %s each time: fails after three tries, and says what to do', async (_, fault) => {
		sandbox.fail({ api, on: () => true, with: fault });
		const before = structuredClone(sandbox.mailbox.folders);
		const { error } = await run(operation, parameters);
		expect(error?.message).toMatch(saysAfterThreeTries(api));
		expect(error?.description).not.toContain('Retry On Fail');
		expect(sandbox.requestsTo(api)).toHaveLength(3);
		expect(sandbox.mailbox.folders).toEqual(before);
	});

	it('fails for one item, lets the others go on', async () => {
		const { address } = sandbox.mailbox;
		const items = [{ box: 'nobody@example.com' }, { box: address }, { box: 'nobody@example.com' }];
		const ran = await run(
			operation,
			{ ...parameters, userMailboxId: '={{ $json.box }}' },
			{ items, ...continues },
		);
		const errors = ran.outputs[0]!.filter(({ json }) => json.error !== undefined);
		expect(errors.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 2 }]);
		expect(errors[0]!.json.error).toContain("'Mailbox'");
		expect(ran.outputs[0]!.length).toBeGreaterThan(2);
	});

	it('acts for a user: works on the own mailbox', async () => {
		const credential = await connected();
		const user = { userMailboxId: 'me', ...parameters };
		const { error } = await run(operation, user, { credential });
		expect(error?.message).toBeUndefined();
		expect(sandbox.requestsTo(api).map(({ path }) => path.split('/')[5])).toEqual(['me']);
	});
});
