import fc from 'fast-check';
import type { INodeParameters } from 'n8n-workflow';

import type { Fault } from '../sandbox';
import type { Run, RunOptions } from './engine';
import { connected, continues, onRequest, run, sandbox, time } from './stage';

/** 200 mails, a few at a time. */
const RUNS = 60;

/** What can happen to a request on its way to Feishu and back. */
const fault: fc.Arbitrary<Fault> = fc.oneof(
	fc.record({
		kind: fc.constant('reset' as const),
		when: fc.constantFrom('before' as const, 'after' as const),
	}),
	fc.record({
		kind: fc.constant('html' as const),
		status: fc.constantFrom(200, 502, 504),
		after: fc.boolean(),
	}),
	fc.record({
		kind: fc.constant('truncated' as const),
		how: fc.constantFrom('json' as const, 'length' as const),
	}),
	fc.record({ kind: fc.constant('drop-code' as const), after: fc.boolean() }),
	fc.record({ code: fc.constant(99991400), status: fc.constantFrom(400, 429) }),
	fc.record({ code: fc.constant(1236006), status: fc.constant(429) }),
	fc.record({ code: fc.constant(1236019), status: fc.constant(500), after: fc.boolean() }),
	fc.record({ code: fc.constantFrom(99991668, 99991677), status: fc.constantFrom(200, 400, 401) }),
	fc.record({ code: fc.constantFrom(1236014, 1236018), status: fc.constant(400) }),
);

/** The work is done, and nobody hears of it. */
const lost: fc.Arbitrary<Fault> = fc.constantFrom<Fault>(
	{ kind: 'reset', when: 'after' },
	{ kind: 'html', status: 504, after: true },
	{ kind: 'truncated' },
);

/** What happens to the first requests, one after the other: lost answers often come in a row. */
const faultsOf = (most: number) =>
	fc
		.array(
			fc.oneof(
				{ weight: 3, arbitrary: fc.tuple(lost, fc.constantFrom(1, 2, 3, 3)) },
				{ weight: 3, arbitrary: fc.tuple(fault, fc.constant(1)) },
				{ weight: 2, arbitrary: fc.tuple(fc.constant(undefined), fc.constantFrom(1, 2)) },
			),
			{ maxLength: most },
		)
		.map((rows) => rows.flatMap(([what, times]) => Array.from({ length: times }, () => what)));

const schedule = fc.record({
	items: fc.integer({ min: 1, max: 6 }),
	way: fc.constantFrom('now' as const, 'later' as const),
	faults: faultsOf(6),
	draftFaults: faultsOf(2),
	revokedAt: fc.option(fc.integer({ min: 1, max: 6 })),
	goesOn: fc.boolean(),
	retries: fc.boolean(),
	/** How often somebody retries the execution while it fails. */
	again: fc.integer({ min: 0, max: 2 }),
	cancelledAt: fc.option(fc.integer({ min: 1, max: 8 })),
});

type Schedule = typeof schedule extends fc.Arbitrary<infer T> ? T : never;

const subjectsOf = (items: number, word: string) =>
	Array.from({ length: items }, (_, index) => ({ subject: `${word} ${index}` }));

let number = 0;

it(`whatever happens to requests, each mail arrives once, or is reported as failed and did not (${RUNS} schedules)`, async () => {
	const credential = await connected();
	const check = async ({
		items,
		way,
		faults,
		draftFaults,
		revokedAt,
		goesOn,
		retries,
		again,
		cancelledAt,
	}: Schedule) => {
		sandbox.clearFaults();
		const api = way === 'now' ? 'mail.message.send' : 'mail.draft.send';
		const plan = { [api]: faults, 'mail.draft.create': draftFaults };
		for (const [to, whats] of Object.entries(plan)) {
			whats.forEach(
				(what, index) => what && sandbox.fail({ api: to as typeof api, on: index + 1, with: what }),
			);
		}
		if (revokedAt) onRequest(api, revokedAt, () => sandbox.app.revokeUserTokens());
		const word = `Mail ${number++}`;
		const letters = subjectsOf(items, word);
		const parameters: INodeParameters = {
			userMailboxId: 'me',
			to: 'jane@example.org',
			subject: '={{ $json.subject }}',
			emailType: 'text',
			// Another text each time that it is worked out.
			message: '=Written at {{ $now.toMillis() }}, {{ Math.random() }}',
			additionalFields: way === 'now' ? {} : { sendAt: '={{ $now.plus({ hours: 1 }) }}' },
			options: {},
		};
		const options: Partial<RunOptions> = {
			items: letters,
			credential,
			...(goesOn ? continues : {}),
			...(retries ? { settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 0 } } : {}),
		};
		let last: Run = await run('message', 'send', parameters, {
			...options,
			executionId: `${number}`,
			started: ({ cancel }) => cancelledAt && onRequest(api, cancelledAt, cancel),
		});
		for (let retried = 0; retried < again && last.status === 'error'; retried++) {
			last = await run('message', 'send', parameters, {
				...options,
				executionId: `${number} again ${retried}`,
				retryOf: last,
			});
		}
		time.pass(2 * 3600_000);
		sandbox.clearFaults();
		const arrived = (subject: string) =>
			sandbox.sentMails.filter(({ mail }) => mail.subject === subject).length;
		for (const [index, { subject }] of letters.entries()) {
			expect(arrived(subject)).toBeLessThanOrEqual(1);
			const json = last.jsons[index];
			if (last.status !== 'success' || json === undefined) continue;
			const isUnknown = JSON.stringify(json).includes('unknown whether');
			if (json.error === undefined)
				expect([subject, json.outcome, arrived(subject)]).toEqual([subject, json.outcome, 1]);
			else if (!isUnknown) expect([subject, json.error, arrived(subject)]).toEqual([subject, json.error, 0]);
		}
	};
	await fc.assert(fc.asyncProperty(schedule, check), { numRuns: RUNS });
}, 240_000);
