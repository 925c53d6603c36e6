import type { INodeCredentialsDetails, INodeParameters } from 'n8n-workflow';

import type { Fault, NewMessage } from '../sandbox';
import type { SearchOptions } from './engine';
import { appWithout, bodies, connected, credentialOf, engine, onRequest, sandbox, time } from './stage';

/** Three labels; Projects with 2026 inside; 45 contacts. */
beforeEach(() => {
	sandbox.mailbox.labels.push(
		...['VIP', '客户', '客户/亚洲'].map((name) => ({
			id: `id of ${name}`,
			name,
			background_color: 'blue',
			messages_unread: 0,
		})),
	);
	const folder = { folder_type: 2, unread_message_count: 0, unread_thread_count: 0 } as const;
	sandbox.mailbox.folders.push(
		{ ...folder, id: 'f1', name: 'Projects', parent_folder_id: '0' },
		{ ...folder, id: 'f2', name: '2026', parent_folder_id: 'f1' },
	);
	fill(45);
});

const fill = (count: number) =>
	sandbox.mailbox.contacts.splice(
		0,
		Infinity,
		...Array.from({ length: count }, (_, index) => ({
			id: `c${index}`,
			name: `联系人 ${index}`,
			...(index % 2 ? { company: 'Acme' } : { mail_address: `p${index}@example.com` }),
		})),
	);

const search = async (method: string, options: SearchOptions = {}, parameters: INodeParameters = {}) =>
	await engine.search(method, { userMailboxId: sandbox.mailbox.address, ...parameters }, options);

/** An app's credential that has its token, so that the next request is the one for the list. */
const withToken = async () => {
	const credential = await engine.addCredential();
	const { address } = sandbox.tenant.addMailbox('warm@example.com');
	await search('searchLabels', { credential }, { userMailboxId: address });
	return credential;
};

const valuesOf = async (method: string, options?: SearchOptions) =>
	(await search(method, options)).results.map(({ value }) => value);

const system = ['INBOX', 'SENT', 'DRAFT', 'SCHEDULED', 'TRASH', 'SPAM', 'ARCHIVED'];

describe('the list of', () => {
	it.each([
		['labels', 'searchLabels', ['id of VIP', 'id of 客户', 'id of 客户/亚洲']],
		['folders holds all', 'searchFolders', [...system, 'f1', 'f2']],
		["folders to change holds none of Feishu's own", 'searchOwnFolders', ['f1', 'f2']],
		['parent folders holds the top level first', 'searchParentFolders', ['0', 'f1', 'f2']],
	])('%s (%s)', async (_, method, values) => {
		expect(await valuesOf(method)).toEqual(values);
	});

	it.each([
		['searchLabels', '亚', ['id of 客户/亚洲']],
		['searchLabels', ' vip ', ['id of VIP']],
		['searchLabels', 'nothing', []],
		['searchFolders', 'inb', ['INBOX']],
		['searchFolders', 'projects/', ['f2']],
		['searchParentFolders', 'top', ['0']],
		['searchParentFolders', '2026', ['f2']],
		['searchContacts', 'P44@', ['c44']],
	])('%s is searched for %j in upper and lower case', async (method, filter, values) => {
		expect(await valuesOf(method, { filter })).toEqual(values);
	});

	it('templates shows their names, and is searched', async () => {
		expect((await search('searchTemplates')).results).toEqual([
			{ name: '[The mailbox has no templates]', value: false },
		]);
		const template = { subject: '', template_content: '', is_plain_text_mode: false };
		const lists = { tos: [], ccs: [], bccs: [], attachments: [] };
		for (const name of ['Welcome', '欢迎']) {
			sandbox.mailbox.templates.push({
				...template,
				...lists,
				template_id: `id of ${name}`,
				name,
				create_time: 0,
			});
		}
		const other = sandbox.tenant.addMailbox('other@example.com');
		other.templates.push(...sandbox.mailbox.templates);
		const inOther = { userMailboxId: other.address };
		expect((await search('searchTemplates', {}, inOther)).results).toEqual([
			{ name: 'Welcome', value: 'id of Welcome' },
			{ name: '欢迎', value: 'id of 欢迎' },
		]);
		expect((await search('searchTemplates', { filter: 'wel' }, inOther)).results).toHaveLength(1);
	});

	it('folders shows paths', async () => {
		expect((await search('searchOwnFolders')).results).toEqual([
			{ name: 'Projects', value: 'f1' },
			{ name: 'Projects/2026', value: 'f2' },
		]);
	});

	it('contacts shows email or company, page by page', async () => {
		const first = await search('searchContacts');
		expect(first.results.slice(0, 2)).toEqual([
			{ name: '联系人 0 - p0@example.com', value: 'c0' },
			{ name: '联系人 1 - Acme', value: 'c1' },
		]);
		const second = await search('searchContacts', { paginationToken: first.paginationToken as string });
		const third = await search('searchContacts', { paginationToken: second.paginationToken as string });
		expect([first, second, third].flatMap(({ results }) => results)).toHaveLength(45);
		expect(third.paginationToken).toBeUndefined();
	});
});

