import type { IDataObject } from 'n8n-workflow';

import type { Mail } from '../../nodes/FeishuMail/actions/message/message';
import { readAnnounced } from '../../nodes/FeishuMail/trigger/announced';
import { noteDelivered } from '../../nodes/FeishuMail/trigger/marking';
import { baseline, lookAhead, lookBack, scan, type Port } from '../../nodes/FeishuMail/trigger/scan';
import {
	noteStarted,
	prune,
	readState,
	startAgain,
	storedState,
	type State,
} from '../../nodes/FeishuMail/trigger/state';

const HOUR = 3_600_000;

/** Mails by their ids, with their dates. */
type Mails = Array<[id: string, date: number | undefined]>;

/** A mailbox of one list, in pages of three. */
class Box implements Port {
	/** How many requests it has answered. */
	lists = 0;

	reads = 0;

	mayGoOn = true;

	readAt = 1_000_000;

	/** Ids that are listed, but cannot be read: not there yet, or with an error. */
	readonly missing = new Set<string>();

	readonly failing = new Set<string>();

	/** What happens before a page is listed, by its number. */
	before: Record<number, () => void> = {};

	/** Page tokens that the pages give in the place of theirs. */
	tokens: Record<number, string | undefined> = {};

	broken?: string;

	/** @param mails the newest first */
	constructor(public mails: Mails) {}

	async list(token = '0') {
		this.lists++;
		const start = Number(token);
		const page = start / 3 + 1;
		this.before[page]?.();
		const items = this.mails.slice(start, start + 3).map(([id]) => id);
		const next = start + 3 < this.mails.length ? String(start + 3) : undefined;
		const brokenOff = next === undefined ? this.broken : undefined;
		return { items, next: page in this.tokens ? this.tokens[page] : next, brokenOff, readAt: this.readAt };
	}

	async read(ids: string[]) {
		this.reads++;
		const there = this.mails.filter(([id]) => ids.includes(id) && !this.missing.has(id));
		const mails = there.filter(([id]) => !this.failing.has(id));
		return {
			mails: new Map<unknown, Mail>(
				mails.map(([message_id, date]) => [
					message_id,
					{ message_id, ...(date !== undefined && { internal_date: String(date) }) },
				]),
			),
			failed: new Map<string, unknown>(
				ids.filter((id) => this.failing.has(id)).map((id) => [id, new Error(`no ${id}`)]),
			),
		};
	}
}

const numbered = (from: number, count: number): Mails =>
	Array.from({ length: count }, (_, index) => [`m${from - index}`, 1000 + from - index]);

/** A mailbox with some mails, and what a trigger knows of it that begins then. */
async function begun(count: number, now = 0): Promise<{ box: Box; state: State }> {
	const box = new Box(numbered(count, count));
	const state = await baseline(box, 'source', now);
	return { box, state };
}

const idsIn = ({ mails }: { mails: Mail[] }) => mails.map(({ message_id }) => message_id);

describe('the baseline', () => {
	it('knows the newest page, and takes the newest date for the beginning', async () => {
		const { state } = await begun(5);
		expect([state.since, [...state.seen]]).toEqual([
			1005,
			[
				['m5', 1005],
				['m4', 1004],
				['m3', 1003],
			],
		]);
	});

	it.each([
		['Feishu tells the time', 1_000_000, 940_000],
		['nothing tells the time', NaN, 0],
	])('of an empty folder, where %s', async (_, readAt, since) => {
		const box = new Box([]);
		box.readAt = readAt;
		expect((await baseline(box, 'source', 5)).since).toBe(since);
	});

	it('refuses a list that begins with the oldest, but not one in no strict order', async () => {
		await expect(baseline(new Box(numbered(5, 5).reverse()), 'source', 0)).rejects.toThrow('oldest first');
		const mixed: Mails = [
			['a', 5],
			['b', 1],
			['c', 9],
			['d', 3],
		];
		expect((await baseline(new Box(mixed), 'source', 0)).since).toBe(9);
	});

	it('takes a list that is one page in whatever order', async () => {
		expect((await baseline(new Box(numbered(3, 3).reverse()), 'source', 0)).since).toBe(1003);
	});

	it('knows all mails of the moment of the beginning, also where they fill several pages', async () => {
		const box = new Box(numbered(8, 8).map(([id]) => [id, 1005]));
		box.mails.push(...numbered(3, 3).map(([, date], index): Mails[number] => [`older${index}`, date]));
		const state = await baseline(box, 'source', 0);
		expect(idsIn(await scan(state, box, HOUR))).toEqual([]);
		box.mails.unshift(['new', 1005]);
		expect(idsIn(await scan(state, box, 2 * HOUR))).toEqual(['new']);
	});
});

