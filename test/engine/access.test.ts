import { resources } from '../../nodes/FeishuMail/actions';
import { connected, credentialOf, run, sandbox } from './stage';

const READ_CONTACTS = 'mail:user_mailbox.mail_contact:read';
const WRITE_CONTACTS = 'mail:user_mailbox.mail_contact:write';
const SEE_EMAIL = 'mail:user_mailbox.mail_contact.mail_address:read';
const SEE_PHONE = 'mail:user_mailbox.mail_contact.phone:read';
const LABELS = 'mail:user_mailbox.message:modify';
const FOLDERS = 'mail:user_mailbox.folder:write';

const everything = [WRITE_CONTACTS, SEE_EMAIL, SEE_PHONE, LABELS, FOLDERS];

/** The rows of Check Access: `resource operation` to its access, and the row of the mailbox. */
async function check(
	identity: 'app' | 'user',
	scopes: string[],
	{ mailbox = sandbox.mailbox.address, within = true } = {},
) {
	const app = sandbox.tenant.addApp({
		scopes: identity === 'app' ? scopes : [],
		userScopes: [...everything, READ_CONTACTS, 'offline_access'],
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

describe.each(['app', 'user'] as const)('Check Access as %s', (identity) => {
	it('says granted in every row when all is granted', async () => {
		const { ofMailbox, rows } = await check(identity, everything);
		const others = resources.flatMap(({ value, operations }) => (value === 'mailbox' ? [] : operations));
		expect(rows).toHaveLength(others.length);
		expect(new Set(rows.map(({ access }) => access))).toEqual(new Set(['granted']));
		expect(ofMailbox).toEqual({
			resource: 'Mailbox',
			operation: sandbox.mailbox.address,
			access: 'granted',
			remedy: '',
		});
	});

	it('works when nothing is granted, and names what to grant', async () => {
		const { status, ofMailbox, rows } = await check(identity, []);
		expect(status).toBe('success');
		expect(new Set(rows.map(({ access }) => access))).toEqual(new Set(['not granted']));
		for (const { missing, remedy } of rows) {
			for (const line of missing as string[]) expect(remedy).toContain(line);
		}
		expect(ofMailbox).toMatchObject({ access: 'unknown' });
		expect(ofMailbox?.remedy).toContain('mail:user_mailbox.message:readonly');
	});

	it('tells apart what is granted, in part, and not', async () => {
		const { rows } = await check(identity, [READ_CONTACTS, SEE_EMAIL, FOLDERS]);
		const row = (resource: string, operation: string) =>
			rows.find((one) => one.resource === resource && one.operation === operation);
		expect(row('Folder', 'Create')).toMatchObject({ access: 'granted', missing: [] });
		expect(row('Contact', 'Get Many')).toMatchObject({ access: 'partly granted', missing: [SEE_PHONE] });
		expect(row('Contact', 'Create or Update')).toMatchObject({
			access: 'not granted',
			missing: [WRITE_CONTACTS, SEE_PHONE],
		});
		expect(row('Label', 'Get')).toMatchObject({
			access: 'not granted',
			missing: [`${LABELS} or mail:user_mailbox.message:readonly`],
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
	expect(new Set(rows.map(({ access }) => access))).toEqual(new Set(['unknown']));
	expect(ofMailbox).toMatchObject({ access: 'granted' });
});

it('says unknown for the mailbox, too, where the scope to read it is missing and the scopes cannot be asked for', async () => {
	sandbox.fail({ api: 'application.scopes', on: () => true, with: { status: 404, code: 99991400 } });
	const { ofMailbox } = await check('app', [FOLDERS]);
	expect(ofMailbox).toMatchObject({ access: 'unknown' });
	expect(ofMailbox?.remedy).toContain('mail:user_mailbox.message:readonly');
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
	expect(new Set(jsons.map(({ access }) => access))).toEqual(new Set(['granted']));
	expect(sandbox.requestsTo('application.scopes')).toHaveLength(1);
});
