/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- starts the command as a user would */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import axios from 'axios';
import { N8nClient, outputOf, type Credential } from '../real-n8n/client';
import { freePort, HOST } from '../real-n8n/instance';
import { DemoFolder } from '../real-n8n/kept-demo';
import { exchangePath, mailboxPath } from '../sandbox/client';

/** The first run installs n8n. */
const START_TIMEOUT_MS = 20 * 60_000;
const http = axios.create({ proxy: false, validateStatus: () => true });

function start(...args: string[]) {
	const program = join(__dirname, '..', 'real-n8n', 'start.ts');
	const child = spawn(process.execPath, ['--import', 'tsx', program, ...args]);
	let output = '';
	const collect = (chunk: Buffer) => (output += chunk.toString());
	child.stdout.on('data', collect);
	child.stderr.on('data', collect);
	const ended = once(child, 'close').then(([code]) => ({ code: code as number, output }));
	return {
		ended,
		/** Waits for the text that it ends its start with, and gives what stands there under each heading. */
		async ready(): Promise<Record<string, string>> {
			const text = await Promise.race([
				(async () => {
					while (!output.includes('Ctrl-C stops everything')) await once(child.stdout, 'data');
					return output;
				})(),
				ended.then((end) => {
					throw new Error(`It ended: ${end.output}`);
				}),
			]);
			return Object.fromEntries(
				[...text.matchAll(/^ {2}(\S.*?) {2,}(\S.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
			);
		},
		output: () => output,
		async stop(): Promise<number> {
			child.kill('SIGINT');
			return (await ended).code;
		},
	};
}

describe('npm start', () => {
	let port: number;
	let running: ReturnType<typeof start> | undefined;
	let first: Record<string, string>;

	beforeAll(async () => {
		port = await freePort();
	});
	afterEach(async () => {
		await running?.stop();
		running = undefined;
	}, 60_000);
	afterAll(async () => await rm(new DemoFolder(port).path, { recursive: true, force: true }));

	async function startAgain(...args: string[]): Promise<Record<string, string>> {
		running = start('--port', String(port), ...args);
		return await running.ready();
	}

	/** n8n and its credentials, with the login that was printed. */
	async function signIn(): Promise<{ client: N8nClient; credentials: Credential[] }> {
		const [, email = '', password = ''] = /(\S+@\S+), password (\S+)/.exec(running?.output() ?? '') ?? [];
		const client = new N8nClient(`http://localhost:${port}`);
		await client.logIn({ email, password });
		return { client, credentials: await client.request<Credential[]>('GET', '/rest/credentials') };
	}

	/** The contacts' names of a mailbox, read with the app that was printed. */
	async function contacts(shown: Record<string, string>, mailbox?: string): Promise<string[]> {
		const url = shown.Sandbox?.replace(/\/$/, '') ?? '';
		const app = { app_id: shown['App ID'], app_secret: shown['App Secret'] };
		const { data } = await http.post<{ tenant_access_token: string }>(`${url}${exchangePath}`, app);
		const answer = await http.get<{ data: { items?: Array<{ name: string }> } }>(
			`${url}${mailboxPath('mail_contacts', mailbox)}?page_size=20`,
			{ headers: { Authorization: `Bearer ${data.tenant_access_token}` } },
		);
		return (answer.data.data.items ?? []).map(({ name }) => name);
	}

	/** Drops a mail into the user's mailbox, as the page of the sandbox does. */
	async function drop(shown: Record<string, string>, mail: Record<string, string>): Promise<void> {
		const form = new FormData();
		for (const [name, value] of Object.entries(mail)) form.set(name, value);
		expect((await http.post(`${shown.Sandbox}sandbox/mails`, form)).status).toBeLessThan(400);
	}

	async function submitForm(name: string): Promise<void> {
		const form = new FormData();
		form.set('field-0', name);
		const { status } = await http.post(`http://localhost:${port}/form/contact`, form);
		expect(status).toBe(200);
	}

	it(
		'prints what an app needs, and has a credential of the app and one of a user that waits to be connected',
		async () => {
			first = await startAgain('--sandbox-port', String(await freePort()));
			const { client, credentials } = await signIn();
			const types = credentials.map(({ type }) => type).sort();
			expect(types).toEqual(['feishuMailApi', 'feishuMailOAuth2Api']);
			const [app, user] = types.map((type) => credentials.find((one) => one.type === type));
			expect(await client.testCredential(app!)).toMatchObject({ status: 'OK' });
			const consent = await client.request<string>('GET', `/rest/oauth2-credential/auth?id=${user?.id}`);
			expect(consent).toMatch(new RegExp(`^${first['Authorize URL']}\\?`));
			expect(new URL(consent).searchParams.get('client_id')).toBe(first['App ID']);
			expect((await http.get(consent)).data).toContain('Sandbox User');
			expect(first['Token URL']).toBe(`${first.Sandbox}open-apis/authen/v2/oauth/token`);
			for (const mailbox of ['team@example.com', 'li.na@example.com']) {
				expect(running?.output()).toContain(mailbox);
				expect(await contacts(first, mailbox)).toEqual([]);
			}
			await submitForm('王小明');
			expect(await contacts(first)).toEqual(['王小明']);

			const mail = { from: 'ann@example.org', subject: '周报 Weekly report', text: 'All is well.' };
			await drop(first, mail);
			// n8n polls once a minute, and at once when a workflow is published again.
			const newMail = await client.workflow(first['New mail']?.split('/').at(-1) ?? '');
			await client.unpublish(newMail);
			await client.publish(newMail);
			expect(outputOf(await client.latestExecution(newMail), 'What came')).toEqual([mail]);
		},
		START_TIMEOUT_MS,
	);

	it('goes on where it ended, also when its sandbox has to move to another port', async () => {
		const blocker = createServer();
		// Where somebody else has it already, it is used all the same.
		await new Promise<void>((resolve) => {
			blocker.once('error', () => resolve());
			blocker.listen(3900, HOST, () => resolve());
		});
		try {
			// What a version has kept that had no trigger.
			const file = join(new DemoFolder(port).path, 'demo.json');
			const parts = JSON.parse(await readFile(file, 'utf8')) as object;
			await writeFile(file, JSON.stringify({ ...parts, newMail: undefined }));
			const again = await startAgain();
			expect(running?.output()).toContain('Port 3900 is used by another program');
			expect(again.Sandbox).not.toBe(first.Sandbox);
			for (const name of ['App ID', 'App Secret', 'Editor']) expect(again[name]).toBe(first[name]);
			const { client, credentials } = await signIn();
			const app = credentials.find(({ type }) => type === 'feishuMailApi');
			expect(await client.testCredential(app!)).toMatchObject({ status: 'OK' });
			expect(again['New mail']).toMatch(/workflow\/\w+$/);
			expect(again['New mail']).not.toBe(first['New mail']);
			await submitForm('李雷');
			expect(await contacts(again)).toEqual(['王小明', '李雷']);
		} finally {
			blocker.close();
		}
	}, 180_000);

	it('begins anew when asked to', async () => {
		const fresh = await startAgain('--fresh', '--sandbox-port', String(await freePort()));
		expect(fresh['App ID']).not.toBe(first['App ID']);
		expect((await signIn()).credentials).toHaveLength(2);
		expect(await contacts(fresh)).toEqual([]);
	}, 180_000);

	it.each([
		[['--port', '0'], '--port takes a port number, not "0".'],
		[['--sandbox-port', 'x'], '--sandbox-port takes a port number, not "x".'],
		[['--nope'], "Unknown option '--nope'"],
	])('refuses %j in one line', async (args, line) => {
		const { code, output } = await start(...args).ended;
		expect(code).toBe(1);
		expect(output.trim().split('\n')).toEqual([expect.stringContaining(line)]);
	});

	it('has a help text', async () => {
		const { code, output } = await start('--help').ended;
		expect(code).toBe(0);
		for (const option of ['--fresh', '--quota', '--port', '--sandbox-port']) expect(output).toContain(option);
	});
});
