import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { Sandbox, type Contact } from '../sandbox';
import { Engine, type RunOptions } from './engine';
import { VirtualTime } from './virtualTime';

let sandbox: Sandbox;
let engine: Engine;

beforeAll(async () => {
	sandbox = await Sandbox.start();
	engine = new Engine(sandbox);
});

beforeEach(() => {
	sandbox.clearFaults();
	sandbox.requests.length = 0;
	sandbox.mailbox.contacts.length = 0;
	sandbox.contactPatch = 'replace';
});

afterAll(async () => await sandbox.close());

const run = async (
	items: IDataObject[],
	parameters: INodeParameters = {},
	options: Partial<RunOptions> = {},
) =>
	await engine.run({
		parameters: {
			resource: 'contact',
			operation: 'upsert',
			userMailboxId: sandbox.mailbox.address,
			name: '={{ $json.name }}',
			additionalFields: {
				mailAddress: '={{ $json.email }}',
				phone: '={{ $json.phone }}',
				company: '={{ $json.company }}',
				tag: '={{ $json.tag }}',
			},
			...parameters,
		},
		items,
		...options,
	});

const fill = (...contacts: Array<Omit<Contact, 'id'>>) => {
	for (const [index, contact] of contacts.entries()) {
		sandbox.mailbox.contacts.push({ id: `id-${index}`, ...contact });
	}
};

const outcomes = (outputs: Awaited<ReturnType<typeof run>>['outputs']) =>
	outputs[0]!.map(({ json }) => json.outcome ?? json.error);

const sent = (api: 'list' | 'create' | 'patch') => sandbox.requestsTo(`mail.contact.${api}`);

const appWithout = async (...fields: string[]) => {
	const hidden = fields.map((field) => `mail:user_mailbox.mail_contact.${field}:read`);
	const scopes = [...sandbox.app.scopes].filter((scope) => !hidden.includes(scope));
	const app = sandbox.tenant.addApp({ scopes });
	return await engine.addCredential({ appId: app.id, appSecret: app.secret });
};

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
		const { outputs } = await run([{ ...row, company: '新公司' }], { matchBy });
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
			await run([{ name: 'Ann B.', email: 'ann@example.com', phone: '', tag: null }]);
			expect(sandbox.mailbox.contacts[0]).toMatchObject({ ...before, name: 'Ann B.' });
		},
	);

	it('sends only what is set with Keep Other Fields switched off', async () => {
		fill({ name: 'Ann', mail_address: 'ann@example.com', phone: '1' });
		await run([{ name: 'Ann', email: 'ann@example.com' }], { options: { keepOtherFields: false } });
		expect(sent('patch')[0]!.body).toEqual({ name: 'Ann', mail_address: 'ann@example.com' });
	});

	it('takes an id from the list, not from the name', async () => {
		fill({ name: 'Ann', mail_address: 'ann@example.com' });
		await run([{ name: 'Ann', email: 'other@example.com' }]);
		expect(sandbox.mailbox.contacts.map(({ name }) => name)).toEqual(['Ann', 'Ann']);
	});
});

