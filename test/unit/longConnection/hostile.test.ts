/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import '../../webSocket';

import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { addressIn, askForAddress } from '../../../nodes/FeishuMail/trigger/longConnection/endpoint';
import { encodeFrame, type Frame } from '../../../nodes/FeishuMail/trigger/longConnection/frame';
import { join, type Membership } from '../../../nodes/FeishuMail/trigger/longConnection/longConnections';
import { until } from '../../engine/until';
import { httpHelpers } from './httpHelpers';
import { MovableTime } from './movableTime';
import { LongConnectionServer, piecesOf } from './server';

const SECRET = 'the-app-secret';

let server: LongConnectionServer;
let time: MovableTime;
let memberships: Membership[];
let events: unknown[];
let lines: string[];
let refusals: Error[];
let timesConnected: number;
let broken: unknown[];

const noteBroken = (error: unknown) => broken.push(error);

beforeEach(async () => {
	server = await new LongConnectionServer().start();
	time = new MovableTime();
	jest.spyOn(Math, 'random').mockReturnValue(0.5);
	[memberships, events, lines, refusals, broken, timesConnected] = [[], [], [], [], [], 0];
	process.on('uncaughtException', noteBroken).on('unhandledRejection', noteBroken);
});

afterEach(async () => {
	for (const membership of memberships) membership.leave();
	await time.pass(5000);
	await until(() => server.sockets.size === 0);
	process.off('uncaughtException', noteBroken).off('unhandledRejection', noteBroken);
	expect(broken).toEqual([]);
	expect(time.waiting).toEqual([]);
	expect(server.mostSockets).toBeLessThanOrEqual(1);
	jest.restoreAllMocks();
	await server.stop();
});

const credentialOf = (): ICredentialDataDecryptedObject => ({
	region: 'custom',
	baseUrl: server.baseUrl,
	appId: 'cli_a1b2c3d4e5f60718',
	appSecret: SECRET,
});

function listen(): Membership {
	const membership = join('hostile', {
		ask: async () => await askForAddress(httpHelpers(), credentialOf()),
		received: (event) => events.push(event),
		connected: () => timesConnected++,
		refused: (error) => refusals.push(error),
		log: (line) => lines.push(line),
	});
	memberships.push(membership);
	return membership;
}

const control = (type: string, payload: string): Frame => ({
	sequenceId: 0n,
	logId: 0n,
	service: 1,
	method: 0,
	headers: [['type', type]],
	payload: Buffer.from(payload),
});

/** What no number can be made of. */
const odd = { valueOf: 1, toString: 1 };

const oddities: unknown[] = [odd, [odd], null, 'NaN', '1e999', -1, 0, 1e308, true, { a: odd }];

describe('what Feishu tells of pings', () => {
	it.each(oddities)('%j with the address harms nothing', async (PingInterval) => {
		server.answer = (_, response) => {
			response.json({ code: 0, data: { URL: server.url, ClientConfig: { PingInterval } } });
		};
		listen();
		await until(() => timesConnected === 1);
		await time.pass(60_000);
		expect(server.handshakes).toBe(1);
		expect(server.pings.length).toBeLessThanOrEqual(7);
		expect(server.pings.length).toBeGreaterThanOrEqual(3);
	});

	it.each([...oddities.map((PingInterval) => ({ PingInterval })), odd, [], 'text'])(
		'%j with a pong harms nothing',
		async (config) => {
			server.pong = JSON.stringify(config);
			listen();
			await until(() => timesConnected === 1);
			await time.pass(60_000);
			expect(server.handshakes).toBe(1);
			expect(server.pings.length).toBeLessThanOrEqual(7);
		},
	);
});

describe('a connection that is closed as soon as it is up', () => {
	it('is opened anew after longer and longer pauses', async () => {
		server.opened = (socket) => {
			server.send(control('pong', ''), socket);
			socket.close();
		};
		listen();
		for (const [index, seconds] of [1, 2, 5, 15, 30, 60, 120, 120].entries()) {
			await until(() => time.waiting.includes(seconds * 1000));
			expect([server.handshakes, timesConnected]).toEqual([index + 1, index + 1]);
			if (index === 7) server.opened = () => {};
			await time.pass(seconds * 1000);
		}
		await until(() => timesConnected === 9);
		// Once it lasts, the first pause is short again.
		await time.pass(60_000);
		server.socket.terminate();
		await until(() => time.waiting.includes(1000));
	});
});

describe('what a server repeats', () => {
	it.each([
		['its message', { msg: `secret ${SECRET}` }],
		['its error', { error: { message: `secret ${SECRET}` } }],
		['its fields', { error: { field_violations: [{ field: SECRET, value: SECRET, description: SECRET }] } }],
		['its log id', { error: { log_id: SECRET } }],
		['its description', { error_description: SECRET }],
		['its scopes', { error: { permission_violations: [{ subject: SECRET }] } }],
	])('holds no secret in what is shown: %s', async (_, answer) => {
		server.answer = (__, response) => {
			response.json({ code: 514, ...answer });
		};
		const refusal = await askForAddress(httpHelpers(), credentialOf())
			.then(addressIn)
			.catch((error: Error) => error);
		expect(refusal).toBeInstanceOf(Error);
		const { message, description } = refusal as Error & { description?: string };
		expect(`${message} ${description}`).not.toContain(SECRET);
		expect(`${message} ${description}`).toContain('code 514');
	});
});

