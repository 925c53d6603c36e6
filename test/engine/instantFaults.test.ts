/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { connectionRefusal, Sandbox, type Fault, type OddMessage } from '../sandbox';
import { active, receive, started, steered } from './instantStage';
import type { Listening } from './listening';
import { Rival } from './rival';
import { sandbox } from './stage';
import { until } from './until';

const ENDPOINT = 'event.endpoint';
const CONNECT = 'event.connect';
const SUBSCRIBE = 'mail.event.subscribe';

const MINUTE = 60_000;

/** How often all is looked through. */
const CHECK = 15 * MINUTE;

/** How often all was looked through. */
const looks = () => sandbox.requestsTo('mail.message.list').length;

/** One connection is open, and it brings what is announced, without a look through all. */
async function isWell(listening: Listening): Promise<void> {
	expect(sandbox.events.connections).toHaveLength(1);
	const [before, { length }] = [looks(), listening.subjects];
	receive({ subject: 'All is well' });
	await steered.settle();
	expect(listening.subjects.slice(length)).toEqual(['All is well']);
	expect(looks()).toBe(before);
	expect(listening.refused).toBe(0);
}

/** The connection is lost, and a mail comes in meanwhile. */
async function loseConnection({ abruptly = false } = {}): Promise<void> {
	sandbox.events.closeAll({ abruptly });
	await until(() => sandbox.events.connections.length === 0);
	receive({ subject: 'Meanwhile' });
}

describe('a connection', () => {
	it('that has fallen silent is opened anew in less than a minute', async () => {
		const listening = await active();
		sandbox.events.silence();
		receive({ subject: 'Unheard' });
		await steered.pass(45_000);
		await started(listening, 'Unheard');
		expect(sandbox.events.opened).toBe(2);
		expect(listening.errors).toEqual([]);
		await isWell(listening);
	});

	it('that is silent for a while only stays', async () => {
		const listening = await active();
		await steered.pass(10 * MINUTE);
		expect(sandbox.events.opened).toBe(1);
		await isWell(listening);
	});

	it.each<[string, () => void]>([
		['that the server closes', () => sandbox.events.closeAll()],
		['that breaks off', () => sandbox.events.closeAll({ abruptly: true })],
		[
			'that breaks off while its address is asked for',
			() => {
				sandbox.fail({ api: ENDPOINT, with: { kind: 'reset', when: 'before' } });
				sandbox.events.closeAll();
			},
		],
		[
			'that breaks off when its address is answered',
			() => {
				sandbox.fail({ api: ENDPOINT, with: { kind: 'reset', when: 'after' } });
				sandbox.events.closeAll();
			},
		],
		[
			'that breaks off in the handshake',
			() => {
				sandbox.fail({ api: CONNECT, with: { kind: 'reset', when: 'before' } });
				sandbox.events.closeAll();
			},
		],
		[
			'whose handshake is refused',
			() => {
				sandbox.fail({ api: CONNECT, with: { status: 403, body: '' } });
				sandbox.events.closeAll();
			},
		],
		[
			'that is closed before the first pong',
			() => {
				sandbox.events.pongs = 'none';
				sandbox.before(CONNECT, () => {
					setImmediate(() => {
						sandbox.events.closeAll();
						sandbox.events.pongs = 'clientConfig';
					});
				});
				sandbox.events.closeAll();
			},
		],
	])('%s is opened anew in seconds, and all is looked through', async (_, happens) => {
		const listening = await active();
		happens();
		await until(() => sandbox.events.connections.length === 0);
		receive({ subject: 'Meanwhile' });
		await steered.pass(5000);
		await started(listening, 'Meanwhile');
		expect(listening.errors).toEqual([]);
		await isWell(listening);
	});

	it.each([
		['address', ENDPOINT, 45_000],
		['handshake', CONNECT, 20_000],
	] as const)('whose %s never comes is opened anew', async (_, api, milliseconds) => {
		const listening = await active();
		sandbox.fail({ api, with: { kind: 'hang' } });
		await loseConnection();
		await steered.pass(milliseconds);
		await started(listening, 'Meanwhile');
		await isWell(listening);
	});

	it('that breaks off after an event and before its answer loses nothing, and nothing comes twice', async () => {
		const listening = await active();
		receive({ subject: 'Unanswered' });
		sandbox.events.closeAll({ abruptly: true });
		await steered.pass(20_000);
		sandbox.clock.advance(0);
		await started(listening, 'Unanswered');
		expect(sandbox.events.deliveries.map(({ outcome }) => outcome)).toEqual(['disconnected', 'answered']);
		await isWell(listening);
	});

	it('whose pings are never answered is tried on and on, while mails come with the checks', async () => {
		const listening = await active();
		sandbox.events.pongs = 'none';
		await loseConnection();
		await steered.pass(CHECK);
		await started(listening, 'Meanwhile');
		expect(sandbox.events.connections.length).toBeLessThanOrEqual(1);
		sandbox.events.pongs = 'clientConfig';
		await steered.pass(4 * MINUTE);
		await isWell(listening);
	});
});

