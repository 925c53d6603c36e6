/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- the sandbox runs on Node, not inside n8n */
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';

import { Connection } from './connections';
import { headerOf, methods } from './frames';
import type { Frame, FrameHeader } from './frames';
import { envelopeOf, eventScope, mailEvent, mailEventOf } from './mailEvent';
import type { EventAddress, EventEnvelope } from './mailEvent';
import type { Message } from './mails';
import { newId } from './tenants';
import type { App, Clock, Mailbox, Tenant, User } from './tenants';

/** What is told to clients of the long connection, in seconds. [SDK] */
export interface ClientConfig {
	/** Below 0: for ever. */
	ReconnectCount: number;
	ReconnectInterval: number;
	/** The first try comes after a random part of it. */
	ReconnectNonce: number;
	PingInterval: number;
}

/** An answer to an event. */
export interface EventAnswer {
	/** ms (real) since the last of its frames was sent. */
	after: number;
	/** Of its payload: 200, or something else where it is to be delivered again. Undefined when it has none. */
	code?: number;
	/** Whether the rest of the frame came back as it was sent; LogID may be rounded as by the Node SDK. */
	echoed: boolean;
	/** Whether LogID came back to the last digit. */
	exactLogId: boolean;
	frame: Frame;
}

export type DeliveryOutcome =
	/** By `Events.hold`. */
	| 'held'
	/** By `Events.delay`. */
	| 'delayed'
	/** No answer yet. */
	| 'under way'
	/** With code 200. */
	| 'answered'
	/** With another code. */
	| 'refused'
	/** Not in time, or not with all that had to come back. */
	| 'unanswered'
	/** Its connection ended first. */
	| 'disconnected'
	/** By `Events.lose`: as if it had been sent. */
	| 'lost'
	/** [seen: console] the app had no connection. */
	| 'app not online';

/** One try to deliver an event. */
export interface EventDelivery {
	readonly event_id: string;
	readonly app: App;
	/** What is sent, as a text. */
	readonly body: string;
	/** Absent for events of other kinds. */
	readonly mailbox?: Mailbox;
	/** The id of the mail. */
	readonly message_id?: string;
	/** 1, and more for each time that the same event is delivered again. */
	readonly attempt: number;
	/** The sandbox's time in ms. */
	readonly at: number;
	outcome: DeliveryOutcome;
	/** Where it was sent. */
	connection?: Connection;
	/** The frames that it was sent in, by their `seq`. */
	frames: Frame[];
	/** One is right; later ones change nothing. */
	readonly answers: EventAnswer[];
}

/** How the frames of an event are sent. */
export interface Fragments {
	/** At most so many bytes of the event in a frame. [SDK] pieces end inside of characters, too. */
	bytes: number;
	order: 'inOrder' | 'reversed' | 'shuffled';
	/** Each frame twice. */
	repeated: boolean;
}

/** What `Events.odd` sends. */
export type OddMessage =
	/** [SDK] a ping from the server, which clients ignore. */
	| 'ping'
	/** Bytes that are no frame. */
	| 'garbage'
	/** A message that is not binary. */
	| 'text'
	/** [SDK] a frame of the type `card`, which clients do not answer. */
	| 'card'
	/** An event of another kind, as the app may have subscribed. */
	| 'otherEvent'
	/** The event of a mail without its id. */
	| 'noMessageId'
	/** An event that is cut off in its middle. */
	| 'unreadable'
	/** Frames whose `sum` and `seq` cannot be. */
	| 'badFragments'
	/** A data frame without headers. */
	| 'noHeaders';

interface Ticket {
	app: App;
	deviceId: string;
	end: number;
}

/** [seen] that of a public log; one for all. */
const serviceId = 33_554_678;

/** Fields 15 to 18: a text, a number, 8 bytes and 4 bytes. */
const fieldsToCome = Buffer.from('7a0161' + '800196ffff0f' + '89010102030405060708' + '950101020304', 'hex');

