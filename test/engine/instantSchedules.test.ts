/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/require-node-api-error -- runs on Node, not inside n8n */
import fc from 'fast-check';
import type { INodeCredentials, INodeParameters } from 'n8n-workflow';

import {
	connectionRefusal,
	type ApiName,
	type Fault,
	type FaultHandle,
	type Mailbox,
	type Message,
} from '../sandbox';
import { bothCredentials, instant, steered } from './instantStage';
import type { Listening } from './listening';
import { Rival } from './rival';
import { connected, locate, sandbox } from './stage';
import { until } from './until';

const RUNS = 200;

const MINUTE = 60_000;

/** Milliseconds after which n8n does not wait any more for the end of a workflow, and of a start. */
const LONGEST = 20 * MINUTE;

/** Something that comes about in the mailboxes. */
type Happening =
	| { kind: 'arrive'; elsewhere: boolean; count: number; late: number; apart: number }
	| { kind: 'remove' | 'move' | 'moveInOld' | 'read'; which: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({
			kind: fc.constant('arrive' as const),
			// Not where the first workflow looks, but where the second one may.
			elsewhere: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
			// Most often a few, sometimes more than a page.
			count: fc.oneof(
				{ weight: 6, arbitrary: fc.integer({ min: 1, max: 4 }) },
				fc.integer({ min: 15, max: 30 }),
			),
			// Minutes for which they were on their way, and milliseconds between them.
			late: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 180 })),
			apart: fc.constantFrom(0, 0, 1, 700),
		}),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			kind: fc.constantFrom(
				'remove' as const,
				'move' as const,
				'move' as const,
				'moveInOld' as const,
				'read' as const,
			),
			which: fc.nat(),
		}),
	},
);

/** What becomes of requests: the fault may last. */
const fault: fc.Arbitrary<{ api: ApiName; with: Fault }> = fc.oneof(
	fc.record({
		api: fc.constantFrom<ApiName>(
			'mail.message.list',
			'mail.message.batchGet',
			'mail.message.batchGet',
			'mail.event.subscribe',
		),
		with: fc.constantFrom<Fault>(
			{ kind: 'reset', when: 'before' },
			{ kind: 'reset', when: 'after' },
			{ kind: 'html', status: 502 },
			{ kind: 'truncated' },
			{ kind: 'drop-code' },
			{ code: 99991400 },
			{ code: 1230004, status: 500 },
			{ code: 1234037 },
			{ code: 99991668, status: 400 },
		),
	}),
	fc.record({
		api: fc.constant<ApiName>('event.endpoint'),
		with: fc.constantFrom<Fault>(
			...([1, 514, 1000040343, 1000040350, 1000040351] as const).map(connectionRefusal),
			{ status: 500, body: 'Internal Server Error' },
			{ kind: 'html', status: 502 },
			{ kind: 'reset', when: 'before' },
			{ kind: 'truncated' },
			{ kind: 'hang' },
			{ code: 0, data: {} },
		),
	}),
	fc.record({
		api: fc.constant<ApiName>('event.connect'),
		with: fc.constantFrom<Fault>(
			{ kind: 'reset', when: 'before' },
			{ kind: 'hang' },
			{ kind: 'html', status: 502 },
			{ status: 403, headers: { 'Handshake-Status': '514' }, body: '' },
		),
	}),
);

const readApi = fc.constantFrom<ApiName>('mail.message.list', 'mail.message.batchGet');

