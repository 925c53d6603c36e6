import { sleep } from 'n8n-workflow';

/** The execution was cancelled while a request was under way or waiting. n8n knows a cancelled run by this name. */
export class RunCancelled extends Error {
	override readonly name = 'ExecutionCancelledError';

	constructor() {
		super('The execution was cancelled');
	}
}

/** @throws RunCancelled when the execution is cancelled */
export function stopIfCancelled(cancelled?: AbortSignal): void {
	if (cancelled?.aborted) throw new RunCancelled();
}

/** Milliseconds of one timer. n8n's `sleep` before 2.35 cannot be ended, so the last one outlives a cancelled execution. */
const LONGEST_TIMER = 500;

/** Those who wait for a signal, behind one listener: Node.js warns of more than ten. */
class Waiting extends Set<() => void> {
	private static readonly all = new WeakMap<AbortSignal, Waiting>();

	private readonly call = () => this.forEach((listener) => listener());

	static for(signal: AbortSignal): Waiting {
		const known = Waiting.all.get(signal) ?? new Waiting(signal);
		Waiting.all.set(signal, known);
		return known;
	}

	private constructor(private readonly signal: AbortSignal) {
		super();
	}

	override add(listener: () => void): this {
		if (this.size === 0) this.signal.addEventListener('abort', this.call);
		return super.add(listener);
	}

	override delete(listener: () => void): boolean {
		const wasThere = super.delete(listener);
		if (this.size === 0) this.signal.removeEventListener('abort', this.call);
		return wasThere;
	}
}

/**
 * What `work` gives, unless the execution is cancelled first: n8n ends a request of ours then, but not an exchange or
 * a renewal of a token that it makes by itself.
 *
 * @throws RunCancelled
 */
export async function unlessCancelled<T>(work: Promise<T>, cancelled?: AbortSignal): Promise<T> {
	// Nobody waits for it any more once the execution is cancelled.
	work.catch(() => {});
	stopIfCancelled(cancelled);
	if (!cancelled) return await work;
	const waiting = Waiting.for(cancelled);
	let cancel = () => {};
	const cancellation = new Promise<never>((_, reject) => {
		cancel = () => reject(new RunCancelled());
	});
	waiting.add(cancel);
	try {
		return await Promise.race([work, cancellation]);
	} finally {
		waiting.delete(cancel);
	}
}

/**
 * The one door to time: everything that reads the clock or waits asks here.
 *
 * Tests put another clock in its place, so that a minute's quota takes milliseconds while sockets stay real.
 */
export const clock = {
	/** Milliseconds since 1970, by which tokens expire. */
	now: (): number => Date.now(),

	/** Lets the event loop do what else there is, before long work goes on. */
	pause: async (): Promise<void> => await sleep(0),

	/** Milliseconds by which waiting is measured. They go on evenly when the computer's clock is set. */
	elapsed: (): number => performance.now(),

	/**
	 * Waits, and ends at once when the execution is cancelled.
	 *
	 * @throws RunCancelled
	 */
	async wait(milliseconds: number, cancelled?: AbortSignal): Promise<void> {
		stopIfCancelled(cancelled);
		const until = clock.elapsed() + milliseconds;
		const over = async () => {
			for (let left = milliseconds; left > 0 && !cancelled?.aborted; left = until - clock.elapsed()) {
				await sleep(Math.min(left, LONGEST_TIMER));
			}
		};
		await unlessCancelled(over(), cancelled);
	},
};
