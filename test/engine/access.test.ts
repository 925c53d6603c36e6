import type { IDataObject } from 'n8n-workflow';

import { resources } from '../../nodes/FeishuMail/actions';
import { connected, credentialOf, run, sandbox } from './stage';

const READ_CONTACTS = 'mail:user_mailbox.mail_contact:read';
const WRITE_CONTACTS = 'mail:user_mailbox.mail_contact:write';
const SEE_EMAIL = 'mail:user_mailbox.mail_contact.mail_address:read';
const SEE_PHONE = 'mail:user_mailbox.mail_contact.phone:read';
const LABELS = 'mail:user_mailbox.message:modify';
const READ_LABELS = 'mail:user_mailbox.message:readonly';
const FOLDERS = 'mail:user_mailbox.folder:write';
const RULES = 'mail:user_mailbox.rule:write';

const MAILS = ['subject', 'address', 'body'].map((part) => `mail:user_mailbox.message.${part}:read`);

const everything = [
	...[WRITE_CONTACTS, SEE_EMAIL, SEE_PHONE, LABELS, FOLDERS, RULES, READ_LABELS],
	...MAILS,
	'mail:user_mailbox',
	'mail:user_mailbox:readonly',
	'mail:user_mailbox.message:send',
];

/** The rows of Check Access: `resource operation` to its access, and the row of the mailbox. */
async function check(
	identity: 'app' | 'user',
	scopes: string[],
	{ mailbox = sandbox.mailbox.address, within = true } = {},
) {
	const app = sandbox.tenant.addApp({
		scopes: identity === 'app' ? scopes : [],
		userScopes: [...everything, READ_CONTACTS, 'mail:user_mailbox.folder:read', 'offline_access'],
		dataPermission: within ? 'all' : [],
	});
	const credential =
		identity === 'app'
			? await credentialOf(app)
			: await connected({ app, scopes: [...scopes, 'offline_access'] });
	const { status, jsons } = await run('mailbox', 'checkAccess', { userMailboxId: mailbox }, { credential });
	const [ofMailbox, ...rows] = jsons;
	return { status, ofMailbox, rows };
}

/** Rows of what Feishu offers to the identity. */
const offered = (rows: IDataObject[]) => rows.filter(({ access }) => access !== 'not offered');

describe.each(['app', 'user'] as const)('Check Access as %s', (identity) => {
	it('says granted in every row when all is granted', async () => {
		const { ofMailbox, rows } = await check(identity, everything);
		const others = resources.flatMap(({ operations }) =>
			operations.filter(({ value }) => value !== 'checkAccess'),
		);
		expect(rows).toHaveLength(others.length);
		expect(new Set(offered(rows).map(({ access }) => access))).toEqual(new Set(['granted']));
		const forUsers = rows.filter(({ access }) => access === 'not offered');
		expect(forUsers.map(({ resource, operation }) => `${resource as string} ${operation as string}`)).toEqual(
			identity === 'app'
				? [
						...['Create', 'Delete', 'Get', 'Get Many', 'Send', 'Update'].map((name) => `Draft ${name}`),
						'Mailbox Get',
						...['Cancel Scheduled Send', 'Forward', 'Get Delivery Status', 'Reply', 'Search', 'Send'].map(
							(name) => `Message ${name}`,
						),
						'Signature Get Many',
					]
				: ['Mailbox Create Alias', 'Mailbox Delete Alias', 'Mailbox Get Aliases'],
		);
		expect(ofMailbox).toEqual({
			resource: 'Mailbox',
			operation: sandbox.mailbox.address,
			access: 'granted',
			remedy: 'none needed',
			missing: [],
			scopes: [`${LABELS} or ${READ_LABELS}`],
		});
	});

	it.each([
		['all is granted', everything],
		['a part is granted', [READ_CONTACTS, FOLDERS]],
		['nothing is granted', []],
	])('has the same columns in every row when %s, and says in each what to do', async (_, scopes) => {
		const { ofMailbox, rows } = await check(identity, scopes);
		for (const row of rows) expect(Object.keys(row)).toEqual(Object.keys(ofMailbox!));
		for (const { access, remedy } of [ofMailbox!, ...offered(rows)]) {
			if (access === 'granted') expect(remedy).toBe('none needed');
			else
				expect(remedy).toContain(identity === 'app' ? 'Permissions & Scopes' : "'Scopes' of the credential");
		}
	});

	it('names a scope once where another one that is needed anyway grants the same', async () => {
		const { rows } = await check(identity, []);
		const of = (operation: string) =>
			rows
				.filter(
					(row) =>
						row.operation === operation && ['Contact', 'Folder', 'Label'].includes(String(row.resource)),
				)
				.map(({ missing }) => missing);
		expect(of('Create')).toEqual([[WRITE_CONTACTS, SEE_EMAIL, SEE_PHONE], [FOLDERS], [LABELS]]);
		expect(of('Create or Update')).toEqual([[WRITE_CONTACTS, SEE_EMAIL, SEE_PHONE], [LABELS]]);
		expect(of('Get')).toEqual([
			['mail:user_mailbox.folder:read or mail:user_mailbox.folder:write'],
			[`${LABELS} or ${READ_LABELS}`],
		]);
	});

	it('works when nothing is granted, and names what to grant', async () => {
		const { status, ofMailbox, rows } = await check(identity, []);
		expect(status).toBe('success');
		expect(new Set(offered(rows).map(({ access }) => access))).toEqual(new Set(['not granted']));
		for (const { missing, remedy } of rows) {
			for (const line of missing as string[]) expect(remedy).toContain(line);
		}
		expect(ofMailbox).toMatchObject({ access: 'unknown' });
		expect(ofMailbox?.remedy).toContain(READ_LABELS);
	});

	it('tells apart what is granted, in part, and not', async () => {
		const { rows } = await check(identity, [READ_CONTACTS, SEE_EMAIL, FOLDERS]);
		const row = (resource: string, operation: string) =>
			rows.find((one) => one.resource === resource && one.operation === operation);
		expect(row('Folder', 'Create')).toMatchObject({ access: 'granted', missing: [] });
		expect(row('Contact', 'Get Many')).toMatchObject({
			access: 'partly granted',
			remedy: expect.stringMatching(/^It works, but Feishu leaves fields out\. /) as string,
			missing: [SEE_PHONE],
		});
		expect(row('Contact', 'Create or Update')).toMatchObject({
			access: 'not granted',
			missing: [WRITE_CONTACTS, SEE_PHONE],
		});
		expect(row('Label', 'Get')).toMatchObject({
			access: 'not granted',
			missing: [`${LABELS} or ${READ_LABELS}`],
		});
	});

	it('says that mails work in part without the scopes of their fields, or of what is looked up', async () => {
		const { rows } = await check(identity, [READ_LABELS, LABELS, 'mail:user_mailbox.folder:read']);
		const row = (operation: string) =>
			rows.find((one) => one.resource === 'Message' && one.operation === operation);
		expect(row('Get')).toMatchObject({ access: 'partly granted', missing: MAILS });
		expect(row('Move')).toMatchObject({ access: 'granted' });
		const { rows: others } = await check(identity, [READ_LABELS, LABELS, ...MAILS]);
		expect(others.find((one) => one.resource === 'Message' && one.operation === 'Move')).toMatchObject({
			access: 'partly granted',
			remedy: expect.stringMatching(/^It works, but folders and labels are chosen by ID only\. /) as string,
			missing: ['mail:user_mailbox.folder:read or mail:user_mailbox.folder:write'],
		});
	});

	it('reads the mailbox with a scope that is granted, by one request', async () => {
		const { ofMailbox } = await check(identity, [READ_CONTACTS]);
		expect(ofMailbox).toMatchObject({ access: 'granted' });
		expect(sandbox.requests.map(({ api }) => api)).toEqual([
			...(identity === 'app' ? ['auth.tenantAccessToken', 'application.scopes'] : []),
			'mail.contact.list',
		]);
	});
});