describe('what nobody expects', () => {
	it.each<OddMessage>(['ping', 'garbage', 'text', 'card', 'otherEvent', 'noHeaders'])(
		'%s is nothing',
		async (odd) => {
			const listening = await active();
			const before = looks();
			sandbox.events.odd(odd);
			await steered.settle();
			expect(looks()).toBe(before);
			expect(sandbox.events.opened).toBe(1);
			await isWell(listening);
		},
	);

	it.each<OddMessage>(['noMessageId', 'unreadable', 'badFragments'])(
		'%s may be a mail: all is looked through',
		async (odd) => {
			const listening = await active();
			sandbox.events.lose();
			receive({ subject: 'Lost' });
			await steered.settle();
			expect(listening.executions).toEqual([]);
			sandbox.events.odd(odd);
			await started(listening, 'Lost');
			expect(sandbox.events.opened).toBe(1);
			await isWell(listening);
		},
	);
});

describe('an event', () => {
	it.each([
		['in order', {}, {}],
		['the last one first', { order: 'reversed' as const }, {}],
		['in any order, each twice', { order: 'shuffled' as const, repeated: true }, {}],
		['mixed with those of others', { order: 'shuffled' as const }, { interleaved: true }],
	])('that comes in pieces, %s, is read', async (_, fragments, release) => {
		const listening = await active();
		const before = looks();
		Object.assign(sandbox.events.fragments, { bytes: 40, ...fragments });
		sandbox.events.hold();
		for (const subject of ['One', 'Two', 'Three']) receive({ subject });
		sandbox.events.release(release);
		await started(listening, 'One', 'Two', 'Three');
		expect(looks()).toBe(before);
		for (const { outcome, frames } of sandbox.events.deliveries) {
			expect(frames.length).toBeGreaterThan(5);
			expect(outcome).toBe('answered');
		}
	});

	it('that never comes whole has all looked through with the next message', async () => {
		const listening = await active();
		sandbox.events.lose();
		receive({ subject: 'Half' });
		const place = { type: 'event', message_id: 'half', sum: '2', seq: '0' };
		const headers = Object.entries(place).map(([key, value]) => ({ key, value }));
		sandbox.events.connections[0]!.send({ method: 1, headers, payload: Buffer.from('{') });
		await steered.pass(45_000);
		await started(listening, 'Half');
	});

	it.each(['nothing', 'a restart of n8n'])(
		'that comes again 7 hours later, after %s, starts nothing',
		async (what) => {
			const listening = await active();
			receive({ subject: 'Once' });
			await started(listening, 'Once');
			// Executions of the last minutes would be started again.
			await steered.sleep(6 * MINUTE);
			if (what !== 'nothing') await listening.restart();
			await steered.sleep(7 * 60 * MINUTE);
			await until(() => sandbox.events.connections.length === 1);
			const again = sandbox.events.push(sandbox.events.deliveries[0]!.body);
			await until(() => again.outcome === 'answered');
			await started(listening, 'Once');
			await isWell(listening);
		},
	);
});

