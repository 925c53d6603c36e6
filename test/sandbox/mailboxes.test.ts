import { Sandbox } from './index';
import type { Mailbox } from './index';
import { connect, dataOf, mailboxPath, outcome, signIn } from './client';

let sandbox: Sandbox;
let team: Mailbox;

beforeEach(async () => {
	sandbox = await Sandbox.start();
	team = sandbox.tenant.addMailbox('team@example.com');
	team.members.add(sandbox.user);
});
afterEach(async () => await sandbox.close());

const asUser = () => connect(sandbox, sandbox.issueUserTokens().access_token);

describe('accessible mailboxes', () => {
	const path = (mailbox?: string) => mailboxPath('accessible_mailboxes', mailbox);

	it('are the own one and the public ones that the user is a member of', async () => {
		sandbox.tenant.addMailbox('others@example.com');
		const mailboxes = [
			{ email_address: 'user@example.com', email_type: 'USER_PRIMARY' },
			{ email_address: 'team@example.com', email_type: 'PUBLIC_MAILBOX' },
		];
		expect(dataOf(await asUser().get(path('me')))).toEqual({ accessible_mailboxes: mailboxes });
		expect(dataOf(await (await signIn(sandbox)).get(path()))).toEqual({ accessible_mailboxes: mailboxes });
		team.active = false;
		expect(dataOf(await asUser().get(path('me')))).toEqual({ accessible_mailboxes: mailboxes.slice(0, 1) });
	});

	it('are not told of a public mailbox, nor to a user without one', async () => {
		expect(outcome(await asUser().get(path('team@example.com')))).toEqual([403, 1230004]);
		sandbox.user.mailbox = undefined;
		expect(outcome(await asUser().get(path('me')))).toEqual([403, 1230004]);
	});
});

describe('send as', () => {
	const path = (mailbox?: string) => mailboxPath('settings/send_as', mailbox);

	it('gives the address and the aliases of a user', async () => {
		sandbox.mailbox.aliases.push('sales@example.com');
		expect(dataOf(await asUser().get(path('me')))).toEqual({
			sendable_addresses: [
				{ email_address: 'user@example.com', email_type: 'USER_PRIMARY', name: 'Sandbox User' },
				{ email_address: 'sales@example.com', email_type: 'USER_ALIAS', name: 'Sandbox User' },
			],
		});
	});

	it('gives those of a public mailbox', async () => {
		team.aliases.push('all@example.com');
		expect(dataOf(await (await signIn(sandbox)).get(path('team@example.com')))).toEqual({
			sendable_addresses: [
				{ email_address: 'team@example.com', email_type: 'PUBLIC_MAILBOX' },
				{ email_address: 'all@example.com', email_type: 'PUBLIC_MAILBOX_ALIAS' },
			],
		});
	});
});
