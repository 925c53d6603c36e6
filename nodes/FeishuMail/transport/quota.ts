import type { Answer } from './answer';
import { backOff } from './backOff';
import { clock, stopIfCancelled } from './clock';
import { platformHints } from './platformHints';
import type { Reply } from './session';

/** The quota of an API is used up. Docs: "Rate limits". */
export const REQUEST_QUOTA = 99991400;

/** Feishu makes these calls of one user one after the other, which passes by itself. Docs: error pages of Mail v1. */
export const ONE_AT_A_TIME = 1236006;

/** Quotas of a day or a tenant, which no wait within a run cures. Docs: error pages of Mail v1. */
const lastingQuotas = new Set([1236007, 1236008, 1236009, 1236010, 1236012, 1236013]);

/** Seconds above which `x-ogw-ratelimit-reset` is not believed: documented windows are a second and a minute. */
const LONGEST_RESET = 3600;

/** The part of the shortest time of a request by which the next one may be shorter. */
const TRAVEL_MARGIN = 0.02;

/** Milliseconds by which Feishu's clock and its header, each cut to a millisecond, may be early together. */
const CLOCK_GRAIN = 3;

/** Milliseconds between two waits within which they count as one: a timer may end a little early. */
const SAME_WAIT = 10;

/** The part of a wait that is left to chance. */
const JITTER = 0.02;

/** Whether Feishu refused the request because of a quota that is free again soon. It was not carried out. */
export function isQuotaRefusal({ code, httpCode }: Answer): boolean {
	if (code === REQUEST_QUOTA || code === ONE_AT_A_TIME) return true;
	const isOther = code !== undefined && (code === 0 || code in platformHints || lastingQuotas.has(code));
	return httpCode === 429 && !isOther;
}

/** The requests that were sent between two refusals. */
interface Opening {
	sent: number;
	/** Those whose outcome is known and was not a refusal. */
	passed: number;
	/** How many had been sent when all of them had passed. */
	proven: number;
}

/**
 * Waits for one endpoint's quota, for all requests of a run together: Feishu counts per API, app and tenant, so a
 * refusal of one request holds for the others.
 */
export class Quota {
	/** Requests may be sent from then on. By `clock.elapsed`. */
	private opensAt = 0;

	/** How often the run waited, and milliseconds in all: items that waited together count once. */
	waits = 0;

	waited = 0;

	private lastWaitEnded = -Infinity;

	private waitedBeforePass = 0;

	/** The last refusal. */
	refusal?: Answer;

	private opening: Opening = { sent: 0, passed: 0, proven: 0 };

	/** The last opening that let something through and ended with a refusal. */
	private previous?: Opening;

	/** Milliseconds of the fastest request. */
	private fastest = Infinity;

	private readonly listeners: Array<() => void> = [];

	/** Milliseconds until a request may be sent; 0 or less means now. */
	get opensIn(): number {
		return this.opensAt - clock.elapsed();
	}

	/** Milliseconds that the run has waited since a request passed. */
	get waitedInVain(): number {
		return this.waited - this.waitedBeforePass;
	}

	/** @throws RunCancelled */
	async wait(milliseconds: number, cancelled?: AbortSignal): Promise<void> {
		const from = clock.elapsed();
		await clock.wait(Math.ceil(milliseconds), cancelled);
		const now = clock.elapsed();
		if (from > this.lastWaitEnded + SAME_WAIT) this.waits++;
		this.waited += Math.max(0, now - Math.max(from, this.lastWaitEnded));
		this.lastWaitEnded = now;
	}

	/**
	 * Whether one request more than passed last time is under way since the quota opened. Its answer will tell when the
	 * quota opens again; further ones could only be refused, and would come back too late for the next opening.
	 *
	 * Others draw on the quota, so it may let through more than last time: once all has passed, twice as much may follow.
	 */
	get isFull(): boolean {
		const { previous, opening } = this;
		return previous !== undefined && opening.sent > Math.max(previous.passed, 2 * opening.proven);
	}

	/**
	 * Waits until the outcome of a request is known.
	 *
	 * @throws RunCancelled
	 */
	async nextOutcome(cancelled?: AbortSignal): Promise<void> {
		await new Promise<void>((resolve) => {
			this.listeners.push(resolve);
		});
		stopIfCancelled(cancelled);
	}

	/**
	 * Waits for the outcome of a request and counts it: whatever is not a refusal has passed.
	 *
	 * @param refusals how often this request was refused before
	 */
	async follow<Outcome extends object>(request: Promise<Outcome | Reply>, refusals: number) {
		const { opening } = this;
		opening.sent++;
		let refused = false;
		try {
			const outcome = await request;
			if ('sentAt' in outcome) this.fastest = Math.min(this.fastest, clock.elapsed() - outcome.sentAt);
			refused = 'answer' in outcome && isQuotaRefusal(outcome.answer);
			if (refused) this.refused(opening, (outcome as Reply).answer, refusals + 1);
			return { outcome, refused };
		} finally {
			if (!refused) this.passed(opening);
			for (const listener of this.listeners.splice(0)) listener();
		}
	}

	private passed(opening: Opening) {
		if (++opening.passed === opening.sent) opening.proven = opening.sent;
		this.waitedBeforePass = this.waited;
	}

	/**
	 * Notes a refusal.
	 *
	 * `x-ogw-ratelimit-reset` counts from the moment Feishu answered; the answer took a while to come, and the next
	 * request takes a while to arrive, together as long as the fastest request at least. So it is sent earlier by that,
	 * or far-away servers would get less than the quota. A little is added because it may be faster still, which would
	 * cost a whole way, and so that executions do not wake together.
	 *
	 * @param refusals how often this request was refused, this time included
	 */
	private refused(opening: Opening, answer: Answer, refusals: number) {
		if (opening === this.opening) {
			if (opening.passed > 0) this.previous = opening;
			this.opening = { sent: 0, passed: 0, proven: 0 };
		}
		this.refusal = answer;
		const now = clock.elapsed();
		const reset = readReset(answer.quotaReset);
		const opensAt =
			reset === undefined
				? now + backOff(refusals)
				: Math.max(
						now + reset - (1 - TRAVEL_MARGIN) * this.fastest + CLOCK_GRAIN + JITTER * reset * Math.random(),
						now + atLeast(refusals),
					);
		this.opensAt = Math.max(this.opensAt, opensAt);
	}
}

/** The shortest wait, which rises with every refusal of the same request: a reset of 0 must not make a tight loop. */
const atLeast = (refusals: number) => Math.min(2 ** refusals, 1000);

/** The header in milliseconds; undefined where it is missing or absurd. Docs: seconds, "parse as float". */
function readReset(header: string | undefined): number | undefined {
	if (header === undefined || header.trim() === '') return undefined;
	const seconds = Number(header);
	return seconds >= 0 && seconds <= LONGEST_RESET ? seconds * 1000 : undefined;
}
