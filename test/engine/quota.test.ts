/* eslint-disable @n8n/community-nodes/no-restricted-globals -- cancels after real time has passed */
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { RunOptions } from './engine';
import { continues, engine, named, onRequest, run, sandbox, time } from './stage';
import { until } from './until';

const CREATE = { contact: 'mail.contact.create', label: 'mail.label.create' } as const;
type Resource = keyof typeof CREATE;

const create = async (
	resource: Resource,
	count: number,
	{ options = {}, ...change }: Partial<RunOptions> & { options?: INodeParameters } = {},
) =>
	await run(resource, 'create', { name: '={{ $json.name }}', options }, { items: named(count), ...change });

const refused = (resource: Resource) =>
	sandbox.requestsTo(CREATE[resource]).filter(({ code }) => code === 99991400).length;

const created = (resource: Resource) =>
	(resource === 'contact' ? sandbox.mailbox.contacts : sandbox.mailbox.labels).map(({ name }) => name);

const names = (count: number) => named(count).map(({ name }) => name);

describe('a quota', () => {
	it.each(['429', '400'] as const)(
		'of 20 contacts a minute (HTTP %s): 60 are created once each and in order, in two waits',
		async (style) => {
			sandbox.setQuota(CREATE.contact, { limit: 20, window: 60, style: Number(style) as 429 | 400 });
			const { outputs, hints } = await create('contact', 60);
			expect(outputs[0]!.map(({ json }) => json.name)).toEqual(names(60));
			expect(created('contact')).toEqual(names(60));
			expect(refused('contact')).toBe(2);
			expect(time.waits).toHaveLength(2);
			for (const wait of time.waits) {
				expect(wait).toBeGreaterThan(55_000);
				expect(wait).toBeLessThan(62_000);
			}
			expect(hints).toEqual([
				expect.objectContaining({
					message: expect.stringMatching(
						/^Waited 2 times, 2 min \d s in all, .*20 contact creations a minute/,
					),
					location: 'outputPane',
				}),
			]);
		},
	);

	it('of 5 labels a second: 60 are created once each, output in order, at most six refused per window', async () => {
		sandbox.setQuota(CREATE.label, { limit: 5, window: 1 });
		const { outputs } = await create('label', 60);
		expect(outputs[0]!.map(({ json }) => json.name)).toEqual(names(60));
		expect(created('label').sort()).toEqual(names(60).sort());
		const windows = 60 / 5;
		expect(refused('label')).toBeLessThanOrEqual(6 * windows);
	});

	it('of a far-away server: after the first windows only one request of each is refused', async () => {
		time.end();
		sandbox.latency = 500;
		sandbox.setQuota(CREATE.label, { limit: 5, window: 1 });
		await create('label', 40);
		expect(created('label').sort()).toEqual(names(40).sort());
		const windows = 40 / 5;
		expect(refused('label')).toBeLessThanOrEqual(2 * 5 + windows);
	});

	it.each([
		['that others spent in the first window', 1, 4],
		['that two executions share', 2, 0],
	])('%s, far away: every window is used up from then on', async (_, executions, others) => {
		time.end();
		sandbox.latency = 400;
		sandbox.setQuota(CREATE.label, { limit: 5, window: 0.5 });
		const credential = await engine.addCredential();
		await create('contact', 1, { credential });
		const { token } = sandbox.app.issueToken(sandbox.clock.now());
		const spend = async (name: string) => {
			await fetch(`${sandbox.url}/open-apis/mail/v1/user_mailboxes/${sandbox.mailbox.address}/labels`, {
				method: 'POST',
				headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
				body: JSON.stringify({ label: { name } }),
			});
		};
		const started = performance.now();
		const rows = named(20);
		const share = 20 / executions;
		await Promise.all([
			...named(others).map(async ({ name }) => await spend(`Another's ${name}`)),
			...Array.from(
				{ length: executions },
				async (__, part) =>
					await create('label', share, { credential, items: rows.slice(part * share, (part + 1) * share) }),
			),
		]);
		const ideal = (Math.ceil((20 + others) / 5) - 1) * 500 + 400;
		expect(performance.now() - started).toBeLessThan(2 * ideal);
		expect(created('label')).toHaveLength(20 + others);
	});

	it('that is not used up costs nothing: no request is refused, none waits, no hint', async () => {
		sandbox.setQuota(CREATE.contact, { limit: 20, window: 60 });
		const { hints } = await create('contact', 20);
		expect(time.waits).toEqual([]);
		expect(refused('contact')).toBe(0);
		expect(hints).toEqual([]);
	});

	it('with a wait below 5 seconds gives no hint', async () => {
		sandbox.setQuota(CREATE.contact, { limit: 2, window: 3 });
		const { hints } = await create('contact', 3);
		expect(time.waits).toHaveLength(1);
		expect(hints).toEqual([]);
	});

	it.each<[string | null, number, number]>([
		['2.5', 2500, 2600],
		['0.25', 250, 300],
		['7', 7000, 7200],
		['0', 1, 50],
		[null, 500, 1000],
		['', 500, 1000],
		['-3', 500, 1000],
		['abc', 500, 1000],
		['NaN', 500, 1000],
		['Infinity', 500, 1000],
		['1e9', 500, 1000],
		['86400', 500, 1000],
	])('whose reset header is %j waits between %d and %d ms', async (header, least, most) => {
		sandbox.fail({
			api: CREATE.contact,
			with: {
				code: 99991400,
				headers: header === null ? {} : { 'x-ogw-ratelimit-reset': header },
			},
		});
		expect((await create('contact', 1)).outputs[0]).toHaveLength(1);
		expect(time.waits).toHaveLength(1);
		expect(time.waits[0]).toBeGreaterThanOrEqual(least * 0.95);
		expect(time.waits[0]).toBeLessThanOrEqual(most);
	});

	it('that goes on refusing without a header is asked more and more seldom', async () => {
		sandbox.fail({ api: CREATE.contact, times: 6, with: { code: 99991400 } });
		await create('contact', 1);
		expect(time.waits).toHaveLength(6);
		expect(time.waits[5]).toBeGreaterThan(8000);
	});

	it('that goes on refusing with a reset of 0 does not make a tight loop', async () => {
		sandbox.fail({
			api: CREATE.contact,
			times: 10,
			with: { code: 99991400, headers: { 'x-ogw-ratelimit-reset': '0' } },
		});
		await create('contact', 1);
		// The first waits are so short that a busy machine may be past them before they begin.
		expect(time.waits.length).toBeGreaterThan(5);
		expect(time.waits.at(-1)).toBeGreaterThan(900);
	});

	it.each([
		['HTTP 429 without JSON', { kind: 'html', status: 429 }],
		['HTTP 429 with another code', { status: 429, code: 11232 }],
		['HTTP 200 with code 99991400', { status: 200, code: 99991400 }],
		['code 1236006, calls of one user are served one by one', { status: 429, code: 1236006 }],
	] as const)('told by %s is waited for, and the request sent again', async (_, fault) => {
		sandbox.fail({ api: CREATE.contact, with: fault });
		const { outputs } = await create('contact', 2);
		expect(outputs[0]).toHaveLength(2);
		expect(time.waits).toHaveLength(1);
		expect(created('contact')).toEqual(names(2));
	});

	it.each([1236007, 1236008, 1236009, 1236010, 1236012, 1236013, 99991403])(
		'of a day, a month or an organisation (code %d) fails at once',
		async (code) => {
			sandbox.fail({ api: CREATE.contact, with: { status: 429, code, msg: 'daily quota' } });
			const { error } = await create('contact', 1);
			expect(error?.context.details).toMatchObject({ code, httpCode: 429 });
			expect(time.waits).toEqual([]);
		},
	);

	it('longer than Max Wait: a clear error, and the other items go on', async () => {
		sandbox.setQuota(CREATE.contact, { limit: 2, window: 60 });
		const { outputs } = await create('contact', 4, {
			options: { maxWait: 30 },
			...continues,
		});
		expect(outputs[0]!.map(({ json }) => json.name ?? 'failed')).toEqual([
			'No. 0',
			'No. 1',
			'failed',
			'failed',
		]);
		const { error, details } = outputs[0]![2]!.json;
		expect(error).toContain("Feishu's quota of 20 contact creations a minute is used up");
		expect(error).toContain("'Max Wait (Seconds)'");
		expect(details).toMatchObject({ code: 99991400, httpCode: 429 });
		expect(time.waits).toEqual([]);
		// The last item knows from the one before.
		expect(refused('contact')).toBe(1);
	});

	it('is never waited for with Max Wait 0', async () => {
		sandbox.setQuota(CREATE.contact, { limit: 1, window: 1 });
		const { error } = await create('contact', 2, { options: { maxWait: 0 } });
		expect(error?.message).toContain("'Max Wait (Seconds)'");
		expect(time.waits).toEqual([]);
	});

	it('that stays used up is waited for once: the items that are left fail at once, without a request', async () => {
		sandbox.fail({
			api: CREATE.contact,
			on: () => true,
			with: { code: 99991400, headers: { 'x-ogw-ratelimit-reset': '100' } },
		});
		const { outputs } = await create('contact', 20, {
			options: { maxWait: 250 },
			...continues,
		});
		expect(time.waits).toHaveLength(2);
		expect(refused('contact')).toBe(3);
		for (const { json } of outputs[0]!) {
			expect(json.error).toContain("'Max Wait (Seconds)'");
			expect((json.details as IDataObject).description).toMatch(
				/^The request was not carried out\.\nNo request passed while the run waited 3 min 2\d s/,
			);
		}
	});

	it('that lets requests through now and then gives each its whole Max Wait', async () => {
		sandbox.fail({
			api: CREATE.contact,
			on: (n) => n % 3 !== 0,
			with: { code: 99991400, headers: { 'x-ogw-ratelimit-reset': '100' } },
		});
		await create('contact', 3, { options: { maxWait: 250 } });
		expect(time.waits).toHaveLength(6);
		expect(created('contact')).toEqual(names(3));
	});

	it('is waited for as long as told although the clock is set back meanwhile', async () => {
		time.end();
		sandbox.fail({
			api: CREATE.contact,
			with: { code: 99991400, headers: { 'x-ogw-ratelimit-reset': '1' } },
		});
		const { error } = await create('contact', 1, {
			options: { maxWait: 10 },
			started: () => {
				setTimeout(() => {
					const now = Date.now.bind(Date);
					jest.spyOn(Date, 'now').mockImplementation(() => now() - 600_000);
				}, 500);
			},
		});
		expect(error?.message).toBeUndefined();
		expect(created('contact')).toEqual(names(1));
	});

	it('that nobody waited for gives no hint', async () => {
		sandbox.setQuota(CREATE.contact, { limit: 20, window: 60 });
		const { hints, outputs } = await create('contact', 22, {
			options: { maxWait: 0 },
			...continues,
		});
		expect(outputs[0]).toHaveLength(22);
		expect(hints).toEqual([]);
	});

	it('is waited for half an hour by default, and no longer', async () => {
		sandbox.fail({
			api: CREATE.contact,
			on: () => true,
			with: { code: 99991400, headers: { 'x-ogw-ratelimit-reset': '100' } },
		});
		const { error } = await create('contact', 1);
		expect(error?.message).toContain("'Max Wait (Seconds)'");
		const waited = time.waits.reduce((sum, wait) => sum + wait, 0);
		expect(waited).toBeGreaterThan(1_650_000);
		expect(waited).toBeLessThanOrEqual(1_800_000);
	});

	it('shared by two executions: both finish, each contact once', async () => {
		sandbox.setQuota(CREATE.contact, { limit: 5, window: 10 });
		const credential = await engine.addCredential();
		const runs = await Promise.all([
			create('contact', 20, { credential }),
			create('contact', 20, { credential }),
		]);
		for (const { outputs } of runs) expect(outputs[0]!.map(({ json }) => json.name)).toEqual(names(20));
		expect(created('contact').sort()).toEqual([...names(20), ...names(20)].sort());
	});

	it('shared by forty executions of five contacts: the default patience outlasts ten windows', async () => {
		sandbox.setQuota(CREATE.contact, { limit: 20, window: 60 });
		const credential = await engine.addCredential();
		const runs = await Promise.all(
			Array.from({ length: 40 }, async () => await create('contact', 5, { credential })),
		);
		expect(runs.every(({ status }) => status === 'success')).toBe(true);
		expect(created('contact')).toHaveLength(200);
	});
});