/** How long an address can be used: the sandbox's choice. */
const ticketLifetime = 2 * 60 * 1000;

/** The same numbers each time, so that what is random goes the same way again (mulberry32). */
function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

function codeOf({ payload }: Frame): number | undefined {
	try {
		return (JSON.parse(String(payload)) as { code?: number }).code;
	} catch {
		return undefined;
	}
}

/** The frames in turns, one of each. */
function inTurns<Entry>(lists: Entry[][]): Entry[] {
	const longest = Math.max(0, ...lists.map(({ length }) => length));
	return Array.from({ length: longest }, (_, index) =>
		lists.flatMap((list) => list.slice(index, index + 1)),
	).flat();
}

/**
 * The events of the sandbox's apps and the long connections that bring them. [SDK, docs] The protocol is that of the
 * official SDKs. Its numbers are properties that tests change; nothing of it is remembered by `Sandbox.state`.
 */
export class Events {
	/** Those that are open, the oldest first. */
	readonly connections: Connection[] = [];

	/** How many were ever opened. */
	opened = 0;

	/** Every try to deliver an event, in that order. Tests may empty it. */
	readonly deliveries: EventDelivery[] = [];

	/** Which mails make events, by the folder in which they arrive. Not documented; drafts never do. */
	folders: Set<string> | 'all' = new Set(['INBOX']);

	/** Which address an event names, where the app has the scope for that. */
	mailAddress: EventAddress = 'own';

	/**
	 * Whether one mailbox is all that a user can be subscribed to in an app, so that the next one takes its place. [cli]
	 * contradictory
	 */
	oneMailboxPerUser = false;

	/** [docs] of one app; more are refused (1000040350). */
	connectionLimit = 50;

	/** Connections of each app that nobody sees: of other clients, or of those that crashed. They take no events. */
	otherConnections = 0;

	/** How a wrong secret is refused. [SDK] 514 and 403 are both possible, [docs] 10014 is that of the token endpoint. */
	wrongSecret: 514 | 403 | 10014 = 514;

	/** What clients are told before and with each pong. */
	clientConfig: ClientConfig = {
		ReconnectCount: -1,
		ReconnectInterval: 120,
		ReconnectNonce: 30,
		PingInterval: 120,
	};

	/** What pings are answered with. [SDK] the payload may be empty. */
	pongs: 'clientConfig' | 'empty' | 'none' = 'clientConfig';

	/** How long an answer may take: real ms. [docs] 3 s */
	answerTime = 3000;

	/**
	 * After how long an event that was not answered with 200 is delivered again, try by try: ms of the sandbox's clock,
	 * which passes by itself and by `clock.advance`. [docs: of request URLs; seen on long connections]
	 */
	redeliveries: number[] = [15_000, 300_000, 3_600_000, 21_600_000];

	/** Whether that goes for events to an app without a connection, too. Not documented. */
	redeliversOffline = false;

	/** How long events are under way: real ms. */
	delay = 0;

	/** How events are cut. [SDK] `sum` and `seq` are always there. */
	readonly fragments: Fragments = { bytes: Number.POSITIVE_INFINITY, order: 'inOrder', repeated: false };

	/** Optional fields and more headers of the frames of events, which have to come back. */
	readonly extra: Pick<Frame, 'payload_encoding' | 'payload_type'> & { headers: FrameHeader[] } = {
		headers: [],
	};

	/** Whether the frames of events have fields that no client knows, of each wire type, which need not come back. */
	unknownFields = false;

	/** Chooses the connection and the order of shuffled frames: from 0 to 1 as Math.random, the same in each sandbox. */
	random = seeded(1);

	private readonly tickets = new Map<string, Ticket>();

	private readonly server = new WebSocketServer({ noServer: true, perMessageDeflate: false });

	private readonly timers = new Set<NodeJS.Timeout>();

