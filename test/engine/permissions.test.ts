import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { connected, credentialOf, locate, run, sandbox, writes } from './stage';

const CONTACTS = 'mail:user_mailbox.mail_contact:write';
const EMAIL = 'mail:user_mailbox.mail_contact.mail_address:read';
const PHONE = 'mail:user_mailbox.mail_contact.phone:read';

/** Two hundred people as a CRM has them: an email address, no phone number. */
const people = Array.from({ length: 200 }, (_, number) => ({
	name: `No. ${number}`,
	mail: `${number}@example.com`,
}));

/** Half of them are in the mailbox. */
const fill = () => {
	for (const [number, { name, mail }] of people.entries()) {
		if (number % 2) sandbox.mailbox.contacts.push({ id: `id-${number}`, name, mail_address: mail });
	}
};

type Identity = 'app' | 'user';

async function runAs(
	identity: Identity,
	scopes: string[],
	{ operation, ...parameters }: INodeParameters & { operation: string },
	items: IDataObject[] = people,
) {
	const app = sandbox.tenant.addApp({ scopes, userScopes: [...scopes, 'offline_access'] });
	const credential = identity === 'app' ? await credentialOf(app) : await connected({ app });
	return await run('contact', operation, parameters, { items, credential });
}

const upsert = {
	operation: 'upsert',
	name: '={{ $json.name }}',
	mailAddress: '={{ $json.mail }}',
	additionalFields: { company: 'Example Ltd.' },
};

describe.each(['app', 'user'] as const)('in a mailbox without any phone number, as %s', (identity) => {
	it('200 rows are created or updated by email, with the permission to see phone numbers', async () => {
		fill();
		const { error, outputs } = await runAs(identity, [CONTACTS, EMAIL, PHONE], upsert);
		expect(error?.message).toBeUndefined();
		expect(outputs[0]!.filter(({ json }) => json.outcome === 'created')).toHaveLength(100);
		expect(outputs[0]!.filter(({ json }) => json.outcome === 'updated')).toHaveLength(100);
		expect(sandbox.mailbox.contacts).toHaveLength(200);
		expect(sandbox.requestsTo('application.scopes')).toHaveLength(identity === 'app' ? 1 : 0);
	});

	it.each([
		['phone numbers', [CONTACTS, EMAIL], upsert, PHONE],
		['email addresses', [CONTACTS, PHONE], upsert, EMAIL],
		[
			'phone numbers, which the match needs',
			[CONTACTS, EMAIL],
			{ ...upsert, matchBy: 'phone', phone: '={{ $json.name }}' },
			PHONE,
		],
		[
			'phone numbers, in an update',
			[CONTACTS, EMAIL],
			{
				operation: 'update',
				contactId: locate('id', 'id-1'),
				name: 'New',
				updateFields: {},
			},
			PHONE,
		],
	])('nothing is written without the permission to see %s', async (_, scopes, parameters, scope) => {
		fill();
		const { error } = await runAs(identity, scopes, parameters);
		expect(error?.message).toContain(`which Feishu does not show: give the app the permission '${scope}'`);
		expect(writes()).toEqual([]);
	});

	it('a filter by email finds nobody with the permission, and names it without', async () => {
		sandbox.mailbox.contacts.push({ id: 'id-1', name: 'Anna' });
		const filter = { operation: 'getAll', filters: { mailAddress: '@example.com' } };
		const { error, outputs } = await runAs(identity, [CONTACTS, EMAIL], filter, [{}]);
		expect(error?.message).toBeUndefined();
		expect(outputs[0]).toEqual([]);
		expect((await runAs(identity, [CONTACTS], filter, [{}])).error?.message).toContain(EMAIL);
	});
});

describe('what cannot be known', () => {
	it.each([
		['the endpoint is not there', { kind: 'html', status: 404 }],
		['its quota is used up', { code: 99991400 }],
		['the connection breaks', { kind: 'reset', when: 'before' }],
		['it answers without a list', { code: 0, data: {} }],
		['it answers something else', { code: 0, data: { scopes: { 0: null } } }],
		['its list holds something else', { code: 0, data: { scopes: [null, 'x', { scope_name: 1 }] } }],
	] as const)('is read with care where %s', async (_, fault) => {
		fill();
		sandbox.fail({ api: 'application.scopes', on: () => true, with: fault });
		const { error } = await runAs('app', [CONTACTS, EMAIL, PHONE], upsert);
		expect(error?.message).toContain(PHONE);
		expect(writes()).toEqual([]);
	});

	it('is read with care where hidden fields come as empty texts', async () => {
		sandbox.mailbox.contacts.push({ id: 'id-1', name: 'Anna', mail_address: '', phone: '' });
		sandbox.fail({ api: 'application.scopes', with: { kind: 'html', status: 404 } });
		const { error } = await runAs('app', [CONTACTS, EMAIL, PHONE], upsert);
		expect(error?.message).toContain(EMAIL);
		expect(writes()).toEqual([]);
	});

	it('is read with care where n8n has stored no scope of the user', async () => {
		fill();
		const oauthTokenData = { ...sandbox.issueUserTokens(), scope: undefined };
		const credential = await connected({}, { oauthTokenData });
		const { operation, ...fields } = upsert;
		const user = { userMailboxId: 'me', ...fields };
		const { error } = await run('contact', operation, user, { items: people, credential });
		expect(error?.message).toContain('but no contact of the mailbox shows it');
		expect(writes()).toEqual([]);
	});
});

it('the scopes are not asked for where contacts show every field', async () => {
	sandbox.mailbox.contacts.push({ id: 'id-1', name: 'Anna', mail_address: 'anna@example.com', phone: '1' });
	await runAs('app', [CONTACTS, EMAIL, PHONE], upsert, people.slice(0, 5));
	expect(sandbox.requestsTo('application.scopes')).toEqual([]);
});
