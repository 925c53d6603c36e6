import { Sandbox } from './index';
import type { UserTokens } from './index';
import { connect, dataOf, fetchToken, mailboxPath, oauthTokenPaths, outcome, signIn } from './client';
import { eml, rawOf } from './testMails';

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

	it('shows the mails, the newest first', async () => {
		const { mailbox } = sandbox;
		mailbox.labels.push({ id: '1', name: 'Invoices', background_color: 'red', messages_unread: 0 });
		mailbox.receive({
			subject: 'Older',
			internal_date: Date.parse('2026-06-15T12:34:56Z'),
			folder_id: 'ARCHIVED',
			label_ids: ['1', 'FLAGGED'],
			attachments: [{ filename: '发票.pdf', content: Buffer.from('') }],
		});
		const { message_id } = mailbox.receive({ subject: 'Newer' });
		const rows = (await page()).replace(/\s+/g, ' ').match(/<tr.*?<\/tr>/g) ?? [];
		const [newer = '', older = ''] = rows.filter((row) => /Newer|Older/.test(row));
		for (const shown of ['class="unread"', 'Ann Example &lt;ann@example.org&gt;', 'Inbox', message_id]) {
			expect(newer).toContain(shown);
		}
		for (const shown of ['Older', '2026-06-15 12:34', 'Archived', 'Invoices, FLAGGED', '发票.pdf']) {
			expect(older).toContain(shown);
		}
		expect(older).not.toContain('unread');
	});

	it('shows the mails that left, where they arrived, and those that wait', async () => {
		sandbox.tenant.addMailbox('ann@example.com');
		const client = connect(sandbox, sandbox.issueUserTokens().access_token);
		const fields = {
			To: 'Ann <ann@example.com>',
			Bcc: 'bob@example.org',
			'Message-ID': '<m1@client.example>',
		};
		const raw = rawOf(eml({ Subject: 'Hello', ...fields }, 'See you'));
		await client.post(mailboxPath('messages', 'me', 'send'), { raw });
		const drafts = mailboxPath('drafts', 'me');
		const made = await client.post(drafts, { raw: rawOf(eml({ Subject: 'Later' })) });
		const { id } = dataOf<{ draft: { id: string } }>(made).draft;
		const send_time = String(Date.parse('2100-01-02T03:04:00Z') / 1000);
		await client.post(mailboxPath('drafts', 'me', id, 'send'), { send_time });
		const rows = (await page()).replace(/\s+/g, ' ').match(/<tr.*?<\/tr>/g) ?? [];
		const [left = '', later = '', copy = '', arrived = ''] = rows.filter((row) => /Hello|Later/.test(row));
		for (const shown of [
			'Ann &lt;ann@example.com&gt; (arrived), Bcc bob@example.org (outside)',
			'See you',
			'm1@client.example',
		]) {
			expect(left).toContain(shown);
		}
		expect(later).toContain('Scheduled, for 2100-01-02 03:04');
		expect(copy).toContain('Sent');
		expect(arrived).toContain('class="unread"');
	});

	it('escapes whatever came from outside', async () => {
		sandbox.tenant.addMailbox('<b>@example.com');
		const client = await signIn(sandbox);
		await client.post(mailboxPath('mail_contacts'), { name: `<script>"&'`, remark: '<i>' });
		await client.post(mailboxPath('labels'), { label: { name: '<u>' } });
		sandbox.mailbox.receive({
			subject: '<em>',
			head_from: { mail_address: '<em>', name: '<em>' },
			attachments: [{ filename: '<em>', content: Buffer.from('') }],
		});
		const user = connect(sandbox, sandbox.issueUserTokens().access_token);
		const fields = { Subject: '<em>', To: '"<em>" <em@example.org>', 'Message-ID': '<<em>>' };
		await user.post(mailboxPath('messages', 'me', 'send'), { raw: rawOf(eml(fields, '<em>')) });
		expect(sandbox.sentMails).toHaveLength(1);
		await client.get(`/<s>`);
		const text = await page();
		expect(text).toContain('&lt;script&gt;&quot;&amp;&#39;');
		expect(text).not.toMatch(/<script>"|<i>|<u>|<em>|<b>@|\/<s>/);
	});

	it('holds no secret and no token', async () => {
		const token = await fetchToken(sandbox);
		await connect(sandbox, token).post(mailboxPath('mail_contacts'), { name: 'Ann' });
		await connect(sandbox, token).get('/nowhere');
		const text = await page();
		expect(text).not.toContain(sandbox.app.secret);
		expect(text).not.toContain(token);
	});

	it('shows the last 100 requests and on demand the last 1000, itself not among them', async () => {
		const client = connect(sandbox);
		for (let n = 1; n <= 105; n += 1) await client.get(`/request-${n}.`);
		await page();
		const text = await page();
		expect(text).toContain('/request-105.');
		expect(text).toContain('/request-6.');
		expect(text).not.toContain('/request-5.');
		const [, more = ''] = /<a href="([^"]+)">Show more/.exec(text) ?? [];
		expect(String((await client.get(more)).data)).toContain('/request-1.');
		expect(sandbox.requests).toHaveLength(105);
	});
});

