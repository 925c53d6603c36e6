import { Sandbox } from './index';
import {
	authorizeParameters,
	consentPagePath,
	connect,
	decide,
	mailboxPath,
	oauthTokenPaths,
	redirectUri,
} from './client';

let sandbox: Sandbox;

beforeEach(async () => {
	sandbox = await Sandbox.start();
});
afterEach(async () => await sandbox.close());

const open = async (change: Record<string, string | string[] | undefined> = {}) =>
	await connect(sandbox).get(consentPagePath, { params: { ...authorizeParameters(sandbox), ...change } });

describe('authorize page', () => {
	it('names the app, the signed-in user and the scopes, and needs no script', async () => {
		sandbox.app.name = 'Mail robot <1>';
		const { status, data, headers } = await open({ scope: 'mail:user_mailbox:readonly offline_access' });
		expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
		const page = String(data);
		expect(page).toMatch(/^<!doctype html>/);
		for (const shown of [
			'Mail robot &lt;1&gt;',
			'Sandbox User',
			'user@example.com',
			'<code>mail:user_mailbox:readonly</code>',
			'<code>offline_access</code>',
			'>Allow</button>',
			'>Deny</button>',
		]) {
			expect(page).toContain(shown);
		}
		expect(page).not.toMatch(/<script|mail_contact|allowed before/);
		expect(page).not.toContain(sandbox.app.secret);
		expect(sandbox.requestsTo('auth.authorize')).toMatchObject([{ status: 200, executed: true }]);
	});

	it('escapes what the request brings', async () => {
		const page = String((await open({ state: `"><script>'` })).data);
		expect(page).toContain('&quot;&gt;&lt;script&gt;&#39;');
		expect(page).not.toContain('<script>');
	});

	it('tells which scopes were allowed before', async () => {
		sandbox.issueUserTokens({ scopes: ['offline_access'] });
		const page = String((await open({ scope: 'mail:user_mailbox:readonly offline_access' })).data);
		expect(page.match(/allowed before/g)).toHaveLength(1);
		expect(page.replace(/\s+/g, ' ')).toContain(
			'<code>offline_access</code> <span class="quiet">allowed before',
		);
	});

	it('greets whoever is signed in', async () => {
		sandbox.signedInUser = sandbox.tenant.addUser({ name: 'Ann' });
		const page = String((await open()).data);
		expect(page).toContain('<b>Ann</b>');
		expect(page).not.toContain('user@example.com');
	});

	it.each<[string, Record<string, string | string[] | undefined>, number]>([
		['no client_id', { client_id: undefined }, 20001],
		['an unknown client', { client_id: 'cli_nobody' }, 20048],
		['no redirect_uri', { redirect_uri: undefined }, 20001],
		['a redirect_uri elsewhere', { redirect_uri: 'https://example.com/callback' }, 20029],
		['a host that only begins like a loopback one', { redirect_uri: 'http://localhost.example.com/' }, 20029],
		['a redirect_uri that is no URL', { redirect_uri: 'localhost' }, 20029],
		['another scheme', { redirect_uri: 'javascript://localhost/' }, 20029],
		['no response_type', { response_type: undefined }, 20001],
		['another response_type', { response_type: 'token' }, 20001],
		['a scope that the app does not hold', { scope: 'offline_access im:message' }, 20027],
		['a scope twice', { scope: 'offline_access offline_access' }, 20067],
		['an unknown challenge method', { code_challenge: 'x', code_challenge_method: 's256' }, 20063],
	])('is an error page for %s', async (_case, change, code) => {
		const { status, data, headers } = await open(change);
		expect([status, headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
		expect(String(data)).toContain(`Error code ${code}`);
		expect(String(data)).not.toContain('<form');
		expect(sandbox.requests).toMatchObject([{ api: 'auth.authorize', code, executed: false }]);
	});

	it('is an error page for a parameter that comes twice', async () => {
		const { data } = await connect(sandbox).get(`${consentPagePath}?client_id=a&client_id=b`);
		expect(String(data)).toContain('Error code 20063');
	});

	it('is an error page for an app that is off and for a user of another tenant', async () => {
		sandbox.signedInUser = sandbox.addTenant().addUser();
		expect(String((await open()).data)).toContain('Error code 20010');
		sandbox.app.enabled = false;
		expect(String((await open()).data)).toContain('Error code 20069');
	});

	it('is only for scopes of the user identity', async () => {
		sandbox.app.userScopes.delete('mail:user_mailbox.message:modify');
		const { data } = await open({ scope: 'mail:user_mailbox.message:modify' });
		expect(String(data)).toContain('Error code 20027');
		expect(String(data)).toContain('mail:user_mailbox.message:modify');
	});

	it.each([
		['http://localhost:5678/x', true],
		['http://127.0.0.1/x?a=1', true],
		['https://[::1]:8443/', true],
		['http://10.0.0.1/', false],
	])('by default takes redirect URLs of loopback hosts: %s %s', async (uri, taken) => {
		expect((await open({ redirect_uri: uri })).status).toBe(taken ? 200 : 400);
	});

	it('takes only registered redirect URLs, to the letter, when there is a list', async () => {
		const registered = 'https://n8n.example.com/rest/oauth2-credential/callback';
		sandbox.app.redirectUris = new Set([registered]);
		const pages = [];
		for (const uri of [registered, `${registered}/`, `${registered}?x=1`, redirectUri]) {
			pages.push((await open({ redirect_uri: uri })).status);
		}
		expect(pages).toEqual([200, 400, 400, 400]);
	});
});

describe('the decision', () => {
	it('Allow sends the browser back with a code and the state', async () => {
		const url = await decide(sandbox, 'Allow');
		expect(url.origin + url.pathname).toBe(redirectUri);
		expect([...url.searchParams.keys()]).toEqual(['code', 'state']);
		expect(url.searchParams.get('state')).toBe('a b/ü');
		expect(sandbox.requestsTo('auth.consent')).toMatchObject([{ status: 302, executed: true }]);
	});

	it('Deny sends it back with access_denied and the state, and grants nothing', async () => {
		const url = await decide(sandbox, 'Deny');
		expect(Object.fromEntries(url.searchParams)).toEqual({ error: 'access_denied', state: 'a b/ü' });
		expect(sandbox.app.authorizations.scopesOf(sandbox.user).size).toBe(0);
	});

	it('keeps the query that the redirect URL has, and adds no state that was not sent', async () => {
		const parameters = { ...authorizeParameters(sandbox), redirect_uri: 'http://localhost/cb?tab=1' };
		delete (parameters as Record<string, string>).state;
		const url = await decide(sandbox, 'Deny', parameters);
		expect(url.href).toBe('http://localhost/cb?tab=1&error=access_denied');
	});

	it('is checked like the page', async () => {
		const form = new URLSearchParams({
			...authorizeParameters(sandbox),
			redirect_uri: 'https://example.com/',
			decision: 'allow',
		});
		const answer = await connect(sandbox).post('/sandbox/consent', form);
		expect([answer.status, answer.headers.location]).toEqual([400, undefined]);
		expect(String(answer.data)).toContain('Error code 20029');
	});
});

describe('the way through', () => {
	it('leads from the page to the own mailbox', async () => {
		const code = (await decide(sandbox, 'Allow')).searchParams.get('code');
		const { data } = await connect(sandbox).post(oauthTokenPaths.v2, {
			grant_type: 'authorization_code',
			client_id: sandbox.app.id,
			client_secret: sandbox.app.secret,
			code,
			redirect_uri: redirectUri,
		});
		const client = connect(sandbox, (data as { access_token: string }).access_token);
		const answer = await client.post(mailboxPath('labels', 'me'), { label: { name: 'mine' } });
		expect(answer.data).toMatchObject({ code: 0, data: { label: { name: 'mine' } } });
		expect(sandbox.mailbox.labels).toMatchObject([{ name: 'mine' }]);
	});
});
