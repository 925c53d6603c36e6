import type { INodeParameters } from 'n8n-workflow';

import type { ApiName, Fault, Rule } from '../sandbox';
import {
	bodies,
	connected,
	continues,
	credentialOf,
	engine,
	locate,
	named,
	onRequest,
	runOn,
	sandbox,
	writes,
} from './stage';

const LIST = 'mail.rule.list';
const CREATE = 'mail.rule.create';
const UPDATE = 'mail.rule.update';
const REORDER = 'mail.rule.reorder';

const run = runOn('rule');

/** Adds a rule whose id is its name. */
const add = (name: string, change: Partial<Rule> = {}) => {
	const rule: Rule = {
		id: name,
		name,
		is_enable: true,
		ignore_the_rest_of_rules: false,
		condition: { match_type: 1, items: [{ type: 6, operator: 1, input: name }] },
		action: { items: [{ type: 3 }] },
		...change,
	};
	sandbox.mailbox.rules.push(rule);
	return rule;
};

const addFolder = (name: string, parent_folder_id = '0') =>
	sandbox.mailbox.folders.push({
		...{ id: `id of ${name}`, name, parent_folder_id, folder_type: 2 as const },
		...{ unread_message_count: 0, unread_thread_count: 0 },
	});

const chosen = (mode: 'list' | 'name' | 'id', value: string) => ({ ruleId: locate(mode, value) });

const conditions = (...items: INodeParameters[]) => ({ condition: { items } });

const actions = (...items: INodeParameters[]) => ({ action: { items } });

const subject = { type: 'subject', operator: 'contains', input: 'Invoice' };

const newRule = { name: 'New', ...conditions(subject), ...actions({ type: 'archive' }) };

const names = () => sandbox.mailbox.rules.map(({ name }) => name);

describe('Rule: Get Many', () => {
	it('gives the rules in their order, and in words what each does', async () => {
		add('Invoices', { action: { items: [{ type: 3 }, { type: 11, input: '7' }] } });
		add('Others', {
			condition: {
				match_type: 2,
				items: [{ type: 16 }, { type: 4, operator: 7 }, { type: 5, operator: 9, input: 'a' }],
			},
			action: { items: [{ type: 12, input: 'ann@example.com' }, { type: 6 }] },
		});
		const [first, second] = sandbox.mailbox.rules;
		expect((await run('getAll')).jsons).toEqual([
			{ ...first, summary: 'All Conditions: Subject Contains "Invoices". Mark as Read, Move to Folder 7' },
			{
				...second,
				summary:
					'Any Condition: Has Attachment, To or CC Includes Me, No. 5 No. 9 "a". Forward ann@example.com, No. 6',
			},
		]);
	});

	it.each([
		[{ returnAll: true }, 60],
		[{ limit: 7 }, 7],
		[{}, 50],
	])('with %j gives %d', async (parameters, count) => {
		for (let number = 0; number < 60; number++) add(`No. ${number}`);
		expect((await run('getAll', parameters)).jsons).toHaveLength(count);
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});

	it('tells what it knows where an answer lacks something', async () => {
		sandbox.fail({ api: LIST, with: { code: 0, data: { items: [{ id: '1' }] } } });
		expect((await run('getAll')).jsons).toEqual([{ id: '1', summary: expect.any(String) }]);
	});

	it('tells what it knows where an answer holds something else', async () => {
		const odd = {
			id: '1',
			condition: { match_type: 1, items: [null, { type: 16 }] },
			action: { items: 'none' },
		};
		sandbox.fail({ api: LIST, with: { code: 0, data: { items: [odd] } } });
		expect((await run('getAll')).jsons).toEqual([{ ...odd, summary: 'All Conditions: Has Attachment. ' }]);
	});
});