describe('page of access', () => {
	let sandbox: Sandbox;

	beforeEach(async () => {
		sandbox = await Sandbox.start();
	});
	afterEach(async () => await sandbox.close());

	const contactScope = 'mail:user_mailbox.mail_contact:write';
	const path = '/sandbox/access';
	const page = async () => String((await connect(sandbox).get(path)).data);

	/** Presses a button as a browser does. */
	async function press(text: string, change: string, scope = ''): Promise<void> {
		const forms = (await page()).replace(/\s+/g, ' ').match(/<form.*?<\/form>/g) ?? [];
		const form = forms.find(
			(one) => one.includes(`>${text}<`) && one.includes(`"${change}"`) && one.includes(`"${scope}"`),
		);
		const [, action = ''] = /action="([^"]+)"/.exec(form ?? '') ?? [];
		const [, app = ''] = /name="app" value="([^"]+)"/.exec(form ?? '') ?? [];
		const { status, headers } = await connect(sandbox).post(
			action,
			new URLSearchParams({ app, scope, change }),
		);
		expect([status, headers.location]).toEqual([303, path]);
	}

	const create = async (token: string, mailbox?: string) =>
		outcome(await connect(sandbox, token).post(mailboxPath('mail_contacts', mailbox), { name: 'Ann' }));

	it('is linked from the page, and neither is among the requests', async () => {
		expect(String((await connect(sandbox).get('/')).data)).toContain(`href="${path}"`);
		await press('Reject them', 'rejectTokens');
		expect(sandbox.requests).toEqual([]);
	});

	it('rejects the tokens of the app, which can get new ones', async () => {
		const token = await fetchToken(sandbox);
		await press('Reject them', 'rejectTokens');
		expect(await create(token)).toEqual([400, 99991663]);
		expect(await create(await fetchToken(sandbox))).toEqual([200, 0]);
	});

	it('rejects the access tokens of users, whose refresh tokens stay', async () => {
		const tokens = sandbox.issueUserTokens();
		await press('Reject them', 'rejectUserTokens');
		expect(await create(tokens.access_token, 'me')).toEqual([400, 99991668]);
		expect(await refresh(tokens)).toEqual([200, 0]);
	});

	it('revokes the access of users: neither token works', async () => {
		const tokens = sandbox.issueUserTokens();
		await press('Revoke access', 'revokeUserAccess');
		expect(await create(tokens.access_token, 'me')).toEqual([400, 99991668]);
		expect(await refresh(tokens)).toEqual([400, 20064]);
		expect(sandbox.app.authorizations.scopesOf(sandbox.user)).toEqual(new Set());
	});

	it('withdraws a scope from the app or from its users, and grants it again', async () => {
		const token = await fetchToken(sandbox);
		const user = sandbox.issueUserTokens().access_token;
		await press('Withdraw', 'withdrawFromApp', contactScope);
		expect([await create(token), await create(user, 'me')]).toEqual([
			[400, 99991672],
			[200, 0],
		]);
		await press('Grant', 'grantToApp', contactScope);
		await press('Withdraw', 'withdrawFromUsers', contactScope);
		expect([await create(token), await create(user, 'me')]).toEqual([
			[200, 0],
			[400, 99991672],
		]);
		await press('Grant', 'grantToUsers', contactScope);
		expect(await create(user, 'me')).toEqual([200, 0]);
	});

	it('holds no secret and no token, and escapes what came from outside', async () => {
		const token = await fetchToken(sandbox);
		sandbox.app.name = '<b>App';
		const text = await page();
		expect(text).toContain('&lt;b&gt;App');
		expect([sandbox.app.secret, token, '<b>App'].filter((hidden) => text.includes(hidden))).toEqual([]);
	});

	it.each<Record<string, string>>([
		{},
		{ change: 'constructor' },
		{ change: 'rejectTokens', app: 'cli_unknown' },
	])('leaves %j alone', async (form) => {
		const token = await fetchToken(sandbox);
		await connect(sandbox).post(path, new URLSearchParams({ app: sandbox.app.id, ...form }));
		expect(await create(token)).toEqual([200, 0]);
	});

	const refresh = async ({ refresh_token: token = '' }: UserTokens) =>
		outcome(
			await connect(sandbox).post(oauthTokenPaths.v2, {
				grant_type: 'refresh_token',
				client_id: sandbox.app.id,
				client_secret: sandbox.app.secret,
				refresh_token: token,
			}),
		);
});
