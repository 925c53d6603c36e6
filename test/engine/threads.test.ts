import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { connected, continues, locate, onRequest, runOn, sandbox } from './stage';

const LIST = 'mail.thread.list';
const GET = 'mail.thread.get';

const run = runOn('thread');

const who = [
	['an app', async () => ({})],
	['a user', async () => ({ credential: await connected() })],
] as const;

const addLabel = (name: string) =>
	sandbox.mailbox.labels.push({ id: `id of ${name}`, name, background_color: 'blue', messages_unread: 0 });

/** A question, its answer, and another answer that is in the trash. */
const conversation = () => {
	const { mailbox } = sandbox;
	const question = mailbox.receive({ subject: '报价', body_plain_text: '您好', internal_date: 1000 });
	const answer = { in_reply_to: question.smtp_message_id, subject: 'Re: 报价' };
	return [
		question,
		mailbox.receive({ ...answer, folder_id: 'SENT', internal_date: 3000, body_plain_text: '答' }),
		mailbox.receive({ ...answer, folder_id: 'TRASH', internal_date: 2000 }),
	] as const;
};

describe.each(who)('%s', (_, options) => {
	it('gets a thread with its mails, the oldest first, texts decoded', async () => {
		const [question, answer, trashed] = conversation();
		const threadId = locate('id', question.thread_id);
		const simple = await run('get', { threadId }, await options());
		expect(simple.jsons).toEqual([
			{
				id: question.thread_id,
				body_preview: '答',
				messages: [
					expect.objectContaining({
						message_id: question.message_id,
						body_plain_text: '您好',
						date: '1970-01-01T00:00:01.000Z',
					}),
					expect.objectContaining({ message_id: answer.message_id, body_plain_text: '答' }),
				],
			},
		]);
		const all = await run(
			'get',
			{ threadId, simple: false, options: { includeSpamTrash: true } },
			await options(),
		);
		const messages = all.jsons[0]!.messages as IDataObject[];
		expect(messages.map(({ message_id }) => message_id)).toEqual([
			question.message_id,
			trashed.message_id,
			answer.message_id,
		]);
		expect(messages[0]).toHaveProperty('smtp_message_id');
		expect(sandbox.requestsTo(GET).map(({ query }) => query)).toEqual([
			{ format: 'plain_text_full' },
			{ format: 'full', include_spam_trash: 'true' },
		]);
	});

	it('lists, labels, moves, marks and trashes threads with all their mails', async () => {
		addLabel('VIP');
		const [question, answer] = conversation();
		const other = sandbox.mailbox.receive();
		const items = [question, other].map(({ thread_id }) => ({ id: thread_id }));
		const change = async (operation: string, parameters: INodeParameters = {}) => {
			const ran = await run(
				operation,
				{ threadId: '={{ $json.id }}', ...parameters },
				{ items, ...(await options()) },
			);
			expect(ran.error?.message).toBeUndefined();
			expect(ran.jsons.map(({ thread_id }) => thread_id)).toEqual(items.map(({ id }) => id));
			return { ...ran.jsons[1]!, thread_id: undefined };
		};
		expect(await change('addLabels', { labelIds: ['vip'] })).toEqual({ add_label_ids: ['id of VIP'] });
		expect([question, answer, other].every(({ label_ids }) => label_ids.has('id of VIP'))).toBe(true);
		expect(await change('removeLabels', { labelIds: ['id of VIP'] })).toEqual({
			remove_label_ids: ['id of VIP'],
		});
		expect(await change('markAsRead')).toEqual({ remove_label_ids: ['UNREAD'] });
		expect(await change('markAsUnread')).toEqual({ add_label_ids: ['UNREAD'] });
		expect([...answer.label_ids]).toEqual(['UNREAD']);
		expect(await change('move', { folderId: locate('id', 'archived') })).toEqual({ add_folder: 'ARCHIVED' });
		expect([question.folder_id, answer.folder_id]).toEqual(['ARCHIVED', 'ARCHIVED']);
		expect(await change('trash')).toEqual({ trashed: true });
		expect(await change('move', { folderId: locate('list', 'TRASH') })).toEqual({ trashed: true });
		expect(question.folder_id).toBe('TRASH');
		const listed = await run('getAll', { folderId: locate('list', 'TRASH') }, await options());
		expect(listed.jsons.map(({ id }) => id).sort()).toEqual(items.map(({ id }) => id).sort());
	});
});

