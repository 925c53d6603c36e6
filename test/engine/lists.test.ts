import type { INodeParameters } from 'n8n-workflow';

import { Sandbox, type Fault } from '../sandbox';
import { Engine, type SearchOptions } from './engine';
import { VirtualTime } from './virtualTime';

let sandbox: Sandbox;
let engine: Engine;

beforeAll(async () => {
	sandbox = await Sandbox.start();
	engine = new Engine(sandbox);
});

/** Three labels; Projects with 2026 inside; 45 contacts. */
beforeEach(() => {
	sandbox.clearFaults();
	sandbox.requests.length = 0;
	sandbox.mailbox.labels.splice(
		0,
		Infinity,
		...['VIP', '客户', '客户/亚洲'].map((name) => ({
			id: `id of ${name}`,
			name,
			background_color: 'blue',
			messages_unread: 0,
		})),
	);
	const folder = { folder_type: 2, unread_message_count: 0, unread_thread_count: 0 } as const;
	sandbox.mailbox.folders.splice(
		0,
		Infinity,
		{ ...folder, id: 'f1', name: 'Projects', parent_folder_id: '0' },
		{ ...folder, id: 'f2', name: '2026', parent_folder_id: 'f1' },
	);
	sandbox.mailbox.contacts.splice(
		0,
		Infinity,
		...Array.from({ length: 45 }, (_, index) => ({
			id: `c${index}`,
			name: `联系人 ${index}`,
			...(index % 2 ? { company: 'Acme' } : { mail_address: `p${index}@example.com` }),
		})),
	);
});

afterAll(async () => await sandbox.close());

const search = async (method: string, options: SearchOptions = {}, parameters: INodeParameters = {}) =>
	await engine.search(method, { userMailboxId: sandbox.mailbox.address, ...parameters }, options);

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

const methods = [
	'searchLabels',
	'searchFolders',
	'searchOwnFolders',
	'searchParentFolders',
	'searchContacts',
];

describe.each(methods)('%s', (method) => {
	it('lists the own mailbox of a user', async () => {
		const credential = await engine.credentials.add('feishuMailOAuth2Api', {
			region: 'custom',
			baseUrl: sandbox.url,
			clientId: sandbox.app.id,
			clientSecret: sandbox.app.secret,
			oauthTokenData: { ...sandbox.issueUserTokens() },
		});
		const user = { authentication: 'oAuth2', userMailboxId: 'me' };
		expect((await search(method, { credential }, user)).results).not.toEqual([]);
		expect(sandbox.requests.map(({ path }) => path.split('/')[5])).toEqual(['me']);
	});

	it.each([
		['', "'Mailbox' is empty"],
		['me', "'Mailbox' cannot be 'me'"],
	])('says what to do where the mailbox is %j, without a request', async (userMailboxId, words) => {
		const credential = await engine.addCredential();
		await expect(search(method, { credential }, { userMailboxId })).rejects.toThrow(words);
		expect(sandbox.requests).toEqual([]);
	});

	it('names the scope that is missing', async () => {
		const app = sandbox.tenant.addApp({ scopes: [] });
		const credential = await engine.addCredential({ appId: app.id, appSecret: app.secret });
		await expect(search(method, { credential })).rejects.toThrow(/mail:user_mailbox\.[\w.]+:\w+/);
	});

	it.each<[string, Fault]>([
		['a reset', { kind: 'reset', when: 'before' }],
		['HTTP 502', { kind: 'html', status: 502 }],
		['a full quota', { status: 429, code: 99991400, headers: { 'x-ogw-ratelimit-reset': '2' } }],
	])('is read again after %s', async (_, fault) => {
		const credential = await engine.addCredential();
		await search(method, { credential });
		const time = new VirtualTime();
		sandbox.fail({ with: fault });
		const { results } = await search(method, { credential });
		time.end();
		expect(results).not.toEqual([]);
	});

	it('does not keep somebody waiting for a quota that is full for a minute', async () => {
		const credential = await engine.addCredential();
		await search(method, { credential });
		const headers = { 'x-ogw-ratelimit-reset': '60' };
		sandbox.fail({ with: { status: 429, code: 99991400, headers } });
		await expect(search(method, { credential })).rejects.toThrow('open it again in a minute');
	});
});
