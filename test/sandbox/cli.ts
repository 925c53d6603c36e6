/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- a command for a terminal */
import { parseArgs } from 'node:util';

import { addDemoMails } from './demoMails';
import { Sandbox } from './index';

const defaultPort = 3900;

const help = `Feishu sandbox: a local server that behaves as the Feishu Open Platform does for Mail.

Usage: npm run sandbox -- [options]

  --port <number>  port to listen on (default ${defaultPort}, 0 = any free port)
  --quota          refuse requests above the documented limits (20 contacts a minute, 5 labels a second ...)
  --help           show this text

Open the printed URL in a browser to see what arrives. Stop with Ctrl-C.`;

function fail(message: string): never {
	console.error(message);
	process.exit(1);
}

function readOptions() {
	try {
		return parseArgs({
			options: { port: { type: 'string' }, quota: { type: 'boolean' }, help: { type: 'boolean' } },
		}).values;
	} catch (error) {
		return fail(`${(error as Error).message.split('. ')[0]}. See --help.`);
	}
}

async function startOn(port: number): Promise<Sandbox> {
	try {
		return await Sandbox.start({ port });
	} catch (error) {
		const { code, message } = error as Error & { code?: string };
		return fail(
			code === 'EADDRINUSE'
				? `Port ${port} is already in use. Choose another one with --port, or 0 for any free port.`
				: `The sandbox cannot listen on port ${port}: ${message}`,
		);
	}
}

async function main(): Promise<void> {
	const { port: portText = String(defaultPort), quota = false, help: helpWanted = false } = readOptions();
	if (helpWanted) {
		console.log(help);
		return;
	}
	const port = Number(portText);
	if (!/^\d+$/.test(portText) || port > 65_535)
		fail(`--port needs a number from 0 to 65535, not "${portText}".`);

	const sandbox = await startOn(port);
	addDemoMails(sandbox.mailbox, sandbox);
	if (quota) sandbox.setDocumentedQuotas();
	console.log(`Feishu sandbox  ${sandbox.url}
App ID          ${sandbox.app.id}
App Secret      ${sandbox.app.secret}
Mailbox         ${sandbox.mailbox.address} (${sandbox.mailbox.messages.length} mails)
Authorize URL   ${sandbox.authorizeUrl}
Token URL       ${sandbox.tokenUrl}
Quotas          ${quota ? 'as documented' : 'off'}`);
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, () => void sandbox.close());
	}
}

void main();
