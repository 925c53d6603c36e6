/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import type { Run } from '../test/engine/engine';
import { documentedQuotas, type ApiName, type Limit } from '../test/sandbox';
import { NodeRun } from './node-run';
import { median, type Part, type Target } from './report';
import type { Feishu, Journal, SandboxProcess } from './sandbox-process';

const MAILS = 1000;
const ROUNDS = 3;
const LATENCIES = [0, 300];
const LABELS = ['Customers', 'Invoices', 'Press', 'Suppliers', 'Team'];

/** How many mails one request is about at most. Docs: "batch_get", "batch_modify". */
const FULL = 20;

/** So many calls are about all mails. */
const FEWEST = MAILS / FULL;

/** Each mail gets one of the labels. */
const labelOf = (mail: number) => LABELS[Math.floor((mail * LABELS.length) / MAILS)]!;

/** All mails in a mixed order: 617 has no divisor in common with their number. */
const mixed = Array.from({ length: MAILS }, (_, index) => (index * 617) % MAILS);

/** What is done to a thousand mails. */
interface Task {
	name: string;
	run: (node: NodeRun, feishu: Feishu) => Promise<Run>;
	/** What the node calls for twenty mails at a time, in its order. */
	calls: Array<keyof typeof documentedQuotas>;
	/** The ids of the mails that came out of it right. */
	right: (run: Run, journal: Journal, feishu: Feishu) => string[];
	/** The same with a call for each mail. */
	single: { quota: Limit; inTurn: boolean };
}

const tasks: Task[] = [
	{
		name: 'read',
		run: async (node) =>
			await node.run({
				parameters: {
					resource: 'message',
					operation: 'getAll',
					folderId: { __rl: true, mode: 'list', value: 'INBOX' },
					returnAll: true,
				},
				outputs: MAILS,
			}),
		calls: ['mail.message.list', 'mail.message.batchGet'],
		right: ({ jsons }) => jsons.map(({ message_id }) => String(message_id)),
		single: { quota: documentedQuotas['mail.message.get'], inTurn: false },
	},
	{
		name: 'label',
		run: async (node, { mails }) =>
			await node.run({
				parameters: {
					resource: 'message',
					operation: 'addLabels',
					messageId: { __rl: true, mode: 'id', value: '={{ $json.id }}' },
					labelIds: '={{ $json.label }}',
				},
				items: mixed.map((mail) => ({ id: mails[mail]!, label: labelOf(mail) })),
				outputs: MAILS,
			}),
		calls: ['mail.message.batchModify'],
		right: (_run, { labelled }, { mails }) =>
			mails.filter((id, mail) => labelled[id]?.join() === labelOf(mail)),
		single: { quota: documentedQuotas['mail.message.modify'], inTurn: true },
	},
];

/**
 * Milliseconds below which nobody makes so many calls: between the first and the last of them, windows have to end and,
 * where each has to wait for the answer of the one before, a latency passes each time. Besides: the token, the labels or
 * the first list or the last mails, and the last call itself.
 */
const minimumOf = (calls: number, { limit, window }: Limit, latency: number, inTurn: boolean) =>
	Math.max((Math.ceil(calls / limit) - 1) * window * 1000, inTurn ? (calls - 1) * latency : 0) + 3 * latency;

interface Outcome {
	/** Milliseconds, and those of CPU in this process. */
	time: number;
	cpu: number;
	/** How many calls of each kind were carried out, and how many were refused in all. */
	calls: number[];
	refused: number;
	twice: number;
	lost: number;
}

async function measure(sandboxes: SandboxProcess, task: Task, latency: number): Promise<Outcome> {
	const feishu = await sandboxes.open({ latency, quotas: documentedQuotas, labels: LABELS, mails: MAILS });
	const before = process.cpuUsage();
	const start = performance.now();
	const run = await task.run(new NodeRun(feishu), feishu);
	const time = performance.now() - start;
	const { user, system } = process.cpuUsage(before);
	const journal = await sandboxes.journal(feishu.url);
	const done = (api: ApiName) => journal.calls.filter((call) => call.api === api && call.code === 0);
	const ids = task.calls.flatMap(done).flatMap((call) => call.ids);
	return {
		time,
		cpu: (user + system) / 1000,
		calls: task.calls.map((api) => done(api).length),
		refused: journal.calls.filter(({ code }) => code !== 0).length,
		twice: ids.length - new Set(ids).size,
		lost: MAILS - new Set(task.right(run, journal, feishu)).size,
	};
}

