import type { AxiosInstance, AxiosResponse } from 'axios';

import { Sandbox } from './index';
import type { Message } from './index';
import { connect, dataOf, decoded, mailboxPath, outcome, signIn } from './client';

let sandbox: Sandbox;
let client: AxiosInstance;

beforeEach(async () => {
	sandbox = await Sandbox.start({ clock: { now: () => 1_700_000_000_000 } });
	client = await signIn(sandbox);
});
afterEach(async () => await sandbox.close());

const path = mailboxPath('messages');
const pathOf = (id: string, action?: string) => mailboxPath('messages', 'user@example.com', id, action);
const idOf = ({ message_id }: Message) => message_id;

type Shown = Record<string, unknown>;
interface Page {
	items: string[];
	has_more: boolean;
	page_token?: string;
}

const list = async (params: object) => dataOf<Page>(await client.get(path, { params }));
const getAll = async (ids: unknown, more: object = {}) =>
	await client.post(`${path}/batch_get`, { message_ids: ids, ...more });
const shown = async (message: Message, format?: string) => {
	const answer = await client.get(pathOf(message.message_id), { params: { format } });
	return dataOf<{ message: Shown }>(answer).message;
};
const modify = async ({ message_id }: Message, body: unknown) =>
	await client.put(pathOf(message_id, 'modify'), body);

describe('a mail that arrives', () => {
	it('is unread, in the inbox, of now, and has an id that a path must encode', () => {
		const message = sandbox.mailbox.receive();
		expect(message).toMatchObject({
			message_id: expect.stringMatching(/^[\w/+]{16}=$/) as string,
			subject: 'Mail 1',
			to: [{ mail_address: 'user@example.com' }],
			internal_date: 1_700_000_000_000,
			folder_id: 'INBOX',
			label_ids: new Set(['UNREAD']),
			message_state: 1,
		});
		for (let n = 0; n < 50; n += 1) {
			expect(sandbox.mailbox.receive().message_id).toMatch(/\/.*\+.*=$/);
		}
	});

	it('keeps what it brings', () => {
		const content = Buffer.from('1');
		const message = sandbox.mailbox.receive({
			subject: 'Offer',
			body_html: '<p>Hello <b>Bob</b>,</p><p>see you</p>',
			label_ids: [],
			attachments: [
				{ filename: 'a.txt', content },
				{ filename: 'b.png', content, cid: 'b' },
			],
		});
		expect(message).toMatchObject({
			subject: 'Offer',
			body_plain_text: 'Hello Bob,\nsee you',
			label_ids: new Set(),
		});
		expect(message.attachments).toMatchObject([
			{ filename: 'a.txt', attachment_type: 1, is_inline: false, content },
			{ filename: 'b.png', is_inline: true, cid: 'b' },
		]);
	});

	it.each([
		['SENT', 2],
		['DRAFT', 3],
	])('is read and one of its own when it is in %s', (folder_id, message_state) => {
		expect(sandbox.mailbox.receive({ folder_id })).toMatchObject({
			message_state,
			head_from: { mail_address: 'user@example.com' },
			label_ids: new Set(),
		});
	});

	it('joins the thread of the mail that it answers, by Message-ID or by subject', () => {
		const { mailbox } = sandbox;
		const [first, other] = [mailbox.receive({ subject: '报价' }), mailbox.receive({ subject: '报价' })];
		expect(other.thread_id).not.toBe(first.thread_id);
		const in_reply_to = `<${first.smtp_message_id}>`;
		expect(mailbox.receive({ in_reply_to }).thread_id).toBe(first.thread_id);
		expect(mailbox.receive({ references: `<x@y>\r\n\t${in_reply_to}` }).thread_id).toBe(first.thread_id);
		expect(mailbox.receive({ subject: 'Re: 回复：报价' }).thread_id).toBe(other.thread_id);
		expect(mailbox.receive({ subject: 'Re: 发票' }).thread_id).not.toBe(first.thread_id);
	});
});

