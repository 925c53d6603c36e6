import type { AxiosInstance } from 'axios';

import { documentedQuotas, Sandbox } from './index';
import { connect, mailboxPath, outcome, signIn } from './client';

type Refusal = [status: number, code: number];

interface Refusals {
	mailboxNotFound: Refusal;
	noDataPermission: Refusal;
}

interface Row {
	name: keyof typeof documentedQuotas;
	method: string;
	resource: Parameters<typeof mailboxPath>[0];
	/** Whether the path names an entry by its id. */
	one?: boolean;
	/** What ends the path. */
	action?: string;
	params?: object;
	data?: object;
	scopes: string[];
	quota: [limit: number, window: number];
	refusals: Refusals;
	/** Whether it is for users alone. */
	userOnly?: boolean;
	/** What is answered behind the gates; a success if nothing is said. */
	passed?: Refusal;
	/** Where the mail lies that the path names. */
	folder_id?: string;
}

const contactWrite = 'mail:user_mailbox.mail_contact:write';
const contactRead = 'mail:user_mailbox.mail_contact:read';
const modify = 'mail:user_mailbox.message:modify';
const readonly = 'mail:user_mailbox.message:readonly';
const folderWrite = 'mail:user_mailbox.folder:write';
const folderRead = 'mail:user_mailbox.folder:read';
const ruleWrite = 'mail:user_mailbox.rule:write';
const ruleRead = 'mail:user_mailbox.rule:read';
const readBody = 'mail:user_mailbox.message.body:read';
const anyMailbox = 'mail:user_mailbox';
const readMailbox = 'mail:user_mailbox:readonly';

const contact = { name: 'Ann' };
const label = { label: { name: 'a' } };
const folder = { name: 'a', parent_folder_id: '0' };
const rule = {
	name: 'a',
	is_enable: true,
	ignore_the_rest_of_rules: false,
	condition: { match_type: 1, items: [{ type: 12 }] },
	action: { items: [{ type: 1 }] },
};

/** What the API pages say, once more by hand. */
const contacts = [
	{ name: 'mail.contact.create', method: 'POST', data: contact, scopes: [contactWrite] },
	{ name: 'mail.contact.list', method: 'GET', params: { page_size: 1 }, scopes: [contactRead, contactWrite] },
	{ name: 'mail.contact.patch', method: 'PATCH', one: true, data: contact, scopes: [contactWrite] },
	{ name: 'mail.contact.delete', method: 'DELETE', one: true, scopes: [contactWrite] },
].map((row) => ({ ...row, quota: [20, 60] }) as const);

const labels = [
	{ name: 'mail.label.create', method: 'POST', data: label, scopes: [modify], quota: [5, 1] },
	{ name: 'mail.label.list', method: 'GET', scopes: [modify, readonly], quota: [10, 1] },
	{ name: 'mail.label.get', method: 'GET', one: true, scopes: [modify, readonly], quota: [10, 1] },
	{ name: 'mail.label.patch', method: 'PATCH', one: true, data: label, scopes: [modify], quota: [5, 1] },
	{ name: 'mail.label.delete', method: 'DELETE', one: true, scopes: [modify], quota: [5, 1] },
] as const;

const folders = [
	{ name: 'mail.folder.create', method: 'POST', data: folder, scopes: [folderWrite], quota: [1, 1] },
	{ name: 'mail.folder.list', method: 'GET', scopes: [folderRead, folderWrite], quota: [5, 1] },
	{ name: 'mail.folder.get', method: 'GET', one: true, scopes: [folderRead, folderWrite], quota: [10, 1] },
	{
		name: 'mail.folder.patch',
		method: 'PATCH',
		one: true,
		data: folder,
		scopes: [folderWrite],
		quota: [1, 1],
	},
	{ name: 'mail.folder.delete', method: 'DELETE', one: true, scopes: [folderWrite], quota: [1, 1] },
] as const;

const rules = [
	{ name: 'mail.rule.create', method: 'POST', data: rule, scopes: [ruleWrite], quota: [1, 1] },
	{ name: 'mail.rule.list', method: 'GET', scopes: [ruleRead, ruleWrite], quota: [5, 1] },
	{ name: 'mail.rule.update', method: 'PUT', one: true, data: rule, scopes: [ruleWrite], quota: [5, 1] },
	{ name: 'mail.rule.delete', method: 'DELETE', one: true, scopes: [ruleWrite], quota: [1, 1] },
	{
		...{ name: 'mail.rule.reorder', method: 'POST', action: 'reorder', data: { rule_ids: ['1'] } },
		...{ scopes: [ruleWrite], quota: [1, 1] },
	},
] as const;

const refused = (mailboxNotFound: Refusal, noDataPermission: Refusal): Refusals => ({
	mailboxNotFound,
	noDataPermission,
});

