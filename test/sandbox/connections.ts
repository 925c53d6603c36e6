import type { WebSocket } from 'ws';

import { decodeFrame, encodeFrame } from './frames';
import type { Frame } from './frames';
import type { App } from './tenants';

/** One long connection of an app. */
export class Connection {
	/** The pings that came, with the sandbox's time in ms. */
	readonly pings: Array<{ at: number; frame: Frame }> = [];

	/** Messages that are no frame: texts, and bytes that do not decode. */
	readonly unreadable: Buffer[] = [];

	/** Frames that are neither pings nor answers to an event that was sent on this connection. */
	readonly stray: Frame[] = [];

	/** Nothing is sent on it any more, no pongs either, and what comes is not answered. It stays open. */
	silent = false;

	/** How it ended: the code of WebSocket, and what the client said. Undefined while it is open. */
	closed?: { code: number; reason: string };

	private lastSeqId = 0n;

	constructor(
		readonly app: App,
		/** [SDK] names it in the logs of clients. */
		readonly deviceId: string,
		/** What pings say in `service`. */
		readonly serviceId: number,
		/** The sandbox's time in ms. */
		readonly opened: number,
		/** What it runs on. */
		readonly socket: WebSocket,
		received: (frame: Frame, connection: Connection) => void,
		ended: (connection: Connection) => void,
	) {
		socket.on('message', (data, isBinary) => {
			const bytes = data as Buffer;
			let frame: Frame;
			try {
				if (!isBinary) throw new Error('A text is no frame');
				frame = decodeFrame(bytes);
			} catch {
				this.unreadable.push(bytes);
				return;
			}
			received(frame, this);
		});
		socket.on('close', (code, reason) => {
			this.closed = { code, reason: reason.toString() };
			ended(this);
		});
		// What breaks a connection is told by its end.
		socket.on('error', () => undefined);
	}

	get isOpen(): boolean {
		return this.closed === undefined && this.socket.readyState === this.socket.OPEN;
	}

	/** A number for a frame that is sent, which grows. */
	nextSeqId(): bigint {
		this.lastSeqId += 1n;
		return this.lastSeqId;
	}

	/**
	 * Sends a frame. What it leaves out is filled in as in a control frame.
	 *
	 * @param more - bytes that follow: fields that no client knows
	 */
	send(frame: Partial<Frame>, more = Buffer.alloc(0)): void {
		const control = { SeqID: 0n, LogID: 0n, service: this.serviceId, method: 0, headers: [] };
		this.sendRaw(Buffer.concat([encodeFrame({ ...control, ...frame }), more]));
	}

	/** Sends a message as it is: bytes or a text. */
	sendRaw(message: Buffer | string): void {
		if (!this.silent && this.isOpen) this.socket.send(message);
	}

	/** Closes it as a server that is put to sleep does. */
	close(code = 1001, reason = ''): void {
		this.socket.close(code, reason);
	}

	/** Breaks it off without a word. */
	terminate(): void {
		this.socket.terminate();
	}
}
