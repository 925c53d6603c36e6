import type { AxiosInstance } from 'axios';

import { Sandbox } from './index';
import type { Message, NewMessage } from './index';
import { dataOf, decoded, mailboxPath, outcome, signIn } from './client';

let sandbox: Sandbox;
let client: AxiosInstance;

beforeEach(async () => {
	sandbox = await Sandbox.start({ clock: { now: () => 1_700_000_000_000 } });
	client = await signIn(sandbox);
});
afterEach(async () => await sandbox.close());

const path = mailboxPath('threads');
const pathOf = (id: string, action?: string) => mailboxPath('threads', 'user@example.com', id, action);

/** Mails of one thread, one a second. */
function receiveThread(...mails: NewMessage[]): Message[] {
	const [first = {}, ...answers] = mails;
	const messages = [sandbox.mailbox.receive(first)];
	for (const fields of answers) {
		sandbox.clock.advance(1000);
		messages.push(sandbox.mailbox.receive({ in_reply_to: messages[0]?.smtp_message_id, ...fields }));
	}
	return messages;
}

const threadIn = ([message]: Message[]) => String(message?.thread_id);

interface Page {
	items: Array<{ id: string; body_preview: string }>;
	has_more: boolean;
	page_token?: string;
}

const list = async (params: object) =>
	dataOf<Page>(await client.get(path, { params: { page_size: 20, ...params } }));
const ids = async (params: object) => (await list(params)).items.map(({ id }) => id);

describe('thread list', () => {
	it('gives the threads with a mail in the folder, that with the newest mail first', async () => {
		const older = receiveThread({ body_plain_text: 'old' }, { body_plain_text: 'sent', folder_id: 'SENT' });
		const newer = receiveThread({ body_plain_text: '新的' });
		const { items, ...rest } = await list({ folder_id: 'INBOX' });
		expect(items.map(({ id, body_preview }) => [id, decoded(body_preview)])).toEqual([
			[threadIn(newer), '新的'],
			[threadIn(older), 'sent'],
		]);
		expect(rest).toEqual({ has_more: false });
		expect(await ids({ folder_id: 'SENT' })).toEqual([threadIn(older)]);
		expect(await ids({ folder_id: 'ARCHIVED' })).toEqual([]);
	});

	it('gives pages, and the threads of a label and of unread mails', async () => {
		const threads = Array.from({ length: 5 }, (_, n) =>
			receiveThread({ label_ids: n % 2 ? ['UNREAD', 'FLAGGED'] : [] }),
		).reverse();
		const first = await list({ folder_id: 'INBOX', page_size: 3 });
		const second = await list({ folder_id: 'INBOX', page_size: 3, page_token: first.page_token });
		expect([first.has_more, second.has_more]).toEqual([true, false]);
		expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(threads.map(threadIn));
		const [, one = [], , other = []] = threads;
		const some = [one, other].map(threadIn);
		expect(await ids({ label_id: 'FLAGGED' })).toEqual(some);
		expect(await ids({ folder_id: 'INBOX', only_unread: true })).toEqual(some);
	});

	it.each<[string, object, number, number]>([
		['no page_size', { folder_id: 'INBOX', page_size: undefined }, 400, 99992402],
		['a page_size of 21', { folder_id: 'INBOX', page_size: 21 }, 400, 99992402],
		['neither folder nor label', {}, 400, 1234039],
		['folder and label', { folder_id: 'INBOX', label_id: 'FLAGGED' }, 400, 1234039],
		['a system folder in small letters', { folder_id: 'inbox' }, 400, 1234038],
		['an unknown folder', { folder_id: '123' }, 404, 1234035],
		['an unknown label', { label_id: '123' }, 404, 1234036],
		['SCHEDULED, which is a folder here', { label_id: 'SCHEDULED' }, 404, 1234036],
		['a made-up page token', { folder_id: 'INBOX', page_token: 'x' }, 400, 1234037],
	])('refuses %s', async (_case, params, status, code) => {
		const answer = await client.get(path, { params: { page_size: 1, ...params } });
		expect(outcome(answer)).toEqual([status, code]);
	});

	it('refuses the page token of a list of mails', async () => {
		for (let n = 0; n < 2; n += 1) sandbox.mailbox.receive();
		const params = { folder_id: 'INBOX', page_size: 1 };
		const { page_token } = dataOf<Page>(await client.get(mailboxPath('messages'), { params }));
		expect(outcome(await client.get(path, { params: { ...params, page_token } }))).toEqual([400, 1234037]);
	});
});