describe('Rule: Create', () => {
	it('makes a rule that acts on mails and lets the others act, too, and gives it', async () => {
		const ran = await run('create', newRule);
		expect(ran.error?.message).toBeUndefined();
		expect(bodies(CREATE)).toEqual([
			{
				name: 'New',
				is_enable: true,
				ignore_the_rest_of_rules: false,
				condition: { match_type: 1, items: [{ type: 6, operator: 1, input: 'Invoice' }] },
				action: { items: [{ type: 1 }] },
			},
		]);
		expect(ran.jsons).toEqual([
			{ ...sandbox.mailbox.rules[0], summary: 'All Conditions: Subject Contains "Invoice". Archive' },
		]);
	});

	/** Docs: request body of "Create a rule". */
	const conditionCodes = {
		from: 1,
		to: 2,
		cc: 3,
		toOrCc: 4,
		subject: 6,
		body: 7,
		attachmentName: 8,
		attachmentType: 9,
		anyAddress: 10,
		everyMail: 12,
		isExternal: 13,
		isSpam: 14,
		isNotSpam: 15,
		hasAttachment: 16,
	};

	it.each(Object.entries(conditionCodes))('the condition %s is %d', async (type, code) => {
		const { error } = await run('create', { ...newRule, ...conditions({ type, input: 'a' }) });
		expect(error?.message).toBeUndefined();
		const comparison = code < 12 ? { operator: 1, input: 'a' } : {};
		expect(sandbox.mailbox.rules[0]!.condition.items).toEqual([{ type: code, ...comparison }]);
	});

	const operatorCodes = {
		contains: 1,
		notContains: 2,
		startsWith: 3,
		endsWith: 4,
		equals: 5,
		notEquals: 6,
		includesMe: 7,
		isEmpty: 10,
	};

	it.each(Object.entries(operatorCodes))('the operator %s is %d', async (operator, code) => {
		const { error } = await run('create', {
			...newRule,
			...conditions({ type: 'to', operator, input: 'a' }),
		});
		expect(error?.message).toBeUndefined();
		const value = code < 7 ? { input: 'a' } : {};
		expect(sandbox.mailbox.rules[0]!.condition.items).toEqual([{ type: 2, operator: code, ...value }]);
	});

	const actionCodes = {
		archive: 1,
		delete: 2,
		markAsRead: 3,
		moveToSpam: 4,
		neverMoveToSpam: 5,
		flag: 9,
		noNotification: 10,
	};

	it.each(Object.entries(actionCodes))('the action %s is %d', async (type, code) => {
		await run('create', { ...newRule, ...actions({ type }) });
		expect(sandbox.mailbox.rules[0]!.action.items).toEqual([{ type: code }]);
	});

	it.each<[string, 'list' | 'name' | 'id', string]>([
		['from the list', 'list', 'id of 2026'],
		['by its ID', 'id', 'id of 2026'],
		['by its path', 'name', 'projects/2026'],
	])('moves to a folder that is chosen %s', async (_, mode, value) => {
		addFolder('Projects');
		addFolder('2026', 'id of Projects');
		const action = actions({ type: 'moveToFolder', folderId: locate(mode, value) }, { type: 'flag' });
		const { error } = await run('create', { ...newRule, ...action });
		expect(error?.message).toBeUndefined();
		expect(sandbox.mailbox.rules[0]!.action.items).toEqual([{ type: 11, input: 'id of 2026' }, { type: 9 }]);
		expect(sandbox.requestsTo('mail.folder.list')).toHaveLength(mode === 'name' ? 1 : 0);
	});

	it('takes what expressions give: words in any letter case, numbers, switches as texts', async () => {
		const items = [
			{ kind: 'To or CC', how: 'EQUALS', number: 5, match: 'Any Condition', on: 'false', stop: 'true' },
		];
		const parameters = {
			name: '={{ $json.number }}',
			matchType: '={{ $json.match }}',
			...conditions({
				type: '={{ $json.kind }}',
				operator: '={{ $json.how }}',
				input: '={{ $json.number }}',
			}),
			...actions({ type: '={{ "Mark as read" }}' }),
			isEnable: '={{ $json.on }}',
			ignoreTheRestOfRules: '={{ $json.stop }}',
		};
		const { error } = await run('create', parameters, { items });
		expect(error?.message).toBeUndefined();
		expect(bodies(CREATE)).toEqual([
			{
				name: '5',
				is_enable: false,
				ignore_the_rest_of_rules: true,
				condition: { match_type: 2, items: [{ type: 4, operator: 5, input: '5' }] },
				action: { items: [{ type: 3 }] },
			},
		]);
	});

	const folder = (value: string) => actions({ type: 'moveToFolder', folderId: locate('id', value) });

	it.each<[string, INodeParameters, string, string]>([
		['an empty name', { name: '={{ "" }}' }, "'Name' is empty", ''],
		['a name of 256 characters', { name: '规'.repeat(256) }, "'Name' has 256 characters", ''],
		['no conditions', { condition: {} }, "'Conditions' is empty", "choose 'Add Condition'"],
		['no actions', { action: { items: [] } }, "'Actions' is empty", "choose 'Add Action'"],
		[
			'33 conditions',
			conditions(...Array<INodeParameters>(33).fill(subject)),
			"'Conditions' has 33 entries; Feishu takes at most 32",
			'several rules',
		],
		[
			'a condition without a value',
			conditions(subject, { ...subject, type: 'from', input: '' }),
			"'Condition 2: Value' is empty",
			"'From' 'Contains' needs a value",
		],
		[
			'a value whose expression gives nothing',
			conditions({ ...subject, input: '={{ $json.missing }}' }),
			"'Condition 1: Value' is empty",
			'see that its expression gives one',
		],
		[
			'a comparison that is for addresses',
			conditions({ type: 'subject', operator: 'includesMe' }),
			"'Condition 1: Operator' cannot be 'Includes Me' where the type is 'Subject'",
			'It is for addresses',
		],
		[
			'a condition that there is not',
			conditions({ ...subject, type: '={{ "weather" }}' }),
			"'Condition 1: Type' must be one of: anyAddress, attachmentName",
			"'weather'",
		],
		[
			'an operator that there is not',
			conditions({ ...subject, operator: '={{ null }}' }),
			"'Condition 1: Operator' must be one of: contains, notContains",
			'',
		],
		[
			'an action that the API does not take',
			actions({ type: '={{ "forward" }}' }),
			"'Action 1: Type' must be",
			'',
		],
		[
			'a move to nowhere',
			actions({ type: 'flag' }, { type: 'moveToFolder' }),
			"'Action 2: Folder' is empty",
			'',
		],
		[
			"a move to a folder of Feishu's own",
			folder('inbox'),
			"'Action 1: Folder': INBOX belongs to Feishu",
			"'Archive'",
		],
		['a move to the top level', folder('0'), "'Action 1: Folder': 0 belongs to Feishu", ''],
		['an unknown match', { matchType: '={{ "some" }}' }, "'Match' must be one of: all, any", "'some'"],
		['a switch that is neither on nor off', { isEnable: '={{ "maybe" }}' }, "'Enabled' must be one of", ''],
		[
			'a switch without a value',
			{ ignoreTheRestOfRules: '={{ null }}' },
			"'Stop Processing More Rules' has no",
			'',
		],
	])('refuses %s before anything is sent', async (_, parameters, message, description) => {
		const { error } = await run('create', { ...newRule, ...parameters });
		expect(error?.name).toBe('NodeOperationError');
		expect(error?.message).toContain(message);
		expect(error?.description).toContain(description);
		expect(sandbox.requests).toEqual([]);
	});

	it('refuses a path that leads nowhere, and one of Feishu’s own, without a write', async () => {
		const paths = ['Nowhere', 'Inbox'];
		const action = actions({ type: 'moveToFolder', folderId: locate('name', '={{ $json.path }}') });
		const items = paths.map((path) => ({ path }));
		const { jsons } = await run('create', { ...newRule, ...action }, { items, ...continues });
		expect(jsons.map(({ error }) => error)).toEqual([
			"'Action 1: Folder': the mailbox has no folder 'Nowhere'",
			"'Action 1: Folder': INBOX belongs to Feishu, and no rule moves mails there",
		]);
		expect(writes()).toEqual([]);
	});

	it('takes 32 conditions and a name of 255 characters', async () => {
		const many = conditions(...Array<INodeParameters>(32).fill(subject));
		const { error } = await run('create', { ...newRule, name: '📁'.repeat(255), ...many });
		expect(error?.message).toBeUndefined();
	});

	it('of several items keeps their order and a quota of one a second, with one list', async () => {
		sandbox.setQuota(CREATE, { limit: 1, window: 1 });
		const ran = await run('create', { ...newRule, name: '={{ $json.name }}' }, { items: named(5) });
		expect(ran.error?.message).toBeUndefined();
		expect(names()).toEqual(named(5).map(({ name }) => name));
		expect(ran.jsons.map(({ id }) => id)).toEqual(sandbox.mailbox.rules.map(({ id }) => id));
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});
});

