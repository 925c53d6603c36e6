/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { buildIfNeeded } from '../test/real-n8n/package-tarball';
import { attachments } from './attachments';
import { coldStart } from './cold-start';
import { contention } from './contention';
import { growth } from './growth';
import { largeMail } from './large-mail';
import { latencies } from './latency';
import { mails } from './mails';
import { perItem } from './per-item';
import { quotas } from './quota';
import { chosen, publish, versionOf, type Part } from './report';
import { SandboxProcess } from './sandbox-process';

const say = (line: string) => void process.stderr.write(`${line}\n`);

/** Those that need a quiet machine first, with a process that is as warm as it will be. */
const order = {
	coldStart,
	perItem,
	growth,
	attachments,
	largeMail,
	quotas,
	latencies,
	contention,
	mails,
};

async function main(): Promise<void> {
	const measures = chosen(order);
	await buildIfNeeded(say);
	const sandboxes = new SandboxProcess();
	const parts: Part[] = [];
	for (const measure of measures) {
		const start = performance.now();
		const part = await measure(sandboxes);
		say(`${part.title}: ${Math.round((performance.now() - start) / 1000)} s`);
		parts.push(part);
	}
	await sandboxes.stop();
	parts.sort((one, other) => Number.parseInt(one.title, 10) - Number.parseInt(other.title, 10));
	const packages = ['n8n-core', 'n8n-workflow', 'axios'];
	const versions = Object.fromEntries(packages.map((name) => [name, versionOf(name)]));
	const met = await publish(parts, { Node: process.versions.node, ...versions });
	// n8n-core leaves timers behind.
	process.exit(met ? 0 : 1);
}

void main();