describe('Get Many', () => {
	const fill = (count: number) =>
		Array.from({ length: count }, (_, index) =>
			sandbox.mailbox.receive({ internal_date: index, body_plain_text: `文本 ${index}` }),
		).reverse();

	it.each<[INodeParameters, number, number, number]>([
		[{}, 0, 0, 1],
		[{ limit: 5 }, 4, 4, 1],
		[{ limit: 5 }, 5, 5, 1],
		[{ limit: 5 }, 6, 5, 1],
		[{}, 60, 50, 3],
		[{ returnAll: true }, 45, 45, 3],
	])('%j of %d gives %d in %d calls', async (parameters, there, given, calls) => {
		const mails = fill(there);
		const ran = await run('getAll', parameters);
		expect(ran.jsons).toEqual(
			mails
				.slice(0, given)
				.map(({ thread_id, body_plain_text }) => ({ id: thread_id, body_preview: body_plain_text })),
		);
		expect(sandbox.requestsTo(LIST)).toHaveLength(calls);
	});

	it('of a label, unread only', async () => {
		addLabel('VIP');
		const [read, unread] = [['id of VIP'], ['id of VIP', 'UNREAD']].map((label_ids) =>
			sandbox.mailbox.receive({ label_ids }),
		);
		const parameters = { source: 'label', labelId: locate('name', 'vip') };
		expect((await run('getAll', parameters)).jsons.map(({ id }) => id)).toEqual([
			unread!.thread_id,
			read!.thread_id,
		]);
		const { jsons } = await run('getAll', { ...parameters, filters: { readStatus: 'unread' } });
		expect(jsons.map(({ id }) => id)).toEqual([unread!.thread_id]);
	});

	it.each<[INodeParameters, string]>([
		[{ folderId: locate('id', '99') }, "The mailbox has no such folder: check 'Folder'"],
		[{ folderId: locate('id', 'nowhere') }, "Feishu does not accept the folder: check 'Folder'"],
		[{ source: 'label', labelId: locate('id', '99') }, "The mailbox has no such label: check 'Label'"],
		[{ folderId: locate('name', 'Nowhere') }, "'Folder': the mailbox has no folder 'Nowhere'"],
	])('%j says what is wrong', async (parameters, words) => {
		expect((await run('getAll', parameters)).error?.message).toBe(words);
	});

	it('that leads in a circle fails for Return All', async () => {
		const items = [{ id: 'a' }];
		for (const page_token of ['a', 'b', 'a']) {
			sandbox.fail({ api: LIST, with: { code: 0, data: { items, has_more: true, page_token } } });
		}
		const { error } = await run('getAll', { returnAll: true });
		expect(error?.message).toContain('list broke off before its end');
	});
});

describe('a thread that is chosen', () => {
	it.each<[string, INodeParameters, string]>([
		['that is not there', { threadId: 'nobody' }, 'The mailbox has no such thread'],
		['by nothing', { threadId: '={{ "" }}' }, "'Thread' is empty"],
		['by a number', { threadId: '={{ 12345678901234567890 }}' }, 'a number that cannot hold all digits'],
	])('%s is told in words', async (_, parameters, words) => {
		for (const operation of ['get', 'markAsRead', 'trash']) {
			const ran = await run(operation, parameters, { ...continues });
			if (operation !== 'trash') expect(ran.jsons[0]!.error).toContain(words);
			else expect(ran.jsons[0]!.error).toBeDefined();
		}
	});

	it('among others, by an ID that is not there, fails alone when it is read', async () => {
		const mails = [0, 1, 2].map(() => sandbox.mailbox.receive());
		const items = [mails[0]!.thread_id, 'nobody', mails[2]!.thread_id].map((id) => ({ id }));
		const ran = await run('get', { threadId: '={{ $json.id }}' }, { items, ...continues });
		expect(ran.jsons.map(({ error }) => error !== undefined)).toEqual([false, true, false]);
	});

	it('whose mails are all out of sight is there, without mails', async () => {
		const { thread_id } = sandbox.mailbox.receive({ folder_id: 'TRASH' });
		const ran = await run('get', { threadId: thread_id });
		expect(ran.jsons).toMatchObject([{ id: thread_id, messages: [] }]);
	});

	it('is read again where the answer is lost', async () => {
		const { thread_id } = sandbox.mailbox.receive();
		sandbox.fail({ api: GET, on: [1, 2], with: { status: 500, code: 1234008 } });
		expect((await run('get', { threadId: thread_id })).jsons).toHaveLength(1);
		onRequest(GET, 1, () => sandbox.mailbox.messages.splice(0));
		expect((await run('get', { threadId: thread_id })).error?.message).toContain('no such thread');
	});

	it('of a mailbox that is closed to the app says so', async () => {
		sandbox.app.dataPermission = new Set();
		const { thread_id } = sandbox.mailbox.receive();
		for (const operation of ['get', 'getAll', 'markAsRead']) {
			const { error } = await run(operation, { threadId: thread_id });
			expect(error?.message).toContain('The app may not reach the mails of this mailbox');
		}
	});
});

it.each([null, undefined, []])('a thread whose list of mails is %j has none', async (messages) => {
	sandbox.fail({ api: GET, with: { code: 0, data: { thread: { id: 't', messages } } } });
	const ran = await run('get', { threadId: locate('id', 't') });
	expect(ran.jsons).toEqual([{ id: 't', messages: [] }]);
});