describe('a new rule whose answer is lost', () => {
	const lost: Fault[] = [
		{ kind: 'reset', when: 'before' },
		{ kind: 'reset', when: 'after' },
	];

	it.each(lost)('is one of its own, not one of the same name from before (%j)', async (fault) => {
		add('New');
		sandbox.fail({ api: CREATE, on: 2, with: fault });
		const ran = await run('create', newRule, { items: [{}, {}] });
		expect(ran.jsons.map(({ id }) => id)).toEqual(sandbox.mailbox.rules.slice(1).map(({ id }) => id));
		expect(names()).toEqual(['New', 'New', 'New']);
	});

	it('is unknown where somebody else has created one of the same name meanwhile', async () => {
		sandbox.fail({
			api: CREATE,
			on: (n) => n === 1 && add('New', { id: '1' }) !== undefined,
			with: lost[1]!,
		});
		const { error } = await run('create', newRule);
		expect(error?.message).toBe(
			'It is unknown whether Feishu carried out the request: check whether the rule is in the mailbox before running it again',
		);
		expect(names()).toEqual(['New', 'New']);
	});

	it.each([true, false])(
		'is unknown where the rules could not be listed before (one there: %p)',
		async (isThere) => {
			if (isThere) add('New');
			sandbox.fail({ api: LIST, on: [1, 2, 3], with: lost[0]! });
			sandbox.fail({ api: CREATE, with: isThere ? lost[0]! : lost[1]! });
			const { error } = await run('create', newRule);
			expect(error?.message).toContain('It is unknown whether Feishu carried out the request');
			expect(names()).toEqual(['New']);
		},
	);
});

