import { sleep, type IDataObject, type INodeParameters } from 'n8n-workflow';

import type { ApiName, Fault, Mailbox, Message } from '../sandbox';
import type { Run, RunOptions } from './engine';
import { bodies, connected, continues, locate, onRequest, run, sandbox, time } from './stage';
import { until } from './until';

const MODIFY = 'mail.message.batchModify';
const TRASH = 'mail.message.batchTrash';
const GET = 'mail.message.batchGet';
const THREADS = 'mail.thread.batchModify';

const addLabels = (...names: string[]) =>
	sandbox.mailbox.labels.push(
		...names.map((name) => ({
			id: `id of ${name}`,
			name,
			background_color: 'blue',
			messages_unread: 0,
		})),
	);

const addFolders = (...names: string[]) =>
	sandbox.mailbox.folders.push(
		...names.map((name) => ({
			id: `id of ${name}`,
			name,
			parent_folder_id: '0',
			folder_type: 2 as const,
			unread_message_count: 0,
			unread_thread_count: 0,
		})),
	);

const receive = (count: number, mailbox: Mailbox = sandbox.mailbox): Message[] =>
	Array.from({ length: count }, () => mailbox.receive());

const rowsOf = <More extends IDataObject>(mails: Message[], more?: More) =>
	mails.map(({ message_id }) => ({ id: message_id, ...(more as More) }));

/** The same order each time, and no order that anybody would expect. */
const shuffled = <T>(things: T[]): T[] =>
	things
		.map((thing, index) => ({ thing, place: Math.sin(index + 1) }))
		.sort((one, other) => one.place - other.place)
		.map(({ thing }) => thing);

const messageId = '={{ $json.id }}';

const label = async (
	items: IDataObject[],
	parameters: INodeParameters = {},
	options: Partial<RunOptions> = {},
): Promise<Run> =>
	await run('message', 'addLabels', { messageId, labelIds: ['VIP'], ...parameters }, { items, ...options });

const move = async (items: IDataObject[], options: Partial<RunOptions> = {}): Promise<Run> =>
	await run(
		'message',
		'move',
		{ messageId, folderId: { __rl: true, mode: 'id', value: '={{ $json.folder }}' } },
		{ items, ...options },
	);

const idsSent = (api: ApiName) => bodies(api).map((body) => (body as { message_ids: string[] }).message_ids);

const sizes = (api: ApiName) => idsSent(api).map(({ length }) => length);

const labelled = (name = 'VIP') =>
	sandbox.tenant.mailboxes
		.flatMap(({ messages }) => messages)
		.filter(({ label_ids }) => label_ids.has(`id of ${name}`))
		.map(({ message_id }) => message_id);

const pairs = ({ outputs }: Run) =>
	outputs.flat().map(({ json, pairedItem }) => [json.message_id ?? json.error, pairedItem]);

const RESET_BEFORE: Fault = { kind: 'reset', when: 'before' };
const RESET_AFTER: Fault = { kind: 'reset', when: 'after' };

beforeEach(() => {
	addLabels('VIP', 'Partner', '客户, 亚洲');
	addFolders('A', 'B');
});