it('where the app has another connection, what that one gets comes with the next check', async () => {
	const listening = await active();
	await isWell(listening);
	const rival = new Rival(sandbox.app);
	await until(() => sandbox.events.connections.length === 2);
	// The last one gets it.
	sandbox.events.random = () => 0.99;
	receive({ subject: 'Elsewhere' });
	await steered.pass(CHECK);
	await started(listening, 'All is well', 'Elsewhere');
	expect(sandbox.events.deliveries.at(-1)!.outcome).toBe('answered');
	expect(listening.errors).toEqual([]);
	// It may be the subscription that has ended.
	expect(sandbox.requestsTo(SUBSCRIBE)).toHaveLength(2);
	rival.close();
	await until(() => sandbox.events.connections.length === 1);
	await isWell(listening);
});

describe.each([1000040350, 1000040351] as const)('a refusal (%d)', (code) => {
	const words = code === 1000040350 ? /as many long connections/ : /does not exist in this region/;

	const refuse = () => sandbox.fail({ api: ENDPOINT, on: () => true, with: connectionRefusal(code) });

	it('keeps a workflow from being published', async () => {
		refuse();
		await expect(active()).rejects.toThrow(words);
	});

	it('is told once, while mails come with the checks; it is tried again, and recovers by itself', async () => {
		const listening = await active();
		refuse();
		await loseConnection();
		await steered.pass(CHECK + MINUTE);
		await started(listening, 'Meanwhile');
		expect(listening.errors).toEqual([expect.objectContaining({ message: expect.stringMatching(words) })]);
		expect(sandbox.requestsTo(ENDPOINT).length).toBeGreaterThan(2);
		sandbox.clearFaults();
		await steered.pass(10 * MINUTE);
		expect(listening.errors).toHaveLength(1);
		await isWell(listening);
	});

	it('does not keep n8n from starting with the workflow', async () => {
		const listening = await active();
		refuse();
		await listening.restart();
		receive({ subject: 'Meanwhile' });
		await steered.pass(CHECK);
		await started(listening, 'Meanwhile');
		expect(listening.errors).toEqual([expect.objectContaining({ message: expect.stringMatching(words) })]);
	});
});

it.each<[string, Fault]>([
	['1', connectionRefusal(1)],
	['1000040343', connectionRefusal(1000040343)],
	['HTTP 500', { status: 500, body: 'Internal Server Error' }],
	['HTTP 502', { kind: 'html' }],
	['half an answer', { kind: 'truncated' }],
	['an answer without an address', { code: 0, data: {} }],
])('a fault that passes (%s) is not told', async (_, fault) => {
	const listening = await active();
	sandbox.fail({ api: ENDPOINT, on: () => true, with: fault });
	await loseConnection();
	await steered.pass(CHECK);
	await started(listening, 'Meanwhile');
	sandbox.clearFaults();
	await steered.pass(4 * MINUTE);
	expect(listening.errors).toEqual([]);
	await isWell(listening);
});

it('goes on when the server is there again', async () => {
	const listening = await active();
	const state = sandbox.state();
	await sandbox.close();
	await steered.pass(5 * MINUTE);
	const restarted = await Sandbox.start({ port: Number(new URL(sandbox.url).port), state });
	try {
		restarted.mailbox.receive({ subject: 'Meanwhile' });
		await steered.pass(4 * MINUTE);
		await until(() => listening.executions.length === 1);
		expect(restarted.events.connections).toHaveLength(1);
		restarted.mailbox.receive({ subject: 'Announced' });
		await until(() => listening.executions.length === 2);
		expect(listening.subjects).toEqual(['Meanwhile', 'Announced']);
	} finally {
		await listening.deactivate();
		await restarted.close();
	}
});