describe('a new rule with Retry On Fail', () => {
	const retries = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
	const lost: Fault = { kind: 'html', status: 504, after: true };

	it('is not created again where another item failed', async () => {
		sandbox.fail({ api: CREATE, on: 2, with: { code: 1230001, status: 400 } });
		const { jsons } = await run(
			'create',
			{ ...newRule, name: '={{ $json.name }}' },
			{ items: named(2), settings: retries },
		);
		expect(jsons).toMatchObject(sandbox.mailbox.rules.map(({ id }) => ({ id })));
		expect(names()).toEqual(['No. 0', 'No. 1']);
	});

	it('is not created again where its answer was lost and nobody could look for it', async () => {
		sandbox.fail({ api: CREATE, on: 1, with: lost });
		sandbox.fail({ api: LIST, on: [2, 3, 4], with: { kind: 'html', status: 502 } });
		const { jsons } = await run('create', newRule, { settings: retries });
		expect(jsons).toMatchObject([{ id: sandbox.mailbox.rules[0]?.id }]);
		expect(names()).toEqual(['New']);
	});

	it('is not created again where one is there that somebody else may have created', async () => {
		sandbox.fail({ api: CREATE, on: 1, with: lost });
		sandbox.fail({ api: LIST, on: [1, 2, 3, 4, 5, 6], with: { kind: 'html', status: 502 } });
		const { error } = await run('create', newRule, { settings: retries });
		expect(error?.message).toBe(
			"It is unknown whether an earlier try has created the rule: the mailbox has one with the name 'New' that somebody else may have created",
		);
		expect(names()).toEqual(['New']);
	});
});

