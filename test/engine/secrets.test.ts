import { captureLog, logged } from './capturedLog';

import type { AnswerFault, ApiName, Fault } from '../sandbox';
import type { RunOptions } from './engine';
import { connected, engine, named, onRequest, run, sandbox } from './stage';

/** The first request is behind n8n, so that its own logger has taken its place already. */
beforeEach(async () => {
	await run('label', 'create', { name: 'x' });
	sandbox.mailbox.labels.length = 0;
	sandbox.requests.length = 0;
	captureLog();
});

const faults: Array<[string, Fault]> = [
	['a refusal', { status: 400, code: 1230001, msg: 'parameter error' }],
	['a rejected token', { status: 400, code: 99991663, msg: 'Invalid access token' }],
	['a server fault', { status: 500, code: 1230003, msg: 'internal error' }],
	['HTML', { kind: 'html' }],
	['a reset', { kind: 'reset', when: 'after' }],
	['a cut-off answer', { kind: 'truncated', how: 'length' }],
	['a redirect', { status: 302, headers: { location: '/elsewhere' }, body: '' }],
];

describe.each(['mail.contact.create', 'auth.tenantAccessToken'] as const)('%s', (api) => {
	it.each(faults)('shows no secret in error, output or log after %s', async (_, fault) => {
		const secret = `secret-${Math.random().toString(36).slice(2)}`;
		sandbox.app.secret = secret;
		sandbox.fail({ api, on: () => true, with: fault });
		for (const onError of [undefined, 'continueRegularOutput', 'continueErrorOutput'] as const) {
			const credential = await engine.addCredential();
			const { record, outputs, error } = await run(
				'contact',
				'create',
				{ name: 'Anna' },
				{ credential, onError },
			);
			expect(error ?? outputs.flat()[0]?.json.error).toBeDefined();
			const { accessToken } = await engine.credentials.read(credential);
			const everything = [record, JSON.stringify(outputs), error?.stack, error?.description, ...logged].join(
				'\n',
			);
			expect(everything).not.toContain(secret);
			expect(everything).not.toContain('Bearer');
			if (accessToken) expect(everything).not.toContain(String(accessToken));
		}
		expect(logged.join('\n')).toContain('Running node "Feishu Mail"');
	});

	it('shows no secret that the server repeats', async () => {
		const credential = await engine.addCredential();
		await run('label', 'create', { name: 'x' }, { credential });
		const { accessToken } = await engine.credentials.read(credential);
		if (api === 'auth.tenantAccessToken') sandbox.app.revokeTokens();
		sandbox.fail({
			api,
			on: () => true,
			with: { status: 400, code: 1, msg: `token ${String(accessToken)} secret ${sandbox.app.secret}` },
		});
		const { record, error } = await run('contact', 'create', { name: 'Anna' }, { credential });
		expect(error?.description).toContain('secret ***');
		expect(record).not.toContain(sandbox.app.secret);
		if (api === 'mail.contact.create') expect(record).not.toContain(String(accessToken));
	});
});

