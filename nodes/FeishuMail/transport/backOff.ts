/** Milliseconds of the first pause, and the longest one. */
const FIRST = 500;
const LONGEST = 60_000;

/**
 * Exponential back-off with jitter: a pause in milliseconds before try number `tried` + 1.
 *
 * The random half keeps several executions from trying again at the same moment.
 */
export function backOff(tried: number): number {
	const pause = Math.min(FIRST * 2 ** tried, LONGEST);
	return pause / 2 + (Math.random() * pause) / 2;
}
