import type { INodeParameters } from 'n8n-workflow';

import { labelHints } from '../../nodes/FeishuMail/actions/label/label';
import type { Endpoint } from '../../nodes/FeishuMail/transport/endpoint';
import { Sandbox } from '../sandbox';
import { Engine, type RunOptions } from './engine';
import { callNode } from './readNode';

const CREATE = 'mail.label.create';
const TOKEN = 'auth.oauthToken';

let sandbox: Sandbox;
let engine: Engine;

beforeEach(async () => {
	sandbox = await Sandbox.start();
	engine = new Engine(sandbox);
});

afterEach(async () => await sandbox.close());

/** A credential that the sandbox's user has connected. */
const connected = async (tokens: object = sandbox.issueUserTokens()) =>
	await engine.credentials.add('feishuMailOAuth2Api', {
		region: 'custom',
		baseUrl: sandbox.url,
		customAuthUrl: `${sandbox.url}/open-apis/authen/v1/authorize`,
		customTokenUrl: `${sandbox.url}/open-apis/authen/v2/oauth/token`,
		clientId: sandbox.app.id,
		clientSecret: sandbox.app.secret,
		oauthTokenData: { ...tokens },
	});

const named = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `No. ${index}` }));

const run = async (
	credential: NonNullable<RunOptions['credential']>,
	count = 1,
	parameters: INodeParameters = {},
	change: Partial<RunOptions> = {},
) =>
	await engine.run({
		parameters: {
			authentication: 'oAuth2',
			resource: 'label',
			operation: 'create',
			userMailboxId: 'me',
			name: '={{ $json.name }}',
			...parameters,
		},
		items: named(count),
		credential,
		...change,
	});

const storedTokens = async (credential: NonNullable<RunOptions['credential']>) =>
	(await engine.credentials.read(credential)).oauthTokenData as unknown as Record<string, string>;

/** Refresh tokens that were sent, in order. */
const refreshTokensSent = () =>
	sandbox.requestsTo(TOKEN).map(({ rawBody }) => new URLSearchParams(rawBody).get('refresh_token'));

const names = () => sandbox.mailbox.labels.map(({ name }) => name);

describe('as a user', () => {
	it.each(['me', 'ME', ' me '])('the mailbox %j is the own one', async (userMailboxId) => {
		const { error, outputs } = await run(await connected(), 3, { userMailboxId });
		expect(error?.message).toBeUndefined();
		expect(outputs[0]).toHaveLength(3);
		expect(names().sort()).toEqual(['No. 0', 'No. 1', 'No. 2']);
		expect(sandbox.requestsTo(TOKEN)).toHaveLength(0);
		expect(sandbox.requestsTo('auth.tenantAccessToken')).toHaveLength(0);
	});

	it('the quota is waited for', async () => {
		sandbox.setQuota(CREATE, { limit: 2, window: 0.5 });
		const { error } = await run(await connected(), 3);
		expect(error?.message).toBeUndefined();
		expect(names()).toHaveLength(3);
	});

	it('the address of the own mailbox works too, and of a public one', async () => {
		const shared = sandbox.tenant.addMailbox('team@example.com');
		shared.members.add(sandbox.user);
		const credential = await connected();
		expect((await run(credential, 1, { userMailboxId: sandbox.mailbox.address })).error).toBeUndefined();
		expect((await run(credential, 1, { userMailboxId: shared.address })).error).toBeUndefined();
		expect(shared.labels).toHaveLength(1);
	});

	it("another person's mailbox is refused in words", async () => {
		const other = sandbox.tenant.addMailbox('boss@example.com');
		const { error } = await run(await connected(), 1, { userMailboxId: other.address });
		expect(error?.context.details).toMatchObject({ code: 1234030 });
	});

	it('a scope that the user did not grant is named, with what to do', async () => {
		const credential = await connected(sandbox.issueUserTokens({ scopes: ['offline_access'] }));
		const { error } = await run(credential);
		expect(error?.context.details).toMatchObject({ code: 99991679 });
		expect(error?.message).toContain('mail:user_mailbox.message:modify');
		expect(error?.message).toContain('reconnect the credential');
	});

	it('a credential that nobody connected says so, without a request', async () => {
		const credential = await connected({});
		const { error } = await run(credential);
		expect(error?.message).toContain('The credential is not connected');
		expect(sandbox.requests).toHaveLength(0);
	});
});

describe('the credential', () => {
	it.each([
		[
			'feishu',
			'https://accounts.feishu.cn/open-apis/authen/v1/authorize',
			'https://open.feishu.cn/open-apis/authen/v2/oauth/token',
		],
		[
			'lark',
			'https://accounts.larksuite.com/open-apis/authen/v1/authorize',
			'https://open.larksuite.com/open-apis/authen/v2/oauth/token',
		],
		['custom', 'https://a.example.com/authorize', 'https://b.example.com/token'],
	])('of region %s leads to its addresses', async (region, authUrl, accessTokenUrl) => {
		const details = await engine.credentials.add('feishuMailOAuth2Api', {
			region,
			baseUrl: 'https://c.example.com',
			customAuthUrl: 'https://a.example.com/authorize',
			customTokenUrl: 'https://b.example.com/token',
			userScopes: 'offline_access one',
		});
		const decrypted = await engine.credentials.getDecrypted(
			undefined as never,
			details,
			'feishuMailOAuth2Api',
			'internal',
		);
		expect(decrypted).toMatchObject({
			authUrl,
			accessTokenUrl,
			scope: 'offline_access one',
			authentication: 'body',
			grantType: 'pkce',
		});
	});
});