/** A line that tells something and is shown whole: the panel has room for about 55 characters. */
const shortLine = (text: string) =>
	expect.stringMatching(new RegExp(`^(?=.{1,55}$)\\[.*${text}.*\\]$`)) as string;

describe('the list of mails', () => {
	const receive = (count: number, fields: (index: number) => NewMessage = () => ({})) =>
		Array.from({ length: count }, (_, index) =>
			sandbox.mailbox.receive({ internal_date: index, ...fields(index) }),
		).reverse();

	const idsRead = () =>
		bodies('mail.message.batchGet').map((body) => (body as { message_ids: [] }).message_ids.length);

	it('shows sender and subject, the newest first, page by page', async () => {
		const mails = receive(45);
		receive(1, () => ({ folder_id: 'ARCHIVED' }));
		const first = await search('searchMessages');
		expect(first.results.slice(0, 2)).toEqual([
			{ name: 'Ann Example: Mail 45', value: mails[0]!.message_id },
			{ name: 'Ann Example: Mail 44', value: mails[1]!.message_id },
		]);
		const second = await search('searchMessages', { paginationToken: first.paginationToken as string });
		const third = await search('searchMessages', { paginationToken: second.paginationToken as string });
		expect([first, second, third].flatMap(({ results }) => results.map(({ value }) => value))).toEqual(
			mails.map(({ message_id }) => message_id),
		);
		expect(third.paginationToken).toBeUndefined();
		expect(idsRead()).toEqual([20, 20, 5]);
	});

	it.each<[NewMessage, string]>([
		[{ head_from: { mail_address: 'ben@example.com' }, subject: 'Hello' }, 'ben@example.com: Hello'],
		[{ subject: '' }, 'Ann Example'],
		[{ subject: '', head_from: { mail_address: '' } }, '(No Subject)'],
		[{ subject: '报价' }, 'Ann Example: 报价'],
	])('shows %j as %j', async (fields, name) => {
		receive(1, () => fields);
		for (const method of ['searchMessages', 'searchThreads']) {
			expect((await search(method)).results.map((entry) => entry.name)).toEqual([name]);
		}
	});

	it('is searched by sender and subject', async () => {
		const mails = receive(60, (index) => ({ subject: index === 3 ? 'Invoice' : 'Other' }));
		expect(await valuesOf('searchMessages', { filter: 'ann example: INV' })).toEqual([
			mails.at(-4)!.message_id,
		]);
		expect(await valuesOf('searchThreads', { filter: 'invoice' })).toEqual([mails.at(-4)!.thread_id]);
	});

	it.each(['refuse', 'leaveOut'] as const)(
		'leaves out mails that are deleted meanwhile (%s)',
		async (unknownIds) => {
			sandbox.mailChoices.unknownIds = unknownIds;
			const mails = receive(20);
			onRequest('mail.message.batchGet', 1, () => sandbox.mailbox.messages.splice(5, 1));
			const left = mails.filter(({ subject }) => subject !== 'Mail 6');
			expect(await valuesOf('searchMessages')).toEqual(left.map(({ message_id }) => message_id));
		},
	);

	it('shows mails although the app may not see their subjects or senders', async () => {
		receive(2);
		const credential = await appWithout('subject:read');
		expect((await search('searchMessages', { credential })).results.map(({ name }) => name)).toEqual(
			Array(2).fill('Ann Example'),
		);
	});

	it('of threads shows each once, by its newest mail, over all pages', async () => {
		const mails = receive(45, (index) => ({ thread_id: `thread ${index % 3}`, subject: `No. ${index}` }));
		const credential = await engine.addCredential();
		const first = await search('searchThreads', { credential });
		expect(first.results).toEqual(
			mails
				.slice(0, 3)
				.map(({ thread_id, subject }) => ({ name: `Ann Example: ${subject}`, value: thread_id })),
		);
		expect(first.paginationToken).toBeUndefined();
	});

	it('of threads shows none again when somebody scrolls', async () => {
		receive(60, (index) => ({ thread_id: `thread ${index < 20 ? index + 100 : index % 20}` }));
		const credential = await engine.addCredential();
		const values: unknown[] = [];
		let paginationToken: string | undefined;
		do {
			const found = await search('searchThreads', { credential, paginationToken });
			values.push(...found.results.map(({ value }) => value));
			paginationToken = found.paginationToken as string | undefined;
		} while (paginationToken);
		expect(values).toHaveLength(40);
		expect(new Set(values).size).toBe(40);
	});
});

