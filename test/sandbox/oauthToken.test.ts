import { createHash } from 'crypto';

import { Sandbox } from './index';
import type { App, UserTokens } from './index';
import { connect, connectSdk, fetchCode, mailboxPath, oauthTokenPaths, outcome, redirectUri } from './client';

let sandbox: Sandbox;

beforeEach(async () => {
	sandbox = await Sandbox.start({ clock: { now: () => 1_700_000_000_000 } });
});
afterEach(async () => await sandbox.close());

type Body = Record<string, unknown>;

const day = 24 * 60 * 60 * 1000;
const credentials = ({ id, secret }: App = sandbox.app) => ({ client_id: id, client_secret: secret });
const ask = async (body: unknown, path: string = oauthTokenPaths.v2, headers = {}) =>
	await connect(sandbox).post(path, body, { headers });
const codeBody = async (change: Body = {}, parameters = {}): Promise<Body> => ({
	grant_type: 'authorization_code',
	...credentials(),
	code: await fetchCode(sandbox, parameters),
	redirect_uri: redirectUri,
	...change,
});
const refreshBody = (refreshToken: unknown, change: Body = {}): Body => ({
	grant_type: 'refresh_token',
	...credentials(),
	refresh_token: refreshToken,
	...change,
});
const tokensOf = async (answer: Promise<{ data: unknown }>) => (await answer).data as UserTokens;
const refresh = async (token: unknown, path: string = oauthTokenPaths.v2) =>
	await ask(refreshBody(token), path);