describe('message list', () => {
	it('gives the ids of a folder, the newest first, page by page', async () => {
		const { mailbox } = sandbox;
		const old = mailbox.receive({ internal_date: 1 });
		const rest = Array.from({ length: 44 }, () => mailbox.receive());
		mailbox.receive({ folder_id: 'SENT' });
		const pages: Page[] = [];
		let page_token: string | undefined;
		do {
			const page = await list({ folder_id: 'INBOX', page_size: 20, page_token });
			pages.push(page);
			({ page_token } = page);
		} while (page_token !== undefined);
		expect(pages.map(({ items }) => items.length)).toEqual([20, 20, 5]);
		expect(pages.flatMap(({ items }) => items)).toEqual([...rest.reverse(), old].map(idOf));
		expect(pages.map(({ has_more }) => has_more)).toEqual([true, true, false]);
	});

	it('goes on where it was, although mails of earlier pages are no longer of the list', async () => {
		const mails = Array.from({ length: 4 }, () => sandbox.mailbox.receive()).reverse();
		const params = { folder_id: 'INBOX', only_unread: true, page_size: 2 };
		const { items, page_token } = await list(params);
		await client.post(`${path}/batch_modify`, { message_ids: items, remove_label_ids: ['UNREAD'] });
		sandbox.mailbox.receive();
		expect((await list({ ...params, page_token })).items).toEqual(mails.slice(2).map(idOf));
	});

	it('gives the mails with a label but those in the trash and in spam', async () => {
		const { mailbox } = sandbox;
		mailbox.labels.push({ id: 'l1', name: 'VIP', background_color: 'blue', messages_unread: 0 });
		const flagged = mailbox.receive({ label_ids: ['FLAGGED'] });
		const both = mailbox.receive({ label_ids: ['FLAGGED', 'l1'], folder_id: 'ARCHIVED' });
		mailbox.receive({ label_ids: ['FLAGGED'], folder_id: 'TRASH' });
		mailbox.receive({ label_ids: ['FLAGGED'], folder_id: 'SPAM' });
		const scheduled = mailbox.receive({ folder_id: 'SCHEDULED' });
		const items = async (label_id: string) => (await list({ label_id, page_size: 20 })).items;
		expect(await items('FLAGGED')).toEqual([both, flagged].map(idOf));
		expect(await items('l1')).toEqual([both].map(idOf));
		expect(await items('SCHEDULED')).toEqual([scheduled].map(idOf));
		expect(await items('IMPORTANT')).toEqual([]);
	});

	it('leaves out what is read only when it is told to', async () => {
		const read = sandbox.mailbox.receive({ label_ids: [] });
		const unread = sandbox.mailbox.receive();
		const items = async (only_unread?: boolean) =>
			(await list({ folder_id: 'INBOX', page_size: 20, only_unread })).items;
		expect(await items(true)).toEqual([unread].map(idOf));
		expect(await items(false)).toEqual([unread, read].map(idOf));
		expect(await items()).toEqual([unread, read].map(idOf));
	});

	it.each<[string, object, number]>([
		['no page_size', { folder_id: 'INBOX' }, 1230001],
		['a page_size of 0', { folder_id: 'INBOX', page_size: 0 }, 1230001],
		['a page_size of 21', { folder_id: 'INBOX', page_size: 21 }, 1230001],
		['a page_size that is no number', { folder_id: 'INBOX', page_size: 'all' }, 99992402],
		['neither folder nor label', { page_size: 1 }, 1230001],
		['folder and label', { folder_id: 'INBOX', label_id: 'FLAGGED', page_size: 1 }, 1230001],
		['a system folder in small letters', { folder_id: 'inbox', page_size: 1 }, 1234038],
		['a label as a folder', { folder_id: 'FLAGGED', page_size: 1 }, 1234038],
		['an unknown folder', { folder_id: '123', page_size: 1 }, 1230001],
		['an unknown label', { label_id: '123', page_size: 1 }, 1230001],
		['a label in small letters', { label_id: 'flagged', page_size: 1 }, 1230001],
		['UNREAD, which is only_unread', { label_id: 'UNREAD', page_size: 1 }, 1230001],
		['a made-up page token', { folder_id: 'INBOX', page_size: 1, page_token: 'x' }, 1230001],
		['only_unread that is neither', { folder_id: 'INBOX', page_size: 1, only_unread: 'x' }, 99992402],
	])('refuses %s', async (_case, params, code) => {
		expect(outcome(await client.get(path, { params }))).toEqual([400, code]);
	});

	it('refuses the page token of another list', async () => {
		for (let n = 0; n < 2; n += 1) sandbox.mailbox.receive();
		const { page_token } = await list({ folder_id: 'INBOX', page_size: 1 });
		const params = { folder_id: 'SENT', page_size: 1, page_token };
		expect(outcome(await client.get(path, { params }))).toEqual([400, 1230001]);
	});
});

