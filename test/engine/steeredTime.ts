/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { clock, stopIfCancelled, unlessCancelled } from '../../nodes/FeishuMail/transport/clock';

/** Turns of the event loop in which sockets say what they have to say: each takes what was sent in the one before. */
const TURNS = 30;

interface Wait {
	until: number;
	end: () => void;
}

/**
 * Time that stands still until a test lets it pass: for what goes on by itself in the background. It moves the node's
 * clocks, and with `Date` the sandbox. Sockets stay real.
 */
export class SteeredTime {
	private ahead = 0;

	private readonly waits = new Set<Wait>();

	/** @param traffic something that changes with each message that is sent */
	constructor(private readonly traffic: () => unknown) {
		const realNow = Date.now.bind(Date);
		jest.spyOn(Date, 'now').mockImplementation(() => realNow() + this.ahead);
		const realElapsed = clock.elapsed.bind(clock);
		jest.spyOn(clock, 'elapsed').mockImplementation(() => realElapsed() + this.ahead);
		jest.spyOn(clock, 'pause').mockImplementation(async () => await new Promise(setImmediate));
		jest.spyOn(clock, 'wait').mockImplementation(async (milliseconds, cancelled) => {
			stopIfCancelled(cancelled);
			if (milliseconds <= 0) return;
			const wait: Wait = { until: clock.elapsed() + milliseconds, end: () => {} };
			this.waits.add(wait);
			const over = new Promise<void>((resolve) => (wait.end = resolve));
			await unlessCancelled(over, cancelled).finally(() => this.waits.delete(wait));
		});
	}

	/** How many wait for something. */
	get waiting(): number {
		return this.waits.size;
	}

	/** Lets time pass, from one end of a wait to the next; what follows of each is done before. */
	async pass(milliseconds: number): Promise<void> {
		await this.settle();
		const until = clock.elapsed() + milliseconds;
		for (;;) {
			const [next] = [...this.waits].sort((one, other) => one.until - other.until);
			if (!next || next.until > until) break;
			this.jump(next.until);
			this.waits.delete(next);
			next.end();
			await this.settle();
		}
		this.jump(until);
		await this.settle();
	}

	/** The computer sleeps: all that was to happen meanwhile happens at its end. */
	async sleep(milliseconds: number): Promise<void> {
		await this.settle();
		this.jump(clock.elapsed() + milliseconds);
		await this.pass(0);
	}

	/** Waits until nothing is sent any more. */
	async settle(): Promise<void> {
		for (let before: unknown; before !== (before = this.traffic());) {
			for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
		}
	}

	private jump(until: number): void {
		this.ahead += Math.ceil(Math.max(0, until - clock.elapsed()));
	}
}
