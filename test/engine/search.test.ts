import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { Message, NewMessage } from '../sandbox';
import type { RunOptions } from './engine';
import { bodies, connected, continues, onRequest, runOn, sandbox } from './stage';

const SEARCH = 'mail.mailbox.search';
const GET = 'mail.message.batchGet';

const run = runOn('message');

const search = async (parameters: INodeParameters = {}, options: Partial<RunOptions> = {}) =>
	await run('search', parameters, { credential: await connected(), ...options });

const fill = (count: number, fields: (index: number) => NewMessage = () => ({})): Message[] =>
	Array.from({ length: count }, (_, index) =>
		sandbox.mailbox.receive({ internal_date: Date.UTC(2026, 10, 24, index), ...fields(index) }),
	).reverse();

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

const idsOf = (mails: Array<Message | IDataObject>) => mails.map(({ message_id }) => message_id);

const filtersSent = () => bodies(SEARCH).map((body) => (body as { filter?: IDataObject }).filter);

describe('an app', () => {
	it.each<[string, INodeParameters]>([
		['by a query', { query: 'invoice' }],
		['in a folder that would be looked up', { filters: { folders: ['Projects'] } }],
		['with a label that would be looked up', { filters: { labels: ['VIP'] } }],
	])('cannot search, and is told so before any request: %s', async (_, parameters) => {
		const { error } = await run('search', parameters);
		expect(error?.message).toContain("'Feishu Mail OAuth2 API' credential");
		expect(sandbox.requests).toEqual([]);
	});

	it('is told so for each item', async () => {
		const ran = await run('search', {}, { items: [{}, {}], ...continues });
		expect(ran.jsons.map(({ error }) => error)).toEqual(
			Array(2).fill(expect.stringContaining("'Feishu Mail OAuth2 API' credential")),
		);
		expect(sandbox.requests).toEqual([]);
	});
});

it('Search gives a mail once that is several hits', async () => {
	const [mail] = fill(1);
	const items = ['1', '2'].map((id) => ({ id, meta_data: { message_biz_id: mail!.message_id } }));
	sandbox.fail({ api: SEARCH, with: { code: 0, data: { items, has_more: false } } });
	expect(idsOf((await search()).jsons)).toEqual([mail!.message_id]);
});

describe('Search gives', () => {
	it.each<[string, INodeParameters, number, number, number]>([
		['nothing where nothing is found', { query: 'nothing' }, 5, 0, 1],
		['one', {}, 1, 1, 1],
		['as many as the limit says', { limit: 5 }, 6, 5, 1],
		['what there is below the limit', { limit: 100 }, 16, 16, 2],
		['fifty unless something else is set', {}, 60, 50, 4],
		['all', { returnAll: true }, 45, 45, 3],
	])('%s', async (_, parameters, there, given, pages) => {
		const mails = fill(there);
		const ran = await search(parameters);
		expect(ran.error?.message).toBeUndefined();
		expect(idsOf(ran.jsons)).toEqual(idsOf(mails.slice(0, given)));
		const read = bodies(GET).flatMap((body) => (body as { message_ids: string[] }).message_ids);
		expect(read).toHaveLength(given);
		// Pages of another size have another order.
		expect(sandbox.requestsTo(SEARCH).map(({ query }) => query.page_size)).toEqual(Array(pages).fill('15'));
	});

	it('mails as Get does, by their own IDs, not those of the hits', async () => {
		const [mail] = fill(1, () => ({ body_plain_text: '您好' }));
		const { jsons } = await search({ query: '您好' });
		expect(jsons).toMatchObject([
			{ message_id: mail!.message_id, body_plain_text: '您好', date: '2026-11-24T00:00:00.000Z' },
		]);
		expect((await search({ simple: false })).jsons[0]).toHaveProperty('smtp_message_id');
	});

	it('no mail that has been deleted since it was found', async () => {
		const mails = fill(20);
		onRequest(GET, 1, () => sandbox.mailbox.messages.splice(10, 1));
		const ran = await search();
		expect(idsOf(ran.jsons)).toEqual(idsOf(mails.filter(({ subject }) => subject !== 'Mail 11')));
	});

	it('the hits of each item', async () => {
		fill(3, (index) => ({ subject: `word${index}` }));
		const items = [{ query: 'word1' }, { query: 'nothing' }, { query: 'word0' }];
		const ran = await search({ query: '={{ $json.query }}' }, { items });
		expect(ran.jsons.map(({ subject }) => subject)).toEqual(['word1', 'word0']);
		expect(ran.outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 2 }]);
	});
});

