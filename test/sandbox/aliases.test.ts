import type { AxiosInstance } from 'axios';

import { documentedQuotas, Sandbox } from './index';
import { connect, dataOf, mailboxPath, outcome, signIn } from './client';

let sandbox: Sandbox;
let client: AxiosInstance;

beforeEach(async () => {
	sandbox = await Sandbox.start({ clock: { now: () => 1_700_000_000_000 } });
	client = await signIn(sandbox);
});
afterEach(async () => await sandbox.close());

const path = mailboxPath('aliases');
const alias = 'sales@example.com';

const create = async (email_alias: unknown, mailbox?: string) =>
	outcome(await client.post(mailboxPath('aliases', mailbox), { email_alias }));
const remove = async (id: string) =>
	outcome(await client.delete(mailboxPath('aliases', 'user@example.com', id)));

it('gives a mailbox aliases, lists them and takes them away', async () => {
	const shown = { primary_email: 'user@example.com', email_alias: alias };
	const made = await client.post(path, { email_alias: alias });
	expect(made.data).toEqual({ code: 0, msg: 'success', data: { user_mailbox_alias: shown } });
	expect(dataOf(await client.get(path, { params: { page_size: 1 } }))).toEqual({ items: [shown] });
	expect(String((await connect(sandbox).get('/')).data)).toContain(`also ${alias}`);
	expect(await remove('SALES@example.com')).toEqual([200, 0]);
	expect(await remove(alias)).toEqual([404, 1234012]);
	expect(sandbox.mailbox.aliases).toEqual([]);
});

it('refuses what is no address, what is in use, and domains of others', async () => {
	sandbox.tenant.addMailbox('li.na@example.com').aliases.push('team@example.com');
	for (const wrong of [undefined, '', 'sales', 'a b@example.com']) {
		expect(await create(wrong)).toEqual([400, 1234008]);
	}
	expect(await create(1)).toEqual([400, 99992402]);
	expect(await create('LI.NA@example.com')).toEqual([409, 1234006]);
	expect(await create('Team@example.com')).toEqual([409, 1235002]);
	expect(await create('sales@elsewhere.com')).toEqual([404, 1234019]);
	expect(await create(alias, 'nobody@example.com')).toEqual([404, 1235013]);
	expect(sandbox.mailbox.aliases).toEqual([]);
});

it('is for apps that hold the scope, whatever mailboxes they may reach', async () => {
	expect(outcome(await connect(sandbox, sandbox.issueUserTokens().access_token).get(path))).toEqual([
		400, 99991668,
	]);
	sandbox.app.dataPermission = new Set();
	expect(await create(alias)).toEqual([200, 0]);
	sandbox.app.scopes.delete('mail:user_mailbox');
	expect(outcome(await client.get(path))).toEqual([200, 0]);
	expect(await create('a@example.com')).toEqual([400, 99991672]);
	expect(await remove(alias)).toEqual([400, 99991672]);
	sandbox.app.scopes.delete('mail:user_mailbox:readonly');
	expect(outcome(await client.get(path))).toEqual([400, 99991672]);
});

it.each(['create', 'list', 'delete'] as const)('%s has the documented quota', async (name) => {
	expect(documentedQuotas[`mail.alias.${name}`]).toEqual({ limit: 50, window: 1 });
});
