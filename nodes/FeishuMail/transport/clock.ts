/**
 * The one door to time: everything that reads the clock asks here.
 *
 * Tests move it together with `Date`, so a token's two hours take no time while sockets stay real.
 */
export const clock = {
	/** Milliseconds since 1970. */
	now: (): number => Date.now(),
};
