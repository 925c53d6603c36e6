import { Sandbox } from './index';
import { connect, fetchToken, mailboxPath, signIn } from './client';

describe('page', () => {
	let sandbox: Sandbox;

	beforeEach(async () => {
		sandbox = await Sandbox.start();
	});
	afterEach(async () => await sandbox.close());

	const page = async () => {
		const { data, headers } = await connect(sandbox).get('/');
		expect(headers['content-type']).toBe('text/html; charset=utf-8');
		return String(data);
	};

	it('shows the app id, the mailboxes, their contacts, labels and folders, and the last requests', async () => {
		const client = await signIn(sandbox);
		await client.post(mailboxPath('mail_contacts'), { name: 'Ann', mail_address: 'ann@example.com' });
		await client.post(mailboxPath('labels'), { label: { name: 'Invoices', background_color: 'carmine' } });
		const folders = mailboxPath('folders');
		const { data } = await client.post(folders, { name: 'Clients', parent_folder_id: '0' });
		const { id } = (data as { data: { folder: { id: string } } }).data.folder;
		await client.post(folders, { name: 'Acme', parent_folder_id: id });
		const text = await page();
		for (const shown of [
			sandbox.app.id,
			'Sandbox User (user@example.com)',
			'Ann',
			'ann@example.com',
			'Invoices',
			'#f01d94',
			'Inbox',
			'Clients / Acme',
		]) {
			expect(text).toContain(shown);
		}
		expect(text).toContain(`POST ${mailboxPath('labels')}`);
	});

	it('escapes whatever came from outside', async () => {
		sandbox.tenant.addMailbox('<b>@example.com');
		const client = await signIn(sandbox);
		await client.post(mailboxPath('mail_contacts'), { name: `<script>"&'`, remark: '<i>' });
		await client.post(mailboxPath('labels'), { label: { name: '<u>' } });
		await client.get(`/<s>`);
		const text = await page();
		expect(text).toContain('&lt;script&gt;&quot;&amp;&#39;');
		expect(text).not.toMatch(/<script|<i>|<u>|<b>@|\/<s>/);
	});

	it('holds no secret and no token', async () => {
		const token = await fetchToken(sandbox);
		await connect(sandbox, token).post(mailboxPath('mail_contacts'), { name: 'Ann' });
		await connect(sandbox, token).get('/nowhere');
		const text = await page();
		expect(text).not.toContain(sandbox.app.secret);
		expect(text).not.toContain(token);
	});

	it('shows the last 20 requests, itself not among them', async () => {
		const client = connect(sandbox);
		for (let n = 1; n <= 25; n += 1) await client.get(`/request-${n}.`);
		await page();
		const text = await page();
		expect(text).toContain('/request-25.');
		expect(text).toContain('/request-6.');
		expect(text).not.toContain('/request-5.');
		expect(sandbox.requests).toHaveLength(25);
	});
});