describe('a scan', () => {
	it('reads one page where nothing is new, and nothing else', async () => {
		const { box, state } = await begun(9);
		box.lists = box.reads = 0;
		expect(idsIn(await scan(state, box, 0))).toEqual([]);
		expect([box.lists, box.reads]).toEqual([1, 0]);
	});

	it('goes on as long as pages end with something new', async () => {
		const { box, state } = await begun(9);
		box.mails.unshift(...numbered(14, 5));
		box.lists = box.reads = 0;
		expect(idsIn(await scan(state, box, 0))).toEqual(['m14', 'm13', 'm12', 'm11', 'm10']);
		expect([box.lists, box.reads]).toEqual([2, 2]);
	});

	it('looks once more as far as it came: what goes away meanwhile moves others to the page before', async () => {
		const { box, state } = await begun(3);
		box.mails.unshift(...numbered(10, 7));
		// The fourth mail comes to the first page, which has been read.
		box.before = { 2: () => box.mails.splice(0, 1) };
		const first = idsIn(await scan(state, box, 0));
		expect(first).not.toContain('m7');
		box.before = {};
		expect(idsIn(await scan(state, box, 0))).toEqual(['m7']);
		box.lists = 0;
		await scan(state, box, 0);
		expect(box.lists).toBe(1);
	});

	it('looks a page further than it came, as what comes then moves those on again', async () => {
		const { box, state } = await begun(3);
		box.mails.unshift(...numbered(10, 7));
		// The only new mail of the third page comes to the second one, which has been read.
		box.before = { 3: () => box.mails.splice(0, 1) };
		expect(idsIn(await scan(state, box, 0))).not.toContain('m4');
		box.before = {};
		box.mails.unshift(...numbered(13, 3));
		expect(idsIn(await scan(state, box, 0))).toEqual(['m13', 'm12', 'm11', 'm4']);
	});

	it('is not misled by what comes meanwhile and moves a page that it has read to where the next one was', async () => {
		const { box, state } = await begun(3);
		box.mails.unshift(...numbered(9, 6));
		box.before = { 2: () => box.mails.unshift(...numbered(12, 3)) };
		expect(idsIn(await scan(state, box, 0))).toEqual(['m9', 'm8', 'm7', 'm6', 'm5', 'm4']);
		box.before = {};
		expect(idsIn(await scan(state, box, 0))).toEqual(['m12', 'm11', 'm10']);
	});

	it.each([
		['an hour later', HOUR, ['late']],
		['when the clock was set back by an hour', -HOUR, ['late']],
		['a moment later', HOUR - 1, []],
	])('looks through all that could be new: %s', async (_, now, found) => {
		const { box, state } = await begun(9);
		await scan(state, box, 0);
		box.mails.unshift(...numbered(19, 10));
		await scan(state, box, 0);
		await scan(state, box, 0);
		box.mails.splice(8, 0, ['late', 1011]);
		expect(idsIn(await scan(state, box, now))).toEqual(found);
	});

	it('ends where all is older than the beginning', async () => {
		const { box, state } = await begun(30);
		box.lists = 0;
		await scan(state, box, HOUR);
		expect(box.lists).toBe(2);
	});

	it('looks through all once an hour only', async () => {
		const { box, state } = await begun(9);
		await scan(state, box, HOUR);
		box.lists = 0;
		await scan(state, box, 2 * HOUR - 1);
		expect(box.lists).toBe(1);
	});

	it('takes mails of the moment of the beginning for new, older ones not', async () => {
		const { box, state } = await begun(9);
		box.mails.unshift(['same', 1009], ['older', 1008]);
		expect(idsIn(await scan(state, box, 0))).toEqual(['same']);
		expect(state.seen.has('older')).toBe(true);
		expect(idsIn(await scan(state, box, 0))).toEqual([]);
	});

	it('takes a mail without a date for as old as the one before it', async () => {
		const { box, state } = await begun(9);
		box.mails.unshift(['new', 1020], ['undated', undefined]);
		expect(idsIn(await scan(state, box, 0))).toEqual(['new', 'undated']);
	});

	it('finds a mail later that is listed before it can be read, and forgets one that never can', async () => {
		const { box, state } = await begun(9);
		box.mails.unshift(...numbered(11, 2));
		box.missing.add('m11');
		expect(idsIn(await scan(state, box, 0))).toEqual(['m10']);
		expect(idsIn(await scan(state, box, 0))).toEqual([]);
		box.missing.clear();
		expect(idsIn(await scan(state, box, 0))).toEqual(['m11']);
		box.mails.unshift(['never', 1030]);
		box.missing.add('never');
		for (let times = 0; times < 10; times++) expect(idsIn(await scan(state, box, 0))).toEqual([]);
		box.reads = 0;
		await scan(state, box, 0);
		expect(box.reads).toBe(0);
	});

	it('gives a mail that fails in ten polls in which others can be read, with the reason', async () => {
		const { box, state } = await begun(9);
		box.mails.unshift(['bad', 1050]);
		box.failing.add('bad');
		for (let times = 1; times < 10; times++) {
			box.mails.splice(1, 0, [`good${times}`, 1050]);
			expect(idsIn(await scan(state, box, 0))).toEqual([`good${times}`]);
		}
		box.mails.splice(1, 0, ['good', 1050]);
		const found = await scan(state, box, 0);
		expect(idsIn(found)).toEqual(['bad', 'good']);
		expect([...found.unreadable]).toEqual([['bad', new Error('no bad')]]);
	});

	it('fails where what is new cannot be read, and counts nothing', async () => {
		const { box, state } = await begun(9);
		box.mails.unshift(['bad', 1050]);
		box.failing.add('bad');
		for (let times = 0; times < 20; times++) {
			await expect(scan(state, box, 0)).rejects.toThrow('no bad');
		}
	});

	it.each([
		['time runs out', (box: Box) => (box.mayGoOn = false)],
		['the list breaks off', (box: Box) => (box.broken = 'broken')],
		['the list goes in a circle', (box: Box) => (box.tokens = { 1: '3', 2: '3' })],
	])('goes on past what is known after %s', async (_, happens) => {
		const { box, state } = await begun(3);
		box.mails.unshift(...numbered(15, 12));
		happens(box);
		if (box.broken)
			box.list = async () => ({ items: ['m15', 'm14'], next: undefined, brokenOff: 'broken', readAt: 0 });
		const first = idsIn(await scan(state, box, 0));
		expect(first.length).toBeLessThan(12);
		expect(state.incomplete).toBe(true);
		const calm = new Box(box.mails);
		const second = idsIn(await scan(state, calm, 0));
		expect([...first, ...second].sort()).toEqual(
			numbered(15, 12)
				.map(([id]) => id)
				.sort(),
		);
		expect(state.incomplete).toBe(false);
	});

	it('gives up where there is never time to reach something new', async () => {
		const { box, state } = await begun(3);
		box.mails.unshift(...numbered(15, 12));
		box.mayGoOn = false;
		await scan(state, box, 0);
		expect(await scan(state, box, 0)).toMatchObject({ mails: [], gaveUp: true });
		expect(state.incomplete).toBe(false);
	});

	it('does not give up as long as it reaches something new', async () => {
		const { box, state } = await begun(3);
		box.mails.unshift(...numbered(15, 12));
		box.mayGoOn = false;
		const first = await scan(state, box, 0);
		box.mails.unshift(...numbered(16, 1));
		const second = await scan(state, box, 0);
		expect([idsIn(second), second.gaveUp, state.incomplete]).toEqual([['m16'], false, true]);
		box.mayGoOn = true;
		expect([first, second, await scan(state, box, 0)].flatMap(idsIn)).toHaveLength(13);
	});

	it('stops at a thousand mails that wait, and finds the others later', async () => {
		const { box, state } = await begun(3);
		box.mails.unshift(...numbered(1203, 1200));
		const first = await scan(state, box, 0);
		expect(first.mails.length).toBeGreaterThanOrEqual(1000);
		expect(first.mails.length).toBeLessThan(1010);
		expect(first.mails.length + (await scan(state, box, 0)).mails.length).toBe(1200);
	});

	it('leaves drafts alone', async () => {
		const { box, state } = await begun(3);
		box.mails.unshift(['draft', 1020]);
		const read = box.read.bind(box);
		box.read = async (ids) => {
			const reading = await read(ids);
			Object.assign(reading.mails.get('draft') ?? {}, { message_state: 3 });
			return reading;
		};
		expect(idsIn(await scan(state, box, 0))).toEqual([]);
		expect(idsIn(await scan(state, box, 0))).toEqual([]);
	});
});

