import type { INodeParameters } from 'n8n-workflow';

import type { ApiName, Fault } from '../sandbox';
import {
	bodies,
	connected,
	continues,
	credentialOf,
	engine,
	locate,
	named,
	runOn,
	sandbox,
	writes,
} from './stage';

const LIST = 'mail.alias.list';
const CREATE = 'mail.alias.create';
const DELETE = 'mail.alias.delete';

const run = runOn('mailbox');

const sales = 'sales@example.com';

const shown = (email_alias: string) => ({ primary_email: sandbox.mailbox.address, email_alias });

const aliasId = (value: string, mode = 'id') => ({ aliasId: locate(mode, value) });

const names = () => sandbox.mailbox.aliases;

const add = (...aliases: string[]) => names().push(...aliases);

it('Get Aliases gives them all, with one request', async () => {
	add(...Array.from({ length: 60 }, (_, number) => `${number}@example.com`));
	expect((await run('getAliases')).jsons).toEqual(names().map(shown));
	expect(sandbox.requestsTo(LIST).map(({ query }) => query)).toEqual([{}]);
});

it('Create Alias gives what was created', async () => {
	expect((await run('createAlias', { emailAlias: ` ${sales} ` })).jsons).toEqual([shown(sales)]);
	expect(bodies(CREATE)).toEqual([{ email_alias: sales }]);
	expect(names()).toEqual([sales]);
	expect(writes()).toHaveLength(1);
});

it.each([
	['={{ "" }}', "'Alias' is empty"],
	['={{ null }}', "'Alias' is empty"],
	['sales', "'Alias' must be an address, but its value is 'sales'"],
])('Create Alias refuses %j before anything is sent', async (emailAlias, message) => {
	const { error } = await run('createAlias', { emailAlias });
	expect(error?.message).toBe(message);
	expect(sandbox.requests).toEqual([]);
});

it.each<[string, () => unknown, string]>([
	['of a mailbox', () => sandbox.tenant.addMailbox(sales), 'The address is in use already'],
	[
		'that is an alias',
		() => sandbox.tenant.addMailbox('a@example.com').aliases.push(sales),
		'in use already',
	],
	[
		'of a domain of others',
		() => Object.assign(sandbox.mailbox, { address: 'user@elsewhere.com' }),
		'does not have the domain',
	],
])('Create Alias says why an address %s is refused', async (_, prepare, words) => {
	prepare();
	const { error } = await run('createAlias', { emailAlias: sales });
	expect(error?.message).toContain(words);
	expect(error?.message).toContain("'Alias'");
	expect(sandbox.requestsTo(LIST)).toEqual([]);
});

it.each<[ApiName, number, number, string]>([
	[CREATE, 409, 1234033, 'login account of another member'],
	[CREATE, 400, 1235003, 'run it again later'],
	[CREATE, 400, 1234008, "check 'Mailbox' and 'Alias'"],
	[DELETE, 404, 1234012, 'it may have been deleted already'],
	[DELETE, 404, 1235013, "check 'Mailbox'"],
	[LIST, 400, 1234008, "check 'Mailbox'"],
])('%s with HTTP %d and code %d: says what to do', async (api, status, code, words) => {
	add('old@example.com');
	sandbox.fail({ api, with: { status, code, msg: 'no' } });
	const operation = { [CREATE]: 'createAlias', [DELETE]: 'deleteAlias', [LIST]: 'getAliases' }[
		api as typeof LIST
	]!;
	const { error } = await run(operation, { emailAlias: sales, ...aliasId('old@example.com') });
	expect(error?.message).toContain(words);
});

