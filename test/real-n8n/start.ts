/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Sandbox } from '../sandbox';
import { defaultPort as DEFAULT_SANDBOX_PORT, mailCommand } from '../sandbox/commandLine';
import { addDemoMails, colleague } from '../sandbox/demoMails';
import { CannotStart } from './cannot-start';
import { startDemo, type Demo } from './demo';
import { checkPort, freePort, isFree } from './instance';
import { DemoFolder } from './kept-demo';
import { killGroups } from './process-groups';

const DEFAULT_PORT = 5678;
const TEAM_MAILBOX = 'team@example.com';
const HELP = `npm start -- [options]

Starts a local Feishu sandbox and an n8n in which the Feishu Mail node works with it.

Workflows, credentials and the sandbox's data are kept for the next start.

  --fresh                  forget what earlier starts kept
  --quota                  Feishu's quotas, such as 20 contacts a minute (default: none)
  --port <number>          n8n's port (default ${DEFAULT_PORT}); each port has its own n8n and data
  --sandbox-port <number>  the sandbox's port (default ${DEFAULT_SANDBOX_PORT}, or a free one while that is used)
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
			port: { type: 'string', default: String(DEFAULT_PORT) },
			'sandbox-port': { type: 'string' },
			quota: { type: 'boolean', default: false },
			fresh: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) return void process.stdout.write(HELP);
	const port = toPort(values.port, '--port');
	await checkPort(port, '--port (npm start -- --port 5679)');
	const sandboxPort = await chooseSandboxPort(values['sandbox-port']);

	const folder = new DemoFolder(port);
	if (values.fresh) await folder.clear();
	const kept = await folder.open();
	const sandbox = await Sandbox.start({ port: sandboxPort, state: kept?.sandbox });
	stops.push(async () => await sandbox.close());
	addTeam(sandbox);
	addDemoMails(sandbox.mailbox, sandbox);
	stops.push(folder.keepSandbox(sandbox));
	if (values.quota) sandbox.setDocumentedQuotas();
	const options = { report: print, port, folder: folder.n8n };
	const demo = await startDemo(sandbox, { ...options, kept: kept?.parts });
	stops.push(demo.n8n.stop);
	// One that somebody has unpublished since stays so.
	if (!kept?.parts.newMail) await demo.client.publish(demo.newMail);
	await folder.keepParts(demo);
	ready = true;
	if (!stopping) print(welcome(demo, sandbox, folder));
}

function toPort(value: string, option: string): number {
	const port = Number(value);
	if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
	throw new CannotStart(`${option} takes a port number, not "${value}".`);
}

/** The port that was asked for, or the usual one: credentials and bookmarks know it. */
async function chooseSandboxPort(wanted: string | undefined): Promise<number> {
	if (wanted !== undefined) {
		const port = toPort(wanted, '--sandbox-port');
		await checkPort(port, '--sandbox-port');
		return port;
	}
	if (await isFree(DEFAULT_SANDBOX_PORT)) return DEFAULT_SANDBOX_PORT;
	const port = await freePort();
	print(`Port ${DEFAULT_SANDBOX_PORT} is used by another program: this time the sandbox is on port ${port}.`);
	return port;
}

/** A public mailbox beside the user's own. */
function addTeam({ tenant, user }: Sandbox): void {
	const team = tenant.findMailbox(TEAM_MAILBOX) ?? tenant.addMailbox(TEAM_MAILBOX);
	team.members.add(user);
}

function welcome(
	{ n8n, owner, formUrl, contactForm, labelColours, newMail, ...demo }: Demo,
	{ app, url, authorizeUrl, tokenUrl, mailbox, user }: Sandbox,
	{ path }: DemoFolder,
): string {
	return `
n8n with the Feishu Mail node is ready (${Math.round((Date.now() - started) / 1000)} s).

  Contact form   ${formUrl}
                 creates a contact; see it in the sandbox, and under Executions of
                 ${n8n.url}/workflow/${contactForm.id}
  Editor         ${n8n.url}/home/workflows
                 ${owner.email}, password ${owner.password}
  Label colours  ${n8n.url}/workflow/${labelColours.id}
                 press "Execute workflow" to create twelve labels
  New mail       ${n8n.url}/workflow/${newMail.id}
                 starts within a minute of a mail that comes into the inbox of ${mailbox.address}:
                 drop one in, then look under its Executions
  Sandbox        ${url}/
                 the local Feishu: its mails, what arrives there, and buttons to revoke access;
                 a mail that you send to ${colleague.mail_address} is shown there twice, as sent and in her mailbox
  Drop in mails  on that page, or with: ${mailCommand(url)}

The sandbox's app, as Feishu's developer console would show it:

  App ID         ${app.id}
  App Secret     ${app.secret}
  Authorize URL  ${authorizeUrl}
  Token URL      ${tokenUrl}
  Mailboxes      ${mailbox.address} (of ${user.name}), ${TEAM_MAILBOX} (public),
                 ${colleague.mail_address} (of ${colleague.name}, a colleague)

n8n has it already: "${demo.credential.name}" to act as the app, and "${demo.userCredential.name}"
to act as the user, once you have opened it under Credentials and connected it.

Ctrl-C stops everything. It goes on from here at the next start, out of
${path}; npm start -- --fresh begins anew.`;
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
