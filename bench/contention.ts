import { axiosClient } from './axios-client';
import { nameOf, NodeRun } from './node-run';
import { ITEMS, labels, openWith, read } from './quota';
import type { Part } from './report';
import type { Feishu, SandboxProcess } from './sandbox-process';

const LATENCY = 700;

/** Labels that another client makes in the first window. */
const ANOTHERS = 4;

/** Who draws on the quota, and the most requests that one window may refuse. */
const cases = [
	{ name: 'one execution alone', executions: 1, anothers: 0, refused: 7 },
	{
		name: `another client took ${ANOTHERS} of the first window`,
		executions: 1,
		anothers: ANOTHERS,
		refused: 8,
	},
	{ name: 'two executions at once', executions: 2, anothers: 0, refused: 12 },
];

/** Executions that have a token, so that their first labels come together with the other client's. */
async function warm(feishu: Feishu, executions: number): Promise<NodeRun[]> {
	const runs = Array.from({ length: executions }, () => new NodeRun(feishu));
	for (const run of runs) await run.create('contact', 1);
	return runs;
}

async function measure(sandboxes: SandboxProcess, { executions, anothers }: (typeof cases)[number]) {
	const feishu = await openWith(sandboxes, labels, LATENCY);
	const runs = await warm(feishu, executions);
	const another = await axiosClient(feishu);
	const share = ITEMS / executions;
	const start = performance.now();
	await Promise.all([
		...Array.from(
			{ length: anothers },
			async (_, index) => await another('label', nameOf('label', ITEMS + index)),
		),
		...runs.map(async (run, index) => await run.create('label', share, undefined, index * share)),
	]);
	const time = performance.now() - start;
	const { names, calls } = await sandboxes.journal(feishu.url);
	// The contacts of the warm-up came first, in both lists.
	const journal = { names: names.slice(executions), calls: calls.slice(executions) };
	const items = ITEMS + anothers;
	const ideal = (Math.ceil(items / labels.limit) - 1) * labels.window * 1000 + LATENCY;
	return { ...read(journal, labels, items), time, ideal };
}

/** A quota that others draw on, too. */
export async function contention(sandboxes: SandboxProcess): Promise<Part> {
	const measured = await Promise.all(
		cases.map(async (each) => ({ ...(await measure(sandboxes, each)), each })),
	);
	return {
		title: '7. A shared quota',
		text: `${ITEMS} labels at ${labels.limit} per ${labels.window} s, with ${LATENCY} ms of latency per request, half before and half after the work. The two executions make half of them each and know nothing of each other, as in two processes. The ideal is the windows that have to end, and the last request. All rows run at the same time, each on a quota of its own.`,
		columns: ['', 'time', 'ideal', 'time / ideal', 'refused', 'most per window', 'created', 'twice', 'lost'],
		rows: measured.map(({ each, time, ideal, refusals, refused, created, twice, lost }) => [
			each.name,
			`${(time / 1000).toFixed(2)} s`,
			`${(ideal / 1000).toFixed(2)} s`,
			(time / ideal).toFixed(3),
			String(refusals),
			String(refused),
			String(created),
			String(twice),
			String(lost),
		]),
		targets: measured.flatMap(({ each, time, ideal, refused, twice, lost }) => [
			{ what: `${each.name}: time / ideal`, value: time / ideal, atMost: 1.3, digits: 2, unit: '' },
			{ what: `${each.name}: refused per window`, value: refused, atMost: each.refused, digits: 0, unit: '' },
			{ what: `${each.name}: twice or lost`, value: twice + lost, atMost: 0, digits: 0, unit: '' },
		]),
	};
}
