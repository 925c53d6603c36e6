import type { INodeParameters } from 'n8n-workflow';

import { Sandbox } from '../sandbox';
import { Engine, type RunOptions } from './engine';

let sandbox: Sandbox;
let engine: Engine;

beforeAll(async () => {
	sandbox = await Sandbox.start();
	engine = new Engine(sandbox);
});

/** 项目 with 2026 and its Q1 inside, Archive beside it. */
beforeEach(() => {
	sandbox.clearFaults();
	sandbox.requests.length = 0;
	const folders: Array<[string, string, string]> = [
		['f1', '项目', '0'],
		['f2', '2026', 'f1'],
		['f3', 'Q1', 'f2'],
		['f4', 'Archive', '0'],
	];
	sandbox.mailbox.folders.splice(
		0,
		Infinity,
		...folders.map(([id, name, parent_folder_id]) => ({
			id,
			name,
			parent_folder_id,
			folder_type: 2 as const,
			unread_message_count: 1,
			unread_thread_count: 1,
		})),
	);
});

afterAll(async () => await sandbox.close());

const run = async (operation: string, parameters: INodeParameters = {}, options: Partial<RunOptions> = {}) =>
	await engine.run({
		parameters: { resource: 'folder', operation, userMailboxId: sandbox.mailbox.address, ...parameters },
		...options,
	});

const jsons = ({ outputs }: Awaited<ReturnType<typeof run>>) => outputs[0]!.map(({ json }) => json);

const sent = (api: 'list' | 'get' | 'create' | 'patch' | 'delete') =>
	sandbox.requestsTo(`mail.folder.${api}`);

const by = (mode: 'list' | 'name' | 'id', value: string) => ({ __rl: true, mode, value });

const folder = (id: string) => sandbox.mailbox.folders.find((candidate) => candidate.id === id);

describe('the folder', () => {
	it.each([
		['from the list', by('list', 'f3'), 'f3'],
		['by ID', by('id', ' f3 '), 'f3'],
		['by its path', by('name', '项目/2026/Q1'), 'f3'],
		['by its path with slashes around and in other letters', by('name', '/项目/2026/q1/'), 'f3'],
		['by the name of a folder at the top', by('name', 'Archive'), 'f4'],
		['by the ID of one of Feishu’s own', by('id', 'INBOX'), 'INBOX'],
		['by the name of one of Feishu’s own', by('name', 'Inbox'), 'INBOX'],
	])('is chosen %s', async (_, folderId, id) => {
		expect(jsons(await run('get', { folderId }))).toMatchObject([{ id }]);
	});

	it.each(['Q1', '项目/Q1', '项目/2026/Q1/Q1', '/'])('is not found by the path %s', async (path) => {
		const { error } = await run('get', { folderId: by('name', path) });
		expect(error?.message).toContain(`the mailbox has no folder '${path}'`);
		expect(sent('get')).toEqual([]);
	});

	it('is looked up in one list for all items', async () => {
		await run(
			'get',
			{ folderId: by('name', '项目/2026') },
			{ items: Array.from({ length: 30 }, () => ({})) },
		);
		expect([sent('list').length, sent('get').length]).toEqual([1, 30]);
	});

	it('is found where the mailbox has folders that lie in each other', async () => {
		folder('f1')!.parent_folder_id = 'f2';
		expect(jsons(await run('get', { folderId: by('name', 'Archive') }))).toMatchObject([{ id: 'f4' }]);
	});
});

describe('Folder: Create', () => {
	it.each([
		['at the top, as preset', { __rl: true, mode: 'list', value: '0', cachedResultName: 'Top Level' }, '0'],
		['at the top, by path', by('name', '/'), '0'],
		['in a folder of the list', by('list', 'f4'), 'f4'],
		['in a folder by its path', by('name', '项目/2026'), 'f2'],
		['in one of Feishu’s own', by('id', 'INBOX'), 'INBOX'],
	])('creates it %s', async (_, parentFolderId, parent_folder_id) => {
		const result = jsons(await run('create', { name: '新文件夹', parentFolderId }));
		expect(sent('create')[0]!.body).toEqual({ name: '新文件夹', parent_folder_id });
		expect(result).toEqual([sandbox.mailbox.folders.at(-1)]);
	});

	it('creates it at the top where nothing is said', async () => {
		await run('create', { name: '新文件夹' });
		expect(sent('create')[0]!.body).toEqual({ name: '新文件夹', parent_folder_id: '0' });
	});

	it('finds folders that the run has created, by their paths', async () => {
		const items = [
			{ name: '2027', parent: '项目' },
			{ name: 'Q1', parent: '项目/2027' },
			{ name: '一月', parent: '项目/2027/Q1' },
		];
		const result = jsons(
			await run(
				'create',
				{ name: '={{ $json.name }}', parentFolderId: by('name', '={{ $json.parent }}') },
				{ items },
			),
		);
		expect(result.map(({ parent_folder_id }) => parent_folder_id)).toEqual([
			'f1',
			result[0]!.id,
			result[1]!.id,
		]);
		expect(sent('list')).toHaveLength(1);
	});

	it.each([
		['without a name', { name: '={{ "" }}' }, "'Name' is empty"],
		['with a name that is too long', { name: '长'.repeat(251) }, "'Name' has 251 characters"],
		[
			'in a folder that is not there',
			{ name: 'x', parentFolderId: by('name', 'nowhere') },
			"no folder 'nowhere'",
		],
	])('creates none %s', async (_, parameters, message) => {
		const { error } = await run('create', parameters);
		expect(error?.message).toContain(message);
		expect(sent('create')).toEqual([]);
	});
});