describe('Rule: Update', () => {
	const rule = (): Rule =>
		add('Invoices', {
			is_enable: false,
			ignore_the_rest_of_rules: true,
			condition: { match_type: 2, items: [{ type: 6, operator: 1, input: 'Invoice' }, { type: 13 }] },
			action: { items: [{ type: 12, input: 'ann@example.com' }] },
		});

	it.each<[string, INodeParameters, (before: Rule) => object]>([
		['the name', { name: 'Bills' }, () => ({ name: 'Bills' })],
		['the state', { isEnable: true }, () => ({ is_enable: true })],
		['the state, as a text', { isEnable: '={{ "true" }}' }, () => ({ is_enable: true })],
		['what comes after it', { ignoreTheRestOfRules: false }, () => ({ ignore_the_rest_of_rules: false })],
		['the match', { matchType: 'all' }, ({ condition }) => ({ condition: { ...condition, match_type: 1 } })],
		[
			'the conditions',
			conditions({ type: 'hasAttachment' }),
			({ condition }) => ({ condition: { ...condition, items: [{ type: 16 }] } }),
		],
		['the actions', actions({ type: 'flag' }), () => ({ action: { items: [{ type: 9 }] } })],
	])('changes %s, and leaves the rest as it is', async (_, updateFields, change) => {
		const { id, ...before } = structuredClone(rule());
		const ran = await run('update', { ...chosen('name', 'invoices'), updateFields });
		expect(ran.error?.message).toBeUndefined();
		const after = { ...before, ...change({ id, ...before }) };
		expect(bodies(UPDATE)).toEqual([after]);
		expect(ran.jsons).toEqual([{ id, ...after, summary: expect.stringContaining(':') }]);
		expect(sandbox.mailbox.rules).toEqual([{ id, ...after }]);
	});

	it.each<[string, INodeParameters]>([
		['from the list', chosen('list', 'Invoices')],
		['by its ID', chosen('id', 'Invoices')],
		['by an ID that an expression gives', { ruleId: "={{ 'Invoices' }}" }],
		['by its name', chosen('name', 'Invoices')],
	])('takes the rule %s', async (_, parameters) => {
		add('Other');
		rule();
		const { error } = await run('update', { ...parameters, updateFields: { isEnable: true } });
		expect(error?.message).toBeUndefined();
		expect(sandbox.mailbox.rules[1]!.is_enable).toBe(true);
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});

	it('takes what Feishu leaves out of the list as off, and keeps what the documentation does not name', async () => {
		const condition = { match_type: 1, items: [{ type: 16, more: 1 }], other: true };
		const action = { items: [{ type: 77, more: { a: 1 } }], other: 'b' };
		sandbox.fail({ api: LIST, with: { code: 0, data: { items: [{ id: '1', condition, action }] } } });
		await run('update', { ...chosen('id', '1'), updateFields: { name: 'Bills' } });
		expect(bodies(UPDATE)).toEqual([
			{ name: 'Bills', is_enable: false, ignore_the_rest_of_rules: false, condition, action },
		]);
	});

	it.each<[string, INodeParameters, string]>([
		['nothing', {}, 'There is nothing to change'],
		['a name whose expression gives nothing', { name: '={{ $json.missing }}' }, 'There is nothing to change'],
		['an empty name', { name: '' }, "'Name' is empty"],
		['no conditions', { condition: {} }, "'Conditions' is empty"],
		['a condition without a value', conditions({ ...subject, input: '' }), "'Condition 1: Value' is empty"],
		['an action without a folder', actions({ type: 'moveToFolder' }), "'Action 1: Folder' is empty"],
	])('refuses %s before anything is sent', async (_, updateFields, message) => {
		const { error } = await run('update', { ...chosen('name', 'Invoices'), updateFields });
		expect(error?.message).toContain(message);
		expect(sandbox.requests).toEqual([]);
	});

	it.each<[INodeParameters, string]>([
		[chosen('id', '1'), "'Rule': the mailbox has no rule with the ID '1'"],
		[chosen('name', 'Nobody'), "'Rule': the mailbox has no rule 'Nobody'"],
		[chosen('name', 'TWICE'), "'Rule': the mailbox has 2 rules 'TWICE'"],
	])('refuses %j without a write', async (parameters, message) => {
		add('Twice', { id: 'a' });
		add('twice', { id: 'b' });
		const { error } = await run('update', { ...parameters, updateFields: { name: 'A' } });
		expect(error?.message).toBe(message);
		expect(writes()).toEqual([]);
	});

	it('finds a rule by the name that an item before has given it', async () => {
		rule();
		const items = [
			{ from: 'Invoices', to: 'Bills' },
			{ from: 'Bills', to: 'Paid' },
		];
		const parameters = { ...chosen('name', '={{ $json.from }}'), updateFields: { name: '={{ $json.to }}' } };
		expect((await run('update', parameters, { items })).error?.message).toBeUndefined();
		expect(names()).toEqual(['Paid']);
	});

	it('says of a rule that the API cannot write where it can be changed', async () => {
		rule();
		sandbox.fail({ api: UPDATE, with: { status: 400, code: 1230001 } });
		const { error } = await run('update', { ...chosen('id', 'Invoices'), updateFields: { isEnable: true } });
		expect(error?.message).toContain('forwards mails');
		expect(error?.message).toContain('changed in Feishu itself');
	});
});

