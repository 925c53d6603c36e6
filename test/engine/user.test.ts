/* eslint-disable @n8n/community-nodes/no-restricted-globals -- waits for requests that must not come */
import type { ICredentialDataDecryptedObject, INodeCredentialsDetails, INodeParameters } from 'n8n-workflow';

import { labelHints } from '../../nodes/FeishuMail/actions/label/label';
import type { Endpoint } from '../../nodes/FeishuMail/transport/endpoint';
import { FeishuMailOAuth2Api } from '../../credentials/FeishuMailOAuth2Api.credentials';
import { clock } from '../../nodes/FeishuMail/transport/clock';
import type { Fault } from '../sandbox';
import { connect, mailboxPath, oauthTokenPaths } from '../sandbox/client';
import type { RunOptions } from './engine';
import { callNode } from './readNode';
import { connected, continues, engine, named, onRequest, run, sandbox, time } from './stage';

const CREATE = 'mail.label.create';
const CREATE_CONTACT = 'mail.contact.create';
const TOKEN = 'auth.oauthToken';

const HOUR = 3_600_000;

/** A credential whose access token has ended. */
const expired = async (change: ICredentialDataDecryptedObject = {}) => {
	const credential = await connected({}, change);
	sandbox.clock.advance(3 * HOUR);
	return credential;
};

const create = async (
	resource: 'contact' | 'label',
	credential: INodeCredentialsDetails,
	count: number,
	parameters: INodeParameters,
	change: Partial<RunOptions>,
) =>
	await run(
		resource,
		'create',
		{ userMailboxId: 'me', name: '={{ $json.name }}', ...parameters },
		{ items: named(count), credential, ...change },
	);

/** Creates contacts, which happens one after the other. */
const createContacts = async (
	credential: INodeCredentialsDetails,
	count: number,
	change: Partial<RunOptions> = {},
) => await create('contact', credential, count, {}, change);

const createLabels = async (
	credential: INodeCredentialsDetails,
	count = 1,
	parameters: INodeParameters = {},
	change: Partial<RunOptions> = {},
) => await create('label', credential, count, parameters, change);

const storedTokens = async (credential: INodeCredentialsDetails) =>
	(await engine.credentials.read(credential)).oauthTokenData as unknown as Record<string, string>;

/** Refresh tokens that were sent, in order. */
const refreshTokensSent = () =>
	sandbox.requestsTo(TOKEN).map(({ rawBody }) => new URLSearchParams(rawBody).get('refresh_token'));

const rejection: Fault = { status: 401, code: 99991677 };

const names = () => sandbox.mailbox.labels.map(({ name }) => name);