describe('Folder: Get Many', () => {
	it.each([
		['all kinds', {}, undefined, 11],
		['all kinds, said so', { folderType: 'all' }, undefined, 11],
		['those of users', { folderType: 'user' }, '2', 4],
		['Feishu’s own', { folderType: 'system' }, '1', 7],
	])('gives %s', async (_, filters, folder_type, count) => {
		const result = jsons(await run('getAll', { returnAll: true, filters }));
		expect(result).toHaveLength(count);
		expect(sent('list')[0]!.query).toEqual(folder_type ? { folder_type } : {});
	});

	it('honours the limit and refuses an unknown type', async () => {
		expect(jsons(await run('getAll', { limit: 2 }))).toHaveLength(2);
		const { error } = await run('getAll', { filters: { folderType: 'mine' } });
		expect(error?.message).toContain("'Folder Type' must be one of: all, system, user");
	});
});

describe('Folder: Update', () => {
	it.each([
		['renames it', { name: '改名' }, { name: '改名' }],
		['moves it', { parentFolderId: by('list', 'f4') }, { parent_folder_id: 'f4' }],
		['moves it to the top', { parentFolderId: by('list', '0') }, { parent_folder_id: '0' }],
		['moves it by path', { parentFolderId: by('name', 'archive') }, { parent_folder_id: 'f4' }],
		['does both', { name: '改名', parentFolderId: by('id', 'f4') }, { name: '改名', parent_folder_id: 'f4' }],
	])('%s, and gives what was sent', async (_, updateFields, body) => {
		const result = jsons(await run('update', { folderId: by('name', '项目/2026'), updateFields }));
		expect(sent('patch')[0]!.body).toEqual(body);
		expect(result).toEqual([{ id: 'f2', ...body }]);
		expect(folder('f2')).toMatchObject(body);
	});

	it.each([
		['there is nothing to change', {}, 'There is nothing to change'],
		['the name is empty', { name: '' }, "'Name' is empty"],
		['the parent is empty', { parentFolderId: by('id', '={{ "" }}') }, "'Parent Folder' is empty"],
	])('sends nothing where %s', async (_, updateFields, message) => {
		const { error } = await run('update', { folderId: by('id', 'f2'), updateFields });
		expect(error?.message).toContain(message);
		expect(sandbox.requests).toEqual([]);
	});
});

describe.each(['update', 'delete'])('Folder: %s', (operation) => {
	it.each([
		['INBOX', by('id', 'INBOX')],
		['SENT', by('name', 'sent')],
		['the top level', by('id', '0')],
	])('refuses %s, which belongs to Feishu', async (name, folderId) => {
		const { error } = await run(operation, { folderId, updateFields: { name: 'x' } });
		expect(error?.message).toContain(`${name} belongs to Feishu`);
		expect([...sent('patch'), ...sent('delete')]).toEqual([]);
	});
});

describe('Folder: Delete', () => {
	it('deletes the folder and says which; one that is gone is a failure that says so', async () => {
		const result = await run(
			'delete',
			{ folderId: '={{ $json.id }}' },
			{ items: [{ id: 'f4' }, { id: 'f4' }], onError: 'continueRegularOutput' },
		);
		expect(jsons(result)).toEqual([
			{ deleted: true, id: 'f4' },
			{
				error: expect.stringContaining('it may have been deleted already'),
				details: expect.objectContaining({ code: 1230001 }),
			},
		]);
		expect(folder('f4')).toBeUndefined();
	});
});

describe.each([
	['create', 'create', { name: '新' }],
	['get', 'get', { folderId: 'f4' }],
	['getAll', 'list', {}],
	['update', 'patch', { folderId: 'f4', updateFields: { name: '新' } }],
	['delete', 'delete', { folderId: 'f4' }],
] as const)('Folder: %s, refused by Feishu', (operation, api, parameters) => {
	it.each([
		[1230001, 400, /does not (accept|find) /],
		[1230002, 403, /data permission for mailbox folders/],
		[99991672, 400, /mail:user_mailbox\.folder:(write|read)/],
	])('with code %i: says what to do, and the next item goes on', async (code, status, words) => {
		sandbox.fail({ api: `mail.folder.${api}`, with: { code, status, msg: 'refused' } });
		const result = jsons(
			await run(operation, parameters, { items: [{}, {}], onError: 'continueRegularOutput' }),
		);
		expect(result.filter(({ error }) => error !== undefined)).toEqual([
			expect.objectContaining({
				error: expect.stringMatching(words),
				details: expect.objectContaining({ code, httpCode: status }),
			}),
		]);
	});

	it(`${api === 'get' || api === 'list' ? 'is read again' : 'is not sent again'} when no answer came`, async () => {
		sandbox.fail({ api: `mail.folder.${api}`, with: { kind: 'reset', when: 'after' } });
		const { error } = await run(operation, parameters);
		const reads = api === 'get' || api === 'list';
		expect(sent(api)).toHaveLength(reads ? 2 : 1);
		if (reads) expect(error).toBeUndefined();
		else expect(error?.message).toContain('It is unknown whether Feishu carried out the request: check wh');
	});
});

it('a user works with the folders of the own mailbox', async () => {
	const credential = await engine.credentials.add('feishuMailOAuth2Api', {
		region: 'custom',
		baseUrl: sandbox.url,
		clientId: sandbox.app.id,
		clientSecret: sandbox.app.secret,
		oauthTokenData: { ...sandbox.issueUserTokens() },
	});
	const user = { authentication: 'oAuth2', userMailboxId: 'me' };
	const [created] = jsons(await run('create', { ...user, name: '甲' }, { credential }));
	await run('delete', { ...user, folderId: by('name', '甲') }, { credential });
	expect(folder(String(created!.id))).toBeUndefined();
});
