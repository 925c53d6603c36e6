import type { AxiosInstance } from 'axios';

import { documentedQuotas, Sandbox } from './index';
import type { Message } from './index';
import { connect, dataOf, mailboxPath, outcome, signIn } from './client';

const now = Date.parse('2026-06-15T12:00:00Z');
const hour = 60 * 60 * 1000;

let sandbox: Sandbox;
let client: AxiosInstance;

beforeEach(async () => {
	sandbox = await Sandbox.start({ clock: { now: () => now } });
	client = connect(sandbox, sandbox.issueUserTokens().access_token);
});
afterEach(async () => await sandbox.close());

interface Hit {
	id: string;
	display_info: string;
	meta_data: { message_biz_id: string };
}
interface Page {
	items: Hit[];
	total: number;
	has_more: boolean;
	page_token?: string;
	notice?: string;
}

const path = mailboxPath('search', 'me');
const ask = async (body: object, params: object = {}) => await client.post(path, body, { params });
const search = async (body: object, params: object = {}) => dataOf<Page>(await ask(body, params));
const found = async (body: object) =>
	(await search(body)).items.map(({ meta_data }) => meta_data.message_biz_id);
const idsOf = (...messages: Message[]) => messages.map(({ message_id }) => message_id);

describe('search', () => {
	it('finds words in subject, names, addresses and text, the newest mail first', async () => {
		const { mailbox } = sandbox;
		const subject = mailbox.receive({ subject: 'Offer for 苹果' });
		const sender = mailbox.receive({ head_from: { mail_address: 'a@apple.example', name: '苹果 OFFER' } });
		const text = mailbox.receive({ body_plain_text: 'the offer, and 苹果' });
		mailbox.receive({ subject: 'Offer' });
		expect(await found({ query: '苹果 offer' })).toEqual(idsOf(text, sender, subject));
		expect(await found({ query: 'nothing of it' })).toEqual([]);
		expect(await found({})).toHaveLength(4);
	});

	it('tells of a hit what identifies it, and marks the words', async () => {
		const message = sandbox.mailbox.receive({ subject: 'An offer', body_plain_text: 'Offer (1)' });
		const { items, ...rest } = await search({ query: 'offer (1)' });
		expect(items).toEqual([
			{
				id: expect.not.stringContaining(message.message_id) as string,
				display_info: 'An <h>offer</h>\n<h>Offer</h> <h>(1)</h>',
				meta_data: {
					title: 'An offer',
					thread_id: message.thread_id,
					create_time: '2026-06-15T12:00:00.000Z',
					message_biz_id: message.message_id,
					from: { mail_address: 'ann@example.org', name: 'Ann Example' },
				},
			},
		]);
		expect(rest).toEqual({ total: 1, has_more: false });
	});

	it('cuts a query after 50 characters, and says so', async () => {
		const long = '长'.repeat(50);
		const message = sandbox.mailbox.receive({ subject: long });
		expect(await search({ query: long })).not.toHaveProperty('notice');
		const { items, notice } = await search({ query: `${long}x` });
		expect(items[0]?.meta_data.message_biz_id).toBe(message.message_id);
		expect(notice).toMatch(/50/);
	});

	it('gives pages of 15, or of less', async () => {
		const mails = Array.from({ length: 20 }, () => sandbox.mailbox.receive()).reverse();
		const first = await search({ query: 'mail' });
		expect(first).toMatchObject({ total: 20, has_more: true });
		const second = await search({ query: 'mail' }, { page_token: first.page_token });
		expect(second).not.toHaveProperty('page_token');
		const hits = [...first.items, ...second.items].map(({ meta_data }) => meta_data.message_biz_id);
		expect(hits).toEqual(idsOf(...mails));
		expect((await search({}, { page_size: 2 })).items).toHaveLength(2);
	});

	it.each<[string, object, object, number]>([
		['a page of 16', {}, { page_size: 16 }, 1231021],
		['a page of none', {}, { page_size: 0 }, 99992402],
		['a made-up page token', {}, { page_token: 'x' }, 1231020],
		['101 senders', { filter: { from: Array(101).fill('x') } }, {}, 99992402],
		['a sender that is no list', { filter: { from: 'x' } }, {}, 99992402],
		['a flag that is a text', { filter: { is_unread: 'true' } }, {}, 99992402],
		[
			'a time without its end',
			{ filter: { create_time: { start_time: '2026-06-01T00:00:00Z' } } },
			{},
			99992402,
		],
		['a time without zone', between('2026-06-01T00:00:00', '2026-07-01T00:00:00Z'), {}, 99992402],
		['a time without seconds', between('2026-06-01T00:00Z', '2026-07-01T00:00:00Z'), {}, 99992402],
		['two years', between('2025-01-01T00:00:00Z', '2027-01-01T00:00:00Z'), {}, 99992402],
	])('refuses %s', async (_case, body, params, code) => {
		expect(outcome(await ask(body, params))).toEqual([400, code]);
	});

	it('takes a page token only for the same search with the same page size', async () => {
		for (let n = 0; n < 3; n += 1) sandbox.mailbox.receive();
		const { page_token } = await search({ query: 'mail' }, { page_size: 1 });
		expect(outcome(await ask({ query: 'mail' }, { page_size: 1, page_token }))).toEqual([200, 0]);
		expect(outcome(await ask({ query: 'mail' }, { page_size: 2, page_token }))).toEqual([400, 1231020]);
		expect(outcome(await ask({ query: 'text' }, { page_size: 1, page_token }))).toEqual([400, 1231020]);
	});

	it('can refuse to be paged too deep', async () => {
		for (let n = 0; n < 3; n += 1) sandbox.mailbox.receive();
		sandbox.mailChoices.searchDepth = 2;
		const { page_token: second } = await search({}, { page_size: 1 });
		const { page_token: third } = await search({}, { page_size: 1, page_token: second });
		expect(outcome(await ask({}, { page_size: 1, page_token: third }))).toEqual([400, 1231022]);
	});

	it('has a documented quota, of two the one that bites first', async () => {
		expect(documentedQuotas['mail.mailbox.search']).toEqual({ limit: 50, window: 1 });
		sandbox.setDocumentedQuotas();
		for (let n = 0; n < 50; n += 1) expect(outcome(await ask({}))).toEqual([200, 0]);
		expect(outcome(await ask({}))).toEqual([429, 99991400]);
	});

	it('needs its scope', async () => {
		sandbox.app.userScopes.delete('mail:user_mailbox.message:readonly');
		expect(outcome(await ask({}))).toEqual([400, 99991672]);
	});

	it('is for users, on mailboxes that are theirs', async () => {
		sandbox.tenant.addMailbox('other@example.com');
		const other = mailboxPath('search', 'other@example.com');
		expect(outcome(await client.post(other, {}))).toEqual([500, 1232501]);
		const app = await signIn(sandbox);
		expect(outcome(await app.post(mailboxPath('search'), {}))).toEqual([400, 99991663]);
	});
});

