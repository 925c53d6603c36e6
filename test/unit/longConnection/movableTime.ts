/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { clock, RunCancelled } from '../../../nodes/FeishuMail/transport/clock';

interface Wait {
	until: number;
	milliseconds: number;
	over: () => void;
}

/** Time that stands still until a test lets it pass. Sockets stay real. */
export class MovableTime {
	/** What is waited for now. */
	private readonly waits = new Set<Wait>();

	private now = 1_000_000;

	constructor() {
		jest.spyOn(clock, 'elapsed').mockImplementation(() => this.now);
		jest.spyOn(clock, 'wait').mockImplementation(async (milliseconds, cancelled) => {
			await new Promise<void>((resolve, reject) => {
				if (cancelled?.aborted) return reject(new RunCancelled());
				if (milliseconds <= 0) return resolve();
				const end = (then: () => void) => () => {
					this.waits.delete(wait);
					cancelled?.removeEventListener('abort', cancel);
					then();
				};
				const wait = { until: this.now + milliseconds, milliseconds, over: end(resolve) };
				const cancel = end(() => reject(new RunCancelled()));
				cancelled?.addEventListener('abort', cancel);
				this.waits.add(wait);
			});
		});
	}

	/** Milliseconds of what is waited for now, the shortest first. */
	get waiting(): number[] {
		return [...this.waits].map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);
	}

	/** Lets time pass, wait by wait; what the sockets have to say gets its turn before each. */
	async pass(milliseconds: number): Promise<void> {
		const end = this.now + milliseconds;
		for (;;) {
			await settled();
			const [next] = [...this.waits].sort((one, other) => one.until - other.until);
			if (!next || next.until > end) break;
			this.now = Math.max(this.now, next.until);
			next.over();
		}
		this.now = end;
		await settled();
	}
}

/** Lets sockets of this machine carry what is on its way. */
export async function settled(): Promise<void> {
	for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
}
