import { Sandbox } from './index';
import { connect, fetchToken, mailboxPath, outcome, exchangePath } from './client';

describe('tenant access token', () => {
	let sandbox: Sandbox;

	beforeEach(async () => {
		sandbox = await Sandbox.start({ clock: { now: () => 1_700_000_000_000 } });
	});
	afterEach(async () => await sandbox.close());

	const ask = async (body: unknown, path = exchangePath) => await connect(sandbox).post(path, body);
	const credentials = () => ({ app_id: sandbox.app.id, app_secret: sandbox.app.secret });

	it.each([exchangePath, `${exchangePath}/`])('is given for app id and secret at %s', async (path) => {
		const { status, data, headers } = await ask(credentials(), path);
		expect(status).toBe(200);
		expect(data).toEqual({
			code: 0,
			msg: 'ok',
			tenant_access_token: expect.stringMatching(/^t-\w+$/) as string,
			expire: 7200,
		});
		expect(headers['content-type']).toBe('application/json; charset=utf-8');
		expect(headers['x-tt-logid']).toMatch(/^20231114221320[0-9A-F]{20}$/);
	});

	it('stays the same with a smaller expire while 30 minutes are left, then changes; the old one lives on', async () => {
		const first = (await ask(credentials())).data as Record<string, unknown>;
		sandbox.clock.advance(5_400_000);
		const later = (await ask(credentials())).data as Record<string, unknown>;
		expect(later).toEqual({ ...first, expire: 1800 });

		sandbox.clock.advance(1);
		const renewed = (await ask(credentials())).data as Record<string, unknown>;
		expect(renewed.tenant_access_token).not.toBe(first.tenant_access_token);
		expect(renewed.expire).toBe(7200);

		const list = async (token: unknown) =>
			outcome(await connect(sandbox, String(token)).get(mailboxPath('labels')));
		sandbox.clock.advance(1_799_998);
		expect(await list(first.tenant_access_token)).toEqual([200, 0]);
		sandbox.clock.advance(1);
		expect(await list(first.tenant_access_token)).toEqual([400, 99991663]);
		expect(await list(renewed.tenant_access_token)).toEqual([200, 0]);
	});

	it('is new at every call when it lives shorter than 30 minutes', async () => {
		sandbox.app.tokenLifetime = 60;
		expect(await fetchToken(sandbox)).not.toBe(await fetchToken(sandbox));
		expect((await ask(credentials())).data).toMatchObject({ expire: 60 });
	});

	it('is another one after all were revoked', async () => {
		const token = await fetchToken(sandbox);
		sandbox.app.revokeTokens();
		expect(outcome(await connect(sandbox, token).get(mailboxPath('labels')))).toEqual([400, 99991663]);
		expect(await fetchToken(sandbox)).not.toBe(token);
	});

	it.each<[string, (right: { app_id: string; app_secret: string }) => unknown, number]>([
		['a wrong secret', (right) => ({ ...right, app_secret: 'wrong' }), 10014],
		['an unknown app id', (right) => ({ ...right, app_id: 'cli_nobody' }), 10003],
		['no app id', ({ app_secret }) => ({ app_secret }), 10003],
		['no secret', ({ app_id }) => ({ app_id }), 10003],
		['an empty secret', (right) => ({ ...right, app_secret: '' }), 10003],
		['a secret that is a number', (right) => ({ ...right, app_secret: 1 }), 10003],
		['a body that is not JSON', () => 'app_id=1', 10003],
		['the JSON null', () => 'null', 10003],
	])('is refused with HTTP 200 for %s', async (_case, body, code) => {
		const answer = await ask(body(credentials()));
		expect(outcome(answer)).toEqual([200, code]);
		expect(answer.data).not.toHaveProperty('tenant_access_token');
		expect(sandbox.requests).toMatchObject([{ api: 'auth.tenantAccessToken', code, executed: false }]);
	});

	it('is refused for an app that is switched off, and its tokens stop working', async () => {
		const token = await fetchToken(sandbox);
		sandbox.app.enabled = false;
		expect(outcome(await ask(credentials()))).toEqual([200, 10014]);
		expect(outcome(await connect(sandbox, token).get(mailboxPath('labels')))).toEqual([400, 99991662]);
	});

	it('takes a new secret from the moment it is changed', async () => {
		const old = credentials();
		sandbox.app.secret = 'rotated';
		expect(outcome(await ask(old))).toEqual([200, 10014]);
		expect(outcome(await ask(credentials()))).toEqual([200, 0]);
	});
});
