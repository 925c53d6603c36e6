import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { ApiName, Message, NewMessage } from '../sandbox';
import type { RunOptions } from './engine';
import {
	appWithout,
	bodies,
	connected,
	continues,
	locate,
	onRequest,
	run as runNode,
	runOn,
	sandbox,
} from './stage';

const LIST = 'mail.message.list';
const GET = 'mail.message.batchGet';
const MODIFY = 'mail.message.batchModify';

const run = runOn('message');

const HOUR = 3_600_000;

/** So many mails of the inbox, an hour between them, as they are listed: the newest first. */
const fill = (count: number, fields: (index: number) => NewMessage = () => ({})): Message[] => {
	const start = Date.parse('2026-11-24T00:00:00Z');
	return Array.from({ length: count }, (_, index) =>
		sandbox.mailbox.receive({ internal_date: start + index * HOUR, ...fields(index) }),
	).reverse();
};

const idsOf = (mails: Array<Message | IDataObject>) => mails.map(({ message_id }) => message_id);

const addLabels = (...names: string[]) =>
	sandbox.mailbox.labels.push(
		...names.map((name) => ({
			id: `id of ${name}`,
			name,
			background_color: 'blue',
			messages_unread: 0,
		})),
	);

const addFolder = (name: string, parent_folder_id = '0') =>
	sandbox.mailbox.folders.push({
		id: `70${sandbox.mailbox.folders.length}`,
		name,
		parent_folder_id,
		folder_type: 2,
		unread_message_count: 0,
		unread_thread_count: 0,
	});

const idsRead = () => bodies(GET).map((body) => (body as { message_ids: string[] }).message_ids);

const queries = (api: ApiName) => sandbox.requestsTo(api).map(({ query }) => query);

const inFolder = (mode: string, value: string) => ({ folderId: locate(mode, value) });

const whoAsks = [
	['an app', async () => ({})],
	['a user', async () => ({ credential: await connected() })],
] as const;

describe.each(whoAsks)('%s', (_, who) => {
	it('gets one mail, its text decoded once and its date readable', async () => {
		const mail = sandbox.mailbox.receive({
			subject: '报价 & quote',
			body_html: '<p>您好 <b>Zoë</b> 😀</p>',
			body_plain_text: '您好 Zoë 😀',
			internal_date: Date.parse('2026-11-24T01:02:03.004Z'),
			cc: [{ mail_address: 'cc@example.com' }],
			attachments: [{ filename: 'a.pdf', content: Buffer.from('x') }],
		});
		const parameters = { messageId: locate('id', mail.message_id) };
		const options = await who();
		const simple = await run('get', parameters, options);
		expect(simple.jsons).toEqual([
			{
				message_id: mail.message_id,
				thread_id: mail.thread_id,
				date: '2026-11-24T01:02:03.004Z',
				subject: '报价 & quote',
				head_from: { mail_address: 'ann@example.org', name: 'Ann Example' },
				to: [{ mail_address: 'user@example.com' }],
				cc: [{ mail_address: 'cc@example.com' }],
				folder_id: 'INBOX',
				label_ids: ['UNREAD'],
				body_preview: '您好 Zoë 😀',
				body_plain_text: '您好 Zoë 😀',
				attachments: [
					{ id: mail.attachments[0]!.id, filename: 'a.pdf', attachment_type: 1, is_inline: false },
				],
			},
		]);
		expect(simple.outputs[0]![0]!.binary).toBeUndefined();
		const full = await run('get', { ...parameters, simple: false }, options);
		expect(full.jsons[0]).toMatchObject({
			...simple.jsons[0],
			body_html: '<p>您好 <b>Zoë</b> 😀</p>',
			internal_date: String(mail.internal_date),
			smtp_message_id: mail.smtp_message_id,
		});
		expect(bodies(GET)).toEqual([
			{ format: 'plain_text_full', message_ids: [mail.message_id] },
			{ format: 'full', message_ids: [mail.message_id] },
		]);
	});

	it('lists, labels, moves, marks and trashes mails', async () => {
		addLabels('VIP');
		addFolder('Projects');
		const mails = fill(3);
		const options = await who();
		const items = idsOf(mails).map((id) => ({ id }));
		const messageId = '={{ $json.id }}';
		const change = async (operation: string, parameters: INodeParameters = {}) => {
			const { error, jsons } = await run(operation, { messageId, ...parameters }, { items, ...options });
			expect(error?.message).toBeUndefined();
			expect(idsOf(jsons)).toEqual(idsOf(mails));
			const changes = { ...jsons[0]!, message_id: undefined };
			return [changes, { labels: [...mails[0]!.label_ids].sort(), folder: mails[0]!.folder_id }];
		};
		const INBOX = 'INBOX';
		expect((await run('getAll', inFolder('list', INBOX), options)).jsons).toHaveLength(3);
		expect(await change('addLabels', { labelIds: ['VIP', 'flagged'] })).toEqual([
			{ add_label_ids: ['FLAGGED', 'id of VIP'] },
			{ labels: ['FLAGGED', 'UNREAD', 'id of VIP'], folder: INBOX },
		]);
		expect(await change('removeLabels', { labelIds: 'VIP' })).toEqual([
			{ remove_label_ids: ['id of VIP'] },
			{ labels: ['FLAGGED', 'UNREAD'], folder: INBOX },
		]);
		expect(await change('markAsRead')).toEqual([
			{ remove_label_ids: ['UNREAD'] },
			{ labels: ['FLAGGED'], folder: INBOX },
		]);
		expect(await change('markAsUnread')).toEqual([
			{ add_label_ids: ['UNREAD'] },
			{ labels: ['FLAGGED', 'UNREAD'], folder: INBOX },
		]);
		expect(await change('move', inFolder('name', '/projects/'))).toEqual([
			{ add_folder: '700' },
			{ labels: ['FLAGGED', 'UNREAD'], folder: '700' },
		]);
		expect(await change('trash')).toEqual([
			{ trashed: true },
			{ labels: ['FLAGGED', 'UNREAD'], folder: 'TRASH' },
		]);
		expect(await change('move', inFolder('list', 'trash'))).toEqual([
			{ trashed: true },
			{ labels: ['FLAGGED', 'UNREAD'], folder: 'TRASH' },
		]);
	});
});