describe('Rule: Delete', () => {
	it.each(['list', 'name', 'id'] as const)('by %s gives the id, and leaves the other rules', async (mode) => {
		add('A');
		add('B');
		expect((await run('delete', chosen(mode, 'A'))).jsons).toEqual([{ deleted: true, id: 'A' }]);
		expect(names()).toEqual(['B']);
		expect(sandbox.requestsTo(LIST)).toHaveLength(mode === 'name' ? 1 : 0);
	});

	it('by name in other letter case goes past one of which Feishu tells no name', async () => {
		const rule = add('Old');
		sandbox.fail({
			api: LIST,
			with: { code: 0, data: { items: [{ id: '1' }, { id: '2', name: null }, rule] } },
		});
		expect((await run('delete', chosen('name', 'OLD'))).jsons).toEqual([{ deleted: true, id: 'Old' }]);
		expect(names()).toEqual([]);
	});

	it('by a name that rules of two mailboxes have takes the one of each', async () => {
		const other = sandbox.tenant.addMailbox('other@example.com');
		other.rules.push({ ...add('A'), id: 'Other' }, { ...add('B'), id: 'A' });
		const items = [{ box: sandbox.mailbox.address }, { box: other.address }];
		const parameters = { ...chosen('name', 'A'), userMailboxId: '={{ $json.box }}' };
		const { jsons } = await run('delete', parameters, { items });
		expect(jsons.map(({ id }) => id)).toEqual(['A', 'Other']);
		expect([names(), other.rules.map(({ name }) => name)]).toEqual([['B'], ['B']]);
	});

	it.each(['id', 'name'] as const)('by %s of what is gone already fails and says so', async (mode) => {
		add('A');
		const { jsons } = await run('delete', chosen(mode, 'A'), { items: [{}, {}], ...continues });
		expect(jsons).toEqual([
			{ deleted: true, id: 'A' },
			expect.objectContaining({ error: expect.stringContaining('it may have been deleted already') }),
		]);
	});
});

describe('Rule: Reorder', () => {
	beforeEach(() => {
		for (const name of ['A', 'B', 'C', 'D, or E']) add(`id of ${name}`, { name });
	});

	it.each<[string, INodeParameters['ruleIds'], string[]]>([
		['all', ['id of D, or E', 'id of C', 'id of B', 'id of A'], ['D, or E', 'C', 'B', 'A']],
		['one, which comes first', ['id of C'], ['C', 'A', 'B', 'D, or E']],
		['two, by their names', "={{ ['d, or e', 'B'] }}", ['D, or E', 'B', 'A', 'C']],
		['two, one of them twice', ['id of C', 'id of B', 'id of C'], ['C', 'B', 'A', 'D, or E']],
		['by a text with commas', '={{ "C, A" }}', ['C', 'A', 'B', 'D, or E']],
	])('takes %s; the others follow in their order', async (_, ruleIds, order) => {
		const ran = await run('reorder', { ruleIds });
		expect(ran.error?.message).toBeUndefined();
		expect(names()).toEqual(order);
		expect(ran.jsons).toEqual([{ rule_ids: order.map((name) => `id of ${name}`), rule_names: order }]);
		expect(sandbox.requestsTo(LIST)).toHaveLength(1);
	});

	it('takes the rule of an ID, and not another one that is called so', async () => {
		add('last', { name: 'id of B' });
		await run('reorder', { ruleIds: ['id of B'] });
		expect(names()).toEqual(['B', 'A', 'C', 'D, or E', 'id of B']);
	});

	it.each<[INodeParameters['ruleIds'], string]>([
		['={{ [] }}', "'Rule Names or IDs' is empty"],
		['={{ null }}', "'Rule Names or IDs' is empty"],
		['={{ [7012345678901234567] }}', 'a number that cannot hold all digits of an ID'],
	])('refuses %j before anything is sent', async (ruleIds, message) => {
		const { error } = await run('reorder', { ruleIds });
		expect(error?.message).toContain(message);
		expect(sandbox.requests).toEqual([]);
	});

	it('refuses a rule that is not there without a write, and names those that are', async () => {
		const { error } = await run('reorder', { ruleIds: ['Z'] });
		expect(error?.message).toBe("'Rule Names or IDs': the mailbox has no rule 'Z'");
		expect(error?.description).toContain('A, B, C, D, or E');
		expect(writes()).toEqual([]);
	});

	it('says what to do where a rule was created meanwhile', async () => {
		onRequest(REORDER, 1, () => add('New'));
		const { error } = await run('reorder', { ruleIds: ['id of C'] });
		expect(error?.message).toContain('created or deleted a rule meanwhile, run it again');
	});

	it('is offered the rules by their names', async () => {
		const userMailboxId = sandbox.mailbox.address;
		const entries = sandbox.mailbox.rules.map(({ id: value, name }) => ({ name, value }));
		expect(await engine.loadOptions('getRules', { userMailboxId })).toEqual(entries);
		expect(await engine.search('searchRules', { userMailboxId })).toEqual({ results: entries });
	});
});

