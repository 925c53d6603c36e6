import { dateOf, type Mail } from '../actions/message/message';
import { RefusedInput } from '../transport/refusedInput';
import type { ReadPage } from '../transport/returned';
import type { State } from './state';

/** Milliseconds by which Feishu's servers may differ about what time it is. */
const CLOCK_MARGIN = 60_000;

/** Milliseconds after which all is looked through: mails that come late may lie below many that are known. */
const DEEP_EVERY = 60 * 60 * 1000;

/** How many pages are looked through in each scan where older mails are new, too. */
const PAGES_OF_MOVED = 5;

/** How many pages of older mails are made known before those that are moved in can be told from them. */
const MOST_PAGES_BACK = 50;

/** How many mails may wait to be delivered before a scan reads no further. */
const MOST_PENDING = 1000;

/** In how many polls a mail is looked for that is listed and cannot be read. */
export const MOST_TRIES = 10;

/** `message_state` of a draft. Docs: "Get a message". */
const DRAFT = 3;

/** What a scan needs of a mailbox. */
export interface Port {
	/** A page of ids, the newest first. */
	list(token?: string): Promise<ReadPage<string>>;
	/**
	 * The mails of ids, without their contents.
	 *
	 * @throws where none of them can be read
	 */
	read(ids: string[]): Promise<{ mails: Map<unknown, Mail>; failed: Map<string, unknown> }>;
	/** Whether there is time to read more. */
	readonly mayGoOn: boolean;
}

/** What a page of the list holds: its ids, and the mails behind those that are not known. */
interface Page extends Awaited<ReturnType<Port['read']>> {
	number: number;
	ids: string[];
	/** Whether another page follows. */
	hasMore: boolean;
	/** Whether the list breaks off here. */
	isBroken: boolean;
	readAt: number;
}

/**
 * The pages of the list, one after the other.
 *
 * @throws RefusedInput where there is no list at all, which must not pass for an empty one
 */
async function* pagesOf(port: Port, isKnown: (id: string) => boolean): AsyncGenerator<Page, void> {
	const tokens = new Set<string>();
	for (let number = 1, token: string | undefined; number === 1 || token; number++) {
		const { items: ids, next, brokenOff, readAt } = await port.list(token);
		if (number === 1 && ids.length === 0 && brokenOff !== undefined) {
			throw new RefusedInput(
				'Feishu gives no list of the mails',
				`${brokenOff}. No mail is lost: the next poll asks again.`,
			);
		}
		const isCircle = next !== undefined && tokens.has(next);
		token = isCircle ? undefined : next;
		if (token) tokens.add(token);
		const unknown = [...new Set(ids.filter((id) => !isKnown(id)))];
		const { mails, failed } =
			unknown.length > 0 ? await port.read(unknown) : { mails: new Map(), failed: new Map() };
		const isBroken = isCircle || brokenOff !== undefined;
		yield { number, ids, mails, failed, hasMore: token !== undefined, isBroken, readAt };
	}
}

/**
 * What a trigger begins with: the newest mails are known, and what comes from now on is new.
 *
 * @throws RefusedInput where the mails are not listed the newest first
 */
export async function baseline(port: Port, source: string, now: number): Promise<State> {
	const pages = pagesOf(port, () => false);
	const { value: first } = await pages.next();
	const { ids, mails, hasMore, readAt } = first!;
	const dates = ids.map((id) => dateIn(mails.get(id))).filter((date) => !Number.isNaN(date));
	const isRising = dates.every((date, index) => date >= (dates[index - 1] ?? date));
	if (hasMore && isRising && dates[0]! < dates[dates.length - 1]!) {
		throw new RefusedInput(
			'Feishu lists these mails the oldest first, so that new ones cannot be found',
			"Choose another 'Folder' or 'Label'.",
		);
	}
	// The time by Feishu's clock: what is older is moved in, also where all that is there is older still. Where nothing
	// tells it, all that comes into an empty folder is new. A mail that is dated in the future makes none of them old.
	const begun = (dates.length > 0 ? Math.min(readAt, now) : readAt) - CLOCK_MARGIN || 0;
	const since = Math.max(begun, ...dates.map((date) => Math.min(date, readAt || now)));
	const seen = new Map(ids.map((id) => [id, dateIn(mails.get(id)) || since]));
	// Mails of that moment may fill more than a page.
	for (let last = seen.get(ids[ids.length - 1] ?? ''); Number(last) >= since && port.mayGoOn;) {
		const { value: page } = await pages.next();
		if (!page) break;
		for (const id of page.ids) seen.set(id, (last = dateIn(page.mails.get(id)) || since));
	}
	return {
		source,
		since,
		seen,
		pending: [],
		unread: [],
		announced: [],
		doubtful: new Map(),
		incomplete: false,
		pages: 1,
		deepAt: now,
		moved: false,
		started: [],
	};
}