describe('the query', () => {
	it.each<[unknown, IDataObject]>([
		['', { query: '' }],
		['  ', { query: '' }],
		[' invoice ', { query: 'invoice' }],
		['={{ 2026 }}', { query: '2026' }],
		['={{ null }}', { query: '' }],
	])('%j is sent as %j', async (query, body) => {
		await search({ query: query as string });
		expect(bodies(SEARCH)).toEqual([body]);
	});

	it.each(['x', '发', '😀'])('of more than fifty %s is cut, and a hint says so', async (letter) => {
		const ran = await search({ query: letter.repeat(51) }, { items: [{}, {}] });
		expect(bodies(SEARCH)).toEqual(Array(2).fill({ query: letter.repeat(50) }));
		expect(ran.hints.map(({ message }) => message)).toEqual([
			"'Search' was cut: Feishu searches for the first 50 characters of it.",
		]);
		expect((await search({ query: letter.repeat(50) })).hints).toEqual([]);
	});

	it('that is a list is refused', async () => {
		const { error } = await search({ query: '={{ ["a"] }}' });
		expect(error?.message).toBe("'Search' must be text, but its value is a list");
	});
});

describe('the filter', () => {
	beforeEach(() => {
		addLabels('VIP', '客户/亚洲');
		addFolder('Projects');
		addFolder('2026', '700');
	});

	it.each<[string, INodeParameters, IDataObject | undefined]>([
		['nothing', {}, undefined],
		['empty fields', { from: '', subject: ' ', folders: [], labels: [], readStatus: 'all' }, undefined],
		[
			'people',
			{ from: 'anna@example.com, 陈 , ', to: '={{ ["a@b.c"] }}' },
			{ from: ['anna@example.com', '陈'], to: ['a@b.c'] },
		],
		[
			'copies',
			{ cc: 'c@example.com', bcc: 'b@example.com' },
			{ cc: ['c@example.com'], bcc: ['b@example.com'] },
		],
		['a subject', { subject: ' Invoice ' }, { subject: 'Invoice' }],
		['attachments', { hasAttachment: true }, { has_attachment: true }],
		['attachments, switched off', { hasAttachment: false }, undefined],
		['unread', { readStatus: 'unread' }, { is_unread: true }],
		['a system folder by its ID', { folders: ['ARCHIVED', 'inbox'] }, { folder: ['archive', 'inbox'] }],
		['a folder by its ID', { folders: ['701'] }, { folder: ['Projects/2026'] }],
		['a folder by its path', { folders: ['projects/2026', '701'] }, { folder: ['Projects/2026'] }],
		['a folder as a text', { folders: '={{ "Projects" }}' }, { folder: ['Projects'] }],
		['a label by its ID', { labels: ['id of 客户/亚洲'] }, { label: ['客户/亚洲'] }],
		['a label by its name', { labels: '={{ ["vip", "VIP"] }}' }, { label: ['VIP'] }],
		[
			"Feishu's own labels, which are folders to search",
			{ labels: ['IMPORTANT', 'flagged', 'Other'] },
			{ folder: ['priority', 'flagged', 'other'] },
		],
		[
			'both',
			{ labels: ['VIP', 'FLAGGED'], folders: ['Projects'] },
			{ folder: ['Projects', 'flagged'], label: ['VIP'] },
		],
	])('of %s', async (_, filters, filter) => {
		const { error } = await search({ filters });
		expect(error?.message).toBeUndefined();
		expect(filtersSent()).toEqual([filter]);
	});

	it.each<[INodeParameters, string]>([
		[{ folders: ['Nowhere'] }, "'Folder Names or IDs': the mailbox has no folder 'Nowhere'"],
		[{ folders: ['2026'] }, "'Folder Names or IDs': the mailbox has no folder '2026'"],
		[{ labels: ['Nobody'] }, "'Label Names or IDs': the mailbox has no label 'Nobody'"],
		[{ labels: '={{ [7012345678901234567] }}' }, 'a number that cannot hold all digits of an ID'],
		[{ subject: '={{ {} }}' }, "'Subject' must be text"],
		[{ from: '={{ [{}] }}' }, "'From' must be text"],
	])('%j is refused in words', async (filters, words) => {
		const { error } = await search({ filters });
		expect(error?.message).toContain(words);
		expect(sandbox.requestsTo(SEARCH)).toEqual([]);
	});

	it('finds what it says', async () => {
		sandbox.mailbox.receive({ folder_id: '701', subject: 'filed', label_ids: [] });
		sandbox.mailbox.receive({ label_ids: ['id of VIP', 'UNREAD', 'IMPORTANT'], subject: 'vip' });
		sandbox.mailbox.receive({
			subject: 'file',
			label_ids: [],
			attachments: [{ filename: 'a', content: Buffer.from('') }],
		});
		const subjects = async (filters: INodeParameters) =>
			(await search({ filters })).jsons.map(({ subject }) => subject);
		expect(await subjects({ folders: ['Projects/2026'] })).toEqual(['filed']);
		expect(await subjects({ labels: ['VIP'] })).toEqual(['vip']);
		expect(await subjects({ labels: ['important'] })).toEqual(['vip']);
		expect(await subjects({ hasAttachment: true })).toEqual(['file']);
		expect(await subjects({ readStatus: 'unread' })).toEqual(['vip']);
	});

	it('is looked up once for all items', async () => {
		const filters = { folders: ['Projects'], labels: ['VIP'] };
		await search({ filters }, { items: [{}, {}, {}] });
		expect(sandbox.requestsTo('mail.folder.list')).toHaveLength(1);
		expect(sandbox.requestsTo('mail.label.list')).toHaveLength(1);
	});
});

