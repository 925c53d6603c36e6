/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CannotStart } from './cannot-start';
import { freePort, HOST } from './instance';
import { collectLog, lastLines, runGroup, startGroup, stopGroup } from './process-groups';
import { until } from './until';

/** Where Debian and Ubuntu put PostgreSQL's servers, one folder for each version, none of them on the PATH. */
const DEBIAN_POSTGRES = '/usr/lib/postgresql';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

interface User {
	uid: number;
	gid: number;
}

/** The programs of n8n's queue mode on this machine. */
export interface QueuePrograms {
	redis: string;
	initdb: string;
	postgres: string;
	/** Who runs them: PostgreSQL refuses to run as root. */
	user: User;
}

/** A Redis and a PostgreSQL of our own. */
export interface QueueServers {
	redisPort: number;
	postgresPort: number;
	/** Stops both and removes their data. */
	stop(): Promise<void>;
}

/** The programs that queue mode needs, or what is missing, in words. */
export function findQueuePrograms(): QueuePrograms | string {
	const redis = find('redis-server', []);
	const versions = existsSync(DEBIAN_POSTGRES) ? readdirSync(DEBIAN_POSTGRES) : [];
	const folders = versions
		.sort((one, other) => Number(other) - Number(one))
		.map((version) => join(DEBIAN_POSTGRES, version, 'bin'));
	const initdb = find('initdb', folders);
	const postgres = find('postgres', folders);
	const user = serverUser();
	if (!redis) return 'no Redis is installed (Debian: apt-get install redis-server)';
	if (!initdb || !postgres) return 'no PostgreSQL is installed (Debian: apt-get install postgresql)';
	if (!user) return 'PostgreSQL refuses to run as root, and there is no user "postgres" to run it as';
	return { redis, initdb, postgres, user };
}

function find(program: string, folders: string[]): string | undefined {
	return [...folders, ...(process.env.PATH ?? '').split(delimiter)]
		.map((folder) => join(folder, program))
		.find((path) => existsSync(path));
}

function serverUser(): User | undefined {
	const uid = process.getuid?.();
	const gid = process.getgid?.();
	if (uid === undefined || gid === undefined) return undefined;
	if (uid !== 0) return { uid, gid };
	const [, id, group] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8')) ?? [];
	return id && group ? { uid: Number(id), gid: Number(group) } : undefined;
}

/**
 * Starts a Redis and a PostgreSQL on free ports of the loopback address, with their data in a temporary folder.
 *
 * @throws CannotStart when one of them does not come up; the message ends with its last lines
 */
export async function startQueueServers(programs: QueuePrograms): Promise<QueueServers> {
	const folder = await mkdtemp(join(tmpdir(), 'n8n-nodes-feishu-mail-queue-'));
	const stops = [async () => await rm(folder, { recursive: true, force: true, maxRetries: 3 })];
	const stop = async () => {
		for (const end of stops.splice(0).reverse()) await end();
	};
	return await start(programs, folder, stops).then(
		(ports) => ({ ...ports, stop }),
		async (error: unknown) => {
			await stop();
			throw error;
		},
	);
}

/** @param stops - receives what stops each server, as soon as it runs */
async function start(
	{ redis, initdb, postgres, user }: QueuePrograms,
	folder: string,
	stops: Array<() => Promise<void>>,
): Promise<Omit<QueueServers, 'stop'>> {
	await chown(folder, user.uid, user.gid);
	const redisPort = await freePort();
	stops.push(
		await startServer({
			name: 'Redis',
			program: redis,
			args: ['--port', String(redisPort), '--bind', HOST, '--dir', folder, '--save', ''],
			ready: 'Ready to accept connections',
			user,
			folder,
		}),
	);

	const data = join(folder, 'postgres');
	await createDatabase(initdb, data, user, folder);
	const postgresPort = await freePort();
	const settings = [
		`listen_addresses=${HOST}`,
		`port=${postgresPort}`,
		'unix_socket_directories=',
		// Nothing here outlives a crash, so nobody has to wait for the disk.
		'fsync=off',
		'synchronous_commit=off',
		'full_page_writes=off',
	];
	stops.push(
		await startServer({
			name: 'PostgreSQL',
			program: postgres,
			args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
			ready: 'ready to accept connections',
			user,
			folder,
		}),
	);
	return { redisPort, postgresPort };
}

async function createDatabase(initdb: string, data: string, user: User, folder: string): Promise<void> {
	const { exitCode, output } = await runGroup(
		initdb,
		['-D', data, '--username=postgres', '--auth=trust', '--locale=C', '--encoding=UTF8', '--no-sync'],
		{ ...user, cwd: folder, env: environment() },
	);
	if (exitCode !== 0) throw new CannotStart(`initdb failed:\n${lastLines(output)}`);
}

/** Settings for other databases (`PGDATA`, `PGPORT` ...) stay outside. */
const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, LC_ALL: 'C' });

interface Server {
	name: string;
	program: string;
	args: string[];
	/** What it prints once it can be used. */
	ready: string;
	user: User;
	folder: string;
}

/** @returns a function that stops it */
async function startServer({
	name,
	program,
	args,
	ready,
	user,
	folder,
}: Server): Promise<() => Promise<void>> {
	const wrapper = join(__dirname, 'run-server.cjs');
	const child = startGroup(
		process.execPath,
		[wrapper, String(user.uid), String(user.gid), program, ...args],
		{ cwd: folder, env: environment(), stdio: ['pipe', 'pipe', 'pipe'] },
	);
	const log = collectLog(child);
	const stop = async () => await stopGroup(child, STOP_TIMEOUT_MS);
	const isReady = () => log().includes(ready) || undefined;
	const hasEnded = () => child.exitCode !== null || child.signalCode !== null || undefined;
	const came = await until(`${name} is ready`, () => isReady() ?? hasEnded(), {
		timeoutMs: START_TIMEOUT_MS,
		pollMs: 50,
	}).catch(() => undefined);
	if (came && isReady()) return stop;
	await stop();
	throw new CannotStart(`${name} did not start. Its last lines were\n${lastLines(log())}`);
}
