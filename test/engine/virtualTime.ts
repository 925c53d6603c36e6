/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { clock, stopIfCancelled } from '../../nodes/FeishuMail/transport/clock';

/**
 * Time that passes when the node waits: each wait moves `Date`, and with it the sandbox, and takes no real time.
 * Sockets stay real.
 */
export class VirtualTime {
	/** Milliseconds that were waited, wait by wait. */
	readonly waits: number[] = [];

	private ahead = 0;

	constructor() {
		const realNow = Date.now.bind(Date);
		jest.spyOn(Date, 'now').mockImplementation(() => realNow() + this.ahead);
		jest.spyOn(clock, 'wait').mockImplementation(async (milliseconds, cancelled) => {
			this.waits.push(milliseconds);
			const until = Date.now() + milliseconds;
			// Requests of other items that are under way get their turn first.
			await new Promise(setImmediate);
			stopIfCancelled(cancelled);
			this.pass(until - Date.now());
		});
	}

	/** Lets time pass without anybody waiting. */
	pass(milliseconds: number) {
		this.ahead += Math.max(0, milliseconds);
	}

	/** Back to real time; also ends all other spies of the test. */
	end() {
		jest.restoreAllMocks();
	}
}
