import { clock } from '../../transport/clock';
import { duration } from '../../transport/duration';
import { RefusedInput } from '../../transport/refusedInput';
import { addressIn, type AddressAnswer } from './endpoint';
import { converse, within } from './socket';

/** Somebody in this process who listens to an app's events. What is told to one that throws, is told to the others. */
export interface Member {
	/**
	 * Asks Feishu for an address, with the credential as it is now; see `askForAddress`.
	 *
	 * @throws Error where no answer came; RefusedInput where the credential must not be used
	 */
	ask(): Promise<AddressAnswer>;

	/** An event of any kind; undefined where one could not be read or has not come whole: something may be missed. */
	received(event: unknown): void;

	/**
	 * The connection is up, for the first time or again: what happened before may be missed. Who joins one that is up is
	 * told as well, after `join` has returned.
	 */
	connected(): void;

	/** What somebody has to mend, once until its reason changes. The connection goes on trying. */
	refused(error: RefusedInput): void;

	/** A line for an operator: lost, not to be opened, up again. */
	log(message: string): void;
}

export interface Membership {
	/**
	 * What became of the first attempt that ended: undefined where the connection is up, RefusedInput where this member
	 * was refused (which `refused` is told, too), else an Error in words; it is tried again. Never rejects.
	 */
	readonly first: Promise<Error | undefined>;

	/** Since when the connection is up without a break, by `clock.elapsed`; undefined while it is not. */
	readonly upSince: number | undefined;

	/** Nothing is told any more; the last member's leaving closes the connection. May be called again. */
	leave(): void;
}

/** Milliseconds of the pauses between attempts; each is up to half longer or shorter. */
const PAUSES = [1, 2, 5, 15, 30, 60, 120].map((seconds) => seconds * 1000);

/** Milliseconds after which a connection counts as one that lasts: some servers close each as soon as it is open. */
const LASTING = 20_000;

/** Milliseconds after which a member that was refused asks again: somebody may have mended it. */
const REFUSED = 10 * 60 * 1000;

/** Milliseconds that a member may take to ask. */
const ASKING = 30_000;

/** A member, and what it knows. */
interface Seat {
	member: Member;
	settle: (outcome: Error | undefined) => void;
	/** The number of the last attempt that asked through it. */
	asked: number;
	refusal?: RefusedInput;
	/** When the refusal is no reason any more not to ask, by `clock.elapsed`. */
	refusedUntil: number;
	/** The last refusal that it was told. */
	told?: string;
}

/**
 * The one connection of an app in this process: Feishu gives an event to one of an app's connections only.
 *
 * It is one sequence of attempts, each of which ends with its socket closed, so that there are never two. An attempt asks
 * for an address through the member whose turn is longest ago. One that is refused leaves the next attempt, at once, to
 * the others and is not asked for ten minutes; when all are refused, each is told what it was refused for. What fails
 * otherwise is tried again after a pause, which a new member cuts short.
 */
export class Connection {
	private readonly seats = new Set<Seat>();

	private attempts = 0;

	/** Attempts in a row after which the connection did not last. */
	private failures = 0;

	/** Why the last attempt failed, as it was logged. */
	private logged?: string;

	/** Since when it is not up, by `clock.elapsed`. */
	private downSince?: number;

	private upSince?: number;

	/** Ends the attempt or the pause that is under way. */
	private round = new AbortController();

	/** Whether there is an attempt of which a new member can await the outcome. */
	private isTrying = false;

	/** @param ended is called when the last member has left and the socket is closed */
	constructor(private readonly ended: () => void) {
		void Promise.resolve().then(async () => await this.run());
	}

