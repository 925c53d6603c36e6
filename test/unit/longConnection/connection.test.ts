/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import '../../webSocket';

import type { ICredentialDataDecryptedObject, IHttpRequestHelper } from 'n8n-workflow';

import { askForAddress } from '../../../nodes/FeishuMail/trigger/longConnection/endpoint';
import { encodeFrame, type Frame } from '../../../nodes/FeishuMail/trigger/longConnection/frame';
import {
	join,
	type Member,
	type Membership,
} from '../../../nodes/FeishuMail/trigger/longConnection/connection';
import { RefusedInput } from '../../../nodes/FeishuMail/transport/refusedInput';
import { until } from '../../engine/until';
import { httpHelpers } from './httpHelpers';
import { MovableTime, settled } from './movableTime';
import { LongConnectionServer, piecesOf } from './server';

const APP = 'cli_a1b2c3d4e5f60718 at http://127.0.0.1';
const SECRET = 'the-app-secret';

let server: LongConnectionServer;
let time: MovableTime;
let helpers: IHttpRequestHelper['helpers'];
let memberships: Membership[];
let random: jest.SpyInstance<number>;

beforeEach(async () => {
	server = await new LongConnectionServer().start();
	time = new MovableTime();
	random = jest.spyOn(Math, 'random').mockReturnValue(0.5);
	helpers = httpHelpers();
	memberships = [];
});

afterEach(async () => {
	for (const membership of memberships) membership.leave();
	await until(() => server.sockets.size === 0);
	await time.pass(5000);
	expect(time.waiting).toEqual([]);
	expect(server.mostSockets).toBeLessThanOrEqual(1);
	jest.restoreAllMocks();
	await server.stop();
});

const credentialOf = (): ICredentialDataDecryptedObject => ({
	region: 'custom',
	baseUrl: server.baseUrl,
	appId: ' cli_a1b2c3d4e5f60718 ',
	appSecret: SECRET,
});

/** A member that notes what it is told. */
class Listener implements Member {
	readonly events: unknown[] = [];
	readonly refusals: RefusedInput[] = [];
	readonly lines: string[] = [];
	timesConnected = 0;
	asked = 0;

	constructor(
		private readonly asks: Member['ask'] = async () => await askForAddress(helpers, credentialOf()),
	) {}

	ask = async () => {
		this.asked++;
		return await this.asks();
	};

	received(event: unknown) {
		this.events.push(event);
	}

	connected() {
		this.timesConnected++;
	}

	refused(error: RefusedInput) {
		this.refusals.push(error);
	}

	log(message: string) {
		this.lines.push(message);
	}
}

function joined(member: Member): Membership {
	const membership = join(APP, member);
	memberships.push(membership);
	return membership;
}

/** A member of a connection that is up. */
async function connectedListener(): Promise<{ listener: Listener; membership: Membership }> {
	const listener = new Listener();
	const membership = joined(listener);
	await expect(membership.first).resolves.toBeUndefined();
	return { listener, membership };
}

const event = (id: string) => ({
	schema: '2.0',
	header: { event_id: id },
	event: { message_id: `mail-${id}` },
});

const refusing = (code: number, msg = 'no', status = 200) => {
	server.answer = (_, response) => {
		response.status(status).json({ code, msg });
	};
};

/** Feishu as it was. */
const accepting = () => {
	server.answer = server.accepting;
};