describe('message get', () => {
	const full = () =>
		sandbox.mailbox.receive({
			subject: '报价 – offer',
			cc: [{ mail_address: 'cc@example.com', name: '抄送' }],
			body_html: `<p>${'你好'.repeat(60)}</p>`,
			reply_to: 'Bob <bob@example.com>',
			references: '<a@b> <c@d>',
			attachments: [{ filename: '报价.pdf', content: Buffer.from('%PDF') }],
		});

	it('gives all of a mail, bodies in base64url, the date as a text of milliseconds', async () => {
		const message = full();
		const { body_html, body_plain_text, body_preview, ...rest } = await shown(message);
		expect(decoded(body_html)).toBe(message.body_html);
		expect(decoded(body_plain_text)).toBe('你好'.repeat(60));
		expect(decoded(body_preview)).toBe('你好'.repeat(50));
		const { message_id, thread_id, smtp_message_id, attachments } = message;
		expect(rest).toEqual({
			message_id,
			thread_id,
			smtp_message_id,
			subject: '报价 – offer',
			head_from: { mail_address: 'ann@example.org', name: 'Ann Example' },
			to: [{ mail_address: 'user@example.com' }],
			cc: [{ mail_address: 'cc@example.com', name: '抄送' }],
			bcc: [],
			reply_to: 'Bob <bob@example.com>',
			references: '<a@b> <c@d>',
			internal_date: '1700000000000',
			message_state: 1,
			folder_id: 'INBOX',
			label_ids: ['UNREAD'],
			priority_type: '0',
			attachments: [{ id: attachments[0]?.id, filename: '报价.pdf', attachment_type: 1, is_inline: false }],
		});
	});

	it.each([
		[undefined, ['body_preview', 'body_html', 'body_plain_text', 'body_calendar', 'attachments']],
		['full', ['body_preview', 'body_html', 'body_plain_text', 'body_calendar', 'attachments']],
		['plain_text_full', ['body_preview', 'body_plain_text', 'body_calendar', 'attachments']],
		['metadata', ['body_preview', 'attachments']],
	])('as %s gives of the body %j', async (format, fields) => {
		const mail = await shown(
			sandbox.mailbox.receive({ body_html: '<p>Hi</p>', body_calendar: 'BEGIN' }),
			format,
		);
		expect(Object.keys(mail).filter((field) => /^body|^att/.test(field))).toEqual(fields);
	});

	it.each([
		['subject', ['subject']],
		['address', ['head_from', 'to', 'cc', 'bcc']],
		['body', ['body_html', 'body_plain_text', 'attachments']],
	])('leaves out without the scope for %s, and says nothing of it', async (scope, fields) => {
		const message = full();
		const all = Object.keys(await shown(message));
		sandbox.app.scopes.delete(`mail:user_mailbox.message.${scope}:read`);
		const seen = Object.keys(await shown(message));
		expect(all.filter((field) => !seen.includes(field))).toEqual(fields);
	});

	it('pads base64url, or does not', async () => {
		const message = sandbox.mailbox.receive({ body_plain_text: 'a>?' + 'b' });
		expect(await shown(message)).toMatchObject({ body_plain_text: 'YT4_Yg==' });
		sandbox.mailChoices.padding = false;
		expect(await shown(message)).toMatchObject({ body_plain_text: 'YT4_Yg' });
	});

	it('refuses what is not there, and formats of others', async () => {
		const { message_id } = full();
		expect(outcome(await client.get(pathOf('x')))).toEqual([404, 1234034]);
		expect(outcome(await client.get(pathOf(message_id.toLowerCase())))).toEqual([404, 1234034]);
		const raw = await client.get(pathOf(message_id), { params: { format: 'raw' } });
		expect(outcome(raw)).toEqual([400, 1234008]);
	});
});

