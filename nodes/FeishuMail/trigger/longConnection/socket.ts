import { clock, unlessCancelled } from '../../transport/clock';
import { isObject } from '../../transport/answer';
import { RefusedInput } from '../../transport/refusedInput';
import type { Address } from './endpoint';
import { Fragments } from './fragments';
import { CONTROL, DATA, decodeFrame, encodeFrame, headerOf, type Frame } from './frame';

/** What is used of a WebSocket. */
interface Socket {
	binaryType: string;
	addEventListener(type: string, listener: (event: { data?: unknown; code?: number }) => void): void;
	send(data: Uint8Array): void;
	close(): void;
}

/** Node.js has it from 22 on. */
declare const WebSocket: (new (url: string) => Socket) | undefined;

/** Milliseconds for the handshake. */
const HANDSHAKE = 15_000;

/** Milliseconds after a ping in which something has to come: silent connections stay open for hours. */
const PATIENCE = 10_000;

/** Milliseconds that a closed connection waits for the server to close it, too. A dead one never does. */
const FAREWELL = 2000;

/** Milliseconds between pings: Feishu announces 120 seconds, but networks drop what is silent for that long. */
const LONGEST_INTERVAL = 30_000;

/** Who is told what comes. */
export interface Listener {
	/** The first frame has come: it is Feishu that answers. */
	up(): void;
	/** It could not be opened, or was lost: why, in words. */
	lost(reason: string): void;
	/** An event; undefined where it is lost. */
	received(event: unknown): void;
}

/**
 * What `work` gives, if it does in time.
 *
 * @throws Error with the words for when it does not; RunCancelled
 */
export async function within<T>(
	work: Promise<T>,
	milliseconds: number,
	late: string,
	cancelled?: AbortSignal,
): Promise<T> {
	const done = new AbortController();
	const tooLate = clock.wait(milliseconds, done.signal).then(() => {
		throw new Error(late);
	});
	try {
		return await unlessCancelled(Promise.race([work, tooLate]), cancelled);
	} finally {
		done.abort();
	}
}

/** @throws RefusedInput where there is no WebSocket */
export function webSocket(): NonNullable<typeof WebSocket> {
	if (typeof WebSocket !== 'undefined') return WebSocket;
	throw new RefusedInput(
		'The long connection needs Node.js 22 or later, which this n8n does not run on',
		"Update n8n, or use the 'Feishu Mail Trigger' node, which asks Feishu for new mails.",
	);
}

function open(url: string): Socket {
	const socket = new (webSocket())(url);
	socket.binaryType = 'arraybuffer';
	return socket;
}

/** A frame of a message; undefined where it is none, such as a text. */
function frameIn(data: unknown): Frame | undefined {
	try {
		return typeof data === 'string' ? undefined : decodeFrame(new Uint8Array(data as ArrayBuffer));
	} catch {
		return undefined;
	}
}

function jsonIn(bytes: Uint8Array | undefined): unknown {
	try {
		return JSON.parse(Buffer.from(bytes ?? []).toString());
	} catch {
		return undefined;
	}
}

/** Milliseconds between pings, by what Feishu announces; not more often than one can be told from the next. */
function intervalIn(config: unknown): number | undefined {
	const seconds = isObject(config) ? config.PingInterval : undefined;
	return typeof seconds === 'number' && seconds > 0
		? Math.max(PATIENCE, Math.min(seconds * 1000, LONGEST_INTERVAL))
		: undefined;
}

const ping = (service: number): Frame => ({
	sequenceId: 0n,
	logId: 0n,
	service,
	method: CONTROL,
	headers: [['type', 'ping']],
});

/** An event is answered with its own frame: what is in it tells Feishu what the answer is to. */
const answerTo = (frame: Frame): Frame => ({
	...frame,
	headers: [...frame.headers, ['biz_rt', '0']],
	payload: Buffer.from('{"code":200}'),
});

/**
 * Opens a socket, keeps it while it lives, and closes it.
 *
 * @throws RefusedInput where there is no WebSocket
 */
export async function converse(address: Address, listener: Listener, cancelled: AbortSignal): Promise<void> {
	const socket = open(address.url);
	const end = new AbortController();
	let reason = 'it was closed';
	const closed = new Promise<void>((resolve) => {
		socket.addEventListener('close', ({ code }) => {
			reason = `it was closed by the other side or the network (code ${code})`;
			end.abort();
			resolve();
		});
	});
	// The socket's own words may hold the address. Not every version tells that it is closed after an error.
	socket.addEventListener('error', () => end.abort());
	const opened = new Promise<void>((resolve) => socket.addEventListener('open', () => resolve()));

	const fragments = new Fragments();
	let interval = intervalIn(address.config) ?? LONGEST_INTERVAL;
	let isUp = false;
	let isHeard = false;

	const receive = (frame: Frame) => {
		let event: Uint8Array | undefined;
		try {
			event = fragments.add(frame);
		} catch {
			return listener.received(undefined);
		}
		if (!event) return;
		// Feishu sends an event again that is not answered within 3 seconds: what is done about it comes after.
		socket.send(encodeFrame(answerTo(frame)));
		listener.received(jsonIn(event));
	};

	socket.addEventListener('message', ({ data }) => {
		const frame = frameIn(data);
		if (!frame) return;
		isHeard = true;
		if (!isUp) listener.up();
		isUp = true;
		if (fragments.forgetLost()) listener.received(undefined);
		const type = headerOf(frame, 'type');
		if (frame.method === DATA && type === 'event') receive(frame);
		if (frame.method === CONTROL && type === 'pong') interval = intervalIn(jsonIn(frame.payload)) ?? interval;
	});

	const live = async (): Promise<never> => {
		await within(opened, HANDSHAKE, 'no handshake in 15 seconds', end.signal);
		for (;;) {
			isHeard = false;
			socket.send(encodeFrame(ping(address.service)));
			await clock.wait(PATIENCE, end.signal);
			if (!isHeard) throw new Error('no answer to a ping in 10 seconds');
			await clock.wait(interval - PATIENCE, end.signal);
		}
	};
	try {
		await unlessCancelled(live(), cancelled);
	} catch (error) {
		if (!cancelled.aborted) listener.lost(end.signal.aborted ? reason : (error as Error).message);
	} finally {
		end.abort();
		socket.close();
		await within(closed, FAREWELL, '').catch(() => {});
	}
}
