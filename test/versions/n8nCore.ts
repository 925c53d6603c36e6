/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { CannotStart, type Report } from '../real-n8n/cannot-start';
import { cacheDirectory, npmEnvironment } from '../real-n8n/install';
import { lastLines, runNpm } from '../real-n8n/process-groups';

/** What a release of n8n runs nodes with. */
export interface Release {
	n8n: string;
	/** Of the package n8n-core. */
	core: string;
	/** Of the package n8n-workflow, which n8n-core pins. */
	workflow: string;
}

/** The oldest n8n that the READMEs name, one from the middle, and the last whose error items had two keys at most. */
export const olderReleases: Release[] = [
	{ n8n: '2.0.0', core: '2.0.0', workflow: '2.0.0' },
	{ n8n: '2.20.12', core: '2.20.6', workflow: '2.20.3' },
	{ n8n: '2.35.7', core: '2.35.5', workflow: '2.35.3' },
];

/**
 * Installs n8n-core and n8n-workflow of a release on first use, outside of the checkout, and finds them afterwards.
 *
 * @returns the folder of their modules
 * @throws CannotStart when npm fails
 */
export async function ensureCore({ n8n, core, workflow }: Release, report: Report): Promise<string> {
	const cache = cacheDirectory();
	const directory = join(cache, `n8n-core-${core}-${workflow}`);
	const modules = join(directory, 'node_modules');
	if (existsSync(directory)) return modules;
	report(`Installing n8n-core of n8n ${n8n} in ${directory}, for this and all later runs`);
	await mkdir(cache, { recursive: true });
	const partial = await mkdtemp(join(cache, `installing-${process.pid}-`));
	try {
		await writeFile(join(partial, 'package.json'), '{ "private": true }');
		const { exitCode, output } = await runNpm(
			[
				'install',
				...['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
				...[`n8n-core@${core}`, `n8n-workflow@${workflow}`],
			],
			{ cwd: partial, env: npmEnvironment() },
		);
		if (exitCode !== 0) throw new CannotStart(`npm install failed:\n${lastLines(output)}`);
		await rename(partial, directory);
	} finally {
		await rm(partial, { recursive: true, force: true });
	}
	return modules;
}