describe('as a user', () => {
	it.each(['me', 'ME', ' me ', '={{ "" }}', '={{ null }}'])(
		'the mailbox %j is the own one',
		async (userMailboxId) => {
			const { error, outputs } = await createLabels(await connected(), 3, { userMailboxId });
			expect(error?.message).toBeUndefined();
			expect(outputs[0]).toHaveLength(3);
			expect(names().sort()).toEqual(['No. 0', 'No. 1', 'No. 2']);
			expect(sandbox.requestsTo(TOKEN)).toHaveLength(0);
			expect(sandbox.requestsTo('auth.tenantAccessToken')).toHaveLength(0);
		},
	);

	it('the quota is waited for', async () => {
		sandbox.setQuota(CREATE, { limit: 2, window: 0.5 });
		const { error } = await createLabels(await connected(), 3);
		expect(error?.message).toBeUndefined();
		expect(names()).toHaveLength(3);
	});

	it('the address of the own mailbox works too, and of a public one', async () => {
		const shared = sandbox.tenant.addMailbox('team@example.com');
		shared.members.add(sandbox.user);
		const credential = await connected();
		expect(
			(await createLabels(credential, 1, { userMailboxId: sandbox.mailbox.address })).error,
		).toBeUndefined();
		expect((await createLabels(credential, 1, { userMailboxId: shared.address })).error).toBeUndefined();
		expect(shared.labels).toHaveLength(1);
	});

	it("another person's mailbox is refused in words", async () => {
		const other = sandbox.tenant.addMailbox('boss@example.com');
		const { error } = await createLabels(await connected(), 1, { userMailboxId: other.address });
		expect(error?.context.details).toMatchObject({ code: 1234030 });
	});

	it('a scope that the user did not grant is named, with what to do', async () => {
		const credential = await connected({ scopes: ['offline_access'] });
		const { error } = await createLabels(credential);
		expect(error?.context.details).toMatchObject({ code: 99991679 });
		expect(error?.message).toContain('mail:user_mailbox.message:modify');
		expect(error?.message).toContain('reconnect the credential');
	});

	it('a credential that nobody connected says so, without a request', async () => {
		const credential = await connected({}, { oauthTokenData: {} });
		const { error } = await createLabels(credential);
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
			sandbox.clock.advance(3 * HOUR);

			const { error, outputs } = await createLabels(credential, 10);
			expect(error?.message).toBeUndefined();
			expect(outputs[0]!.map(({ json }) => json.name)).toEqual(named(10).map(({ name }) => name));
			expect(names()).toHaveLength(10);
			expect(refreshTokensSent()).toEqual([before.refresh_token]);

			const after = await storedTokens(credential);
			expect(after.access_token).not.toBe(before.access_token);
			expect(after.refresh_token).not.toBe(before.refresh_token);

			sandbox.clock.advance(3 * HOUR);
			expect((await createLabels(credential, 1, { name: 'Later' })).error).toBeUndefined();
			expect(refreshTokensSent()).toEqual([before.refresh_token, after.refresh_token]);
		},
	);

	it('is renewed once by two executions that meet it together', async () => {
		const credential = await connected();
		const { refresh_token } = await storedTokens(credential);
		sandbox.clock.advance(3 * HOUR);
		const runs = await Promise.all([
			createLabels(credential, 5, { name: '=a {{ $json.name }}' }),
			createLabels(credential, 5, { name: '=b {{ $json.name }}' }),
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
		expect((await createLabels(credential)).error).toBeUndefined();
		expect(sandbox.requestsTo(TOKEN)).toHaveLength(0);
	});

	it('is renewed although the token that another execution has stored meanwhile has ended too', async () => {
		const others = sandbox.issueUserTokens();
		const credential = await expired();
		onRequest(CREATE, 1, () => engine.credentials.change(credential, { oauthTokenData: { ...others } }));
		const { error } = await createLabels(credential);
		expect(error?.message).toBeUndefined();
		expect(names()).toHaveLength(1);
		expect(refreshTokensSent()).toEqual([others.refresh_token]);
	});

	it('twice in a row on one item is renewed twice, and again later in the run', async () => {
		sandbox.fail({ api: CREATE_CONTACT, on: [1, 2, 5, 6, 8], with: rejection });
		const { error } = await createContacts(await connected(), 5);
		expect(error?.message).toBeUndefined();
		expect(sandbox.mailbox.contacts).toHaveLength(5);
		expect(sandbox.requestsTo(TOKEN)).toHaveLength(5);
	});

	it('is renewed after an item that no renewal helped', async () => {
		sandbox.fail({ api: CREATE_CONTACT, on: [1, 2, 3, 5], with: rejection });
		const { outputs } = await createContacts(await connected(), 4, { onError: 'continueErrorOutput' });
		expect(outputs.map((items) => items.length)).toEqual([3, 1]);
	});

	it('never leads to a loop when Feishu goes on rejecting, and names whose token it is', async () => {
		sandbox.fail({ api: CREATE, on: () => true, with: rejection });
		const { outputs } = await createLabels(await connected(), 30, {}, continues);
		expect(outputs[0]!.map(({ json }) => json.error)).toEqual(
			Array(30).fill(expect.stringContaining("does not accept the user's access token, not even a new one")),
		);
		expect(refreshTokensSent().length).toBeLessThanOrEqual(3);
		expect(sandbox.requestsTo(CREATE).length).toBeLessThanOrEqual(30 + 3 * 6);
	});

	it('is renewed again an hour after renewals that did not help', async () => {
		onRequest(CREATE_CONTACT, 6, () => time.pass(HOUR));
		const rejecting = sandbox.fail({ api: CREATE_CONTACT, on: (n) => n <= 6, with: rejection });
		const { outputs } = await createContacts(await connected(), 4, { onError: 'continueErrorOutput' });
		expect(rejecting.fired).toBe(6);
		expect(outputs.map((items) => items.length)).toEqual([2, 2]);
	});
});

describe('a renewal that another worker of n8n has won', () => {
	/** The winner's tokens; the credential still holds the old ones. */
	const lost = async () => {
		const credential = await expired();
		const { refresh_token } = await storedTokens(credential);
		const { data } = await connect(sandbox).post(oauthTokenPaths.v2, {
			grant_type: 'refresh_token',
			client_id: sandbox.app.id,
			client_secret: sandbox.app.secret,
			refresh_token,
		});
		return { credential, store: () => engine.credentials.change(credential, { oauthTokenData: data }) };
	};

	it('and stored just then is used', async () => {
		const { credential, store } = await lost();
		onRequest(TOKEN, 1, store);
		const { error } = await createLabels(credential, 10);
		expect(error?.message).toBeUndefined();
		expect(names()).toHaveLength(10);
		expect(sandbox.requestsTo(TOKEN)).toHaveLength(2);
	});

	it('and stores a moment later is waited for', async () => {
		const { credential, store } = await lost();
		jest.spyOn(clock, 'wait').mockImplementationOnce(async () => await store());
		const { error } = await createLabels(credential, 10);
		expect(error?.message).toBeUndefined();
		expect(names()).toHaveLength(10);
	});

	it('and stores long after is used for the items that are left', async () => {
		const { credential, store } = await lost();
		const read = engine.credentials.getDecrypted.bind(engine.credentials);
		jest.spyOn(engine.credentials, 'getDecrypted').mockImplementation(async (...parameters) => {
			const data = await read(...parameters);
			if (time.waits.length === 2) await store();
			return data;
		});
		const { outputs } = await createContacts(credential, 3, { onError: 'continueErrorOutput' });
		expect(outputs[1]![0]!.json.error).toContain('reconnect the credential');
		expect(outputs[0]).toHaveLength(2);
	});
});

describe('access that cannot be renewed', () => {
	it.each<[string, () => void]>([
		['was revoked', () => sandbox.app.revokeRefreshTokens()],
		['has ended after a week', () => sandbox.clock.advance(8 * 24 * 3_600_000)],
		['was switched off in the console', () => (sandbox.app.refreshEnabled = false)],
	])('because it %s: reconnect the credential', async (_, happens) => {
		const credential = await expired();
		happens();
		const { error, record } = await createLabels(credential, 20, {}, continues);
		expect(error).toBeUndefined();
		expect(record).toContain('reconnect the credential');
		expect(sandbox.requestsTo(TOKEN)).toHaveLength(1);
		expect(names()).toEqual([]);
	});

	it('because there is no refresh token: reconnect with offline_access', async () => {
		const { access_token } = sandbox.issueUserTokens();
		const { error } = await createLabels(
			await expired({ oauthTokenData: { access_token, token_type: 'Bearer' } }),
		);
		expect(error?.message).toContain("'offline_access'");
	});

	it('because of a reason that n8n may keep to itself: tells it or lists all, the switch in the console among them', async () => {
		const credential = await expired();
		sandbox.app.revokeRefreshTokens();
		const { error } = await createLabels(credential);
		expect(error?.description).toContain('the access was revoked');
		expect(error?.description).toMatch(/code 20064|365 days[^]+switched off under 'Security Settings'/);
	});

	it.each([
		[20026, 'is not one of this address', 'reconnect the credential'],
		[20037, '365 days', 'reconnect the credential'],
		[20064, 'the access was revoked', 'reconnect the credential'],
		[20073, 'used before, which Feishu allows only once', 'reconnect the credential'],
		[20074, "switched off under 'Security Settings' of the app", 'reconnect the credential'],
		[20002, 'because of the fault', "copy both again from 'Credentials & Basic Info'"],
		[20048, 'because of the fault', "copy both again from 'Credentials & Basic Info'"],
		[20069, 'because of the fault', 'enable it in the admin console'],
		[20099, 'because of the fault', 'reconnect the credential'],
	])('because of code %d: says "%s" and "%s", once', async (code, reason, step) => {
		const credential = await expired();
		const body = { code, error: 'refused', error_description: 'because of the fault' };
		for (const status of [400, 200]) {
			sandbox.clearFaults();
			sandbox.requests.length = 0;
			sandbox.fail({ api: TOKEN, on: () => true, with: { status, body: JSON.stringify(body) } });
			const { outputs } = await createLabels(credential, 12, {}, continues);
			for (const { json } of outputs[0]!) {
				const { description, ...details } = json.details as { description: string };
				expect(json.error).toContain(step);
				expect(description).toContain(reason);
				expect(description).toContain(`because of the fault (code ${code}`);
				expect(details).toMatchObject({ code });
			}
			expect(sandbox.requestsTo(TOKEN)).toHaveLength(1);
		}
	});

	it.each<[string, Fault, number]>([
		['HTTP 404', { status: 404, body: '404 page not found', contentType: 'text/plain' }, 404],
		['HTML', { kind: 'html', status: 200 }, 200],
		['HTML with HTTP 403', { kind: 'html', status: 403 }, 403],
	])('because the token URL answers %s: says so, and not to reconnect', async (_, fault, httpCode) => {
		const credential = await expired();
		sandbox.fail({ api: TOKEN, on: () => true, with: fault });
		const { outputs } = await createLabels(credential, 12, {}, continues);
		const { json } = outputs[0]![11]!;
		expect(json.error).toContain(`(HTTP ${httpCode}): check 'Region' and 'Token URL' of the credential`);
		expect(json.details).toMatchObject({ httpCode });
		expect(JSON.stringify(json)).not.toContain('reconnect');
		expect(sandbox.requestsTo(TOKEN)).toHaveLength(1);
	});

	it('because the token URL is of another path: says so', async () => {
		const { error } = await createLabels(await expired({ customTokenUrl: `${sandbox.url}/oauth/token` }));
		expect(error?.message).toContain("check 'Region' and 'Token URL' of the credential");
	});

	it('shows no token and no secret', async () => {
		const credential = await expired();
		const { access_token, refresh_token } = await storedTokens(credential);
		sandbox.app.revokeRefreshTokens();
		const { record, error } = await createLabels(credential);
		for (const secret of [access_token!, refresh_token!, sandbox.app.secret]) {
			expect(record + String(error?.stack) + String(error?.description)).not.toContain(secret);
		}
	});
});

describe('a token endpoint that cannot renew at the moment', () => {
	const json = (status: number, body: object): Fault => ({ status, body: JSON.stringify(body) });

	describe.each<[string, Fault, object, string]>([
		[
			'HTTP 429',
			{ status: 429, code: 99991400 },
			{ code: 99991400, httpCode: 429 },
			'code 99991400, HTTP 429',
		],
		['HTTP 429 of a proxy', { kind: 'html', status: 429 }, { httpCode: 429 }, 'HTTP 429'],
		[
			'code 99991400',
			json(400, { code: 99991400, error: 'slow_down', error_description: 'request trigger frequency limit' }),
			{ code: 99991400 },
			'request trigger frequency limit',
		],
		['code 99991400 with HTTP 200', json(200, { code: 99991400, msg: 'limit' }), { code: 99991400 }, 'limit'],
		[
			'HTTP 500',
			json(500, { code: 20050, error: 'server_error', error_description: 'try again' }),
			{ code: 20050, httpCode: 500 },
			'try again (code 20050, HTTP 500',
		],
		['HTTP 503', json(503, { code: 20072 }), { code: 20072, httpCode: 503 }, 'code 20072, HTTP 503'],
		['HTTP 502 of a proxy', { kind: 'html', status: 502 }, { httpCode: 502 }, 'HTTP 502'],
	])('because of %s', (_, fault, details, words) => {
		it('is asked again', async () => {
			sandbox.fail({ api: TOKEN, times: 2, with: fault });
			const { error } = await createLabels(await expired());
			expect(error?.message).toBeUndefined();
			expect(names()).toHaveLength(1);
		});

		it('is named with status and code, and nobody has to reconnect', async () => {
			sandbox.fail({ api: TOKEN, on: () => true, with: fault });
			const { error } = await createLabels(await expired());
			expect(error?.message).toContain('cannot be renewed at the moment');
			expect(error?.message).toContain('run it again later');
			expect(error?.description).toContain(words);
			expect(error?.context.details).toMatchObject(details);
			expect(`${error?.message} ${error?.description}`).not.toContain('reconnect');
			expect(sandbox.requestsTo(TOKEN)).toHaveLength(3);
		});
	});

	it('because the connection breaks is asked again', async () => {
		sandbox.fail({ api: TOKEN, times: 2, with: { kind: 'reset', when: 'before' } });
		const { error } = await createLabels(await expired());
		expect(error?.message).toBeUndefined();
		expect(names()).toHaveLength(1);
	});

	it.each<[string, Fault]>([
		['hangs', { kind: 'hang' }],
		['is slow', { kind: 'delay', ms: 300 }],
	])(
		'because it %s does not keep a run from being cancelled, after which nothing is sent',
		async (_, fault) => {
			let cancelExecution = () => {};
			onRequest(TOKEN, 1, () => cancelExecution());
			sandbox.fail({ api: TOKEN, on: () => true, with: fault });
			const started = ({ cancel }: { cancel(): void }) => {
				cancelExecution = cancel;
			};
			const { status } = await createLabels(await expired(), 3, {}, { started });
			expect(status).toBe('canceled');
			const sent = sandbox.requestsTo(CREATE).length;
			await new Promise((resolve) => setTimeout(resolve, 500));
			expect(sandbox.requestsTo(CREATE)).toHaveLength(sent);
			expect(names()).toEqual([]);
		},
	);
});

describe("the credential's test", () => {
	const token = () => sandbox.issueUserTokens().access_token;

	it.each<[string, number, () => string, string, string]>([
		['that has expired', 401, token, '', 'The access has ended'],
		['that Feishu does not know', 400, () => 'u-unknown', '', 'does not accept the access'],
		['at the address of another server', 404, token, '/elsewhere', "check 'Region' and 'Base URL'"],
	])('has words for an access token %s: HTTP %d', async (_, status, access, prefix, words) => {
		const client = connect(sandbox, access());
		sandbox.clock.advance(3 * HOUR);
		const answer = await client.get(prefix + mailboxPath('profile', 'me'));
		expect(answer.status).toBe(status);
		const { rules = [] } = new FeishuMailOAuth2Api().test;
		const said = rules.flatMap(({ type, properties }) =>
			type === 'responseCode' && properties.value === answer.status ? properties.message : [],
		);
		expect(said).toEqual([expect.stringContaining(words)]);
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
		const { error } = await createLabels(
			await connected(),
			1,
			{},
			{ nodeType: callNode(endpoint(['tenant']), 'me') },
		);
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

it('a scope that the app lacks is told to a user as one of theirs, too', async () => {
	sandbox.fail({ api: CREATE, with: { status: 400, code: 99991672 } });
	const { error } = await createLabels(await connected());
	expect(error?.message).toContain(
		'that the app has it as a user token scope, then reconnect the credential',
	);
});