	private readonly held: EventDelivery[] = [];

	private holding = false;

	private losing = 0;

	private repeating = { events: 0, times: 0 };

	/** Events that are to be delivered again, and when (sandbox clock). */
	private waiting: Array<{ delivery: EventDelivery; at: number }> = [];

	/** When the last frame of a delivery was sent: real ms. */
	private readonly sentAt = new WeakMap<EventDelivery, number>();

	private lastLogId = 7_574_400_000_000_000_122n;

	private closed = false;

	constructor(
		private readonly clock: Clock,
		private readonly tenants: readonly Tenant[],
	) {}

	/** The next events are lost on their way: nothing of them arrives, and nothing is delivered again. */
	lose(deliveries = 1): void {
		this.losing = deliveries;
	}

	/** Each of the next events is delivered several times at once. */
	repeat(times = 2, events = 1): void {
		this.repeating = { events, times };
	}

	/** Holds events back until `release`. */
	hold(): void {
		this.holding = true;
	}

	/** Sends what was held back, in the order of the events or the other way round; or their frames in turns. */
	release({ reversed = false, interleaved = false } = {}): void {
		this.holding = false;
		const held = this.held.splice(0);
		this.transmit(reversed ? held.reverse() : held, interleaved);
	}

	/** Nothing more is sent on the connections that are open now: no pongs, no events. They stay open. */
	silence(): void {
		for (const connection of this.connections) connection.silent = true;
	}

	/** Ends all connections: as a server that goes away, or broken off without a word. */
	closeAll({ abruptly = false } = {}): void {
		for (const connection of [...this.connections]) {
			if (abruptly) connection.terminate();
			else connection.close();
		}
	}

	/** The open connections of an app. */
	connectionsOf(app: App): Connection[] {
		return this.connections.filter((connection) => connection.app === app && connection.isOpen);
	}

	/** How many connections an app has, those that nobody sees, too. */
	countOf(app: App): number {
		return this.connectionsOf(app).length + this.otherConnections;
	}

	/** The deliveries of the event of a mail. */
	deliveriesOf({ message_id }: Pick<Message, 'message_id'>): EventDelivery[] {
		return this.deliveries.filter((delivery) => delivery.message_id === message_id);
	}

	/** Delivers an event that says anything, or no event at all: a text is sent as it is. */
	push(event: EventEnvelope | string, app = this.firstApp()): EventDelivery {
		const isText = typeof event === 'string';
		const event_id = isText ? randomBytes(16).toString('hex') : event.header.event_id;
		return this.deliver({ event_id, app, body: isText ? event : JSON.stringify(event) });
	}

	/**
	 * Sends what clients must not stumble over, to every connection of an app; what looks like an event to one of them.
	 *
	 * @returns the delivery where it is one
	 */
	odd(message: OddMessage, app = this.firstApp()): EventDelivery | undefined {
		const connections = this.connectionsOf(app);
		const sendAll = (frame: Partial<Frame>) => {
			for (const connection of connections) connection.send(frame);
			return undefined;
		};
		const typed = (value: string, ...more: FrameHeader[]) => [{ key: 'type', value }, ...more];
		const now = this.clock.now();
		switch (message) {
			case 'ping':
				return sendAll({ headers: typed('ping') });
			case 'garbage':
				for (const connection of connections) connection.sendRaw(Buffer.from('ff00ff00', 'hex'));
				return undefined;
			case 'text':
				for (const connection of connections) connection.sendRaw('hello');
				return undefined;
			case 'card':
				return sendAll({ method: methods.data, headers: typed('card'), payload: Buffer.from('{}') });
			case 'otherEvent':
				return this.push(envelopeOf(app, now, { message: {} }, 'im.message.receive_v1'), app);
			case 'noMessageId':
				return this.push(envelopeOf(app, now, { mailbox_type: 1 }), app);
			case 'unreadable':
				return this.push('{"schema":"2.0","header":{"event_id":"', app);
			case 'badFragments':
				for (const [sum, seq] of [
					['0', '0'],
					['2', '2'],
					['2', '-1'],
					['100000', '0'],
					['many', 'x'],
				] as const) {
					const place = [
						{ key: 'message_id', value: randomUUID() },
						{ key: 'sum', value: sum },
						{ key: 'seq', value: seq },
					];
					sendAll({ method: methods.data, headers: typed('event', ...place), payload: Buffer.from('{}') });
				}
				return undefined;
			case 'noHeaders':
				return sendAll({ method: methods.data, payload: Buffer.from('{}') });
		}
	}