describe('mails that are moved in', () => {
	it('are new once the older ones are known', async () => {
		const { box, state } = await begun(9);
		await lookBack(state, box);
		expect([state.since, state.seen.size, state.moved]).toEqual([0, 9, true]);
		box.mails.splice(5, 0, ['moved', 1004]);
		expect(idsIn(await scan(state, box, 0))).toEqual(['moved']);
	});

	it('are new down to where there was time to look', async () => {
		const { box, state } = await begun(9);
		box.before = { 2: () => (box.mayGoOn = false) };
		await lookBack(state, box);
		expect([state.since, state.seen.size]).toEqual([1004, 6]);
	});

	it('are new down to where the list breaks off', async () => {
		const { box, state } = await begun(9);
		box.tokens = { 2: '3' };
		await lookBack(state, box);
		expect([state.since, state.seen.size]).toEqual([1004, 6]);
		box.tokens = {};
		expect(idsIn(await scan(state, box, HOUR))).toEqual([]);
	});

	it('leave those to be found that came in meanwhile', async () => {
		const { box, state } = await begun(9);
		box.mails.unshift(['new', 1050]);
		await lookBack(state, box);
		expect(idsIn(await scan(state, box, 0))).toEqual(['new']);
	});

	it('are not new any more', async () => {
		const { box, state } = await begun(9);
		await lookBack(state, box);
		lookAhead(state, Infinity);
		expect([state.since, state.moved]).toEqual([1009, false]);
		box.mails.splice(5, 0, ['moved', 1004]);
		expect(idsIn(await scan(state, box, HOUR))).toEqual([]);
	});

	it('are not new any more, while a mail that is dated in the future makes none old that comes now', async () => {
		const { box, state } = await begun(9);
		await lookBack(state, box);
		state.seen.set('future', 9_000_000);
		lookAhead(state, 2000);
		expect(state.since).toBe(1009);
	});
});

