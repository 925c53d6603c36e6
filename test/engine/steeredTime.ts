/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { clock, RunCancelled } from '../../nodes/FeishuMail/transport/clock';

/** Real milliseconds in which sockets say what they have to say. */
const TURN = 4;

/** Real milliseconds after which a turn was kept waiting: something was worked on. */
const LATE = 12;

/** How many turns have to be silent. */
const SILENT_TURNS = 2;

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
		jest.spyOn(clock, 'wait').mockImplementation(async (milliseconds, cancelled) => {
			if (cancelled?.aborted) throw new RunCancelled();
			const wait: Wait = { until: clock.elapsed() + milliseconds, end: () => {} };
			this.waits.add(wait);
			let cancel = () => {};
			await new Promise<void>((resolve, reject) => {
				wait.end = resolve;
				cancel = () => reject(new RunCancelled());
				cancelled?.addEventListener('abort', cancel);
			}).finally(() => {
				this.waits.delete(wait);
				cancelled?.removeEventListener('abort', cancel);
			});
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

	/** Waits until nothing is sent any more. */
	async settle(): Promise<void> {
		for (let before: unknown, silent = 0; silent < SILENT_TURNS;) {
			const from = performance.now();
			await new Promise((resolve) => setTimeout(resolve, TURN));
			const isSilent = before === (before = this.traffic()) && performance.now() - from < LATE;
			silent = isSilent ? silent + 1 : 0;
		}
	}

	private jump(until: number): void {
		this.ahead += Math.ceil(Math.max(0, until - clock.elapsed()));
	}
}
