/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- reads files of this repository and runs a command of theirs */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

import { version } from '../../package.json';

interface Step {
	uses?: string;
	run?: string;
}

interface Workflow {
	jobs: Record<string, { steps: Step[] }>;
}

const root = join(__dirname, '../..');
const directory = join(root, '.github/workflows');
const read = (file: string) => parse(readFileSync(join(directory, file), 'utf8')) as Workflow;
const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);

describe.each(readdirSync(directory))('the GitHub workflow %s', (file) => {
	it('names each action by its commit, which nobody can move, and tells its version', () => {
		const actions = stepsOf(read(file)).flatMap(({ uses }) => uses ?? []);
		expect(actions.length).toBeGreaterThan(0);
		for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
		const commented = readFileSync(join(directory, file), 'utf8').match(
			/uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/gm,
		);
		expect(commented).toHaveLength(actions.length);
	});
});

describe('the GitHub workflow ci.yml', () => {
	const commands = stepsOf(read('ci.yml')).flatMap(({ run }) => run ?? []);

	it('runs every layer of tests', () => {
		expect(commands).toEqual(
			expect.arrayContaining([
				'npm test',
				'npm run test:versions',
				'npm run test:e2e',
				'npm run test:e2e:queue',
			]),
		);
	});

	it('takes no browser from apt, where it is a snap', () => {
		expect(commands.join('\n')).not.toContain('chromium');
	});
});

describe('the GitHub workflow publish.yml', () => {
	const steps = read('publish.yml').jobs.publish!.steps;
	const check = steps.findIndex(({ run }) => run?.includes('GITHUB_REF_NAME'));
	const exitCode = (tag: string) =>
		spawnSync('bash', ['-e', '-c', steps[check]!.run!], {
			cwd: root,
			env: { PATH: process.env.PATH, GITHUB_REF_NAME: tag },
		}).status;

	it('publishes only what the tag names', () => {
		expect(exitCode(version)).toBe(0);
		for (const tag of ['9.9.9', `${version}-rc.1`, `v${version}`, ''])
			expect([tag, exitCode(tag)]).toEqual([tag, 1]);
	});

	it('looks at the tag before anything else of this repository runs', () => {
		const first = steps.findIndex(({ run }) => run !== undefined);
		expect(check).toBe(first);
	});
});
