import type { AxiosInstance } from 'axios';

import { Sandbox } from './index';
import type { Folder } from './index';
import { connectSdk, mailboxPath, outcome, signIn } from './client';

let sandbox: Sandbox;
let client: AxiosInstance;

beforeEach(async () => {
	sandbox = await Sandbox.start();
	client = await signIn(sandbox);
});
afterEach(async () => await sandbox.close());

const path = mailboxPath('folders');
const pathOf = (id: string) => mailboxPath('folders', 'user@example.com', id);
const create = async (body: unknown) => await client.post(path, body);
const make = async (name: string, parent = '0') => {
	const { data } = await create({ name, parent_folder_id: parent });
	return (data as { data: { folder: Folder } }).data.folder;
};
const listed = async (params: object = {}) => {
	const { data } = await client.get(path, { params });
	return (data as { data: { items: Folder[] } }).data.items;
};
const systemIds = ['INBOX', 'SENT', 'DRAFT', 'SCHEDULED', 'TRASH', 'SPAM', 'ARCHIVED'];

describe('folder create', () => {
	it('stores the folder and answers with it', async () => {
		const { data } = await create({ name: 'Invoices', parent_folder_id: '0', unknown: 1 });
		const folder = {
			id: expect.stringMatching(/^\d{19}$/) as string,
			name: 'Invoices',
			parent_folder_id: '0',
			folder_type: 2,
			unread_message_count: 0,
			unread_thread_count: 0,
		};
		expect(data).toEqual({ code: 0, msg: 'success', data: { folder } });
		expect(sandbox.mailbox.folders).toEqual([folder]);
	});

	it('puts folders below others, and takes a name twice', async () => {
		const parent = await make('a');
		await make('b', parent.id);
		await make('b', parent.id);
		await make('c', 'INBOX');
		expect(sandbox.mailbox.folders.map((folder) => folder.parent_folder_id)).toEqual([
			'0',
			parent.id,
			parent.id,
			'INBOX',
		]);
	});

	it.each<[string, unknown, number]>([
		['no name', { parent_folder_id: '0' }, 1230001],
		['an empty name', { name: '', parent_folder_id: '0' }, 1230001],
		['the name null', { name: null, parent_folder_id: '0' }, 1230001],
		['a name of 251 code points', { name: '😀'.repeat(251), parent_folder_id: '0' }, 1230001],
		['no parent', { name: 'a' }, 1230001],
		['an unknown parent', { name: 'a', parent_folder_id: '1' }, 1230001],
		['an empty parent', { name: 'a', parent_folder_id: '' }, 1230001],
		['a parent that is a number', { name: 'a', parent_folder_id: 0 }, 99992402],
		['a name that is a number', { name: 1, parent_folder_id: '0' }, 99992402],
	])('refuses %s', async (_case, body, code) => {
		expect(outcome(await create(body))).toEqual([400, code]);
		expect(sandbox.mailbox.folders).toEqual([]);
	});

	it('takes a name of 250 code points', async () => {
		expect((await make('😀'.repeat(250))).name).toHaveLength(500);
	});
});

describe('folder list', () => {
	it('gives the system folders, then those of the user', async () => {
		await make('a');
		const items = await listed();
		expect(items.map(({ id }) => id)).toEqual([...systemIds, expect.stringMatching(/^\d+$/)]);
		expect(items.map((folder) => folder.folder_type)).toEqual([1, 1, 1, 1, 1, 1, 1, 2]);
	});

	it.each([
		[1, systemIds],
		[2, [expect.stringMatching(/^\d+$/)]],
	])('gives only those of type %i', async (type, ids) => {
		await make('a');
		expect((await listed({ folder_type: type })).map(({ id }) => id)).toEqual(ids);
	});

	it.each([
		[0, 1230001],
		[3, 1230001],
		['user', 99992402],
	])('refuses the type %s', async (type, code) => {
		expect(outcome(await client.get(path, { params: { folder_type: type } }))).toEqual([400, code]);
	});

	it('shows the counters that a test sets', async () => {
		await make('a');
		Object.assign(sandbox.mailbox.folders[0] as Folder, {
			unread_message_count: 3,
			unread_thread_count: 2,
		});
		expect(await listed({ folder_type: 2 })).toMatchObject([
			{ unread_message_count: 3, unread_thread_count: 2 },
		]);
	});
});