describe('an alias whose answer is lost', () => {
	it.each<Fault>([
		{ kind: 'reset', when: 'before' },
		{ kind: 'reset', when: 'after' },
		{ status: 500, code: 1235003, after: true },
	])('is created once (%j)', async (fault) => {
		sandbox.fail({ api: CREATE, with: fault });
		expect((await run('createAlias', { emailAlias: sales })).jsons).toEqual([shown(sales)]);
		expect(names()).toEqual([sales]);
	});

	it('is created once, also where the list does not show it yet', async () => {
		sandbox.fail({ api: CREATE, with: { kind: 'reset', when: 'after' } });
		sandbox.fail({ api: LIST, with: { code: 0, data: { items: [], has_more: false } } });
		expect((await run('createAlias', { emailAlias: sales })).jsons).toEqual([shown(sales)]);
		expect(sandbox.requestsTo(CREATE)).toHaveLength(2);
	});

	it('is found where Feishu lists it in small letters', async () => {
		sandbox.fail({ api: CREATE, with: { kind: 'reset', when: 'after' } });
		sandbox.fail({ api: LIST, with: { code: 0, data: { items: [shown(sales)], has_more: false } } });
		expect((await run('createAlias', { emailAlias: 'Sales@Example.com' })).jsons).toEqual([shown(sales)]);
		expect(sandbox.requestsTo(CREATE)).toHaveLength(1);
	});

	it('is not taken for that of another mailbox', async () => {
		sandbox.tenant.addMailbox('a@example.com').aliases.push(sales);
		sandbox.fail({ api: CREATE, with: { kind: 'reset', when: 'before' } });
		const { error } = await run('createAlias', { emailAlias: sales });
		expect(error?.message).toContain('in use already');
		expect(names()).toEqual([]);
	});

	it('is deleted once', async () => {
		add(sales, 'other@example.com');
		sandbox.fail({ api: DELETE, times: 2, with: { kind: 'reset', when: 'after' } });
		const ran = await run('deleteAlias', aliasId(sales));
		expect(ran.jsons).toEqual([{ deleted: true, email_alias: sales }]);
		expect(names()).toEqual(['other@example.com']);
	});
});

it('Delete Alias takes one from the list or by its address; one that is gone is a failure', async () => {
	add(sales);
	expect(await engine.search('searchAliases', { userMailboxId: sandbox.mailbox.address })).toEqual({
		results: [{ name: sales, value: sales }],
	});
	const items = [{ mode: 'list' }, { mode: 'id' }];
	const parameters = { aliasId: `={{ ({ __rl: true, mode: $json.mode, value: '${sales}' }) }}` };
	expect((await run('deleteAlias', parameters, { items, ...continues })).jsons).toEqual([
		{ deleted: true, email_alias: sales },
		expect.objectContaining({ error: expect.stringContaining('The mailbox has no such alias') }),
	]);
	expect(names()).toEqual([]);
});

const operations: Array<[string, ApiName, INodeParameters]> = [
	['getAliases', LIST, {}],
	['createAlias', CREATE, { emailAlias: '={{ `a${$itemIndex}@example.com` }}' }],
	['deleteAlias', DELETE, aliasId('={{ `b${$itemIndex}@example.com` }}')],
];

describe.each(operations)('mailbox %s', (operation, api, parameters) => {
	beforeEach(() => add(...named(60).map((_, index) => `b${index}@example.com`)));

	it('is refused to a user before anything is sent', async () => {
		const { error } = await run(operation, parameters, { credential: await connected() });
		expect(error?.message).toContain('to apps only');
		expect(error?.message).toContain("'Feishu Mail API'");
		expect(sandbox.requests).toEqual([]);
	});

	it('lacks its scope: names it', async () => {
		const credential = await credentialOf(sandbox.tenant.addApp({ scopes: [] }));
		const { error } = await run(operation, parameters, { credential });
		expect(error?.message).toContain('mail:user_mailbox');
	});

	it('does 60 items against a quota of 50 a second', async () => {
		sandbox.setQuota(api, { limit: 50, window: 1 });
		const { error } = await run(operation, parameters, { items: named(60) });
		expect(error?.message).toBeUndefined();
		expect(sandbox.requestsTo(api).filter(({ code }) => code === 0)).toHaveLength(60);
		expect(names()).toHaveLength({ getAliases: 60, createAlias: 120, deleteAlias: 0 }[operation]!);
	});

	it('loses each answer: fails after three tries', async () => {
		sandbox.fail({ api, on: () => true, with: { kind: 'reset', when: 'before' } });
		const { error } = await run(operation, parameters);
		expect(error?.message).toContain('run it again later');
		expect(sandbox.requestsTo(api)).toHaveLength(3);
	});
});
