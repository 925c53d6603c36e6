/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- starts the command as a user would */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import axios from 'axios';

import { Sandbox } from './index';
import { mailboxPath, exchangePath } from './client';

const run = (...args: string[]) => runCommand('cli.ts', args);
const mail = async (...args: string[]) => await runCommand('mailCli.ts', args).ended;

function runCommand(file: string, args: string[]) {
	const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, file), ...args]);
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
		expect(await printed(/Drop in mails/)).toContain(`npm run mail -- --port ${new URL(url ?? '').port}\n`);
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

describe('npm run mail', () => {
	let sandbox: Sandbox;
	let port: string;

	beforeEach(async () => {
		sandbox = await Sandbox.start();
		({ port } = new URL(sandbox.url));
	});
	afterEach(async () => await sandbox.close());

	it('drops a sample mail in', async () => {
		const { code, output } = await mail('--port', port);
		const [message] = sandbox.mailbox.messages;
		expect(code).toBe(0);
		expect(output).toMatch(
			/^A mail is in user@example\.com, folder Inbox, unread .*\n {2}\d{4}-\d\d-\d\d .*\n$/,
		);
		expect(output).toContain(`${message?.subject}  ${message?.message_id}`);
	});

	it('drops in what it is told, and says so', async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		const { output } = await mail(
			...['--url', `${sandbox.url}/`, '--mailbox', 'team@example.com', '--folder', 'archived', '--read'],
			...['--subject', '报价', '--from', 'Ann <ann@example.org>', '--text', 'Hello', '--count', '2'],
			...['--file', __filename, '--sample-files'],
		);
		expect(output).toMatch(/^2 mails are in team@example\.com, folder Archived, read already/);
		expect(output).toContain(
			'  Ann <ann@example.org>  报价 (2 of 2)  cli.test.ts, order-1002.pdf, items-1002.csv  ',
		);
		expect(team.messages).toHaveLength(2);
		expect(team.messages[0]).toMatchObject({
			head_from: { mail_address: 'ann@example.org', name: 'Ann' },
			body_plain_text: 'Hello',
			folder_id: 'ARCHIVED',
			label_ids: new Set(),
		});
		expect(team.messages[0]?.attachments[0]?.content).toEqual(readFileSync(__filename));
	});

	it("says in one line why the sandbox refuses, in the sandbox's words", async () => {
		expect(await mail('--port', port, '--mailbox', 'nobody@example.com')).toEqual({
			code: 1,
			output: 'There is no mailbox "nobody@example.com". Choose one of: user@example.com.\n',
		});
	});

	it('says in one line that no sandbox is there', async () => {
		await sandbox.close();
		expect(await mail('--port', port)).toEqual({
			code: 1,
			output: `No sandbox listens on ${sandbox.url}. Start one with "npm start" or "npm run sandbox", or say with --port or --url where it is.\n`,
		});
	});

	it('says in one line that something else is there', async () => {
		const server = createServer((_request, response) => response.writeHead(404).end('<html>'));
		await once(server.listen(0, '127.0.0.1'), 'listening');
		const { port: other } = server.address() as AddressInfo;
		const { code, output } = await mail('--port', String(other));
		server.close();
		expect([code, output]).toEqual([
			1,
			expect.stringContaining('is no Feishu sandbox that takes mails: it answered with HTTP 404.'),
		]);
	});

	it.each([
		[['--port', 'x'], '--port needs a number from 0 to 65535, not "x".\n'],
		[['--url', 'x'], '--url needs a URL such as http://127.0.0.1:3900, not "x".\n'],
		[['--url', 'http://127.0.0.1:1', '--port', '1'], 'Say --port or --url, not both.\n'],
		[['--file', '/nowhere/a.pdf'], 'There is no file /nowhere/a.pdf.\n'],
		[['--nope'], "Unknown option '--nope'. See --help.\n"],
	])('refuses %j in one line', async (args, line) => {
		expect(await mail(...args)).toEqual({ code: 1, output: line });
	});

	it('has a help text', async () => {
		const { code, output } = await mail('--help');
		expect(code).toBe(0);
		expect(output).toContain('--subject');
	});
});