describe('a server that repeats', () => {
	const LABEL = 'mail.label.create';

	/** Refuses what `on` chooses, with what `repeated` gives in every place that is shown. */
	const repeat = (
		api: ApiName,
		repeated: () => unknown,
		on: (n: number) => boolean = () => true,
		code = 1230001,
	) => {
		const fault: AnswerFault = { status: 400 };
		sandbox.fail({
			api,
			on: (n) => {
				if (!on(n)) return false;
				const secret = String(repeated());
				fault.headers = { 'X-Tt-Logid': `log-${secret}` };
				fault.body = JSON.stringify({
					code,
					msg: `about ${secret}, in a URL ${encodeURIComponent(secret)}`,
					error: {
						log_id: `log-${secret}`,
						troubleshooter: `https://open.feishu.cn/search?${secret}`,
						field_violations: [{ field: secret, value: secret, description: secret }],
						permission_violations: [{ subject: `mail:${secret}` }],
						helps: [{ url: `https://open.feishu.cn/${secret}`, description: secret }],
					},
				});
				return true;
			},
			with: fault,
		});
	};

	/** Creates labels one by one; gives all that n8n keeps and shows, without the input. */
	const shown = async (options: Partial<RunOptions>) => {
		const parameters = { name: '={{ $json.name }}' };
		const { outputs, error, record } = await run('label', 'create', parameters, options);
		const message = error?.message ?? outputs.flat().find(({ json }) => json.error)?.json.error;
		expect(message).toBeDefined();
		return [record, JSON.stringify(outputs), error?.stack, error?.description, ...logged].join('\n');
	};

	const bearers = () =>
		sandbox.requestsTo(LABEL).map(({ headers }) => String(headers.authorization).slice('Bearer '.length));

	describe.each([undefined, 'continueRegularOutput'] as const)('(on error: %s)', (onError) => {
		const change = { items: named(1), onError };

		it.each([1230001, 99991672, 99991400])('the token with code %d shows it nowhere', async (code) => {
			const credential = await engine.addCredential();
			repeat(LABEL, () => bearers().at(-1), undefined, code);
			const text = await shown({ ...change, credential });
			expect(text).toContain('***');
			expect(text).not.toContain(bearers()[0]);
		});

		it('a secret that is stored with a line break shows it nowhere', async () => {
			const credential = await engine.addCredential({ appSecret: `${sandbox.app.secret}\n` });
			repeat(LABEL, () => sandbox.app.secret);
			expect(await shown({ ...change, credential })).not.toContain(sandbox.app.secret);
		});

		it('a secret that is stored with a line break, in the exchange, shows it nowhere', async () => {
			const credential = await engine.addCredential({ appSecret: `${sandbox.app.secret}\n` });
			repeat('auth.tenantAccessToken', () => sandbox.app.secret);
			const text = await shown({ ...change, credential });
			expect(text).toContain('log-***');
			expect(text).not.toContain(sandbox.app.secret);
		});

		it('the token of before a renewal shows it nowhere', async () => {
			const credential = await engine.addCredential();
			repeat(
				LABEL,
				() => bearers()[0],
				(n) => n === 2,
			);
			onRequest(LABEL, 1, () => sandbox.app.revokeTokens());
			const text = await shown({ ...change, credential });
			expect(new Set(bearers()).size).toBe(2);
			for (const token of bearers()) expect(text).not.toContain(token);
		});

		it("a user's tokens of before and after a renewal shows them nowhere", async () => {
			const before = sandbox.issueUserTokens();
			const credential = await connected({}, { oauthTokenData: { ...before } });
			sandbox.fail({ api: LABEL, with: { status: 401, code: 99991677 } });
			const all: string[] = [before.access_token, before.refresh_token!, sandbox.app.secret];
			repeat(
				LABEL,
				() => [...all, bearers().at(-1)].join(' and '),
				(n) => n === 2,
			);
			const text = await shown({ ...change, credential });
			expect(text).toContain('***');
			expect(new Set(bearers()).size).toBe(2);
			for (const secret of [...all, ...bearers()]) expect(text).not.toContain(secret);
		});

		it("a user's token that another execution has stored meanwhile shows it nowhere", async () => {
			const credential = await connected();
			const { access_token, ...others } = sandbox.issueUserTokens();
			onRequest(LABEL, 1, () =>
				engine.credentials.change(credential, { oauthTokenData: { access_token, ...others } }),
			);
			repeat(
				LABEL,
				() => access_token,
				(n) => n === 7,
			);
			const text = await shown({ ...change, items: named(7), credential });
			expect(bearers().at(-1)).toBe(access_token);
			expect(text).toContain('***');
			expect(text).not.toContain(access_token);
		});
	});

	it('a secret in what it did leaves the output as it is', async () => {
		const name = `label ${sandbox.app.secret}`.slice(0, 40);
		const { outputs } = await run('label', 'create', { name: '={{ $json.name }}' }, { items: [{ name }] });
		expect(outputs[0]![0]!.json.name).toBe(name);
	});
});
