/* eslint-disable @n8n/community-nodes/no-restricted-globals, no-console -- a command for a terminal */
import { defaultPort, fail, mailCommand, portOf, readOptions } from './commandLine';
import { addDemoMails } from './demoMails';
import { Sandbox } from './index';

const help = `Feishu sandbox: a local server that behaves as the Feishu Open Platform does for Mail.

Usage: npm run sandbox -- [options]

  --port <number>  port to listen on (default ${defaultPort}, 0 = any free port)
  --quota          refuse requests above the documented limits (20 contacts a minute, 5 labels a second ...)
  --help           show this text

Open the printed URL in a browser to see what arrives, and to drop mails in, as "npm run mail" does.
Stop with Ctrl-C.`;

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
	const { quota = false, ...options } = readOptions({
		port: { type: 'string' },
		quota: { type: 'boolean' },
		help: { type: 'boolean' },
	});
	if (options.help) {
		console.log(help);
		return;
	}
	const port = portOf(options.port);
	const sandbox = await startOn(port);
	addDemoMails(sandbox.mailbox, sandbox);
	if (quota) sandbox.setDocumentedQuotas();
	console.log(`Feishu sandbox  ${sandbox.url}
App ID          ${sandbox.app.id}
App Secret      ${sandbox.app.secret}
Mailbox         ${sandbox.mailbox.address} (${sandbox.mailbox.messages.length} mails)
Authorize URL   ${sandbox.authorizeUrl}
Token URL       ${sandbox.tokenUrl}
Quotas          ${quota ? 'as documented' : 'off'}
Drop in mails   on its page, or with: ${mailCommand(sandbox.url)}`);
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.once(signal, () => void sandbox.close());
	}
}

void main();
