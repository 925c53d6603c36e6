import type { Contact } from '../sandbox';
import { appWithout, bodies, connected, continues, credentialOf, locate, runOn, sandbox } from './stage';
import { until } from './until';

const run = runOn('contact');

const fill = (count: number, change: (index: number) => Partial<Contact> = () => ({})) => {
	for (let index = 0; index < count; index++) {
		sandbox.mailbox.contacts.push({
			id: `id-${index}`,
			name: `联系人 ${index}`,
			mail_address: `p${index}@example.com`,
			phone: `+86 ${index}`,
			...change(index),
		});
	}
};

const ids = (items: Array<{ json: unknown }> = []) => items.map(({ json }) => (json as Contact).id);

const idsFrom = (from: number, to: number) =>
	Array.from({ length: to - from }, (_, index) => `id-${from + index}`);

const pageSizes = () => sandbox.requestsTo('mail.contact.list').map(({ query }) => Number(query.page_size));

const list = (id: string) => ({ ...locate('list', id), cachedResultName: 'somebody' });
const byEmail = (value: string) => locate('mailAddress', value);
const byName = (value: string) => locate('name', value);

describe('Contact: Get Many', () => {
	it.each([
		['all', { returnAll: true }, 45, [20, 20, 20]],
		['a limit that fills pages', { limit: 40 }, 40, [20, 20]],
		['a limit that is no multiple of a page', { limit: 45 }, 45, [20, 20, 5]],
		['a limit below a page', { limit: 3 }, 3, [3]],
		['a limit above what there is', { limit: 100 }, 45, [20, 20, 20]],
		['50, unless something else is set', {}, 45, [20, 20, 10]],
	])('gives %s, and reads no more pages than that needs', async (_, parameters, count, sizes) => {
		fill(45);
		const { outputs } = await run('getAll', parameters);
		expect(ids(outputs[0])).toEqual(idsFrom(0, count));
		expect(pageSizes()).toEqual(sizes);
	});

	it('gives the contacts as Feishu has them, paired with the item that asked', async () => {
		fill(2);
		const { outputs } = await run('getAll', { limit: 2 }, { items: [{}, {}] });
		expect(outputs[0]!.map(({ json }) => json)).toEqual([
			...sandbox.mailbox.contacts,
			...sandbox.mailbox.contacts,
		]);
		expect(outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual([0, 0, 1, 1].map((item) => ({ item })));
	});

	it('gives nothing for an empty address book', async () => {
		const { outputs, status } = await run('getAll', { returnAll: true });
		expect(status).toBe('success');
		expect(outputs[0]).toEqual([]);
	});

	it.each([
		['name', { name: 'SMITH' }, ['id-1', 'id-3']],
		['email', { mailAddress: '@Acme' }, ['id-2']],
		['company', { company: 'acme' }, ['id-1']],
		['tag, as a whole', { tag: ' vip ' }, ['id-0', 'id-3']],
		['tag and name', { tag: 'vip', name: 'smith' }, ['id-3']],
		['an empty text: everything', { name: '' }, ['id-0', 'id-1', 'id-2', 'id-3']],
	])('filters by %s', async (_, filters, found) => {
		fill(4, (index) => ({
			name: ['张三', 'Ann Smith', 'Bob', 'Carl Smithers'][index],
			mail_address: `p${index}@${index === 2 ? 'acme.com' : 'example.com'}`,
			company: index === 1 ? 'Acme Ltd.' : undefined,
			tag: ['VIP', 'vip-2', undefined, 'vip'][index],
		}));
		const { outputs } = await run('getAll', { returnAll: true, filters });
		expect(ids(outputs[0])).toEqual(found);
	});

	it.each(['NFC', 'NFD'])('finds a name with an accent in another Unicode form: %s', async (form) => {
		fill(3, (index) => (index === 1 ? { name: 'José'.normalize(form === 'NFC' ? 'NFD' : 'NFC') } : {}));
		const { outputs } = await run('getAll', { filters: { name: 'josé'.normalize(form) } });
		expect(ids(outputs[0])).toEqual(['id-1']);
	});

	it('stops to read pages when the filters have let enough through', async () => {
		fill(100, (index) => ({ tag: index % 10 === 0 ? 'tenth' : 'other' }));
		const { outputs } = await run('getAll', { limit: 3, filters: { tag: 'tenth' } });
		expect(ids(outputs[0])).toEqual(['id-0', 'id-10', 'id-20']);
		expect(pageSizes()).toEqual([20, 20]);
	});

	it('names the permission where a filter looks at a field that Feishu hides', async () => {
		fill(3);
		const credential = await appWithout('mail_address');
		const { error } = await run(
			'getAll',
			{ returnAll: true, filters: { mailAddress: '@example.com' } },
			{ credential },
		);
		expect(error?.message).toContain("'mail:user_mailbox.mail_contact.mail_address:read'");
	});

	it.each([0, -1, 1.5, 'many', '', null])('refuses the limit %p before anything is sent', async (limit) => {
		const { error } = await run('getAll', { limit: limit as number });
		expect(error?.message).toContain("'Limit' must be a whole number above 0");
		expect(sandbox.requests).toEqual([]);
	});

	it('takes a limit as text, as expressions give it', async () => {
		fill(5);
		const { outputs } = await run('getAll', { limit: '={{ "2" }}' });
		expect(ids(outputs[0])).toEqual(['id-0', 'id-1']);
	});

	it('is a read: tries again after a fault, and goes on where it was', async () => {
		fill(45);
		sandbox.fail({ api: 'mail.contact.list', on: 2, with: { kind: 'reset', when: 'before' } });
		const { outputs } = await run('getAll', { returnAll: true });
		expect(ids(outputs[0])).toEqual(idsFrom(0, 45));
	});

	it.each([
		['comes although there is no more', { items: [], has_more: false, page_token: 'more' }, 1],
		['comes without a list', { has_more: false }, 1],
	])('ends where the page token %s', async (_, data, requests) => {
		sandbox.fail({ api: 'mail.contact.list', on: () => true, with: { code: 0, data } });
		const { status, outputs } = await run('getAll', { returnAll: true });
		expect([status, outputs[0]]).toEqual(['success', []]);
		expect(sandbox.requestsTo('mail.contact.list')).toHaveLength(requests);
	});

	it('goes on after a page without contacts', async () => {
		sandbox.fail({
			api: 'mail.contact.list',
			with: { code: 0, data: { items: [], has_more: true, page_token: 'next' } },
		});
		sandbox.fail({ api: 'mail.contact.list', with: { code: 0, data: { items: [{ id: 'id-9' }] } } });
		const { outputs } = await run('getAll', { returnAll: true });
		expect(ids(outputs[0])).toEqual(['id-9']);
	});
});

describe('Contact: Update', () => {
	const before = { company: 'Acme', tag: 'vip', remark: '老客户', position: '经理' };

	beforeEach(() => fill(3, () => before));

	describe.each(['keep', 'replace'] as const)('where Feishu %ss fields that are left out', (patch) => {
		beforeEach(() => {
			sandbox.contactPatch = patch;
		});

		it('changes what is set and keeps everything else', async () => {
			const { outputs } = await run('update', {
				contactId: list('id-1'),
				name: '李四',
				updateFields: { company: '新公司', phone: '+1 23' },
			});
			const fields = {
				...before,
				name: '李四',
				mail_address: 'p1@example.com',
				company: '新公司',
				phone: '+1 23',
			};
			expect(sandbox.mailbox.contacts[1]).toMatchObject({ id: 'id-1', ...fields });
			expect(outputs[0]![0]!.json).toEqual({ id: 'id-1', ...fields });
			expect(sandbox.mailbox.contacts[2]).toMatchObject(before);
		});

		it('clears a field that is added and left empty', async () => {
			await run('update', { contactId: list('id-1'), name: 'A', updateFields: { tag: '' } });
			expect(sandbox.mailbox.contacts[1]).toMatchObject({ ...before, tag: '' });
			expect(bodies('mail.contact.patch')[0]).toMatchObject({ tag: '' });
		});

		it('lists the mailbox once for all items, and knows what it has changed', async () => {
			await run(
				'update',
				{
					contactId: '={{ $json.id }}',
					name: '={{ $json.name }}',
					updateFields: { company: '={{ $json.company }}', tag: '={{ $json.tag }}' },
				},
				{
					items: [
						{ id: 'id-0', name: 'A', company: 'One' },
						{ id: 'id-0', name: 'A', tag: 'two' },
						{ id: 'id-2', name: 'C' },
					],
				},
			);
			expect(sandbox.requestsTo('mail.contact.list')).toHaveLength(1);
			expect(sandbox.mailbox.contacts[0]).toMatchObject({ ...before, name: 'A', company: 'One', tag: 'two' });
			expect(sandbox.mailbox.contacts[2]).toMatchObject({ ...before, name: 'C' });
		});
	});

	it('builds on what became of an update whose answers were lost', async () => {
		sandbox.contactPatch = 'replace';
		sandbox.fail({ api: 'mail.contact.patch', on: [1, 2, 3], with: { kind: 'reset', when: 'after' } });
		const { outputs } = await run(
			'update',
			{
				contactId: 'id-0',
				name: 'A',
				updateFields: { company: '={{ $json.company }}', tag: '={{ $json.tag }}' },
			},
			{ items: [{ company: 'New' }, { tag: 'new' }], ...continues },
		);
		expect(outputs[0]![0]!.json.error).toContain('may or may not have carried out');
		expect(sandbox.mailbox.contacts).toMatchObject([{ company: 'New', tag: 'new', phone: '+86 0' }, {}, {}]);
	});

	it('sends only what is set, and lists nothing, with Keep Other Fields switched off', async () => {
		const { outputs } = await run('update', {
			contactId: list('id-1'),
			name: 'B',
			updateFields: { tag: 'new' },
			options: { keepOtherFields: false },
		});
		expect(sandbox.requestsTo('mail.contact.list')).toEqual([]);
		expect(bodies('mail.contact.patch')[0]).toEqual({ name: 'B', tag: 'new' });
		expect(outputs[0]![0]!.json).toEqual({ id: 'id-1', name: 'B', tag: 'new' });
	});

	it('leaves out what an expression gives no value for', async () => {
		await run('update', {
			contactId: list('id-1'),
			name: 'B',
			updateFields: { tag: '={{ null }}', company: '={{ undefined }}' },
			options: { keepOtherFields: false },
		});
		expect(bodies('mail.contact.patch')[0]).toEqual({ name: 'B' });
	});

	it.each([
		['a list', list('id-1')],
		['an ID', locate('id', ' id-1 ')],
		['an expression that gives a text', '={{ "id-1" }}'],
	])('takes the contact from %s', async (_, contactId) => {
		const { outputs } = await run('update', { contactId, name: 'B' });
		expect(outputs[0]![0]!.json.id).toBe('id-1');
	});

	it.each([
		['is empty', locate('id', '={{ "" }}'), "'Contact' is empty"],
		['is nobody', list('id-9'), "the mailbox has no contact with the ID 'id-9'"],
		['has a name that is too long', undefined, "'Name' has 65 characters"],
	])('writes nothing where the contact %s', async (_, contactId, message) => {
		const { error } = await run('update', {
			contactId: contactId ?? list('id-1'),
			name: contactId ? 'B' : '长'.repeat(65),
		});
		expect(error?.message).toContain(message);
		expect(sandbox.requestsTo('mail.contact.patch')).toEqual([]);
	});

	it.each([
		['mail_address', { phone: '1' }],
		['phone', { mailAddress: 'new@example.com' }],
	] as const)('stops before the first write where %s is hidden and would be lost', async (field, known) => {
		const items = [{ id: 'id-9' }, { id: 'id-0' }, { id: 'id-1' }];
		const credential = await appWithout(field);
		const { outputs } = await run(
			'update',
			{ contactId: '={{ $json.id }}', name: 'B', updateFields: known },
			{ credential, items, ...continues },
		);
		expect(outputs[0]!.map(({ json }) => json.error)).toEqual(
			items.map(() => expect.stringContaining(`'mail:user_mailbox.mail_contact.${field}:read'`)),
		);
		expect(sandbox.requestsTo('mail.contact.patch')).toEqual([]);
		expect(sandbox.requestsTo('mail.contact.list')).toHaveLength(1);
	});

	it('writes what is set with Keep Other Fields switched off, which does not hinder other items', async () => {
		const { status } = await run(
			'update',
			{
				contactId: '={{ $json.id }}',
				name: 'B',
				updateFields: { phone: '={{ $json.phone }}' },
				options: { keepOtherFields: '={{ $itemIndex === 0 }}' },
			},
			{ credential: await appWithout('phone'), items: [{ id: 'id-0', phone: '1' }, { id: 'id-1' }] },
		);
		expect(status).toBe('success');
		expect(bodies('mail.contact.patch')).toEqual([
			{ ...before, name: 'B', mail_address: 'p0@example.com', phone: '1' },
			{ name: 'B' },
		]);
	});

	it('needs no permission to see what every item sets', async () => {
		const credential = await appWithout('mail_address', 'phone');
		const { status } = await run(
			'update',
			{ contactId: 'id-1', name: 'B', updateFields: { phone: '1', mailAddress: 'new@example.com' } },
			{ credential },
		);
		expect(status).toBe('success');
		expect(sandbox.mailbox.contacts[1]).toMatchObject({
			...before,
			phone: '1',
			mail_address: 'new@example.com',
		});
	});
});

describe('Contact: Update without a name', () => {
	beforeEach(() => fill(1, () => ({ company: 'Acme' })));

	it.each([{}, { name: '' }, { name: '={{ null }}' }])('keeps the old one: %j', async (parameters) => {
		sandbox.contactPatch = 'replace';
		const { outputs } = await run('update', {
			contactId: 'id-0',
			updateFields: { company: 'New' },
			...parameters,
		});
		expect(outputs[0]![0]!.json).toMatchObject({ id: 'id-0', name: '联系人 0', company: 'New' });
		expect(sandbox.mailbox.contacts[0]).toMatchObject({ name: '联系人 0', phone: '+86 0', company: 'New' });
	});

	it.each([list('id-0'), byName('联系人 0')])(
		'asks for one with Keep Other Fields switched off: %j',
		async (contactId) => {
			const { error } = await run('update', { contactId, options: { keepOtherFields: false } });
			expect(error?.message).toBe("'Name' is empty");
			expect(sandbox.requests).toEqual([]);
		},
	);
});

describe.each([
	['update', { updateFields: { tag: 'vip' } }],
	['update', { name: 'B', options: { keepOtherFields: false } }],
	['delete', {}],
] as const)('a contact chosen by email or name: %s with %j', (operation, parameters) => {
	const api = operation === 'update' ? 'mail.contact.patch' : 'mail.contact.delete';
	const written = () => sandbox.requestsTo(api).map(({ path }) => path.split('/').at(-1));
	const nobody = /^'Contact': the mailbox has no contact with the (email|name) '.+'$/;

	beforeEach(() => fill(30, (index) => (index === 25 ? { name: 'José'.normalize('NFC') } : {})));

	it.each([
		['email', byEmail('p25@example.com')],
		['email in capitals and between blanks', byEmail(' P25@Example.COM ')],
		['name', byName('José'.normalize('NFC'))],
		['name in capitals and another Unicode form', byName('JOSÉ'.normalize('NFD'))],
	])('is found by its %s', async (_, contactId) => {
		const { outputs } = await run(operation, { contactId, ...parameters });
		expect(outputs[0]![0]!.json).toMatchObject({ id: 'id-25' });
		if (operation === 'delete') expect(outputs[0]![0]!.json).toEqual({ deleted: true, id: 'id-25' });
		expect(written()).toEqual(['id-25']);
	});

	it('is looked up in one list for all items', async () => {
		const items = [7, 8, 9].map((index) => ({ email: `p${index}@example.com` }));
		await run(operation, { contactId: byEmail('={{ $json.email }}'), ...parameters }, { items });
		expect(written()).toEqual(['id-7', 'id-8', 'id-9']);
		expect(pageSizes()).toEqual([20, 20]);
	});

	it.each([byEmail('nobody@example.com'), byName('联系人')])(
		'is refused where there is none: %j',
		async (contactId) => {
			const { error } = await run(operation, { contactId, ...parameters });
			expect(error?.message).toMatch(nobody);
			expect(written()).toEqual([]);
		},
	);

	it('is refused where several match, and they are named', async () => {
		sandbox.mailbox.contacts[3]!.mail_address = 'P5@example.com';
		const { error } = await run(operation, { contactId: byEmail('p5@example.com'), ...parameters });
		expect(error?.message).toBe("2 contacts have the email 'p5@example.com'");
		expect(error?.description).toContain('联系人 3 (ID id-3), 联系人 5 (ID id-5)');
		expect(written()).toEqual([]);
	});

	it('is refused where Feishu hides what it is found by, and the permission is named', async () => {
		const { error } = await run(
			operation,
			{ contactId: byEmail('p5@example.com'), ...parameters },
			{ credential: await appWithout('mail_address') },
		);
		expect(error?.message).toContain("'Contact' is to be found by 'Email', which Feishu does not show");
		expect(error?.message).toContain("'mail:user_mailbox.mail_contact.mail_address:read'");
		expect(written()).toEqual([]);
	});
});

describe('Contact: Delete', () => {
	beforeEach(() => fill(3));

	it('of one that the run has deleted already is a failure that says so', async () => {
		const { outputs } = await run(
			'delete',
			{ contactId: byEmail('={{ $json.email }}') },
			{
				items: [{ email: 'p1@example.com' }, { email: 'P1@example.com' }, { email: 'p2@example.com' }],
				...continues,
			},
		);
		expect(outputs[0]!.map(({ json }) => json.deleted ?? json.error)).toEqual([
			true,
			"'Contact': the mailbox has no contact with the email 'P1@example.com'",
			true,
		]);
		expect(sandbox.requestsTo('mail.contact.delete')).toHaveLength(2);
	});

	it('of one that the run has deleted by its ID is such a failure, too', async () => {
		const { outputs } = await run(
			'delete',
			{ contactId: '={{ $json.contact }}' },
			{
				items: [byName('联系人 0'), { mode: 'id', value: 'id-1' }, byEmail('p1@example.com')].map(
					(contact) => ({ contact }),
				),
				...continues,
			},
		);
		expect(outputs[0]!.map(({ json }) => json.deleted ?? json.error)).toEqual([
			true,
			true,
			expect.stringContaining('no contact with the email'),
		]);
	});

	it('that nobody knows the outcome of is looked up for the next item', async () => {
		sandbox.fail({ api: 'mail.contact.delete', on: [1, 2, 3], with: { kind: 'reset', when: 'before' } });
		const { outputs } = await run(
			'delete',
			{ contactId: byEmail('p1@example.com') },
			{ items: [{}, {}, {}], ...continues },
		);
		expect(outputs[0]!.map(({ json }) => json.deleted ?? json.error)).toEqual([
			expect.stringContaining('may or may not have carried out'),
			true,
			expect.stringContaining('no contact with the email'),
		]);
		expect(pageSizes()).toEqual([20, 20]);
	});

	it('waits for another execution on the address book where it needs it, by ID it does not', async () => {
		const hanging = sandbox.fail({ api: 'mail.contact.patch', with: { kind: 'hang' } });
		let cancel = () => {};
		const other = run(
			'update',
			{ contactId: 'id-0', name: 'A' },
			{ started: (execution) => (cancel = () => execution.cancel()) },
		);
		await until(() => hanging.fired > 0);
		const byItsEmail = run('delete', { contactId: byEmail('p1@example.com') });
		expect((await run('delete', { contactId: list('id-2') })).status).toBe('success');
		expect(sandbox.mailbox.contacts.map(({ id }) => id)).toEqual(['id-0', 'id-1']);
		expect(pageSizes()).toEqual([20]);
		cancel();
		await other;
		expect((await byItsEmail).status).toBe('success');
		expect(sandbox.mailbox.contacts.map(({ id }) => id)).toEqual(['id-0']);
	});

	it('deletes the contact and says which', async () => {
		const { outputs } = await run('delete', { contactId: list('id-1') });
		expect(outputs[0]![0]!.json).toEqual({ deleted: true, id: 'id-1' });
		expect(sandbox.mailbox.contacts.map(({ id }) => id)).toEqual(['id-0', 'id-2']);
	});

	it('of one that is gone already is a failure that says so', async () => {
		const { outputs } = await run(
			'delete',
			{ contactId: '={{ $json.id }}' },
			{
				items: [{ id: 'id-1' }, { id: 'id-1' }, { id: 'id-2' }],
				...continues,
			},
		);
		expect(outputs[0]!.map(({ json }) => json.deleted ?? json.error)).toEqual([
			true,
			expect.stringContaining('it may have been deleted already'),
			true,
		]);
	});
});

describe.each([
	['getAll', 'mail.contact.list', { returnAll: true }],
	['update', 'mail.contact.patch', { contactId: 'id-1', name: 'B' }],
	['delete', 'mail.contact.delete', { contactId: 'id-1' }],
	['upsert', 'mail.contact.create', { name: 'New', mailAddress: 'new@example.com' }],
] as const)('Contact: %s, refused by Feishu', (operation, api, parameters) => {
	beforeEach(() => fill(3));

	it.each([
		[1230001, 400, /^Feishu does not (accept|find|know)/],
		[1230002, 403, /data permission for mailbox contacts/],
		[99991672, 400, /mail:user_mailbox\.mail_contact:(write|read)/],
		[99991403, 403, /monthly quota/],
	])('with code %i: says what to do, and the next item goes on', async (code, status, words) => {
		sandbox.fail({ api, with: { code, status, msg: 'refused' } });
		const { outputs } = await run(operation, parameters, {
			items: [{}, {}],
			...continues,
		});
		const [first, second] = outputs[0]!.map(({ json }) => json);
		expect(first).toMatchObject({
			error: expect.stringMatching(words),
			details: { code, httpCode: status, logId: expect.any(String) },
		});
		expect(second).not.toHaveProperty('error');
	});
});

describe.each([
	['patch', 'update', { id: 'id-1', name: 'B' }],
	['delete', 'delete', { deleted: true, id: 'id-1' }],
] as const)('a contact %s without an answer', (api, operation, result) => {
	beforeEach(() => fill(3));

	const lose = (when: 'before' | 'after', times: number) =>
		sandbox.fail({ api: `mail.contact.${api}`, on: () => true, times, with: { kind: 'reset', when } });

	it.each(['before', 'after'] as const)(
		'is sent again, up to three times (lost %s the work)',
		async (when) => {
			lose(when, 2);
			const { outputs } = await run(operation, { contactId: 'id-1', name: 'B' });
			expect(outputs[0]![0]!.json).toMatchObject(result);
			expect(sandbox.requestsTo(`mail.contact.${api}`)).toHaveLength(3);
			expect(sandbox.mailbox.contacts.map(({ name }) => name)).toEqual(
				api === 'patch' ? ['联系人 0', 'B', '联系人 2'] : ['联系人 0', '联系人 2'],
			);
		},
	);

	it('three times says that it may be run again', async () => {
		lose('after', 3);
		const { error } = await run(operation, { contactId: 'id-1', name: 'B' });
		expect(error?.message).toBe(
			'The connection was closed before an answer came, and Feishu may or may not have carried out the request: run it again later, which does nothing twice',
		);
		expect(sandbox.requestsTo(`mail.contact.${api}`)).toHaveLength(3);
	});
});

it('a list that Feishu refuses is asked for once in a run, not once for each item', async () => {
	fill(3);
	const credential = await credentialOf(sandbox.tenant.addApp({ dataPermission: [] }));
	const { outputs } = await run(
		'update',
		{ contactId: 'id-1', name: 'B' },
		{ credential, items: [{}, {}, {}], ...continues },
	);
	expect(outputs[0]!.map(({ json }) => json.error)).toEqual(
		Array(3).fill(expect.stringContaining('data permission for mailbox contacts')),
	);
	expect(sandbox.requestsTo('mail.contact.list')).toHaveLength(1);
});

it('a user works on the own mailbox', async () => {
	fill(1);
	const credential = await connected();
	const user = { userMailboxId: 'me' };
	await run('update', { ...user, contactId: 'id-0', name: 'B' }, { credential });
	const { outputs } = await run('getAll', { ...user, returnAll: true }, { credential });
	expect(outputs[0]![0]!.json).toMatchObject({ id: 'id-0', name: 'B', phone: '+86 0' });
});