describe('addresses', () => {
	it.each<[string, (url: URL) => void]>([
		['a user and a password', (url) => ([url.username, url.password] = ['user', 'secret-ticket'])],
		['no service', (url) => url.searchParams.delete('service_id')],
		['a service that is none', (url) => url.searchParams.set('service_id', 'NaN')],
		['a huge service', (url) => url.searchParams.set('service_id', '9'.repeat(400))],
		['a fragment', (url) => (url.hash = 'secret-ticket')],
		['many parameters', (url) => url.searchParams.set('long', 'x'.repeat(100_000))],
		['a port that nobody listens at', (url) => (url.port = '9')],
		['another protocol', (url) => (url.protocol = 'http:')],
		['another host', (url) => (url.hostname = '192.0.2.1')],
	])('with %s tell nothing of the ticket, and break nothing', async (_, change) => {
		server.answer = (__, response) => {
			const url = new URL(server.url);
			change(url);
			response.json({ code: 0, data: { URL: url.href } });
		};
		const membership = listen();
		const first = await membership.first;
		await time.pass(60_000);
		expect([...lines, ...refusals, first].map(String).join()).not.toContain('secret-ticket');
		expect(server.handshakes).toBeLessThan(7);
	});

	it.each([
		['null', null],
		['an array', []],
		['a text', 'x'],
		['an object', { data: { URL: odd } }],
		['a data that is none', { data: [] }],
	])('in an odd answer break nothing: %s', async (_, answer) => {
		server.answer = (__, response) => {
			response.json(
				typeof answer === 'object' && answer && !Array.isArray(answer) ? { code: 0, ...answer } : answer,
			);
		};
		expect(await listen().first).toBeInstanceOf(Error);
		await time.pass(60_000);
		expect(server.handshakes).toBe(0);
		expect(server.asked.length).toBeLessThan(7);
		expect(lines.join()).not.toMatch(/primitive/);
	});
});

describe('frames', () => {
	const varint = (bytes: number) => Buffer.concat([Buffer.alloc(bytes, 0xff), Buffer.from([1])]);

	it.each<[string, () => Array<Buffer | string>]>([
		['huge numbers', () => [Buffer.concat([Buffer.from([8]), varint(20)]), varint(5_000)]],
		['a length beyond the end', () => [Buffer.from([0x42, 0xff, 0xff, 0xff, 0xff, 0x7f])]],
		['many empty fields', () => [Buffer.alloc(4_000_000, Buffer.from([0x2a, 0]))]],
		['a long text', () => ['x'.repeat(1_000_000)]],
		['no bytes', () => [Buffer.alloc(0)]],
		[
			'many pieces of many events',
			() =>
				Array.from(
					{ length: 3000 },
					(_, index) => encodeFrame(piecesOf(`m${index}`, 'x'.repeat(50), 2)[0]!) as Buffer,
				),
		],
		[
			'a header that comes again',
			() => {
				const [frame] = piecesOf('again', { a: 1 });
				frame!.headers.push(['sum', '5'], ['seq', '9'], ['type', 'card']);
				return [encodeFrame(frame!) as Buffer];
			},
		],
		...['1e3', '-0', ' 1', '0x2', '', 'Infinity', 'NaN', '1.5', '__proto__'].map(
			(value): [string, () => Buffer[]] => [
				`sum and seq ${value}`,
				() =>
					['sum', 'seq'].map((key) => {
						const [frame] = piecesOf('odd', { a: 1 });
						frame!.headers = frame!.headers.map(([name, before]) => [name, name === key ? value : before]);
						return encodeFrame(frame!) as Buffer;
					}),
			],
		),
		[
			'events of odd JSON',
			() =>
				[
					'null',
					'[]',
					'1',
					'"x"',
					'{"header":null}',
					'{"header":[],"event":null}',
					`${'['.repeat(100_000)}`,
					`${'['.repeat(100_000)}${']'.repeat(100_000)}`,
					'{"__proto__":{"header":1}}',
				].map((text, index) => encodeFrame(piecesOf(`json ${index}`, text)[0]!) as Buffer),
		],
	])('with %s break nothing', async (_, messages) => {
		listen();
		await until(() => timesConnected === 1);
		const from = performance.now();
		for (const message of messages()) server.socket.send(message);
		server.send(piecesOf('last', { last: true })[0]!);
		await until(() => events.some((event) => (event as { last?: boolean } | null)?.last === true));
		// n8n does nothing else meanwhile.
		expect(performance.now() - from).toBeLessThan(5000);
		expect(server.handshakes).toBe(1);
	});
});
