/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import axios from 'axios';
import { CannotStart, type Report } from './cannot-start';
import { ensureN8n } from './install';
import { installPackage } from './package-tarball';
import { collectLog, killGroup, lastLines, startGroup, stopGroup } from './process-groups';

export const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 15_000;

/** Keeps n8n from asking hosts outside for anything; without these it works too, with noise in its log. */
const QUIET: NodeJS.ProcessEnv = {
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_DISABLED_MODULES: 'mcp-registry',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
};

export interface N8nOptions {
	/** Receives a line for each step. */
	report: Report;
	/** The packed node package (.tgz) to install; without it n8n starts with its own nodes only. */
	tarball?: string;
	/** n8n's user folder. Default: a new one that is removed on stop. */
	folder?: string;
	/** Default: a free one. */
	port?: number;
	/** Further environment variables of n8n, e.g. of its database or queue. */
	env?: NodeJS.ProcessEnv;
	/** n8n's command and its arguments. Default: `start`. */
	command?: string[];
	/** The path that answers JSON once it is ready. Default: `/rest/settings` (`/healthz` answers before the database is migrated). */
	readyPath?: string;
}

/** A running n8n. */
export interface N8n {
	url: string;
	port: number;
	/** Its user folder, which holds `.n8n`. */
	folder: string;
	/** What it has printed so far. */
	log(): string;
	/** Ends it as the system does when it shuts down; `stop` is still to be called. */
	end(): Promise<void>;
	/** Ends it at once, as a crash would; `stop` is still to be called. */
	kill(): Promise<void>;
	/** Stops it and everything it started, and removes a user folder that was made for it. */
	stop(): Promise<void>;
}

/** Ports that systems give to nobody who asks for any free one, as other tests do while a server here is starting. */
const PORTS = { from: 20_000, to: 30_000 };
const given = new Set<number>();

/** A TCP port of the loopback address that nobody listens on, each given once. */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = randomInt(PORTS.from, PORTS.to);
		if (given.has(port)) continue;
		given.add(port);
		if (await isFree(port)) return port;
	}
}

export async function isFree(port: number): Promise<boolean> {
	return await listenOnce(port).then(
		() => true,
		() => false,
	);
}

async function listenOnce(port: number): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(port, HOST, () => server.close(() => resolve()));
	});
}

/**
 * Refuses a port that another program uses.
 *
 * @param option - how the user chooses another one
 */
export async function checkPort(port: number, option: string): Promise<void> {
	await listenOnce(port).catch((error: NodeJS.ErrnoException) => {
		const reason =
			error.code === 'EADDRINUSE' ? 'is used by another program' : `cannot be used (${error.code})`;
		throw new CannotStart(
			`Port ${port} ${reason}. Stop that program, or choose another port with ${option}.`,
		);
	});
}

/**
 * Starts n8n in a user folder of its own and waits until it answers.
 *
 * @throws CannotStart when it cannot be installed or does not come up; the message ends with its last log lines
 */
export async function startN8n(options: N8nOptions): Promise<N8n> {
	const { report, tarball, command = ['start'], readyPath = '/rest/settings' } = options;
	const { node, n8n } = await ensureN8n(report);
	if (options.port !== undefined) await checkPort(options.port, '--port');
	const port = options.port ?? (await freePort());
	const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'n8n-nodes-feishu-mail-')));
	if (tarball) await installPackage(tarball, folder);

	const url = `http://localhost:${port}`;
	const child = startGroup(node, [join(__dirname, 'run-n8n.cjs'), n8n, ...command], {
		// n8n reads a .env file from the folder it is started in.
		cwd: folder,
		env: {
			...inheritedEnvironment(),
			...QUIET,
			N8N_USER_FOLDER: folder,
			N8N_PORT: String(port),
			N8N_LISTEN_ADDRESS: HOST,
			N8N_EDITOR_BASE_URL: url,
			N8N_WEBHOOK_URL: url,
			N8N_SECURE_COOKIE: 'false',
			N8N_RUNNERS_BROKER_PORT: String(await freePort()),
			...options.env,
		},
		stdio: ['pipe', 'pipe', 'pipe'],
	});
	const log = collectLog(child);
	const end = async () => await stopGroup(child, STOP_TIMEOUT_MS);
	const stop = async () => {
		await end();
		if (!options.folder) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
	};

	const problem = await waitUntilReady(child, `${url}${readyPath}`);
	if (problem) {
		await stop();
		throw new CannotStart(`n8n ${problem}. Its last lines were\n${lastLines(log())}`);
	}
	return { url, port, folder, log, stop, end, kill: async () => await killGroup(child) };
}

/** The environment without settings meant for another n8n, for jest or for npm, and with loopback hosts outside any proxy. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
	const foreign =
		/^(N8N_|DB_|QUEUE_|EXECUTIONS_|WEBHOOK_|CREDENTIALS_|NODES_|NODE_FUNCTION_|npm_|JEST_|NODE_ENV$|NODE_OPTIONS$|no_proxy$)/i;
	const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
	const noProxy = process.env.no_proxy ?? process.env.NO_PROXY;
	return {
		...Object.fromEntries(kept),
		NO_PROXY: [noProxy, 'localhost', HOST].filter(Boolean).join(','),
	};
}

/** Resolves to what went wrong, or to nothing once the URL answers JSON. */
async function waitUntilReady(child: ChildProcess, url: string): Promise<string | undefined> {
	let ended: string | undefined;
	child.once('error', (error) => {
		ended = `could not be started (${error.message})`;
	});
	child.once('exit', (code, signal) => {
		ended = `ended while starting (${signal ?? `exit code ${code}`})`;
	});
	const deadline = Date.now() + START_TIMEOUT_MS;
	while (!ended && Date.now() < deadline) {
		const response = await axios.get<unknown>(url, { timeout: 5_000, proxy: false }).catch(() => undefined);
		if (typeof response?.data === 'object') return ended;
		await sleep(200);
	}
	return ended ?? `did not answer within ${START_TIMEOUT_MS / 1000} s`;
}