describe('opening', () => {
	it('asks for an address as the SDKs do, and pings at once', async () => {
		const { listener } = await connectedListener();
		expect(server.asked).toEqual([
			{ body: { AppID: 'cli_a1b2c3d4e5f60718', AppSecret: SECRET }, locale: 'zh' },
		]);
		expect(server.heard).toEqual([
			{
				sequenceId: 0n,
				logId: 0n,
				service: 33554678,
				method: 0,
				headers: [['type', 'ping']],
			},
		]);
		expect(listener.timesConnected).toBe(1);
		expect(listener.lines).toEqual([]);
	});

	it('pings as often as Feishu announces, but every 30 seconds at least', async () => {
		await connectedListener();
		await time.pass(29_999);
		expect(server.pings).toHaveLength(1);
		await time.pass(1);
		expect(server.pings).toHaveLength(2);
		server.pong = '{"PingInterval":15}';
		await time.pass(30_000);
		expect(server.pings).toHaveLength(3);
		await time.pass(15_000);
		expect(server.pings).toHaveLength(4);
		await time.pass(15_000);
		expect(server.pings).toHaveLength(5);
	});

	it('pings as often as the answer with the address says', async () => {
		server.answer = (_, response) => {
			response.json({ code: 0, data: { URL: `${server.url}#top`, ClientConfig: { PingInterval: 15 } } });
		};
		await connectedListener();
		await time.pass(15_000);
		expect(server.pings).toHaveLength(2);
		await time.pass(15_000);
		expect(server.pings).toHaveLength(3);
	});

	it.each([
		'',
		'no JSON',
		'null',
		'[]',
		'{}',
		'{"PingInterval":0}',
		'{"PingInterval":-1}',
		'{"PingInterval":"x"}',
		'{"PingInterval":1e9}',
	])('a pong with %j makes it ping neither all the time nor never', async (pong) => {
		server.pong = pong;
		await connectedListener();
		await time.pass(90_000);
		expect(server.pings.length).toBeGreaterThanOrEqual(3);
		expect(server.pings.length).toBeLessThanOrEqual(10);
		expect(server.handshakes).toBe(1);
	});

	it('lasts for hours', async () => {
		const { membership, listener } = await connectedListener();
		const since = membership.upSince;
		await time.pass(60 * 60 * 1000);
		expect(server.handshakes).toBe(1);
		expect(membership.upSince).toBe(since);
		expect(listener.timesConnected).toBe(1);
	});
});

describe('an event', () => {
	it('is answered with its own frame before anybody is told', async () => {
		const told: number[] = [];
		const listener = new Listener();
		listener.received = (one) => {
			told.push(server.answers.length);
			listener.events.push(one);
		};
		await joined(listener).first;
		const [frame] = piecesOf('m1', event('1'));
		const withRepeats: Frame = {
			...frame!,
			sequenceId: 2n ** 64n - 1n,
			logId: 7574400000000000123n,
			headers: [...frame!.headers, ['x', '1'], ['x', '2'], ['', '']],
		};
		server.send(withRepeats);
		await until(() => server.answers.length > 0);
		expect(server.answers).toEqual([
			{
				...withRepeats,
				headers: [...withRepeats.headers, ['biz_rt', expect.stringMatching(/^\d+$/)]],
				payload: Buffer.from('{"code":200}'),
			},
		]);
		expect(listener.events).toStrictEqual([event('1')]);
	});

	it('in pieces is answered once, to the last piece that came, and told once', async () => {
		const { listener } = await connectedListener();
		const one = piecesOf('m1', event('1 Grüße 😀'), 5);
		const other = piecesOf('m2', event('2'), 3);
		const order = [one[4], other[2], one[0], one[0], other[0], one[2], one[1], other[1], one[3]];
		for (const frame of order) server.send(frame!);
		await until(() => server.answers.length > 1);
		await settled();
		expect(listener.events).toStrictEqual([event('2'), event('1 Grüße 😀')]);
		expect(server.answers.map(({ sequenceId }) => sequenceId)).toEqual([
			other[1]!.sequenceId,
			one[3]!.sequenceId,
		]);
	});

	it('that comes again is answered and told again', async () => {
		const { listener } = await connectedListener();
		for (let time = 0; time < 2; time++)
			for (const frame of piecesOf('m1', event('1'), 2)) server.send(frame);
		await until(() => server.answers.length > 1);
		expect(listener.events).toStrictEqual([event('1'), event('1')]);
	});

	it.each(['no JSON', '{"schema":', ''])(
		'whose text is %j is answered, and told as one that may be missed',
		async (text) => {
			const { listener } = await connectedListener();
			server.send(piecesOf('m1', text)[0]!);
			await until(() => server.answers.length > 0);
			await until(() => listener.events.length > 0);
			expect(listener.events).toStrictEqual([undefined]);
		},
	);

	it('that is not completed is told as one that may be missed', async () => {
		const { listener } = await connectedListener();
		server.send(piecesOf('m1', event('1'), 2)[0]!);
		await settled();
		await time.pass(29_000);
		expect(listener.events).toStrictEqual([]);
		await time.pass(2000);
		expect(listener.events).toStrictEqual([undefined]);
		expect(server.answers).toEqual([]);
	});

	it('with an impossible number of pieces is told as one that may be missed, and not answered', async () => {
		const { listener } = await connectedListener();
		const [frame] = piecesOf('m1', event('1'));
		server.send({
			...frame!,
			headers: [
				['type', 'event'],
				['sum', '0'],
			],
		});
		await until(() => listener.events.length > 0);
		expect(listener.events).toStrictEqual([undefined]);
		expect(server.answers).toEqual([]);
	});

	it('is told to all members, also when one throws, joins another or leaves', async () => {
		const { listener: first } = await connectedListener();
		const throwing = new Listener();
		throwing.received = () => {
			throw new Error('broken');
		};
		throwing.log = () => {
			throw new Error('broken, too');
		};
		throwing.connected = () => throwing.received(undefined);
		joined(throwing);
		const leaving = new Listener();
		const leavingNow = joined(leaving);
		leaving.received = (one) => {
			leavingNow.leave();
			takenAlong.leave();
			leaving.events.push(one);
		};
		const taken = new Listener();
		const takenAlong = joined(taken);
		const last = new Listener();
		joined(last);
		await settled();
		server.send(piecesOf('m1', event('1'))[0]!);
		server.send(piecesOf('m2', event('2'))[0]!);
		await until(() => last.events.length > 1);
		expect(first.events).toStrictEqual([event('1'), event('2')]);
		expect(last.events).toStrictEqual([event('1'), event('2')]);
		expect(leaving.events).toStrictEqual([event('1')]);
		expect(taken.events).toStrictEqual([]);
		await until(() => server.answers.length > 1);
	});
});

