import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { Contact } from '../sandbox';
import type { Run, RunOptions } from './engine';
import { appWithout, continues, credentialOf, engine, onRequest, run, sandbox } from './stage';
import { until } from './until';

beforeEach(() => {
	sandbox.contactPatch = 'replace';
});

const email = { mailAddress: '={{ $json.email }}' };
const phone = { phone: '={{ $json.phone }}' };
const others = { company: '={{ $json.company }}', tag: '={{ $json.tag }}' };

/** The fields as the panel shows them: at the top what is matched by, and both where an expression decides. */
const panels: Record<string, INodeParameters> = {
	mailAddress: { ...email, additionalFields: { ...phone, ...others } },
	name: { additionalFields: { ...email, ...phone, ...others } },
	phone: { ...phone, additionalFields: { ...email, ...others } },
	'={{ $json.by }}': { ...email, ...phone, additionalFields: others },
};

const upsert = async (
	items: IDataObject[],
	parameters: INodeParameters = {},
	options: Partial<RunOptions> = {},
) => {
	const panel = panels[String(parameters.matchBy ?? 'mailAddress')];
	const fields = { name: '={{ $json.name }}', ...panel, ...parameters };
	return await run('contact', 'upsert', fields, { items, ...options });
};

const fill = (...contacts: Array<Omit<Contact, 'id'>>) => {
	for (const [index, contact] of contacts.entries()) {
		sandbox.mailbox.contacts.push({ id: `id-${index}`, ...contact });
	}
};

const outcomes = (outputs: Run['outputs']) => outputs[0]!.map(({ json }) => json.outcome ?? json.error);

const sent = (api: 'list' | 'create' | 'patch') => sandbox.requestsTo(`mail.contact.${api}`);

describe('a row of a contact that exists', () => {
	it.each([
		['email', 'mailAddress', { name: '王五', email: ' ANN@example.com ' }],
		['name', 'name', { name: ' ann ' }],
		['phone', 'phone', { name: '王五', phone: ' +86 1A ' }],
	])('is found by %s, in upper or lower case, and updates it', async (_, matchBy, row) => {
		fill(
			{ name: 'Bob', mail_address: 'bob@example.com', phone: '2' },
			{ name: 'Ann', mail_address: 'ann@example.com', phone: '+86 1a', remark: '老客户' },
		);
		const { outputs } = await upsert([{ ...row, company: '新公司' }], { matchBy });
		expect(outcomes(outputs)).toEqual(['updated']);
		expect(outputs[0]![0]!.json).toMatchObject({ id: 'id-1', remark: '老客户', company: '新公司' });
		expect(sandbox.mailbox.contacts).toHaveLength(2);
		expect(sandbox.mailbox.contacts[1]).toMatchObject({
			name: row.name,
			remark: '老客户',
			company: '新公司',
		});
	});

	it.each(['keep', 'replace'] as const)(
		'keeps fields that the row leaves empty, where Feishu %ss them',
		async (patch) => {
			sandbox.contactPatch = patch;
			const before = { mail_address: 'ann@example.com', phone: '1', tag: 'vip', company: 'Acme' };
			fill({ name: 'Ann', ...before });
			await upsert([{ name: 'Ann B.', email: 'ann@example.com', phone: '', tag: null }]);
			expect(sandbox.mailbox.contacts[0]).toMatchObject({ ...before, name: 'Ann B.' });
		},
	);

	it('sends only what is set with Keep Other Fields switched off', async () => {
		fill({ name: 'Ann', mail_address: 'ann@example.com', phone: '1' });
		await upsert([{ name: 'Anna', email: 'ann@example.com' }], { options: { keepOtherFields: false } });
		expect(sent('patch')[0]!.body).toEqual({ name: 'Anna', mail_address: 'ann@example.com' });
	});

	it('takes an id from the list, not from the name', async () => {
		fill({ name: 'Ann', mail_address: 'ann@example.com' });
		await upsert([{ name: 'Ann', email: 'other@example.com' }]);
		expect(sandbox.mailbox.contacts.map(({ name }) => name)).toEqual(['Ann', 'Ann']);
	});
});

