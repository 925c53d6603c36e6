/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { extract } from 'tar';
import { CannotStart, type Report } from './cannot-start';
import { lastLines, runNpm } from './process-groups';

const PROJECT = resolve(__dirname, '..', '..');
const SOURCES = [
	'nodes',
	'credentials',
	'icons',
	'package.json',
	'tsconfig.json',
	'gulpfile.js',
	'.prettierrc.json',
];

/** Runs `npm run build` when a source is newer than the newest built file. */
export async function buildIfNeeded(report: Report): Promise<void> {
	const sources = await Promise.all(SOURCES.map(async (name) => await newest(join(PROJECT, name))));
	if ((await newest(join(PROJECT, 'dist'))) >= Math.max(...sources)) return;
	report('Building the package (npm run build) ...');
	const { exitCode, output } = await runNpm(['run', 'build'], { cwd: PROJECT });
	if (exitCode !== 0) throw new CannotStart(`The build failed:\n${lastLines(output, 30)}`);
}

/** The latest modification in a file or folder, in milliseconds; 0 when there is none. */
async function newest(path: string): Promise<number> {
	const status = await stat(path).catch(() => undefined);
	if (!status) return 0;
	if (!status.isDirectory()) return status.mtimeMs;
	const entries = await readdir(path);
	const times = await Promise.all(entries.map(async (entry) => await newest(join(path, entry))));
	return Math.max(status.mtimeMs, ...times);
}

/** Packs the built package as npm would publish it, and returns the tarball's path. */
export async function packPackage(directory: string): Promise<string> {
	const { exitCode, output } = await runNpm(
		['pack', '--pack-destination', directory, '--ignore-scripts', '--loglevel=error'],
		{ cwd: PROJECT },
	);
	const tarball = (await readdir(directory)).find((name) => name.endsWith('.tgz'));
	if (exitCode !== 0 || !tarball) throw new CannotStart(`npm pack failed:\n${lastLines(output)}`);
	return join(directory, tarball);
}

/**
 * Puts a packed node package where n8n looks for community packages, with the steps of n8n's own installer
 * (community-packages.service.js, 2.41): unpack, and drop the dependencies that only developers need.
 */
export async function installPackage(tarball: string, userFolder: string): Promise<void> {
	const { name } = JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8')) as { name: string };
	const directory = join(userFolder, '.n8n', 'nodes', 'node_modules', name);
	await rm(directory, { recursive: true, force: true });
	await mkdir(directory, { recursive: true });
	await extract({ file: tarball, cwd: directory, strip: 1 });
	const manifestPath = join(directory, 'package.json');
	const manifest = JSON.parse(await readFile(manifestPath, 'utf8')) as Record<string, unknown>;
	for (const key of ['devDependencies', 'peerDependencies', 'optionalDependencies']) delete manifest[key];
	await writeFile(manifestPath, JSON.stringify(manifest, null, 2));
}
