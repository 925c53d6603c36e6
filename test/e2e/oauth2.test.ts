/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import type { INode, INodeParameters } from 'n8n-workflow';
import { findChromium, startBrowser, type Browser } from '../real-n8n/browser';
import { outputOf, type Credential, type Execution } from '../real-n8n/client';
import { createUserCredential } from '../real-n8n/demo';
import {
	chooseCredential,
	connectAccount,
	connectionBanner,
	executeStep,
	openCredential,
	openNode,
	signIn,
} from '../real-n8n/editor-page';
import { useSandboxAndN8n } from './sandbox-and-n8n';

const THREE_HOURS_MS = 3 * 60 * 60 * 1000;
const NODE = { type: 'n8n-nodes-feishu-mail.feishuMail', typeVersion: 1 };
const LABELS = '/open-apis/mail/v1/user_mailboxes/me/labels';

const chromium = findChromium();
if (!chromium) {
	process.stderr.write(
		'Skipped: no Chromium is installed (Debian: apt-get install chromium), nor named by CHROMIUM_PATH\n',
	);
}

(chromium ? describe : describe.skip)('a user’s credential in n8n', () => {
	const running = useSandboxAndN8n();
	let browser: Browser;
	let credential: Credential;

	beforeAll(async () => {
		const { sandbox, demo } = running();
		browser = await startBrowser(chromium ?? '');
		await signIn(browser.page, demo.n8n.url, demo.owner);
		credential = await createUserCredential(demo, sandbox, 'Feishu Mail of the user');
	}, 60_000);

	afterAll(async () => {
		await browser?.close();
	}, 60_000);

	it('is connected when the user allows the access', async () => {
		const { sandbox, demo } = running();
		const { page } = browser;
		const dialog = await openCredential(page, demo.n8n.url, credential.name);
		expect(await dialog.innerText()).toMatch(/Client ID[^]+The App ID[^]+Client Secret[^]+The App Secret/);
		expect(await connectionBanner(page, 'not-connected')).toContain('Connect your account');
		const consent = await connectAccount(page);
		const allow = consent.getByRole('button', { name: 'Allow' });
		await allow.waitFor();
		const question = await consent.locator('main').innerText();
		expect(question).toContain('user@example.com');
		expect(question).toContain('offline_access');
		await allow.click();

		expect(await connectionBanner(page, 'connect-success')).toContain('Account connected');
		expect(grants()).toEqual(['authorization_code']);
		expect(sandbox.app.authorizations.scopesOf(sandbox.user)).toContain('mail:user_mailbox.message:modify');
	}, 60_000);

	it('binds the code to n8n by PKCE, and sends the App Secret in the body only', () => {
		const { sandbox, demo } = running();
		const [authorize] = sandbox.requestsTo('auth.authorize');
		expect(authorize?.query).toMatchObject({
			code_challenge: expect.stringMatching(/^[\w-]{43}$/),
			code_challenge_method: 'S256',
			redirect_uri: `${demo.n8n.url}/rest/oauth2-credential/callback`,
		});
		const [exchange] = sandbox.requestsTo('auth.oauthToken');
		// The sandbox has checked that it fits the challenge.
		expect(exchange?.body).toMatchObject({ code_verifier: expect.stringMatching(/^[\w.~-]{43,128}$/) });
		expect(exchange?.body).toMatchObject({ client_secret: sandbox.app.secret });
		expect(exchange?.headers.authorization).toBeUndefined();
	});

	it('passes its test, which asks Feishu for the mailbox', async () => {
		const { sandbox, demo } = running();
		const before = sandbox.requests.length;
		expect(await demo.client.testCredential(credential)).toMatchObject({ status: 'OK' });
		expect(sandbox.requests.slice(before)).toMatchObject([
			{ path: '/open-apis/mail/v1/user_mailboxes/me/profile', status: 200, code: 0 },
		]);
	});

	it('lets the node create a label in the own mailbox', async () => {
		const { sandbox } = running();
		const execution = await createLabel('Before');
		expect(execution.status).toBe('success');
		expect(sandbox.mailbox.labels).toMatchObject([{ name: 'Before' }]);
		expect(sandbox.requestsTo('mail.label.create')).toMatchObject([{ path: LABELS }]);
		expect(grants()).toEqual(['authorization_code']);
	}, 60_000);

	it('is chosen in the panel under Credential, which is all that it takes', async () => {
		const { sandbox, demo } = running();
		const { page } = browser;
		const name = 'By choice';
		const parameters = { resource: 'label', operation: 'create', userMailboxId: 'me', name };
		const { id } = await demo.client.createWorkflow({
			name,
			nodes: [{ id: '1', name, ...NODE, position: [0, 0], parameters }],
			connections: {},
		});
		const panel = await openNode(page, `${demo.n8n.url}/workflow/${id}`, name);
		expect(await panel.innerText()).not.toContain('Authentication');
		await chooseCredential(page, credential.name);
		expect(await executeStep(page)).toContain(name);
		expect(sandbox.requestsTo('mail.label.create').at(-1)).toMatchObject({ path: LABELS, status: 200 });
		sandbox.mailbox.labels.pop();
		sandbox.requests.pop();
	}, 60_000);

	it('is renewed once when its token has expired, and n8n keeps the new one', async () => {
		const { sandbox } = running();
		sandbox.clock.advance(THREE_HOURS_MS);
		expect((await createLabel('After')).status).toBe('success');
		expect(grants()).toEqual(['authorization_code', 'refresh_token']);
		expect(sandbox.mailbox.labels).toMatchObject([{ name: 'Before' }, { name: 'After' }]);

		expect((await createLabel('Later')).status).toBe('success');
		expect(grants()).toEqual(['authorization_code', 'refresh_token']);
		expect(sandbox.requestsTo('mail.label.create').map(({ status }) => status)).toEqual([200, 401, 200, 200]);
		expect(tokensSent('mail.label.create').at(-1)).toBe(newest(sandbox.app.authorizations.accessTokens));
	}, 60_000);

	it('is renewed once for the HTTP Request node, with the refresh token of the renewal before', async () => {
		const { sandbox } = running();
		sandbox.clock.advance(THREE_HOURS_MS);
		const execution = await run('HTTP Request', {
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.2,
			parameters: {
				url: `${sandbox.url}${LABELS}`,
				authentication: 'predefinedCredentialType',
				nodeCredentialType: credential.type,
			},
		});
		expect(execution.status).toBe('success');
		const names = ['Before', 'After', 'Later'];
		expect(outputOf(execution, 'HTTP Request')).toMatchObject([
			{ code: 0, data: { items: names.map((name) => ({ name })) } },
		]);
		expect(grants()).toEqual(['authorization_code', 'refresh_token', 'refresh_token']);
		// Each was used once, in the order in which Feishu gave them; the last one is left for the next renewal.
		const given = sandbox.app.authorizations.refreshTokens;
		expect(refreshTokensSent()).toEqual([...given.keys()].slice(0, 2));
		expect([...given.values()].map(({ used }) => used)).toEqual([true, true, false]);
	}, 60_000);

	it('stays unconnected when the user denies the access, and n8n says so', async () => {
		const { sandbox, demo } = running();
		const { page } = browser;
		const denied = await createUserCredential(demo, sandbox, 'Feishu Mail, denied');
		await openCredential(page, demo.n8n.url, denied.name);
		const before = grants();
		const consent = await connectAccount(page);
		await consent.getByRole('button', { name: 'Deny' }).click();
		await consent.waitForURL(/oauth2-credential\/callback/);
		await consent.getByText('More details').click();
		const message = await consent.locator('body').innerText();
		expect(message).toContain('Failed to connect. The window can be closed now.');
		expect(message).toContain('"error":"access_denied"');
		await consent.close();

		expect(grants()).toEqual(before);
		expect(await connectionBanner(page, 'not-connected')).toContain('Connect your account');
		expect(await demo.client.testCredential(denied)).toMatchObject({ status: 'Error' });
	}, 60_000);

	it('leaves no secret in n8n’s log', () => {
		const { sandbox, demo } = running();
		const { accessTokens, refreshTokens, codes } = sandbox.app.authorizations;
		const secrets = [sandbox.app.secret, ...accessTokens.keys(), ...refreshTokens.keys(), ...codes.keys()];
		expect(secrets).toHaveLength(8);
		expect(secrets.filter((secret) => demo.n8n.log().includes(secret))).toEqual([]);
	});

	it('had no error in its pages', () => {
		expect(browser.pageErrors).toEqual([]);
	});

	/** The bodies of the requests for tokens, in order. */
	function tokenRequests(): Array<Record<string, string>> {
		const requests = running().sandbox.requestsTo('auth.oauthToken');
		return requests.map(({ body }) => body as Record<string, string>);
	}

	const grants = () => tokenRequests().map(({ grant_type: grant }) => grant);
	const refreshTokensSent = () =>
		tokenRequests()
			.filter(({ grant_type: grant }) => grant === 'refresh_token')
			.map(({ refresh_token: token }) => token);
	const tokensSent = (api: 'mail.label.create') =>
		running()
			.sandbox.requestsTo(api)
			.map(({ headers }) => String(headers.authorization).replace(/^Bearer /, ''));
	const newest = (tokens: ReadonlyMap<string, unknown>) => [...tokens.keys()].at(-1);

	async function createLabel(name: string): Promise<Execution> {
		return await run('Create label', {
			...NODE,
			parameters: {
				authentication: 'oAuth2',
				resource: 'label',
				operation: 'create',
				userMailboxId: 'me',
				name,
			},
		});
	}

	/** Runs one node, which uses the credential, from a manual trigger. */
	async function run(
		name: string,
		node: Pick<INode, 'type' | 'typeVersion'> & { parameters: INodeParameters },
	): Promise<Execution> {
		const { client } = running().demo;
		const start = { id: '1', name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1 };
		const credentials = { [credential.type]: { id: credential.id, name: credential.name } };
		const workflow = await client.createWorkflow({
			name: `${name} as the user`,
			nodes: [
				{ ...start, position: [0, 0], parameters: {} },
				{ ...node, id: '2', name, position: [200, 0], credentials },
			],
			connections: { Start: { main: [[{ node: name, type: 'main', index: 0 }]] } },
		});
		return await client.run(workflow, 'Start');
	}
});
