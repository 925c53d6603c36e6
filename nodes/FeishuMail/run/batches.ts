import { clock } from '../transport/clock';
import type { Turns } from './turns';

/** How many batches are under way at the same time that need no order: one more than Feishu lets through in a second. */
const AT_ONCE = 11;

/** What an item wants to be done with one thing, together with what other items want that is alike. */
export interface Wish {
	/** The number of the input item. */
	index: number;
	/** Of the thing that it is about. */
	id: string;
	/** The same for wishes that can go together. */
	kind: string;
	/** What goes one after the other, such as changes to one mailbox; absent where order does not matter. */
	lane?: string;
	/** How many things one request is about at most. */
	most: number;
	/** Whether a failed request may be about one of its things only. */
	isDoubtful: (error: unknown) => boolean;
	/** Sends a request for things of which the same is wanted, and gives what comes of each. */
	send: (ids: string[]) => Promise<(id: string) => unknown>;
}

/** A wish, and how its item goes on. */
interface Waiting {
	wish: Wish;
	resolve: (value: unknown) => void;
	reject: (error: unknown) => void;
}

/** Collects what the items of a run want, and sends what is alike together. */
export class Batches {
	private waiting: Waiting[] = [];

	private stopped?: { reason: Error };

	/**
	 * @param atWork how many items there are that do not wait here: all, at first
	 * @param turns in which the lanes go
	 * @param pauseIfLong is called between items that go on
	 */
	constructor(
		private atWork: number,
		private readonly turns: Turns,
		private readonly pauseIfLong: () => Promise<void>,
	) {}

	/** An item is done: it wants nothing more. */
	leave(): void {
		this.atWork--;
		this.goIfAllWait();
	}

	/** Sends nothing more: what is not under way yet fails with a reason. */
	async stop(reason: Error): Promise<void> {
		this.stopped = { reason };
		await this.goOn(this.waiting.splice(0), ({ reject }) => reject(reason));
	}

	/** @throws the reason for which nothing more is sent */
	goOnUnlessStopped(): void {
		if (this.stopped) throw this.stopped.reason;
	}

	private async goOn(waiting: Waiting[], how: (one: Waiting) => void): Promise<void> {
		for (const one of waiting) {
			how(one);
			await this.pauseIfLong();
		}
	}

	/**
	 * Waits until all items of the run are done or wait as well, so that requests are as full as can be; then for what
	 * comes of the wish. An item has one wish at a time, and must not keep others waiting for something else meanwhile.
	 */
	async join<T>(wish: Wish): Promise<T> {
		this.goOnUnlessStopped();
		return await new Promise<T>((resolve, reject) => {
			this.waiting.push({ wish, resolve: resolve as Waiting['resolve'], reject });
			this.leave();
		});
	}

	private goIfAllWait(): void {
		if (this.atWork > 0) return;
		for (const [number, batch] of plan(this.waiting.splice(0)).entries()) {
			const { lane = number % AT_ONCE } = batch[0]!.wish;
			void this.turns.inTurn([`batch of ${lane}`], async () => await this.send(batch));
		}
	}

	private async send(batch: Waiting[]): Promise<void> {
		const { send, isDoubtful } = batch[0]!.wish;
		const settle = async (ids: string[], how: (waiting: Waiting) => void) => {
			const concerned = batch.filter(({ wish }) => ids.includes(wish.id));
			// All are at work again before the first goes on, or what that one wants next would be sent alone.
			this.atWork += concerned.length;
			await this.goOn(concerned, how);
		};
		await inHalves(idsOf(batch), isDoubtful, {
			send: async (ids) => {
				this.goOnUnlessStopped();
				const resultOf = await send(ids);
				await settle(ids, ({ wish, resolve }) => resolve(resultOf(wish.id)));
			},
			failed: async (ids, error) => {
				await settle(ids, ({ reject }) => reject(error));
				// It may stop the run.
				await clock.pause();
			},
		});
	}
}

const idsOf = (batch: Waiting[]) => [...new Set(batch.map(({ wish }) => wish.id))];

/**
 * Which wishes go together, and in which order: each batch is as full as it can be. Of several wishes for one thing of a
 * lane, each is sent after the one before it.
 */
function plan(waiting: Waiting[]): Waiting[][] {
	const inOrder = waiting.sort((one, other) => one.wish.index - other.wish.index);
	/** For each thing, what was wanted of it last, and after how many other wishes. */
	const last = new Map<string, { kind: string; after: number }>();
	/** By how many other wishes for the same things go before. */
	const layers: Array<Map<string, Waiting[]>> = [];
	for (const one of inOrder) {
		const { id, kind, lane } = one.wish;
		const thing = JSON.stringify([lane, id]);
		const before = lane === undefined ? undefined : last.get(thing);
		const after = before ? before.after + (before.kind === kind ? 0 : 1) : 0;
		last.set(thing, { kind, after });
		const layer = (layers[after] ??= new Map<string, Waiting[]>());
		const alike = JSON.stringify([lane, kind]);
		layer.set(alike, layer.get(alike) ?? []);
		layer.get(alike)?.push(one);
	}
	return layers.flatMap((layer) => [...layer.values()].flatMap(chunks));
}

/** Wishes that are alike, in batches of as many things as one request takes. */
function chunks(alike: Waiting[]): Waiting[][] {
	const { most } = alike[0]!.wish;
	const places = new Map(idsOf(alike).map((id, place) => [id, Math.floor(place / most)]));
	const batches: Waiting[][] = [];
	for (const one of alike) (batches[places.get(one.wish.id)!] ??= []).push(one);
	return batches;
}

/**
 * Sends a request for several things. Where it fails and that may be about one of them, it is sent for each half, until
 * the things that it is about stand alone.
 */
export async function inHalves(
	ids: string[],
	isDoubtful: (error: unknown) => boolean,
	on: {
		send: (ids: string[]) => Promise<void>;
		failed: (ids: string[], error: unknown) => Promise<void>;
	},
): Promise<void> {
	try {
		await on.send(ids);
	} catch (error) {
		if (ids.length === 1 || !isDoubtful(error)) {
			await on.failed(ids, error);
			return;
		}
		const middle = Math.ceil(ids.length / 2);
		await inHalves(ids.slice(0, middle), isDoubtful, on);
		await inHalves(ids.slice(middle), isDoubtful, on);
	}
}