	/** A mail has arrived in a mailbox: every app with a subscription of it is told. */
	mailArrived(tenant: Tenant, mailbox: Mailbox, { message_id, folder_id, message_state }: Message): void {
		const wanted = this.folders === 'all' ? message_state !== 3 : this.folders.has(folder_id);
		if (!wanted) return;
		for (const app of tenant.apps) {
			const subscribers = this.subscribersOf(app, mailbox);
			if (subscribers.length === 0) continue;
			const event = mailEventOf(app, mailbox, message_id, subscribers, this.mailAddress);
			const envelope = envelopeOf(app, this.clock.now(), event);
			const { event_id } = envelope.header;
			const times = this.repeating.events > 0 ? this.repeating.times : 1;
			this.repeating.events -= 1;
			for (let attempt = 1; attempt <= times; attempt += 1) {
				this.deliver({ event_id, app, body: JSON.stringify(envelope), mailbox, message_id, attempt });
			}
		}
	}

	/** An address for one connection of an app, which can be used once. */
	newAddress(app: App, sandboxUrl: string): string {
		const deviceId = newId();
		const ticket = randomUUID();
		this.tickets.set(ticket, { app, deviceId, end: this.clock.now() + ticketLifetime });
		// [seen] in this order; the Node SDK finds no parameter that comes first.
		const query = new URLSearchParams({
			fpid: '493',
			aid: '552564',
			device_id: deviceId,
			access_key: randomBytes(16).toString('hex'),
			service_id: String(serviceId),
			ticket,
		});
		return `${sandboxUrl.replace(/^http/, 'ws')}/ws/v2?${query.toString()}`;
	}

	/** Whose connection a ticket is for; undefined when there is none, or its time is over. */
	appOf(ticket: string): App | undefined {
		const { app, end = 0 } = this.tickets.get(ticket) ?? {};
		return end > this.clock.now() ? app : undefined;
	}

	/** Makes a connection out of a request that was let through. Its ticket is used by that. */
	accept(ticket: string, request: IncomingMessage, socket: Duplex, head: Buffer): void {
		const used = this.tickets.get(ticket);
		this.tickets.delete(ticket);
		if (used === undefined) throw new Error('Only requests with a ticket are let through');
		this.server.handleUpgrade(request, socket, head, (webSocket) => {
			this.opened += 1;
			const connection = new Connection(
				used.app,
				used.deviceId,
				serviceId,
				this.clock.now(),
				webSocket,
				(frame, from) => this.received(frame, from),
				(ended) => this.ended(ended),
			);
			this.connections.push(connection);
		});
	}

	/** Delivers again what is due by the sandbox's clock. */
	deliverDue(): void {
		const now = this.clock.now();
		const due = this.waiting.filter(({ at }) => at <= now);
		this.waiting = this.waiting.filter(({ at }) => at > now);
		for (const { delivery } of due) this.deliver({ ...delivery, attempt: delivery.attempt + 1 });
	}

	/** Ends everything that goes on by itself. */
	close(): void {
		this.closed = true;
		for (const timer of this.timers) clearTimeout(timer);
		this.timers.clear();
		this.closeAll({ abruptly: true });
	}