const inbox = { folder_id: 'INBOX', page_size: 1 };
const flag = { add_label_ids: ['FLAGGED'] };
const mails = { message_ids: ['1'] };
const read = { method: 'GET', scopes: [readonly], quota: [10, 1] };
const write = { method: 'POST', scopes: [modify], refusals: refused([404, 1234013], [403, 1230009]) };
const quick = { ...write, quota: [5, 1] };
const slow = { ...write, quota: [20, 60] };
const ofMessages = refused([404, 1234013], [403, 1230002]);
const ofThreads = refused([404, 1234013], [403, 1234017]);

const messages = [
	{ ...read, name: 'mail.message.list', params: inbox, refusals: ofMessages },
	{
		...read,
		name: 'mail.message.get',
		one: true,
		quota: [100, 60],
		refusals: refused([404, 1235013], [403, 1234017]),
	},
	{
		...read,
		name: 'mail.message.batchGet',
		method: 'POST',
		action: 'batch_get',
		data: mails,
		refusals: refused([400, 1230003], [403, 1230005]),
	},
	{
		...read,
		name: 'mail.message.attachmentDownloadUrl',
		one: true,
		action: 'attachments/download_url',
		params: { attachment_ids: '1' },
		scopes: [readBody],
		quota: [1, 1],
		refusals: ofMessages,
	},
	{ ...quick, name: 'mail.message.modify', method: 'PUT', one: true, action: 'modify', data: flag },
	{ ...quick, name: 'mail.message.batchModify', action: 'batch_modify', data: { ...mails, ...flag } },
	{ ...quick, name: 'mail.message.trash', one: true, action: 'trash' },
	{ ...quick, name: 'mail.message.batchTrash', action: 'batch_trash', data: mails },
];

const threads = { thread_ids: ['1'] };

const threadRows = [
	{ ...read, name: 'mail.thread.list', params: inbox, refusals: ofThreads },
	{ ...read, name: 'mail.thread.get', one: true, refusals: ofThreads },
	{ ...slow, name: 'mail.thread.modify', one: true, action: 'modify', data: flag },
	{ ...slow, name: 'mail.thread.batchModify', action: 'batch_modify', data: { ...threads, ...flag } },
	{ ...slow, name: 'mail.thread.trash', one: true, action: 'trash' },
	{ ...slow, name: 'mail.thread.batchTrash', action: 'batch_trash', data: threads },
];

const sendMail = 'mail:user_mailbox.message:send';
const raw = Buffer.from('From: user@example.com\nTo: bob@example.org\n\nHello').toString('base64url');
const ofDrafts = refused([404, 1234013], [403, 1234017]);
const forUsers = { method: 'POST', refusals: ofDrafts, userOnly: true };

const sending = [
	{
		...forUsers,
		name: 'mail.message.send',
		action: 'send',
		data: { raw },
		scopes: [sendMail],
		quota: [100, 60],
	},
	{
		...forUsers,
		...{ name: 'mail.message.sendStatus', method: 'GET', one: true, action: 'send_status' },
		...{ scopes: [readonly], quota: [10, 1], passed: [404, 1236010] },
	},
	{
		...forUsers,
		...{ name: 'mail.message.cancelScheduledSend', one: true, action: 'cancel_scheduled_send' },
		...{ scopes: [sendMail], quota: [5, 1], passed: [400, 1234051] },
		refusals: refused([400, 1234013], [403, 1234017]),
	},
	{
		...{ name: 'mail.message.recall', method: 'POST', one: true, action: 'recall', scopes: [modify] },
		...{ quota: [10, 1], refusals: ofDrafts, folder_id: 'SENT' },
	},
	{
		...{ name: 'mail.message.recallDetail', method: 'GET', one: true, action: 'recall', scopes: [readonly] },
		...{ quota: [20, 60], refusals: ofDrafts, passed: [404, 1234034] },
	},
];

const onDraft = { ...forUsers, one: true, folder_id: 'DRAFT' };

const drafts = [
	{ ...forUsers, name: 'mail.draft.create', data: { raw }, scopes: [modify], quota: [5, 1] },
	{ ...forUsers, name: 'mail.draft.list', method: 'GET', scopes: [readonly], quota: [10, 1] },
	{ ...onDraft, name: 'mail.draft.get', method: 'GET', scopes: [readonly], quota: [10, 1] },
	{ ...onDraft, name: 'mail.draft.update', method: 'PUT', data: { raw }, scopes: [modify], quota: [5, 1] },
	{ ...onDraft, name: 'mail.draft.delete', method: 'DELETE', scopes: [modify], quota: [5, 1] },
	{ ...onDraft, name: 'mail.draft.send', action: 'send', scopes: [sendMail], quota: [20, 60] },
];