describe('as many changes as there are', () => {
	it.each([
		[1, 1],
		[2, 1],
		[20, 1],
		[21, 2],
		[45, 3],
		[1000, 50],
	])('%d labels of one mailbox take %d calls, the output in the order of the input', async (count, calls) => {
		const mails = shuffled(receive(count));
		const ran = await label(rowsOf(mails));
		expect(ran.error?.message).toBeUndefined();
		expect(pairs(ran)).toEqual(mails.map(({ message_id }, item) => [message_id, { item }]));
		expect(ran.jsons[0]).toEqual({ message_id: mails[0]!.message_id, add_label_ids: ['id of VIP'] });
		expect(labelled()).toHaveLength(count);
		expect(sandbox.requestsTo(MODIFY)).toHaveLength(calls);
		expect(sandbox.requestsTo('mail.label.list')).toHaveLength(1);
	});

	it('no item is no call', async () => {
		const ran = await label([]);
		expect([ran.jsons, sandbox.requests]).toEqual([[], []]);
	});

	it('of several labels and mailboxes, shuffled, fill each call', async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		team.labels.push(...sandbox.mailbox.labels);
		const rows = [sandbox.mailbox, team].flatMap((mailbox) =>
			['VIP', 'Partner', 'FLAGGED'].flatMap((name) =>
				rowsOf(receive(40, mailbox), { name, mailbox: mailbox.address }),
			),
		);
		const ran = await label(shuffled(rows), {
			labelIds: '={{ [$json.name] }}',
			userMailboxId: '={{ $json.mailbox }}',
		});
		expect(ran.jsons.map(({ message_id }) => message_id)).toEqual(shuffled(rows).map(({ id }) => id));
		expect(sizes(MODIFY)).toEqual(Array(12).fill(20));
		expect(labelled()).toHaveLength(80);
	});

	it('labels in another order, or by ID instead of name, are alike', async () => {
		const rows = receive(6).map(({ message_id }, index) => ({
			id: message_id,
			labels: [
				['VIP', 'Partner'],
				['id of Partner', 'vip'],
				['partner ', ' id of VIP', 'VIP'],
			][index % 3],
		}));
		await label(rows, { labelIds: '={{ $json.labels }}' });
		expect(sandbox.requestsTo(MODIFY)).toHaveLength(1);
	});

	it('mails are read twenty at a time, eleven calls at once at most', async () => {
		sandbox.latency = 20;
		const mails = shuffled(receive(500));
		let most = 0;
		sandbox.fail({
			api: GET,
			on: () => {
				const underWay = sandbox.requestsTo(GET).filter(({ status }) => status === undefined).length;
				most = Math.max(most, underWay);
				return false;
			},
			with: {},
		});
		const ran = await run('message', 'get', { messageId }, { items: rowsOf(mails) });
		expect(ran.jsons.map(({ message_id }) => message_id)).toEqual(mails.map(({ message_id }) => message_id));
		expect(sizes(GET)).toEqual(Array(25).fill(20));
		expect(most).toBeGreaterThan(5);
		expect(most).toBeLessThanOrEqual(11);
	});

	it('threads are changed twenty at a time, too', async () => {
		const mails = receive(45);
		const items = mails.map(({ thread_id }) => ({ id: thread_id }));
		const ran = await run('thread', 'markAsRead', { threadId: messageId }, { items });
		expect(ran.jsons).toEqual(items.map(({ id }) => ({ thread_id: id, remove_label_ids: ['UNREAD'] })));
		expect(mails.filter(({ label_ids }) => label_ids.has('UNREAD'))).toEqual([]);
		expect(sandbox.requestsTo(THREADS)).toHaveLength(3);
	});
});

describe('several wishes for one mail', () => {
	it('that are the same are sent once, and each item has its output', async () => {
		const [mail, other] = receive(2);
		const rows = rowsOf([mail!, other!, mail!, mail!]);
		const ran = await label(rows);
		expect(pairs(ran)).toEqual(rows.map(({ id }, item) => [id, { item }]));
		expect(idsSent(MODIFY)).toEqual([[mail!.message_id, other!.message_id]]);
	});

	it('that contradict each other keep their order: the last one stands', async () => {
		const mails = receive(60);
		const rows = [
			...rowsOf(mails, { folder: 'id of A' }),
			...rowsOf(shuffled(mails), { folder: 'id of B' }),
			...rowsOf(mails.slice(0, 20), { folder: 'TRASH' }),
			...rowsOf(mails.slice(0, 10), { folder: 'id of A' }),
		];
		const ran = await move(rows);
		expect(ran.jsons).toEqual(
			rows.map(({ id, folder }) =>
				folder === 'TRASH' ? { message_id: id, trashed: true } : { message_id: id, add_folder: folder },
			),
		);
		expect(mails.map(({ folder_id }) => folder_id)).toEqual([
			...Array<string>(10).fill('id of A'),
			...Array<string>(10).fill('TRASH'),
			...Array<string>(40).fill('id of B'),
		]);
		expect([sizes(MODIFY), sizes(TRASH)]).toEqual([[20, 20, 20, 20, 20, 20, 10], [20]]);
	});

	it('keep their order where the last one is as the first one', async () => {
		const [mail] = receive(1);
		const rows = ['id of A', 'id of B', 'id of A', 'id of A', 'id of B'].map((folder) => ({
			id: mail!.message_id,
			folder,
		}));
		const ran = await move(rows);
		expect(ran.jsons.map(({ add_folder }) => add_folder)).toEqual(rows.map(({ folder }) => folder));
		expect(mail!.folder_id).toBe('id of B');
		expect(sandbox.requestsTo(MODIFY)).toHaveLength(4);
	});

	it('keep their order where one of them is sent again', async () => {
		const [mail] = receive(1);
		sandbox.fail({ api: MODIFY, on: [1, 4], with: RESET_BEFORE });
		const rows = ['id of A', 'id of B', 'id of A'].map((folder) => ({ id: mail!.message_id, folder }));
		await move(rows);
		expect(mail!.folder_id).toBe('id of A');
	});
});

