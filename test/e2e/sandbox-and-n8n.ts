/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { startDemo, type Demo } from '../real-n8n/demo';
import type { N8nOptions } from '../real-n8n/instance';
import { Sandbox } from '../sandbox';

/** The first run installs n8n. */
const START_TIMEOUT_MS = 20 * 60_000;

export interface SandboxAndN8n {
	sandbox: Sandbox;
	demo: Demo;
}

/**
 * Starts a sandbox and a real n8n, as `npm start` does, before the tests of a file and stops them afterwards.
 *
 * @param env - further settings of n8n
 * @returns a function that gives them to a test
 */
export function useSandboxAndN8n(env?: N8nOptions['env']): () => SandboxAndN8n {
	let started: SandboxAndN8n | undefined;
	let sandbox: Sandbox | undefined;

	beforeAll(async () => {
		sandbox = await Sandbox.start({ port: 0 });
		const report = (line: string) => void process.stderr.write(`${line}\n`);
		started = { sandbox, demo: await startDemo(sandbox, { report, env }) };
	}, START_TIMEOUT_MS);

	afterAll(async () => {
		await started?.demo.n8n.stop();
		await sandbox?.close();
	}, 60_000);

	return () => {
		if (!started) throw new Error('n8n did not start');
		return started;
	};
}