const ofMailboxes = refused([403, 1230004], [403, 1230004]);
const mailbox = { method: 'GET', scopes: [anyMailbox, readMailbox], quota: [10, 1], refusals: ofMailboxes };

const subscribe = { method: 'POST', data: { event_type: 1 } };
const events = [
	{ ...subscribe, name: 'mail.event.subscribe', action: 'subscribe' },
	{ ...subscribe, name: 'mail.event.unsubscribe', action: 'unsubscribe' },
	{ name: 'mail.event.subscription', method: 'GET', action: 'subscription' },
].map((row) => ({ ...row, scopes: ['mail:event'], quota: [1, 1], userOnly: true }) as const);

const asFolders = refused([400, 1230001], [403, 1230002]);
const ofLabels = refused([400, 1234013], [403, 1234030]);

const rows = [
	...contacts.map((row) => ({ ...row, resource: 'mail_contacts', refusals: asFolders })),
	...labels.map((row) => ({ ...row, resource: 'labels', refusals: ofLabels })),
	...folders.map((row) => ({ ...row, resource: 'folders', refusals: asFolders })),
	...rules.map((row) => ({ ...row, resource: 'rules', refusals: asFolders })),
	...[...messages, ...sending].map((row) => ({ ...row, resource: 'messages' })),
	...threadRows.map((row) => ({ ...row, resource: 'threads' })),
	...drafts.map((row) => ({ ...row, resource: 'drafts' })),
	...events.map((row) => ({ ...row, resource: 'event', refusals: refused([403, 1230002], [403, 1230002]) })),
	{ ...mailbox, name: 'mail.mailbox.accessibleMailboxes', resource: 'accessible_mailboxes' },
	{ ...mailbox, name: 'mail.mailbox.sendAs', resource: 'settings/send_as' },
] as Row[];

describe.each(rows)('$name', (row) => {
	const { name, method, resource, one, action, params, data, scopes, quota, refusals } = row;
	const { userOnly = false, passed = [200, 0], folder_id = 'INBOX' } = row;
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
		sandbox.mailbox.rules.splice(0, Infinity, { id: '1', ...rule });
		sandbox.mailbox.messages.length = 0;
		sandbox.mailbox.receive({ message_id: '1', thread_id: '1', folder_id });
		const url = mailboxPath(resource, mailbox, one === true ? '1' : undefined, action);
		return outcome(await client.request({ method, url, params, data }));
	};

	const asUser = () => connect(sandbox, sandbox.issueUserTokens().access_token);
	const signedIn = async () => (userOnly ? asUser() : await signIn(sandbox));

	it(`works for ${userOnly ? '' : 'the app and for '}the user, and is logged under its name`, async () => {
		const asApp = await send(await signIn(sandbox));
		// There is nothing to take back of a mail that nobody has sent.
		const works = passed[0] === 200 && name !== 'mail.message.recall';
		expect(asApp).toEqual(userOnly ? [400, 99991663] : passed);
		expect(await send(asUser(), 'me')).toEqual(passed);
		expect(sandbox.requestsTo(name)).toMatchObject([
			{ method, code: asApp[1], executed: works && !userOnly },
			{ method, code: passed[1], executed: works },
		]);
	});

	it('needs one of its scopes', async () => {
		const client = await signedIn();
		const held = userOnly ? sandbox.app.userScopes : sandbox.app.scopes;
		const others = [...held].filter((scope) => !scopes.includes(scope));
		for (const scope of scopes) {
			held.clear();
			held.add(scope);
			expect(await send(client)).toEqual(passed);
		}
		held.clear();
		for (const scope of others) held.add(scope);
		expect(await send(client)).toEqual([400, 99991672]);
	});

	it('needs a mailbox that exists and the permission for it', async () => {
		const client = await signedIn();
		const { mailboxNotFound, noDataPermission } = refusals;
		expect(await send(client, 'nobody@example.com')).toEqual(mailboxNotFound);
		if (userOnly) {
			sandbox.tenant.addMailbox('other@example.com');
			expect(await send(client, 'other@example.com')).toEqual(noDataPermission);
			return;
		}
		expect(await send(client, 'me')).toEqual([400, 1230005]);
		sandbox.app.dataPermission = new Set();
		expect(await send(client)).toEqual(noDataPermission);
	});

	it('has the documented quota', async () => {
		const [limit, window] = quota;
		expect(documentedQuotas[name]).toEqual({ limit, window });
		sandbox.setDocumentedQuotas();
		const client = await signedIn();
		for (let n = 0; n < limit; n += 1) expect(await send(client)).toEqual(passed);
		expect(await send(client)).toEqual([429, 99991400]);
		sandbox.clock.advance(window * 1000);
		expect(await send(client)).toEqual(passed);
	});
});
