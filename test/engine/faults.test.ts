/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- breaks sockets of Node */
import { Socket } from 'node:net';
import type { INodeCredentialsDetails } from 'n8n-workflow';

import { clock } from '../../nodes/FeishuMail/transport/clock';
import { issuedTo } from '../../nodes/FeishuMail/transport/tenantAccessToken';
import { Sandbox, type Fault } from '../sandbox';
import { readNode } from './readNode';
import { engine, run, sandbox, time } from './stage';

const READ = 'mail.label.list';
const WRITE = 'mail.contact.create';

const read = async (change?: Parameters<typeof readNode>[1]) =>
	await engine.run({ parameters: {}, nodeType: readNode(sandbox.mailbox.address, change) });

const write = async (credential?: INodeCredentialsDetails, timeout = 1) =>
	await run('contact', 'create', { name: 'Anna', options: { timeout } }, { credential });

/** What happens to a request, and how many contacts a write leaves behind. */
const faults: Array<[string, Fault, number]> = [
	['reset before it was carried out', { kind: 'reset', when: 'before' }, 0],
	['reset after it was carried out', { kind: 'reset', when: 'after' }, 1],
	['answered HTTP 500 before it was carried out', { status: 500, body: 'fault' }, 0],
	['answered HTTP 500 after it was carried out', { status: 500, body: 'fault', after: true }, 1],
	['answered HTTP 502', { kind: 'html', status: 502 }, 0],
	['answered HTTP 503', { kind: 'html', status: 503 }, 0],
	['answered HTTP 504 after it was carried out', { kind: 'html', status: 504, after: true }, 1],
	['answered HTTP 500 with code 1230003', { status: 500, code: 1230003, msg: 'internal error' }, 0],
	['answered with HTML', { kind: 'html', status: 200, after: true }, 1],
	['answered with half of the JSON', { kind: 'truncated' }, 1],
	['answered with less than announced', { kind: 'truncated', how: 'length' }, 1],
	['answered without a code', { kind: 'drop-code' }, 1],
];

describe.each(faults)('a request that is %s', (_, fault, left) => {
	it('is a read: tried again until it succeeds', async () => {
		sandbox.fail({ api: READ, times: 2, with: fault });
		const { outputs, error } = await read();
		expect(error?.message).toBeUndefined();
		expect(outputs[0]![0]!.json).toEqual({ items: [] });
		expect(sandbox.requestsTo(READ)).toHaveLength(3);
		expect(time.waits).toHaveLength(2);
	});

	it('is a read: fails after three tries', async () => {
		sandbox.fail({ api: READ, on: () => true, with: fault });
		const { error } = await read();
		expect(error?.message).toContain('run it again later');
		expect(sandbox.requestsTo(READ)).toHaveLength(3);
	});

	it('is a write: sent once, and the error tells that the outcome is unknown and what to look for', async () => {
		sandbox.fail({ api: WRITE, on: () => true, with: fault });
		const { error } = await write();
		expect(error?.message).toBe(
			'It is unknown whether Feishu carried out the request: check whether the contact is in the address book before running it again',
		);
		expect(error?.description).toContain('Retry On Fail');
		expect(sandbox.requestsTo(WRITE)).toHaveLength(1);
		expect(sandbox.mailbox.contacts).toHaveLength(left);
		expect(time.waits).toEqual([]);
	});
});

describe('a server that hangs', () => {
	it('makes a read try three times, each until its timeout', async () => {
		sandbox.fail({ api: READ, on: () => true, with: { kind: 'hang' } });
		const { error } = await read({ timeout: 200 });
		expect(error?.message).toContain('No answer came in time');
		expect(sandbox.requestsTo(READ)).toHaveLength(3);
	});

	it('makes a write fail with an unknown outcome', async () => {
		sandbox.fail({ api: WRITE, on: () => true, with: { kind: 'hang', after: true } });
		const { error } = await write();
		expect(error?.message).toContain('It is unknown whether');
		expect(sandbox.requestsTo(WRITE)).toHaveLength(1);
		expect(sandbox.mailbox.contacts).toHaveLength(1);
	});
});

it('a timeout that no timer can hold is as long as one can be', async () => {
	sandbox.fail({ api: WRITE, with: { kind: 'delay', ms: 50 } });
	const { error } = await write(undefined, 2_147_484);
	expect(error?.message).toBeUndefined();
});

