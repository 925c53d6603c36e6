/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- starts the command as a user would */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import axios from 'axios';

import { Sandbox } from './index';
import { mailboxPath, exchangePath } from './client';

function run(...args: string[]) {
	const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'cli.ts'), ...args]);
	let output = '';
	child.stdout.on('data', (chunk) => (output += chunk));
	child.stderr.on('data', (chunk) => (output += chunk));
	return {
		child,
		ended: once(child, 'close').then(([code]) => ({ code: code as number, output })),
		async printed(pattern: RegExp): Promise<string> {
			while (!pattern.test(output)) await once(child.stdout, 'data');
			return output;
		},
	};
}

describe('npm run sandbox', () => {
	it('prints what a client needs, serves it and stops cleanly on Ctrl-C', async () => {
		const { child, ended, printed } = run('--port', '0', '--quota');
		const output = await printed(/Quotas +as documented/);
		const [, url, id, secret, mailbox] =
			/(http:\S+)\s+App ID +(\S+)\s+App Secret +(\S+)\s+Mailbox +(\S+)/.exec(output) ?? [];
		expect(output).toContain(`${url}/open-apis/authen/v1/authorize`);
		const { data } = await axios.post(`${url}${exchangePath}`, { app_id: id, app_secret: secret });
		const headers = { Authorization: `Bearer ${(data as Record<string, string>).tenant_access_token}` };
		const created = await axios.post(
			`${url}${mailboxPath('mail_contacts', mailbox)}`,
			{ name: 'Ann' },
			{ headers },
		);
		expect(created.data).toMatchObject({ code: 0 });
		child.kill('SIGINT');
		expect((await ended).code).toBe(0);
	});

	it('says in one line that the port is taken', async () => {
		const sandbox = await Sandbox.start();
		const port = new URL(sandbox.url).port;
		const { code, output } = await run('--port', port).ended;
		await sandbox.close();
		expect(code).toBe(1);
		expect(output).toBe(
			`Port ${port} is already in use. Choose another one with --port, or 0 for any free port.\n`,
		);
	});

	it.each([
		[['--port', 'x'], '--port needs a number from 0 to 65535, not "x".\n'],
		[['--nope'], "Unknown option '--nope'. See --help.\n"],
	])('refuses %j in one line', async (args, line) => {
		expect(await run(...args).ended).toEqual({ code: 1, output: line });
	});

	it('has a help text', async () => {
		const { code, output } = await run('--help').ended;
		expect(code).toBe(0);
		expect(output).toContain('--quota');
	});
});
