/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import axios from 'axios';
import { BinaryDataService } from 'n8n-core';

import { mailboxClient } from './axios-client';
import { settledMemory } from './growth';
import { NodeRun } from './node-run';
import type { Part } from './report';
import { fileOf, type Feishu, type SandboxProcess } from './sandbox-process';

const MAILS = 100;
const SIZE = 2_000_000;
const MOST = 16_000_000;

/** A stored file of the mail with a subject. */
interface Stored {
	subject: string;
	path: string;
}

/** A mail as the node gives it. */
interface MailWithFile {
	message_id: string;
	subject: string;
	attachments: Array<{ id: string }>;
}

/** n8n's store of files, in filesystem mode, which is its default. */
export async function fileStore(): Promise<BinaryDataService> {
	const { Container } = createRequire(require.resolve('n8n-core'))('@n8n/di') as typeof import('@n8n/di');
	const store = Container.get(BinaryDataService);
	await store.init();
	return store;
}

const readInbox = async (feishu: Feishu, downloadAttachments: boolean) =>
	await new NodeRun(feishu).run({
		parameters: {
			resource: 'message',
			operation: 'getAll',
			folderId: { __rl: true, mode: 'list', value: 'INBOX' },
			returnAll: true,
			options: { downloadAttachments },
		},
		outputs: MAILS,
	});

/** The node, and what one writes without it: each stores the files of all mails. */
async function contestants(
	feishu: Feishu,
	directory: string,
): Promise<Record<string, () => Promise<Stored[]>>> {
	const store = await fileStore();
	const mails = (await readInbox(feishu, false)).jsons as unknown as MailWithFile[];
	// While garbage is collected, the server gives up connections that it finds idle.
	const http = await mailboxClient(feishu, { keepAlive: false });

	const fetchEach = async (fetch: (link: string, path: string) => Promise<void>) => {
		const stored: Stored[] = [];
		for (const { message_id, subject, attachments } of mails) {
			const { data } = await http.get<{ data: { download_urls: [{ download_url: string }] } }>(
				`/messages/${encodeURIComponent(message_id)}/attachments/download_url`,
				{ params: { attachment_ids: attachments[0]!.id } },
			);
			const path = join(directory, `${stored.length}.pdf`);
			await fetch(data.data.download_urls[0].download_url, path);
			stored.push({ subject, path });
		}
		return stored;
	};

	return {
		'Feishu Mail node': async () => {
			const { outputs } = await readInbox(feishu, true);
			return outputs[0]!.map(({ json, binary }) => ({
				subject: String(json.subject),
				path: store.getPath(binary!.attachment_0!.id!),
			}));
		},
		'axios, streamed': async () =>
			await fetchEach(async (link, path) => {
				const { data } = await axios.get<Readable>(link, { responseType: 'stream', proxy: false });
				await pipeline(data, createWriteStream(path));
			}),
		'axios, whole files': async () =>
			await fetchEach(async (link, path) => {
				const { data } = await axios.get<Buffer>(link, { responseType: 'arraybuffer', proxy: false });
				await writeFile(path, data);
			}),
	};
}

const bytesOf = ({ heapUsed, external }: NodeJS.MemoryUsage) => heapUsed + external;

/** What is in use, garbage collected. */
const held = async () => bytesOf(await settledMemory());

/** What is in use together with the garbage that Node has not collected yet. */
async function taken(): Promise<number> {
	await sleep(2);
	return bytesOf(process.memoryUsage());
}

/** The most bytes that samples during work find above what was in use before. */
async function peakOf(work: () => Promise<unknown>, sample: () => Promise<number>): Promise<number> {
	const before = await held();
	let peak = before;
	let isOver = false;
	const working = work().finally(() => (isOver = true));
	while (!isOver) peak = Math.max(peak, await sample());
	await working;
	return peak - before;
}

/** How many of the files are on disk as they should be; they are deleted. */
async function countRight(files: Stored[]): Promise<number> {
	const right = new Set<string>();
	for (const { subject, path } of files) {
		if ((await readFile(path)).equals(fileOf(subject, SIZE))) right.add(subject);
		await rm(path);
	}
	return right.size;
}

/** What the files of mails take of the memory on their way to the disk. */
export async function attachments(sandboxes: SandboxProcess): Promise<Part> {
	const feishu = await sandboxes.open({ mails: MAILS, fileSize: SIZE });
	const directory = await mkdtemp(join(tmpdir(), 'feishu-mail-files-'));
	const measured = [];
	for (const [name, fetchFiles] of Object.entries(await contestants(feishu, directory))) {
		const peaks = [];
		let right = MAILS;
		for (const sample of [held, taken]) {
			let files: Stored[] = [];
			peaks.push(await peakOf(async () => (files = await fetchFiles()), sample));
			right = Math.min(right, await countRight(files));
		}
		measured.push({ name, held: peaks[0]!, taken: peaks[1]!, right });
	}
	await sandboxes.journal(feishu.url);
	await rm(directory, { recursive: true });
	const node = measured[0]!;
	return {
		title: '9. Files in memory',
		text: `${MAILS} mails with a file of ${SIZE / 1e6} MB each, no quota, no latency: Get Many with Download Attachments, with n8n's store in filesystem mode. Bytes of heap and external memory above those before the run, the most of many samples: what is held is sampled after forced garbage collections, in a run of its own. Garbage is for Node to collect, which lets tens of MB of buffers come together first, where files are streamed without n8n, too. Axios asks for the same links, one after the other.`,
		columns: ['', 'held', 'with garbage', 'right on disk'],
		rows: measured.map(({ name, held, taken, right }) => [
			name,
			`${(held / 1e6).toFixed(1)} MB`,
			`${(taken / 1e6).toFixed(1)} MB`,
			String(right),
		]),
		targets: [
			{
				what: 'memory held above the baseline',
				value: node.held / 1e6,
				atMost: MOST / 1e6,
				digits: 1,
				unit: ' MB',
			},
			{ what: 'files that are not right', value: MAILS - node.right, atMost: 0, digits: 0, unit: '' },
		],
	};
}