describe('what a field of several values offers', () => {
	const offered = async (
		method: string,
		credential?: INodeCredentialsDetails,
		userMailboxId = sandbox.mailbox.address,
	) => await engine.loadOptions(method, { userMailboxId }, credential);

	it("is Feishu's own labels and those of the mailbox", async () => {
		const labels = [
			{ name: 'Flagged', value: 'FLAGGED' },
			{ name: 'Important', value: 'IMPORTANT' },
			{ name: 'Other', value: 'OTHER' },
			{ name: 'VIP', value: 'id of VIP' },
			{ name: '客户', value: 'id of 客户' },
			{ name: '客户/亚洲', value: 'id of 客户/亚洲' },
		];
		expect(await offered('getMailLabels')).toEqual(labels);
		expect((await search('searchMailLabels')).results).toEqual(labels);
		expect(await valuesOf('searchMailLabels', { filter: 'IMP' })).toEqual(['IMPORTANT']);
	});

	it('is folders by their paths', async () => {
		const folders = await offered('getSearchedFolders');
		expect(folders.map(({ value }) => value)).toEqual([...system, 'f1', 'f2']);
		expect(folders.at(-1)!.name).toBe('Projects/2026');
	});

	it('is that of the own mailbox for a user', async () => {
		const credential = await connected();
		expect(await offered('getMailLabels', credential, 'me')).toHaveLength(6);
		expect(await offered('getMailLabels', credential, '')).toHaveLength(6);
	});

	it('is all of a long list', async () => {
		for (let index = 0; index < 300; index++) {
			sandbox.mailbox.labels.push({
				id: `l${index}`,
				name: `L${index}`,
				background_color: 'blue',
				messages_unread: 0,
			});
		}
		expect(await offered('getMailLabels')).toHaveLength(306);
	});

	it('is a failure in words where it cannot be read', async () => {
		await expect(offered('getMailLabels', undefined, '')).rejects.toThrow("'Mailbox' is empty");
		const credential = await credentialOf(sandbox.tenant.addApp({ scopes: [] }));
		await expect(offered('getSearchedFolders', credential)).rejects.toThrow(/mail:user_mailbox\.folder:read/);
	});
});

const methods = [
	'searchLabels',
	'searchMailLabels',
	'searchMessages',
	'searchThreads',
	'searchFolders',
	'searchOwnFolders',
	'searchParentFolders',
	'searchContacts',
];