describe('what is no event', () => {
	it.each<[string, () => void]>([
		['a text', () => server.socket.send('text')],
		['garbage', () => server.socket.send(Buffer.from('garbage'))],
		['nothing', () => server.socket.send(Buffer.alloc(0))],
		['half a frame', () => server.socket.send(encodeFrame(piecesOf('m1', event('1'))[0]!).subarray(0, 9))],
		['a card', () => server.send({ ...piecesOf('m1', event('1'))[0]!, headers: [['type', 'card']] })],
		['another type', () => server.send({ ...piecesOf('m1', event('1'))[0]!, headers: [['type', 'new']] })],
		['no type', () => server.send({ ...piecesOf('m1', event('1'))[0]!, headers: [] })],
		['an event as control', () => server.send({ ...piecesOf('m1', event('1'))[0]!, method: 0 })],
		['another method', () => server.send({ ...piecesOf('m1', event('1'))[0]!, method: 7 })],
		[
			'a ping of the server',
			() => server.send({ ...piecesOf('m1', '')[0]!, method: 0, headers: [['type', 'ping']] }),
		],
		["the protocol's own ping", () => server.socket.ping()],
	])('%s is ignored', async (_, send) => {
		const { listener } = await connectedListener();
		send();
		server.send(piecesOf('m2', event('2'))[0]!);
		await until(() => listener.events.length > 0);
		expect(listener.events).toStrictEqual([event('2')]);
		await until(() => server.answers.length > 0);
		expect(server.heard).toHaveLength(2);
		expect(server.handshakes).toBe(1);
	});
});