describe('the state', () => {
	const state: State = {
		source: 'source',
		since: 5,
		seen: new Map([
			['a', 7],
			['__proto__', 8],
		]),
		pending: [{ id: 'a', date: 7, tries: 2 }],
		unread: ['b'],
		doubtful: new Map([['c', 3]]),
		incomplete: true,
		pages: 4,
		deepAt: 9,
		moved: true,
		started: [{ id: 'c', date: 3, at: 4 }],
		announced: ['d'],
	};

	it('comes back from what n8n stores', () => {
		expect(readState(JSON.parse(JSON.stringify(storedState(state))))).toEqual(state);
	});

	it.each<[string, unknown]>([
		['nothing', undefined],
		['another form', { ...storedState(state), v: 2 }],
		['a text', 'state'],
		['dates that are texts', { ...storedState(state), seen: { a: '7' } }],
		['no list', { ...storedState(state), pending: {} }],
		['no time', { ...storedState(state), since: null }],
		['no switch', { ...storedState(state), moved: undefined }],
	])('is none: %s', (_, stored) => {
		expect(readState(stored)).toBeUndefined();
	});

	it('notes the newest thousand mails that are still to be marked as read', () => {
		const noted = { ...state, unread: ['b'] };
		const ids = numbered(1000, 1000).map(([id]) => id);
		noteDelivered(noted, ids);
		expect(noted.unread).toEqual(ids);
	});

	const full = (change: Partial<State> = {}): State => ({
		...state,
		seen: new Map(numbered(1500, 1500) as Array<[string, number]>),
		pending: [],
		incomplete: false,
		announced: [],
		...change,
	});

	it('has those mails delivered again, once, and first, whose executions were started in the last minutes', () => {
		const now = 10 * HOUR;
		const stopped = { ...state, pending: [{ id: 'w', date: 1, tries: 0 }], started: [] as State['started'] };
		const ages = { past: 300_000, old: 299_999, recent: 1000, ahead: -299_999, strange: -300_000 };
		for (const [id, age] of Object.entries(ages)) stopped.started.push({ id, date: age, at: now - age });
		startAgain(stopped, now);
		expect(stopped.pending).toEqual([
			...['old', 'recent', 'ahead'].map((id) => ({ id, date: ages[id as 'old'], tries: 0 })),
			{ id: 'w', date: 1, tries: 0 },
		]);
		expect(stopped.started).toEqual([]);
	});

	it('keeps for ten seconds which executions were started, with the dates of their mails', () => {
		const started = [
			{ id: 'x', date: 1, at: 1000 },
			{ id: 'y', date: 2, at: 1001 },
		];
		const kept = noteStarted({ ...state, started }, 'a', 11_000);
		expect(kept).toEqual([started[1], { id: 'a', date: 7, at: 11_000 }]);
		expect(noteStarted({ ...state, started: [] }, 'unknown', 5)).toEqual([{ id: 'unknown', date: 5, at: 5 }]);
	});

	it('forgets the oldest of more than a thousand mails, which are not new again', () => {
		const pruned = full();
		prune(pruned);
		expect([pruned.seen.size, pruned.since, pruned.seen.has('m501'), pruned.seen.has('m500')]).toEqual([
			1000,
			1501,
			true,
			false,
		]);
	});

	it.each([{ incomplete: true }, { announced: ['m1500'] }])(
		'forgets nothing while there is more to be read: %j',
		(change) => {
			const kept = full(change);
			prune(kept);
			expect([kept.seen.size, kept.since]).toEqual([1500, 5]);
		},
	);

	it('forgets mails that wait, which are delivered all the same and not found again', async () => {
		const box = new Box(numbered(1500, 1500));
		const waiting = full({ pending: [{ id: 'm1', date: 1001, tries: 0 }] });
		prune(waiting);
		expect([waiting.seen.has('m1'), waiting.pending]).toEqual([false, [{ id: 'm1', date: 1001, tries: 0 }]]);
		expect(idsIn(await scan(waiting, box, HOUR))).toEqual([]);
	});
});