describe('an access token that has expired', () => {
	it.each([
		[401, 99991677],
		[400, 99991668],
		[400, 99991677],
		[200, 99991677],
	] as const)(
		'HTTP %d with code %d: is renewed once, the request sent once more, the rotation stored',
		async (status, code) => {
			sandbox.expiredUserTokenAnswer = { status, code };
			const credential = await connected();
			const before = await storedTokens(credential);
			sandbox.clock.advance(3 * 3_600_000);

			const { error, outputs } = await run(credential, 10);
			expect(error?.message).toBeUndefined();
			expect(outputs[0]!.map(({ json }) => json.name)).toEqual(named(10).map(({ name }) => name));
			expect(names()).toHaveLength(10);
			expect(refreshTokensSent()).toEqual([before.refresh_token]);

			const after = await storedTokens(credential);
			expect(after.access_token).not.toBe(before.access_token);
			expect(after.refresh_token).not.toBe(before.refresh_token);

			sandbox.clock.advance(3 * 3_600_000);
			expect((await run(credential, 1, { name: 'Later' })).error).toBeUndefined();
			expect(refreshTokensSent()).toEqual([before.refresh_token, after.refresh_token]);
		},
	);

	it('is renewed once by two executions that meet it together', async () => {
		const credential = await connected();
		const { refresh_token } = await storedTokens(credential);
		sandbox.clock.advance(3 * 3_600_000);
		const runs = await Promise.all([
			run(credential, 5, { name: '=a {{ $json.name }}' }),
			run(credential, 5, { name: '=b {{ $json.name }}' }),
		]);
		for (const { error } of runs) expect(error?.message).toBeUndefined();
		expect(names()).toHaveLength(10);
		expect(refreshTokensSent()).toEqual([refresh_token]);
	});

	it('but was renewed by another execution meanwhile is not renewed again', async () => {
		const credential = await connected();
		const fresh = sandbox.issueUserTokens();
		sandbox.fail({
			api: CREATE,
			on: (n) => {
				if (n === 1) void engine.credentials.change(credential, { oauthTokenData: { ...fresh } });
				return n === 1;
			},
			with: { status: 401, code: 99991677 },
		});
		expect((await run(credential)).error).toBeUndefined();
		expect(sandbox.requestsTo(TOKEN)).toHaveLength(0);
	});

	it('never leads to a loop when Feishu goes on rejecting', async () => {
		sandbox.fail({ api: CREATE, on: () => true, with: { status: 401, code: 99991677 } });
		const { outputs } = await run(await connected(), 12, {}, { onError: 'continueRegularOutput' });
		expect(outputs[0]).toHaveLength(12);
		expect(sandbox.requestsTo(TOKEN)).toHaveLength(1);
	});
});

describe('access that cannot be renewed', () => {
	const expired = async (tokens?: object) => {
		const credential = await connected(tokens);
		sandbox.clock.advance(3 * 3_600_000);
		return credential;
	};

	it.each<[string, () => void]>([
		['was revoked', () => sandbox.app.revokeRefreshTokens()],
		['has ended after a week', () => sandbox.clock.advance(8 * 24 * 3_600_000)],
		['was switched off in the console', () => (sandbox.app.refreshEnabled = false)],
	])('because it %s: reconnect the credential', async (_, happens) => {
		const credential = await expired();
		happens();
		const { error, record } = await run(credential, 20, {}, { onError: 'continueRegularOutput' });
		expect(error).toBeUndefined();
		expect(record).toContain('reconnect the credential');
		expect(sandbox.requestsTo(TOKEN)).toHaveLength(1);
		expect(names()).toEqual([]);
	});

	it('because there is no refresh token: reconnect with offline_access', async () => {
		const { access_token } = sandbox.issueUserTokens();
		const { error } = await run(await expired({ access_token, token_type: 'Bearer' }));
		expect(error?.message).toContain("'offline_access'");
	});

	it('because the token endpoint cannot be reached: says so, and it may be tried again', async () => {
		const credential = await expired();
		sandbox.fail({ api: TOKEN, on: () => true, with: { kind: 'html', status: 502 } });
		const { error } = await run(credential);
		expect(error?.message).not.toContain('reconnect');
	});

	it('shows no token and no secret', async () => {
		const credential = await expired();
		const { access_token, refresh_token } = await storedTokens(credential);
		sandbox.app.revokeRefreshTokens();
		const { record, error } = await run(credential);
		for (const secret of [access_token!, refresh_token!, sandbox.app.secret]) {
			expect(record + String(error?.stack) + String(error?.description)).not.toContain(secret);
		}
	});
});

describe('an endpoint that accepts only', () => {
	const endpoint = (tokens: Endpoint['tokens']): Endpoint => ({
		method: 'GET',
		path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/labels',
		tokens,
		scopes: ['mail:user_mailbox.message:readonly'],
		quota: '10 label lists a second',
		hints: labelHints,
	});

	it('apps refuses a user before any request, with the reason', async () => {
		const { error } = await run(await connected(), 1, {}, { nodeType: callNode(endpoint(['tenant']), 'me') });
		expect(error?.message).toContain('Feishu offers this operation to apps only');
		expect(sandbox.requests).toHaveLength(0);
	});

	it('users refuses an app before any request, with the reason', async () => {
		const { error } = await engine.run({
			parameters: {},
			nodeType: callNode(endpoint(['user']), sandbox.mailbox.address),
		});
		expect(error?.message).toContain('Feishu offers this operation to users only');
		expect(sandbox.requests).toHaveLength(0);
	});
});