describe('a connection that is lost', () => {
	it.each<[string, () => void]>([
		['closed', () => server.socket.close(1001)],
		['broken off', () => server.socket.terminate()],
	])('because it was %s comes again, and the members know', async (_, lose) => {
		const { listener, membership } = await connectedListener();
		const other = new Listener();
		joined(other);
		await settled();
		lose();
		await until(() => listener.lines.length > 0);
		expect(membership.upSince).toBeUndefined();
		expect(listener.lines[0]).toMatch(/^The long connection to Feishu failed: .*code 100[16]/);
		await time.pass(1000);
		await until(() => listener.timesConnected === 2);
		expect(membership.upSince).toBeDefined();
		expect(other.timesConnected).toBe(2);
		expect(listener.lines).toHaveLength(2);
		expect(listener.lines[1]).toBe('The long connection to Feishu is up again after 1 s');
		expect(other.lines).toEqual([]);
		expect(server.asked).toHaveLength(2);
	});

	it('because it is silent is closed ten seconds after a ping', async () => {
		const { listener } = await connectedListener();
		server.pong = undefined;
		await time.pass(39_999);
		expect(server.sockets.size).toBe(1);
		await time.pass(1);
		await until(() => server.sockets.size === 0);
		server.pong = '';
		await time.pass(1000);
		await until(() => listener.timesConnected === 2);
		expect(listener.lines[0]).toContain('no answer to a ping in 10 seconds');
	});

	it('that answers no pings but sends events is not silent', async () => {
		const { listener } = await connectedListener();
		server.pong = undefined;
		for (let sent = 1; sent <= 20; sent++) {
			server.send(piecesOf(`m${sent}`, event(`${sent}`))[0]!);
			await time.pass(9000);
		}
		expect(listener.events).toHaveLength(20);
		expect(server.handshakes).toBe(1);
	});

	it('that answers pings with garbage only is silent', async () => {
		server.pong = undefined;
		server.opened = (socket) => socket.send('garbage');
		const listener = new Listener();
		const { first } = joined(listener);
		await until(() => server.pings.length > 0);
		await time.pass(10_000);
		await expect(first).resolves.toMatchObject({
			message: expect.stringContaining('no answer to a ping') as string,
		});
		expect(listener.timesConnected).toBe(0);
	});

	it('is opened anew after longer and longer pauses, and after short ones when it lasted again', async () => {
		const { listener } = await connectedListener();
		server.opened = (socket) => socket.terminate();
		server.pong = undefined;
		server.socket.terminate();
		await until(() => listener.lines.length > 0);
		for (const [index, seconds] of [1, 2, 5, 15, 30, 60, 120, 120].entries()) {
			await until(() => time.waiting.includes(seconds * 1000));
			expect(server.handshakes).toBe(1 + index);
			await time.pass(seconds * 1000 - 1);
			expect(server.handshakes).toBe(1 + index);
			await time.pass(1);
			await until(() => server.handshakes === 2 + index);
		}
		// The first loss, and what followed, are told once each.
		expect(listener.lines.length).toBeLessThanOrEqual(2);
		server.opened = () => {};
		server.pong = '';
		await until(() => time.waiting.includes(120_000));
		await time.pass(120_000);
		await until(() => listener.timesConnected === 2);
		expect(listener.lines.at(-1)).toBe('The long connection to Feishu is up again after 7 min 53 s');
		await time.pass(20_000);
		server.socket.terminate();
		await until(() => time.waiting.includes(1000));
	});

	it.each([
		[0, 500],
		[0.999, 1499],
	])('with the random number %d waits %d milliseconds', async (number, milliseconds) => {
		await connectedListener();
		random.mockReturnValue(number);
		server.socket.terminate();
		await until(() => time.waiting.some((wait) => Math.abs(wait - milliseconds) < 1));
	});
});

