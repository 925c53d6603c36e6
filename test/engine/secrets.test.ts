import { captureDebugLog, logged } from './capturedLog';

import { Sandbox, type Fault } from '../sandbox';
import { Engine } from './engine';
import { VirtualTime } from './virtualTime';

let sandbox: Sandbox;
let engine: Engine;

beforeAll(async () => {
	sandbox = await Sandbox.start();
	engine = new Engine(sandbox);
	new VirtualTime();
	await engine.run({
		parameters: { resource: 'label', operation: 'create', userMailboxId: sandbox.mailbox.address, name: 'x' },
	});
	captureDebugLog();
});

beforeEach(() => {
	logged.length = 0;
	sandbox.clearFaults();
});

afterAll(async () => {
	jest.restoreAllMocks();
	await sandbox.close();
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
			const { record, outputs, error } = await engine.run({
				parameters: {
					resource: 'contact',
					operation: 'create',
					userMailboxId: sandbox.mailbox.address,
					name: 'Anna',
				},
				credential,
				onError,
			});
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
		await engine.run({
			parameters: {
				resource: 'label',
				operation: 'create',
				userMailboxId: sandbox.mailbox.address,
				name: 'x',
			},
			credential,
		});
		const { accessToken } = await engine.credentials.read(credential);
		if (api === 'auth.tenantAccessToken') sandbox.app.revokeTokens();
		sandbox.fail({
			api,
			on: () => true,
			with: { status: 400, code: 1, msg: `token ${String(accessToken)} secret ${sandbox.app.secret}` },
		});
		const { record, error } = await engine.run({
			parameters: {
				resource: 'contact',
				operation: 'create',
				userMailboxId: sandbox.mailbox.address,
				name: 'Anna',
			},
			credential,
		});
		expect(error?.description).toContain('secret ***');
		expect(record).not.toContain(sandbox.app.secret);
		if (api === 'mail.contact.create') expect(record).not.toContain(String(accessToken));
	});
});
