import { clock } from '../transport/clock';
import type { ReadPage } from '../transport/returned';

/** Milliseconds that a list is kept after its last page was read: the panel has no way to ask for a new one. */
const KEPT = 60_000;

/** How much is kept at most. */
const MOST_LISTS = 20;
const MOST_PAGES = 200;

const lists = new Map<string, KnownList<object>>();

/**
 * What panels have lately read of a list, so that typing a name does not read it again with every letter: the editor
 * asks for each, and workflows that run draw on the same quota.
 */
export class KnownList<A extends object> {
	/** By their tokens; the first page has an empty one. Also those that are being read. */
	private readonly pages = new Map<string, Promise<ReadPage<A>>>();

	private keptUntil = clock.elapsed() + KEPT;

	/** @param key tells whose list it is, and of what; free of secrets */
	static of<A extends object>(key: string): KnownList<A> {
		for (const [other, { isStale }] of lists) if (isStale) lists.delete(other);
		const list = lists.get(key) ?? new KnownList();
		lists.delete(key);
		lists.set(key, list);
		if (lists.size > MOST_LISTS) lists.delete([...lists.keys()][0] ?? '');
		return list as KnownList<A>;
	}

	get isFull(): boolean {
		return this.pages.size >= MOST_PAGES;
	}

	/** A page, if it is known. */
	page(token: string): Promise<ReadPage<A>> | undefined {
		return this.pages.get(token);
	}

	/**
	 * Reads a page and keeps it if it comes. After a failure the list is kept for longer: somebody who tries again when
	 * the quota of a minute is free again gets further than before.
	 */
	async read(token: string, read: () => Promise<ReadPage<A>>): Promise<ReadPage<A>> {
		const page = read();
		this.pages.set(token, page);
		try {
			await page;
			this.keptUntil = clock.elapsed() + KEPT;
		} catch {
			this.pages.delete(token);
			this.keptUntil = clock.elapsed() + 2 * KEPT;
		}
		return await page;
	}

	/** The tokens of the pages before one, as far as they are known. */
	async tokensBefore(token: string): Promise<Set<string>> {
		const before = new Set<string>();
		for (let next: string | undefined = ''; next !== undefined && next !== token && !before.has(next);) {
			const page: ReadPage<A> | undefined = await this.pages.get(next)?.catch(() => undefined);
			if (!page) break;
			before.add(next);
			next = page.next;
		}
		return before;
	}

	private get isStale(): boolean {
		return this.keptUntil <= clock.elapsed();
	}
}