describe('a first attempt that fails for what may pass', () => {
	it.each<[string, () => void, string]>([
		['code 1', () => refusing(1), 'code 1, HTTP 200'],
		['code 1000040343', () => refusing(1000040343), 'code 1000040343, HTTP 200'],
		['HTTP 500 with a code', () => refusing(1000040344, 'no', 500), 'code 1000040344, HTTP 500'],
		[
			'HTTP 502',
			() => (server.answer = (_, response) => void response.status(502).send('<html>')),
			'HTTP 502',
		],
		[
			'HTML',
			() => (server.answer = (_, response) => void response.send('<html>')),
			"check 'Region' and 'Base URL'",
		],
		[
			'nothing',
			() => (server.answer = (_, response) => void response.send('')),
			"check 'Region' and 'Base URL'",
		],
		[
			'a list',
			() => (server.answer = (_, response) => void response.json([])),
			"check 'Region' and 'Base URL'",
		],
		['a redirect', () => (server.answer = (_, response) => response.redirect('/elsewhere')), 'HTTP 302'],
		[
			'no address',
			() => (server.answer = (_, response) => void response.json({ code: 0, data: {} })),
			'no address',
		],
		['no data', () => (server.answer = (_, response) => void response.json({ code: 0 })), 'no address'],
		[
			'an unencrypted address elsewhere',
			() =>
				(server.answer = (_, response) =>
					void response.json({ code: 0, data: { URL: 'ws://example.com/' } })),
			'no address',
		],
		[
			'an address of something else',
			() =>
				(server.answer = (_, response) =>
					void response.json({ code: 0, data: { URL: 'https://example.com/' } })),
			'no address',
		],
		[
			'a reset',
			() => (server.answer = (request) => void request.socket.destroy()),
			'closed before an answer came',
		],
		['a refused handshake', () => (server.handshake = 'refuse'), 'code 1006'],
		[
			'a connection that is closed at once',
			() => (server.opened = (socket) => socket.close(1011)),
			'code 10',
		],
	])('%s: tells it, and tries again', async (_, fail, words) => {
		server.pong = undefined;
		fail();
		const listener = new Listener();
		const outcome = await joined(listener).first;
		expect(outcome?.message).toContain(words);
		expect(outcome).not.toBeInstanceOf(RefusedInput);
		expect(listener.refusals).toEqual([]);
		expect(listener.lines).toEqual([`${outcome?.message}. It is tried again`]);
		expect(JSON.stringify([outcome?.message, outcome?.stack, listener.lines])).not.toMatch(
			/the-app-secret|ticket/,
		);
		server.opened = () => {};
		server.handshake = 'accept';
		server.pong = '';
		accepting();
		await until(() => time.waiting.includes(1000));
		await time.pass(1000);
		await until(() => listener.timesConnected === 1);
		expect(listener.lines[1]).toBe('The long connection to Feishu is up again after 1 s');
	});

	it('a handshake that hangs ends after 15 seconds', async () => {
		server.handshake = 'hang';
		const { first } = joined(new Listener());
		await until(() => server.handshakes > 0);
		await time.pass(14_999);
		expect(time.waiting).toEqual([15_000]);
		await time.pass(1);
		await expect(first).resolves.toMatchObject({
			message: expect.stringContaining('no handshake') as string,
		});
		await until(() => server.openConnections === 0 || time.waiting.includes(1000));
	});

	it('a request that hangs ends, and its answer, when it comes at last, opens nothing', async () => {
		let answer = () => {};
		let asks = 0;
		const slow: Member['ask'] = async () => {
			if (++asks > 1) return { status: 200, body: { code: 1 } };
			await new Promise<void>((resolve) => (answer = resolve));
			return { status: 200, body: { code: 0, data: { URL: server.url } } };
		};
		const { first } = joined(new Listener(slow));
		await until(() => asks > 0);
		await time.pass(30_000);
		await expect(first).resolves.toMatchObject({ message: expect.stringContaining('in time') as string });
		answer();
		await settled();
		await time.pass(500);
		expect(server.handshakes).toBe(0);
		accepting();
	});

	it('a member that fails in its own way is one that fails', async () => {
		const broken: Member['ask'] = async () => {
			throw new Error('The credential is not there');
		};
		const listener = new Listener(broken);
		await expect(joined(listener).first).resolves.toMatchObject({ message: 'The credential is not there' });
		expect(listener.lines).toEqual(['The credential is not there. It is tried again']);
	});
});

describe('what somebody has to mend', () => {
	it.each([
		[1000040344, "App ID and App Secret: copy both again .* 'Region' of the credential"],
		[403, 'App ID and App Secret'],
		[514, 'App ID and App Secret'],
		[10003, 'App ID and App Secret'],
		[10014, 'App ID and App Secret'],
		[1000040350, 'as many long connections as Feishu allows, 50'],
		[1000040351, "'Region' of the credential, or correct 'Base URL'"],
		[1000099999, 'Feishu refuses the app a long connection'],
	])('code %d is told once, and tried again after ten minutes', async (code, words) => {
		refusing(code, `not with ${SECRET}`);
		const listener = new Listener();
		const outcome = await joined(listener).first;
		expect(outcome).toBeInstanceOf(RefusedInput);
		expect(outcome?.message).toMatch(new RegExp(words));
		expect(outcome?.message).toContain(`(code ${code})`);
		expect((outcome as RefusedInput).description).toBe(
			`Feishu's answer: not with *** (code ${code}, HTTP 200).`,
		);
		expect(listener.refusals).toEqual([outcome]);
		await time.pass(10 * 60_000 - 1);
		expect(listener.asked).toBe(1);
		await time.pass(1);
		await until(() => listener.asked === 2);
		await settled();
		expect(listener.refusals).toHaveLength(1);
		refusing(1000077777);
		await time.pass(10 * 60_000);
		await until(() => listener.refusals.length === 2);
		accepting();
		await time.pass(10 * 60_000);
		await until(() => listener.timesConnected === 1);
		expect(listener.lines).toEqual(['The long connection to Feishu is up again after 30 min 0 s']);
	});

	it('an unusable credential is refused without a request', async () => {
		const unusable: Member['ask'] = async () =>
			await askForAddress(helpers, { ...credentialOf(), region: 'x' });
		const listener = new Listener(unusable);
		await expect(joined(listener).first).resolves.toBeInstanceOf(RefusedInput);
		expect(listener.refusals).toHaveLength(1);
		expect(server.asked).toEqual([]);
	});

	it('on a Node.js without WebSocket names the version that has it', async () => {
		const { WebSocket } = globalThis as { WebSocket?: unknown };
		Object.assign(globalThis, { WebSocket: undefined });
		try {
			const outcome = await joined(new Listener()).first;
			expect(outcome).toBeInstanceOf(RefusedInput);
			expect(outcome?.message).toContain('Node.js 22');
		} finally {
			Object.assign(globalThis, { WebSocket });
		}
	});
});