describe('authorization code', () => {
	it.each(['v2', 'v3'] as const)('gives tokens at %s, all at the top level', async (version) => {
		const { status, data } = await ask(await codeBody(), oauthTokenPaths[version]);
		expect(status).toBe(200);
		expect(data).toEqual({
			code: 0,
			access_token: expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/) as string,
			expires_in: 7200,
			refresh_token: expect.stringMatching(/^eyJ/) as string,
			refresh_token_expires_in: 604_800,
			token_type: 'Bearer',
			scope: [...sandbox.app.userScopes].join(' '),
		});
		const { length } = (data as UserTokens).access_token;
		expect(length).toBeGreaterThan(1024);
		expect(length).toBeLessThan(2048);
		expect(sandbox.requestsTo('auth.oauthToken')).toMatchObject([
			{ status: 200, code: 0, executed: true, body: { grant_type: 'authorization_code' } },
		]);
	});

	it('is taken from a form, which the log shows', async () => {
		const body = new URLSearchParams((await codeBody()) as Record<string, string>);
		expect(outcome(await ask(body))).toEqual([200, 0]);
		expect(sandbox.requests.at(-1)).toMatchObject({ body: Object.fromEntries(body) });
	});

	it('is taken with client id and secret in a Basic header', async () => {
		const { client_id: id, client_secret: secret, ...body } = await codeBody();
		const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });
		const wrong = await ask(body, oauthTokenPaths.v2, basic(`${String(id)}:wrong`));
		expect(outcome(wrong)).toEqual([400, 20002]);
		const right = basic(`${String(id)}:${String(secret)}`);
		const both = await ask({ ...body, client_secret: secret }, oauthTokenPaths.v2, right);
		expect(outcome(both)).toEqual([400, 20070]);
		const other = await ask({ ...body, client_id: 'cli_other' }, oauthTokenPaths.v2, right);
		expect(outcome(other)).toEqual([400, 20063]);
		expect(outcome(await ask({ ...body, client_id: id }, oauthTokenPaths.v2, right))).toEqual([200, 0]);
	});

	it.each<[string, Body, number, string]>([
		['no grant_type', { grant_type: undefined }, 20001, 'invalid_request'],
		['another grant_type', { grant_type: 'password' }, 20036, 'unsupported_grant_type'],
		['no client_id', { client_id: undefined }, 20001, 'invalid_request'],
		['an unknown client_id', { client_id: 'cli_nobody' }, 20048, 'invalid_client'],
		['no secret', { client_secret: undefined }, 20001, 'invalid_request'],
		['a wrong secret', { client_secret: 'wrong' }, 20002, 'invalid_client'],
		['no code', { code: undefined }, 20001, 'invalid_request'],
		['an empty code', { code: '' }, 20001, 'invalid_request'],
		['a code that is a number', { code: 1 }, 20063, 'invalid_request'],
		['an unknown code', { code: 'abc' }, 20003, 'invalid_grant'],
		['no redirect_uri', { redirect_uri: undefined }, 20071, 'invalid_grant'],
		['another redirect_uri', { redirect_uri: `${redirectUri}/` }, 20071, 'invalid_grant'],
		['a scope that was not granted', { scope: 'im:message' }, 20068, 'invalid_scope'],
		['a scope twice', { scope: 'offline_access offline_access' }, 20067, 'invalid_scope'],
	])('is refused for %s, and stays good', async (_case, change, code, error) => {
		const body = await codeBody();
		const answer = await ask({ ...body, ...change });
		expect(answer.status).toBe(400);
		expect(answer.data).toEqual({ code, error, error_description: expect.any(String) as string });
		expect(sandbox.requests.at(-1)).toMatchObject({ api: 'auth.oauthToken', code, executed: false });
		expect(sandbox.app.authorizations.accessTokens.size).toBe(0);
		expect(outcome(await ask(body))).toEqual([200, 0]);
	});

	it.each([
		['text', 'text/plain', 'grant_type=authorization_code'],
		['broken JSON', 'application/json', '{"grant_type":'],
		['an array', 'application/json', '[]'],
		['nothing', 'application/json', ''],
	])('is refused for a body that is %s', async (_case, type, body) => {
		expect(outcome(await ask(body, oauthTokenPaths.v2, { 'Content-Type': type }))).toEqual([400, 20001]);
	});

	it('is refused for a form field that comes twice', async () => {
		const form = new URLSearchParams([
			['grant_type', 'refresh_token'],
			['scope', 'a'],
			['scope', 'b'],
		]);
		expect(outcome(await ask(form))).toEqual([400, 20063]);
	});

	it('works once', async () => {
		const body = await codeBody();
		await ask(body);
		expect(outcome(await ask(body))).toEqual([400, 20065]);
	});

	it('works for five minutes', async () => {
		const [early, late] = [await codeBody(), await codeBody()];
		sandbox.clock.advance(5 * 60_000 - 1000);
		expect(outcome(await ask(early))).toEqual([200, 0]);
		sandbox.clock.advance(1000);
		expect(outcome(await ask(late))).toEqual([400, 20004]);
	});

	it('belongs to the app that asked for it', async () => {
		const other = sandbox.tenant.addApp();
		const body = await codeBody();
		expect(outcome(await ask({ ...body, ...credentials(other) }))).toEqual([400, 20024]);
		expect(outcome(await ask(body))).toEqual([200, 0]);
	});

	it('is worth nothing once the app is switched off', async () => {
		const body = await codeBody();
		sandbox.app.enabled = false;
		expect(outcome(await ask(body))).toEqual([400, 20069]);
	});
});

