import type { AxiosInstance } from 'axios';

import type { Contact } from './index';
import { Sandbox } from './index';
import { connectSdk, mailboxPath, outcome, signIn } from './client';

let sandbox: Sandbox;
let client: AxiosInstance;

beforeEach(async () => {
	sandbox = await Sandbox.start();
	client = await signIn(sandbox);
});
afterEach(async () => await sandbox.close());

const path = mailboxPath('mail_contacts');
const full = {
	name: '张三',
	company: '张三科技有限公司',
	phone: '19912341234',
	mail_address: 'zhangsan@example.com',
	tag: '朋友',
	remark: '飞书发布会认识',
	position: 'CEO',
};

describe('contact create', () => {
	const create = async (body: unknown) => await client.post(path, body);

	it('stores the contact and answers with it', async () => {
		const { data } = await create({ ...full, unknown: 1 });
		const [contact] = sandbox.mailbox.contacts;
		expect(contact).toEqual({
			...full,
			id: expect.stringMatching(/^\d{19}$/) as string,
			avatar: expect.stringContaining('https://') as string,
		});
		expect(data).toEqual({ code: 0, msg: 'success', data: { mail_contact: contact } });
	});

	it('takes the same contact twice and gives each its own id', async () => {
		await create(full);
		await create(full);
		const ids = sandbox.mailbox.contacts.map(({ id }) => id);
		expect(new Set(ids).size).toBe(2);
	});

	it('leaves out what was not sent or was null', async () => {
		await create({ name: ' ', company: null });
		expect(Object.keys(sandbox.mailbox.contacts[0] ?? {})).toEqual(['id', 'name', 'avatar']);
	});

	it.each<[string, number]>([
		['name', 64],
		['company', 64],
		['phone', 40],
		['mail_address', 319],
		['tag', 64],
		['remark', 1000],
		['position', 64],
	])('takes a %s of %i code points and not one more', async (field, limit) => {
		const fits = await create({ ...full, [field]: '😀'.repeat(limit) });
		expect(outcome(fits)).toEqual([200, 0]);
		const tooLong = await create({ ...full, [field]: '😀'.repeat(limit) + 'x' });
		expect(outcome(tooLong)).toEqual([400, 1230001]);
		expect(tooLong.data).toMatchObject({ error: { field_violations: [{ field }] } });
		expect(sandbox.mailbox.contacts).toHaveLength(1);
	});

	it.each<[string, unknown]>([
		['no name', { company: 'x' }],
		['an empty name', { name: '' }],
		['the name null', { name: null }],
	])('refuses %s', async (_case, body) => {
		expect(outcome(await create(body))).toEqual([400, 1230001]);
	});

	it.each<[string, unknown]>([
		['name', 1],
		['phone', 19912341234],
		['tag', ['friend']],
		['remark', { text: 'x' }],
		['company', true],
	])('refuses a %s of another JSON type', async (field, value) => {
		const answer = await create({ ...full, [field]: value });
		expect(outcome(answer)).toEqual([400, 99992402]);
		expect(answer.data).toMatchObject({
			error: { field_violations: [{ field, value: JSON.stringify(value) }] },
		});
		expect(sandbox.mailbox.contacts).toEqual([]);
	});

	it.each([
		['mail_address', 'mail:user_mailbox.mail_contact.mail_address:read'],
		['phone', 'mail:user_mailbox.mail_contact.phone:read'],
	] as const)('stores %s but leaves it out of answers without its scope', async (field, scope) => {
		sandbox.app.scopes.delete(scope);
		const created = (await create(full)).data as { data: { mail_contact: Contact } };
		const listed = (await client.get(path, { params: { page_size: 20 } })).data as {
			data: { items: Contact[] };
		};
		const { [field]: hidden, ...visible } = sandbox.mailbox.contacts[0] as Contact;
		expect(hidden).toBe(full[field]);
		expect(created.data.mail_contact).toEqual(visible);
		expect(listed.data.items).toEqual([visible]);
	});
});

describe('contact list', () => {
	interface Page {
		items: Contact[];
		has_more: boolean;
		page_token?: string;
	}

	const list = async (params: Record<string, unknown>) => await client.get(path, { params });
	const page = async (params: Record<string, unknown>) => ((await list(params)).data as { data: Page }).data;
	const fill = (count: number) => {
		for (let n = 1; n <= count; n += 1)
			sandbox.mailbox.contacts.push({ id: String(n), name: `Contact ${n}` });
	};
	const ids = ({ items }: Page) => items.map(({ id }) => Number(id));

	it('is empty without contacts', async () => {
		expect(await page({ page_size: 20 })).toEqual({ items: [], has_more: false });
	});

	it.each([
		[20, 20, 1],
		[21, 20, 2],
		[5, 2, 3],
		[3, 1, 3],
	])('gives %i contacts in pages of %i: %i pages, each contact once', async (count, size, pages) => {
		fill(count);
		const seen: number[] = [];
		let current = await page({ page_size: size });
		let turned = 1;
		seen.push(...ids(current));
		while (current.has_more) {
			current = await page({ page_size: size, page_token: current.page_token });
			turned += 1;
			seen.push(...ids(current));
		}
		expect(current).not.toHaveProperty('page_token');
		expect(turned).toBe(pages);
		expect(seen).toEqual(sandbox.mailbox.contacts.map(({ id }) => Number(id)));
	});

	it('goes on after the last contact seen when earlier ones are gone', async () => {
		fill(5);
		const first = await page({ page_size: 2 });
		sandbox.mailbox.contacts.splice(0, 1);
		expect(ids(await page({ page_size: 2, page_token: first.page_token }))).toEqual([3, 4]);
	});

	it.each<[string, Record<string, unknown>, number]>([
		['no page size', {}, 1230001],
		['page size 0', { page_size: 0 }, 1230001],
		['page size 21', { page_size: 21 }, 1230001],
		['a negative page size', { page_size: -1 }, 1230001],
		['a page size that is no number', { page_size: 'ten' }, 99992402],
		['a page size with a fraction', { page_size: '1.5' }, 99992402],
		['an unknown page token', { page_size: 1, page_token: 'abc' }, 1230001],
		[
			'a page token of another mailbox',
			{ page_size: 1, page_token: Buffer.from('{"mailbox":"x","position":1}').toString('base64url') },
			1230001,
		],
	])('refuses %s', async (_case, params, code) => {
		expect(outcome(await list(params))).toEqual([400, code]);
	});
});

