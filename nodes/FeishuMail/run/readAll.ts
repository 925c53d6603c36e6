import type { Call, Client } from '../transport/client';
import type { Batched, Endpoint, Page, Read } from '../transport/endpoint';
import { failureCode } from '../transport/failure';
import { RefusedInput } from '../transport/refusedInput';
import { idOf } from '../transport/returned';
import { inHalves } from './batches';

/** Whether a failed request may be about one of its things only. */
export const isAboutOne =
	({ batch }: Batched) =>
	(error: unknown) =>
		batch.doubtful.includes(failureCode(error) ?? 0);

/** Things by their ids. */
export const byId = <A>(endpoint: Endpoint<Page<A>>, things: A[]): Map<unknown, A> =>
	new Map(things.map((thing) => [idOf(endpoint, thing), thing]));

/**
 * Reads several things that were just listed, in the order of their ids, as many as one request takes. Some may be gone
 * since; that all are is said only if Feishu says it of each.
 *
 * @throws like `Client.call`
 */
export async function readAll<A>(
	client: Client,
	endpoint: Read<Page<A>> & Batched,
	call: Call,
	ids: string[],
): Promise<A[]> {
	const { things, gone } = await readEach(client, endpoint, call, ids);
	if (things.size === 0 && ids.length - gone.length > 1) {
		throw new RefusedInput('Feishu gives nothing of what it has just listed: run it again later');
	}
	return ids.map((id) => things.get(id)).filter((thing) => thing !== undefined);
}

/**
 * Reads several things, as many as one request takes: those that there are, by their ids, and the ids of which Feishu
 * says that they are gone.
 *
 * @throws like `Client.call`
 */
export async function readEach<A>(
	client: Client,
	endpoint: Read<Page<A>> & Batched,
	call: Call,
	ids: string[],
): Promise<{ things: Map<unknown, A>; gone: string[] }> {
	const { batch } = endpoint;
	const things = new Map<unknown, A>();
	const gone: string[] = [];
	await inHalves(ids, isAboutOne(endpoint), {
		send: async (some) => {
			const body = { ...call.body, [batch.ids]: some };
			for (const [id, thing] of byId(endpoint, await client.things(endpoint, { ...call, body }))) {
				things.set(id, thing);
			}
		},
		failed: async (some, error) => {
			if (some.length > 1 || !batch.gone?.includes(failureCode(error) ?? 0)) throw error;
			gone.push(...some);
		},
	});
	return { things, gone };
}