describe('a contact that has already what a row sets', () => {
	const stored = { name: 'Ann', mail_address: 'ann@example.com', phone: '1', tag: 'vip' };
	const row = { name: 'Ann', email: 'ann@example.com', phone: '1' };

	beforeEach(() => fill(stored));

	it.each(['mailAddress', 'name', 'phone'])('is unchanged, found by %s', async (matchBy) => {
		const { outputs } = await upsert([row], { matchBy });
		expect(outputs[0]!.map(({ json }) => json)).toEqual([{ id: 'id-0', ...stored, outcome: 'unchanged' }]);
		expect(sent('patch')).toEqual([]);
	});

	it('is unchanged with Keep Other Fields switched off, which sends only what is set', async () => {
		const { outputs } = await upsert([row], { options: { keepOtherFields: false } });
		const { tag, ...set } = stored;
		expect(tag).toBeDefined();
		expect(outputs[0]!.map(({ json }) => json)).toEqual([{ id: 'id-0', ...set, outcome: 'unchanged' }]);
		expect(sent('patch')).toEqual([]);
	});

	it.each([
		['upper and lower case', { email: 'Ann@example.com' }],
		['a blank', { name: 'Ann ' }],
		['a value where it has none', { company: 'Acme' }],
	])('is updated where it differs in %s', async (_, change) => {
		const { outputs } = await upsert([{ ...row, ...change }]);
		expect(outcomes(outputs)).toEqual(['updated']);
		expect(sent('patch')).toHaveLength(1);
	});

	it('is updated where it has another Unicode form', async () => {
		sandbox.mailbox.contacts[0]!.name = 'José'.normalize('NFC');
		const { outputs } = await upsert([{ ...row, name: 'José'.normalize('NFD') }]);
		expect(outcomes(outputs)).toEqual(['updated']);
	});

	it('is unchanged for what the run itself has set', async () => {
		const company = 'Acme';
		const { outputs } = await upsert([{ ...row, company }, { ...row, company }, row]);
		expect(outcomes(outputs)).toEqual(['updated', 'unchanged', 'unchanged']);
		expect(sent('patch')).toHaveLength(1);
	});

	it('needs no permission to see what it would not lose', async () => {
		const { outputs } = await upsert([{ ...row, phone: '' }], {}, { credential: await appWithout('phone') });
		expect(outcomes(outputs)).toEqual(['unchanged']);
	});

	it.each([{}, { keepOtherFields: false }])(
		'is updated where Feishu hides a field that the row sets, with the options %j',
		async (options) => {
			const credential = await appWithout('phone');
			const { outputs } = await upsert([row, row], { options }, { credential });
			expect(outcomes(outputs)).toEqual(['updated', 'updated']);
		},
	);
});

describe('the field that contacts are found by', () => {
	beforeEach(() => fill({ name: 'Ann', mail_address: 'ann@example.com', phone: '1' }));

	it.each<[string, INodeParameters]>([
		['at the top', { mailAddress: 'ann@example.com' }],
		[
			'under Additional Fields, where workflows had it',
			{ additionalFields: { mailAddress: 'ann@example.com' } },
		],
		[
			'under Additional Fields, where the one at the top is empty',
			{ mailAddress: '={{ null }}', additionalFields: { mailAddress: 'ann@example.com' } },
		],
		[
			'at the top, where both are filled in',
			{ mailAddress: 'ann@example.com', additionalFields: { mailAddress: 'other@example.com' } },
		],
	])('is read %s', async (_, parameters) => {
		const { outputs } = await upsert([{ name: 'Anna' }], {
			mailAddress: '',
			additionalFields: {},
			...parameters,
		});
		expect(outputs[0]![0]!.json).toMatchObject({
			id: 'id-0',
			name: 'Anna',
			mail_address: 'ann@example.com',
			outcome: 'updated',
		});
	});

	it('is not read where it is hidden, because another one is chosen', async () => {
		const { outputs } = await upsert([{ name: 'Anna' }], {
			matchBy: 'phone',
			phone: '1',
			mailAddress: 'left@example.com',
		});
		expect(outputs[0]![0]!.json).toMatchObject({ id: 'id-0', mail_address: 'ann@example.com' });
	});

	it('may be chosen by an expression, in either place', async () => {
		const rows = [
			{ name: 'Anna', email: 'ann@example.com', by: 'mailAddress' },
			{ name: 'Anne', phone: '1', by: 'phone' },
			{ name: 'anne', by: 'name' },
		];
		const matchBy = '={{ $json.by }}';
		const old = { mailAddress: '', phone: '', additionalFields: { ...email, ...phone } };
		for (const place of [{}, old]) {
			const { outputs } = await upsert(rows, { matchBy, ...place });
			expect(outcomes(outputs)).toEqual(['updated', 'updated', 'updated']);
		}
		expect(sandbox.mailbox.contacts).toHaveLength(1);
	});
});

