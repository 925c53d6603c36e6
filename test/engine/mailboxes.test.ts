import { connected, continues, runOn, sandbox } from './stage';

const run = runOn('mailbox');

const who = [
	['an app', async () => ({})],
	['a user', async () => ({ credential: await connected() })],
] as const;

describe('Get', () => {
	it('tells the address of the user, whatever the mailbox field holds', async () => {
		const { jsons } = await run('get', { userMailboxId: 'x@y.z' }, { credential: await connected() });
		expect(jsons).toEqual([{ primary_email_address: 'user@example.com' }]);
		expect(sandbox.requests.map(({ path }) => path.split('/').slice(-2))).toEqual([['me', 'profile']]);
	});

	it('is refused for an app before any request', async () => {
		const { error } = await run('get');
		expect(error?.message).toContain("'Feishu Mail OAuth2 API' credential");
		expect(sandbox.requests).toEqual([]);
	});

	it('says what to do where the user has no mailbox', async () => {
		const credential = await connected({ user: sandbox.tenant.addUser() });
		const { error } = await run('get', {}, { credential });
		expect(error?.message).toBe('The user has no mailbox of Feishu Mail: an administrator can give them one');
		sandbox.fail({
			api: 'mail.mailbox.profile',
			with: { code: 0, data: { not_found_reason: 'no licence' } },
		});
		const { error: told } = await run('get', {}, { credential: await connected() });
		expect(told?.message).toContain('The user has no mailbox of Feishu Mail');
		expect(told?.description).toContain("Feishu's reason: no licence.");
	});
});

describe.each(who)('%s', (_, options) => {
	beforeEach(() => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		team.members.add(sandbox.user);
		sandbox.mailbox.aliases.push('alias@example.com');
	});

	it('lists the mailboxes that the owner may open', async () => {
		const { jsons } = await run('getAll', {}, await options());
		expect(jsons).toEqual([
			{ email_address: 'user@example.com', email_type: 'USER_PRIMARY' },
			{ email_address: 'team@example.com', email_type: 'PUBLIC_MAILBOX' },
		]);
	});

	it('lists the addresses to send from, of each item', async () => {
		const items = [{ mailbox: 'user@example.com' }, { mailbox: 'team@example.com' }];
		const ran = await run(
			'getSenders',
			{ userMailboxId: '={{ $json.mailbox }}' },
			{ items, ...(await options()) },
		);
		expect(ran.jsons.map(({ email_address }) => email_address)).toEqual([
			'user@example.com',
			'alias@example.com',
			'team@example.com',
		]);
		expect(ran.outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual([0, 0, 1].map((item) => ({ item })));
	});

	it('is told what to do about a mailbox that is not there', async () => {
		for (const operation of ['getAll', 'getSenders']) {
			const parameters = { userMailboxId: 'nobody@example.com' };
			const ran = await run(operation, parameters, { ...(await options()), ...continues });
			expect(ran.jsons[0]!.error).toContain("check 'Mailbox'");
		}
	});

	it.each(['getAll', 'getSenders'] as const)(
		'%s: an answer without a list is no success',
		async (operation) => {
			sandbox.fail({ on: () => true, with: { code: 0, data: { [`other`]: [] } } });
			const { jsons, error } = await run(operation, {}, { credential: await connected() });
			expect([jsons, error?.message]).toEqual([[], undefined]);
			sandbox.clearFaults();
			sandbox.fail({ on: () => true, with: { code: 0 } });
			const failed = await run(operation, {}, { credential: await connected() });
			expect(failed.error?.message).toContain('list broke off before its end');
		},
	);
});