describe('PKCE', () => {
	const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
	const challenge = createHash('sha256').update(verifier).digest('base64url');

	it.each<[string, Record<string, string>, string | undefined, number]>([
		['S256 and its verifier', { code_challenge: challenge, code_challenge_method: 'S256' }, verifier, 0],
		['S256 and another', { code_challenge: challenge, code_challenge_method: 'S256' }, `${verifier}x`, 20049],
		[
			'S256 and its challenge',
			{ code_challenge: challenge, code_challenge_method: 'S256' },
			challenge,
			20049,
		],
		['S256 and none', { code_challenge: challenge, code_challenge_method: 'S256' }, undefined, 20049],
		['plain and its verifier', { code_challenge: verifier, code_challenge_method: 'plain' }, verifier, 0],
		['no method, which is plain', { code_challenge: verifier }, verifier, 0],
		['plain and another', { code_challenge: verifier }, challenge, 20049],
	])('%s: %s', async (_case, parameters, codeVerifier, code) => {
		const body = await codeBody({ code_verifier: codeVerifier }, parameters);
		expect(outcome(await ask(body))).toEqual([code === 0 ? 200 : 400, code]);
	});

	it('a verifier without a challenge is ignored by v2 and refused by v3', async () => {
		const body = await codeBody({ code_verifier: verifier });
		expect(outcome(await ask(body, oauthTokenPaths.v3))).toEqual([400, 20049]);
		expect(outcome(await ask(body, oauthTokenPaths.v2))).toEqual([200, 0]);
	});

	it('has the example of RFC 7636 right', () => {
		expect(challenge).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
	});
});

describe('scopes', () => {
	const modify = 'mail:user_mailbox.message:modify';
	const profile = 'mail:user_mailbox:readonly';

	it('accumulate over authorizations, and a token keeps those it was made with', async () => {
		const first = await tokensOf(ask(await codeBody({}, { scope: modify })));
		const second = await tokensOf(ask(await codeBody({}, { scope: profile })));
		expect([first.scope, second.scope]).toEqual([modify, `${modify} ${profile}`]);
		const statuses = [];
		for (const { access_token: token } of [first, second]) {
			statuses.push((await connect(sandbox, token).get(mailboxPath('profile', 'me'))).status);
		}
		expect(statuses).toEqual([400, 200]);
	});

	it('start afresh after the user took everything back', async () => {
		await ask(await codeBody({}, { scope: modify }));
		sandbox.app.authorizations.forget(sandbox.user);
		const { scope } = await tokensOf(ask(await codeBody({}, { scope: profile })));
		expect(scope).toBe(profile);
	});

	it('can be narrowed for a code and for a refresh, and the next refresh has them all again', async () => {
		const scope = `${modify} ${profile} offline_access`;
		const first = await tokensOf(ask(await codeBody({ scope: modify }, { scope })));
		expect(first.scope).toBe(modify);
		const narrowed = await tokensOf(ask(refreshBody(first.refresh_token, { scope: profile })));
		expect(narrowed.scope).toBe(profile);
		expect((await tokensOf(refresh(narrowed.refresh_token))).scope).toBe(scope);
	});
});