describe.each(methods)('%s', (method) => {
	it('lists the own mailbox of a user', async () => {
		const credential = await connected();
		expect((await search(method, { credential }, { userMailboxId: 'me' })).results).not.toEqual([]);
		expect(sandbox.requests.map(({ path }) => path.split('/')[5])).toEqual(['me']);
	});

	it.each([
		['', "'Mailbox' is empty: enter the address of the mailbox there, then open this list again"],
		['me', "'Mailbox' cannot be 'me'"],
	])('says what to do where the mailbox is %j, without a request', async (userMailboxId, words) => {
		const credential = await engine.addCredential();
		await expect(search(method, { credential }, { userMailboxId })).rejects.toThrow(words);
		expect(sandbox.requests).toEqual([]);
	});

	it('says so where there is nothing to choose', async () => {
		for (const things of [sandbox.mailbox.contacts, sandbox.mailbox.labels, sandbox.mailbox.folders]) {
			things.length = 0;
		}
		const { results } = await search(method);
		const hasOwn = ['searchMailLabels', 'searchFolders', 'searchParentFolders'].includes(method);
		if (hasOwn) expect(results.every(({ value }) => typeof value === 'string')).toBe(true);
		else expect(results).toEqual([{ name: shortLine(''), value: false }]);
		expect((await search(method, { filter: 'nothing like it' })).results).toEqual([]);
	});

	it('names the scope that is missing', async () => {
		const credential = await credentialOf(sandbox.tenant.addApp({ scopes: [] }));
		await expect(search(method, { credential })).rejects.toThrow(/mail:user_mailbox\.[\w.]+:\w+/);
	});

	it.each<[string, Fault]>([
		['a reset', { kind: 'reset', when: 'before' }],
		['HTTP 502', { kind: 'html', status: 502 }],
		['a full quota', { status: 429, code: 99991400, headers: { 'x-ogw-ratelimit-reset': '2' } }],
	])('is read again after %s', async (_, fault) => {
		const credential = await withToken();
		sandbox.fail({ with: fault });
		const { results } = await search(method, { credential });
		expect(results).not.toEqual([]);
	});

	it('does not keep somebody waiting for a quota that is full for a minute', async () => {
		const credential = await withToken();
		const headers = { 'x-ogw-ratelimit-reset': '60' };
		sandbox.fail({ with: { status: 429, code: 99991400, headers } });
		await expect(search(method, { credential })).rejects.toThrow('try again in a minute');
	});

	it('is read again where the first try failed', async () => {
		const credential = await engine.addCredential();
		const failure = sandbox.fail({ on: () => true, with: { status: 403, code: 1230002 } });
		await expect(search(method, { credential })).rejects.toThrow();
		failure.cancel();
		expect((await search(method, { credential })).results).not.toEqual([]);
	});

	it('is kept for a minute, and read again after it', async () => {
		const credential = await engine.addCredential();
		const first = await search(method, { credential });
		const { length } = sandbox.requests;
		time.pass(59_000);
		expect(await search(method, { credential })).toEqual(first);
		expect(sandbox.requests).toHaveLength(length);
		time.pass(1000);
		expect(await search(method, { credential })).toEqual(first);
		expect(sandbox.requests).toHaveLength(length + 1);
	});

	it.each<[string, () => Promise<[SearchOptions, INodeParameters?]>]>([
		[
			'for another mailbox',
			async () => [{}, { userMailboxId: sandbox.tenant.addMailbox('other@example.com').address }],
		],
		['with another app', async () => [{ credential: await credentialOf(sandbox.tenant.addApp()) }]],
		['for a user', async () => [{ credential: await connected() }]],
	])('is not shown %s', async (_, other) => {
		await search(method);
		sandbox.requests.length = 0;
		await search(method, ...(await other()));
		expect(sandbox.requests.filter(({ method: verb }) => verb === 'GET')).toHaveLength(1);
	});

	it("is not shown to another user of the app, whose own mailbox is called 'me' as well", async () => {
		const ofMe = { userMailboxId: 'me' };
		sandbox.mailbox.receive();
		const first = await search(method, { credential: await connected() }, ofMe);
		const mailbox = sandbox.tenant.addMailbox('ben@example.com');
		const credential = await connected({ user: sandbox.tenant.addUser({ mailbox }) });
		expect(await search(method, { credential }, ofMe)).not.toEqual(first);
	});

	it('is not shown to whom has not the right secret', async () => {
		await search(method);
		const credential = await engine.addCredential({ appSecret: 'wrong' });
		await expect(search(method, { credential })).rejects.toThrow('App Secret');
	});
});