describe('a span of time', () => {
	const spanSent = async (filters: INodeParameters, timezone = 'Asia/Shanghai') => {
		const { error } = await search({ filters }, { timezone });
		return error?.message ?? (filtersSent()[0] as { create_time: IDataObject }).create_time;
	};

	it('is sent in ISO 8601 with a zone, whole seconds, nothing lost', async () => {
		expect(
			await spanSent({ receivedAfter: '2026-11-24T08:00:00', receivedBefore: '2026-11-24T01:00:00.001Z' }),
		).toEqual({ start_time: '2026-11-24T00:00:00Z', end_time: '2026-11-24T01:00:01Z' });
	});

	it('without an end goes up to now, and without a beginning covers the year before', async () => {
		const from = new Date(Date.now() - 3_600_000).toISOString().slice(0, 19);
		const span = (await spanSent({ receivedAfter: `${from}Z` })) as { start_time: string; end_time: string };
		expect(span.start_time).toBe(`${from}Z`);
		expect(Math.abs(Date.parse(span.end_time) - Date.now())).toBeLessThan(5000);
		sandbox.requests.length = 0;
		expect(await spanSent({ receivedBefore: '2026-03-01T00:00:00Z' })).toEqual({
			start_time: '2025-03-01T00:00:00Z',
			end_time: '2026-03-01T00:00:00Z',
		});
	});

	it('of a year with a leap day is one year', async () => {
		expect(
			await spanSent({ receivedAfter: '2027-06-01T00:00:00Z', receivedBefore: '2028-06-01T00:00:00Z' }),
		).toMatchObject({ start_time: '2027-06-01T00:00:00Z' });
	});

	it.each<[INodeParameters, string]>([
		[
			{ receivedAfter: '2024-01-01', receivedBefore: '2026-01-01' },
			"'Received After' and 'Received Before' are more than a year apart",
		],
		[{ receivedAfter: '2020-01-01' }, "'Received After' and 'Received Before' are more than a year apart"],
		[{ receivedAfter: 'soon' }, "'Received After' must be a date"],
	])('%j is refused before any request', async (filters, words) => {
		expect(await spanSent(filters)).toContain(words);
		expect(sandbox.requests).toEqual([]);
	});
});

describe('a search', () => {
	it('whose hits change while it is read says so', async () => {
		fill(40);
		sandbox.fail({ api: SEARCH, on: 2, with: { code: 1231020 } });
		const { error } = await search({ returnAll: true });
		expect(error?.message).toBe('The list of hits has changed while it was read: run it again');
	});

	it('with more hits than Feishu lists says what to do', async () => {
		fill(40);
		sandbox.mailChoices.searchDepth = 30;
		const { error } = await search({ returnAll: true });
		expect(error?.message).toContain('more hits than Feishu lists');
		expect((await search({ limit: 30 })).jsons).toHaveLength(30);
	});

	it('is read again where an answer is lost, and waits for the quota', async () => {
		fill(40);
		sandbox.fail({ api: SEARCH, on: [1, 3], with: { kind: 'reset', when: 'after' } });
		sandbox.setQuota(SEARCH, { limit: 1, window: 1 });
		expect((await search({ returnAll: true })).jsons).toHaveLength(40);
	});

	it("of somebody else's mailbox is refused in words, once", async () => {
		const other = sandbox.tenant.addMailbox('boss@example.com');
		const { error } = await search({ userMailboxId: other.address });
		expect(error?.message).toBe("The user may not open this mailbox: check 'Mailbox'");
		expect(sandbox.requestsTo(SEARCH)).toHaveLength(1);
	});

	it('of a public mailbox works for its members', async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		team.members.add(sandbox.user);
		const mail = team.receive();
		expect(idsOf((await search({ userMailboxId: team.address })).jsons)).toEqual([mail.message_id]);
	});

	it('that leads in a circle gives what there is for a limit, and fails for Return All', async () => {
		const hit = (id: string) => ({ id, meta_data: { message_biz_id: fill(1)[0]!.message_id } });
		const circle = () => {
			for (const page_token of ['a', 'b', 'a']) {
				sandbox.fail({
					api: SEARCH,
					with: { code: 0, data: { items: [hit(page_token)], has_more: true, page_token } },
				});
			}
		};
		circle();
		const ran = await search({ limit: 50 });
		expect([ran.jsons.length, ran.hints.length]).toEqual([2, 1]);
		circle();
		expect((await search({ returnAll: true })).error?.message).toContain('list broke off before its end');
	});
});
