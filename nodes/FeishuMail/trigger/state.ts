import type { IDataObject } from 'n8n-workflow';

import { isObject } from '../transport/answer';

/** How many mails are remembered at most once all is read. */
const MOST_SEEN = 1000;

/** Milliseconds after which n8n has stored an execution that was started. */
const STORED = 10_000;

/** Milliseconds after which an execution is not started once more: n8n may have deleted it meanwhile. */
const DELETED = 5 * 60_000;

/** A mail that is to be delivered. */
export interface Pending {
	id: string;
	/** When it was received, in milliseconds since 1970. */
	date: number;
	/** In how many polls it could not be read, while others could. */
	tries: number;
}

/** A mail whose execution was started a moment ago. */
export interface Started {
	id: string;
	/** When it was received, in milliseconds since 1970. */
	date: number;
	/** When the execution was started, in milliseconds since 1970 by the clock of n8n. */
	at: number;
}

/**
 * What a trigger knows of the mails of a folder or of a label. A mail is new if its id is not known and it is not older
 * than `since`: dates bound what is remembered, ids decide.
 */
export interface State {
	/** Of which mailbox, and which of its mails. */
	source: string;
	/** Milliseconds since 1970, by Feishu's clock. */
	since: number;
	/** The mails that are known, also those that are still to be delivered, with their dates. */
	seen: Map<string, number>;
	pending: Pending[];
	/** Those of executions that n8n may not have stored yet: what is here, it stores before. */
	started: Started[];
	/** Mails that were delivered and are still to be marked as read. */
	unread: string[];
	/** Mails that were listed and could not be read then, and in how many polls. */
	doubtful: Map<string, number>;
	/** Mails that Feishu has announced since the last scan: below them may be some that it has not. */
	announced: string[];
	/** Whether the last scan ended before it met what was known. */
	incomplete: boolean;
	/** How many pages the next scan reads at least. */
	pages: number;
	/** When all was looked through last, in milliseconds since 1970 by the clock of n8n. */
	deepAt: number;
	/** Whether `since` reaches back so far that older mails that are moved in are new. */
	moved: boolean;
}

/** Its form in n8n's static data: version, then what is above. */
const VERSION = 1;

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const numbersIn = (value: unknown): Map<string, number> | undefined =>
	isObject(value) && Object.values(value).every(isNumber)
		? new Map(Object.entries(value as Record<string, number>))
		: undefined;

const isMail = (value: unknown): value is [string, number, number] =>
	Array.isArray(value) && typeof value[0] === 'string' && isNumber(value[1]) && isNumber(value[2]);

const isListOfIds = (value: unknown) => Array.isArray(value) && value.every((id) => typeof id === 'string');

/** What n8n has kept of a state; undefined where there is none, or one that this version does not know. */
export function readState(stored: unknown): State | undefined {
	if (!isObject(stored) || stored.v !== VERSION) return undefined;
	// Earlier versions did not keep what was started and announced.
	const {
		source,
		since,
		pending,
		started = [],
		announced = [],
		unread,
		incomplete,
		pages,
		deepAt,
		moved,
	} = stored;
	const seen = numbersIn(stored.seen);
	const doubtful = numbersIn(stored.doubtful);
	const isWhole =
		typeof source === 'string' &&
		[since, pages, deepAt].every(isNumber) &&
		Array.isArray(pending) &&
		pending.every(isMail) &&
		Array.isArray(started) &&
		started.every(isMail) &&
		[unread, announced].every(isListOfIds) &&
		[incomplete, moved].every((flag) => typeof flag === 'boolean');
	if (!isWhole || !seen || !doubtful) return undefined;
	return {
		source,
		seen,
		doubtful,
		pending: pending.map(([id, date, tries]) => ({ id, date, tries })),
		started: started.map(([id, date, at]) => ({ id, date, at })),
		unread: [...(unread as string[])],
		announced: [...(announced as string[])],
		...({ since, pages, deepAt, incomplete, moved } as Pick<
			State,
			'since' | 'pages' | 'deepAt' | 'incomplete' | 'moved'
		>),
	};
}

/** A state as n8n keeps it. */
export const storedState = ({ seen, doubtful, pending, started, ...plain }: State): IDataObject => ({
	v: VERSION,
	...plain,
	seen: Object.fromEntries(seen),
	doubtful: Object.fromEntries(doubtful),
	pending: pending.map(({ id, date, tries }) => [id, date, tries]),
	started: started.map(({ id, date, at }) => [id, date, at]),
});

/** Notes a mail whose execution is to be started now, and forgets those whose executions n8n has stored. */
export function noteStarted({ started, seen, since }: State, id: string, now: number): Started[] {
	return [...started.filter(({ at }) => now - at < STORED), { id, date: seen.get(id) ?? since, at: now }];
}

/**
 * Has those mails delivered again whose executions n8n may not have stored before it was killed. It refuses those that
 * it has.
 */
export function startAgain(state: State, now: number): void {
	const recent = state.started.filter(({ at }) => Math.abs(now - at) < DELETED);
	state.pending = [...recent.map(({ id, date }) => ({ id, date, tries: 0 })), ...state.pending];
	state.started = [];
}

/**
 * Forgets the oldest mails where there are very many. What is older than those that are left is not new any more. While
 * there is more to be read, nothing is forgotten.
 */
export function prune(state: State): void {
	const { seen, incomplete, announced } = state;
	if (incomplete || announced.length > 0 || seen.size <= MOST_SEEN) return;
	const newestFirst = [...seen].sort(([, one], [, other]) => other - one);
	state.since = Math.max(state.since, newestFirst[MOST_SEEN]![1] + 1);
	state.seen = new Map(newestFirst.slice(0, MOST_SEEN));
}