describe('a row that comes again in the same run', () => {
	it('updates the contact that the first one has created', async () => {
		const { outputs } = await upsert([
			{ name: 'Ann', email: 'ann@example.com', company: 'Acme' },
			{ name: 'Bob', email: 'bob@example.com' },
			{ name: 'Ann', email: 'Ann@Example.com', tag: 'vip' },
		]);
		expect(outcomes(outputs)).toEqual(['created', 'created', 'updated']);
		expect(sandbox.mailbox.contacts).toHaveLength(2);
		expect(sandbox.mailbox.contacts[0]).toMatchObject({ company: 'Acme', tag: 'vip' });
		expect(sent('list')).toHaveLength(1);
	});

	it('has its outcome in the first column, which the panel shows without scrolling', async () => {
		const row = { name: 'Ann', email: 'ann@example.com' };
		const { outputs } = await upsert([row, { ...row, tag: 'vip' }, row]);
		expect(outcomes(outputs)).toEqual(['created', 'updated', 'unchanged']);
		for (const { json } of outputs[0]!) expect(Object.keys(json)[0]).toBe('outcome');
	});

	it('is one person although a list lags behind what the run has created', async () => {
		const stale = { code: 0, data: { items: [], has_more: false } };
		sandbox.fail({ api: 'mail.contact.list', on: (n) => n > 1, with: stale });
		sandbox.fail({ api: 'mail.contact.create', on: 2, with: { kind: 'reset', when: 'before' } });
		const { outputs } = await upsert([
			{ name: 'Ann', email: 'ann@example.com' },
			{ name: 'Bob', email: 'bob@example.com' },
			{ name: 'Ann', email: 'ann@example.com' },
		]);
		expect(outcomes(outputs)).toEqual(['created', 'created', 'unchanged']);
		expect(sandbox.mailbox.contacts.map(({ name }) => name)).toEqual(['Ann', 'Bob']);
	});

	it('is one person although Feishu writes the phone number in another way', async () => {
		const made = { code: 0, data: { mail_contact: { id: 'id-9', name: 'Ann', phone: '+861991234' } } };
		sandbox.fail({ api: 'mail.contact.create', times: 2, with: made });
		const row = { name: 'Ann', phone: '+86 199 1234' };
		const { outputs } = await upsert([row, row], { matchBy: 'phone', phone: '={{ $json.phone }}' });
		expect(outcomes(outputs)).toEqual(['created', 'unchanged']);
		expect(sent('create')).toHaveLength(1);
	});

	it('may be found by another field than the first one', async () => {
		const { outputs } = await upsert(
			[
				{ name: 'Bob', email: 'bob@example.com', by: 'name' },
				{ name: 'Ann', email: 'ann@example.com', by: 'mailAddress' },
				{ name: 'ann', tag: 'vip', by: 'name' },
				{ name: 'Robert', email: 'bob@example.com', by: 'mailAddress' },
			],
			{ matchBy: '={{ $json.by }}' },
		);
		expect(outcomes(outputs)).toEqual(['created', 'created', 'updated', 'updated']);
	});

	it('is found by the name that an update has given the contact', async () => {
		const { outputs } = await upsert(
			[
				{ name: 'Ann', email: 'ann@example.com', by: 'name' },
				{ name: 'Anna', email: 'ann@example.com', by: 'mailAddress' },
				{ name: 'Anna', tag: 'vip', by: 'name' },
			],
			{ matchBy: '={{ $json.by }}' },
		);
		expect(outcomes(outputs)).toEqual(['created', 'updated', 'updated']);
		expect(sandbox.mailbox.contacts).toMatchObject([{ name: 'Anna', tag: 'vip' }]);
	});

	it('also where the answers show neither email nor phone', async () => {
		const credential = await appWithout('mail_address', 'phone');
		const { outputs } = await upsert(
			[
				{ name: 'Ann', email: 'ann@example.com', phone: '1' },
				{ name: 'Ann', email: 'ann@example.com', tag: 'vip' },
			],
			{},
			{ credential },
		);
		expect(outcomes(outputs)).toEqual(['created', 'updated']);
		expect(sandbox.mailbox.contacts).toMatchObject([
			{ mail_address: 'ann@example.com', phone: '1', tag: 'vip' },
		]);
	});

	it('finds what was created although its answer was lost', async () => {
		sandbox.fail({ api: 'mail.contact.create', with: { kind: 'reset', when: 'after' } });
		const { outputs } = await upsert([
			{ name: 'Ann', email: 'ann@example.com' },
			{ name: 'Bob', email: 'bob@example.com' },
			{ name: 'Ann', email: 'ann@example.com' },
		]);
		expect(outcomes(outputs)).toEqual(['created', 'created', 'unchanged']);
		expect(sandbox.mailbox.contacts.map(({ name }) => name)).toEqual(['Ann', 'Bob']);
		expect(sent('list')).toHaveLength(2);
	});

	it('finds what was created although its answer was lost and so were those of the look-up', async () => {
		sandbox.fail({ api: 'mail.contact.create', with: { kind: 'reset', when: 'after' } });
		sandbox.fail({ api: 'mail.contact.list', on: [2, 3, 4], with: { kind: 'reset', when: 'before' } });
		const { outputs } = await upsert(
			[
				{ name: 'Ann', email: 'ann@example.com' },
				{ name: 'Bob', email: 'bob@example.com' },
				{ name: 'Ann', email: 'ann@example.com' },
			],
			{},
			continues,
		);
		expect(outcomes(outputs)).toEqual([
			'It is unknown whether Feishu carried out the request: check whether the contact is in the address book before running it again',
			'created',
			'unchanged',
		]);
		expect(sandbox.mailbox.contacts.map(({ name }) => name)).toEqual(['Ann', 'Bob']);
	});

	it('is what somebody else has created meanwhile: updated, not taken for the row', async () => {
		const lost = sandbox.fail({ api: 'mail.contact.create', with: { kind: 'reset', when: 'before' } });
		sandbox.fail({
			api: 'mail.contact.list',
			on: () => {
				if (lost.fired > 0)
					fill({ name: 'Anna', mail_address: 'ann@example.com', phone: '1', remark: '老客户' });
				return false;
			},
			with: { kind: 'hang' },
		});
		const { outputs } = await upsert([{ name: 'Ann', email: 'ann@example.com', company: 'Acme' }]);
		expect(outcomes(outputs)).toEqual(['updated']);
		expect(sandbox.mailbox.contacts).toMatchObject([{ name: 'Ann', company: 'Acme', remark: '老客户' }]);
		expect(sandbox.mailbox.contacts).toHaveLength(1);
	});

	it('finds by another field what was created although its answer was lost', async () => {
		sandbox.fail({ api: 'mail.contact.create', with: { kind: 'reset', when: 'after' } });
		const row = { name: 'Ann', email: 'ann@example.com', phone: '1' };
		const { outputs } = await upsert(
			['mailAddress', 'phone'].map((by) => ({ ...row, by })),
			{ matchBy: '={{ $json.by }}' },
		);
		expect(outcomes(outputs)).toEqual(['created', 'unchanged']);
		expect(sandbox.mailbox.contacts).toHaveLength(1);
	});

	it.each(['before', 'after'] as const)(
		'builds on what became of an update whose answers were lost (%s it was carried out)',
		async (when) => {
			fill({ name: 'Ann', mail_address: 'ann@example.com', phone: '1', company: 'Old' });
			sandbox.fail({ api: 'mail.contact.patch', on: [1, 2, 3], with: { kind: 'reset', when } });
			const { outputs } = await upsert(
				[
					{ name: 'Ann', email: 'ann@example.com', company: 'New' },
					{ name: 'Ann', email: 'ann@example.com', tag: 'vip' },
					{ name: 'Ann', email: 'ann@example.com', tag: 'vip' },
				],
				{},
				continues,
			);
			expect(outcomes(outputs)).toEqual([expect.stringContaining('may or may not'), 'updated', 'unchanged']);
			expect(sandbox.mailbox.contacts).toMatchObject([
				{ tag: 'vip', phone: '1', company: when === 'after' ? 'New' : 'Old' },
			]);
			expect(sent('list')).toHaveLength(2);
		},
	);

	it('finds a contact by the value that an update without an answer may have given it', async () => {
		fill({ name: 'Ann', mail_address: 'old@example.com', phone: '1' });
		sandbox.fail({ api: 'mail.contact.patch', on: [1, 2, 3], with: { kind: 'reset', when: 'after' } });
		const row = { name: 'Ann', email: 'new@example.com', phone: '1' };
		const { outputs } = await upsert(
			['phone', 'mailAddress'].map((by) => ({ ...row, by })),
			{ matchBy: '={{ $json.by }}' },
			continues,
		);
		expect(outcomes(outputs)).toEqual([expect.stringContaining('may or may not'), 'unchanged']);
		expect(sandbox.mailbox.contacts).toHaveLength(1);
	});

	it('is one person with an accent in either Unicode form', async () => {
		const rows = ['NFC', 'NFD'].map((form) => ({ name: 'José'.normalize(form), phone: '1' }));
		const { outputs } = await upsert(rows, { matchBy: 'name' });
		expect(outcomes(outputs)).toEqual(['created', 'updated']);
		expect(sandbox.mailbox.contacts).toHaveLength(1);
	});

	it('is one person in one mailbox, however its address is written', async () => {
		const { address } = sandbox.mailbox;
		const rows = [address, address.toUpperCase()].map((box) => ({
			name: 'Ann',
			email: 'a@example.com',
			company: box,
			box,
		}));
		const { outputs } = await upsert(rows, { userMailboxId: '={{ $json.box }}' });
		expect(outcomes(outputs)).toEqual(['created', 'updated']);
		expect(sandbox.mailbox.contacts).toHaveLength(1);
		expect(sent('list').map(({ path }) => decodeURIComponent(path.split('/')[5]!))).toEqual([address]);
		expect(sent('patch').map(({ path }) => decodeURIComponent(path.split('/')[5]!))).toEqual([
			address.toUpperCase(),
		]);
	});

	it.each([
		[2, ['created', 'unchanged']],
		[3, [', and nothing was created: run it again later', 'created']],
	])('is created where the first one was lost %i times before it was', async (times, expected) => {
		sandbox.fail({
			api: 'mail.contact.create',
			on: () => true,
			times,
			with: { kind: 'reset', when: 'before' },
		});
		const row = { name: 'Ann', email: 'ann@example.com' };
		const { outputs } = await upsert([row, row], {}, continues);
		expect(outcomes(outputs)).toEqual(expected.map((end) => expect.stringMatching(new RegExp(`${end}$`))));
		expect(sandbox.mailbox.contacts).toHaveLength(1);
	});

	it('does not list again because Feishu refused the first one', async () => {
		sandbox.fail({ api: 'mail.contact.create', with: { status: 400, code: 1230001 } });
		const row = { name: 'Ann', email: 'ann@example.com' };
		const { outputs } = await upsert([row, row], {}, continues);
		expect(outcomes(outputs)).toEqual([expect.stringContaining('does not accept'), 'created']);
		expect(sent('list')).toHaveLength(1);
	});

	it('does not list again because Feishu refused an update', async () => {
		fill({ name: 'Ann', mail_address: 'ann@example.com', phone: '1' });
		sandbox.fail({ api: 'mail.contact.patch', with: { status: 400, code: 1230001 } });
		const row = { name: 'Ann', email: 'ann@example.com', tag: 'vip' };
		const { outputs } = await upsert([row, row], {}, continues);
		expect(outcomes(outputs)).toEqual([expect.stringContaining('does not accept'), 'updated']);
		expect(sent('list')).toHaveLength(1);
	});
});

