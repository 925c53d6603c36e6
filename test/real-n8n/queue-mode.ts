import { randomBytes } from 'node:crypto';
import type { Sandbox } from '../sandbox';
import type { Report } from './cannot-start';
import { N8nClient } from './client';
import { setUpAccount, withTarball, type Demo } from './demo';
import { freePort, HOST, startN8n, type N8n, type N8nOptions } from './instance';
import { startQueueServers, type QueuePrograms, type QueueServers } from './queue-servers';

/** What a worker does at once; n8n's default. */
export const CONCURRENCY = 10;

/** For a database on a machine that is busy with other things. */
const PATIENCE_MS = 120_000;

const LAST_LINES = 20;

/** An n8n in queue mode: one process that takes requests, and workers that run the executions. */
export interface QueueMode extends Pick<Demo, 'client' | 'owner' | 'credential'> {
	main: N8n;
	workers: N8n[];
	/** What every process logged of some executions, and at the end. */
	logOf(executionIds: string[]): string;
	/** Stops everything and removes all data. */
	stop(): Promise<void>;
}

export interface QueueModeOptions {
	programs: QueuePrograms;
	report: Report;
	workers: number;
}

/** Starts n8n in queue mode with the package on every process, an owner and the sandbox's credential. */
export async function startQueueMode(sandbox: Sandbox, options: QueueModeOptions): Promise<QueueMode> {
	const stops: Array<() => Promise<void>> = [];
	const stop = async () => {
		for (const end of stops.splice(0).reverse()) await end();
	};
	return await start(sandbox, options, stops).then(
		(started) => ({ ...started, logOf: (ids) => logOf(started, ids), stop }),
		async (error: unknown) => {
			await stop();
			throw error;
		},
	);
}

/** @param stops - receives what stops each part, as soon as it runs */
async function start(
	sandbox: Sandbox,
	{ programs, report, workers: count }: QueueModeOptions,
	stops: Array<() => Promise<void>>,
): Promise<Omit<QueueMode, 'stop' | 'logOf'>> {
	report('Starting Redis and PostgreSQL ...');
	const servers = await startQueueServers(programs);
	stops.push(servers.stop);
	return await withTarball(report, async (tarball) => {
		const options: N8nOptions = { report, tarball, env: queueEnvironment(servers) };
		report(`Starting n8n and ${count} workers ...`);
		// The workers find a database that the main process has migrated.
		const main = await startN8n(options);
		stops.push(main.stop);
		const starting = Array.from({ length: count }, async () => {
			const worker = await startWorker(options);
			stops.push(worker.stop);
			return worker;
		});
		await Promise.allSettled(starting);
		const client = new N8nClient(main.url);
		return { main, workers: await Promise.all(starting), client, ...(await setUpAccount(client, sandbox)) };
	});
}

function logOf({ main, workers }: Pick<QueueMode, 'main' | 'workers'>, ids: string[]): string {
	const named = new RegExp(`execution (?:ID )?(?:${ids.join('|')})\\b`, 'i');
	return [main, ...workers]
		.map((n8n, index) => {
			const lines = n8n.log().trimEnd().split('\n');
			const shown = lines.filter((line, at) => at >= lines.length - LAST_LINES || named.test(line));
			const name = index === 0 ? 'The main process' : `Worker ${index}`;
			return [`${name} logged`, ...shown.map((line) => `    ${line}`)].join('\n');
		})
		.join('\n');
}

async function startWorker(options: N8nOptions): Promise<N8n> {
	const port = await freePort();
	return await startN8n({
		...options,
		port,
		command: ['worker', `--concurrency=${CONCURRENCY}`],
		env: {
			...options.env,
			QUEUE_HEALTH_CHECK_ACTIVE: 'true',
			QUEUE_HEALTH_CHECK_PORT: String(port),
			N8N_WORKER_SERVER_ADDRESS: HOST,
		},
		readyPath: '/healthz/readiness',
	});
}

function queueEnvironment({ redisPort, postgresPort }: QueueServers): NodeJS.ProcessEnv {
	return {
		EXECUTIONS_MODE: 'queue',
		QUEUE_BULL_REDIS_HOST: HOST,
		QUEUE_BULL_REDIS_PORT: String(redisPort),
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: HOST,
		DB_POSTGRESDB_PORT: String(postgresPort),
		DB_POSTGRESDB_USER: 'postgres',
		DB_POSTGRESDB_DATABASE: 'postgres',
		// n8n 2.41 writes an execution's end once, and by default gives up when none of the two connections of a process
		// is free for 20 s: on a machine whose disk is busy, the execution then counts as running forever.
		DB_POSTGRESDB_POOL_SIZE: String(CONCURRENCY),
		DB_POSTGRESDB_CONNECTION_TIMEOUT: String(PATIENCE_MS),
		// Three pings that take longer, and n8n closes all its connections and refuses requests.
		DB_PING_TIMEOUT_MS: String(PATIENCE_MS),
		N8N_ENCRYPTION_KEY: randomBytes(24).toString('base64'),
		// A job whose worker has vanished is found after 60 to 120 s by default; these make it 15 to 20. A worker that
		// is busy for longer, as with its first execution on a slow machine, would count as vanished.
		QUEUE_WORKER_LOCK_DURATION: '15000',
		QUEUE_WORKER_LOCK_RENEW_TIME: '1000',
		QUEUE_WORKER_STALLED_INTERVAL: '2000',
	};
}
