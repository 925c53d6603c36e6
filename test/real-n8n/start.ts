/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Sandbox } from '../sandbox';
import { CannotStart } from './cannot-start';
import { startDemo, type Demo } from './demo';
import { checkPort } from './instance';
import { killGroups } from './process-groups';

const HELP = `npm start -- [options]

Starts a local Feishu sandbox and an n8n in which the Feishu Mail node works with it.

  --port <number>          n8n's port (default 5678)
  --sandbox-port <number>  the sandbox's port (default: a free one)
  --quota                  Feishu's quotas, such as 20 contacts a minute (default: none)
  --help                   this text
`;
const started = Date.now();
const stops: Array<() => Promise<void>> = [];
let ready = false;
let stopping = false;

const print = (text: string) => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			port: { type: 'string', default: '5678' },
			'sandbox-port': { type: 'string', default: '0' },
			quota: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) return void process.stdout.write(HELP);
	const port = toPort(values.port, '--port');
	const sandboxPort = toPort(values['sandbox-port'], '--sandbox-port');
	await checkPort(port, '--port (npm start -- --port 5679)');
	await checkPort(sandboxPort, '--sandbox-port');

	const sandbox = await Sandbox.start({ port: sandboxPort });
	stops.push(async () => await sandbox.close());
	if (values.quota) sandbox.setDocumentedQuotas();
	const demo = await startDemo(sandbox, { report: print, port });
	stops.push(demo.n8n.stop);
	ready = true;
	if (!stopping) print(welcome(demo, sandbox));
}

function toPort(value: string, option: string): number {
	const port = Number(value);
	if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
	throw new CannotStart(`${option} takes a port number, not "${value}".`);
}

function welcome({ n8n, owner, formUrl, contactForm, labelColours }: Demo, sandbox: Sandbox): string {
	return `
n8n with the Feishu Mail node is ready (${Math.round((Date.now() - started) / 1000)} s).

  Contact form   ${formUrl}
                 creates a contact; see it in the sandbox, and under Executions of
                 ${n8n.url}/workflow/${contactForm.id}
  Editor         ${n8n.url}/home/workflows
                 ${owner.email}, password ${owner.password}
  Label colours  ${n8n.url}/workflow/${labelColours.id}
                 press "Execute workflow" to create twelve labels
  Sandbox        ${sandbox.url}/
                 the local Feishu: mailbox ${sandbox.mailbox.address}

Ctrl-C stops everything. Nothing is kept: the next start is a fresh one.`;
}

async function stop(): Promise<void> {
	if (stopping) process.exit(1);
	stopping = true;
	print('\nStopping ...');
	if (!ready) killGroups();
	await running;
	for (const close of stops.reverse()) await close();
	print('Stopped.');
	process.exit(0);
}

/** One line for what the user can put right, the stack for what only a developer can. */
function fail(error: unknown): void {
	if (stopping) return;
	const known =
		error instanceof CannotStart || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
	const { message, stack } = error as Error;
	process.stderr.write(`${known ? message : stack}\n`);
	process.exitCode = 1;
	void Promise.allSettled(stops.map(async (close) => await close())).then(() => process.exit(1));
}

/** Ends with the program that started this one (npm, tsx), also when it was killed. */
async function watchParent(): Promise<void> {
	const parent = process.ppid;
	while (process.ppid === parent) await sleep(1_000, undefined, { ref: false });
	await stop();
}

// A closed terminal ends this program by SIGHUP, and what it still prints must not end it first.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
const running = main().catch(fail);
process.on('exit', killGroups);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop());
void watchParent();