/** What the operations need, with nothing to refuse. */
const operations: Array<[string, ApiName, INodeParameters]> = [
	['getAll', LIST, {}],
	['create', CREATE, newRule],
	['update', UPDATE, { ...chosen('id', 'A'), updateFields: { name: 'B' } }],
	['update', LIST, { ...chosen('name', 'A'), updateFields: { name: 'B' } }],
	['delete', 'mail.rule.delete', chosen('id', 'A')],
	['delete', LIST, chosen('name', 'A')],
	['reorder', REORDER, { ruleIds: ['A'] }],
	['reorder', LIST, { ruleIds: ['A'] }],
];

describe.each(operations)('rule %s, when %s', (operation, api, parameters) => {
	beforeEach(() => add('A'));

	it.each([
		[400, 1230001, /^Feishu does not /],
		[403, 1230002, /add the data permission for mailbox rules/],
	])('is refused with HTTP %d and code %d: says what to do', async (status, code, words) => {
		sandbox.fail({ api, with: { status, code, msg: 'no' } });
		const { error } = await run(operation, parameters);
		expect(error?.message).toMatch(words);
		expect(error?.context.details).toMatchObject({ code, httpCode: status });
	});

	it('lacks its scope: names it', async () => {
		const credential = await credentialOf(sandbox.tenant.addApp({ scopes: [] }));
		const { error } = await run(operation, parameters, { credential });
		expect(error?.context.details).toMatchObject({ code: 99991672 });
		expect(error?.message).toContain('mail:user_mailbox.rule:write');
	});

	it.each<Fault>([
		{ kind: 'reset', when: 'before' },
		{ kind: 'reset', when: 'after' },
		{ kind: 'truncated' },
		{ status: 500, code: 1230003, msg: 'internal error', after: true },
	])('loses two answers (%j): succeeds, and does the work once', async (fault) => {
		sandbox.fail({ api, times: 2, on: () => true, with: fault });
		const { error } = await run(operation, parameters);
		expect(error?.message).toBeUndefined();
		const after = { getAll: ['A'], create: ['A', 'New'], update: ['B'], delete: [], reorder: ['A'] };
		expect(names()).toEqual(after[operation as keyof typeof after]);
	});

	it('loses each answer: fails after three tries, and says what to do', async () => {
		sandbox.fail({ api, on: () => true, with: { kind: 'reset', when: 'before' } });
		const { error } = await run(operation, parameters);
		expect(error?.message).toMatch(/run it again later/);
		expect(sandbox.requestsTo(api)).toHaveLength(3);
		expect(names()).toEqual(['A']);
	});

	it('has no quota left: waits, and does the work', async () => {
		sandbox.setQuota(api, { limit: 1, window: 60 });
		const items = operation === 'delete' && api !== LIST ? [{}] : [{}, {}];
		const { jsons } = await run(operation, parameters, { items, ...continues });
		const refused = jsons.filter(({ error }) => error !== undefined);
		// What the first item has deleted or renamed, the second does not find.
		for (const { error } of refused) expect(error).toMatch(/does not find the rule|the mailbox has no rule/);
		expect(jsons).toHaveLength(items.length);
	});

	it('acts for a user: works on the own mailbox', async () => {
		const credential = await connected();
		const { error } = await run(operation, { ...parameters, userMailboxId: 'me' }, { credential });
		expect(error?.message).toBeUndefined();
		expect(sandbox.requestsTo(api).map(({ path }) => path.split('/')[5])).toEqual(['me']);
	});
});