describe('message batch get', () => {
	const idsIn = (answer: AxiosResponse) =>
		dataOf<{ messages: Shown[] }>(answer).messages.map(({ message_id }) => message_id);

	it('gives the mails, in another order than asked unless told otherwise', async () => {
		const ids = Array.from({ length: 20 }, () => sandbox.mailbox.receive()).map(idOf);
		const answered = idsIn(await getAll(ids));
		expect(answered).not.toEqual(ids);
		expect(new Set(answered)).toEqual(new Set(ids));
		sandbox.mailChoices.inOrder = true;
		expect(idsIn(await getAll(ids))).toEqual(ids);
		expect(idsIn(await getAll([]))).toEqual([]);
	});

	it('gives the same as get', async () => {
		const message = sandbox.mailbox.receive();
		for (const format of ['full', 'plain_text_full', 'metadata']) {
			const { messages } = dataOf<{ messages: Shown[] }>(await getAll([message.message_id], { format }));
			expect(messages).toEqual([await shown(message, format)]);
		}
	});

	it('refuses all for one unknown id, or leaves that out', async () => {
		const { message_id } = sandbox.mailbox.receive();
		expect(outcome(await getAll([message_id, 'x']))).toEqual([400, 1230006]);
		sandbox.mailChoices.unknownIds = 'leaveOut';
		expect(idsIn(await getAll([message_id, 'x']))).toEqual([message_id]);
	});

	it.each<[string, unknown, object, number]>([
		['21 ids', Array(21).fill('x'), {}, 1230001],
		['an unknown format', [], { format: 'raw' }, 1230001],
		['ids that are no list', 'x', {}, 99992402],
		['an id that is no text', [1], {}, 99992402],
	])('refuses %s', async (_case, ids, more, code) => {
		expect(outcome(await getAll(ids, more))).toEqual([400, code]);
	});
});

const folderId = '7000000000000000001';
const labelId = '7000000000000000002';

function makeFolderAndLabel(): void {
	const unread = { unread_message_count: 0, unread_thread_count: 0 };
	const { folders, labels } = sandbox.mailbox;
	folders.push({ id: folderId, name: 'Clients', parent_folder_id: '0', folder_type: 2, ...unread });
	labels.push({ id: labelId, name: 'VIP', background_color: 'blue', messages_unread: 0 });
}

describe('message modify', () => {
	beforeEach(makeFolderAndLabel);

	it('adds and removes labels and moves, and answers with nothing', async () => {
		const message = sandbox.mailbox.receive();
		const { data } = await modify(message, {
			add_label_ids: ['FLAGGED', labelId],
			remove_label_ids: ['UNREAD', 'IMPORTANT'],
			add_folder: folderId,
		});
		expect(data).toEqual({ code: 0, msg: 'success', data: {} });
		expect(message).toMatchObject({ folder_id: folderId, label_ids: new Set(['FLAGGED', labelId]) });
		await modify(message, { add_label_ids: ['UNREAD'] });
		expect(message.label_ids).toContain('UNREAD');
	});

	it.each(['INBOX', 'SENT', 'SPAM', 'ARCHIVED', folderId])('moves to %s out of the trash', async (folder) => {
		const message = sandbox.mailbox.receive({ folder_id: 'TRASH' });
		expect(outcome(await modify(message, { add_folder: folder }))).toEqual([200, 0]);
		expect(message.folder_id).toBe(folder);
	});

	it.each<[string, unknown, number]>([
		['nothing', {}, 1230001],
		['empty lists and no folder', { add_label_ids: [], add_folder: '' }, 1230001],
		['21 labels', { add_label_ids: Array(21).fill('FLAGGED') }, 1230001],
		['a label to add and to remove', { add_label_ids: ['OTHER'], remove_label_ids: ['OTHER'] }, 1230001],
		['the trash', { add_folder: 'TRASH' }, 1230001],
		['the drafts', { add_folder: 'DRAFT' }, 1230001],
		['the scheduled mails', { add_folder: 'SCHEDULED' }, 1230001],
		['a folder of 101 characters', { add_folder: '1'.repeat(101) }, 1230001],
		['an unknown folder', { add_folder: '1' }, 1236008],
		['a folder in small letters', { add_folder: 'inbox' }, 1236008],
		['an unknown label', { add_label_ids: ['1'] }, 1236008],
		['an unknown label to remove', { remove_label_ids: ['1'] }, 1236008],
		['a folder as a label', { add_label_ids: ['INBOX'] }, 1236008],
		['a label that is no text', { add_label_ids: [1] }, 99992402],
		['labels that are no list', { add_label_ids: 'FLAGGED' }, 99992402],
	])('refuses %s', async (_case, body, code) => {
		const message = sandbox.mailbox.receive();
		expect(outcome(await modify(message, body))).toEqual([400, code]);
		expect(message).toMatchObject({ folder_id: 'INBOX', label_ids: new Set(['UNREAD']) });
		expect(sandbox.requests.at(-1)).toMatchObject({ executed: false });
	});

	it('refuses an unknown mail, and takes POST for no such path', async () => {
		const body = { add_label_ids: ['FLAGGED'] };
		expect(outcome(await client.put(pathOf('x', 'modify'), body))).toEqual([400, 1230007]);
		const { message_id } = sandbox.mailbox.receive();
		expect((await client.post(pathOf(message_id, 'modify'), body)).status).toBe(404);
	});

	it('labels a draft, but does not move it', async () => {
		const draft = sandbox.mailbox.receive({ folder_id: 'DRAFT' });
		expect(outcome(await modify(draft, { add_label_ids: ['FLAGGED'] }))).toEqual([200, 0]);
		expect(outcome(await modify(draft, { add_folder: 'INBOX' }))).toEqual([400, 1230001]);
		expect(draft.folder_id).toBe('DRAFT');
	});
});

