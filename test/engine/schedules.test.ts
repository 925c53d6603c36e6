import fc from 'fast-check';

import type { Fault } from '../sandbox';
import { continues, credentialOf, named, onRequest, run, sandbox } from './stage';

const SCHEDULES = 500;

/** What can happen to a request on its way to Feishu and back. */
const fault: fc.Arbitrary<Fault> = fc.oneof(
	fc.record({
		kind: fc.constant('reset' as const),
		when: fc.constantFrom('before' as const, 'after' as const),
	}),
	fc.record({
		kind: fc.constant('html' as const),
		status: fc.constantFrom(200, 403, 429, 502, 503),
		after: fc.constant(false),
	}),
	fc.record({
		kind: fc.constant('html' as const),
		status: fc.constantFrom(200, 504),
		after: fc.constant(true),
	}),
	fc.record({
		kind: fc.constant('truncated' as const),
		how: fc.constantFrom('json' as const, 'length' as const),
	}),
	fc.record({ kind: fc.constant('drop-code' as const), after: fc.boolean() }),
	fc.record({ code: fc.constantFrom(99991400, 1236006), status: fc.constantFrom(200, 400, 429) }),
	fc.record({
		code: fc.constant(99991400),
		headers: fc.record({ 'x-ogw-ratelimit-reset': fc.constantFrom('0', '0.5', '12.25', '60', 'abc', '-1') }),
	}),
	fc.record({ code: fc.constantFrom(99991663, 99991668, 99991677), status: fc.constantFrom(200, 400, 401) }),
	fc.record({ code: fc.constantFrom(1230001, 1230101, 99991672), status: fc.constant(400) }),
	fc.record({ code: fc.constantFrom(1230003, 1234017), status: fc.constant(500), after: fc.boolean() }),
);

const schedule = fc.record({
	resource: fc.constantFrom('contact' as const, 'label' as const),
	items: fc.integer({ min: 1, max: 14 }),
	quota: fc.option(
		fc.record({
			limit: fc.integer({ min: 1, max: 6 }),
			window: fc.constantFrom(1, 10, 60),
			style: fc.constantFrom(429 as const, 400 as const),
		}),
		{ nil: null },
	),
	tokenLifetime: fc.constantFrom(2, 30, 600, 7200),
	revokedAt: fc.option(fc.integer({ min: 1, max: 14 })),
	faults: fc.dictionary(fc.integer({ min: 1, max: 20 }).map(String), fault, { maxKeys: 5 }),
	lostExchange: fc.option(fc.constantFrom<Fault>({ kind: 'html' }, { kind: 'reset', when: 'after' })),
	maxWait: fc.constantFrom(0, 5, 1800),
});

type Schedule = typeof schedule extends fc.Arbitrary<infer T> ? T : never;

it(`whatever happens to requests, every item ends as one output item, and nothing is written twice (${SCHEDULES} schedules)`, async () => {
	const check = async ({
		resource,
		items,
		quota,
		tokenLifetime,
		revokedAt,
		faults,
		lostExchange,
		maxWait,
	}: Schedule) => {
		const api = `mail.${resource}.create` as const;
		const app = sandbox.tenant.addApp();
		app.tokenLifetime = tokenLifetime;
		const mailbox = sandbox.tenant.addMailbox(`box-${sandbox.tenant.mailboxes.length}@example.com`);
		sandbox.clearFaults();
		sandbox.requests.length = 0;
		sandbox.setQuota(api, quota);
		if (lostExchange) sandbox.fail({ api: 'auth.tenantAccessToken', with: lostExchange });
		if (revokedAt) onRequest(api, revokedAt, () => app.revokeTokens());
		for (const [on, what] of Object.entries(faults)) sandbox.fail({ api, on: Number(on), with: what });

		const names = named(items, '名字');
		const { status, outputs, record } = await run(
			resource,
			'create',
			{ userMailboxId: mailbox.address, name: '={{ $json.name }}', options: { maxWait } },
			{ items: names, credential: await credentialOf(app), ...continues },
		);

		expect(status).toBe('success');
		const output = outputs[0]!;
		expect(output.map(({ pairedItem }) => pairedItem)).toEqual(names.map((_, item) => ({ item })));
		const kept = resource === 'contact' ? mailbox.contacts : mailbox.labels;
		for (const [index, { name }] of names.entries()) {
			const { json } = output[index]!;
			const copies = kept.filter((one) => one.name === name);
			if (json.error === undefined) {
				expect(json.name).toBe(name);
				expect(copies.map(({ id }) => id)).toEqual([json.id]);
			} else {
				// Only an unknown outcome may leave something behind, and never more than one.
				const mayExist = String(json.error).startsWith('It is unknown whether');
				expect(copies.length).toBeLessThanOrEqual(mayExist ? 1 : 0);
			}
		}
		const secrets = [
			app.secret,
			...sandbox.requests.flatMap(({ headers }) =>
				String(headers.authorization ?? 'Bearer none-at-all').slice('Bearer '.length),
			),
		];
		for (const secret of new Set(secrets)) expect(record).not.toContain(secret);
		// Start, one loss, one revocation, one forced by each rejecting fault, and what short lifetimes need.
		if (tokenLifetime === 7200) {
			const rejections = Object.values(faults).filter(
				(what) => 'code' in what && [99991663, 99991668, 99991677].includes(what.code ?? 0),
			);
			expect(sandbox.requestsTo('auth.tenantAccessToken').length).toBeLessThanOrEqual(
				1 + (lostExchange ? 2 : 0) + (revokedAt ? 1 : 0) + rejections.length,
			);
		}
	};
	await fc.assert(fc.asyncProperty(schedule, check), { numRuns: SCHEDULES });
}, 240_000);