function between(start_time: string, end_time: string) {
	return { filter: { create_time: { start_time, end_time } } };
}

describe('a filter of search', () => {
	const unread = { unread_message_count: 0, unread_thread_count: 0, folder_type: 2 as const };

	beforeEach(() => {
		const { folders, labels } = sandbox.mailbox;
		folders.push(
			{ id: '1', name: 'Clients', parent_folder_id: '0', ...unread },
			{ id: '2', name: '亚洲', parent_folder_id: '1', ...unread },
		);
		labels.push({ id: '3', name: 'Invoices/2026', background_color: 'blue', messages_unread: 0 });
	});

	it.each<[object, object]>([
		[{ from: ['nobody', 'ann example'] }, { head_from: { mail_address: 'a@b', name: 'Ann Example' } }],
		[{ from: ['A@B'] }, { head_from: { mail_address: 'a@b' } }],
		[{ to: ['bob'] }, { to: [{ mail_address: 'bob@example.com' }] }],
		[{ cc: ['bob'] }, { cc: [{ mail_address: 'bob@example.com' }] }],
		[{ bcc: ['bob'] }, { bcc: [{ mail_address: 'bob@example.com' }] }],
		[{ subject: 'offer new' }, { subject: 'New OFFER' }],
		[{ folder: ['inbox'] }, { folder_id: 'INBOX' }],
		[{ folder: ['trash', 'archive'] }, { folder_id: 'ARCHIVED' }],
		[{ folder: ['trash'] }, { folder_id: 'TRASH' }],
		[{ folder: ['spam'] }, { folder_id: 'SPAM' }],
		[{ folder: ['priority'] }, { label_ids: ['IMPORTANT'] }],
		[{ folder: ['flagged'] }, { label_ids: ['FLAGGED'] }],
		[{ folder: ['Clients/亚洲'] }, { folder_id: '2' }],
		[{ label: ['Invoices/2026'] }, { label_ids: ['3'] }],
		[{ has_attachment: true }, { attachments: [{ filename: 'a', content: Buffer.from('') }] }],
		[{ is_unread: true }, { label_ids: ['UNREAD'] }],
		[between('2026-06-15T19:59:59+08:00', '2026-06-15T20:00:01+08:00').filter, {}],
	])('%j finds that and nothing else', async (filter, fields) => {
		const message = sandbox.mailbox.receive({ label_ids: [], ...fields });
		sandbox.mailbox.receive({
			label_ids: [],
			subject: 'Other',
			head_from: { mail_address: 'other@example.com' },
			to: [],
			folder_id: 'SENT',
			internal_date: now + hour,
		});
		if ('create_time' in filter) sandbox.mailbox.receive({ internal_date: now - hour });
		expect(await found({ filter })).toEqual(idsOf(message));
		expect(await found({ query: 'text', filter: { ...filter, subject: 'no such' } })).toEqual([]);
	});

	it.each([
		{ folder: ['INBOX'] },
		{ folder: ['Inbox'] },
		{ folder: ['IMPORTANT'] },
		{ folder: ['亚洲'] },
		{ folder: ['2'] },
		{ label: ['3'] },
		{ label: ['IMPORTANT'] },
	])('%j finds nothing: names are wanted', async (filter) => {
		const label_ids = ['IMPORTANT', '3'];
		sandbox.mailbox.receive({ label_ids });
		sandbox.mailbox.receive({ label_ids, folder_id: '2' });
		expect(await found({ filter })).toEqual([]);
	});

	it('does not ask for files and unread mails by saying false', async () => {
		sandbox.mailbox.receive({ attachments: [{ filename: 'a', content: Buffer.from('') }] });
		sandbox.mailbox.receive({ label_ids: [] });
		expect(await found({ filter: { has_attachment: false, is_unread: false } })).toHaveLength(2);
		const inline = { filename: 'a.png', content: Buffer.from(''), is_inline: true };
		sandbox.mailbox.receive({ attachments: [inline] });
		expect(await found({ filter: { has_attachment: true } })).toHaveLength(1);
	});

	it('finds mails in the trash and in spam only where they are asked for', async () => {
		sandbox.mailbox.receive({ folder_id: 'TRASH' });
		sandbox.mailbox.receive({ folder_id: 'SPAM' });
		expect(await found({})).toEqual([]);
		expect(await found({ filter: { folder: ['trash', 'spam'] } })).toHaveLength(2);
	});
});