const step = fc.oneof(
	{ weight: 10, arbitrary: fc.record({ kind: fc.constant('happens' as const), what: happening }) },
	{
		weight: 6,
		arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(1, 2, 12, 40, 70) }),
	},
	{
		weight: 2,
		arbitrary: fc.record({ kind: fc.constant('sleep' as const), minutes: fc.constantFrom(5, 16, 61, 420) }),
	},
	{
		weight: 8,
		arbitrary: fc.constantFrom(
			// What becomes of events,
			...(
				['lose', 'loseMany', 'repeat', 'hold', 'release', 'releaseReversed', 'releaseInTurns'] as const
			).map((kind) => ({ kind })),
			...(['inOrder', 'reversed', 'shuffled'] as const).map((order) => ({ kind: 'cut' as const, order })),
			// of the connection,
			...(
				['silence', 'close', 'breakOff', 'breakAtEvent', 'closeAtOnce', 'noPongs', 'emptyPongs'] as const
			).map((kind) => ({ kind })),
			// of the app,
			...(['rival', 'noRival', 'crowd'] as const).map((kind) => ({ kind })),
			// and what nobody expects.
			...(
				[
					'ping',
					'garbage',
					'text',
					'card',
					'otherEvent',
					'noMessageId',
					'unreadable',
					'badFragments',
					'noHeaders',
				] as const
			).map((message) => ({ kind: 'odd' as const, message })),
		),
	},
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const), which: fc.nat() }) },
	{
		weight: 4,
		arbitrary: fc.record({
			kind: fc.constant('fails' as const),
			fault,
			// Once, or until all is well again.
			on: fc.option(fc.integer({ min: 1, max: 3 })),
		}),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			kind: fc.constant('meanwhile' as const),
			api: readApi,
			on: fc.integer({ min: 1, max: 3 }),
			what: happening,
		}),
	},
	{ weight: 2, arbitrary: fc.constant({ kind: 'allWell' as const }) },
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant('kill' as const),
			// After so many executions of a burst, at a request, or while nothing goes on.
			at: fc.constantFrom('burst' as const, 'request' as const, 'rest' as const),
			after: fc.integer({ min: 1, max: 4 }),
			// Whether what it stored last of the state is lost, or the executions of the burst are.
			forgets: fc.constantFrom('nothing', 'state', 'executions'),
			what: happening,
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant('pause' as const),
			which: fc.nat({ max: 1 }),
			// In the midst of a burst, after so many executions.
			after: fc.option(fc.integer({ min: 1, max: 4 })),
			minutes: fc.constantFrom(0, 20),
			what: happening,
		}),
	},
);

const schedule = fc.record({
	older: fc.constantFrom(0, 3, 25),
	second: fc.constantFrom('none', 'none', 'same', 'otherFolder', 'otherMailbox'),
	output: fc.constantFrom('simplified', 'metadata'),
	markAsRead: fc.boolean(),
	readStatus: fc.constantFrom('all', 'all', 'unread'),
	checkEvery: fc.constantFrom(1, 1, 15),
	pages: fc.constantFrom('stay' as const, 'shift' as const),
	listOrder: fc.constantFrom('newestFirst' as const, 'newestFirst' as const, 'lastArrivedFirst' as const),
	/** Which mails are announced, and whose they are said to be. */
	announced: fc.constantFrom('INBOX', 'all' as const),
	address: fc.constantFrom('own' as const, 'own' as const, 'absent' as const, 'upperCase' as const),
	/** Minutes by which Feishu's clock is ahead of that of n8n. */
	ahead: fc.constantFrom(-10, 0, 10),
	/** By which chance goes. */
	seed: fc.nat(),
	/** What comes about while the workflows are published. */
	first: fc.array(fc.record({ api: readApi, what: happening }), { maxLength: 1 }),
	steps: fc.array(step, { minLength: 1, maxLength: 12 }),
});

type Schedule = typeof schedule extends fc.Arbitrary<infer T> ? T : never;

type Step = Schedule['steps'][number];

/** A published workflow. */
interface Workflow {
	listening: Listening;
	mailbox: Mailbox;
	folder: string;
	isActive: boolean;
	/** What was stored when the last step began. */
	storedBefore: string;
}