it('says what to do when the mailbox is not within the data range', async () => {
	const { ofMailbox } = await check('app', everything, { within: false });
	expect(ofMailbox).toMatchObject({ access: 'not granted' });
	expect(ofMailbox?.remedy).toContain('data permission');
});

it('says so when there is no such mailbox', async () => {
	const { ofMailbox } = await check('app', everything, { mailbox: 'nobody@example.com' });
	expect(ofMailbox).toMatchObject({ access: 'not granted' });
	expect(ofMailbox?.remedy).toContain("check 'Mailbox'");
});

it.each([
	['an older private deployment', { status: 404, code: 99991400 }],
	['an answer of something else', { kind: 'html', status: 404 }],
] as const)('says unknown where the scopes cannot be asked for: %s', async (_, fault) => {
	sandbox.fail({ api: 'application.scopes', on: () => true, with: fault });
	const { ofMailbox, rows } = await check('app', everything);
	expect(new Set(offered(rows).map(({ access }) => access))).toEqual(new Set(['unknown']));
	expect(rows[0]?.remedy).toContain('try the operation');
	expect(ofMailbox).toMatchObject({ access: 'granted' });
});

it('says unknown for the mailbox, too, where the scope to read it is missing and the scopes cannot be asked for', async () => {
	sandbox.fail({ api: 'application.scopes', on: () => true, with: { status: 404, code: 99991400 } });
	const { ofMailbox } = await check('app', [FOLDERS]);
	expect(ofMailbox).toMatchObject({ access: 'unknown' });
	expect(ofMailbox?.remedy).toContain(READ_LABELS);
});

it.each([
	['an internal fault', { status: 500, code: 1234017 }],
	['a code of another kind', { status: 200, code: 777 }],
] as const)('says unknown of the mailbox where Feishu answers with %s', async (_, fault) => {
	sandbox.fail({ api: 'mail.label.list', on: () => true, with: fault });
	expect((await check('app', everything)).ofMailbox).toMatchObject({ access: 'unknown' });
});

it('counts what the app has only asked for as not granted', async () => {
	const app = sandbox.tenant.addApp({ scopes: [] });
	for (const scope of everything) app.requestedScopes.add(scope);
	const { jsons } = await run('mailbox', 'checkAccess', {}, { credential: await credentialOf(app) });
	expect(jsons.slice(1).map(({ access }) => access)).not.toContain('granted');
});

it('asks for the scopes once for all items', async () => {
	const { jsons } = await run('mailbox', 'checkAccess', {}, { items: [{}, {}, {}] });
	expect(new Set(offered(jsons).map(({ access }) => access))).toEqual(new Set(['granted']));
	expect(sandbox.requestsTo('application.scopes')).toHaveLength(1);
});