	private firstApp(): App {
		const [app] = this.tenants.flatMap(({ apps }) => apps);
		if (app === undefined) throw new Error('The sandbox has no app');
		return app;
	}

	/** The users whose subscriptions of a mailbox are alive. */
	private subscribersOf(app: App, mailbox: Mailbox): User[] {
		// [docs] the event must be in the version that is published.
		if (!app.enabled || app.publishedVersion?.events.includes(mailEvent) !== true) return [];
		return app.subscriptions
			.filter((subscription) => subscription.mailbox === mailbox)
			.map(({ user }) => user)
			.filter(
				(user) =>
					// That a subscription rests while its user does not allow it: the sandbox's choice.
					app.userScopes.has(eventScope) &&
					app.authorizations.scopesOf(user).has(eventScope) &&
					user.mayReach(mailbox),
			);
	}

	private after(ms: number, happens: () => void): void {
		if (this.closed) return;
		const timer = setTimeout(() => {
			this.timers.delete(timer);
			happens();
		}, ms);
		timer.unref();
		this.timers.add(timer);
	}

	private deliver(
		event: Pick<EventDelivery, 'event_id' | 'app' | 'body' | 'mailbox' | 'message_id'> & { attempt?: number },
	): EventDelivery {
		const { event_id, app, body, mailbox, message_id, attempt = 1 } = event;
		const delivery: EventDelivery = {
			...{ event_id, app, body, mailbox, message_id, attempt, at: this.clock.now() },
			...{ outcome: 'under way', frames: [], answers: [] },
		};
		this.deliveries.push(delivery);
		if (this.losing > 0) {
			this.losing -= 1;
			delivery.outcome = 'lost';
		} else if (this.holding) {
			delivery.outcome = 'held';
			this.held.push(delivery);
		} else if (this.delay > 0) {
			delivery.outcome = 'delayed';
			this.after(this.delay, () => this.transmit([delivery]));
		} else {
			this.transmit([delivery]);
		}
		return delivery;
	}

	private transmit(deliveries: EventDelivery[], interleaved = false): void {
		const sent = deliveries.map((delivery) => {
			const { app } = delivery;
			const open = this.connectionsOf(app);
			// [docs] cluster mode: one random connection gets it.
			const connection = open[Math.floor(this.random() * open.length)];
			if (connection === undefined) {
				delivery.outcome = 'app not online';
				if (this.redeliversOffline) this.deliverLater(delivery);
				return [];
			}
			delivery.connection = connection;
			delivery.outcome = 'under way';
			delivery.frames = this.framesOf(delivery, connection);
			return this.asSent(delivery.frames).map((frame) => ({ connection, frame }));
		});
		for (const { connection, frame } of interleaved ? inTurns(sent) : sent.flat()) {
			connection.send(frame, this.unknownFields ? fieldsToCome : undefined);
		}
		const now = performance.now();
		for (const delivery of deliveries.filter(({ outcome }) => outcome === 'under way')) {
			this.sentAt.set(delivery, now);
			this.after(this.answerTime, () => this.failed(delivery, 'unanswered'));
		}
	}

	private framesOf({ event_id, body }: EventDelivery, connection: Connection): Frame[] {
		const bytes = Buffer.from(body);
		const size = Math.min(Math.max(1, this.fragments.bytes), Math.max(1, bytes.length));
		const sum = Math.max(1, Math.ceil(bytes.length / size));
		this.lastLogId += 1n;
		const now = this.clock.now();
		const { headers, ...optional } = this.extra;
		const common = {
			SeqID: connection.nextSeqId(),
			LogID: this.lastLogId,
			service: connection.serviceId,
			method: methods.data,
			...optional,
			LogIDNew: `02${now}${randomBytes(8).toString('hex')}`,
		};
		const message_id = randomUUID();
		const instance_id = randomBytes(6).toString('base64');
		return Array.from({ length: sum }, (_, seq) => ({
			...common,
			headers: Object.entries({
				...{ type: 'event', message_id, sum: String(sum), seq: String(seq) },
				// [seen] the id of the event.
				trace_id: event_id,
				...{ timestamp: String(now), instance_id },
			})
				.map(([key, value]) => ({ key, value }))
				.concat(headers),
			payload: bytes.subarray(seq * size, (seq + 1) * size),
		}));
	}

