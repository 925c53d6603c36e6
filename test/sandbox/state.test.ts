import { Sandbox, sendStatuses } from './index';
import type { Message } from './index';
import {
	connect,
	dataOf,
	decoded,
	fetchToken,
	mailboxPath,
	oauthTokenPaths,
	outcome,
	signIn,
} from './client';
import { eml, rawOf } from './testMails';

describe('a sandbox that goes on where another one ended', () => {
	let earlier: Sandbox;
	let later: Sandbox;

	beforeEach(async () => {
		earlier = await Sandbox.start();
	});
	afterEach(async () => {
		await later?.close();
	});

	/** Through a file, as `npm start` does. */
	async function goOn(): Promise<void> {
		const state = JSON.stringify(earlier.state());
		await earlier.close();
		later = await Sandbox.start({ state: JSON.parse(state) as ReturnType<Sandbox['state']> });
	}

	it('has the same app, mailboxes, contacts, labels and folders', async () => {
		earlier.tenant.addMailbox('team@example.com');
		const client = await signIn(earlier);
		await client.post(mailboxPath('mail_contacts'), { name: '王小明', phone: '+86 1' });
		await client.post(mailboxPath('labels', 'team@example.com'), { label: { name: 'Invoices' } });
		await client.post(mailboxPath('folders'), { name: 'Clients', parent_folder_id: '0' });
		await goOn();
		expect([later.app.id, later.app.secret, later.tenant.key]).toEqual([
			earlier.app.id,
			earlier.app.secret,
			earlier.tenant.key,
		]);
		expect(later.tenant.mailboxes).toEqual(earlier.tenant.mailboxes);
		expect(later.mailbox.contacts).toMatchObject([{ name: '王小明', phone: '+86 1' }]);
	});

	it('has the same mails, with their labels and files', async () => {
		const content = Buffer.from([0, 255, 1]);
		const files = [
			{ filename: 'a.bin', content },
			{ filename: 'b.bin', content: () => content },
		];
		earlier.mailbox.receive({ subject: '报价', label_ids: ['UNREAD', 'FLAGGED'], attachments: files });
		earlier.mailbox.aliases.push('sales@example.com');
		await goOn();
		const [before, after] = [earlier, later].map(({ mailbox }) => mailbox.messages[0] as Message);
		expect(after?.attachments.map((file) => file.content)).toEqual([content, content]);
		expect(after).toMatchObject({ ...before, attachments: [{ filename: 'a.bin' }, { filename: 'b.bin' }] });
		expect(later.mailbox.aliases).toEqual(['sales@example.com']);
	});

	it('has the same templates and signatures, with their files', async () => {
		const file = { id: 'f', filename: 'a.png', attachment_type: 1, is_inline: true, cid: 'a' } as const;
		earlier.mailbox.driveFiles.push({ ...file, content: Buffer.from([0, 255]) });
		const client = await signIn(earlier);
		const template = { name: 'Welcome', attachments: [file] };
		expect(outcome(await client.post(mailboxPath('templates'), { template }))).toEqual([200, 0]);
		earlier.mailbox.signatures.push({
			id: '1',
			name: 'Mine',
			content: '<img src="cid:a">',
			signature_type: 'USER',
			signature_device: 'PC',
			template_json_keys: [],
			images: [{ ...file, content: Buffer.from([1]) }],
		});
		const usage = { email_address: earlier.mailbox.address, send_mail_signature_id: '1' };
		earlier.mailbox.signatureUsages.push({ ...usage, reply_signature_id: '' });
		await goOn();
		expect(later.tenant.mailboxes).toEqual(earlier.tenant.mailboxes);
		expect(later.mailbox.templates[0]?.attachments[0]?.content).toEqual(Buffer.from([0, 255]));
	});

	it('has the same drafts, byte for byte, sends scheduled mails, and knows what was sent', async () => {
		const { access_token: token } = earlier.issueUserTokens();
		const drafts = mailboxPath('drafts', 'me');
		const make = async (sandbox: Sandbox, mail: string) => {
			const answer = await connect(sandbox, token).post(drafts, { raw: rawOf(mail) });
			return dataOf<{ draft: { id: string } }>(answer).draft.id;
		};
		const send = async (sandbox: Sandbox, id: string, body = {}) =>
			await connect(sandbox, token).post(mailboxPath('drafts', 'me', id, 'send'), body);
		const [kept, scheduled, known] = [eml({ Subject: 'Kept' }), eml({ Subject: 'Scheduled' }), eml()];
		const id = await make(earlier, kept);
		const send_time = String(Math.floor(Date.now() / 1000) + 3600);
		await send(earlier, await make(earlier, scheduled), { send_time });
		await send(earlier, await make(earlier, known));
		await goOn();
		const path = mailboxPath('drafts', 'me', id);
		const answer = await connect(later, token).get(path, { params: { format: 'raw' } });
		expect(decoded(dataOf<{ draft: { message: { raw: string } } }>(answer).draft.message.raw)).toBe(kept);
		expect(outcome(await send(later, id))).toEqual([200, 0]);
		expect(outcome(await send(later, await make(later, known)))).toEqual([409, 1236005]);
		later.clock.advance(3_600_000);
		expect(later.sentMails.map(({ eml: mail }) => mail)).toEqual([known, kept, scheduled]);
	});

	it('knows the mails that left, how far they got, and recalls', async () => {
		const ann = earlier.tenant.addMailbox('ann@example.com');
		// Other tenants are not kept.
		earlier.addTenant().addMailbox('eve@example.net');
		const { access_token: token } = earlier.issueUserTokens();
		const recipients = 'ann@example.com, bob@example.org, eve@example.net';
		const mails = ['One', 'Two', 'Three'].map((Subject) => eml({ Subject, To: recipients }));
		const messages = mailboxPath('messages', 'me');
		const ids: string[] = [];
		for (const mail of mails) {
			const answer = await connect(earlier, token).post(`${messages}/send`, { raw: rawOf(mail) });
			ids.push(dataOf<{ message_id: string }>(answer).message_id);
		}
		const paths = (action: string) => ids.map((id) => mailboxPath('messages', 'me', id, action));
		earlier.sentMails[0]?.setStatus('BOB@example.org', sendStatuses.bounced);
		earlier.sentMails[2]?.setRecallItem('bob@example.org', { status: 'success' });
		await connect(earlier, token).post(paths('recall')[1] ?? '');
		// The sender has deleted the copy of the recalled mail.
		earlier.mailbox.remove(earlier.sentMails[1]?.message as Message);
		const read = async (sandbox: Sandbox, ...actions: string[]) =>
			await Promise.all(
				actions.flatMap(paths).map(async (path) => (await connect(sandbox, token).get(path)).data as unknown),
			);
		const before = await read(earlier, 'send_status', 'recall');
		const page = async (sandbox: Sandbox) =>
			/<h3>Mails that left[^]*?<\/table>/.exec(String((await connect(sandbox).get('/')).data))?.[0];
		const shown = await page(earlier);
		await goOn();
		expect(withoutTraces(await read(later, 'send_status', 'recall'))).toEqual(withoutTraces(before));
		expect(later.sentMails.map((sent) => [sent.eml, sent.at, sent.mail])).toEqual(
			earlier.sentMails.map((sent) => [sent.eml, sent.at, sent.mail]),
		);
		const [copy] = later.tenant.findMailbox('ann@example.com')?.messages ?? [];
		expect(later.sentMails[0]?.deliveries[0]?.message).toBe(copy);
		expect(later.sentMails[0]?.message).toBe(later.mailbox.messages[0]);
		expect(shown).toContain('eve@example.net (arrived)');
		expect(await page(later)).toBe(shown?.replaceAll('net (arrived)', 'net (outside)'));
		const recalled = await connect(later, token).post(paths('recall')[2] ?? '');
		expect(recalled.data).toMatchObject({ data: { recall_status: 'available' } });
		expect([ann.messages.length, later.tenant.findMailbox('ann@example.com')?.messages.length]).toEqual([
			2, 1,
		]);
		expect(later.sentMails[2]?.recall?.items.get('bob@example.org')).toEqual({ status: 'success' });
	});

	/** Answers without what differs each time. */
	const withoutTraces = (answers: unknown[]) => JSON.stringify(answers).replace(/"error":\{[^}]*\}/g, '');

	it('forgets the oldest mails that left where they have more than 50 MB', async () => {
		const { access_token: token } = earlier.issueUserTokens();
		const [small, large] = [eml({ Subject: 'Small' }), eml({ Subject: 'Large' }, 'x'.repeat(20_000_000))];
		const messages = mailboxPath('messages', 'me', 'send');
		for (const mail of [small, large, eml({ Subject: 'Small, too' }), large.replace('Message-ID', 'X')]) {
			expect(outcome(await connect(earlier, token).post(messages, { raw: rawOf(mail) }))).toEqual([200, 0]);
		}
		expect(earlier.state().sent?.map(({ raw }) => raw.length > 1_000_000)).toEqual([false, true]);
		later = earlier;
	});

	it('has the same subscriptions', async () => {
		const team = earlier.tenant.addMailbox('team@example.com');
		team.members.add(earlier.user);
		earlier.issueUserTokens();
		earlier.app.subscriptions.push({ user: earlier.user, mailbox: team });
		await goOn();
		expect(later.app.subscriptions).toEqual([
			{ user: later.user, mailbox: later.tenant.findMailbox('team@example.com') },
		]);
	});

	it('takes up what was kept before there were mails', async () => {
		const state = earlier.state();
		for (const mailbox of state.mailboxes) {
			delete mailbox.messages;
			delete mailbox.aliases;
			delete mailbox.sentMessageIds;
			delete mailbox.templates;
			delete mailbox.driveFiles;
			delete mailbox.signatures;
			delete mailbox.signatureUsages;
		}
		delete state.sent;
		delete state.subscriptions;
		later = await Sandbox.start({ state });
		expect(later.mailbox.messages).toEqual([]);
		await earlier.close();
	});

	it('accepts the tokens of the app and of its users, and renews them', async () => {
		const token = await fetchToken(earlier);
		const user = earlier.issueUserTokens();
		await goOn();
		expect(outcome(await connect(later, token).get(mailboxPath('labels')))).toEqual([200, 0]);
		expect(outcome(await connect(later, user.access_token).get(mailboxPath('labels', 'me')))).toEqual([
			200, 0,
		]);
		const { id, secret } = later.app;
		const renew = {
			grant_type: 'refresh_token',
			client_id: id,
			client_secret: secret,
			refresh_token: user.refresh_token,
		};
		const renewed = await connect(later).post(oauthTokenPaths.v2, renew);
		expect(outcome(renewed)).toEqual([200, 0]);
		expect(outcome(await connect(later).post(oauthTokenPaths.v2, renew))).toEqual([400, 20073]);
		expect(later.user.openIdIn(later.app)).toBe(earlier.user.openIdIn(earlier.app));
	});

	it('remembers what users allowed, what was revoked and which scopes were withdrawn', async () => {
		const scope = 'mail:user_mailbox.message:modify';
		const user = earlier.issueUserTokens({ scopes: ['offline_access', scope] });
		earlier.app.revokeRefreshTokens();
		earlier.app.scopes.delete(scope);
		await goOn();
		expect(later.app.authorizations.scopesOf(later.user)).toEqual(new Set(['offline_access', scope]));
		expect(later.app.authorizations.refreshTokens.get(user.refresh_token ?? '')).toMatchObject({
			revoked: true,
		});
		expect(later.app.scopes).toEqual(earlier.app.scopes);
		expect(later.app.userScopes).toEqual(earlier.app.userScopes);
	});
});