describe('an app', () => {
	it.each(['get', 'getAll', 'addLabels', 'trash'])(
		'%s of the mailbox "me" is refused before any request',
		async (operation) => {
			const { error } = await run(operation, {
				userMailboxId: 'me',
				messageId: 'a',
				labelIds: ['VIP'],
				...inFolder('name', 'Projects'),
			});
			expect(error?.message).toContain("'Mailbox' cannot be 'me'");
			expect(sandbox.requests).toEqual([]);
		},
	);
});

describe('Get Many', () => {
	it.each<[string, INodeParameters, number, number]>([
		['nothing of an empty folder', {}, 0, 0],
		['one', {}, 1, 1],
		['all below the limit', { limit: 5 }, 4, 4],
		['as many as the limit says', { limit: 5 }, 5, 5],
		['no more than the limit', { limit: 5 }, 6, 5],
		['fifty unless something else is set', {}, 60, 50],
		['a limit of a whole page', { limit: 20 }, 45, 20],
		['a limit just above a page', { limit: 21 }, 45, 21],
		['all', { returnAll: true }, 45, 45],
	])('gives %s', async (_, parameters, there, given) => {
		const mails = fill(there);
		const ran = await run('getAll', parameters);
		expect(ran.error?.message).toBeUndefined();
		expect(idsOf(ran.jsons)).toEqual(idsOf(mails.slice(0, given)));
		expect(ran.outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual(Array(given).fill({ item: 0 }));
		expect(idsRead().flat()).toEqual(idsOf(mails.slice(0, given)));
	});

	it('a thousand mails in 50 + 50 calls, the next list under way while mails are read', async () => {
		sandbox.latency = 4;
		const mails = fill(1000);
		let together = 0;
		sandbox.fail({
			api: LIST,
			on: () => {
				if (sandbox.requestsTo(GET).some(({ status }) => status === undefined)) together++;
				return false;
			},
			with: {},
		});
		const ran = await run('getAll', { returnAll: true });
		expect(idsOf(ran.jsons)).toEqual(idsOf(mails));
		expect([sandbox.requestsTo(LIST).length, sandbox.requestsTo(GET).length]).toEqual([50, 50]);
		expect(together).toBeGreaterThan(40);
	});

	it.each([true, false])(
		'gives them in the order of the list, whatever that of the contents (%p)',
		async (inOrder) => {
			sandbox.mailChoices.inOrder = inOrder;
			sandbox.mailChoices.padding = inOrder;
			const mails = fill(30);
			const ran = await run('getAll', { returnAll: true });
			expect(ran.jsons.map(({ subject }) => subject)).toEqual(mails.map(({ subject }) => subject));
		},
	);

	it.each(['refuse', 'leaveOut'] as const)(
		'leaves out a mail that is deleted between list and read (%s)',
		async (unknownIds) => {
			sandbox.mailChoices.unknownIds = unknownIds;
			const mails = fill(45);
			onRequest(GET, 2, () => sandbox.mailbox.messages.splice(10, 1));
			const ran = await run('getAll', { returnAll: true });
			expect(ran.error?.message).toBeUndefined();
			expect(idsOf(ran.jsons)).toEqual(idsOf(mails.filter(({ subject }) => subject !== 'Mail 11')));
		},
	);

	it('gives nothing where all of them are deleted meanwhile', async () => {
		fill(3);
		onRequest(GET, 1, () => sandbox.mailbox.messages.splice(0));
		const ran = await run('getAll');
		expect([ran.status, ran.jsons]).toEqual(['success', []]);
	});

	it('fails where Feishu gives nothing of what it lists, without a word', async () => {
		fill(3);
		sandbox.fail({ api: GET, on: 1, with: { code: 0, data: {} } });
		const { error } = await run('getAll');
		expect(error?.message).toBe('Feishu gives nothing of what it has just listed: run it again later');
	});

	it('of several items gives those of each, in the order of the input', async () => {
		const mails = fill(3);
		const items = [{ limit: 2 }, { limit: 1 }, { limit: 3 }];
		const ran = await run('getAll', { limit: '={{ $json.limit }}' }, { items });
		expect(idsOf(ran.jsons)).toEqual(idsOf([...mails.slice(0, 2), ...mails.slice(0, 1), ...mails]));
		expect(ran.outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual(
			[0, 0, 1, 2, 2, 2].map((item) => ({ item })),
		);
	});

	it('is read again where an answer is lost, and waits for the quota', async () => {
		const mails = fill(45);
		sandbox.setQuota(GET, { limit: 1, window: 1 });
		sandbox.fail({ api: LIST, on: 2, with: { kind: 'truncated' } });
		sandbox.fail({ api: GET, on: [1, 3], with: { kind: 'reset', when: 'after' } });
		const ran = await run('getAll', { returnAll: true });
		expect(idsOf(ran.jsons)).toEqual(idsOf(mails));
	});
});

describe('a list that leads in a circle or breaks off', () => {
	beforeEach(() => {
		fill(45);
	});

	const circle = () => {
		const onwards = (page_token: string, items: unknown[]) => ({
			code: 0,
			data: { items, has_more: true, page_token },
		});
		const ids = idsOf(sandbox.mailbox.messages);
		sandbox.fail({ api: LIST, on: 1, with: onwards('a', ids.slice(0, 20)) });
		sandbox.fail({ api: LIST, on: 2, with: onwards('b', ids.slice(20, 40)) });
		sandbox.fail({ api: LIST, on: 3, with: onwards('a', ids.slice(40)) });
	};

	const brokenOff = () => {
		const items = idsOf(sandbox.mailbox.messages).slice(0, 20);
		sandbox.fail({ api: LIST, with: { code: 0, data: { items, has_more: true } } });
	};

	it.each<[string, () => void, number]>([
		['in a circle', circle, 45],
		['to nowhere', brokenOff, 20],
	])('%s: a limit gives what there is, with a hint', async (_, prepare, count) => {
		prepare();
		const ran = await run('getAll', { limit: 100 });
		expect(ran.jsons).toHaveLength(count);
		expect(ran.hints.map(({ message }) => message)).toEqual([
			expect.stringContaining('The output may be incomplete'),
		]);
	});

	it.each<[string, () => void, INodeParameters]>([
		['in a circle', circle, { returnAll: true }],
		['to nowhere', brokenOff, { returnAll: true }],
		['to nowhere, with dates', brokenOff, { returnAll: true, filters: { receivedAfter: '2020-01-01' } }],
	])('%s: Return All fails', async (_, prepare, parameters) => {
		prepare();
		const { error } = await run('getAll', parameters);
		expect(error?.message).toContain('list broke off before its end');
	});

	it.each<[string, IDataObject]>([
		['ids that are no texts', { items: [1, 2] }],
		['ids that are empty', { items: [''] }],
		['no list', { items: 'x' }],
	])('an answer with %s is a failure', async (_, data) => {
		sandbox.fail({ api: LIST, on: () => true, with: { code: 0, data } });
		expect((await run('getAll')).error?.message).toMatch(/its answer holds no/);
	});

	it('mails without an id are a failure', async () => {
		sandbox.fail({ api: GET, on: () => true, with: { code: 0, data: { messages: [{ subject: 'x' }] } } });
		expect((await run('getAll')).error?.message).toMatch(/its answer holds no id/);
	});
});

describe('the source of Get Many', () => {
	beforeEach(() => {
		addLabels('VIP', '客户/亚洲', '旧, 新');
		addFolder('Projects');
		addFolder('2026', '700');
		for (const folder_id of ['INBOX', 'ARCHIVED', '700', '701'])
			sandbox.mailbox.receive({ folder_id, subject: folder_id });
		sandbox.mailbox.receive({ subject: 'labelled', label_ids: ['id of VIP'] });
		sandbox.mailbox.receive({ subject: 'asian', label_ids: ['id of 客户/亚洲', 'IMPORTANT'] });
	});

	const subjects = async (parameters: INodeParameters) => {
		const ran = await run('getAll', parameters);
		return ran.error?.message ?? ran.jsons.map(({ subject }) => subject);
	};

	it.each<[string, INodeParameters, string[]]>([
		['the inbox where nothing is said', {}, ['asian', 'labelled', 'INBOX']],
		['the inbox where n8n has emptied the field', inFolder('list', ''), ['asian', 'labelled', 'INBOX']],
		['a folder from the list', inFolder('list', 'ARCHIVED'), ['ARCHIVED']],
		['a system folder in small letters', inFolder('id', 'archived'), ['ARCHIVED']],
		['a system folder that an expression gives', { folderId: '={{ "Archived" }}' }, ['ARCHIVED']],
		['a folder by its ID', inFolder('id', '701'), ['701']],
		['a folder by its path', inFolder('name', 'Projects/2026'), ['701']],
		['a folder by its path in other letters', inFolder('name', '/PROJECTS/2026/'), ['701']],
		['a system folder by its name', inFolder('name', 'archived'), ['ARCHIVED']],
	])('is %s', async (_, parameters, expected) => {
		expect(await subjects(parameters)).toEqual(expected);
	});

	it.each<[string, ReturnType<typeof locate> | string, string[]]>([
		['from the list', locate('list', 'id of VIP'), ['labelled']],
		['by its ID', locate('id', 'id of VIP'), ['labelled']],
		['by its name', locate('name', '客户/亚洲'), ['asian']],
		['by its name in other letters', locate('name', 'vip'), ['labelled']],
		["that is Feishu's own", locate('list', 'IMPORTANT'), ['asian']],
		["that is Feishu's own, in small letters", locate('id', 'important'), ['asian']],
		["that is Feishu's own, by name", locate('name', 'Important'), ['asian']],
	])('is a label %s', async (_, labelId, expected) => {
		expect(await subjects({ source: 'label', labelId })).toEqual(expected);
	});

	it.each<[INodeParameters, string]>([
		[inFolder('name', 'Nowhere'), "'Folder': the mailbox has no folder 'Nowhere'"],
		[inFolder('name', '2026'), "'Folder': the mailbox has no folder '2026'"],
		[{ source: 'label', labelId: locate('name', 'Nobody') }, "'Label': the mailbox has no label 'Nobody'"],
		[{ source: 'label', labelId: '={{ "" }}' }, "'Label' is empty"],
		[inFolder('id', '99'), "check 'Mailbox', and 'Folder' or 'Label'"],
		[inFolder('id', 'nowhere'), "Feishu does not accept the folder: check 'Folder'"],
	])('%j is refused in words', async (parameters, words) => {
		expect(await subjects(parameters)).toContain(words);
		expect(sandbox.requestsTo(GET)).toEqual([]);
	});

	it('by name is looked up once for all items', async () => {
		const ran = await run('getAll', inFolder('name', 'Projects/2026'), { items: [{}, {}, {}] });
		expect(ran.jsons).toHaveLength(3);
		expect(sandbox.requestsTo('mail.folder.list')).toHaveLength(1);
	});

	it.each([
		['all', 3, undefined],
		['unread', 1, 'true'],
	])('with the read status %s', async (readStatus, count, only_unread) => {
		for (const mail of sandbox.mailbox.messages)
			if (mail.subject !== 'INBOX') mail.label_ids.delete('UNREAD');
		const ran = await run('getAll', { filters: { readStatus } });
		expect(ran.jsons).toHaveLength(count);
		expect(queries(LIST)).toEqual([
			{ folder_id: 'INBOX', page_size: '20', ...(only_unread && { only_unread }) },
		]);
	});
});

describe('mails of a span of time', () => {
	const subjectsOf = async (filters: INodeParameters, options: Partial<RunOptions> = {}) => {
		const ran = await run('getAll', { returnAll: true, filters }, options);
		return ran.error?.message ?? ran.jsons.map(({ subject }) => subject);
	};

	it.each<[string, unknown, string]>([
		["local time in the workflow's zone", '2026-11-24T12:00:00', 'Asia/Shanghai'],
		["local time in the workflow's zone", '2026-11-23T23:00:00', 'America/New_York'],
		['local time with a blank', '2026-11-24 12:00:00', 'Asia/Shanghai'],
		['a time with a zone, whatever that of the workflow', '2026-11-24T04:00:00Z', 'Asia/Shanghai'],
		['a time with another zone', '2026-11-24T05:00:00+01:00', 'Asia/Shanghai'],
		['a DateTime', "={{ DateTime.fromISO('2026-11-24T04:00:00Z') }}", 'America/New_York'],
		[
			'a DateTime of another zone',
			"={{ DateTime.fromISO('2026-11-24T04:00:00Z').setZone('Asia/Tokyo') }}",
			'UTC',
		],
		['a Date', "={{ new Date('2026-11-24T04:00:00Z') }}", 'America/New_York'],
		['milliseconds', `={{ ${Date.parse('2026-11-24T04:00:00Z')} }}`, 'America/New_York'],
		['milliseconds as text', String(Date.parse('2026-11-24T04:00:00Z')), 'America/New_York'],
		['seconds', `={{ ${Date.parse('2026-11-24T04:00:00Z') / 1000} }}`, 'America/New_York'],
		['what mails are sent with', 'Tue, 24 Nov 2026 04:00:00 GMT', 'America/New_York'],
		['the same with a comment', 'Tue, 24 Nov 2026 12:00:00 +0800 (CST)', 'America/New_York'],
		['local time without seconds', '2026-11-24T12:00', 'Asia/Shanghai'],
		['the hour alone', '2026-11-24T12', 'Asia/Shanghai'],
		['a time with an offset without a colon', '2026-11-24T05:00:00.000+0100', 'Asia/Shanghai'],
		['milliseconds as a mail gives them', "={{ '1795492800000' }}", 'America/New_York'],
	])('from %s: %s in %s', async (_, receivedAfter, timezone) => {
		fill(6, (index) => ({ subject: `${index} o'clock` }));
		expect(await subjectsOf({ receivedAfter: receivedAfter as string }, { timezone })).toEqual([
			"5 o'clock",
			"4 o'clock",
		]);
	});

	it('in the summer, too', async () => {
		for (const hour of [9, 10, 11]) {
			sandbox.mailbox.receive({ subject: `${hour}`, internal_date: Date.UTC(2026, 6, 1, hour) });
		}
		const receivedAfter = '2026-07-01T12:00:00';
		expect(await subjectsOf({ receivedAfter }, { timezone: 'Europe/Berlin' })).toEqual(['11', '10']);
	});

	it.each([
		'nonsense',
		'24.11.2026',
		'2026-13-01',
		'2026-02-30',
		'={{ true }}',
		'={{ {} }}',
		'={{ [] }}',
		'={{ NaN }}',
		'={{ -5 }}',
		'yesterday',
		'12',
		'11/24/2026',
		'Nov 24, 2026',
		'2026-11-24 9:00',
		'2026-11-24 09:00 PM',
		'2026-11-24T9:00',
		'Tue, 24 Nov 2026 9:00 PM',
		'={{ [1] }}',
		'={{ Infinity }}',
		'={{ 1e20 }}',
		'={{ DateTime.fromISO("never") }}',
	])('%j is refused before any request', async (receivedBefore) => {
		fill(1);
		expect(await subjectsOf({ receivedBefore })).toContain("'Received Before' must be a date");
		expect(sandbox.requests).toEqual([]);
	});

	it('takes the first moment in and leaves the last one out', async () => {
		fill(6, (index) => ({ subject: `${index}` }));
		const filters = { receivedAfter: '2026-11-24T01:00:00Z', receivedBefore: '2026-11-24T04:00:00Z' };
		expect(await subjectsOf(filters)).toEqual(['3', '2', '1']);
		expect(await subjectsOf({ receivedBefore: '2026-11-24T00:00:00Z' })).toEqual([]);
	});

	it('from a moment up to an earlier one: refused before any request', async () => {
		expect(await subjectsOf({ receivedAfter: '2026-02-01', receivedBefore: '2026-01-01' })).toContain(
			"'Received After' is later than 'Received Before'",
		);
		expect(sandbox.requests).toEqual([]);
	});

	it.each(['={{ null }}', '', '={{ undefined }}'])(
		'is any time where a date is %j',
		async (receivedAfter) => {
			fill(2);
			expect(await subjectsOf({ receivedAfter })).toHaveLength(2);
			expect(bodies(GET)).toHaveLength(1);
		},
	);

	it('reads the texts of those mails only, no more than the limit and a page', async () => {
		const mails = fill(100);
		const ran = await run('getAll', {
			limit: 25,
			filters: { receivedBefore: new Date(mails[49]!.internal_date).toISOString() },
		});
		expect(idsOf(ran.jsons)).toEqual(idsOf(mails.slice(50, 75)));
		const read = bodies(GET) as Array<{ format: string; message_ids: string[] }>;
		const texts = read
			.filter(({ format }) => format !== 'metadata')
			.flatMap(({ message_ids }) => message_ids);
		expect(texts).toEqual(idsOf(mails.slice(50, 75)));
		expect(read.filter(({ format }) => format === 'metadata').length).toBeLessThanOrEqual(5);
	});

	it('keeps mails that have no date: better too many than one lost', async () => {
		const mails = fill(3);
		const [one, ...others] = mails.map(({ message_id, internal_date }) => ({
			message_id,
			internal_date: String(internal_date),
		}));
		const messages = [{ ...one, internal_date: undefined }, ...others];
		sandbox.fail({ api: GET, on: 1, with: { code: 0, data: { messages } } });
		expect(await subjectsOf({ receivedAfter: '2020-01-01' })).toHaveLength(3);
	});

	it('that nothing is of gives nothing', async () => {
		fill(30);
		expect(await subjectsOf({ receivedAfter: '2027-01-01' })).toEqual([]);
		expect(bodies(GET)).toHaveLength(2);
	});
});

describe('labels', () => {
	const label = async (
		labelIds: unknown,
		parameters: INodeParameters = {},
		options: Partial<RunOptions> = {},
	) => {
		const [mail] = fill(1);
		const ran = await run(
			'addLabels',
			{ messageId: mail!.message_id, labelIds: labelIds as string[], ...parameters },
			options,
		);
		return ran.error ? ran.error.message : (ran.jsons[0]!.add_label_ids ?? ran.jsons[0]!.error);
	};

	beforeEach(() => addLabels('VIP', '客户', '客户/亚洲', '旧, 新', '2026', '1.5'));

	it.each<[string, unknown, string[]]>([
		['one', ['id of VIP'], ['id of VIP']],
		['several, by IDs and names', ['id of VIP', '客户/亚洲'], ['id of VIP', 'id of 客户/亚洲']],
		['a text', '={{ "vip" }}', ['id of VIP']],
		['a text with commas', '={{ " VIP ,客户," }}', ['id of VIP', 'id of 客户']],
		['a list that an expression gives', '={{ ["VIP", "客户"] }}', ['id of VIP', 'id of 客户']],
		['a name that has a comma', ['旧, 新'], ['id of 旧, 新']],
		['a name that has a comma, as a text', '={{ "旧, 新" }}', ['id of 旧, 新']],
		['a name with a comma among others', '={{ ["旧, 新", "VIP"] }}', ['id of VIP', 'id of 旧, 新']],
		['the same twice', ['VIP', 'vip', 'id of VIP'], ['id of VIP']],
		[
			"Feishu's own in any letters",
			['important', 'Flagged', 'OTHER', 'unread'],
			['FLAGGED', 'IMPORTANT', 'OTHER', 'UNREAD'],
		],
		['a number that is a name', '={{ [2026] }}', ['id of 2026']],
		['a number with a point', '={{ [1.5] }}', ['id of 1.5']],
		['a number that is a name, alone', '={{ 2026 }}', ['id of 2026']],
		['with empty ones between', '={{ ["", "VIP", " ", null] }}', ['id of VIP']],
	])('are chosen: %s', async (_, labelIds, expected) => {
		expect(await label(labelIds)).toEqual([...expected].sort());
	});

	it.each<[unknown, string]>([
		[['Nobody'], "'Label Names or IDs': the mailbox has no label 'Nobody'"],
		[['VIP', 'Nobody'], "'Label Names or IDs': the mailbox has no label 'Nobody'"],
		['={{ "VIP, Nobody" }}', "the mailbox has no label 'Nobody'"],
		['={{ ["亚洲"] }}', "the mailbox has no label '亚洲'"],
		['={{ " , " }}', "'Label Names or IDs' is empty"],
		['={{ [] }}', "'Label Names or IDs' is empty"],
		['={{ [""] }}', "'Label Names or IDs' is empty"],
		['={{ undefined }}', "'Label Names or IDs' is empty"],
		['={{ [7012345678901234567] }}', 'a number that cannot hold all digits of an ID'],
		['={{ 7012345678901234567 }}', 'a number that cannot hold all digits of an ID'],
		['={{ [{ id: 1 }] }}', "'Label Names or IDs' must be text, but its value is an object"],
		['={{ { id: 1 } }}', "'Label Names or IDs' must be text, but its value is an object"],
	])('%j is refused before anything is changed', async (labelIds, words) => {
		expect(await label(labelIds)).toContain(words);
		expect(sandbox.requestsTo(MODIFY)).toEqual([]);
	});

	it('of a name that two have are told by their IDs', async () => {
		addLabels('Vip');
		expect(await label(['vip'])).toContain("the mailbox has 2 labels 'vip'");
		expect(await label(['VIP'])).toEqual(['id of VIP']);
	});

	it('more than twenty are refused before anything is changed or created', async () => {
		const many = Array.from({ length: 21 }, (_, index) => `New ${index}`);
		expect(await label(many, { options: { createMissingLabels: true } })).toContain(
			'holds 21 labels; Feishu takes at most 20 at a time',
		);
		expect(sandbox.requestsTo('mail.label.create')).toEqual([]);
		expect(sandbox.requestsTo(MODIFY)).toEqual([]);
	});

	it('by ID need no list of labels where they are Feishu’s own', async () => {
		await label(['FLAGGED']);
		expect(sandbox.requestsTo('mail.label.list')).toEqual([]);
	});

	it('are removed where they are not on the mail, which is as it shall be', async () => {
		const [mail] = fill(1);
		const ran = await run('removeLabels', { messageId: mail!.message_id, labelIds: ['VIP'] });
		expect(ran.jsons).toEqual([{ message_id: mail!.message_id, remove_label_ids: ['id of VIP'] }]);
	});

	it('have no Create Missing Labels when they are removed', async () => {
		const [mail] = fill(1);
		const { error } = await run('removeLabels', {
			messageId: mail!.message_id,
			labelIds: ['Nobody'],
			options: { createMissingLabels: true },
		});
		expect(error?.message).toContain("the mailbox has no label 'Nobody'");
		expect(error?.description).not.toContain('Create');
		expect(sandbox.requestsTo('mail.label.create')).toEqual([]);
	});
});

describe('Create Missing Labels', () => {
	const options = { createMissingLabels: true };

	it('creates none after one that failed', async () => {
		const items = fill(4).map(({ message_id: id }, index) => ({ id, label: `No. ${index}` }));
		sandbox.fail({ api: 'mail.label.create', on: 2, with: { code: 1230102 } });
		const parameters = { messageId: '={{ $json.id }}', labelIds: '={{ $json.label }}', options };
		const { error } = await run('addLabels', parameters, { items });
		expect(error?.message).toContain('as many labels as Feishu allows');
		expect(error?.context.itemIndex).toBe(1);
		expect(sandbox.mailbox.labels.map(({ name }) => name)).toEqual(['No. 0']);
	});

	const names = () => sandbox.mailbox.labels.map(({ name }) => name);

	it('creates once in a run, for all items together and whatever the letter case', async () => {
		addLabels('VIP');
		const mails = fill(60);
		const items = mails.map(({ message_id: id }, index) => ({
			id,
			labels: [['Neu'], ['NEU', 'VIP'], 'neu, 客户/亚洲'][index % 3],
		}));
		const ran = await run(
			'addLabels',
			{ messageId: '={{ $json.id }}', labelIds: '={{ $json.labels }}', options },
			{ items },
		);
		expect(ran.error?.message).toBeUndefined();
		expect(idsOf(ran.jsons)).toEqual(idsOf(mails));
		expect(names()).toEqual(['VIP', 'Neu', '客户/亚洲']);
		const neu = sandbox.mailbox.labels[1]!.id;
		expect(mails.filter(({ label_ids }) => label_ids.has(neu))).toHaveLength(60);
		expect(sandbox.requestsTo('mail.label.list')).toHaveLength(1);
		expect(sandbox.requestsTo(MODIFY)).toHaveLength(3);
	});

	it('takes one that somebody else has created meanwhile', async () => {
		const [mail] = fill(1);
		onRequest('mail.label.create', 1, () => addLabels('neu'));
		const ran = await run('addLabels', { messageId: mail!.message_id, labelIds: ['neu'], options });
		expect(ran.jsons).toEqual([{ message_id: mail!.message_id, add_label_ids: ['id of neu'] }]);
	});

	it('creates once where the answer is lost', async () => {
		const [mail] = fill(1);
		sandbox.fail({ api: 'mail.label.create', with: { kind: 'reset', when: 'after' } });
		await run('addLabels', { messageId: mail!.message_id, labelIds: ['Neu'], options });
		expect(names()).toEqual(['Neu']);
		expect([...mail!.label_ids]).toContain(sandbox.mailbox.labels[0]!.id);
	});

	it('in two mailboxes creates one in each', async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		const items = [sandbox.mailbox, team].map((mailbox) => ({
			id: mailbox.receive().message_id,
			mailbox: mailbox.address,
		}));
		await run(
			'addLabels',
			{ messageId: '={{ $json.id }}', userMailboxId: '={{ $json.mailbox }}', labelIds: ['Neu'], options },
			{ items },
		);
		expect([names(), team.labels.map(({ name }) => name)]).toEqual([['Neu'], ['Neu']]);
	});

	it('says what is wrong with a name that no label can have, and the others are labelled', async () => {
		const items = fill(3).map(({ message_id: id }, index) => ({
			id,
			label: index === 1 ? 'x'.repeat(256) : 'Neu',
		}));
		const ran = await run(
			'addLabels',
			{ messageId: '={{ $json.id }}', labelIds: '={{ [$json.label] }}', options },
			{ items, ...continues },
		);
		expect(ran.jsons.map(({ error }) => error)).toEqual([
			undefined,
			"'Label Names or IDs' has 256 characters; Feishu takes at most 255",
			undefined,
		]);
		expect(names()).toEqual(['Neu']);
	});

	it('is what an error advises where a label is missing', async () => {
		const [mail] = fill(1);
		const { error } = await run('addLabels', { messageId: mail!.message_id, labelIds: ['Neu'] });
		expect(error?.description).toContain("switch on 'Create Missing Labels' under 'Options'");
	});

	it('creates nothing for an item without a mail', async () => {
		const ran = await run(
			'addLabels',
			{ messageId: '={{ "" }}', labelIds: ['Neu'], options },
			{ ...continues },
		);
		expect(ran.jsons[0]!.error).toContain("'Message' is empty");
		expect(names()).toEqual([]);
	});
});

describe('Move', () => {
	it.each(['DRAFT', 'scheduled'])('to %s is refused before any request', async (folder) => {
		const items = fill(2).map(({ message_id: id }) => ({ id }));
		const { error } = await run(
			'move',
			{ messageId: '={{ $json.id }}', ...inFolder('id', folder) },
			{ items },
		);
		expect(error?.message).toContain(`nothing can be moved to ${folder.toUpperCase()}`);
		expect(sandbox.requests).toEqual([]);
	});

	it.each(['inbox', 'SENT', 'Spam', 'archived'])('to %s is done', async (folder) => {
		const [mail] = fill(1, () => ({ folder_id: 'TRASH' }));
		const ran = await run('move', { messageId: mail!.message_id, ...inFolder('id', folder) });
		expect(ran.jsons).toEqual([{ message_id: mail!.message_id, add_folder: folder.toUpperCase() }]);
		expect(mail!.folder_id).toBe(folder.toUpperCase());
	});

	it('to a folder that is not there says so', async () => {
		const [mail] = fill(1);
		const { error } = await run('move', { messageId: mail!.message_id, ...inFolder('id', '99') });
		expect(error?.message).toBe('The mailbox has no such label or folder: it may have been deleted');
	});

	it('by a path that several folders have tells their IDs', async () => {
		addFolder('Twice');
		addFolder('Twice');
		const [mail] = fill(1);
		const { error } = await run('move', { messageId: mail!.message_id, ...inFolder('name', 'twice') });
		expect(error?.message).toContain("the mailbox has 2 folders 'twice'");
		expect(error?.description).toContain('700, 701');
	});
});

describe('the ID of a mail', () => {
	it.each([
		['={{ "" }}', "'Message' is empty"],
		['={{ "  " }}', "'Message' is empty"],
		['={{ null }}', "'Message' is empty"],
		['={{ 12345678901234567890 }}', 'is a number that cannot hold all digits of an ID'],
		['={{ { a: 1 } }}', "'Message' must be text"],
		['={{ ["a"] }}', "'Message' must be text"],
	])('%j is refused before any request', async (messageId, words) => {
		for (const operation of ['get', 'markAsRead', 'trash']) {
			const { error } = await run(operation, { messageId });
			expect(error?.message).toContain(words);
		}
		expect(sandbox.requests).toEqual([]);
	});

	it('of no mail is told in words', async () => {
		sandbox.mailChoices.unknownIds = 'leaveOut';
		const { error } = await run('get', { messageId: 'nobody' });
		expect(error?.message).toBe("'Message': the mailbox has no mail 'nobody'");
		sandbox.mailChoices.unknownIds = 'refuse';
		expect((await run('get', { messageId: 'nobody' })).error?.message).toContain('no such mail');
	});
});

describe('the same mail for several items', () => {
	it('is read once and comes out of each', async () => {
		const [mail] = fill(1);
		const items = [{ simple: true }, { simple: true }, { simple: false }];
		const ran = await run('get', { messageId: mail!.message_id, simple: '={{ $json.simple }}' }, { items });
		expect(ran.jsons.map(({ message_id, body_html }) => [message_id, body_html !== undefined])).toEqual([
			[mail!.message_id, false],
			[mail!.message_id, false],
			[mail!.message_id, true],
		]);
		expect(sandbox.requestsTo(GET)).toHaveLength(2);
	});
});

describe('without a permission for fields', () => {
	const SUBJECT = 'mail:user_mailbox.message.subject:read';
	const ADDRESS = 'mail:user_mailbox.message.address:read';
	const BODY = 'mail:user_mailbox.message.body:read';

	const without = {
		app: async (...words: string[]) => await appWithout(...words),
		user: async (...words: string[]) =>
			await connected({
				scopes: [...sandbox.app.userScopes].filter((scope) => !words.some((word) => scope.includes(word))),
			}),
	};

	const operations: Array<[string, string, (mails: Message[]) => INodeParameters]> = [
		['message', 'getAll', () => ({})],
		['message', 'get', () => ({ messageId: '={{ $json.id }}' })],
		['thread', 'get', () => ({ threadId: '={{ $json.thread }}' })],
	];

	describe.each(['app', 'user'] as const)('as %s', (identity) => {
		describe.each(operations)('%s %s', (resource, operation, parameters) => {
			it.each([
				['subjects', SUBJECT, 'subject'],
				['senders and recipients', ADDRESS, 'head_from'],
				['texts and attachments', BODY, 'body_plain_text'],
			])('the mails come without %s, and a hint names the scope', async (words, scope, field) => {
				const mails = fill(25);
				const items = mails.map(({ message_id, thread_id }) => ({ id: message_id, thread: thread_id }));
				const credential = await without[identity](scope);
				const ran = await runNode(resource, operation, parameters(mails), { items, credential });
				expect(ran.error?.message).toBeUndefined();
				expect(ran.hints.map(({ message }) => message)).toEqual([
					expect.stringContaining(
						`Feishu leaves ${words} out of the mails: the permission ${scope} is missing`,
					),
				]);
				const [first] = (ran.jsons[0]!.messages as IDataObject[] | undefined) ?? ran.jsons;
				expect(first).not.toHaveProperty(field);
				expect(first).toHaveProperty('date');
				expect(sandbox.requestsTo('application.scopes')).toHaveLength(identity === 'app' ? 1 : 0);
			});
		});

		it('all that is missing is in one hint', async () => {
			fill(3);
			const credential = await without[identity]('.message.');
			const ran = await run('getAll', {}, { credential });
			expect(ran.hints).toHaveLength(1);
			for (const scope of [SUBJECT, ADDRESS, BODY]) expect(ran.hints[0]!.message).toContain(scope);
		});
	});

	it('nothing is asked for where nothing is missing, or nothing is there', async () => {
		await run('getAll');
		fill(3);
		const ran = await run('getAll');
		expect(ran.hints).toEqual([]);
		expect(sandbox.requestsTo('application.scopes')).toEqual([]);
	});

	it('an app of which nothing can be known gets a hint where no mail has a sender', async () => {
		fill(3);
		sandbox.fail({ api: 'application.scopes', on: () => true, with: { kind: 'html', status: 404 } });
		const ran = await run('getAll', {}, { credential: await appWithout('.message.') });
		expect(ran.jsons).toHaveLength(3);
		expect(ran.hints[0]!.message).toContain(ADDRESS);
	});

	it('mails that are really empty are no reason for a hint', async () => {
		fill(3, () => ({ subject: '', body_plain_text: '' }));
		const ran = await run('getAll');
		expect([ran.jsons.length, ran.hints]).toEqual([3, []]);
	});
});

it('a mail whose date is none comes without one', async () => {
	const messages = ['', 'x', undefined, '99999999999999999'].map((internal_date, index) => ({
		message_id: `m${index}`,
		internal_date,
		subject: '',
		head_from: {},
		attachments: [],
	}));
	fill(1);
	sandbox.fail({ api: GET, with: { code: 0, data: { messages } } });
	sandbox.fail({
		api: LIST,
		with: { code: 0, data: { items: messages.map(({ message_id }) => message_id) } },
	});
	const ran = await run('getAll', { simple: false });
	expect(ran.jsons).toHaveLength(4);
	expect(ran.jsons.filter((json) => 'date' in json)).toEqual([]);
});
