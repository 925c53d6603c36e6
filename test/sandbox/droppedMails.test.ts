import { Sandbox } from './index';
import type { DroppedMails } from './droppedMails';
import type { Message } from './index';
import { connect, mailboxPath, signIn } from './client';

const path = '/sandbox/mails';
const now = Date.parse('2026-11-26T08:00:00Z');

let sandbox: Sandbox;

beforeEach(async () => {
	sandbox = await Sandbox.start({ clock: { now: () => now } });
	sandbox.tenant.addMailbox('team@example.com');
});
afterEach(async () => await sandbox.close());

type Fields = Record<string, string | Blob>;

const post = async (fields: Fields, headers: Record<string, string> = {}) => {
	const form = new FormData();
	for (const [name, value] of Object.entries(fields)) {
		if (typeof value === 'string') form.append(name, value);
		else form.append(name, value, 'hello.txt');
	}
	return await connect(sandbox).post(path, form, { headers: { Accept: 'application/json', ...headers } });
};
const drop = async (fields: Fields = {}) => (await post(fields)).data as DroppedMails;

describe('the page drops mails in', () => {
	const html = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

	/** The fields of each form of a mailbox as they are filled in, with a button of it pressed. */
	async function formsOf(mailbox: string): Promise<Array<{ action: string; fields: Fields; text: string }>> {
		const page = String((await connect(sandbox).get('/')).data);
		const forms = (page.match(/<form[^]*?<\/form>/g) ?? []).filter((form) => form.includes(`"${mailbox}"`));
		return forms.map((text) => {
			const [, action = ''] = /action="([^"]+)"/.exec(text) ?? [];
			const inputs = [...text.matchAll(/<input(?: type="hidden")?\s+name="(\w+)"\s+value="([^"]*)"/g)];
			const fields = inputs.map(([, name = '', value = '']) => [
				name,
				value.replace('&lt;', '<').replace('&gt;', '>'),
			]);
			return { action, fields: Object.fromEntries(fields) as Fields, text };
		});
	}

	it.each(['user@example.com', 'team@example.com'])('into %s, at one press', async (address) => {
		const [press] = await formsOf(address);
		expect(press).toMatchObject({ action: path, fields: { mailbox: address } });
		const { status, headers } = await post(press?.fields ?? {}, html);
		expect([status, headers.location]).toEqual([303, `/#${encodeURIComponent(address)}`]);
		const messages = sandbox.tenant.findMailbox(address)?.messages ?? [];
		expect(messages).toMatchObject([
			{ internal_date: now, folder_id: 'INBOX', message_state: 1, to: [{ mail_address: address }] },
		]);
		expect(messages[0]?.label_ids).toEqual(new Set(['UNREAD']));
		expect(messages[0]?.attachments).toEqual([]);
		await post({ ...press?.fields, sampleFiles: 'yes' }, html);
		expect(messages[1]?.attachments.map(({ filename }) => filename.split('.').at(-1))).toEqual([
			'pdf',
			'csv',
		]);
		expect(messages[1]?.subject).not.toBe(messages[0]?.subject);
		expect(sandbox.requests).toEqual([]);
	});

	it('as they were written, in fields that are filled in, each time otherwise', async () => {
		const filledIn = async () => (await formsOf('user@example.com'))[1];
		const first = await filledIn();
		expect(first?.fields).toMatchObject({ from: expect.stringMatching(/^\S.* <\S+@\S+>$/) as string });
		const fields = { ...first?.fields, text: 'Two\r\nlines', folder: 'ARCHIVED', read: 'yes' };
		await post({ ...fields, file: new Blob(['Hello']) }, html);
		const [message] = sandbox.mailbox.messages as [Message];
		expect(message).toMatchObject({
			subject: first?.fields.subject,
			body_plain_text: 'Two\nlines',
			folder_id: 'ARCHIVED',
			label_ids: new Set(),
			attachments: [{ filename: 'hello.txt', content: Buffer.from('Hello') }],
		});
		expect((await filledIn())?.fields.subject).not.toBe(first?.fields.subject);
	});

	it('but not into a mailbox that is not active', async () => {
		sandbox.tenant.addMailbox('old@example.com', { active: false });
		expect(await formsOf('old@example.com')).toEqual([]);
		expect((await post({ mailbox: 'old@example.com' })).status).toBe(400);
	});

	it('offers the own folders of a mailbox, by their paths, and no folder in which nothing arrives', async () => {
		const client = await signIn(sandbox);
		const made = await client.post(mailboxPath('folders'), { name: 'Clients', parent_folder_id: '0' });
		const { id } = (made.data as { data: { folder: { id: string } } }).data.folder;
		await client.post(mailboxPath('folders'), { name: 'Acme', parent_folder_id: id });
		const form = (await formsOf('user@example.com'))[1]?.text ?? '';
		const names = [...form.matchAll(/<option[^>]*>([^<]*)</g)].map(([, name]) => name);
		expect(names).toEqual(['Inbox', 'Trash', 'Spam', 'Archived', 'Clients', 'Clients / Acme']);
		const dropped = await Promise.all(
			[{ folder: 'acme' }, { folder: 'clients / acme' }, { folder: id }].map(drop),
		);
		expect(dropped.map(({ folder }) => folder)).toEqual(['Clients / Acme', 'Clients / Acme', 'Clients']);
	});

	it('says on a page what was wrong', async () => {
		const { status, data } = await post({ from: '<b>Ann' }, html);
		expect(status).toBe(400);
		expect(data).toContain('The sender is an address such as ann@example.org');
		expect(data).toContain('not &quot;&lt;b&gt;Ann&quot;');
		expect(sandbox.mailbox.messages).toEqual([]);
	});
});

