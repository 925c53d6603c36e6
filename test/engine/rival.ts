import { WebSocket } from 'ws';

import { decodeFrame, encodeFrame, type App } from '../sandbox';
import { sandbox } from './stage';

/** Another client of an app, such as another n8n: it takes a random share of the events, and answers them as it should. */
export class Rival {
	/** By which the sandbox knows its connection. */
	readonly deviceId: string;

	private readonly socket: WebSocket;

	constructor(app: App) {
		const address = sandbox.events.newAddress(app, sandbox.url);
		this.deviceId = new URL(address).searchParams.get('device_id')!;
		this.socket = new WebSocket(address);
		this.socket.on('error', () => {});
		this.socket.on('message', (data: Buffer) => {
			try {
				const frame = decodeFrame(data);
				if (frame.method === 1)
					this.socket.send(encodeFrame({ ...frame, payload: Buffer.from('{"code":200}') }));
			} catch {
				// What is no frame is not for it.
			}
		});
	}

	close(): void {
		this.socket.terminate();
	}
}