describe('message batch modify', () => {
	const modifyAll = async (message_ids: unknown, body: object) =>
		await client.post(`${path}/batch_modify`, { message_ids, ...body });

	it('does to all what modify does to one', async () => {
		const mails = Array.from({ length: 20 }, () => sandbox.mailbox.receive());
		const { data } = await modifyAll(mails.map(idOf), {
			remove_label_ids: ['UNREAD'],
			add_folder: 'ARCHIVED',
		});
		expect(data).toEqual({ code: 0, msg: 'success', data: {} });
		for (const mail of mails) {
			expect(mail).toMatchObject({ folder_id: 'ARCHIVED', label_ids: new Set() });
		}
	});

	it.each([
		['untouched' as const, 'INBOX', false],
		['changed' as const, 'ARCHIVED', true],
	])('refuses a batch with an unknown id, the others %s', async (rest, folder, executed) => {
		sandbox.mailChoices.restOfBatch = rest;
		const mails = [sandbox.mailbox.receive(), sandbox.mailbox.receive()];
		const [first, second] = mails.map(idOf);
		const body = { add_folder: 'ARCHIVED' };
		expect(outcome(await modifyAll([first, 'x', second], body))).toEqual([400, 1230007]);
		expect(mails.map(({ folder_id }) => folder_id)).toEqual([folder, folder]);
		expect(sandbox.requests.at(-1)).toMatchObject({ executed });
	});

	it('refuses 21 ids, unknown labels and folders, and takes no ids for nothing to do', async () => {
		const body = { add_label_ids: ['FLAGGED'] };
		expect(outcome(await modifyAll(Array(21).fill('x'), body))).toEqual([400, 1230001]);
		expect(outcome(await modifyAll(['x'], { add_label_ids: ['x'] }))).toEqual([400, 1236008]);
		expect(outcome(await modifyAll([], body))).toEqual([200, 0]);
	});
});

describe('message trash', () => {
	const trash = async ({ message_id }: Message) => await client.post(pathOf(message_id, 'trash'));

	it('moves a mail to the trash, where it stays, and answers with nothing', async () => {
		const message = sandbox.mailbox.receive();
		for (let n = 0; n < 2; n += 1) {
			expect((await trash(message)).data).toEqual({ code: 0, msg: 'success', data: {} });
			expect(message.folder_id).toBe('TRASH');
		}
	});

	it('refuses drafts and what is not there', async () => {
		const draft = sandbox.mailbox.receive({ folder_id: 'DRAFT' });
		expect(outcome(await trash(draft))).toEqual([400, 1230001]);
		expect(outcome(await client.post(pathOf('x', 'trash')))).toEqual([400, 1230001]);
		expect(draft.folder_id).toBe('DRAFT');
	});

	it('takes batches, all of them or none', async () => {
		const mails = [sandbox.mailbox.receive(), sandbox.mailbox.receive()];
		const draft = sandbox.mailbox.receive({ folder_id: 'DRAFT' });
		const trashAll = async (messages: Message[]) =>
			outcome(await client.post(`${path}/batch_trash`, { message_ids: messages.map(idOf) }));
		expect(await trashAll([...mails, draft])).toEqual([400, 1230001]);
		expect(mails.map(({ folder_id }) => folder_id)).toEqual(['INBOX', 'INBOX']);
		expect(await trashAll(mails)).toEqual([200, 0]);
		expect(mails.map(({ folder_id }) => folder_id)).toEqual(['TRASH', 'TRASH']);
		const many = { message_ids: Array(21).fill('x') };
		expect(outcome(await client.post(`${path}/batch_trash`, many))).toEqual([400, 1230001]);
	});
});

