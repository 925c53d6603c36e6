import { clock } from '../../transport/clock';
import { headerOf, type Frame } from './frame';

/** Milliseconds that the pieces of an event wait for the others. Feishu's SDKs wait 5 to 10 seconds. */
const PATIENCE = 10_000;

/** How many pieces an event may have. */
const MOST_PIECES = 1000;

/** How many events may wait for pieces, and how many bytes of them. */
const MOST_EVENTS = 100;
const MOST_BYTES = 32 * 1024 * 1024;

/** The pieces of an event that is not whole yet. */
interface Incomplete {
	pieces: Map<number, Uint8Array>;
	/** By `clock.elapsed`. */
	since: number;
	bytes: number;
}

/** Large events come in pieces, in any order, mixed with others, cut also within a character. */
export class Fragments {
	/** By the event's id, the oldest first. */
	private readonly incomplete = new Map<string, Incomplete>();

	private bytes = 0;

	/**
	 * @returns the whole event, if this is the last piece that it lacked
	 * @throws where the frame cannot be a piece of an event
	 */
	add(frame: Frame): Uint8Array | undefined {
		const { payload = Buffer.alloc(0) } = frame;
		const sum = Number(headerOf(frame, 'sum') ?? 1);
		const seq = Number(headerOf(frame, 'seq') ?? 0);
		const isPossible = Number.isInteger(sum) && Number.isInteger(seq) && seq >= 0 && seq < sum;
		if (!isPossible || sum > MOST_PIECES) throw new Error(`Piece ${seq} of ${sum} cannot be`);
		if (sum === 1) return payload;

		const key = `${sum} ${headerOf(frame, 'message_id')}`;
		const event = this.incomplete.get(key) ?? { pieces: new Map(), since: clock.elapsed(), bytes: 0 };
		this.incomplete.set(key, event);
		const added = payload.length - (event.pieces.get(seq)?.length ?? 0);
		event.pieces.set(seq, payload);
		event.bytes += added;
		this.bytes += added;
		if (event.pieces.size < sum) return undefined;
		this.forget(key, event);
		return Buffer.concat(Array.from({ length: sum }, (_, index) => event.pieces.get(index)!));
	}

	/**
	 * Forgets events of which pieces do not come any more, and the oldest where there are too many.
	 *
	 * @returns whether there were any
	 */
	forgetLost(): boolean {
		const before = this.incomplete.size;
		for (const [key, event] of this.incomplete) {
			const isTooMuch = this.incomplete.size > MOST_EVENTS || this.bytes > MOST_BYTES;
			if (isTooMuch || clock.elapsed() - event.since >= PATIENCE) this.forget(key, event);
		}
		return this.incomplete.size < before;
	}

	private forget(key: string, { bytes }: Incomplete): void {
		this.incomplete.delete(key);
		this.bytes -= bytes;
	}
}