describe('contacts are searched', () => {
	const reads = () => sandbox.requestsTo('mail.contact.list').length;

	/** Entries that can be chosen, and the last line that cannot. */
	const searchFor = async (filter: string, options: SearchOptions = {}) => {
		const { results, paginationToken } = await search('searchContacts', { filter, ...options });
		return {
			values: results.flatMap(({ value }) => (typeof value === 'string' ? [value] : [])),
			lines: results.flatMap(({ name, value }) => (value === false ? [name] : [])),
			paginationToken,
		};
	};

	const typed = (text: string) => Array.from(text, (_, index) => text.slice(0, index + 1));

	it('while a name is typed, and each page is read once', async () => {
		const credential = await engine.addCredential();
		for (const text of typed('联系人 4')) await searchFor(text, { credential });
		const { values, lines, paginationToken } = await searchFor('联系人 44', { credential });
		expect([values, lines, paginationToken]).toEqual([['c44'], [], undefined]);
		expect(reads()).toBe(3);
	});

	it('by several at a time, and each page is read once', async () => {
		const credential = await withToken();
		const found = await Promise.all(
			['联系人 3', '联系人 44', 'p2@'].map((text) => searchFor(text, { credential })),
		);
		expect(found.map(({ values }) => values.at(-1))).toEqual(['c39', 'c44', 'c2']);
		expect(reads()).toBe(3);
	});

	it('five pages at a time, and the last line tells that more is left; a blank searches on', async () => {
		fill(500);
		const credential = await engine.addCredential();
		for (let calls = 1; calls < 5; calls++) {
			const { values, lines, paginationToken } = await searchFor(`联系人 450${' '.repeat(calls)}`, {
				credential,
			});
			expect([values, paginationToken]).toEqual([[], undefined]);
			expect(lines).toEqual([shortLine('type a space to search on')]);
			expect(reads()).toBe(5 * calls);
		}
		expect(await searchFor('联系人 450', { credential })).toMatchObject({ values: ['c450'], lines: [] });
		expect(reads()).toBe(25);
	});

	it('no further than fills the list; scrolling goes on', async () => {
		fill(500);
		const credential = await engine.addCredential();
		const first = await searchFor('联系人', { credential });
		expect([first.values.length, first.lines]).toEqual([20, []]);
		const { values } = await searchFor('联系人', { credential, paginationToken: first.paginationToken });
		expect(values.at(0)).toBe('c20');
		expect(reads()).toBe(2);
	});

	it('where the quota is full: what was found is there, and the last line says so; later it goes on', async () => {
		fill(500);
		sandbox.setQuota('mail.contact.list', { limit: 3, window: 8 });
		const credential = await engine.addCredential();
		const { values, lines, paginationToken } = await searchFor('p4@', { credential });
		expect([values, paginationToken]).toEqual([['c4'], undefined]);
		expect(lines).toEqual([shortLine("Feishu's quota is used up")]);
		expect(time.waits).toEqual([]);
		time.pass(60_000);
		expect(await searchFor('p64@', { credential })).toMatchObject({ values: ['c64'] });
	});

	it('where Feishu refuses a further page: what was found is there', async () => {
		fill(500);
		const credential = await engine.addCredential();
		sandbox.fail({ api: 'mail.contact.list', on: (n) => n > 1, with: { status: 403, code: 1230002 } });
		const { values, lines } = await searchFor('p4@', { credential });
		expect(values).toEqual(['c4']);
		expect(lines).toEqual([expect.stringContaining('data permission')]);
		const { lines: scrolled } = await searchFor('', { credential, paginationToken: 'unknown' });
		expect(scrolled).toHaveLength(1);
	});

	it.each([1, 20])('to the end where pages of %d lead in a circle', async (size) => {
		const credential = await engine.addCredential();
		const tokens = ['a', 'b', 'a'];
		for (const [page, page_token] of tokens.entries()) {
			const items = Array.from({ length: size }, (_, index) => ({ id: `c${page}-${index}`, name: 'Anna' }));
			sandbox.fail({
				api: 'mail.contact.list',
				with: { code: 0, data: { items, has_more: true, page_token } },
			});
		}
		const lines: string[] = [];
		let token: string | undefined;
		let calls = 0;
		do {
			const found = await searchFor('', { credential, paginationToken: token });
			lines.push(...found.lines);
			token = found.paginationToken;
		} while (token && ++calls < 20);
		expect(lines).toEqual([shortLine('more may follow')]);
		expect(reads()).toBe(3);
	});

	it('in no more pages than are worth keeping', async () => {
		fill(4100);
		const credential = await engine.addCredential();
		for (let calls = 0; calls <= 40; calls++) {
			const { values, lines } = await searchFor(`联系人 4050${' '.repeat(calls)}`, { credential });
			const line = calls < 39 ? 'Not all is searched' : 'enter an ID';
			expect([values, lines]).toEqual([[], [shortLine(line)]]);
		}
		expect(reads()).toBe(200);
	});

	it('in pages that are kept for a minute after the last of them was read', async () => {
		const credential = await engine.addCredential();
		const { paginationToken } = await searchFor('', { credential });
		time.pass(40_000);
		await searchFor('', { credential, paginationToken });
		time.pass(40_000);
		await searchFor('', { credential });
		expect(reads()).toBe(2);
	});

	it('in no more lists than are worth keeping', async () => {
		const credential = await engine.addCredential();
		const addresses = Array.from({ length: 21 }, (_, index) => `m${index}@example.com`);
		for (const address of addresses) {
			sandbox.tenant.addMailbox(address);
			await search('searchContacts', { credential }, { userMailboxId: address });
		}
		expect(reads()).toBe(21);
		await search('searchContacts', { credential }, { userMailboxId: addresses.at(-1)! });
		expect(reads()).toBe(21);
		await search('searchContacts', { credential }, { userMailboxId: addresses[0]! });
		expect(reads()).toBe(22);
	});
});
