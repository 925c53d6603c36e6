/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { buildIfNeeded } from '../test/real-n8n/package-tarball';
import { attachments } from './attachments';
import { coldStart } from './cold-start';
import { contention } from './contention';
import { growth } from './growth';
import { latencies } from './latency';
import { mails } from './mails';
import { perItem } from './per-item';
import { quotas } from './quota';
import { publish, versionOf, type Part } from './report';
import { SandboxProcess } from './sandbox-process';

const say = (line: string) => void process.stderr.write(`${line}\n`);

/** Those that need a quiet machine first, with a process that is as warm as it will be. */
const order = { coldStart, perItem, growth, attachments, quotas, latencies, contention, mails };

/** Those that the arguments name; all without. */
function chosen() {
	const names = process.argv.slice(2);
	const unknown = names.find((name) => !(name in order));
	if (unknown) throw new Error(`No part is called ${unknown}; there are ${Object.keys(order).join(', ')}`);
	return Object.entries(order).filter(([name]) => names.length === 0 || names.includes(name));
}

async function main(): Promise<void> {
	const measures = chosen();
	await buildIfNeeded(say);
	const sandboxes = new SandboxProcess();
	const parts: Part[] = [];
	for (const [, measure] of measures) {
		const start = performance.now();
		const part = await measure(sandboxes);
		say(`${part.title}: ${Math.round((performance.now() - start) / 1000)} s`);
		parts.push(part);
	}
	await sandboxes.stop();
	parts.sort((one, other) => one.title.localeCompare(other.title));
	const packages = ['n8n-core', 'n8n-workflow', 'axios'];
	const versions = Object.fromEntries(packages.map((name) => [name, versionOf(name)]));
	const met = await publish(parts, { Node: process.versions.node, ...versions });
	// n8n-core leaves timers behind.
	process.exit(met ? 0 : 1);
}

void main();