describe('a row that several contacts match', () => {
	beforeEach(() =>
		fill(
			{ name: 'Ann', mail_address: 'x@example.com', phone: '1' },
			{ name: 'Bob', mail_address: 'X@example.com' },
		),
	);

	it('fails, names them and writes nothing', async () => {
		const { error } = await upsert([{ name: 'C', email: 'x@example.com' }]);
		expect(error?.message).toBe("2 contacts have the email 'x@example.com'");
		expect(error?.description).toContain('Ann (ID id-0), Bob (ID id-1)');
		expect(sent('patch')).toEqual([]);
		expect(sent('create')).toEqual([]);
	});

	it('updates the first of them if told to', async () => {
		const { outputs } = await upsert([{ name: 'C', email: 'x@example.com' }], {
			options: { ifSeveralMatch: 'updateFirst' },
		});
		expect(outputs[0]![0]!.json).toMatchObject({ id: 'id-0', outcome: 'updated' });
		expect(sandbox.mailbox.contacts.map(({ name }) => name)).toEqual(['C', 'Bob']);
	});
});

describe('nothing is sent', () => {
	it.each([
		['the field to match by is empty', {}, { name: 'Ann' }, "'Email' is empty"],
		[
			'it is empty for this row',
			{ matchBy: 'phone' },
			{ name: 'Ann', email: 'a@example.com' },
			"'Phone' is empty",
		],
		['there is no such field', { matchBy: 'tag' }, { name: 'Ann' }, "'Match By' must be one of"],
		['the name is empty', {}, { name: '', email: 'a@example.com' }, "'Name' is empty"],
	])('where %s', async (_, parameters, row, message) => {
		const { error } = await upsert([row], parameters);
		expect(error?.message).toContain(message);
		expect(sandbox.requests).toEqual([]);
	});
});