/** Makes older mails known, as far as there is time: those that are moved in later are new then. */
export async function lookBack(state: State, port: Port): Promise<void> {
	const { since, seen } = state;
	let date = since;
	for await (const { number, ids, mails, hasMore, isBroken } of pagesOf(port, (id) => seen.has(id))) {
		for (const id of ids) {
			date = seen.get(id) ?? (dateIn(mails.get(id)) || date);
			// What is new is left to the scan.
			if (date < since) seen.set(id, date);
		}
		state.since = Math.min(state.since, hasMore || isBroken ? date : 0);
		if (number === MOST_PAGES_BACK || !port.mayGoOn) break;
	}
	state.moved = true;
}

/** Older mails that are moved in are not new any more. `now` is the time by the clock of n8n. */
export function lookAhead(state: State, now: number): void {
	state.since = Math.max(state.since, ...[...state.seen.values()].filter((date) => date <= now));
	state.moved = false;
}

/** What a scan has found. */
export interface Found {
	/** New mails, the newest first. */
	mails: Mail[];
	/** Those of them that could not be read in many polls: why. */
	unreadable: Map<string, unknown>;
	/** Whether further mails are left out that there is never time to reach. */
	gaveUp: boolean;
	/** When that was so, in milliseconds since 1970 by Feishu's clock; NaN where it does not tell. */
	readAt: number;
}

/**
 * Looks for new mails, and makes them known. It reads on from the newest until it meets a page that ends with what was
 * known before; once an hour, and where the last scan did not get so far, to the oldest mail that could be new.
 *
 * @param isWell whether others could be read before
 * @throws what reading throws, where it read none of what it met
 */
export async function scan(state: State, port: Port, now: number, isWell = false): Promise<Found> {
	const { since, seen } = state;
	const before = new Set(seen.keys());
	for (const id of state.announced) before.delete(id);
	const isDeep = Math.abs(now - state.deepAt) >= DEEP_EVERY;
	const least =
		isDeep || state.incomplete ? Infinity : Math.max(state.pages, state.moved ? PAGES_OF_MOVED : 1);
	const found: Found = { mails: [], unreadable: new Map(), gaveUp: false, readAt: NaN };
	const doubtful = new Map<string, number>();
	let date = since;
	let lastNew = 0;
	let hasRead = false;
	let isEnd = false;
	let failure: { error: unknown } | undefined;
	for await (const page of pagesOf(port, (id) => seen.has(id))) {
		const { number, ids, mails, failed, hasMore, isBroken } = page;
		if (number === 1) found.readAt = page.readAt;
		let isOld = ids.length > 0;
		for (const id of ids) {
			const known = seen.get(id);
			const mail = mails.get(id);
			date = known ?? (dateIn(mail) || date);
			isOld &&= date < since;
			if (known !== undefined) continue;
			const tries = (state.doubtful.get(id) ?? 0) + 1;
			if (!mail && failed.has(id)) failure ??= { error: failed.get(id) };
			if (!mail && tries < MOST_TRIES) {
				doubtful.set(id, tries);
				continue;
			}
			seen.set(id, date);
			hasRead = true;
			if (date < since || (mail && isDraft(mail)) || (!mail && !failed.has(id))) continue;
			lastNew = number;
			found.mails.push(mail ?? { message_id: id, internal_date: String(date) });
			if (!mail) found.unreadable.set(id, failed.get(id));
		}
		isEnd = !isBroken && (!hasMore || isOld || (number >= least && before.has(ids[ids.length - 1] ?? '')));
		const isFull = state.pending.length + found.mails.length >= MOST_PENDING;
		if (isEnd || isFull || !port.mayGoOn) break;
	}
	if (failure && !hasRead && !isWell) throw failure.error;
	if (isDeep) state.deepAt = now;
	found.gaveUp = !isEnd && state.incomplete && !hasRead;
	state.incomplete = !isEnd && !found.gaveUp;
	state.announced = [];
	// What is deleted or moved away while pages are read takes others with it to the page before.
	state.pages = lastNew > 1 ? Math.min(lastNew + 1, MOST_PAGES_BACK) : 1;
	state.doubtful = doubtful;
	return found;
}

/** What is being written does not come in. */
export const isDraft = ({ message_state }: Mail): boolean => message_state === DRAFT;

/** When a mail came in; NaN where that is not told. */
const dateIn = (mail: Mail | undefined): number => (mail ? dateOf(mail) : NaN);
