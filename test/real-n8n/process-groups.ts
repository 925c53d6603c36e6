/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- runs on Node, not inside n8n */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { CannotStart } from './cannot-start';

const WINDOWS = process.platform === 'win32';
const live = new Set<ChildProcess>();
let ending = false;

/** Starts a program as the leader of its own process group, so that its descendants can be ended with it. */
export function startGroup(command: string, args: string[], options: SpawnOptions): ChildProcess {
	if (ending) throw new CannotStart('Stopped before it was ready.');
	const child = spawn(command, args, { ...options, detached: !WINDOWS });
	live.add(child);
	child.once('exit', () => live.delete(child));
	child.once('error', () => live.delete(child));
	return child;
}

/** Sends a signal to a program and everything it started (on Windows: to the program). */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
	if (child.pid === undefined) return;
	try {
		if (WINDOWS) child.kill(signal);
		else process.kill(-child.pid, signal);
	} catch {
		// ESRCH: nothing of the group is left.
	}
}

/** Ends at once every group that is still running and starts no more; for the moment this process itself ends. */
export function killGroups(): void {
	ending = true;
	for (const child of live) signalGroup(child, 'SIGKILL');
}

/** Asks a program to stop (SIGTERM), and kills its whole group after `graceMs` or once it has exited. */
export async function stopGroup(child: ChildProcess, graceMs: number): Promise<void> {
	if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
		await new Promise<void>((resolve) => {
			const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
			child.once('exit', () => {
				clearTimeout(timer);
				resolve();
			});
			child.kill('SIGTERM');
		});
	}
	signalGroup(child, 'SIGKILL');
}

/** Ends a program and everything it started at once, as a crash of the machine would, and waits until it is gone. */
export async function killGroup(child: ChildProcess): Promise<void> {
	const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	const running = child.pid !== undefined && child.exitCode === null && child.signalCode === null;
	signalGroup(child, 'SIGKILL');
	if (running) await gone;
}

/**
 * Keeps what a program prints.
 *
 * @returns a function that gives the last 200,000 characters so far
 */
export function collectLog(child: ChildProcess): () => string {
	let log = '';
	const collect = (chunk: Buffer) => {
		log = (log + chunk.toString()).slice(-200_000);
	};
	child.stdout?.on('data', collect);
	child.stderr?.on('data', collect);
	return () => log;
}

/**
 * Runs a program to its end without blocking this process.
 *
 * @returns its exit code (1 when it was killed or could not be started) and all it printed
 */
export async function runGroup(
	command: string,
	args: string[],
	options: SpawnOptions,
): Promise<{ exitCode: number; output: string }> {
	const child = startGroup(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	const collect = (chunk: Buffer) => {
		output += chunk.toString();
	};
	child.stdout?.on('data', collect);
	child.stderr?.on('data', collect);
	const exitCode = await new Promise<number>((resolve) => {
		child.once('error', (error) => {
			output += error.message;
			resolve(1);
		});
		child.once('close', (code) => resolve(code ?? 1));
	});
	return { exitCode, output };
}

/** Runs npm, whose program is a shell script on Windows. */
export async function runNpm(args: string[], options: SpawnOptions) {
	return await runGroup('npm', args, { ...options, shell: WINDOWS });
}

/** The last lines of what a program printed, indented, for an error message. */
export function lastLines(output: string, count = 15): string {
	return output
		.trimEnd()
		.split('\n')
		.slice(-count)
		.map((line) => `    ${line}`)
		.join('\n');
}
