import type { Call, Client } from '../transport/client';
import type { Batched, Endpoint, Page, Read } from '../transport/endpoint';
import { failureCode } from '../transport/failure';
import { inHalves } from './batches';

/** Whether a failed request may be about one of its things only. */
export const isAboutOne =
	({ batch }: Batched) =>
	(error: unknown) =>
		batch.doubtful.includes(failureCode(error) ?? 0);

/** Things by their ids. */
export const byId = <A extends object>({ id }: Endpoint<Page<A>>, things: A[]) =>
	new Map(things.map((thing) => [String(thing[(id ?? 'id') as keyof A]), thing]));

/**
 * Reads several things, in the order of their ids; those that are gone are left out.
 *
 * @param call without the ids
 * @throws like `Client.call`
 */
export async function readAll<A extends object>(
	client: Client,
	endpoint: Read<Page<A>> & Batched,
	call: Call,
	ids: string[],
): Promise<A[]> {
	const things = new Map<string, A>();
	await inHalves(ids, isAboutOne(endpoint), {
		send: async (some) => {
			const body = { ...call.body, [endpoint.batch.ids]: some };
			const { items } = await client.page(endpoint, { ...call, body });
			for (const [id, thing] of byId(endpoint, items)) things.set(id, thing);
		},
		failed: async (some, error) => {
			if (some.length > 1 || !isAboutOne(endpoint)(error)) throw error;
		},
	});
	return ids.map((id) => things.get(id)).filter((thing) => thing !== undefined);
}
