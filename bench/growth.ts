/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { IExecuteFunctions, INodeExecutionData, INodeType } from 'n8n-workflow';

import { builtNode, NodeRun } from './node-run';
import { median, type Part } from './report';
import type { SandboxProcess } from './sandbox-process';

const SMALL = 100;
const LARGE = 10_000;

/** How often each size is timed. Small ones come before and after the large one, lest they meet a quieter machine. */
const SCHEDULE = [
	{ items: SMALL, runs: 15 },
	{ items: 1000, runs: 3 },
	{ items: LARGE, runs: 1 },
	{ items: 1000, runs: 3 },
	{ items: SMALL, runs: 15 },
];

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is in use, garbage collected. */
export async function settledMemory(): Promise<NodeJS.MemoryUsage> {
	// Closed sockets are freed some time after their last answer.
	await sleep(50);
	// The first collection frees buffers in the background; the second waits for that.
	collectGarbage();
	collectGarbage();
	return process.memoryUsage();
}

const usedHeap = async () => (await settledMemory()).heapUsed;

type Measure = (execute: () => Promise<INodeExecutionData[][]>) => Promise<INodeExecutionData[][]>;

/** The node with its `execute` measured, so that what the engine does once per execution is not in it. */
function measuredNode(measure: Measure): INodeType {
	const { description, execute } = builtNode();
	return {
		description,
		async execute(this: IExecuteFunctions) {
			return await measure(async () => (await execute!.call(this)) as INodeExecutionData[][]);
		},
	};
}

/** Whether an item costs more where there are many. */
export async function growth(sandboxes: SandboxProcess): Promise<Part> {
	const create = async (items: number, measure: Measure) => {
		const feishu = await sandboxes.open();
		const run = new NodeRun(feishu);
		await run.create('contact', 1);
		await run.create('label', items, measuredNode(measure));
		await sandboxes.journal(feishu.url);
	};

	/** Milliseconds of time and CPU per item. */
	const time = async (items: number) => {
		let wall = 0;
		let cpu = 0;
		await create(items, async (execute) => {
			const before = process.cpuUsage();
			const start = performance.now();
			const output = await execute();
			wall = (performance.now() - start) / items;
			const { user, system } = process.cpuUsage(before);
			cpu = (user + system) / 1000 / items;
			return output;
		});
		return { wall, cpu };
	};

	/** Bytes per item when all items are done and the node still holds what it needed for them. */
	const weigh = async (items: number) => {
		let held = 0;
		let output = 0;
		await create(items, async (execute) => {
			const before = await usedHeap();
			const original = await execute();
			const after = await usedHeap();
			const copy = structuredClone(original);
			held = (after - before) / items;
			output = ((await usedHeap()) - after) / items;
			return copy;
		});
		return { output, beside: held - output };
	};

	await time(3000);
	await weigh(1000);
	const times = new Map<number, Array<Awaited<ReturnType<typeof time>>>>();
	for (const { items, runs } of SCHEDULE) {
		for (let run = 0; run < runs; run++) times.set(items, [...(times.get(items) ?? []), await time(items)]);
	}
	const measured: Array<Record<'items' | 'runs' | 'wall' | 'cpu' | 'output' | 'beside', number>> = [];
	for (const [items, all] of times) {
		const weights: Array<Awaited<ReturnType<typeof weigh>>> = [];
		for (let weighed = 0; weighed < 1000; weighed += items) weights.push(await weigh(items));
		measured.push({
			items,
			runs: all.length,
			wall: median(all.map(({ wall }) => wall)),
			cpu: median(all.map(({ cpu }) => cpu)),
			output: median(weights.map(({ output }) => output)),
			beside: median(weights.map(({ beside }) => beside)),
		});
	}
	const of = (size: number) => measured.find(({ items }) => items === size)!;
	return {
		title: '3. Many items',
		text: `Labels in one execution, no quota, no latency: inside of the node, medians after a warm-up. Memory is the heap in use after forced garbage collections, when all items are done and the node still holds what it needed for them; the output is weighed by copying it.`,
		columns: [
			'items',
			'runs',
			'time per item',
			'CPU per item',
			'output per item',
			'memory per item above it',
		],
		rows: measured.map(({ items, runs, wall, cpu, output, beside }) => [
			items.toLocaleString('en'),
			String(runs),
			`${wall.toFixed(3)} ms`,
			`${cpu.toFixed(3)} ms`,
			`${(output / 1000).toFixed(2)} kB`,
			`${(beside / 1000).toFixed(2)} kB`,
		]),
		targets: [
			{
				what: `CPU per item at ${LARGE} / at ${SMALL}`,
				value: of(LARGE).cpu / of(SMALL).cpu,
				atMost: 1.2,
				digits: 2,
				unit: '',
			},
			...measured.map(({ items, beside }) => ({
				what: `memory per item above the output, ${items} items`,
				value: beside / 1000,
				atMost: 4,
				digits: 2,
				unit: ' kB',
			})),
		],
	};
}