describe('contact patch', () => {
	const pathOf = (id: string) => mailboxPath('mail_contacts', 'user@example.com', id);
	const stored = { ...full, id: '1', avatar: 'https://example.com/a.png' };

	beforeEach(() => {
		sandbox.mailbox.contacts.push({ id: '0', name: 'other' }, { ...stored });
	});

	const patch = async (body: unknown, id = '1') => await client.patch(pathOf(id), body);

	it('changes what is sent and answers with nothing', async () => {
		const change = { ...full, name: '李四', phone: '', tag: 'family' };
		expect((await patch(change)).data).toEqual({ code: 0, msg: 'success', data: {} });
		expect(sandbox.mailbox.contacts).toEqual([
			{ id: '0', name: 'other' },
			{ ...stored, ...change },
		]);
	});

	it.each([
		['keep' as const, { ...stored, name: '李四', tag: 'family' }],
		['replace' as const, { id: '1', name: '李四', tag: 'family', avatar: stored.avatar }],
	])('with %s does that to the fields left out', async (mode, expected) => {
		sandbox.contactPatch = mode;
		await patch({ name: '李四', tag: 'family', company: null });
		expect(sandbox.mailbox.contacts[1]).toEqual(expected);
	});

	it('keeps fields left out unless it is told to replace', () => {
		expect(sandbox.contactPatch).toBe('keep');
	});

	it.each<[string, unknown, number]>([
		['no name', { tag: 'x' }, 1230001],
		['an empty name', { name: '' }, 1230001],
		['a name of 65 code points', { name: 'x'.repeat(65) }, 1230001],
		['a tag of 65 code points', { name: 'x', tag: 'x'.repeat(65) }, 1230001],
		['a tag of another JSON type', { name: 'x', tag: 1 }, 99992402],
	])('refuses %s', async (_case, body, code) => {
		expect(outcome(await patch(body))).toEqual([400, code]);
		expect(sandbox.mailbox.contacts[1]).toEqual(stored);
	});

	it('refuses an unknown contact, and one of another mailbox', async () => {
		sandbox.tenant.addMailbox('other@example.com').contacts.push({ id: '2', name: 'elsewhere' });
		for (const id of ['2', '3']) expect(outcome(await patch({ name: 'x' }, id))).toEqual([400, 1230001]);
	});

	it('and delete need no field scopes', async () => {
		sandbox.app.scopes.clear();
		sandbox.app.scopes.add('mail:user_mailbox.mail_contact:write');
		expect(outcome(await patch({ name: 'x', phone: '2' }))).toEqual([200, 0]);
		expect(sandbox.mailbox.contacts[1]).toMatchObject({ phone: '2', mail_address: full.mail_address });
		expect(outcome(await client.delete(pathOf('1')))).toEqual([200, 0]);
	});
});

describe('contact delete', () => {
	const pathOf = (id: string) => mailboxPath('mail_contacts', 'user@example.com', id);

	it('takes that contact only, and answers with nothing', async () => {
		for (const id of ['1', '2', '3']) sandbox.mailbox.contacts.push({ id, name: 'same' });
		const { data } = await client.delete(pathOf('2'));
		expect(data).toEqual({ code: 0, msg: 'success', data: {} });
		expect(sandbox.mailbox.contacts.map(({ id }) => id)).toEqual(['1', '3']);
		expect(outcome(await client.delete(pathOf('2')))).toEqual([400, 1230001]);
	});

	it('and patch are what the official SDK expects', async () => {
		const { userMailboxMailContact } = connectSdk(sandbox).mail.v1;
		sandbox.mailbox.contacts.push({ id: '1', name: 'old' });
		const path = { user_mailbox_id: 'user@example.com', mail_contact_id: '1' };
		expect((await userMailboxMailContact.patch({ path, data: { name: 'new' } })).code).toBe(0);
		expect(sandbox.mailbox.contacts).toEqual([{ id: '1', name: 'new' }]);
		expect((await userMailboxMailContact.delete({ path })).code).toBe(0);
		expect(sandbox.mailbox.contacts).toEqual([]);
	});
});
