/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import express, { type Request, type Response } from 'express';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';

import {
	decodeFrame,
	encodeFrame,
	headerOf,
	type Frame,
} from '../../../nodes/FeishuMail/trigger/longConnection/frame';

/** Feishu's side of the long connection, which does what a test says. */
export class LongConnectionServer {
	/** The bodies and headers of requests for an address. */
	readonly asked: Array<{ body: unknown; locale?: string }> = [];

	/** What each socket sent. */
	readonly heard: Frame[] = [];

	/** The open ones. */
	readonly sockets = new Set<WebSocket>();

	/** How many were open at the same time, at most. */
	mostSockets = 0;

	/** How many handshakes have begun. */
	handshakes = 0;

	/** Gives an address. */
	readonly accepting = (_: Request, response: Response) => {
		response.json({ code: 0, msg: '', data: { URL: this.url, ClientConfig: { PingInterval: 120 } } });
	};

	/** What a request for an address gets. */
	answer: (request: Request, response: Response) => void = this.accepting;

	/** What becomes of a handshake. */
	handshake: 'accept' | 'hang' | 'refuse' = 'accept';

	/** What happens when a socket is open. */
	opened: (socket: WebSocket) => void = () => {};

	/** The payload of pongs; undefined: there are none. */
	pong: string | undefined = '';

	/** The tickets that were handed out: an address is good for one connection. */
	private tickets = 0;

	private readonly server: Server;

	private readonly connections = new Set<Duplex>();

	constructor() {
		const application = express();
		application.use(express.json());
		application.post('/callback/ws/endpoint', (request, response) => {
			this.asked.push({ body: request.body as unknown, locale: request.get('locale') });
			this.answer(request, response);
		});
		this.server = createServer(application);
		this.server.on('connection', (socket: Socket) => {
			this.connections.add(socket);
			socket.on('close', () => this.connections.delete(socket));
		});
		const webSockets = new WebSocketServer({ noServer: true });
		this.server.on('upgrade', (request, socket, head) => {
			this.handshakes++;
			if (this.handshake === 'hang') return;
			if (this.handshake === 'refuse') {
				return socket.end('HTTP/1.1 403 Forbidden\r\nHandshake-Status: 403\r\nContent-Length: 0\r\n\r\n');
			}
			webSockets.handleUpgrade(request, socket, head, (webSocket) => this.accept(webSocket));
		});
	}

	get baseUrl(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
	}

	get url(): string {
		const ticket = `secret-ticket-${++this.tickets}`;
		return `${this.baseUrl.replace('http', 'ws')}/ws?device_id=d1&service_id=33554678&ticket=${ticket}`;
	}

	/** How many TCP connections are open. */
	get openConnections(): number {
		return this.connections.size;
	}

	async start(): Promise<this> {
		await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		return this;
	}

	async stop(): Promise<void> {
		for (const connection of this.connections) connection.destroy();
		await new Promise((resolve) => this.server.close(resolve));
	}

	private accept(socket: WebSocket): void {
		this.sockets.add(socket);
		this.mostSockets = Math.max(this.mostSockets, this.sockets.size);
		socket.on('close', () => this.sockets.delete(socket));
		socket.on('error', () => {});
		socket.on('message', (data: RawData) => {
			const frame = decodeFrame(data as Buffer);
			this.heard.push(frame);
			if (headerOf(frame, 'type') === 'ping' && this.pong !== undefined) {
				const payload = this.pong === '' ? undefined : Buffer.from(this.pong);
				this.send({ ...frame, headers: [['type', 'pong']], payload }, socket);
			}
		});
		this.opened(socket);
	}

	/** The one that is open. */
	get socket(): WebSocket {
		const [socket, ...others] = this.sockets;
		if (!socket || others.length > 0) throw new Error(`${this.sockets.size} sockets are open`);
		return socket;
	}

	send(frame: Frame, socket = this.socket): void {
		socket.send(encodeFrame(frame));
	}

	get pings(): Frame[] {
		return this.heard.filter((frame) => headerOf(frame, 'type') === 'ping');
	}

	get answers(): Frame[] {
		return this.heard.filter((frame) => headerOf(frame, 'type') === 'event');
	}
}

/** The frames of an event, cut anywhere into pieces. */
export function piecesOf(messageId: string, event: unknown, pieces = 1): Frame[] {
	const bytes = typeof event === 'string' ? Buffer.from(event) : Buffer.from(JSON.stringify(event));
	const size = Math.ceil(bytes.length / pieces);
	return Array.from({ length: pieces }, (_, seq) => ({
		sequenceId: BigInt(seq + 1),
		logId: 7574400000000000n + BigInt(seq),
		service: 33554678,
		method: 1,
		headers: [
			['type', 'event'],
			['message_id', messageId],
			['sum', String(pieces)],
			['seq', String(seq)],
			['trace_id', 'tr-1'],
			['timestamp', '1764000000123'],
			['instance_id', 'inst=='],
		],
		payloadEncoding: 'none',
		payloadType: 'json',
		payload: bytes.subarray(seq * size, (seq + 1) * size),
		logIdNew: '0217640000000000000',
	}));
}