describe('a connection that is never made', () => {
	/** A credential with a token, so that the write itself is what fails. */
	const connectedTo = async (baseUrl: string) => {
		const credential = await engine.addCredential();
		await run('label', 'create', { name: 'x' }, { credential });
		const stored = { ...(await engine.credentials.read(credential)), baseUrl };
		await engine.credentials.change(credential, { baseUrl, issuedTo: issuedTo(stored) });
		return credential;
	};

	it.each([
		['refused', 'http://127.0.0.1:9', 'The server refused the connection'],
		['to a host that does not exist', 'https://nowhere.invalid', 'The host name of the server cannot be'],
	])('because it is %s: a write is tried three times, and was not sent', async (_, baseUrl, words) => {
		const { error } = await write(await connectedTo(baseUrl));
		expect(error?.message).toContain(words);
		expect(error?.description).toContain('The request was not sent.');
		expect(time.waits).toHaveLength(2);
	});

	it('lets a write succeed once the server is back', async () => {
		const credential = await connectedTo(sandbox.url);
		const { url, app } = sandbox;
		await sandbox.close();
		let back: Sandbox | undefined;
		jest.spyOn(clock, 'wait').mockImplementationOnce(async () => {
			back = await Sandbox.start({ port: Number(new URL(url).port) });
			back.tenant.addApp({ id: app.id, secret: app.secret });
		});
		const { error } = await write(credential);
		await back?.close();
		expect(error?.message).toBeUndefined();
		expect(back?.mailbox.contacts).toHaveLength(1);
	});
});

/** Puts a failure of the system in the place of what a connection does; gives the sockets it met. */
const breakSockets = (code: string, syscall: string) => {
	const failure = () => Object.assign(new Error(`${syscall} ${code}`), { code, syscall, errno: -113 });
	const sockets: Socket[] = [];
	const connect = Socket.prototype.connect as (...options: unknown[]) => Socket;
	jest.spyOn(Socket.prototype, 'connect').mockImplementation(function (this: Socket, ...options) {
		sockets.push(this);
		// Before the connection can be there, and after the request has begun to listen.
		if (syscall === 'connect') process.nextTick(() => this.destroy(failure()));
		return connect.apply(this, options);
	});
	return { sockets, breakAll: () => sockets.forEach((socket) => socket.destroy(failure())) };
};

describe.each(['EHOSTUNREACH', 'ENETUNREACH'])('a network that is lost (%s)', (code) => {
	it('while a write waits for its answer: sent once, and the outcome is unknown', async () => {
		const { breakAll } = breakSockets(code, 'read');
		sandbox.fail({ api: WRITE, on: () => true, with: { kind: 'hang', after: true } });
		const watch = setInterval(() => {
			if (sandbox.requestsTo(WRITE).at(-1)?.executed) breakAll();
		}, 20);
		const { error } = await write();
		clearInterval(watch);
		expect(error?.message).toContain('It is unknown whether Feishu carried out the request');
		expect(error?.description).not.toContain('was not sent.');
		expect(sandbox.requestsTo(WRITE)).toHaveLength(1);
		expect(sandbox.mailbox.contacts).toHaveLength(1);
	});

	it('while a write connects: tried three times, and was not sent', async () => {
		const credential = await engine.addCredential();
		await run('label', 'getAll', {}, { credential });
		const { sockets } = breakSockets(code, 'connect');
		const { error } = await write(credential);
		expect(error?.description).toContain('The request was not sent.');
		expect(sockets).toHaveLength(3);
		expect(sandbox.mailbox.contacts).toHaveLength(0);
	});
});

describe('a token exchange that is lost', () => {
	it.each<[string, Fault]>([
		['reset', { kind: 'reset', when: 'after' }],
		['HTTP 503', { kind: 'html', status: 503 }],
		['HTTP 429', { kind: 'html', status: 429 }],
		['code 99991400', { status: 400, code: 99991400 }],
	])('by %s is made again: nothing was sent before', async (_, fault) => {
		sandbox.fail({ api: 'auth.tenantAccessToken', times: 2, with: fault });
		const { error } = await write();
		expect(error?.message).toBeUndefined();
		expect(sandbox.requestsTo('auth.tenantAccessToken')).toHaveLength(3);
		expect(sandbox.mailbox.contacts).toHaveLength(1);
	});
});