/** Numbers from 0 to 1, the same each time. */
function chance(seed: number): () => number {
	let state = seed % 2_147_483_647 || 1;
	return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** How many executions the databases of all schedules have refused, because they were there already. */
let refused = 0;

/** One schedule: an app, its mailboxes, and the workflows that wait for their mails. */
class World {
	private static count = 0;

	readonly app = sandbox.tenant.addApp();

	readonly workflows: Workflow[] = [];

	/** Mails of before the workflows. */
	private readonly old: Message[] = [];

	/** Mails that have come since, and in which folders they were. */
	private readonly arrived = new Map<Message, { mailbox: Mailbox; folders: Set<string> }>();

	/** Mails that have come while the workflows were published: those may be new or not. */
	private readonly uncertain = new Set<Message>();

	/** Mails that somebody has read. */
	private readonly read = new Set<Message>();

	/** When the workflows were published, by Feishu's clock. */
	private begun = Infinity;

	private rivals: Rival[] = [];

	/** What is still to come about. */
	private plans: FaultHandle[] = [];

	/** Whether n8n was killed. */
	private isKilled = false;

	private readonly watching: FaultHandle;

	/** What should not be. */
	private readonly wrong: string[] = [];

	constructor(private readonly plan: Schedule) {
		const { events, mailChoices } = sandbox;
		Object.assign(mailChoices, { pages: plan.pages, listOrder: plan.listOrder });
		events.folders = plan.announced === 'all' ? 'all' : new Set([plan.announced]);
		events.mailAddress = plan.address;
		events.random = chance(plan.seed);
		events.answerTime = 20;
		events.deliveries.length = 0;
		this.watching = sandbox.before('event.connect', () => this.checkConnections(), { on: () => true });
	}

	async publish(): Promise<void> {
		const { older, second } = this.plan;
		const own = this.mailbox();
		const credentials = await this.credentials(own);
		await this.add(own, 'INBOX', credentials);
		if (second === 'same') await this.add(own, 'INBOX', credentials);
		if (second === 'otherFolder') await this.add(own, '7001', credentials);
		if (second === 'otherMailbox') {
			const other = this.mailbox();
			await this.add(other, 'INBOX', await this.credentials(other));
		}
		const now = sandbox.clock.now();
		for (const mailbox of new Set(this.workflows.map((workflow) => workflow.mailbox))) {
			for (let number = 0; number < older + 5; number++) {
				const folder_id = number < 5 ? 'ARCHIVED' : 'INBOX';
				// Older than n8n's clock may be wrong.
				this.old.push(mailbox.receive({ internal_date: now - (older + 27 - number) * MINUTE, folder_id }));
			}
		}
		for (const { api, what } of this.plan.first) this.before(api, () => this.happen(what));
		for (const workflow of this.workflows) await this.activate(workflow, 'activate');
		this.begun = sandbox.clock.now();
		await steered.pass(1000);
	}

	/** Has something come about when a request arrives. */
	private before(api: ApiName, happens: () => void, on?: number): FaultHandle {
		const handle = sandbox.before(api, happens, { on });
		this.plans.push(handle);
		return handle;
	}

	private mailbox(): Mailbox {
		const mailbox = sandbox.tenant.addMailbox(`inbox${World.count++}@example.com`);
		mailbox.folders.push({
			...{ id: '7001', name: 'Orders', parent_folder_id: '0', folder_type: 2 },
			...{ unread_message_count: 0, unread_thread_count: 0 },
		});
		return mailbox;
	}

	private async credentials(mailbox: Mailbox) {
		const user = sandbox.tenant.addUser({ mailbox });
		return {
			...(await bothCredentials(this.app)),
			feishuMailOAuth2Api: await connected({ app: this.app, user }),
		};
	}

	private async add(mailbox: Mailbox, folder: string, credentials: INodeCredentials) {
		const { output, markAsRead, readStatus, checkEvery } = this.plan;
		const parameters: INodeParameters = {
			...{ output, checkEvery, filters: { readStatus }, options: { markAsRead } },
			folderId: locate('id', folder),
		};
		const listening = await instant(parameters, { credentials });
		this.workflows.push({ listening, mailbox, folder, isActive: false, storedBefore: '{}' });
	}

	/** The connections of this n8n. */
	private get own() {
		const others = new Set(this.rivals.map(({ deviceId }) => deviceId));
		return sandbox.events.connectionsOf(this.app).filter(({ deviceId }) => !others.has(deviceId));
	}

	/** A connection is about to be opened. */
	private checkConnections(): void {
		const { query } = sandbox.requests.at(-1)!;
		if (this.rivals.some(({ deviceId }) => deviceId === query.device_id)) return;
		if (this.own.length > 0) this.wrong.push('There would be two connections');
	}

	/** Lets as much time pass as something takes. */
	private async lasting<T>(work: Promise<T>): Promise<T> {
		let isDone = false;
		const done = work.finally(() => (isDone = true));
		done.catch(() => {});
		await steered.settle();
		for (let passed = 0; !isDone; passed += 1000) {
			if (passed > LONGEST) throw new Error('It takes for ever');
			await steered.pass(1000);
		}
		return await done;
	}

	/** As n8n does it, which tries again. */
	private async activate(workflow: Workflow, mode: 'activate' | 'init'): Promise<void> {
		workflow.isActive = true;
		for (let tries = 1; ; tries++) {
			try {
				await this.lasting(workflow.listening.activate(mode));
				return;
			} catch (error) {
				if (tries === 5) throw error;
				if (tries === 3) this.allWell();
				await steered.pass(2 ** tries * 1000);
			}
		}
	}

	private async deactivate(workflow: Workflow): Promise<void> {
		await this.lasting(workflow.listening.deactivate());
		const { length } = workflow.listening.executions;
		await steered.settle();
		expect(workflow.listening.executions).toHaveLength(length);
		workflow.isActive = false;
		if (!this.workflows.some(({ isActive }) => isActive)) await until(() => this.own.length === 0);
	}

	private happen(what: Happening): void {
		const [{ mailbox }] = this.workflows as [Workflow];
		if (what.kind === 'arrive') {
			const { mailbox: other = mailbox } = this.workflows[1] ?? {};
			const to = what.elsewhere ? other : mailbox;
			const folder_id = what.elsewhere && other === mailbox ? '7001' : 'INBOX';
			for (let number = 0; number < what.count; number++) {
				const date = sandbox.clock.now() - what.late * MINUTE + number * what.apart;
				const isCertain = this.begun < Infinity;
				const internal_date = isCertain ? Math.max(date, this.begun + 1) : date;
				const mail = to.receive({ internal_date, folder_id });
				this.arrived.set(mail, { mailbox: to, folders: new Set([folder_id]) });
				if (!isCertain) this.uncertain.add(mail);
			}
			return;
		}
		const all = what.kind === 'moveInOld' ? this.old : [...this.arrived.keys()];
		const mail = all[what.which % Math.max(all.length, 1)];
		if (!mail) return;
		if (what.kind === 'remove') (this.arrived.get(mail)?.mailbox ?? mailbox).remove(mail);
		else if (what.kind === 'read') {
			mail.label_ids.delete('UNREAD');
			this.read.add(mail);
		} else {
			const away = what.which % 2 ? '7001' : 'ARCHIVED';
			mail.folder_id = mail.folder_id === 'INBOX' && what.kind === 'move' ? away : 'INBOX';
			this.arrived.get(mail)?.folders.add(mail.folder_id);
		}
	}

	/** All faults stop. */
	private allWell(): void {
		const { events } = sandbox;
		sandbox.clearFaults();
		Object.assign(events, { pongs: 'clientConfig', connectionLimit: 50, otherConnections: 0 });
		Object.assign(events.fragments, { bytes: Number.POSITIVE_INFINITY, order: 'inOrder', repeated: false });
		events.lose(0);
		events.repeat(1, 0);
		events.release();
		for (const rival of this.rivals) rival.close();
		for (const plan of this.plans) plan.cancel();
	}

	/** Mails come in together; ends after so many executions. */
	private async burst(executions: number): Promise<void> {
		const count = () =>
			this.workflows.reduce((sum, { listening }) => sum + listening.executions.length - listening.lost, 0);
		const wanted = count() + executions;
		this.happen({ kind: 'arrive', elsewhere: false, count: 5, late: 0, apart: 0 });
		for (let turn = 0; turn < 2000 && count() < wanted; turn++) await new Promise(setImmediate);
	}

	private async kill({ at, after, forgets, what }: Extract<Step, { kind: 'kill' }>): Promise<void> {
		const active = this.workflows.filter(({ isActive }) => isActive);
		let killing: Promise<unknown> | undefined;
		const kill = () =>
			void (killing ??= Promise.all(active.map(async ({ listening }) => await listening.kill())));
		if (at === 'request') {
			const handle = this.before(after % 2 ? 'mail.message.batchGet' : 'mail.message.list', kill, after);
			this.happen(what);
			await steered.pass(40_000);
			handle.cancel();
		} else if (at === 'burst') {
			// They are started again, unless that would take minutes.
			if (forgets === 'executions') {
				this.allWell();
				for (const { listening } of active) listening.lost = after;
			}
			await this.burst(after);
		}
		kill();
		this.isKilled = true;
		await this.lasting(killing!);
		await until(() => this.own.length === 0);
		for (const workflow of active) {
			workflow.listening.lost = 0;
			if (forgets === 'state') workflow.listening.stored = workflow.storedBefore;
		}
		this.happen(what);
		for (const workflow of active) await this.activate(workflow, 'init');
	}

	private async take(one: Step): Promise<void> {
		const { events } = sandbox;
		switch (one.kind) {
			case 'happens':
				this.happen(one.what);
				return await steered.settle();
			case 'pass':
				return await steered.pass(one.seconds * 1000);
			case 'sleep':
				return await steered.sleep(one.minutes * MINUTE);
			case 'lose':
				return events.lose(1);
			case 'loseMany':
				return events.lose(20);
			case 'repeat':
				return events.repeat(2, 5);
			case 'hold':
				return events.hold();
			case 'release':
				return events.release();
			case 'releaseReversed':
				return events.release({ reversed: true });
			case 'releaseInTurns':
				return events.release({ interleaved: true });
			case 'cut':
				Object.assign(events.fragments, { bytes: 70, order: one.order, repeated: one.order === 'shuffled' });
				return;
			case 'silence':
				return events.silence();
			case 'close':
				return events.closeAll();
			case 'breakOff':
				return events.closeAll({ abruptly: true });
			case 'breakAtEvent':
				this.happen({ kind: 'arrive', elsewhere: false, count: 2, late: 0, apart: 0 });
				events.closeAll();
				return await steered.settle();
			case 'closeAtOnce':
				this.before('event.connect', () => void setImmediate(() => events.closeAll()));
				return events.closeAll();
			case 'noPongs':
				events.pongs = 'none';
				return;
			case 'emptyPongs':
				events.pongs = 'empty';
				return;
			case 'rival':
				this.rivals.push(new Rival(this.app));
				return await steered.settle();
			case 'noRival':
				for (const rival of this.rivals) rival.close();
				return;
			case 'crowd':
				events.otherConnections = 50;
				return events.closeAll();
			case 'odd':
				events.odd(one.message, this.app);
				return;
			case 'again': {
				const { deliveries } = events;
				const { body } = deliveries[one.which % Math.max(deliveries.length, 1)] ?? {};
				if (body) events.push(body, this.app);
				return;
			}
			case 'fails':
				sandbox.fail({ ...one.fault, on: one.on ?? (() => true) });
				return;
			case 'meanwhile':
				this.before(one.api, () => this.happen(one.what), one.on);
				return;
			case 'allWell':
				return this.allWell();
			case 'kill':
				return await this.kill(one);
			case 'pause': {
				const workflow = this.workflows[one.which % this.workflows.length]!;
				if (one.after !== null) await this.burst(one.after);
				await this.deactivate(workflow);
				if (one.minutes > 0) await steered.sleep(one.minutes * MINUTE);
				this.happen(one.what);
				return await this.activate(workflow, 'activate');
			}
		}
	}

	async go(): Promise<void> {
		for (const one of this.plan.steps) {
			for (const workflow of this.workflows) workflow.storedBefore = workflow.listening.stored;
			await this.take(one);
			// Events that were not answered may be due again.
			sandbox.clock.advance(0);
			expect(this.own.length).toBeLessThanOrEqual(1);
		}
	}

	/** All is well again, and time passes. */
	async calmDown(): Promise<void> {
		this.allWell();
		// A check finds it, and the trigger learns whose mails are the mailbox's, if events alone have not told.
		this.happen({ kind: 'arrive', elsewhere: false, count: 1, late: 0, apart: 0 });
		for (const minutes of [16, 61, 16]) {
			await steered.sleep(minutes * MINUTE);
			sandbox.clock.advance(0);
			await steered.pass(MINUTE + 10_000);
		}
		expect(this.own).toHaveLength(1);
		// As soon as it is announced.
		await this.arriveAndCome();
		// Not announced, because the connection was lost: as soon as it is up again.
		sandbox.events.closeAll({ abruptly: true });
		await until(() => this.own.length === 0);
		await this.arriveAndCome(5000);
	}

	/** A mail comes in, and starts an execution in so many milliseconds. */
	private async arriveAndCome(within = 0): Promise<void> {
		this.happen({ kind: 'arrive', elsewhere: false, count: 1, late: 0, apart: 0 });
		await (within > 0 ? steered.pass(within) : steered.settle());
		const { message_id } = [...this.arrived.keys()].at(-1)!;
		expect(this.workflows[0]!.listening.items.at(-1)).toMatchObject({ message_id });
	}

	check(): void {
		expect(this.wrong).toEqual([]);
		const idOf = ({ message_id }: Message) => message_id;
		// By somebody, or by another workflow.
		const isRead = (mail: Message, listening: Listening) =>
			this.read.has(mail) ||
			(this.plan.markAsRead &&
				this.workflows.some(
					(other) =>
						other.listening !== listening &&
						other.listening.items.some(({ message_id }) => message_id === idOf(mail)),
				));
		for (const { listening, mailbox, folder } of this.workflows) {
			const got = listening.items.map(({ message_id }) => message_id);
			const here = [...this.arrived].filter(([, place]) => place.mailbox === mailbox);
			const due = here.filter(
				([mail]) =>
					mail.folder_id === folder &&
					mailbox.messages.includes(mail) &&
					!this.uncertain.has(mail) &&
					!(this.plan.readStatus === 'unread' && isRead(mail, listening)),
			);
			const possible = here.filter(([, { folders }]) => folders.has(folder));
			expect(got).toEqual(expect.arrayContaining(due.map(([mail]) => idOf(mail))));
			expect(possible.map(([mail]) => idOf(mail))).toEqual(expect.arrayContaining(got));
			expect(new Set(got).size).toBe(got.length);
			if (!this.isKilled) expect(listening.refused).toBe(0);
			refused += listening.refused;
			expect(listening.items.filter(({ error }) => error !== undefined)).toEqual([]);
		}
	}

	async end(): Promise<void> {
		for (const workflow of this.workflows) await this.deactivate(workflow);
		await until(() => sandbox.events.connectionsOf(this.app).length === 0);
		this.watching.cancel();
	}
}

test(
	`whatever happens, each mail that comes in after the workflow is published starts one execution (${RUNS} schedules)`,
	async () => {
		const check = async (plan: Schedule) => {
			sandbox.clock.advance(plan.ahead * MINUTE);
			const world = new World(plan);
			try {
				await world.publish();
				await world.go();
				await world.calmDown();
				world.check();
			} finally {
				await world.end();
				sandbox.clock.advance(-plan.ahead * MINUTE);
			}
		};
		await fc.assert(fc.asyncProperty(schedule, check), { numRuns: RUNS });
		// Where n8n was killed, and had them.
		expect(refused).toBeGreaterThan(0);
	},
	15 * MINUTE,
);
