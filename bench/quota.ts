/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { setTimeout as sleep } from 'node:timers/promises';

import { axiosClient, type Kind } from './axios-client';
import { NodeRun, nameOf } from './node-run';
import type { Part, Target } from './report';
import type { Feishu, Journal, SandboxProcess } from './sandbox-process';

export const ITEMS = 60;

interface Quota {
	kind: Kind;
	limit: number;
	/** Seconds. */
	window: number;
	/** Items that the node has in flight, so requests that may meet a full window. */
	inFlight: number;
}

/** The documented quotas; the contacts' minute is shortened to two seconds. */
export const contacts: Quota = { kind: 'contact', limit: 20, window: 2, inFlight: 1 };
export const labels: Quota = { kind: 'label', limit: 5, window: 1, inFlight: 6 };

/** Milliseconds below which no client can create all items: every window but the last has to end. */
export const minimumOf = ({ limit, window }: Quota) => (ITEMS / limit - 1) * window * 1000;

/** Opens a Feishu with a quota. */
export async function openWith(
	sandboxes: SandboxProcess,
	{ kind, limit, window }: Quota,
	latency = 0,
): Promise<Feishu> {
	return await sandboxes.open({ latency, quotas: { [`mail.${kind}.create`]: { limit, window } } });
}

interface Outcome {
	/** Milliseconds. */
	time: number;
	/** The most requests that one window refused. */
	refused: number;
	created: number;
	twice: number;
	lost: number;
}

const clients: Record<string, (feishu: Feishu, quota: Quota) => Promise<unknown>> = {
	'Feishu Mail node': async (feishu, { kind }) => await new NodeRun(feishu).create(kind, ITEMS),
	'axios, a plain loop': async (feishu, { kind }) => {
		const create = await axiosClient(feishu);
		for (let index = 0; index < ITEMS; index++) await create(kind, nameOf(kind, index));
	},
	'axios, evenly paced': async (feishu, { kind, limit, window }) => {
		const create = await axiosClient(feishu);
		for (let index = 0; index < ITEMS; index++) {
			await create(kind, nameOf(kind, index));
			if (index < ITEMS - 1) await sleep((window * 1000) / limit);
		}
	},
};

/** Sixty items against a quota: how long it takes, and what is lost. */
export async function quotas(sandboxes: SandboxProcess): Promise<Part> {
	const measured = await Promise.all(
		[contacts, labels].flatMap((quota) =>
			Object.entries(clients).map(async ([client, run]) => {
				const feishu = await openWith(sandboxes, quota);
				const start = performance.now();
				await run(feishu, quota);
				const time = performance.now() - start;
				return { client, quota, ...read(await sandboxes.journal(feishu.url), quota), time };
			}),
		),
	);
	return {
		title: `1. ${ITEMS} items against a quota`,
		text: `${ITEMS} contacts at ${contacts.limit} per window of ${contacts.window} s (Feishu's is a minute) and ${ITEMS} labels at ${labels.limit} per ${labels.window} s, no latency. The minimum is the windows that have to end: ${ITEMS / contacts.limit - 1} and ${ITEMS / labels.limit - 1}. The node starts without a token and knows nothing of the quota; the paced loop knows it and pauses for its even share after each request. All rows run at the same time, each on a quota of its own.`,
		columns: ['', 'time', 'minimum', 'time / minimum', 'refused per window', 'created', 'twice', 'lost'],
		rows: measured.map(({ client, quota, time, refused, created, twice, lost }) => [
			`${quota.kind}s: ${client}`,
			`${(time / 1000).toFixed(2)} s`,
			`${(minimumOf(quota) / 1000).toFixed(2)} s`,
			lost ? '' : (time / minimumOf(quota)).toFixed(3),
			String(refused),
			String(created),
			String(twice),
			String(lost),
		]),
		targets: measured
			.filter(({ client }) => client === 'Feishu Mail node')
			.flatMap(({ quota, ...outcome }) => targetsOf(quota, outcome)),
	};
}

function targetsOf(quota: Quota, { time, refused, twice, lost }: Outcome): Target[] {
	const of = (what: string, value: number, atMost: number): Target => ({
		what: `${quota.kind}s: ${what}`,
		value,
		atMost,
		digits: 0,
		unit: '',
	});
	return [
		{ ...of('time', time, 1.05 * minimumOf(quota) + 100), unit: ' ms' },
		of('refused per window', refused, quota.inFlight),
		of('twice', twice, 0),
		of('lost', lost, 0),
	];
}

/** Reads what became of so many items. */
export function read(
	{ names, calls }: Pick<Journal, 'names' | 'calls'>,
	{ limit }: Quota,
	items = ITEMS,
): Omit<Outcome, 'time'> & { refusals: number } {
	const refused: number[] = [];
	let accepted = 0;
	for (const { code } of calls) {
		if (code === 0) accepted++;
		else refused[Math.floor(accepted / limit)] = (refused[Math.floor(accepted / limit)] ?? 0) + 1;
	}
	const different = new Set(names).size;
	return {
		refused: Math.max(0, ...refused.filter((count) => count)),
		refusals: calls.length - accepted,
		created: names.length,
		twice: names.length - different,
		lost: items - different,
	};
}
