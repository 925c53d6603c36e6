/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- runs on Node, not inside n8n */
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import axios from 'axios';
import type { IBinaryData, IDataObject } from 'n8n-workflow';

import { fileStore } from './attachments';
import { settledMemory } from './growth';
import { NodeRun } from './node-run';
import { median, type Part } from './report';
import { hashOf, type Feishu, type SandboxProcess } from './sandbox-process';

const FILES = 4;

/** With four of them a mail is nearly as large as Feishu's official client sends: 25 MiB as a file. */
const SIZE = 4_800_000;

const ROUNDS = 3;

/** 100 Mbit a second. */
const BANDWIDTH = 12_500_000;

/** Milliseconds. */
const LATENCY = 60;

/** Milliseconds between two looks at the memory. */
const LOOK = 2;

/** What is sent. */
interface Letter {
	subject: string;
	/** Where they lie in n8n's store. */
	files: IBinaryData[];
}

type Client = (letter: Letter) => Promise<unknown>;

/** The node, and what one writes without it. */
const clients: Record<string, (feishu: Feishu) => Client> = {
	'Feishu Mail node': (feishu) => {
		const node = new NodeRun(feishu, 'user');
		const parameters = {
			resource: 'message',
			operation: 'send',
			userMailboxId: 'me',
			to: 'jane@example.org',
			subject: '={{ $json.subject }}',
			emailType: 'text',
			message: 'The files that you asked for.',
			additionalFields: { attachments: '={{ $json.files }}' },
		};
		return async (letter) =>
			await node.run({ parameters, items: [letter as unknown as IDataObject], outputs: 1 });
	},
	'axios, by hand':
		({ url, mailbox, tokens }) =>
		async ({ subject, files }) => {
			const store = await fileStore();
			const parts = await Promise.all(
				files.map(async ({ id, fileName }) => {
					const content = await readFile(store.getPath(id!));
					return [
						`Content-Type: application/octet-stream; name="${fileName}"`,
						`Content-Disposition: attachment; filename="${fileName}"`,
						'Content-Transfer-Encoding: base64',
						'',
						content.toString('base64').replace(/.{76}/g, '$&\n'),
					].join('\n');
				}),
			);
			const mail = [
				`From: ${mailbox}`,
				'To: jane@example.org',
				`Subject: ${subject}`,
				`Message-ID: <${randomBytes(12).toString('hex')}@example.com>`,
				'MIME-Version: 1.0',
				'Content-Type: multipart/mixed; boundary="between-parts"',
				'',
				...parts.flatMap((part) => ['--between-parts', part]),
				'--between-parts--',
				'',
			].join('\n');
			const { data } = await axios.post<{ code: number; msg: string }>(
				`${url}/open-apis/mail/v1/user_mailboxes/me/messages/send`,
				{ raw: Buffer.from(mail).toString('base64url') },
				{
					headers: { Authorization: `Bearer ${String(tokens.access_token)}` },
					proxy: false,
					validateStatus: () => true,
				},
			);
			if (data.code !== 0) throw new Error(`Feishu answers ${data.code}: ${data.msg}`);
		},
};

/** What sending a letter takes. */
interface Cost {
	/** The most bytes that the process held in memory, above what it held before. */
	memory: number;
	/** Milliseconds, and those of CPU. */
	time: number;
	cpu: number;
	/** Hashes of its files. */
	files: string[];
}

const SUBJECT = 'Large';

async function letterOf(subject: string, contents: Buffer[]): Promise<Letter> {
	const store = await fileStore();
	const place = { type: 'execution', workflowId: 'workflow', executionId: 'execution' } as const;
	const stored = contents.map(async (content, index) => {
		const file = { data: '', mimeType: 'application/pdf', fileName: `part ${index}.pdf` };
		return await store.store(place, content, file);
	});
	return { subject, files: await Promise.all(stored) };
}

/** Looks at the memory of the process from a thread of its own, also while the main one is busy. */
const WATCHING = `
	const { workerData } = require('node:worker_threads');
	const peak = new Float64Array(workerData.peak);
	setInterval(() => { peak[0] = Math.max(peak[0], process.memoryUsage.rss()); }, workerData.look);
`;