describe('a cancelled execution', () => {
	it.each(['contact', 'label'] as const)('stops waiting at once (%s)', async (resource) => {
		time.end();
		sandbox.setQuota(CREATE[resource], { limit: 1, window: 60 });
		const parts: { cancelledAt?: number } = {};
		const result = await create(resource, 10, {
			...continues,
			started: ({ cancel }) => {
				setTimeout(() => {
					parts.cancelledAt = Date.now();
					cancel();
				}, 500);
			},
		});
		expect(Date.now() - parts.cancelledAt!).toBeLessThan(300);
		expect(result.status).toBe('canceled');
		const sent = sandbox.requestsTo(CREATE[resource]).length;
		await new Promise((resolve) => setTimeout(resolve, 200));
		expect(sandbox.requestsTo(CREATE[resource])).toHaveLength(sent);
		expect(created(resource)).toHaveLength(1);
	});

	it('leaves no timer behind', async () => {
		time.end();
		const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
		sandbox.setQuota(CREATE.contact, { limit: 1, window: 60 });
		const before = timers();
		await create('contact', 3, {
			started: ({ cancel }) => {
				setTimeout(cancel, 500);
			},
		});
		await new Promise((resolve) => setTimeout(resolve, 1500));
		expect(timers()).toBeLessThanOrEqual(before);
	});

	it('stops while it looks for what a lost request has created', async () => {
		time.end();
		sandbox.fail({ api: CREATE.label, on: 1, with: { kind: 'reset', when: 'after' } });
		const looking = sandbox.fail({ api: 'mail.label.list', with: { kind: 'hang' } });
		let cancel = () => {};
		const running = create('label', 20, {
			...continues,
			started: (execution) => (cancel = () => execution.cancel()),
		});
		await until(() => looking.fired > 0);
		cancel();
		const { status, record } = await running;
		expect(status).toBe('canceled');
		expect(record).not.toContain('It is unknown');
	});

	it('stops during a request that hangs', async () => {
		time.end();
		sandbox.fail({ api: CREATE.contact, with: { kind: 'hang' } });
		let cancelledAt = 0;
		const { status } = await create('contact', 3, {
			started: ({ cancel }) => {
				setTimeout(() => {
					cancelledAt = Date.now();
					cancel();
				}, 500);
			},
		});
		expect(Date.now() - cancelledAt).toBeLessThan(300);
		expect(status).toBe('canceled');
	});
});