describe('a list of the mailbox that fails', () => {
	const rows = Array.from({ length: 20 }, (_, index) => ({
		name: `${index}`,
		email: `${index}@example.com`,
	}));

	it('fails the row that asked for it, and no other', async () => {
		sandbox.fail({ api: 'mail.contact.list', on: [1, 2, 3], with: { status: 500, code: 1230003 } });
		const { outputs } = await upsert(rows, {}, continues);
		expect(outcomes(outputs)).toEqual([
			expect.stringContaining('internal fault'),
			...Array<string>(19).fill('created'),
		]);
	});

	it('because its row does not wait for the quota, fails only that row', async () => {
		const full = { code: 99991400, headers: { 'x-ogw-ratelimit-reset': '30' } };
		sandbox.fail({ api: 'mail.contact.list', on: 1, with: full });
		const { outputs } = await upsert(
			rows,
			{ options: { maxWait: '={{ $itemIndex === 0 ? 0 : 60 }}' } },
			continues,
		);
		expect(outcomes(outputs)).toEqual([
			expect.stringContaining("'Max Wait (Seconds)'"),
			...Array<string>(19).fill('created'),
		]);
	});

	it('because an option of its row is no number, fails only that row', async () => {
		const options = { timeout: "={{ $itemIndex === 0 ? 'soon' : 60 }}" };
		const { outputs } = await upsert(rows, { options }, continues);
		expect(outcomes(outputs)).toEqual([
			expect.stringContaining("'Timeout (Seconds)'"),
			...Array<string>(19).fill('created'),
		]);
	});

	it('because Feishu refuses it for good, is asked for once', async () => {
		const credential = await credentialOf(sandbox.tenant.addApp({ dataPermission: [] }));
		const { outputs } = await upsert(rows, {}, { ...continues, credential });
		expect(outcomes(outputs)).toEqual(
			Array(20).fill(expect.stringContaining('data permission for mailbox contacts')),
		);
		expect(sent('list')).toHaveLength(1);
	});
});