/** Sends a small mail first, then the large one, which is measured. */
async function send(name: string, feishu: Feishu): Promise<Cost> {
	const client = clients[name]!(feishu);
	const contents = (size: number) => Array.from({ length: FILES }, () => randomBytes(size));
	await client(await letterOf('Small', contents(100_000)));

	let files = contents(SIZE);
	const hashes = files.map(hashOf);
	const letter = await letterOf(SUBJECT, files);
	files = [];
	const peak = new Float64Array(new SharedArrayBuffer(8));
	const watch = new Worker(WATCHING, { eval: true, workerData: { peak: peak.buffer, look: LOOK } });
	await once(watch, 'online');
	await sleep(500);
	const { rss } = await settledMemory();
	const highest = process.resourceUsage().maxRSS * 1024;
	peak[0] = 0;
	const before = process.cpuUsage();
	const start = performance.now();
	await client(letter);
	const time = performance.now() - start;
	const { user, system } = process.cpuUsage(before);
	// What the system has seen is exact, but of the whole life of the process.
	const seen = process.resourceUsage().maxRSS * 1024;
	const memory = Math.max(peak[0], seen > highest ? seen : 0) - rss;
	await watch.terminate();
	return { memory, time, cpu: (user + system) / 1000, files: hashes };
}

/** One client in a process of its own, whose memory nothing else has used. */
async function measure(sandboxes: SandboxProcess, name: string) {
	const feishu = await sandboxes.open({ latency: LATENCY, bandwidth: BANDWIDTH });
	const child = fork(__filename);
	child.send({ name, feishu });
	const ended = once(child, 'exit');
	const [cost] = (await Promise.race([once(child, 'message'), ended])) as [Cost | number];
	if (typeof cost === 'number') throw new Error(`${name}: the process ended with ${cost}`);
	await ended;
	const { sent, calls } = await sandboxes.journal(feishu.url);
	const mail = sent.find(({ subject }) => subject === SUBJECT);
	if (mail?.files.join() !== cost.files.join()) throw new Error(`${name}: the files did not arrive`);
	// Those of the small mail are another half.
	const requests = calls.length / 2;
	const network = ((mail.size * 4) / 3 / BANDWIDTH) * 1000 + requests * LATENCY;
	return { ...cost, network, size: mail.size };
}

/** A mail with large files, on its way through memory and to Feishu. */
export async function largeMail(sandboxes: SandboxProcess): Promise<Part> {
	const names = Object.keys(clients);
	const rounds: Array<{ name: string } & Awaited<ReturnType<typeof measure>>> = [];
	for (let round = 0; round < ROUNDS; round++) {
		for (const name of names) rounds.push({ name, ...(await measure(sandboxes, name)) });
	}
	const measured = names.map((name) => {
		const own = rounds.filter((round) => round.name === name);
		const of = (read: (round: (typeof own)[number]) => number) => median(own.map(read));
		return {
			name,
			memory: Math.max(...own.map(({ memory }) => memory)),
			cpu: of(({ cpu }) => cpu),
			time: of(({ time }) => time),
			network: own[0]!.network,
		};
	});
	const files = FILES * SIZE;
	const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
	const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
	const [node, axiosByHand] = measured as [(typeof measured)[number], (typeof measured)[number]];
	return {
		title: '10. A mail of 20 MB',
		text: `A mail with ${FILES} files of ${megabytes(SIZE)} each, which lie on disk in n8n's store: ${megabytes(rounds[0]!.size)} as a file (EML), of which Feishu's official client sends 25 MiB at most, and a third more in the request. The line carries ${megabytes(BANDWIDTH)} a second, each request takes ${LATENCY} ms. Each run is in a process of its own, which has sent a small mail before. Median of ${ROUNDS} runs for CPU and time, the most for memory: resident memory above that before, garbage included, as a limit of a container counts it, looked at every ${LOOK} ms from a thread of its own.

"Network" is what nobody can do without: the bytes of the request at that rate, and a latency for each request, of which the node has three (the address of the mailbox, who may send, the mail). Besides it, the time has the node's CPU and the time that the sandbox takes to read the mail, the same for both. By hand means: read the files, put the mail together as a text, post it with axios.`,
		columns: [
			'',
			'memory',
			'memory / files',
			'CPU',
			'CPU per MB of files',
			'network',
			'time',
			'network / time',
		],
		rows: measured.map(({ name, memory, cpu, time, network }) => [
			name,
			megabytes(memory),
			(memory / files).toFixed(1),
			seconds(cpu),
			`${(cpu / (files / 1e6)).toFixed(1)} ms`,
			seconds(network),
			seconds(time),
			`${((network / time) * 100).toFixed(0)} %`,
		]),
		targets: [
			{ what: 'memory / files', value: node.memory / files, atMost: 5, digits: 1, unit: '' },
			{ what: 'CPU / network', value: node.cpu / node.network, atMost: 0.2, digits: 2, unit: '' },
			{
				what: 'time / axios, by hand',
				value: node.time / axiosByHand.time,
				atMost: 1.1,
				digits: 2,
				unit: '',
			},
		],
	};
}

if (require.main === module) {
	process.once('message', ({ name, feishu }: { name: string; feishu: Feishu }) => {
		void send(name, feishu).then(
			(cost) => process.send!(cost, () => process.exit()),
			(error: unknown) => {
				process.stderr.write(`${String(error)}\n`);
				process.exit(1);
			},
		);
	});
}