describe.each(['untouched', 'changed'] as const)('a refusal that leaves the rest of a batch %s', (rest) => {
	beforeEach(() => {
		sandbox.mailChoices.restOfBatch = rest;
	});

	const withDead = (mails: Message[], ...places: number[]) => {
		const rows = rowsOf(mails);
		for (const place of places) rows.splice(place, 0, { id: `dead ${place}` });
		return rows;
	};

	it.each([0, 7, 19])('one dead mail among twenty, the one at %d, fails alone', async (place) => {
		const rows = withDead(receive(19), place);
		const ran = await label(rows, {}, continues);
		const failed = ran.jsons.flatMap(({ error }, index) => (error ? [index] : []));
		expect(failed).toEqual([place]);
		expect(ran.jsons[place]).toMatchObject({
			error: 'The mailbox has no such mail: it may have been deleted, or belong to another mailbox',
			details: { code: 1230007, httpCode: 400 },
		});
		expect(ran.outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual(rows.map((_, item) => ({ item })));
		expect(labelled()).toHaveLength(19);
		expect(sandbox.requestsTo(MODIFY).length).toBeLessThanOrEqual(11);
	});

	it('two dead mails among twenty fail alone', async () => {
		const ran = await label(withDead(receive(18), 3, 17), {}, continues);
		expect(ran.jsons.flatMap(({ error }, index) => (error ? [index] : []))).toEqual([3, 17]);
		expect(labelled()).toHaveLength(18);
	});

	it('twenty dead mails fail, each with its own error', async () => {
		const rows = Array.from({ length: 20 }, (_, index) => ({ id: `dead ${index}` }));
		const ran = await label(rows, {}, continues);
		expect(ran.jsons.filter(({ error }) => error)).toHaveLength(20);
		expect(ran.outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual(rows.map((__, item) => ({ item })));
	});

	it('goes to the error branch, paired with its item', async () => {
		const rows = withDead(receive(39), 5);
		const ran = await label(rows, {}, { onError: 'continueErrorOutput' });
		expect(ran.outputs.map(({ length }) => length)).toEqual([39, 1]);
		expect(ran.outputs[1]![0]).toMatchObject({
			pairedItem: { item: 5 },
			json: { error: expect.stringContaining('no such mail') },
		});
	});

	it('without Continue On Fail ends the run, sends no further batch and says how many were done', async () => {
		const rows = withDead(receive(59), 25);
		const { error, status } = await label(rows);
		expect(status).toBe('error');
		expect(error?.message).toContain('The mailbox has no such mail');
		expect(error?.context.itemIndex).toBe(25);
		const done = Number(/(\d+) of 60 items were done\./.exec(String(error?.description))?.[1]);
		expect(done).toBeGreaterThanOrEqual(20);
		expect(done).toBeLessThanOrEqual(labelled().length);
		expect(labelled().length).toBeLessThan(40);
		expect(idsSent(MODIFY).flat()).not.toContain(rows[59]!.id);
	});

	it('of a draft among mails that are moved to the trash is told', async () => {
		const rows = rowsOf([...receive(10), sandbox.mailbox.receive({ folder_id: 'DRAFT' })]);
		const ran = await run('message', 'trash', { messageId }, { items: rows, ...continues });
		expect(ran.jsons.slice(0, 10)).toEqual(
			rows.slice(0, 10).map(({ id }) => ({ message_id: id, trashed: true })),
		);
		expect(ran.jsons[10]!.error).toContain('a draft, which cannot be moved to the trash');
	});

	it('of a thread that is not there leaves the others', async () => {
		const mails = receive(5);
		const items = [...mails.map(({ thread_id }) => ({ id: thread_id })), { id: 'dead' }];
		for (const operation of ['markAsRead', 'trash']) {
			const ran = await run('thread', operation, { threadId: messageId }, { items, ...continues });
			expect(ran.jsons.map(({ error }) => error !== undefined)).toEqual([
				...Array<boolean>(5).fill(false),
				true,
			]);
		}
		expect(mails.every(({ folder_id, label_ids }) => folder_id === 'TRASH' && !label_ids.has('UNREAD'))).toBe(
			true,
		);
	});

	it('of mails that are read leaves the others', async () => {
		for (const unknownIds of ['refuse', 'leaveOut'] as const) {
			sandbox.mailChoices.unknownIds = unknownIds;
			const rows = withDead(receive(25), 9);
			const ran = await run('message', 'get', { messageId }, { items: rows, ...continues });
			expect(ran.jsons.map(({ message_id }) => message_id)).toEqual(
				rows.map(({ id }) => (id.startsWith('dead') ? undefined : id)),
			);
			expect(ran.jsons[9]!.error).toMatch(/the mailbox has no (such )?mail/i);
		}
	});
});

describe('what is refused for another reason is not tried one by one', () => {
	it.each<[string, Fault]>([
		['no data permission', { status: 403, code: 1230009 }],
		['an unknown mailbox', { status: 404, code: 1234013 }],
	])('%s', async (_, fault) => {
		sandbox.fail({ api: MODIFY, on: () => true, with: fault });
		const ran = await label(rowsOf(receive(30)), {}, continues);
		expect(ran.jsons.filter(({ error }) => error)).toHaveLength(30);
		expect(sandbox.requestsTo(MODIFY)).toHaveLength(2);
	});
});

describe('a lost answer', () => {
	it.each<[string, Fault]>([
		['a reset before the work', RESET_BEFORE],
		['a reset after it', RESET_AFTER],
		['HTTP 500', { status: 500, code: 1230002 }],
		['HTTP 500 after the work', { status: 500, code: 1230002, after: true }],
		['a page of a proxy', { kind: 'html', status: 504, after: true }],
		['half an answer', { kind: 'truncated' }],
		['an answer that breaks off', { kind: 'truncated', how: 'length' }],
		['an answer without a code', { kind: 'drop-code' }],
	])('of a batch is settled by sending it again: %s', async (_, fault) => {
		const mails = receive(25);
		sandbox.fail({ api: MODIFY, on: [1, 2, 4], with: fault });
		const ran = await label(rowsOf(mails));
		expect(ran.error?.message).toBeUndefined();
		expect(ran.jsons).toHaveLength(25);
		expect(labelled()).toHaveLength(25);
		expect(sizes(MODIFY)).toEqual([20, 20, 20, 5, 5]);
	});

	it('that does not come in time is settled, too', async () => {
		sandbox.fail({ api: MODIFY, on: [1], with: { kind: 'hang', after: true } });
		const ran = await label(rowsOf(receive(3)), { options: { timeout: 0.3 } });
		expect(ran.jsons).toHaveLength(3);
	});

	it('three times over leaves the items of that batch unknown, and says that nothing is done twice', async () => {
		const mails = receive(45);
		sandbox.fail({ api: MODIFY, on: [2, 3, 4], with: RESET_AFTER });
		const ran = await label(rowsOf(mails), {}, continues);
		const failed = ran.jsons.flatMap(({ error }, index) => (error ? [index] : []));
		expect(failed).toEqual(Array.from({ length: 20 }, (_, index) => 20 + index));
		expect(ran.jsons[20]!.error).toMatch(
			/may or may not have carried out the request: run it again later, which does nothing twice$/,
		);
		expect(sandbox.requestsTo(MODIFY)).toHaveLength(5);
	});

	it('and then a refusal because of a mail that has gone meanwhile: the others are settled', async () => {
		const mails = receive(10);
		const rows = rowsOf(mails);
		sandbox.fail({ api: MODIFY, with: RESET_AFTER });
		onRequest(MODIFY, 2, () => sandbox.mailbox.messages.splice(4, 1));
		const ran = await label(rows, {}, continues);
		expect(ran.jsons.map(({ error }) => error !== undefined)).toEqual(rows.map((_, index) => index === 4));
	});
});

describe('the quota', () => {
	it('in the middle of a run is waited for: nothing is sent twice', async () => {
		sandbox.setDocumentedQuotas();
		const mails = receive(300);
		const ran = await label(rowsOf(mails));
		expect(ran.jsons).toHaveLength(300);
		expect(sandbox.requestsTo(MODIFY).filter(({ executed }) => executed)).toHaveLength(15);
		expect(sandbox.requestsTo(MODIFY).length).toBeLessThanOrEqual(18);
	});

	it('that takes longer than Max Wait fails the items of the batch only', async () => {
		sandbox.setQuota(THREADS, { limit: 1, window: 60 });
		const items = receive(40).map(({ thread_id }) => ({ id: thread_id }));
		const parameters = { threadId: messageId, options: { maxWait: 5 } };
		const ran = await run('thread', 'markAsRead', parameters, { items, ...continues });
		expect(ran.jsons.filter(({ error }) => error)).toHaveLength(20);
		expect(ran.jsons[20]!.error).toContain("Feishu's quota of 20 thread changes a minute is used up");
	});

	it('of threads is waited for, and a hint tells so', async () => {
		sandbox.setDocumentedQuotas();
		const items = receive(440).map(({ thread_id }) => ({ id: thread_id }));
		const ran = await run('thread', 'markAsRead', { threadId: messageId }, { items });
		expect(ran.jsons).toHaveLength(440);
		expect(ran.hints.map(({ message }) => message)).toEqual([
			expect.stringMatching(/^Waited once, .+ for Feishu's quota of 20 thread changes a minute\./),
		]);
	});
});

describe('a mailbox that takes one write at a time', () => {
	beforeEach(() => {
		sandbox.serialisesWrites = true;
		sandbox.latency = 10;
	});

	it('gets one batch after the other, while other mailboxes get theirs', async () => {
		const others = ['b@example.com', 'c@example.com'].map((address) => sandbox.tenant.addMailbox(address));
		const rows = [sandbox.mailbox, ...others].flatMap((mailbox) =>
			rowsOf(receive(80, mailbox), { mailbox: mailbox.address }),
		);
		let most = 0;
		sandbox.fail({
			api: MODIFY,
			on: () => {
				const underWay = sandbox.requestsTo(MODIFY).filter(({ status }) => status === undefined);
				most = Math.max(most, new Set(underWay.map(({ path }) => path)).size);
				return false;
			},
			with: {},
		});
		const ran = await label(shuffled(rows), {
			labelIds: ['FLAGGED'],
			userMailboxId: '={{ $json.mailbox }}',
		});
		expect(ran.jsons).toHaveLength(240);
		expect(sandbox.requestsTo(MODIFY).map(({ code }) => code)).toEqual(Array(12).fill(0));
		expect(most).toBe(3);
	});

	it('gets them one after the other whatever the letter case of its address, and whether moved or trashed', async () => {
		const rows = rowsOf(receive(40)).map((row, index) => ({
			...row,
			folder: index % 2 ? 'TRASH' : 'ARCHIVED',
			mailbox: index % 4 < 2 ? 'user@example.com' : ' User@Example.com',
		}));
		const ran = await run(
			'message',
			'move',
			{
				messageId,
				folderId: { __rl: true, mode: 'id', value: '={{ $json.folder }}' },
				userMailboxId: '={{ $json.mailbox }}',
			},
			{ items: rows },
		);
		expect(ran.jsons).toHaveLength(40);
		expect([...sandbox.requestsTo(MODIFY), ...sandbox.requestsTo(TRASH)].map(({ code }) => code)).toEqual(
			Array(4).fill(0),
		);
	});

	it("is waited for where 'me' and its address are the same mailbox, or something else changes it", async () => {
		const rows = rowsOf(receive(60)).map((row, index) => ({
			...row,
			mailbox: index % 2 ? 'me' : 'user@example.com',
		}));
		const ran = await label(
			rows,
			{ userMailboxId: '={{ $json.mailbox }}' },
			{ credential: await connected() },
		);
		expect(ran.error?.message).toBeUndefined();
		expect(labelled()).toHaveLength(60);
	});
});

describe('a run that is cancelled', () => {
	it.each<[string, () => void]>([
		['while a batch is under way', () => sandbox.fail({ api: MODIFY, on: 2, with: { kind: 'hang' } })],
		[
			'while a batch waits for the quota',
			() => {
				time.end();
				sandbox.setQuota(MODIFY, { limit: 1, window: 60 });
			},
		],
	])('%s ends at once and sends nothing more', async (_, prepare) => {
		prepare();
		const mails = receive(100);
		let cancel = () => {};
		const running = label(
			rowsOf(mails),
			{},
			{
				...continues,
				started: (execution) => (cancel = () => execution.cancel()),
			},
		);
		await until(() => sandbox.requestsTo(MODIFY).length >= 2);
		const from = Date.now();
		cancel();
		const { status } = await running;
		expect(status).toBe('canceled');
		expect(Date.now() - from).toBeLessThan(2000);
		expect(sandbox.requestsTo(MODIFY)).toHaveLength(2);
	});

	it('before all its items have begun ends, too', async () => {
		const { status } = await run(
			'message',
			'markAsRead',
			{ messageId },
			{
				...continues,
				items: rowsOf(receive(3000)),
				started: (execution) => void sleep(60).then(() => execution.cancel()),
			},
		);
		expect(status).toBe('canceled');
		expect(sandbox.requestsTo(MODIFY)).toEqual([]);
	});
});

describe('items that fail before their batch', () => {
	it('do not keep the others waiting, and leave the calls full', async () => {
		const rows = receive(40).flatMap(({ message_id }, index) => [
			{ id: message_id },
			...(index % 3 === 0 ? [{ id: '' }] : []),
		]);
		const ran = await label(rows, {}, continues);
		expect(ran.jsons.filter(({ error }) => error)).toHaveLength(14);
		expect(ran.jsons[1]!.error).toContain("'Message' is empty");
		expect(sizes(MODIFY)).toEqual([20, 20]);
	});

	it('without Continue On Fail change nothing and send nothing', async () => {
		const rows = [...rowsOf(receive(40)), { id: '' }];
		const { error } = await label(rows);
		expect(error?.message).toContain("'Message' is empty");
		expect(sandbox.requests).toEqual([]);
	});

	it('because of their label change nothing of the others without Continue On Fail', async () => {
		const rows = rowsOf(receive(40)).map((row, index) => ({
			...row,
			label: index === 39 ? 'Nobody' : 'VIP',
		}));
		const { error } = await label(rows, { labelIds: '={{ [$json.label] }}' });
		expect(error?.message).toBe("'Label Names or IDs': the mailbox has no label 'Nobody'");
		expect(error?.context.itemIndex).toBe(39);
		expect(error?.description).toContain('0 of 40 items were done.');
		expect(sandbox.requestsTo(MODIFY)).toEqual([]);
	});
});

it('Retry On Fail does nothing twice', async () => {
	const mails = receive(45);
	sandbox.fail({ api: MODIFY, on: [2, 3, 4], with: RESET_AFTER });
	const ran = await label(
		rowsOf(mails),
		{},
		{
			settings: { retryOnFail: true, maxTries: 2, waitBetweenTries: 1 },
		},
	);
	expect(ran.error?.message).toBeUndefined();
	expect(ran.jsons).toHaveLength(45);
	expect(labelled()).toHaveLength(45);
	expect(ran.hints).toEqual([]);
});

it('options that differ are those of each item: its batch has its patience', async () => {
	const rows = rowsOf(receive(40)).map((row, index) => ({ ...row, timeout: index % 2 ? 0.3 : 60 }));
	sandbox.fail({ api: MODIFY, on: (n) => n !== 1, with: { kind: 'hang' } });
	const ran = await label(rows, { options: { timeout: '={{ $json.timeout }}' } }, continues);
	expect(ran.jsons.map(({ error }) => error !== undefined)).toEqual(rows.map((_, index) => index % 2 === 1));
	expect(sizes(MODIFY)).toEqual([20, 20, 20, 20]);
});

it('a chosen mail that is a list entry is its ID', async () => {
	const [mail] = receive(1);
	const ran = await label([{}], { messageId: locate('list', mail!.message_id) });
	expect(ran.jsons).toEqual([{ message_id: mail!.message_id, add_label_ids: ['id of VIP'] }]);
});