describe('thread get', () => {
	interface Shown {
		thread: { id: string; body_preview: string; messages: Array<Record<string, string>> };
	}
	const get = async (id: string, params: object = {}) =>
		dataOf<Shown>(await client.get(pathOf(id), { params })).thread;

	it('gives the mails of a thread, drafts too, in no order unless told otherwise', async () => {
		const mails = receiveThread({}, { folder_id: 'SENT' }, { folder_id: 'DRAFT' });
		const inTime = mails.map(({ message_id }) => message_id);
		const { id, messages } = await get(threadIn(mails));
		expect(id).toBe(threadIn(mails));
		const answered = messages.map(({ message_id }) => message_id);
		expect(answered).not.toEqual(inTime);
		expect(answered).not.toEqual([...inTime].reverse());
		sandbox.mailChoices.inOrder = true;
		expect((await get(id)).messages.map(({ message_id }) => message_id)).toEqual(inTime);
	});

	it('shows each mail as message get does, in the format asked for', async () => {
		const mails = receiveThread({});
		for (const format of ['full', 'plain_text_full', 'metadata']) {
			const message_id = String(mails[0]?.message_id);
			const one = await client.get(mailboxPath('messages', 'user@example.com', message_id), {
				params: { format },
			});
			const { message } = dataOf<{ message: unknown }>(one);
			expect((await get(threadIn(mails), { format })).messages).toEqual([message]);
		}
	});

	it('leaves out the mails in the trash and in spam unless it is told to show them', async () => {
		const mails = receiveThread({}, { folder_id: 'TRASH' }, { folder_id: 'SPAM' });
		expect((await get(threadIn(mails))).messages).toHaveLength(1);
		expect((await get(threadIn(mails), { include_spam_trash: true })).messages).toHaveLength(3);
	});

	it('refuses what is not there, and formats of others', async () => {
		expect(outcome(await client.get(pathOf('x')))).toEqual([404, 1236022]);
		const raw = await client.get(pathOf(threadIn(receiveThread({}))), { params: { format: 'raw' } });
		expect(outcome(raw)).toEqual([400, 99992402]);
	});
});

describe.each([
	[
		'thread modify',
		1230008,
		async ([id = '']: string[], body: object) => await client.post(pathOf(id, 'modify'), body),
	],
	[
		'thread batch modify',
		1238008,
		async (thread_ids: string[], body: object) =>
			await client.post(`${path}/batch_modify`, { thread_ids, ...body }),
	],
] as const)('%s', (_name, unknown, modify) => {
	it('changes every mail of the thread and no others, and answers with nothing', async () => {
		const mails = receiveThread({}, { folder_id: 'SENT' }, { folder_id: 'TRASH' });
		const [other] = receiveThread({});
		const { data } = await modify([threadIn(mails)], {
			add_label_ids: ['FLAGGED'],
			remove_label_ids: ['UNREAD'],
			add_folder: 'ARCHIVED',
		});
		expect(data).toEqual({ code: 0, msg: 'success', data: {} });
		for (const mail of mails) {
			expect(mail).toMatchObject({ folder_id: 'ARCHIVED', label_ids: new Set(['FLAGGED']) });
		}
		expect(other).toMatchObject({ folder_id: 'INBOX', label_ids: new Set(['UNREAD']) });
	});

	it('labels the drafts of the thread, but leaves them in their folder', async () => {
		const [mail, draft] = receiveThread({}, { folder_id: 'DRAFT' }) as [Message, Message];
		await modify([mail.thread_id], { add_label_ids: ['FLAGGED'], add_folder: 'ARCHIVED' });
		expect(mail.folder_id).toBe('ARCHIVED');
		expect(draft).toMatchObject({ folder_id: 'DRAFT', label_ids: new Set(['FLAGGED']) });
	});

	it.each<[string, object, number | undefined]>([
		['nothing', {}, 1230001],
		['the trash', { add_folder: 'TRASH' }, 1230001],
		['an unknown folder', { add_folder: '1' }, undefined],
		['an unknown label', { add_label_ids: ['1'] }, undefined],
	])('refuses %s', async (_case, body, code = unknown) => {
		expect(outcome(await modify([threadIn(receiveThread({}))], body))).toEqual([400, code]);
	});

	it('refuses an unknown thread', async () => {
		expect(outcome(await modify(['x'], { add_label_ids: ['FLAGGED'] }))).toEqual([400, unknown]);
	});
});

it.each([
	['untouched' as const, 'INBOX'],
	['changed' as const, 'ARCHIVED'],
])('thread batch modify refuses a batch with an unknown id, the others %s', async (rest, folder) => {
	sandbox.mailChoices.restOfBatch = rest;
	const mails = receiveThread({}, {});
	const body = { thread_ids: ['x', threadIn(mails)], add_folder: 'ARCHIVED' };
	expect(outcome(await client.post(`${path}/batch_modify`, body))).toEqual([400, 1238008]);
	expect(mails.map(({ folder_id }) => folder_id)).toEqual([folder, folder]);
});

describe('thread trash', () => {
	it('moves all mails of a thread but drafts to the trash, and answers with nothing', async () => {
		const mails = receiveThread({}, { folder_id: 'SENT' }, { folder_id: 'DRAFT' });
		const { data } = await client.post(pathOf(threadIn(mails), 'trash'));
		expect(data).toEqual({ code: 0, msg: 'success', data: {} });
		expect(mails.map(({ folder_id }) => folder_id)).toEqual(['TRASH', 'TRASH', 'DRAFT']);
		expect(outcome(await client.post(pathOf('x', 'trash')))).toEqual([400, 1230001]);
	});

	it('takes batches of at most 20, all of them or none', async () => {
		const threads = [receiveThread({}, {}), receiveThread({})];
		const trash = async (thread_ids: string[]) =>
			outcome(await client.post(`${path}/batch_trash`, { thread_ids }));
		const all = threads.map(threadIn);
		const folders = () => threads.flat().map(({ folder_id }) => folder_id);
		expect(await trash([...all, 'x'])).toEqual([400, 1230001]);
		expect(await trash(Array<string>(21).fill('x'))).toEqual([400, 1230001]);
		expect(folders()).toEqual(['INBOX', 'INBOX', 'INBOX']);
		expect(await trash(all)).toEqual([200, 0]);
		expect(folders()).toEqual(['TRASH', 'TRASH', 'TRASH']);
	});
});