describe('a program drops mails in', () => {
	it('and gets to know what it has dropped in', async () => {
		const dropped = await drop({ subject: 'Offer', from: '"Ann Lee" <ann@example.org>', count: '2' });
		const { messages } = sandbox.mailbox;
		expect(dropped).toEqual({
			mailbox: 'user@example.com',
			folder: 'Inbox',
			mails: messages.map(({ message_id, subject }) => ({
				message_id,
				subject,
				from: { mail_address: 'ann@example.org', name: 'Ann Lee' },
				internal_date: now,
				files: [],
			})),
		});
		expect(messages.map(({ subject }) => subject)).toEqual(['Offer (1 of 2)', 'Offer (2 of 2)']);
		expect(messages[0]?.body_plain_text).not.toContain('order');
	});

	it.each<[Fields, string]>([
		[{ mailbox: 'nobody@example.com' }, 'Choose one of: user@example.com, team@example.com.'],
		[{ folder: 'Sent' }, 'Choose one of: Inbox, Trash, Spam, Archived.'],
		[{ count: '1.5' }, 'The count is a whole number from 1 to 500, not "1.5".'],
		[{ count: '501' }, 'The count is a whole number from 1 to 500, not "501".'],
		[{ from: 'ann' }, 'not "ann".'],
	])('and is told why %j is refused', async (fields, words) => {
		const { status, data } = await post(fields);
		expect([status, (data as { error: string }).error]).toEqual([400, expect.stringContaining(words)]);
		expect(sandbox.mailbox.messages).toEqual([]);
	});

	it('and is told that a form cannot be read, or is too long', async () => {
		const client = connect(sandbox);
		const accept = { headers: { Accept: 'application/json' } };
		expect((await client.post(path, { subject: 'Offer' }, accept)).data).toEqual({
			error: 'The form cannot be read: it is taken as multipart/form-data.',
		});
		expect((await post({ file: new Blob([Buffer.alloc(81 * 1024 * 1024)]) })).status).toBe(413);
	});
});

describe("forms that are not of the sandbox's own pages are refused", () => {
	const token = async () => await signIn(sandbox);

	it.each<[Record<string, string>, number]>([
		[{ Origin: 'https://example.com' }, 403],
		[{ Origin: 'null' }, 403],
		[{ 'Sec-Fetch-Site': 'cross-site' }, 403],
		[{ 'Sec-Fetch-Site': 'same-site' }, 403],
		[{ 'Sec-Fetch-Site': 'same-origin', Origin: 'https://forwarded.example' }, 200],
		[{}, 200],
	])('%j: HTTP %i', async (headers, status) => {
		expect((await post({}, headers)).status).toBe(status);
		expect(sandbox.mailbox.messages).toHaveLength(status === 200 ? 1 : 0);
		const client = await token();
		const form = new URLSearchParams({ app: sandbox.app.id, change: 'rejectTokens' });
		await connect(sandbox).post('/sandbox/access', form, { headers });
		const { data } = await client.get(mailboxPath('labels'));
		expect((data as { code: number }).code).toBe(status === 200 ? 99991663 : 0);
	});

	it('its own origin is none of those', async () => {
		expect((await post({}, { Origin: sandbox.url })).status).toBe(200);
	});
});
