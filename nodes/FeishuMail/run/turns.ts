import { clock } from '../transport/clock';

/** Who works on which things: one after the other, in the order in which they asked. */
export class Turns {
	/** For each thing that somebody works on or waits for, when the last of them is done. */
	private readonly ends = new Map<string, Promise<void>>();

	/**
	 * Asks for things, all together: as everybody waits only for those who asked before, nobody waits in a circle.
	 *
	 * @returns when they are free, and what is to be called once when the work on them is done or not wanted any more
	 */
	ask(things: readonly string[]): { free: Promise<unknown>; done: () => void } {
		let done = () => {};
		const working = new Promise<void>((resolve) => (done = resolve));
		const free = Promise.all(things.map((thing) => this.ends.get(thing)));
		const end = free.then(async () => await working);
		for (const thing of things) this.ends.set(thing, end);
		void end.then(() => {
			for (const thing of things) if (this.ends.get(thing) === end) this.ends.delete(thing);
		});
		return { free, done };
	}

	/** Does work on the same things one after the other, in the order in which it is asked for. */
	async inTurn<T>(things: readonly string[], work: () => Promise<T>): Promise<T> {
		const { free, done } = this.ask(things);
		const working = free.then(work);
		// A failure may end the run, which those who wait are to know.
		void working.catch(async () => await clock.pause()).finally(done);
		return await working;
	}
}