describe('several members', () => {
	const wrong =
		(words: string): Member['ask'] =>
		async () => {
			throw new RefusedInput(words);
		};

	it('share one connection, which the last one closes', async () => {
		const { membership: one } = await connectedListener();
		const second = new Listener();
		const other = joined(second);
		expect(second.timesConnected).toBe(0);
		await expect(other.first).resolves.toBeUndefined();
		expect(second.timesConnected).toBe(1);
		expect(other.upSince).toBe(one.upSince);
		one.leave();
		one.leave();
		expect(one.upSince).toBeUndefined();
		await settled();
		expect(server.sockets.size).toBe(1);
		server.send(piecesOf('m1', event('1'))[0]!);
		await until(() => second.events.length > 0);
		other.leave();
		await until(() => server.sockets.size === 0);
		await settled();
		expect(time.waiting).toEqual([]);
		expect(server.handshakes).toBe(1);
	});

	it('of different apps have connections of their own', async () => {
		const { membership } = await connectedListener();
		const other = join('another app', new Listener());
		await other.first;
		expect(server.sockets.size).toBe(2);
		other.leave();
		await until(() => server.sockets.size === 1);
		expect(membership.upSince).toBeDefined();
		server.mostSockets = 1;
	});

	it('are connected by the one whose credential is right, and nobody is refused', async () => {
		const outdated = [new Listener(wrong('old')), new Listener(wrong('older'))];
		const firsts = outdated.map((member) => joined(member).first);
		const right = new Listener();
		await expect(joined(right).first).resolves.toBeUndefined();
		await expect(Promise.all(firsts)).resolves.toEqual([undefined, undefined]);
		expect(outdated.map(({ refusals, timesConnected }) => [refusals, timesConnected])).toEqual([
			[[], 1],
			[[], 1],
		]);
	});

	it('that are all refused are told each its own reason, once', async () => {
		const members = [new Listener(wrong('old')), new Listener(wrong('older'))];
		const outcomes = await Promise.all(members.map(async (member) => await joined(member).first));
		expect(outcomes.map((outcome) => outcome?.message)).toEqual(['old', 'older']);
		await time.pass(25 * 60_000);
		expect(members.map(({ asked }) => asked)).toEqual([3, 3]);
		expect(members.map(({ refusals }) => refusals.map(({ message }) => message))).toEqual([
			['old'],
			['older'],
		]);
	});

	it('that were refused are asked, and told, anew after a connection that was up', async () => {
		let words: string | undefined = 'old';
		const listener = new Listener(async () =>
			words ? await wrong(words)() : await askForAddress(helpers, credentialOf()),
		);
		const outcome = joined(listener).first;
		const right = joined(new Listener());
		await expect(Promise.all([outcome, right.first])).resolves.toEqual([undefined, undefined]);
		right.leave();
		words = undefined;
		server.socket.terminate();
		await until(() => time.waiting.includes(1000));
		await time.pass(1000);
		await until(() => listener.timesConnected === 2);

		for (let times = 1; times <= 2; times++) {
			words = 'old';
			await time.pass(20_000);
			server.socket.terminate();
			await until(() => time.waiting.includes(1000));
			await time.pass(1000);
			await until(() => listener.refusals.length === times);
			words = undefined;
			await time.pass(10 * 60_000);
			await until(() => listener.timesConnected === 2 + times);
		}
	});

	it('ask in turn where it fails', async () => {
		refusing(1);
		const members = [new Listener(), new Listener(), new Listener()];
		const outcomes = members.map((member) => joined(member).first);
		await Promise.all(outcomes);
		for (const seconds of [1, 2, 5, 15, 30]) {
			await until(() => time.waiting.includes(seconds * 1000));
			await time.pass(seconds * 1000);
			await until(() => !time.waiting.includes(seconds * 1000));
		}
		await until(() => time.waiting.includes(60_000));
		expect(members.map(({ asked }) => asked)).toEqual([2, 2, 2]);
	});

	it('are asked at once when they join while the others are refused', async () => {
		await joined(new Listener(wrong('old'))).first;
		const mended = new Listener();
		await expect(joined(mended).first).resolves.toBeUndefined();
	});

	it('are asked at once when they join in a pause', async () => {
		refusing(1);
		await joined(new Listener()).first;
		for (const seconds of [1, 2, 5, 15]) await time.pass(seconds * 1000);
		accepting();
		await until(() => time.waiting.includes(30_000));
		const mended = new Listener();
		await expect(joined(mended).first).resolves.toBeUndefined();
		expect(mended.timesConnected).toBe(1);
	});
});