describe('options', () => {
	it.each([
		['maxWait', "={{ 'soon' }}", "'Max Wait (Seconds)' must be a number"],
		['maxWait', '={{ -1 }}', "'Max Wait (Seconds)' must be a number"],
		['maxWait', '={{ [1] }}', "'Max Wait (Seconds)' must be a number"],
		['timeout', '={{ 0 }}', "'Timeout (Seconds)' must be a number above 0"],
		['timeout', '={{ NaN }}', "'Timeout (Seconds)' must be a number above 0"],
	])('%s = %s is refused before sending', async (option, value, words) => {
		const { error } = await create('contact', 1, { options: { [option]: value } });
		expect(error?.message).toContain(words);
		expect(sandbox.requests).toHaveLength(0);
	});

	it('timeout ends a request that hangs; the outcome is unknown and nothing is sent again', async () => {
		time.end();
		sandbox.fail({ api: CREATE.contact, with: { kind: 'hang', after: true } });
		const { error } = await create('contact', 1, { options: { timeout: 0.5 } });
		expect(error?.message).toContain('It is unknown whether Feishu carried out the request');
		expect(error?.description).toContain('No answer came in time');
		expect(sandbox.requestsTo(CREATE.contact)).toHaveLength(1);
	});
});

describe('items in flight', () => {
	it('keep the order of the input in the output', async () => {
		time.end();
		sandbox.fail({ api: CREATE.label, on: (n) => n % 3 === 1, with: { kind: 'delay', ms: 50 } });
		const { outputs } = await create('label', 24);
		expect(outputs[0]!.map(({ json }) => json.name)).toEqual(names(24));
		expect(outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual(names(24).map((_, item) => ({ item })));
		expect(created('label')).not.toEqual(names(24));
	});

	it('are more than one for labels, and one for contacts', async () => {
		time.end();
		sandbox.latency = 40;
		const started = Date.now();
		await create('label', 24);
		const labels = Date.now() - started;
		await create('contact', 24);
		const contacts = Date.now() - started - labels;
		expect(contacts).toBeGreaterThan(24 * 40);
		expect(labels).toBeLessThan(contacts * 0.6);
	});

	it('exchange one token at the start', async () => {
		await create('label', 24);
		expect(sandbox.requestsTo('auth.tenantAccessToken')).toHaveLength(1);
	});

	it('renew a rejected token once', async () => {
		const credential = await engine.addCredential();
		await create('contact', 1, { credential });
		sandbox.app.revokeTokens();
		const { outputs } = await create('label', 24, { credential });
		expect(outputs[0]!.map(({ json }) => json.name)).toEqual(names(24));
		expect(sandbox.requestsTo('auth.tenantAccessToken')).toHaveLength(2);
		expect(created('label')).toHaveLength(24);
	});

	it('meet a failure: no further item is started, those in flight finish', async () => {
		sandbox.fail({ api: CREATE.label, on: 8, with: { code: 1234000 } });
		const { error, status } = await create('label', 60);
		expect(status).toBe('error');
		expect(error?.message).toContain('Feishu does not accept a value of the label');
		const sent = sandbox.requestsTo(CREATE.label).length;
		expect(sent).toBeGreaterThanOrEqual(8);
		expect(sent).toBeLessThanOrEqual(8 + 6);
		expect(created('label')).toHaveLength(sent - 1);
	});
});

describe('tokens under load', () => {
	it('that expire in the middle of 50 items cost one more exchange', async () => {
		onRequest(CREATE.contact, 25, () => sandbox.app.revokeTokens());
		const { outputs } = await create('contact', 50);
		expect(outputs[0]!.map(({ json }) => json.name)).toEqual(names(50));
		expect(sandbox.requestsTo('auth.tenantAccessToken')).toHaveLength(2);
		expect(created('contact')).toEqual(names(50));
	});

	it('that run out while a run waits are renewed on time, never rejected', async () => {
		sandbox.app.tokenLifetime = 90;
		sandbox.setQuota(CREATE.contact, { limit: 5, window: 60 });
		await create('contact', 20);
		expect(created('contact')).toEqual(names(20));
		expect(sandbox.requestsTo(CREATE.contact).filter(({ code }) => code === 99991663)).toHaveLength(0);
	});

	it('are exchanged once by each of five executions that start together with an empty store', async () => {
		const credential = await engine.addCredential();
		const runs = await Promise.all(
			Array.from({ length: 5 }, async () => await create('label', 3, { credential })),
		);
		expect(sandbox.requestsTo('auth.tenantAccessToken').length).toBeLessThanOrEqual(5);
		expect(runs).toHaveLength(5);
	});

	it.each([
		['back by three hours', -3],
		['ahead by three hours', 3],
	])('survive a clock that jumps %s', async (_, hours) => {
		const credential = await engine.addCredential();
		await create('contact', 2, { credential });
		time.end();
		const now = Date.now.bind(Date);
		jest.spyOn(Date, 'now').mockImplementation(() => now() + hours * 3_600_000);
		const { outputs } = await create('contact', 5, { credential });
		expect(outputs[0]).toHaveLength(5);
		expect(sandbox.requestsTo('auth.tenantAccessToken').length).toBeLessThanOrEqual(2);
		expect(created('contact')).toHaveLength(7);
	});
});
