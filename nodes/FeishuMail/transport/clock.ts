import { sleep } from 'n8n-workflow';

/** The execution was cancelled while a request was under way or waiting. n8n knows a cancelled run by this name. */
export class RunCancelled extends Error {
	override readonly name = 'ExecutionCancelledError';

	constructor() {
		super('The execution was cancelled');
	}
}

/** Milliseconds of one timer. n8n's `sleep` before 2.35 cannot be ended, so a timer outlives a cancelled execution. */
const PIECE = 500;

/** @throws RunCancelled when the execution is cancelled */
export function stopIfCancelled(cancelled?: AbortSignal): void {
	if (cancelled?.aborted) throw new RunCancelled();
}

/**
 * The one door to time: everything that reads the clock or waits asks here.
 *
 * Tests put another clock in its place, so that a minute's quota takes milliseconds while sockets stay real.
 */
export const clock = {
	/** Milliseconds since 1970. */
	now: (): number => Date.now(),

	/**
	 * Waits, and ends at once when the execution is cancelled.
	 *
	 * @throws RunCancelled
	 */
	async wait(milliseconds: number, cancelled?: AbortSignal): Promise<void> {
		let left = milliseconds;
		do {
			stopIfCancelled(cancelled);
			await new Promise<void>((resolve, reject) => {
				const cancel = () => reject(new RunCancelled());
				cancelled?.addEventListener('abort', cancel, { once: true });
				void sleep(Math.min(left, PIECE)).then(() => {
					cancelled?.removeEventListener('abort', cancel);
					resolve();
				});
			});
		} while ((left -= PIECE) > 0);
	},
};
