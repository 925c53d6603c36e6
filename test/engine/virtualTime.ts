/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { clock, stopIfCancelled } from '../../nodes/FeishuMail/transport/clock';

/**
 * Time that passes when the node waits: each wait moves the node's clocks, and with `Date` the sandbox, and takes no
 * real time. Sockets stay real.
 */
export class VirtualTime {
	/** Milliseconds that were waited, wait by wait. */
	readonly waits: number[] = [];

	private ahead = 0;

	constructor() {
		const realNow = Date.now.bind(Date);
		jest.spyOn(Date, 'now').mockImplementation(() => realNow() + this.ahead);
		const realElapsed = clock.elapsed.bind(clock);
		jest.spyOn(clock, 'elapsed').mockImplementation(() => realElapsed() + this.ahead);
		jest.spyOn(clock, 'wait').mockImplementation(async (milliseconds, cancelled) => {
			this.waits.push(milliseconds);
			const until = clock.elapsed() + milliseconds;
			// Requests of other items that are under way get their turn first.
			await new Promise(setImmediate);
			stopIfCancelled(cancelled);
			this.pass(until - clock.elapsed());
		});
	}

	/** Lets time pass without anybody waiting. */
	pass(milliseconds: number) {
		this.ahead += Math.ceil(Math.max(0, milliseconds));
	}

	/** Back to real time; also ends all other spies of the test. */
	end() {
		jest.restoreAllMocks();
	}
}
