/* eslint-disable @n8n/community-nodes/no-restricted-globals -- waits for requests that must not come */
import type { INodeCredentialsDetails } from 'n8n-workflow';

import type { Fault } from '../sandbox';
import type { RunOptions } from './engine';
import { continues, engine, named, run, sandbox, time } from './stage';

const MINUTE = 60_000;
const EXCHANGE = 'auth.tenantAccessToken';
const CREATE = 'mail.contact.create';

/** Creates a contact for each of so many items. */
const create = async (count = 1, options: Partial<RunOptions> = {}) =>
	await run('contact', 'create', { name: '={{ $json.name }}' }, { items: named(count), ...options });

/** Creates as many contacts as asked for; fails the test if one could not be created. */
const createContacts = async (count: number, credential?: INodeCredentialsDetails) => {
	const { error, outputs } = await create(count, { credential });
	expect(error?.message).toBeUndefined();
	expect(outputs[0]).toHaveLength(count);
};

const exchanges = () => sandbox.requestsTo(EXCHANGE).length;

describe('the tenant access token', () => {
	it('is exchanged once for 50 items, and not at all in the next execution', async () => {
		const credential = await engine.addCredential();
		await createContacts(50, credential);
		expect(exchanges()).toBe(1);
		await createContacts(5, credential);
		expect(exchanges()).toBe(1);
		expect(engine.credentials.writes).toBe(1);
		expect(sandbox.mailbox.contacts).toHaveLength(55);
	});

	it('is stored with the end that Feishu tells', async () => {
		sandbox.app.tokenLifetime = 4000;
		const credential = await engine.addCredential();
		const before = Date.now();
		await createContacts(1, credential);
		const { accessToken, issuedAt, expiresAt } = await engine.credentials.read(credential);
		expect(accessToken).toMatch(/^t-/);
		expect(Number(issuedAt)).toBeGreaterThanOrEqual(before);
		expect(Number(expiresAt) - Number(issuedAt)).toBe(4_000_000);
	});

	it('is renewed before it expires', async () => {
		const credential = await engine.addCredential();
		await createContacts(1, credential);
		time.pass(116 * MINUTE);
		await createContacts(3, credential);
		expect(exchanges()).toBe(2);
		expect(sandbox.requestsTo(CREATE).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
	});

	it('is not renewed while more than 5 minutes are left', async () => {
		const credential = await engine.addCredential();
		await createContacts(1, credential);
		time.pass(114 * MINUTE);
		await createContacts(3, credential);
		expect(exchanges()).toBe(1);
	});

	it('that Feishu hands out with little time left is used for half of that', async () => {
		sandbox.app.tokenLifetime = 60;
		const credential = await engine.addCredential();
		await createContacts(2, credential);
		expect(exchanges()).toBe(1);
		time.pass(31_000);
		await createContacts(2, credential);
		expect(exchanges()).toBe(2);
	});

	it.each([undefined, null, 0, -1, 'soon'])(
		'counts as valid for 30 minutes if expire is %p',
		async (expire) => {
			sandbox.fail({
				api: EXCHANGE,
				with: { body: JSON.stringify({ code: 0, msg: 'ok', tenant_access_token: 't-any', expire }) },
			});
			const credential = await engine.addCredential();
			// The sandbox does not know this token: one renewal follows and is stored.
			await createContacts(1, credential);
			expect(exchanges()).toBe(2);

			const direct = await engine.addCredential();
			sandbox.fail({
				api: EXCHANGE,
				with: { body: JSON.stringify({ code: 0, msg: 'ok', tenant_access_token: 't-any', expire }) },
			});
			sandbox.fail({ api: CREATE, with: { code: 1230003 } });
			await create(1, { credential: direct });
			const { issuedAt, expiresAt } = await engine.credentials.read(direct);
			expect(Number(expiresAt) - Number(issuedAt)).toBe(30 * MINUTE);
		},
	);

	describe.each<[200 | 400 | 401, number]>([
		[400, 99991663],
		[401, 99991663],
		[200, 99991663],
		[400, 99991661],
		[400, 99991664],
		[400, 99991665],
		[400, 99991668],
		[400, 99991671],
		[401, 99991677],
		[200, 99991677],
	])('that Feishu rejects with HTTP %d and code %d', (status, code) => {
		it('is renewed once, and the request sent once more', async () => {
			const credential = await engine.addCredential();
			await createContacts(1, credential);
			const { accessToken: rejected } = await engine.credentials.read(credential);
			sandbox.app.revokeTokens();
			sandbox.invalidTokenAnswer = { status, code };

			await createContacts(3, credential);
			expect(exchanges()).toBe(2);
			expect(sandbox.requestsTo(CREATE).map(({ executed }) => executed)).toEqual([
				true,
				false,
				true,
				true,
				true,
			]);
			expect(sandbox.mailbox.contacts).toHaveLength(4);
			const { accessToken: stored } = await engine.credentials.read(credential);
			expect(stored).not.toBe(rejected);
		});

		it('even after the renewal makes the node fail, without a loop', async () => {
			sandbox.fail({ api: CREATE, on: () => true, with: { status, code, msg: 'Invalid access token' } });
			const run = await create(5, continues);
			expect(run.outputs[0]).toHaveLength(5);
			expect(run.outputs[0]![4]!.json.error).toContain("does not accept the app's access token");
			// One exchange at the start, one forced; the items after that know that it does not help.
			expect(exchanges()).toBe(2);
			expect(sandbox.requestsTo(CREATE).length).toBe(6);
		});
	});

	it('is renewed after an item that no renewal helped', async () => {
		sandbox.fail({ api: CREATE, on: [1, 2, 4], with: { status: 400, code: 99991663 } });
		const { outputs } = await create(3, { onError: 'continueErrorOutput' });
		expect(outputs.map((items) => items.length)).toEqual([2, 1]);
	});

	it.each([99991672, 99991676, 99991679])('is not renewed for the permission code %d', async (code) => {
		sandbox.fail({ api: CREATE, with: { code } });
		await create();
		expect(exchanges()).toBe(1);
		expect(sandbox.requestsTo(CREATE)).toHaveLength(1);
	});

	it('is exchanged anew when the App ID was changed', async () => {
		const credential = await engine.addCredential();
		await createContacts(1, credential);
		const other = sandbox.tenant.addApp();
		await engine.credentials.change(credential, { appId: other.id, appSecret: other.secret });
		await createContacts(1, credential);
		expect(sandbox.requestsTo(EXCHANGE).map(({ body }) => (body as { app_id: string }).app_id)).toEqual([
			sandbox.app.id,
			other.id,
		]);
	});

	it('is exchanged anew when the address of the platform was changed', async () => {
		const credential = await engine.addCredential();
		await createContacts(1, credential);
		await engine.credentials.change(credential, { baseUrl: sandbox.url.replace('127.0.0.1', 'localhost') });
		await createContacts(1, credential);
		expect(exchanges()).toBe(2);
	});

	it('is exchanged anew when the App Secret was changed, so that a wrong one shows at once', async () => {
		const credential = await engine.addCredential();
		await createContacts(1, credential);
		await engine.credentials.change(credential, { appSecret: 'wrong' });
		const { error } = await create(1, { credential });
		expect(error?.message).toContain('does not accept this App ID and App Secret');
	});

	it('of a credential that was set back to an earlier state is renewed', async () => {
		const credential = await engine.addCredential({
			accessToken: 't-old',
			issuedTo: 'x',
			expiresAt: 1,
			issuedAt: 0,
		});
		await createContacts(2, credential);
		expect(exchanges()).toBe(1);
	});

	it('is asked for with blanks around App ID and App Secret cut off', async () => {
		const credential = await engine.addCredential({
			appId: ` ${sandbox.app.id}\n`,
			appSecret: `\t${sandbox.app.secret} `,
		});
		await createContacts(1, credential);
		expect(exchanges()).toBe(1);
	});

	it('goes out as a Bearer token', async () => {
		const credential = await engine.addCredential();
		await createContacts(1, credential);
		const { accessToken } = await engine.credentials.read(credential);
		expect(sandbox.requestsTo(CREATE)[0]!.headers.authorization).toBe(`Bearer ${String(accessToken)}`);
		expect(sandbox.requestsTo(EXCHANGE)[0]!.headers.authorization).toBeUndefined();
	});
});

describe('an exchange that fails', () => {
	const fail = async (credential?: INodeCredentialsDetails) => await create(1, { credential });

	it('for a wrong secret says so, with code and log id', async () => {
		const { error, record } = await fail(await engine.addCredential({ appSecret: 'wrong-secret-1' }));
		expect(error?.message).toContain('Feishu does not accept this App ID and App Secret');
		expect(error?.message).toContain('(code 10014)');
		expect(error?.description).toContain('app secret invalid');
		expect(error?.description).toMatch(/log id \w+/);
		expect(record).not.toContain('wrong-secret-1');
		expect(sandbox.requestsTo(CREATE)).toHaveLength(0);
	});

	it('for an unknown App ID says so', async () => {
		const { error } = await fail(await engine.addCredential({ appId: 'cli_unknown' }));
		expect(error?.message).toContain('Feishu does not accept this App ID and App Secret');
		expect(error?.message).toContain('(code 10003)');
	});

	it.each([10015, 99991543])('with code %d is a wrong App ID or secret', async (code) => {
		sandbox.fail({ api: EXCHANGE, with: { status: 200, code, msg: 'no' } });
		expect((await fail()).error?.message).toContain('does not accept this App ID and App Secret');
	});

	it('with a code nobody documented shows it', async () => {
		sandbox.fail({ api: EXCHANGE, with: { status: 200, code: 424242, msg: 'tea break' } });
		const { error } = await fail();
		expect(error?.message).toContain('Feishu gave no access token');
		expect(error?.message).toContain('424242');
		expect(error?.description).toContain('tea break');
	});

	it('is made once for a run of many items, each of which reports it', async () => {
		const run = await create(20, {
			credential: await engine.addCredential({ appSecret: 'wrong-secret-2' }),
			...continues,
		});
		expect(run.outputs[0]!.map(({ json }) => String(json.error))).toEqual(
			Array<unknown>(20).fill(expect.stringContaining('code 10014')),
		);
		expect(exchanges()).toBe(1);
	});

	it('gives each of two executions at once its own reason', async () => {
		const credential = await engine.addCredential({ appSecret: 'wrong-secret-3' });
		const elsewhere = await engine.addCredential({ baseUrl: 'http://127.0.0.1:1' });
		const runs = await Promise.all([fail(credential), fail(elsewhere), fail(credential), fail(elsewhere)]);
		expect(runs.map(({ error }) => error?.message)).toEqual([
			expect.stringContaining('code 10014'),
			expect.stringContaining('The server refused the connection'),
			expect.stringContaining('code 10014'),
			expect.stringContaining('The server refused the connection'),
		]);
	});

	it.each<[string, Fault, string]>([
		['is HTML', { kind: 'html' }, 'not JSON'],
		['is HTML with HTTP 200', { kind: 'html', status: 200 }, 'not JSON'],
		['is cut off', { body: '{"code":0,"tenant_acc' }, 'not JSON'],
		['has no code', { body: '{"tenant_access_token":"t-1"}' }, 'not JSON'],
		['is a redirect', { status: 302, headers: { location: 'https://example.com' }, body: '' }, 'HTTP 302'],
		['has no token', { code: 0, status: 200, body: '{"code":0,"msg":"ok"}' }, 'no access token'],
		['has an empty token', { body: '{"code":0,"tenant_access_token":""}' }, 'no access token'],
		['is a reset', { kind: 'reset', when: 'before' }, 'The connection was closed'],
	])('because the answer %s says so', async (_, fault, words) => {
		sandbox.fail({ api: EXCHANGE, on: () => true, with: fault });
		const { error, record } = await fail();
		expect(error?.message).toContain(words);
		expect(error?.message).toContain("'Base URL'");
		expect(record).not.toContain(sandbox.app.secret);
		expect(sandbox.requestsTo(CREATE)).toHaveLength(0);
	});

	it.each<[string, Fault]>([
		['hangs', { kind: 'hang' }],
		['is slow', { kind: 'delay', ms: 300 }],
	])(
		'because it %s does not keep a run from being cancelled, after which nothing is sent',
		async (_, fault) => {
			let cancelExecution = () => {};
			sandbox.fail({
				api: EXCHANGE,
				on: () => {
					cancelExecution();
					return true;
				},
				with: fault,
			});
			const { status } = await create(3, {
				started: ({ cancel }) => {
					cancelExecution = cancel;
				},
			});
			expect(status).toBe('canceled');
			await new Promise((resolve) => setTimeout(resolve, 500));
			expect(sandbox.requestsTo(CREATE)).toHaveLength(0);
		},
	);

	it('because nobody listens says so', async () => {
		const credential = await engine.addCredential({ baseUrl: 'http://127.0.0.1:9' });
		const { error, record } = await fail(credential);
		expect(error?.message).toContain('The server refused the connection');
		expect(record).not.toContain(sandbox.app.secret);
	});

	it('because the host does not exist says so', async () => {
		const credential = await engine.addCredential({ baseUrl: 'https://nowhere.invalid' });
		const { error } = await fail(credential);
		expect(error?.message).toMatch(/host name of the server cannot be/);
	});

	it('never shows a secret that the server repeats', async () => {
		const msg = `app_secret ${sandbox.app.secret} is bad`;
		sandbox.fail({ api: EXCHANGE, with: { status: 200, code: 10014, msg } });
		const { error, record } = await fail();
		expect(error?.description).toContain('app_secret *** is bad');
		expect(record).not.toContain(sandbox.app.secret);
	});

	it('for a base URL without encryption sends nothing at all', async () => {
		const credential = await engine.addCredential({ baseUrl: 'http://feishu.example.com' });
		const { error } = await fail(credential);
		expect(error?.name).toBe('NodeOperationError');
		expect(error?.message).toContain('unencrypted');
	});
});