describe('refresh token', () => {
	const issue = () => sandbox.issueUserTokens().refresh_token;

	it.each<[string, () => void, Record<string, string>]>([
		['not asked for in this authorization', () => undefined, { scope: 'mail:user_mailbox:readonly' }],
		['not a scope of the app', () => sandbox.app.userScopes.delete('offline_access'), {}],
		['switched off', () => (sandbox.app.refreshEnabled = false), {}],
	])('does not come when offline_access is %s', async (_case, change, parameters) => {
		sandbox.issueUserTokens({ scopes: ['offline_access'] });
		change();
		const scope = [...sandbox.app.userScopes].join(' ');
		const tokens = await tokensOf(ask(await codeBody({}, { scope, ...parameters })));
		expect(Object.keys(tokens)).toEqual(['code', 'access_token', 'expires_in', 'token_type', 'scope']);
	});

	it('rotates: the new one works, the old one is used up, the old access token lives on', async () => {
		const first = sandbox.issueUserTokens();
		const second = await tokensOf(refresh(first.refresh_token));
		expect(second).toMatchObject({ code: 0, expires_in: 7200, refresh_token_expires_in: 604_800 });
		expect(second.refresh_token).not.toBe(first.refresh_token);
		expect(second.access_token).not.toBe(first.access_token);
		expect(outcome(await refresh(first.refresh_token))).toEqual([400, 20073]);
		expect(outcome(await refresh(second.refresh_token))).toEqual([200, 0]);
		for (const { access_token: token } of [first, second]) {
			const client = connect(sandbox, token);
			expect(outcome(await client.get(mailboxPath('labels', 'me')))).toEqual([200, 0]);
		}
	});

	it.each<[string, () => unknown, number, string]>([
		['is unknown', () => 'eyJabc', 20026, 'invalid_grant'],
		['is missing', () => undefined, 20001, 'invalid_request'],
		[
			'was revoked',
			() => {
				const token = issue();
				sandbox.app.revokeRefreshTokens();
				return token;
			},
			20064,
			'invalid_grant',
		],
		[
			'expired',
			() => {
				const token = issue();
				sandbox.clock.advance(7 * day);
				return token;
			},
			20037,
			'invalid_grant',
		],
		[
			'meets a console that switched refreshing off',
			() => {
				const token = issue();
				sandbox.app.refreshEnabled = false;
				return token;
			},
			20074,
			'unauthorized_client',
		],
		[
			'is of another app',
			() => sandbox.issueUserTokens({ app: sandbox.tenant.addApp() }).refresh_token,
			20024,
			'invalid_grant',
		],
		['is an access token', () => sandbox.issueUserTokens().access_token, 20026, 'invalid_grant'],
	])('is refused when it %s', async (_case, token, code, error) => {
		const answer = await refresh(token());
		expect(answer.status).toBe(400);
		expect(answer.data).toMatchObject({ code, error });
	});

	it('works up to its end, and lives as long as the app says', async () => {
		sandbox.app.refreshTokenLifetime = 60;
		const token = issue();
		sandbox.clock.advance(59_999);
		const next = await tokensOf(refresh(token));
		expect(next.refresh_token_expires_in).toBe(60);
		sandbox.clock.advance(60_000);
		expect(outcome(await refresh(next.refresh_token))).toEqual([400, 20037]);
	});

	it('ends 365 days after the authorization, however often it was renewed', async () => {
		let token = issue();
		for (let days = 0; days < 360; days += 6) {
			sandbox.clock.advance(6 * day);
			token = (await tokensOf(refresh(token))).refresh_token;
		}
		const last = await tokensOf(refresh(token));
		expect(last.refresh_token_expires_in).toBe(5 * 24 * 60 * 60);
		sandbox.clock.advance(5 * day);
		expect(outcome(await refresh(last.refresh_token))).toEqual([400, 20037]);
	});

	it('of v2 works at both, of v3 at v3 only', async () => {
		const fromV3 = (await tokensOf(refresh(issue(), oauthTokenPaths.v3))).refresh_token;
		expect(outcome(await refresh(fromV3, oauthTokenPaths.v2))).toEqual([400, 20026]);
		expect(outcome(await refresh(fromV3, oauthTokenPaths.v3))).toEqual([200, 0]);
	});

	it('is spent by one of two that use it at the same time', async () => {
		const token = issue();
		const answers = await Promise.all([refresh(token), refresh(token)]);
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
	});
});

describe('the official SDK', () => {
	it('exchanges a code and renews the token', async () => {
		const { accessToken } = connectSdk(sandbox);
		const first = await accessToken.retrieveByAuthorizationCode({
			code: await fetchCode(sandbox),
			redirectUri,
		});
		expect(first).toMatchObject({ tokenType: 'Bearer', expiresIn: 7200, refreshTokenExpiresIn: 604_800 });
		const second = await accessToken.refresh({ refreshToken: String(first.refreshToken) });
		expect(second.accessToken).not.toBe(first.accessToken);
		expect(sandbox.requestsTo('auth.oauthToken').map(({ path }) => path)).toEqual(
			Array(2).fill(oauthTokenPaths.v3),
		);
	});

	it('reads the refusal', async () => {
		await expect(connectSdk(sandbox).accessToken.refresh({ refreshToken: 'none' })).rejects.toMatchObject({
			statusCode: 400,
			code: 20026,
			error: 'invalid_grant',
		});
	});
});
