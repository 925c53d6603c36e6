import type { AxiosInstance } from 'axios';

import { documentedQuotas, Sandbox } from './index';
import { connect, mailboxPath, outcome, signIn } from './client';

type Resource = 'mail_contacts' | 'labels' | 'folders';

interface Row {
	name: keyof typeof documentedQuotas;
	method: string;
	resource: Resource;
	/** Whether the path ends with the id of an entry. */
	one?: boolean;
	params?: object;
	data?: object;
	scopes: string[];
	quota: [limit: number, window: number];
}

const contactWrite = 'mail:user_mailbox.mail_contact:write';
const contactRead = 'mail:user_mailbox.mail_contact:read';
const modify = 'mail:user_mailbox.message:modify';
const readonly = 'mail:user_mailbox.message:readonly';
const folderWrite = 'mail:user_mailbox.folder:write';
const folderRead = 'mail:user_mailbox.folder:read';

const contact = { name: 'Ann' };
const label = { label: { name: 'a' } };
const folder = { name: 'a', parent_folder_id: '0' };

/** What the API pages say, once more by hand. */
const contacts: Row[] = [
	{ name: 'mail.contact.create', method: 'POST', data: contact, scopes: [contactWrite] },
	{ name: 'mail.contact.list', method: 'GET', params: { page_size: 1 }, scopes: [contactRead, contactWrite] },
	{ name: 'mail.contact.patch', method: 'PATCH', one: true, data: contact, scopes: [contactWrite] },
	{ name: 'mail.contact.delete', method: 'DELETE', one: true, scopes: [contactWrite] },
].map((row) => ({ resource: 'mail_contacts', quota: [20, 60], ...row }) as Row);

const rows: Row[] = [
	...contacts,
	...(
		[
			{ name: 'mail.label.create', method: 'POST', data: label, scopes: [modify], quota: [5, 1] },
			{ name: 'mail.label.list', method: 'GET', scopes: [modify, readonly], quota: [10, 1] },
			{ name: 'mail.label.get', method: 'GET', one: true, scopes: [modify, readonly], quota: [10, 1] },
			{ name: 'mail.label.patch', method: 'PATCH', one: true, data: label, scopes: [modify], quota: [5, 1] },
			{ name: 'mail.label.delete', method: 'DELETE', one: true, scopes: [modify], quota: [5, 1] },
		] as Array<Omit<Row, 'resource'>>
	).map((row) => ({ resource: 'labels' as const, ...row })),
	...(
		[
			{ name: 'mail.folder.create', method: 'POST', data: folder, scopes: [folderWrite], quota: [1, 1] },
			{ name: 'mail.folder.list', method: 'GET', scopes: [folderRead, folderWrite], quota: [5, 1] },
			{
				name: 'mail.folder.get',
				method: 'GET',
				one: true,
				scopes: [folderRead, folderWrite],
				quota: [10, 1],
			},
			{
				name: 'mail.folder.patch',
				method: 'PATCH',
				one: true,
				data: folder,
				scopes: [folderWrite],
				quota: [1, 1],
			},
			{ name: 'mail.folder.delete', method: 'DELETE', one: true, scopes: [folderWrite], quota: [1, 1] },
		] as Array<Omit<Row, 'resource'>>
	).map((row) => ({ resource: 'folders' as const, ...row })),
];

const codes: Record<Resource, { mailboxNotFound: number; noDataPermission: number }> = {
	mail_contacts: { mailboxNotFound: 1230001, noDataPermission: 1230002 },
	labels: { mailboxNotFound: 1234013, noDataPermission: 1234030 },
	folders: { mailboxNotFound: 1230001, noDataPermission: 1230002 },
};

describe.each(rows)('$name', ({ name, method, resource, one, params, data, scopes, quota }) => {
	let sandbox: Sandbox;

	beforeEach(async () => {
		sandbox = await Sandbox.start({ clock: { now: () => 1_700_000_000_000 } });
	});
	afterEach(async () => await sandbox.close());

	/** A request that does its work, on an entry made for it. */
	const send = async (client: AxiosInstance, mailbox = 'user@example.com') => {
		const entry = { id: '1', name: 'one', background_color: 'blue', messages_unread: 0 };
		sandbox.mailbox.contacts.splice(0, Infinity, { ...entry });
		sandbox.mailbox.labels.splice(0, Infinity, { ...entry });
		sandbox.mailbox.folders.splice(0, Infinity, {
			...{ id: '1', name: 'one', parent_folder_id: '0', folder_type: 2 },
			...{ unread_message_count: 0, unread_thread_count: 0 },
		});
		const url = mailboxPath(resource, mailbox, one === true ? '1' : undefined);
		return outcome(await client.request({ method, url, params, data }));
	};

	it('works for the app and for the user, and is logged under its name', async () => {
		expect(await send(await signIn(sandbox))).toEqual([200, 0]);
		expect(await send(connect(sandbox, sandbox.issueUserTokens().access_token), 'me')).toEqual([200, 0]);
		expect(sandbox.requestsTo(name)).toMatchObject([
			{ method, executed: true },
			{ method, executed: true },
		]);
	});

	it('needs one of its scopes', async () => {
		const client = await signIn(sandbox);
		const others = [...sandbox.app.scopes].filter((scope) => !scopes.includes(scope));
		for (const scope of scopes) {
			sandbox.app.scopes.clear();
			sandbox.app.scopes.add(scope);
			expect(await send(client)).toEqual([200, 0]);
		}
		sandbox.app.scopes.clear();
		for (const scope of others) sandbox.app.scopes.add(scope);
		expect(await send(client)).toEqual([400, 99991672]);
	});

	it('needs a mailbox that exists and the data permission for it', async () => {
		const client = await signIn(sandbox);
		const { mailboxNotFound, noDataPermission } = codes[resource];
		expect(await send(client, 'nobody@example.com')).toEqual([400, mailboxNotFound]);
		expect(await send(client, 'me')).toEqual([400, 1230005]);
		sandbox.app.dataPermission = new Set();
		expect(await send(client)).toEqual([403, noDataPermission]);
	});

	it('has the documented quota', async () => {
		const [limit, window] = quota;
		expect(documentedQuotas[name]).toEqual({ limit, window });
		sandbox.setDocumentedQuotas();
		const client = await signIn(sandbox);
		for (let n = 0; n < limit; n += 1) expect(await send(client)).toEqual([200, 0]);
		expect(await send(client)).toEqual([429, 99991400]);
		sandbox.clock.advance(window * 1000);
		expect(await send(client)).toEqual([200, 0]);
	});
});