describe('unread mails', () => {
	beforeEach(makeFolderAndLabel);

	const counters = async () => {
		const [label, folder, inbox] = [
			await client.get(mailboxPath('labels', 'user@example.com', labelId)),
			await client.get(mailboxPath('folders', 'user@example.com', folderId)),
			await client.get(mailboxPath('folders', 'user@example.com', 'INBOX')),
		].map((answer) => dataOf<Record<string, Shown>>(answer));
		return [
			label?.label?.messages_unread,
			folder?.folder?.unread_message_count,
			folder?.folder?.unread_thread_count,
			inbox?.folder?.unread_message_count,
		];
	};

	it('are counted by labels and folders, whose lists say the same', async () => {
		const first = sandbox.mailbox.receive({ label_ids: ['UNREAD', labelId] });
		const second = sandbox.mailbox.receive({ in_reply_to: first.smtp_message_id });
		expect(await counters()).toEqual([1, 0, 0, 2]);
		for (const mail of [first, second]) await modify(mail, { add_folder: folderId });
		expect(await counters()).toEqual([1, 2, 1, 0]);
		const [label] = dataOf<{ items: Shown[] }>(await client.get(mailboxPath('labels'))).items;
		expect(label).toMatchObject({ messages_unread: 1 });
		const folders = dataOf<{ items: Shown[] }>(await client.get(mailboxPath('folders'))).items;
		expect(folders.at(-1)).toMatchObject({ unread_message_count: 2 });
		await client.post(pathOf(first.message_id, 'trash'));
		expect(await counters()).toEqual([0, 1, 1, 0]);
		await modify(first, { add_folder: 'INBOX', remove_label_ids: ['UNREAD'] });
		expect(await counters()).toEqual([0, 1, 1, 0]);
	});

	it('go to the trash with their folder, and lose a label that is deleted', async () => {
		const message = sandbox.mailbox.receive({ folder_id: folderId, label_ids: ['UNREAD', labelId] });
		await client.delete(mailboxPath('folders', 'user@example.com', folderId));
		await client.delete(mailboxPath('labels', 'user@example.com', labelId));
		expect(message).toMatchObject({ folder_id: 'TRASH', label_ids: new Set(['UNREAD']) });
	});
});

describe('writes that overlap', () => {
	const body = { add_label_ids: ['FLAGGED'] };

	const write = async (mailbox = 'user@example.com', from = client) => {
		const { message_id } = (sandbox.tenant.findMailbox(mailbox) ?? sandbox.mailbox).receive();
		return outcome(await from.put(mailboxPath('messages', mailbox, message_id, 'modify'), body));
	};

	beforeEach(() => {
		sandbox.serialisesWrites = true;
		sandbox.latency = 60;
	});

	it('are refused but for one of them, reads are not', async () => {
		const read = client.get(path, { params: { folder_id: 'INBOX', page_size: 1 } });
		const answers = await Promise.all([write(), write(), write()]);
		expect(answers.filter(([status]) => status === 200)).toHaveLength(1);
		expect(answers.filter(([, code]) => code === 1236006)).toHaveLength(2);
		expect(outcome(await read)).toEqual([200, 0]);
		expect(sandbox.mailbox.messages.filter(({ label_ids }) => label_ids.has('FLAGGED'))).toHaveLength(1);
	});

	it('are those that arrive before another one is answered', async () => {
		// The second one comes to its work when the first one has been answered.
		sandbox.fail({ api: 'mail.message.modify', on: 2, times: 1, with: { kind: 'delay', ms: 100 } });
		expect(await Promise.all([write(), write()])).toEqual([
			[200, 0],
			[429, 1236006],
		]);
	});

	it('are those on one mailbox, by whatever name', async () => {
		sandbox.tenant.addMailbox('team@example.com');
		const user = connect(sandbox, sandbox.issueUserTokens().access_token);
		const [app, me, team] = await Promise.all([write(), write('me', user), write('team@example.com')]);
		expect([app?.[0], me?.[0]].sort()).toEqual([200, 429]);
		expect(team).toEqual([200, 0]);
	});

	it('are no others: one after the other goes through, also after one that got no answer', async () => {
		sandbox.fail({ api: 'mail.message.modify', with: { kind: 'reset', when: 'after' } });
		await write().catch(() => undefined);
		expect([await write(), await write()]).toEqual([
			[200, 0],
			[200, 0],
		]);
	});

	it('are allowed until it is switched on', async () => {
		sandbox.serialisesWrites = false;
		expect(await Promise.all([write(), write()])).toEqual([
			[200, 0],
			[200, 0],
		]);
	});
});