describe('mails that are announced', () => {
	const inbox = { folder_id: 'INBOX' };
	const flagged = { label_id: 'FLAGGED' };

	/** A reader of these mails. */
	const holding = (...mails: Mail[]) => ({
		read: async () => ({
			mails: new Map<unknown, Mail>(mails.map((mail) => [mail.message_id, mail])),
			failed: new Map<string, unknown>(),
		}),
	});

	it.each<[string, IDataObject, Partial<Mail>, object, boolean]>([
		['are new', inbox, { folder_id: 'INBOX', label_ids: [] }, { new: ['a'], known: true }, false],
		['are elsewhere', inbox, { folder_id: 'SENT' }, { new: [], known: false }, false],
		['are being written', inbox, { folder_id: 'INBOX', message_state: 3 }, { new: [], known: false }, false],
		['do not tell their folder', inbox, { label_ids: [] }, { new: [], known: false }, true],
		['have the label', flagged, { label_ids: ['FLAGGED'] }, { new: ['a'], known: true }, false],
		['do not have the label', flagged, { label_ids: [] }, { new: [], known: false }, false],
		['do not tell their labels', flagged, {}, { new: [], known: false }, true],
	])('that %s', async (_, query, fields, expected, isOpen) => {
		const { state } = await begun(5);
		const mail = { message_id: 'a', internal_date: '1006', ...fields };
		const found = await readAnnounced(['a'], state, holding(mail), query);
		expect({ new: idsIn(found), known: state.seen.has('a') }).toEqual(expected);
		// Then a scan has to find out.
		expect(found.isOpen).toBe(isOpen);
	});

	it('are new from the moment of the beginning on', async () => {
		const { state } = await begun(5);
		const mails = [1005, 1004, 1007, 1006].map((date) => ({
			...{ message_id: `at ${date}`, internal_date: String(date), folder_id: 'INBOX' },
		}));
		const ids = mails.map(({ message_id }) => message_id);
		const found = await readAnnounced(ids, state, holding(...mails), inbox);
		expect([...idsIn(found)].sort()).toEqual(['at 1005', 'at 1006', 'at 1007']);
		expect(ids.every((id) => state.seen.has(id))).toBe(true);
	});
});