describe('several executions at once', () => {
	const row = (index: number) => ({
		name: `Person ${index}`,
		email: `p${index}@example.com`,
		phone: `${index}`,
	});
	const rows = Array.from({ length: 12 }, (_, index) => row(index));

	/** An execution that starts when the one before has its turn: which of two is first is not sure if they start together. */
	const upsertMeanwhile = async (items: IDataObject[]) =>
		await new Promise<Run>((resolve) => onRequest('mail.contact.list', 1, () => resolve(upsert(items))));

	it('give one contact a person: the second lists the mailbox when the first has written', async () => {
		const runs = await Promise.all([
			upsert(rows),
			upsertMeanwhile([...rows].reverse()),
			upsertMeanwhile(rows),
		]);
		expect(runs.map(({ outputs }) => new Set(outcomes(outputs)))).toEqual([
			new Set(['created']),
			new Set(['unchanged']),
			new Set(['unchanged']),
		]);
		expect(sandbox.mailbox.contacts).toHaveLength(12);
	});

	it('also with another credential for the same app, and the mailbox in capitals', async () => {
		const credential = await engine.addCredential({ appId: ` ${sandbox.app.id} ` });
		const userMailboxId = sandbox.mailbox.address.toUpperCase();
		await Promise.all([upsert(rows), upsert(rows, { userMailboxId }, { credential })]);
		expect(sandbox.mailbox.contacts).toHaveLength(12);
	});

	it('work on two mailboxes in opposite orders without waiting for each other for ever', async () => {
		const other = sandbox.tenant.addMailbox('opposite@example.com');
		const boxes = [sandbox.mailbox.address, other.address];
		const rowsOf = (order: string[]) => order.flatMap((box) => rows.map((one) => ({ ...one, box })));
		const parameters = { userMailboxId: '={{ $json.box }}' };
		const runs = await Promise.all([
			upsert(rowsOf(boxes), parameters),
			upsert(rowsOf([...boxes].reverse()), parameters),
		]);
		expect(runs.map(({ status }) => status)).toEqual(['success', 'success']);
		expect([sandbox.mailbox.contacts.length, other.contacts.length]).toEqual([12, 12]);
	});

	it('do not wait for each other on different mailboxes', async () => {
		const other = sandbox.tenant.addMailbox('elsewhere@example.com');
		const hanging = sandbox.fail({
			api: 'mail.contact.create',
			mailbox: sandbox.mailbox.address,
			with: { kind: 'hang' },
		});
		let cancel = () => {};
		const first = upsert([row(0)], {}, { started: (execution) => (cancel = () => execution.cancel()) });
		await until(() => hanging.fired > 0);
		const { status } = await upsert(rows, { userMailboxId: other.address });
		cancel();
		expect([status, (await first).status]).toEqual(['success', 'canceled']);
		expect(other.contacts).toHaveLength(12);
	});

	it('go on when the one before fails', async () => {
		sandbox.fail({ api: 'mail.contact.create', on: 1, with: { status: 400, code: 1230001 } });
		const runs = await Promise.all([upsert(rows), upsert(rows)]);
		const failed = runs.filter(({ error }) => error);
		expect(failed.map(({ error }) => error?.message)).toEqual([expect.stringContaining('does not accept')]);
		const done = runs.filter(({ error }) => !error);
		expect(done.map(({ outputs }) => outcomes(outputs))).toEqual([Array(12).fill('created')]);
	});

	it('end at once when they are cancelled while they wait, and leave the turn to the next one', async () => {
		const hanging = sandbox.fail({ api: 'mail.contact.create', on: 1, with: { kind: 'hang' } });
		const cancels: Array<() => void> = [];
		const started = ({ cancel }: { cancel(): void }) => cancels.push(cancel);
		const first = upsert([row(0)], {}, { started });
		await until(() => hanging.fired > 0);
		const second = upsert([row(0)], {}, { started });
		const third = upsert([row(0)]);
		await until(() => cancels.length === 2);
		const cancelledAt = Date.now();
		cancels[1]!();
		expect((await second).status).toBe('canceled');
		expect(Date.now() - cancelledAt).toBeLessThan(300);
		expect(sent('list')).toHaveLength(1);
		cancels[0]!();
		expect((await first).status).toBe('canceled');
		expect(outcomes((await third).outputs)).toEqual(['created']);
		expect(sandbox.mailbox.contacts).toHaveLength(1);
	});

	it('tell who had to wait for long', async () => {
		sandbox.setQuota('mail.contact.create', { limit: 10, window: 60 });
		const [first, second] = await Promise.all([upsert(rows), upsertMeanwhile(rows)]);
		const words = 'for other executions that were changing contacts of the same mailbox';
		expect(first.hints.map(({ message }) => message)).toEqual([expect.not.stringContaining(words)]);
		expect(second.hints.map(({ message }) => message)).toEqual([expect.stringContaining(words)]);
	});
});