	private asSent(frames: readonly Frame[]): Frame[] {
		const { order, repeated } = this.fragments;
		const ordered = [...frames];
		if (order === 'reversed') ordered.reverse();
		if (order === 'shuffled') {
			for (let end = ordered.length; end > 1; end -= 1) {
				ordered.push(...ordered.splice(Math.floor(this.random() * end), 1));
			}
		}
		return repeated ? ordered.flatMap((frame) => [frame, frame]) : ordered;
	}

	private received(frame: Frame, connection: Connection): void {
		if (frame.method === methods.control && headerOf(frame, 'type') === 'ping') {
			connection.pings.push({ at: this.clock.now(), frame });
			if (this.pongs === 'none') return;
			const payload = Buffer.from(this.pongs === 'empty' ? '' : JSON.stringify(this.clientConfig));
			connection.send({ headers: [{ key: 'type', value: 'pong' }], payload });
			return;
		}
		const id = headerOf(frame, 'message_id');
		const delivery = this.deliveries.find(
			({ connection: sentOn, frames: [first] }) =>
				sentOn === connection &&
				first !== undefined &&
				id !== undefined &&
				headerOf(first, 'message_id') === id,
		);
		if (delivery === undefined || frame.method !== methods.data) connection.stray.push(frame);
		else if (!connection.silent) this.answered(delivery, frame);
	}

	private answered(delivery: EventDelivery, frame: Frame): void {
		const seq = Number(headerOf(frame, 'seq'));
		const sent = delivery.frames[seq];
		const echoed =
			sent !== undefined &&
			sent.headers.every(({ key, value }) => headerOf(frame, key) === value) &&
			(['SeqID', 'service', 'method', 'payload_encoding', 'payload_type', 'LogIDNew'] as const).every(
				(field) => frame[field] === sent[field],
			) &&
			// The Node SDK rounds it, which Feishu evidently accepts.
			Number(frame.LogID) === Number(sent.LogID);
		const code = codeOf(frame);
		const after = performance.now() - (this.sentAt.get(delivery) ?? 0);
		delivery.answers.push({ after, code, echoed, exactLogId: frame.LogID === sent?.LogID, frame });
		// What becomes of an answer that does not say what it answers is not documented; here it does not count.
		if (!echoed || delivery.outcome !== 'under way') return;
		if (code === 200) delivery.outcome = 'answered';
		else this.failed(delivery, 'refused');
	}

	private ended(connection: Connection): void {
		this.connections.splice(this.connections.indexOf(connection), 1);
		for (const delivery of this.deliveries) {
			if (delivery.connection === connection) this.failed(delivery, 'disconnected');
		}
	}

	private failed(delivery: EventDelivery, outcome: 'refused' | 'unanswered' | 'disconnected'): void {
		if (delivery.outcome !== 'under way') return;
		delivery.outcome = outcome;
		this.deliverLater(delivery);
	}

	private deliverLater(delivery: EventDelivery): void {
		const interval = this.redeliveries[delivery.attempt - 1];
		if (interval === undefined || this.closed) return;
		this.waiting.push({ delivery, at: this.clock.now() + interval });
		// A clock that stands still is no reason to wait for ever.
		this.after(interval, () => {
			const isDue = (entry: { delivery: EventDelivery }) => entry.delivery === delivery;
			if (!this.waiting.some(isDue)) return;
			this.waiting = this.waiting.filter((entry) => !isDue(entry));
			this.deliver({ ...delivery, attempt: delivery.attempt + 1 });
		});
	}
}
