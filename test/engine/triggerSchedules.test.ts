import fc from 'fast-check';

import type { Fault, Message } from '../sandbox';
import { Published } from './published';
import { engine, sandbox, time } from './stage';

const RUNS = 1000;

const MINUTE = 60_000;

/** Something that comes about in the mailbox. */
type Happening =
	| { kind: 'arrive'; count: number; late: number; apart: number }
	| { kind: 'remove' | 'moveOut' | 'moveBack' | 'moveInOld'; which: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({
			kind: fc.constant('arrive' as const),
			// Most often a few, sometimes more than two pages.
			count: fc.oneof(
				{ weight: 5, arbitrary: fc.integer({ min: 1, max: 4 }) },
				fc.integer({ min: 15, max: 45 }),
			),
			// Minutes for which they were on their way, and milliseconds between them.
			late: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 180 })),
			apart: fc.constantFrom(0, 0, 1, 700),
		}),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			kind: fc.constantFrom('remove' as const, 'moveOut' as const, 'moveBack' as const, 'moveInOld' as const),
			which: fc.nat(),
		}),
	},
);

const fault: fc.Arbitrary<Fault> = fc.constantFrom<Fault>(
	{ kind: 'reset', when: 'before' },
	{ kind: 'html', status: 502 },
	{ kind: 'truncated' },
	{ kind: 'drop-code' },
	{ code: 99991400 },
	{ code: 1230004, status: 500 },
	{ code: 1234037 },
	{ code: 99991663, status: 400 },
);

const api = fc.constantFrom('mail.message.list' as const, 'mail.message.batchGet' as const);

const step = fc.oneof(
	{ weight: 5, arbitrary: happening.map((what) => ({ kind: 'happens' as const, what })) },
	{
		weight: 6,
		arbitrary: fc.record({
			kind: fc.constant('poll' as const),
			minutes: fc.constantFrom(1, 1, 1, 5, 61),
			atOnce: fc.boolean(),
			faults: fc.array(fc.tuple(api, fc.integer({ min: 1, max: 4 }), fault), { maxLength: 3 }),
			meanwhile: fc.array(fc.tuple(api, fc.integer({ min: 1, max: 3 }), happening), { maxLength: 2 }),
		}),
	},
	{ weight: 1, arbitrary: fc.constantFrom({ kind: 'restart' as const }, { kind: 'pause' as const }) },
);

const schedule = fc.record({
	older: fc.constantFrom(0, 3, 30),
	limit: fc.constantFrom(3, 20, 50),
	output: fc.constantFrom('simplified', 'metadata'),
	markAsRead: fc.boolean(),
	pages: fc.constantFrom('stay' as const, 'shift' as const),
	listOrder: fc.constantFrom('newestFirst' as const, 'newestFirst' as const, 'lastArrivedFirst' as const),
	/** Minutes by which Feishu's clock is ahead of that of n8n. */
	ahead: fc.constantFrom(-10, 0, 10),
	steps: fc.array(step, { minLength: 1, maxLength: 12 }),
});

type Schedule = typeof schedule extends fc.Arbitrary<infer T> ? T : never;

/** What is in the mailbox of one schedule, and what may be delivered of it. */
class Inbox {
	private static count = 0;

	/** Mails of before the trigger. */
	readonly old: Message[];

	/** Mails that have come since. */
	readonly arrived: Message[] = [];

	/** When the trigger's first poll was, by Feishu's clock. */
	begun = Infinity;

	readonly mailbox = sandbox.tenant.addMailbox(`inbox${Inbox.count++}@example.com`);

	constructor(older: number) {
		const now = sandbox.clock.now();
		this.old = Array.from({ length: older + 5 }, (_, index) =>
			this.mailbox.receive({
				internal_date: now - (older + 7 - index) * MINUTE,
				folder_id: index < 5 ? 'ARCHIVED' : 'INBOX',
			}),
		);
	}

	happen(what: Happening): void {
		if (what.kind === 'arrive') {
			for (let number = 0; number < what.count; number++) {
				const date = sandbox.clock.now() - what.late * MINUTE + number * what.apart;
				this.arrived.push(this.mailbox.receive({ internal_date: Math.max(date, this.begun + 1) }));
			}
			return;
		}
		const all = what.kind === 'moveInOld' ? this.old : this.arrived;
		const mail = all[what.which % Math.max(all.length, 1)];
		if (!mail) return;
		if (what.kind === 'remove') this.mailbox.remove(mail);
		else mail.folder_id = what.kind === 'moveOut' ? 'ARCHIVED' : 'INBOX';
	}

	/** Whether a mail is where the trigger looks. */
	has = (mail: Message) => mail.folder_id === 'INBOX' && this.mailbox.messages.includes(mail);
}

async function take(published: Published, inbox: Inbox, steps: Schedule['steps']) {
	for (const one of steps) {
		if (one.kind === 'happens') inbox.happen(one.what);
		else if (one.kind === 'restart') await published.restart();
		else if (one.kind === 'pause') {
			published.deactivate();
			time.pass(20 * MINUTE);
			inbox.happen({ kind: 'arrive', count: 2, late: 0, apart: 1 });
			await published.activate();
		} else {
			time.pass(one.minutes * MINUTE);
			for (const [to, on, with_] of one.faults) sandbox.fail({ api: to, on, with: with_ });
			const handles = one.meanwhile.map(([to, on, what]) =>
				sandbox.before(to, () => inbox.happen(what), { on }),
			);
			await Promise.all([published.tick(), ...(one.atOnce ? [published.tick()] : [])]);
			sandbox.clearFaults();
			for (const handle of handles) handle.cancel();
		}
	}
}

test(
	`whatever happens, each mail that comes in after the first poll is delivered once (${RUNS} schedules)`,
	async () => {
		const credential = await engine.addCredential();
		const check = async ({ older, steps, pages, listOrder, ahead, ...wanted }: Schedule) => {
			Object.assign(sandbox.mailChoices, { pages, listOrder });
			sandbox.clock.advance(ahead * MINUTE);
			const inbox = new Inbox(older);
			const { limit, output, markAsRead } = wanted;
			const published = new Published(engine, {
				credential,
				settings: { id: inbox.mailbox.address },
				parameters: { userMailboxId: inbox.mailbox.address, output, options: { limit, markAsRead } },
			});
			await published.activate();
			inbox.begun = sandbox.clock.now();
			time.pass(1000);
			await take(published, inbox, steps);
			// Things calm down.
			time.pass(61 * MINUTE);
			for (let quiet = 0; quiet < 3;) {
				const before = published.executions.length;
				time.pass(MINUTE);
				await published.tick();
				quiet = published.executions.length === before ? quiet + 1 : 0;
			}
			const delivered = published.items.map(({ message_id }) => message_id);
			expect(new Set(delivered).size).toBe(delivered.length);
			const idsOf = (mails: Message[]) => mails.map(({ message_id }) => message_id);
			const due = idsOf(inbox.arrived.filter(inbox.has));
			expect(delivered).toEqual(expect.arrayContaining(due));
			expect(idsOf(inbox.arrived)).toEqual(expect.arrayContaining(delivered));
			expect(published.items.some(({ error }) => error !== undefined)).toBe(false);
			for (const execution of published.executions) {
				expect(execution.length).toBeLessThanOrEqual(limit);
				const dates = execution.map(({ json }) => Date.parse(String(json.date)));
				expect(dates).toEqual([...dates].sort((one, other) => one - other));
			}
			sandbox.clock.advance(-ahead * MINUTE);
		};
		await fc.assert(fc.asyncProperty(schedule, check), { numRuns: RUNS });
	},
	15 * MINUTE,
);
