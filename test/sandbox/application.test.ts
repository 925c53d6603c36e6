import { connect, connectSdk, fetchToken, outcome } from './client';
import { Sandbox } from './index';

const path = '/open-apis/application/v6/scopes';
const readLabels = 'mail:user_mailbox.message:readonly';
const writeContacts = 'mail:user_mailbox.mail_contact:write';

let sandbox: Sandbox;

beforeEach(async () => {
	sandbox = await Sandbox.start();
});
afterEach(async () => await sandbox.close());

describe('the scopes of an app', () => {
	it('are told by identity, granted or not, to the official SDK', async () => {
		const app = sandbox.tenant.addApp({ scopes: [readLabels], userScopes: [] });
		app.requestedScopes.add(writeContacts);
		const answer = await connectSdk({ app, url: sandbox.url }).application.scope.list();
		expect(answer).toMatchObject({ code: 0 });
		expect(answer.data?.scopes).toEqual([
			{ scope_name: readLabels, grant_status: 1, scope_type: 'tenant' },
			{ scope_name: writeContacts, grant_status: 2, scope_type: 'tenant' },
			{ scope_name: writeContacts, grant_status: 2, scope_type: 'user' },
		]);
	});

	it('are told to an app that holds none', async () => {
		const app = sandbox.tenant.addApp({ scopes: [], userScopes: [] });
		const { status, data } = await connect(sandbox, await fetchToken(sandbox, app)).get(path);
		expect([status, data]).toMatchObject([200, { code: 0, data: { scopes: [] } }]);
	});

	it('are told to the app only, not to a user', async () => {
		const user = connect(sandbox, sandbox.issueUserTokens().access_token);
		expect(outcome(await user.get(path))).toEqual([400, 99991668]);
		expect(outcome(await connect(sandbox).get(path))).toEqual([400, 99991661]);
	});
});