describe('without the permission to see a field', () => {
	const stored = { mail_address: 'ann@example.com', phone: '1' };
	const rows = [
		{ name: 'New', email: 'new@example.com', phone: '2' },
		{ name: 'Ann', email: 'ann@example.com', company: 'Acme' },
	];

	it.each<[string, string[], INodeParameters, string, IDataObject[]?]>([
		['it is the one to match by', ['mail_address'], {}, 'mail_address'],
		['it is the phone to match by', ['phone'], { matchBy: 'phone' }, 'phone'],
		['a later row would lose the phone', ['phone'], {}, 'phone'],
		['only the first row would lose the phone', ['phone'], {}, 'phone', [...rows].reverse()],
		[
			'a later row would lose the email',
			['mail_address'],
			{ matchBy: 'name', additionalFields: { phone: '5' } },
			'mail_address',
		],
	])('the run stops before its first write where %s', async (_, hidden, parameters, named, items = rows) => {
		fill({ name: 'Ann', ...stored });
		const { outputs } = await upsert(items, parameters, {
			credential: await appWithout(...hidden),
			...continues,
		});
		expect(outputs[0]!.some(({ json }) => String(json.error).includes(`mail_contact.${named}:read`))).toBe(
			true,
		);
		expect(sent('create')).toEqual([]);
		expect(sent('patch')).toEqual([]);
		expect(sandbox.mailbox.contacts).toMatchObject([stored]);
	});

	it('an empty mailbox is filled', async () => {
		const { outputs } = await upsert(rows, {}, { credential: await appWithout('mail_address', 'phone') });
		expect(outcomes(outputs)).toEqual(['created', 'created']);
	});

	it('a row fails that cannot be found after the list was needed again, and what it says is true', async () => {
		sandbox.fail({ api: 'mail.contact.create', on: 3, with: { kind: 'reset', when: 'after' } });
		const people = ['a', 'b', 'c', 'c'].map((name) => ({ name, email: `${name}@example.com` }));
		const { outputs } = await upsert(
			people,
			{},
			{ credential: await appWithout('mail_address'), ...continues },
		);
		expect(outcomes(outputs)).toEqual([
			'created',
			'created',
			expect.stringContaining('It is unknown'),
			expect.stringContaining('mail_contact.mail_address:read'),
		]);
		const { description } = outputs[0]![3]!.json.details as IDataObject;
		expect(description).toContain('Nothing was written for this item.');
		expect(description).not.toContain('Nothing was changed');
		expect(sandbox.mailbox.contacts).toHaveLength(3);
	});

	it('a contact that was created without an answer keeps what the run knows that it has', async () => {
		sandbox.fail({ api: 'mail.contact.create', on: 1, with: { kind: 'reset', when: 'after' } });
		const { outputs } = await upsert(
			[
				{ name: 'Ann', email: 'ann@example.com', phone: '1' },
				{ name: 'Ann', tag: 'vip' },
			],
			{ matchBy: 'name' },
			{ credential: await appWithout('mail_address', 'phone'), ...continues },
		);
		expect(outcomes(outputs)).toEqual(['created', 'updated']);
		expect(sandbox.mailbox.contacts).toMatchObject([{ ...stored, name: 'Ann' }]);
	});

	it('a later row never erases what an update without an answer may have set', async () => {
		const credential = await appWithout('phone');
		sandbox.fail({ api: 'mail.contact.patch', on: [1, 2, 3], with: { kind: 'reset', when: 'after' } });
		const row = { name: 'Ann', email: 'ann@example.com' };
		const { outputs } = await upsert(
			[
				{ ...row, phone: '1' },
				{ ...row, phone: '2' },
				{ ...row, tag: 'vip' },
			],
			{},
			{ credential, ...continues },
		);
		expect(outcomes(outputs)).toEqual([
			'created',
			expect.stringContaining('may or may not'),
			expect.stringContaining('mail_contact.phone:read'),
		]);
		expect(sandbox.mailbox.contacts).toMatchObject([{ phone: '2' }]);
	});

	it('rows that set it are written', async () => {
		fill({ name: 'Ann', ...stored });
		const row = { name: 'Ann', email: 'ann@example.com', phone: '9' };
		const { outputs } = await upsert([row], {}, { credential: await appWithout('phone') });
		expect(outcomes(outputs)).toEqual(['updated']);
		expect(sandbox.mailbox.contacts).toMatchObject([{ ...stored, phone: '9' }]);
	});

	it('a row of another mailbox does not hinder those of this one', async () => {
		fill({ name: 'Ann', ...stored });
		const other = sandbox.tenant.addMailbox('hidden@example.com');
		const { outputs } = await upsert(
			[
				{ ...rows[0], box: sandbox.mailbox.address },
				{ ...rows[1], box: other.address },
			],
			{ userMailboxId: '={{ $json.box }}' },
			{ credential: await appWithout('phone') },
		);
		expect(outcomes(outputs)).toEqual(['created', 'created']);
	});

	it.each<[string, INodeParameters, string]>([
		[
			'a mailbox that cannot be',
			{ userMailboxId: "={{ $itemIndex === 1 ? 'me' : $json.box }}" },
			"'Mailbox'",
		],
		['a name that is too long', { name: "={{ 'x'.repeat($itemIndex === 1 ? 65 : 3) }}" }, "'Name'"],
	])('a row with %s does not hinder the others', async (_, parameters, words) => {
		fill({ name: 'Ann', ...stored });
		const items = [rows[0], rows[0], rows[0]].map((row) => ({ ...row, box: sandbox.mailbox.address }));
		const { outputs } = await upsert(items, parameters, {
			credential: await appWithout('phone'),
			...continues,
		});
		expect(outcomes(outputs)).toEqual(['created', expect.stringContaining(words), 'updated']);
	});

	it('a field that Feishu shows empty is known to be empty', async () => {
		fill({ name: 'Ann', mail_address: 'ann@example.com', phone: '' });
		const { outputs } = await upsert([rows[1]!]);
		expect(outcomes(outputs)).toEqual(['updated']);
	});

	it('Keep Other Fields switched off writes what is set', async () => {
		fill({ name: 'Ann', ...stored });
		const { outputs } = await upsert(
			[rows[1]!],
			{ options: { keepOtherFields: false } },
			{
				credential: await appWithout('phone'),
			},
		);
		expect(outcomes(outputs)).toEqual(['updated']);
	});

	it('a row with Keep Other Fields switched off does not hinder the others', async () => {
		fill({ name: 'Ann', ...stored });
		const { outputs } = await upsert(
			rows,
			{ options: { keepOtherFields: '={{ $itemIndex === 0 }}' } },
			{ credential: await appWithout('phone') },
		);
		expect(outcomes(outputs)).toEqual(['created', 'updated']);
	});
});