describe('folder get', () => {
	it('gives one folder, system folders too', async () => {
		const folder = await make('a');
		expect((await client.get(pathOf(folder.id))).data).toEqual({
			code: 0,
			msg: 'success',
			data: { folder },
		});
		expect((await client.get(pathOf('INBOX'))).data).toMatchObject({
			data: { folder: { id: 'INBOX', folder_type: 1, parent_folder_id: '0' } },
		});
	});

	it.each(['0', '1', 'inbox'])('refuses the unknown id %s', async (id) => {
		expect(outcome(await client.get(pathOf(id)))).toEqual([400, 1230001]);
	});
});

describe('folder patch', () => {
	it('renames and moves, and answers with nothing', async () => {
		const [a, b] = [await make('a'), await make('b')];
		const renamed = await client.patch(pathOf(a.id), { name: 'A' });
		expect(renamed.data).toEqual({ code: 0, msg: 'success', data: {} });
		await client.patch(pathOf(a.id), { parent_folder_id: b.id });
		expect(sandbox.mailbox.folders[0]).toEqual({ ...a, name: 'A', parent_folder_id: b.id });
		await client.patch(pathOf(a.id), { name: 'a', parent_folder_id: '0' });
		await client.patch(pathOf(a.id), {});
		expect(sandbox.mailbox.folders).toEqual([a, b]);
	});

	it.each<[string, string, unknown, number]>([
		['an unknown folder', '1', { name: 'x' }, 1230001],
		['a system folder', 'INBOX', { name: 'x' }, 1230001],
		['an empty name', 'a', { name: '' }, 1230001],
		['a name of 251 code points', 'a', { name: 'x'.repeat(251) }, 1230001],
		['an unknown parent', 'a', { parent_folder_id: '1' }, 1230001],
		['a parent that is a number', 'a', { parent_folder_id: 0 }, 99992402],
	])('refuses %s', async (_case, id, body, code) => {
		const folder = await make('a');
		expect(outcome(await client.patch(pathOf(id === 'a' ? folder.id : id), body))).toEqual([400, code]);
		expect(sandbox.mailbox.folders).toEqual([folder]);
		expect(sandbox.mailbox.systemFolders[0]).toMatchObject({ id: 'INBOX', name: 'Inbox' });
	});

	it('refuses to put a folder below itself', async () => {
		const a = await make('a');
		const b = await make('b', a.id);
		const c = await make('c', b.id);
		for (const parent of [a, b, c]) {
			const answer = await client.patch(pathOf(a.id), { parent_folder_id: parent.id });
			expect(outcome(answer)).toEqual([400, 1230001]);
		}
		expect(outcome(await client.patch(pathOf(c.id), { parent_folder_id: a.id }))).toEqual([200, 0]);
	});
});

describe('folder delete', () => {
	it('takes the folder and those below it, and answers with nothing', async () => {
		const a = await make('a');
		await make('c', (await make('b', a.id)).id);
		const other = await make('other');
		const { data } = await client.delete(pathOf(a.id));
		expect(data).toEqual({ code: 0, msg: 'success', data: {} });
		expect(sandbox.mailbox.folders).toEqual([other]);
		expect(outcome(await client.delete(pathOf(a.id)))).toEqual([400, 1230001]);
	});

	it.each(systemIds)('refuses the system folder %s', async (id) => {
		expect(outcome(await client.delete(pathOf(id)))).toEqual([400, 1230001]);
		expect(sandbox.requests.at(-1)).toMatchObject({ api: 'mail.folder.delete', executed: false });
		expect(await listed({ folder_type: 1 })).toHaveLength(7);
	});
});

it('the official SDK makes, lists, changes and deletes folders', async () => {
	const { userMailboxFolder } = connectSdk(sandbox).mail.v1;
	const mailbox = { user_mailbox_id: 'user@example.com' };
	const created = await userMailboxFolder.create({
		path: mailbox,
		data: { name: 'a', parent_folder_id: '0' },
	});
	const one = { path: { ...mailbox, folder_id: String(created.data?.folder?.id) } };
	await userMailboxFolder.patch({ ...one, data: { name: 'b' } });
	expect((await userMailboxFolder.get(one)).data?.folder).toMatchObject({ name: 'b', folder_type: 2 });
	const list = await userMailboxFolder.list({ path: mailbox, params: { folder_type: 2 } });
	expect(list.data?.items).toMatchObject([{ name: 'b' }]);
	expect((await userMailboxFolder.delete(one)).code).toBe(0);
	expect(sandbox.mailbox.folders).toEqual([]);
});