	join(member: Member): Membership {
		let settle: Seat['settle'] = () => {};
		const first = new Promise<Error | undefined>((resolve) => (settle = resolve));
		const seat: Seat = { member, settle, asked: 0, refusedUntil: 0 };
		this.seats.add(seat);
		if (!this.isTrying) this.round.abort();
		if (this.upSince !== undefined) {
			settle(undefined);
			queueMicrotask(() => this.upSince !== undefined && this.tell((one) => one.connected(), [seat]));
		}
		const upSince = () => (this.seats.has(seat) ? this.upSince : undefined);
		return {
			first,
			get upSince() {
				return upSince();
			},
			leave: () => {
				this.seats.delete(seat);
				settle(new Error('The member has left'));
				if (this.seats.size > 0) return;
				this.upSince = undefined;
				this.round.abort();
			},
		};
	}

	private async run(): Promise<void> {
		while (this.seats.size > 0) {
			this.round = new AbortController();
			const free = [...this.seats].filter(({ refusedUntil }) => refusedUntil <= clock.elapsed());
			const [seat] = free.sort((one, other) => one.asked - other.asked);
			const pause = seat ? await this.attempt(seat) : this.tellRefusals();
			await clock.wait(pause, this.round.signal).catch(() => {});
		}
		this.ended();
	}

	/** @returns milliseconds to the next attempt */
	private async attempt(seat: Seat): Promise<number> {
		const { signal } = this.round;
		this.isTrying = true;
		seat.asked = ++this.attempts;
		try {
			// What is answered too late is not used any more.
			const answer = await within(seat.member.ask(), ASKING, 'No answer came in time', signal);
			await converse(
				addressIn(answer),
				{
					up: () => this.up(),
					lost: (reason) => this.failed(new Error(`The long connection to Feishu failed: ${reason}`)),
					received: (event) => this.tell((member) => member.received(event)),
				},
				signal,
			);
		} catch (error) {
			if (error instanceof RefusedInput) {
				seat.refusal = error;
				seat.refusedUntil = clock.elapsed() + REFUSED;
				this.isTrying = false;
				return 0;
			}
			if (!signal.aborted) this.failed(error instanceof Error ? error : new Error(String(error)));
		}
		const pause = PAUSES[Math.min(this.failures++, PAUSES.length - 1)]!;
		return pause * (0.5 + Math.random());
	}

	private up(): void {
		this.upSince = clock.elapsed();
		if (this.downSince !== undefined) {
			this.log(`The long connection to Feishu is up again after ${duration(this.upSince - this.downSince)}`);
		}
		this.downSince = this.logged = undefined;
		for (const seat of this.seats) {
			seat.refusedUntil = 0;
			seat.told = undefined;
			seat.settle(undefined);
		}
		this.tell((member) => member.connected());
	}

	private failed(error: Error): void {
		this.isTrying = false;
		if (this.upSince !== undefined && clock.elapsed() - this.upSince >= LASTING) this.failures = 0;
		this.upSince = undefined;
		this.downSince ??= clock.elapsed();
		if (this.logged !== error.message) this.log(`${error.message}. It is tried again`);
		this.logged = error.message;
		for (const seat of this.seats) seat.settle(error);
	}

	/** @returns milliseconds until the first member may be asked again */
	private tellRefusals(): number {
		this.downSince ??= clock.elapsed();
		for (const seat of this.seats) {
			const { refusal, told } = seat;
			if (!refusal) continue;
			seat.settle(refusal);
			if (told !== refusal.message) this.tell((member) => member.refused(refusal), [seat]);
			seat.told = refusal.message;
		}
		return Math.min(...[...this.seats].map(({ refusedUntil }) => refusedUntil)) - clock.elapsed();
	}

	private log(message: string): void {
		const [first] = this.seats;
		try {
			first?.member.log(message);
		} catch {
			// Then nobody is told.
		}
	}

	/** A member that throws harms nobody else. */
	private tell(what: (member: Member) => void, seats: Iterable<Seat> = [...this.seats]): void {
		for (const seat of seats) {
			if (!this.seats.has(seat)) continue;
			try {
				what(seat.member);
			} catch {
				this.log('A trigger has failed to take what came by the long connection to Feishu');
			}
		}
	}
}