describe('leaving', () => {
	it.each<[string, () => Promise<unknown>]>([
		['at once', async () => {}],
		['while it asks', async () => await until(() => server.asked.length > 0)],
		['while the answer hangs', async () => await until(() => server.asked.length > 0)],
		['during the handshake', async () => await until(() => server.handshakes > 0)],
		['during a handshake that hangs', async () => await until(() => server.handshakes > 0)],
		['while nothing was heard', async () => await until(() => server.pings.length > 0)],
		['when it is up', async () => await memberships[0]!.first],
		[
			'in a pause',
			async () => {
				await memberships[0]!.first;
				server.socket.terminate();
				await until(() => time.waiting.includes(1000));
			},
		],
		[
			'while it is refused',
			async () => {
				await memberships[0]!.first;
			},
		],
	])('%s leaves nothing behind, and another one may join', async (when, come) => {
		if (when.includes('answer hangs')) server.answer = () => {};
		if (when.includes('that hangs')) server.handshake = 'hang';
		if (when.includes('nothing was heard')) server.pong = undefined;
		if (when.includes('refused')) refusing(514);
		const listener = new Listener();
		const membership = joined(listener);
		await come();
		membership.leave();
		membership.leave();
		await membership.first;
		await until(() => server.sockets.size === 0);
		await time.pass(2000);
		expect(time.waiting).toEqual([]);
		const { lines, events, timesConnected } = listener;
		const before = JSON.stringify([lines, events, timesConnected]);

		accepting();
		server.handshake = 'accept';
		server.pong = '';
		const next = new Listener();
		await expect(joined(next).first).resolves.toBeUndefined();
		expect(next.timesConnected).toBe(1);
		expect(JSON.stringify([lines, events, listener.timesConnected])).toBe(before);
	});

	it('and joining again at once opens the next socket after the old one is closed', async () => {
		const { membership, listener } = await connectedListener();
		membership.leave();
		const next = new Listener();
		const again = joined(next);
		expect(again.upSince).toBeUndefined();
		await expect(again.first).resolves.toBeUndefined();
		expect(server.handshakes).toBe(2);
		expect(listener.timesConnected).toBe(1);
		expect(next.timesConnected).toBe(1);
	});

	it('does not wait for a server that does not close', async () => {
		const { membership } = await connectedListener();
		const { socket } = server;
		socket.pause();
		membership.leave();
		const again = joined(new Listener());
		await until(() => time.waiting.includes(2000));
		expect(time.waiting).toEqual([2000]);
		expect(server.handshakes).toBe(1);
		await time.pass(2000);
		await expect(again.first).resolves.toBeUndefined();
		socket.terminate();
		await until(() => server.sockets.size === 1);
		server.mostSockets = 1;
	});

	it('within what a member is told is possible', async () => {
		const listener = new Listener();
		const membership = joined(listener);
		listener.connected = () => membership.leave();
		await membership.first;
		await until(() => server.sockets.size === 0);
	});
});