describe('two hundred rows, sixty of them repeats, into a mailbox of five hundred contacts', () => {
	const rows = Array.from({ length: 200 }, (_, index) => {
		// 70 of the mailbox, 70 new ones, then 60 repeats of both in capitals.
		const person = index < 140 ? index : index - 100;
		const email = person < 70 ? `p${person}@example.com` : `new${person}@example.com`;
		return {
			name: `行 ${index}`,
			email: index < 140 ? email : email.toUpperCase(),
			company: `公司 ${index}`,
		};
	});

	beforeEach(() => {
		fill(
			...Array.from({ length: 500 }, (_, index) => ({
				name: `联系人 ${index}`,
				mail_address: `p${index}@example.com`,
				phone: `+86 ${index}`,
			})),
		);
	});

	it('gives one contact a person, in the fewest requests, and again changes only what differs', async () => {
		for (const api of ['list', 'create', 'patch'] as const) {
			sandbox.setQuota(`mail.contact.${api}`, { limit: 20, window: 60 });
		}
		const accepted = () =>
			(['list', 'create', 'patch'] as const).map((api) => sent(api).filter(({ code }) => code === 0).length);
		const { outputs } = await upsert(rows);
		expect(outcomes(outputs).filter((outcome) => outcome === 'created')).toHaveLength(70);
		expect(outcomes(outputs).filter((outcome) => outcome === 'updated')).toHaveLength(130);
		expect(outputs[0]!.map(({ json }) => json.company)).toEqual(rows.map(({ company }) => company));
		expect(accepted()).toEqual([25, 70, 130]);

		const { contacts } = sandbox.mailbox;
		const addresses = contacts.map(({ mail_address }) => mail_address!.toLowerCase());
		expect(contacts).toHaveLength(570);
		expect(new Set(addresses).size).toBe(570);
		expect(contacts.slice(0, 500).map(({ phone }) => phone)).toEqual(
			Array.from({ length: 500 }, (_, index) => `+86 ${index}`),
		);

		const afterwards = structuredClone(contacts);
		sandbox.requests.length = 0;
		const { outputs: again } = await upsert(rows);
		// Of the rows with a repeat, the first one has other values than the repeat has left.
		expect(outcomes(again).filter((outcome) => outcome === 'unchanged')).toHaveLength(80);
		expect(accepted()).toEqual([29, 0, 120]);
		expect(sandbox.mailbox.contacts).toEqual(afterwards);
	});
});
