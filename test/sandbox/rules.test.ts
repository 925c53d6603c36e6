import type { AxiosInstance } from 'axios';

import { Sandbox } from './index';
import type { Rule } from './index';
import { connect, dataOf, mailboxPath, outcome, signIn } from './client';

let sandbox: Sandbox;
let client: AxiosInstance;

beforeEach(async () => {
	sandbox = await Sandbox.start();
	client = await signIn(sandbox);
});
afterEach(async () => await sandbox.close());

const path = mailboxPath('rules');
const pathOf = (id: string) => mailboxPath('rules', 'user@example.com', id);

const body: Omit<Rule, 'id'> = {
	name: '发票',
	is_enable: true,
	ignore_the_rest_of_rules: false,
	condition: { match_type: 1, items: [{ type: 6, operator: 1, input: 'Invoice' }, { type: 16 }] },
	action: { items: [{ type: 3 }] },
};

const make = async (change: Partial<Rule> = {}) =>
	dataOf<{ rule: Rule }>(await client.post(path, { ...body, ...change })).rule;

const conditions = (...items: object[]) => ({ condition: { match_type: 1, items } });
const actions = (...items: object[]) => ({ action: { items } });

it('stores a rule, answers with it, and lists the rules in their order', async () => {
	const first = await make();
	const second = await make({ name: 'b' });
	expect(first).toEqual({ id: expect.stringMatching(/^\d{19}$/) as string, ...body });
	expect(dataOf(await client.get(path))).toEqual({ items: [first, second] });
});

it.each<[string, object]>([
	['no name', { name: undefined }],
	['an empty name', { name: '' }],
	['a name of 256 characters', { name: '规'.repeat(256) }],
	['no state', { is_enable: undefined }],
	['no word on other rules', { ignore_the_rest_of_rules: undefined }],
	['no conditions', conditions()],
	['33 conditions', conditions(...Array(33).fill({ type: 12 }))],
	['no condition at all', { condition: undefined }],
	['another match', { condition: { ...body.condition, match_type: 3 } }],
	['an unknown condition', conditions({ type: 5, operator: 1, input: 'a' })],
	['a comparison without an operator', conditions({ type: 6, input: 'a' })],
	['an unknown operator', conditions({ type: 6, operator: 8, input: 'a' })],
	['a comparison with nothing', conditions({ type: 6, operator: 1 })],
	['no actions', actions()],
	['an unknown action', actions({ type: 6 })],
	['a label', actions({ type: 8, input: '1' })],
	['forwarding', actions({ type: 12, input: 'ann@example.com' })],
	['sharing', actions({ type: 13 })],
	['a move to nowhere', actions({ type: 11, input: 'INBOX' })],
])('refuses %s', async (_, change) => {
	expect(outcome(await client.post(path, { ...body, ...change }))).toEqual([400, 1230001]);
	expect(sandbox.mailbox.rules).toEqual([]);
});

it.each<[string, object]>([
	['a number as name', { name: 1 }],
	['a text as match', { condition: { ...body.condition, match_type: '1' } }],
	['a text as state', { is_enable: 'true' }],
])('refuses the type of %s', async (_, change) => {
	expect(outcome(await client.post(path, { ...body, ...change }))).toEqual([400, 99992402]);
});

it('takes comparisons without a value, and moves to a folder of the user', async () => {
	sandbox.mailbox.folders.push({
		...{ id: '7', name: 'a', parent_folder_id: '0', folder_type: 2 as const },
		...{ unread_message_count: 0, unread_thread_count: 0 },
	});
	const change = {
		...conditions({ type: 4, operator: 7 }, { type: 7, operator: 10 }),
		...actions({ type: 11, input: '7' }),
	};
	expect(await make(change as Partial<Rule>)).toMatchObject(change);
});

it('replaces a rule as a whole, with an action that is not supported only where it was there', async () => {
	const { id } = await make();
	const put = async (change: object) => outcome(await client.put(pathOf(id), { ...body, ...change }));
	expect(await put({ name: 'b' })).toEqual([200, 0]);
	expect(await put({ condition: undefined })).toEqual([400, 1230001]);
	expect(await put(actions({ type: 12 }))).toEqual([400, 1230001]);
	expect(sandbox.mailbox.rules).toEqual([{ ...body, id, name: 'b' }]);
	sandbox.mailbox.rules[0]!.action.items.push({ type: 12, input: 'a@b.c' });
	expect(await put(actions({ type: 12, input: 'a@b.c' }))).toEqual([200, 0]);
	expect(outcome(await client.put(pathOf('1'), body))).toEqual([400, 1230001]);
});

it('deletes a rule', async () => {
	const { id } = await make();
	expect(outcome(await client.delete(pathOf(id)))).toEqual([200, 0]);
	expect(outcome(await client.delete(pathOf(id)))).toEqual([400, 1230001]);
	expect(sandbox.mailbox.rules).toEqual([]);
});

it('takes the order of all rules only', async () => {
	const ids = [(await make()).id, (await make()).id, (await make()).id];
	const [a = '', b = '', c = ''] = ids;
	const order = async (rule_ids: string[]) => outcome(await client.post(pathOf('reorder'), { rule_ids }));
	for (const wrong of [[], [a, b], [a, b, b], [a, b, '1'], [a, b, c, '1'], [a, a, b, c]]) {
		expect(await order(wrong)).toEqual([400, 1230001]);
	}
	expect(await order([c, a, b])).toEqual([200, 0]);
	expect(sandbox.mailbox.rules.map(({ id }) => id)).toEqual([c, a, b]);
});

it('shows the rules on its page, and keeps them', async () => {
	await make();
	const page = String((await connect(sandbox).get('/')).data);
	expect(page).toContain('subject contains Invoice and with attachment');
	expect(page).toContain('mark as read');
	const later = await Sandbox.start({ state: JSON.parse(JSON.stringify(sandbox.state())) });
	expect(later.mailbox.rules).toEqual(sandbox.mailbox.rules);
	await later.close();
});