describe('a row that comes again in the same run', () => {
	it('updates the contact that the first one has created', async () => {
		const { outputs } = await run([
			{ name: 'Ann', email: 'ann@example.com', company: 'Acme' },
			{ name: 'Bob', email: 'bob@example.com' },
			{ name: 'Ann', email: 'Ann@Example.com', tag: 'vip' },
		]);
		expect(outcomes(outputs)).toEqual(['created', 'created', 'updated']);
		expect(sandbox.mailbox.contacts).toHaveLength(2);
		expect(sandbox.mailbox.contacts[0]).toMatchObject({ company: 'Acme', tag: 'vip' });
		expect(sent('list')).toHaveLength(1);
	});

	it('may be found by another field than the first one', async () => {
		const { outputs } = await run(
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

	it('also where the answers show neither email nor phone', async () => {
		const credential = await appWithout('mail_address', 'phone');
		const { outputs } = await run(
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
		const { outputs } = await run(
			[
				{ name: 'Ann', email: 'ann@example.com' },
				{ name: 'Bob', email: 'bob@example.com' },
				{ name: 'Ann', email: 'ann@example.com' },
			],
			{},
			{ onError: 'continueRegularOutput' },
		);
		expect(outcomes(outputs)).toEqual([expect.stringContaining('It is unknown'), 'created', 'updated']);
		expect(sandbox.mailbox.contacts.map(({ name }) => name)).toEqual(['Ann', 'Bob']);
		expect(sent('list')).toHaveLength(2);
	});

	it('is created where the first one never was', async () => {
		sandbox.fail({ api: 'mail.contact.create', with: { kind: 'reset', when: 'before' } });
		const row = { name: 'Ann', email: 'ann@example.com' };
		const { outputs } = await run([row, row], {}, { onError: 'continueRegularOutput' });
		expect(outcomes(outputs)).toEqual([expect.stringContaining('It is unknown'), 'created']);
		expect(sandbox.mailbox.contacts).toHaveLength(1);
	});

	it('does not list again because Feishu refused the first one', async () => {
		sandbox.fail({ api: 'mail.contact.create', with: { status: 400, code: 1230001 } });
		const row = { name: 'Ann', email: 'ann@example.com' };
		const { outputs } = await run([row, row], {}, { onError: 'continueRegularOutput' });
		expect(outcomes(outputs)).toEqual([expect.stringContaining('does not accept'), 'created']);
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
		const { error } = await run([{ name: 'C', email: 'x@example.com' }]);
		expect(error?.message).toBe("2 contacts have the email 'x@example.com'");
		expect(error?.description).toContain('Ann (ID id-0), Bob (ID id-1)');
		expect(sent('patch')).toEqual([]);
		expect(sent('create')).toEqual([]);
	});

	it('updates the first of them if told to', async () => {
		const { outputs } = await run([{ name: 'C', email: 'x@example.com' }], {
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
		const { error } = await run([row], parameters);
		expect(error?.message).toContain(message);
		expect(sandbox.requests).toEqual([]);
	});
});

describe('without the permission to see a field', () => {
	const stored = { mail_address: 'ann@example.com', phone: '1' };
	const rows = [
		{ name: 'New', email: 'new@example.com', phone: '2' },
		{ name: 'Ann', email: 'ann@example.com' },
	];

	it.each([
		['it is the one to match by', ['mail_address'], {}, 'mail_address'],
		['it is the phone to match by', ['phone'], { matchBy: 'phone' }, 'phone'],
		['a later row would lose the phone', ['phone'], {}, 'phone'],
		[
			'a later row would lose the email',
			['mail_address'],
			{ matchBy: 'name', additionalFields: { phone: '5' } },
			'mail_address',
		],
	])('the run stops before its first write where %s', async (_, hidden, parameters, named) => {
		fill({ name: 'Ann', ...stored });
		const { outputs } = await run(rows, parameters, {
			credential: await appWithout(...hidden),
			onError: 'continueRegularOutput',
		});
		expect(outputs[0]!.some(({ json }) => String(json.error).includes(`mail_contact.${named}:read`))).toBe(
			true,
		);
		expect(sent('create')).toEqual([]);
		expect(sent('patch')).toEqual([]);
		expect(sandbox.mailbox.contacts).toMatchObject([stored]);
	});

	it('an empty mailbox is filled', async () => {
		const { outputs } = await run(rows, {}, { credential: await appWithout('mail_address', 'phone') });
		expect(outcomes(outputs)).toEqual(['created', 'created']);
	});

	it('rows that set it are written', async () => {
		fill({ name: 'Ann', ...stored });
		const row = { name: 'Ann', email: 'ann@example.com', phone: '9' };
		const { outputs } = await run([row], {}, { credential: await appWithout('phone') });
		expect(outcomes(outputs)).toEqual(['updated']);
		expect(sandbox.mailbox.contacts).toMatchObject([{ ...stored, phone: '9' }]);
	});

	it('a field that Feishu shows empty is known to be empty', async () => {
		fill({ name: 'Ann', mail_address: 'ann@example.com', phone: '' });
		const { outputs } = await run([rows[1]!]);
		expect(outcomes(outputs)).toEqual(['updated']);
	});

	it('Keep Other Fields switched off writes what is set', async () => {
		fill({ name: 'Ann', ...stored });
		const { outputs } = await run(
			[rows[1]!],
			{ options: { keepOtherFields: false } },
			{
				credential: await appWithout('phone'),
			},
		);
		expect(outcomes(outputs)).toEqual(['updated']);
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

	it('gives one contact a person, in the fewest requests, and again only updates', async () => {
		const time = new VirtualTime();
		for (const api of ['list', 'create', 'patch'] as const) {
			sandbox.setQuota(`mail.contact.${api}`, { limit: 20, window: 60 });
		}
		try {
			const accepted = () =>
				(['list', 'create', 'patch'] as const).map(
					(api) => sent(api).filter(({ code }) => code === 0).length,
				);
			const { outputs } = await run(rows);
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
			const { outputs: again } = await run(rows);
			expect(new Set(outcomes(again))).toEqual(new Set(['updated']));
			expect(accepted()).toEqual([29, 0, 200]);
			expect(sandbox.mailbox.contacts).toEqual(afterwards);
		} finally {
			for (const api of ['list', 'create', 'patch'] as const) sandbox.setQuota(`mail.contact.${api}`, null);
			time.end();
		}
	});
});
