/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import fc from 'fast-check';

import { Batches, inHalves } from '../../nodes/FeishuMail/run/batches';
import { Turns } from '../../nodes/FeishuMail/run/turns';

interface Wanted {
	id: string;
	kind: string;
	lane?: string;
}

/** What is sent for wishes, in the order in which it is sent, and what each wish gives. */
async function settle(wanted: Wanted[], most = 20, isDead: (id: string) => boolean = () => false) {
	const batches = new Batches(wanted.length, new Turns(), async () => {});
	const sent: Array<{ kind: string; lane?: string; ids: string[] }> = [];
	const underWay = new Map<string, number>();
	let mostInALane = 0;
	const outcomes = await Promise.allSettled(
		wanted.map(async ({ id, kind, lane }, index) => {
			try {
				return await batches.join<string>({
					index,
					id,
					kind,
					lane,
					most,
					isDoubtful: () => true,
					async send(ids) {
						sent.push({ kind, lane, ids });
						const inLane = (underWay.get(String(lane)) ?? 0) + 1;
						underWay.set(String(lane), inLane);
						if (lane !== undefined) mostInALane = Math.max(mostInALane, inLane);
						await new Promise(setImmediate);
						underWay.set(String(lane), inLane - 1);
						if (ids.some(isDead)) throw new Error(`dead among ${ids.length}`);
						return (one) => `${kind} ${one}`;
					},
				});
			} finally {
				batches.leave();
			}
		}),
	);
	return { sent, outcomes, mostInALane };
}

const wish = fc.record({
	id: fc.constantFrom(...'abcdefghij'),
	kind: fc.constantFrom('x', 'y', 'z'),
	lane: fc.constantFrom('m', 'n'),
});

describe('wishes', () => {
	it('are sent in batches that hold no more than fit and are alike, each of a lane after the one before', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(wish, { maxLength: 60 }),
				fc.integer({ min: 1, max: 5 }),
				async (wanted, most) => {
					const { sent, outcomes, mostInALane } = await settle(wanted, most);
					expect(outcomes).toEqual(
						wanted.map(({ id, kind }) => ({ status: 'fulfilled', value: `${kind} ${id}` })),
					);
					for (const { ids } of sent) {
						expect(ids.length).toBeLessThanOrEqual(most);
						expect(new Set(ids).size).toBe(ids.length);
					}
					expect(mostInALane).toBeLessThanOrEqual(1);
					// What is wanted of one thing is sent in the order of the wishes, the same in a row once.
					for (const { id, lane } of wanted) {
						const kinds = wanted.filter((one) => one.id === id && one.lane === lane).map(({ kind }) => kind);
						const inARow = kinds.filter((kind, index) => kind !== kinds[index - 1]);
						expect(
							sent.filter((one) => one.lane === lane && one.ids.includes(id)).map(({ kind }) => kind),
						).toEqual(inARow);
					}
				},
			),
		);
	});

	it('about different things fill each batch, whatever their order', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(wish, { maxLength: 80 }),
				fc.integer({ min: 1, max: 20 }),
				async (some, most) => {
					const wanted = some.map((one, index) => ({ ...one, id: String(index) }));
					const { sent } = await settle(wanted, most);
					const counts = new Map<string, number>();
					for (const { kind, lane } of wanted) {
						counts.set(kind + lane, (counts.get(kind + lane) ?? 0) + 1);
					}
					const least = [...counts.values()].reduce((sum, count) => sum + Math.ceil(count / most), 0);
					expect(sent).toHaveLength(least);
				},
			),
		);
	});

	it('about what is dead fail alone', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(wish, { maxLength: 40 }), async (wanted) => {
				const isDead = (id: string) => id === 'a' || id === 'f';
				const { outcomes } = await settle(wanted, 5, isDead);
				expect(outcomes.map(({ status }) => status)).toEqual(
					wanted.map(({ id }) => (isDead(id) ? 'rejected' : 'fulfilled')),
				);
			}),
		);
	});
});

it('items that want something more afterwards are waited for, and it goes together as well', async () => {
	const batches = new Batches(50, new Turns(), async () => {});
	const sizes: number[] = [];
	const join = async (index: number, kind: string) =>
		await batches.join({
			index,
			id: String(index),
			kind,
			most: 20,
			isDoubtful: () => false,
			send: async (ids) => {
				sizes.push(ids.length);
				return (id) => id;
			},
		});
	const work = async (_: unknown, index: number) => {
		if (index % 5 > 0) await join(index, 'first');
		if (index % 5 > 1) await join(index, 'second');
		batches.leave();
	};
	await Promise.all(Array.from({ length: 50 }, work));
	expect(sizes).toEqual([20, 20, 20, 10]);
});

it('one dead thing among twenty costs no more than eleven requests', async () => {
	for (let dead = 0; dead < 20; dead++) {
		const wanted = Array.from({ length: 20 }, (_, index) => ({ id: String(index), kind: 'x' }));
		const { sent } = await settle(wanted, 20, (id) => id === String(dead));
		expect(sent.length).toBeLessThanOrEqual(11);
	}
});

it('what does not concern one thing is not tried in halves', async () => {
	const failed: string[][] = [];
	let sent = 0;
	await inHalves(['a', 'b'], () => false, {
		send: async () => {
			sent++;
			throw new Error('closed');
		},
		failed: async (ids) => void failed.push(ids),
	});
	expect([sent, failed]).toEqual([1, [['a', 'b']]]);
});