/** The median of the times, and the worst of everything else. */
function summary(rounds: Outcome[]): Outcome {
	const worst = (of: (outcome: Outcome) => number) => Math.max(...rounds.map(of));
	return {
		time: median(rounds.map(({ time }) => time)),
		cpu: median(rounds.map(({ cpu }) => cpu)),
		calls: rounds[0]!.calls.map((_, kind) => worst(({ calls }) => calls[kind]!)),
		refused: worst(({ refused }) => refused),
		twice: worst(({ twice }) => twice),
		lost: worst(({ lost }) => lost),
	};
}

/** A thousand mails, read and labelled. */
export async function mails(sandboxes: SandboxProcess): Promise<Part> {
	const cases = tasks.flatMap((task) =>
		LATENCIES.map((latency) => ({ task, latency, rounds: [] as Outcome[] })),
	);
	for (let round = 0; round < ROUNDS; round++) {
		for (const { task, latency, rounds } of cases) rounds.push(await measure(sandboxes, task, latency));
	}
	const measured = cases.map(({ task, latency, rounds }) => ({
		task,
		latency,
		minimum: minimumOf(FEWEST, documentedQuotas[task.calls[0]!], latency, true),
		...summary(rounds),
	}));
	const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
	return {
		title: '8. 1,000 mails',
		text: `${MAILS} mails listed and read (Get Many), and ${MAILS} labelled (Add Label, ${LABELS.length} labels, the mails in a mixed order), at the documented quotas, windows not shortened: 10 lists, 10 reads and 5 changes a second, of ${FULL} mails each. Latency is what each request takes, half before and half after the work. The minimum is that of ${FEWEST} full calls that follow each other, as a list needs the page token of the one before, and Feishu refuses changes of one mailbox that overlap (1236006): the windows that have to end (4 s and 9 s) or ${FEWEST - 1} latencies, whichever is longer, and 3 latencies: the token, the labels or the contents of the last page, and the last list or change itself. The node starts without a token and knows nothing of the quotas.

A call per mail is what n8n's Gmail node and a chain of HTTP Request nodes take. It would run for minutes, so only its minimum is computed, the same way: 100 single reads a minute, which need not wait for each other, and 5 single changes a second, which have to.

Medians of ${ROUNDS} rounds for time and CPU, the worst for all else; one row runs at a time. CPU is that of the node's process, most of it for n8n's evaluation of expressions.`,
		columns: ['', 'latency', 'calls', 'refused', 'time', 'CPU', 'minimum', 'time / minimum', 'twice', 'lost'],
		rows: measured.flatMap(({ task, latency, time, cpu, minimum, calls, refused, twice, lost }) => [
			[
				`${task.name}: Feishu Mail node`,
				`${latency} ms`,
				calls.join(' + '),
				String(refused),
				seconds(time),
				seconds(cpu),
				seconds(minimum),
				(time / minimum).toFixed(3),
				String(twice),
				String(lost),
			],
			[
				`${task.name}: a call per mail`,
				`${latency} ms`,
				[...calls.slice(1).map(() => FEWEST), MAILS].join(' + '),
				'',
				'',
				'',
				seconds(minimumOf(MAILS, task.single.quota, latency, task.single.inTurn)),
				'',
				'',
				'',
			],
		]),
		targets: measured.flatMap(({ task, latency, minimum, ...outcome }) => {
			const of = (what: string, value: number, atMost: number): Target => ({
				what: `${task.name}, ${latency} ms: ${what}`,
				value,
				atMost,
				digits: 0,
				unit: '',
			});
			return [
				{ ...of('time / minimum', outcome.time / minimum, 1.15), digits: 3 },
				...task.calls.map((api, kind) => of(`calls of ${api}`, outcome.calls[kind]!, FEWEST)),
				of('twice or lost', outcome.twice + outcome.lost, 0),
			];
		}),
	};
}
