/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions, no-console -- a command for a terminal */
import { spawnSync } from 'node:child_process';

import { CannotStart } from '../real-n8n/cannot-start';
import { version as newest } from 'n8n-core/package.json';
import { ensureCore, olderReleases } from './n8nCore';

/**
 * `npm run test:versions`: the engine tests on n8n-core and n8n-workflow of several releases of n8n, the oldest that
 * the READMEs name and the newest among them. `npm run test:versions -- 2.0.0` takes one of them.
 *
 * Exit code 1: a test fails on one of them.
 */
async function main(): Promise<void> {
	const wanted = process.argv.slice(2);
	const isWanted = (n8n: string) => wanted.length === 0 || wanted.includes(n8n);
	const failed: string[] = [];
	const test = (name: string, environment: NodeJS.ProcessEnv) => {
		console.log(`\nThe engine tests on ${name}`);
		const { status } = spawnSync(
			process.execPath,
			['node_modules/jest/bin/jest.js', '--selectProjects', 'engine', 'event-loop'],
			{
				stdio: 'inherit',
				env: { ...process.env, ...environment },
			},
		);
		if (status !== 0) failed.push(name);
	};
	for (const release of olderReleases.filter(({ n8n }) => isWanted(n8n))) {
		const modules = await ensureCore(release, (line) => console.log(line));
		test(`n8n ${release.n8n}`, { N8N_MODULES: modules });
	}
	if (isWanted('newest')) test(`n8n-core ${newest}`, {});
	console.log(failed.length > 0 ? `\nFailed on ${failed.join(', ')}` : '\nPassed on each of them');
	if (failed.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
	console.error(error instanceof CannotStart ? error.message : error);
	process.exitCode = 1;
});
