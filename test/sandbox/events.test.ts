import { withUserAccessToken } from '@larksuiteoapi/node-sdk';
import { WebSocket } from 'ws';

import { until } from '../engine/until';
import { connect, connectSdk, dataOf, listenWithSdk, mailboxPath, outcome, signIn } from './client';
import type { SdkListener } from './client';
import { connectionRefusal, decodeFrame, encodeFrame, headerOf, Sandbox } from './index';
import type { App, ClientConfig, ConnectionRefusal, EventDelivery, Frame, OddMessage } from './index';
import { eml, rawOf } from './testMails';

let sandbox: Sandbox;
let listeners: SdkListener[];
let sockets: WebSocket[];

beforeEach(async () => {
	sandbox = await Sandbox.start();
	// Clients connect anew at once.
	Object.assign(sandbox.events.clientConfig, { ReconnectInterval: 0.02, ReconnectNonce: 0 });
	listeners = [];
	sockets = [];
});
afterEach(async () => {
	for (const { client } of listeners) client.close({ force: true });
	for (const socket of sockets) socket.terminate();
	await sandbox.close();
});

/** The official SDK's client, connected. */
async function listen(
	options: Parameters<typeof listenWithSdk>[1] = {},
	app = sandbox.app,
): Promise<SdkListener> {
	const known = new Set(sandbox.events.connections);
	const listener = listenWithSdk({ app, url: sandbox.url }, options);
	listeners.push(listener);
	// Before its first ping it does not listen yet.
	await until(() => sandbox.events.connections.some((one) => !known.has(one) && one.pings.length > 0));
	return listener;
}

/** The SDK's own methods for the subscription of a mailbox. */
function subscriptionOf(user_mailbox_id = 'me', token = sandbox.issueUserTokens().access_token) {
	const { userMailboxEvent } = connectSdk(sandbox).mail.v1;
	const path = { user_mailbox_id };
	const as = withUserAccessToken(token);
	return {
		subscribe: async () => await userMailboxEvent.subscribe({ path, data: { event_type: 1 } }, as),
		unsubscribe: async () => await userMailboxEvent.unsubscribe({ path, data: { event_type: 1 } }, as),
		types: async () => (await userMailboxEvent.subscription({ path }, as)).data?.event_types,
	};
}

/** As the user has subscribed to the own mailbox. */
function subscribe(app = sandbox.app): void {
	sandbox.issueUserTokens({ app });
	app.subscriptions.push({ user: sandbox.user, mailbox: sandbox.mailbox });
}

interface Endpoint {
	code: number;
	msg: string;
	data: { URL?: string; ClientConfig?: ClientConfig };
}

const askForAddress = async (body: object = { AppID: sandbox.app.id, AppSecret: sandbox.app.secret }) =>
	await connect(sandbox).post<Endpoint>('/callback/ws/endpoint', body);

const addressOf = async () => (await askForAddress()).data.data.URL ?? '';

/** A bare WebSocket, which answers nothing by itself; and why it was not opened, where it was not. */
async function open(address?: string) {
	const socket = new WebSocket(address ?? (await addressOf()));
	sockets.push(socket);
	const frames: Frame[] = [];
	socket.on('message', (data) => frames.push(decodeFrame(data as Buffer)));
	const refused = await new Promise<{ status?: number; headers: object } | undefined>((resolve) => {
		socket.on('open', () => resolve(undefined));
		socket.on('unexpected-response', (_request, { statusCode, headers }) =>
			resolve({ status: statusCode, headers }),
		);
		socket.on('error', () => resolve({ headers: {} }));
	});
	return { socket, frames, refused };
}

/** What a client answers to a frame. */
function answerTo(frame: Frame, change: Partial<Frame> = {}, code = 200): Buffer {
	const headers = [...frame.headers, { key: 'biz_rt', value: '1' }];
	return encodeFrame({ ...frame, headers, payload: Buffer.from(JSON.stringify({ code })), ...change });
}

const last = (): EventDelivery | undefined => sandbox.events.deliveries.at(-1);
const outcomes = () => sandbox.events.deliveries.map(({ outcome }) => outcome);
const answered = async () => await until(() => last()?.outcome === 'answered');

describe('a subscription', () => {
	it('is made, shown and ended by the official SDK, for each mailbox of a user', async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		team.members.add(sandbox.user);
		const [own, public_] = [subscriptionOf(), subscriptionOf('Team@example.com')];
		expect(await own.types()).toEqual([]);
		for (const one of [own, public_, own]) expect(await one.subscribe()).toMatchObject({ code: 0, data: {} });
		expect([await own.types(), await public_.types()]).toEqual([[1], [1]]);
		expect(sandbox.app.subscriptions).toHaveLength(2);
		expect(await own.unsubscribe()).toMatchObject({ code: 0, data: {} });
		expect([await own.types(), await public_.types()]).toEqual([[], [1]]);
		expect(sandbox.requestsTo('mail.event.subscribe').map(({ body }) => body)).toEqual(
			[1, 2, 3].map(() => ({ event_type: 1 })),
		);
	});

	it('may take the place of the one before', async () => {
		sandbox.tenant.addMailbox('team@example.com').members.add(sandbox.user);
		sandbox.events.oneMailboxPerUser = true;
		await subscriptionOf().subscribe();
		await subscriptionOf('team@example.com').subscribe();
		expect(sandbox.app.subscriptions.map(({ mailbox }) => mailbox.address)).toEqual(['team@example.com']);
	});

	it('is of one user in one app', async () => {
		const other = sandbox.tenant.addUser();
		sandbox.mailbox.members.add(other);
		const app = sandbox.tenant.addApp();
		const token = sandbox.issueUserTokens({ user: other }).access_token;
		await subscriptionOf('user@example.com').subscribe();
		const seen = async (access: string) => await subscriptionOf('user@example.com', access).types();
		expect(await seen(token)).toEqual([]);
		expect(await seen(sandbox.issueUserTokens({ app }).access_token)).toEqual([]);
		await subscriptionOf('user@example.com', token).unsubscribe();
		expect(sandbox.app.subscriptions).toHaveLength(1);
	});

	it.each([
		['none', {}, [400, 1230001]],
		['another one', { event_type: 2 }, [400, 1230001]],
		['a text', { event_type: '1' }, [400, 99992402]],
		['a list', { event_types: [1] }, [400, 1230001]],
	])('is refused for a wrong kind of event: %s', async (_case, body, refused) => {
		const client = connect(sandbox, sandbox.issueUserTokens().access_token);
		for (const action of ['subscribe', 'unsubscribe']) {
			expect(outcome(await client.post(`${mailboxPath('event', 'me')}/${action}`, body))).toEqual(refused);
		}
	});

	it('takes the scope of the user, and the documented method', async () => {
		const path = `${mailboxPath('event', 'me')}/subscribe`;
		const without = sandbox.issueUserTokens({ scopes: ['mail:user_mailbox:readonly'] }).access_token;
		expect(outcome(await connect(sandbox, without).post(path, { event_type: 1 }))).toEqual([400, 99991679]);
		const client = connect(sandbox, sandbox.issueUserTokens().access_token);
		expect((await client.delete(path)).status).toBe(404);
	});
});

describe('the versions of an app', () => {
	const versions = async (app = sandbox.app) => {
		const path = { app_id: app.id };
		const params = { lang: 'zh_cn', page_size: 2 } as const;
		return await connectSdk({ app, url: sandbox.url }).application.applicationAppVersion.list({
			path,
			params,
		});
	};

	it('are told to the official SDK, with the events in them', async () => {
		sandbox.app.versions.unshift({ version: '1.1.0', status: 3, events: ['im.message.receive_v1'] });
		expect(await versions()).toMatchObject({
			code: 0,
			data: {
				items: [
					{ version: '1.1.0', status: 3, publish_time: '' },
					{
						version: '1.0.0',
						status: 1,
						publish_time: '1767225600',
						event_infos: [{ event_type: 'mail.user_mailbox.event.message_received_v1' }],
					},
				],
				has_more: false,
			},
		});
		sandbox.app.versions.push({ version: '0.9.0', status: 1, publishedAt: 0, events: [] });
		expect((await versions()).data).toMatchObject({ has_more: true, page_token: '2' });
	});

	it('are refused to an app without the scope, of another app, and to users', async () => {
		const path = `/open-apis/application/v6/applications/${sandbox.app.id}/app_versions?lang=zh_cn`;
		const app = sandbox.tenant.addApp({ scopes: [] });
		expect(outcome(await (await signIn(sandbox, app)).get(path))).toEqual([400, 99991672]);
		expect(outcome(await (await signIn(sandbox, sandbox.tenant.addApp())).get(path))).toEqual([400, 210001]);
		const user = connect(sandbox, sandbox.issueUserTokens().access_token);
		expect(outcome(await user.get(path))).toEqual([400, 99991668]);
		const client = await signIn(sandbox);
		for (const wrong of ['', '?lang=de', '?lang=zh_cn&page_size=51']) {
			expect(outcome(await client.get(path.replace('?lang=zh_cn', wrong)))).toEqual([400, 210001]);
		}
	});
});

describe('the address of a long connection', () => {
	it('names the sandbox, the device and the service, and how to connect anew', async () => {
		const { status, data } = await askForAddress();
		expect([status, data]).toMatchObject([
			200,
			{ code: 0, data: { ClientConfig: { PingInterval: 120, ReconnectCount: -1 } } },
		]);
		const { protocol, host, searchParams } = new URL(data.data.URL ?? '');
		expect([protocol, host]).toEqual(['ws:', new URL(sandbox.url).host]);
		expect(searchParams.get('device_id')).toMatch(/^\d{19}$/);
		expect(searchParams.get('service_id')).toBe('33554678');
	});

	it('is used once, for a while', async () => {
		const [address, late] = [await addressOf(), await addressOf()];
		expect((await open(address)).refused).toBeUndefined();
		const refused = { status: 403, headers: { 'handshake-status': '514' } };
		expect((await open(address)).refused).toMatchObject(refused);
		sandbox.clock.advance(2 * 60 * 1000);
		expect((await open(late)).refused).toMatchObject(refused);
		expect((await open(address.replace('/v2', '/v3'))).refused).toMatchObject({ status: 404 });
		expect((await connect(sandbox).get(address.replace('ws:', 'http:'))).status).toBe(400);
	});

	it.each<[string, (app: App) => object, number]>([
		['no id', ({ secret }) => ({ AppSecret: secret }), 1000040344],
		['no secret', ({ id }) => ({ AppID: id, AppSecret: '' }), 1000040344],
		['an unknown app', ({ secret }) => ({ AppID: 'cli_0', AppSecret: secret }), 514],
		['a wrong secret', ({ id }) => ({ AppID: id, AppSecret: 'x' }), 514],
		['fields of the other endpoint', ({ id, secret }) => ({ app_id: id, app_secret: secret }), 1000040344],
	])('is refused for %s', async (_case, body, code) => {
		const { status, data } = await askForAddress(body(sandbox.app));
		expect([status, data]).toMatchObject([200, { code, data: {} }]);
	});

	it('is refused to an app that is not in use, and for a wrong secret with the code that was chosen', async () => {
		sandbox.events.wrongSecret = 10014;
		expect((await askForAddress({ AppID: sandbox.app.id, AppSecret: 'x' })).data.code).toBe(10014);
		sandbox.app.enabled = false;
		expect((await askForAddress()).data.code).toBe(403);
	});

	it('is refused above 50 connections, and the handshake, too', async () => {
		const client = await signIn(sandbox);
		const count = async () => dataOf(await client.get('/open-apis/event/v1/connection'));
		expect(await count()).toEqual({ online_instance_cnt: 0 });
		sandbox.events.otherConnections = 49;
		const [address, other] = [await addressOf(), await addressOf()];
		await open(address);
		expect(await count()).toEqual({ online_instance_cnt: 50 });
		expect((await askForAddress()).data.code).toBe(1000040350);
		expect((await open(other)).refused).toMatchObject({
			headers: { 'handshake-status': '514', 'handshake-autherrcode': '1000040350' },
		});
		const user = connect(sandbox, sandbox.issueUserTokens().access_token);
		expect(outcome(await user.get('/open-apis/event/v1/connection'))).toEqual([400, 99991668]);
	});

	it.each<[ConnectionRefusal, string]>([
		[1, 'system busy'],
		[1000040351, 'Incorrect domain name'],
	])('ends the official SDK where it is refused with %s', async (code, text) => {
		sandbox.fail({ api: 'event.endpoint', with: connectionRefusal(code) });
		const listener = listenWithSdk(sandbox);
		listeners.push(listener);
		await until(() => listener.errors.length > 0);
		expect(listener.errors[0]?.message).toBe(`pullConnectConfig failed: code=${code}, msg=${text}`);
	});

	it('is asked for again by the official SDK after an internal error and after HTTP 502', async () => {
		const listener = await listen();
		sandbox.fail({ api: 'event.endpoint', with: connectionRefusal(1000040343) });
		sandbox.fail({ api: 'event.endpoint', with: { kind: 'html' } });
		sandbox.events.closeAll();
		await until(() => listener.reconnected === 1);
		expect(sandbox.requestsTo('event.endpoint').map(({ status, code }) => [status, code])).toEqual([
			[200, 0],
			[200, 1000040343],
			[502, undefined],
			[200, 0],
		]);
	});
});

describe('a handshake', () => {
	it('is among the requests, and happens after what is to come before', async () => {
		let seen = -1;
		sandbox.before('event.connect', () => (seen = sandbox.events.opened));
		await listen();
		expect(seen).toBe(0);
		expect(sandbox.requestsTo('event.connect')).toMatchObject([{ status: 101, executed: true }]);
		expect(sandbox.requestsTo('event.endpoint')).toMatchObject([
			{ method: 'POST', path: '/callback/ws/endpoint', code: 0, headers: { locale: 'zh' } },
		]);
	});

	it('hangs, is broken off, late or refused', async () => {
		sandbox.fail({ api: 'event.connect', with: { kind: 'hang' } });
		const hanging = new WebSocket(await addressOf());
		hanging.on('error', () => undefined);
		sandbox.fail({ api: 'event.connect', with: { kind: 'reset', when: 'before' } });
		expect((await open()).refused).toEqual({ headers: {} });
		const headers = { 'Handshake-Status': '403' };
		sandbox.fail({ api: 'event.connect', with: { status: 500, headers } });
		expect((await open()).refused).toMatchObject({ status: 500, headers: { 'handshake-status': '403' } });
		sandbox.fail({ api: 'event.connect', with: { kind: 'html' } });
		expect((await open()).refused).toMatchObject({ status: 502 });
		sandbox.fail({ api: 'event.connect', with: { kind: 'delay', ms: 30 } });
		expect((await open()).refused).toBeUndefined();
		expect(hanging.readyState).toBe(WebSocket.CONNECTING);
		expect(sandbox.events.opened).toBe(1);
		await sandbox.close();
		await until(() => hanging.readyState === WebSocket.CLOSED);
	});
});

describe('pings', () => {
	it('are sent by the official SDK at once, and as often as the pong says', async () => {
		await listen();
		const [connection] = sandbox.events.connections;
		await until(() => connection?.pings.length === 1);
		expect(connection?.pings[0]?.frame).toMatchObject({ SeqID: 0n, LogID: 0n, service: 33_554_678 });
		expect(connection?.pings[0]?.frame.payload).toBeUndefined();
		// The second interval was set before the pong came.
		const { client } = await listen();
		client.close({ force: true });
		sandbox.events.clientConfig.PingInterval = 0.02;
		await listen();
		await until(() => (sandbox.events.connections.at(-1)?.pings.length ?? 0) > 3);
	});

	it.each<['clientConfig' | 'empty' | 'none', string[]]>([
		[
			'clientConfig',
			['{"ReconnectCount":-1,"ReconnectInterval":0.02,"ReconnectNonce":0,"PingInterval":120}'],
		],
		['empty', ['']],
		['none', []],
	])('are answered as chosen: %s', async (pongs, payloads) => {
		sandbox.events.pongs = pongs;
		const { socket, frames } = await open();
		const control = { SeqID: 0n, LogID: 0n, service: 1, method: 0 };
		socket.send(encodeFrame({ ...control, headers: [{ key: 'type', value: 'ping' }] }));
		await until(() => sandbox.events.connections[0]?.pings.length === 1);
		sandbox.events.odd('ping');
		await until(() => frames.length === payloads.length + 1);
		expect(frames.map((frame) => headerOf(frame, 'type'))).toEqual([...payloads.map(() => 'pong'), 'ping']);
		expect(frames.slice(0, -1).map(({ payload }) => String(payload ?? ''))).toEqual(payloads);
	});
});

describe('the event of a mail', () => {
	it('reaches the official SDK, which answers it', async () => {
		await subscriptionOf().subscribe();
		const { events } = await listen();
		const { message_id } = sandbox.mailbox.receive();
		await answered();
		const { userId, unionId } = sandbox.user;
		expect(events).toMatchObject([
			{
				event_type: 'mail.user_mailbox.event.message_received_v1',
				app_id: sandbox.app.id,
				tenant_key: sandbox.tenant.key,
				mail_address: 'user@example.com',
				message_id,
				mailbox_type: 1,
				subscriber: {
					user_ids: [{ union_id: unionId, user_id: userId, open_id: sandbox.user.openIdIn(sandbox.app) }],
				},
			},
		]);
		expect(last()).toMatchObject({ attempt: 1, message_id, event_id: events[0]?.event_id });
		// The SDK rounds LogID.
		expect(last()?.answers).toMatchObject([{ code: 200, echoed: true, exactLogId: false }]);
		expect(last()?.answers[0]?.after).toBeLessThan(3000);
	});

	it('is one for all who have subscribed to a public mailbox', async () => {
		const team = sandbox.tenant.addMailbox('team@example.com');
		const other = sandbox.tenant.addUser();
		for (const user of [sandbox.user, other]) {
			team.members.add(user);
			await subscriptionOf(team.address, sandbox.issueUserTokens({ user }).access_token).subscribe();
		}
		const { events } = await listen();
		team.receive();
		await answered();
		const ids = [sandbox.user, other].map((user) => ({ union_id: user.unionId }));
		expect(events).toMatchObject([{ mailbox_type: 2, subscriber: { user_ids: ids } }]);
		team.members.delete(other);
		team.receive();
		await until(() => events.length === 2);
		expect(events[1]).toMatchObject({ subscriber: { user_ids: [{ union_id: sandbox.user.unionId }] } });
	});

	it('comes of mails that are dropped in, and of those that are sent to the mailbox', async () => {
		subscribe();
		const { events } = await listen();
		const form = new FormData();
		form.set('count', '2');
		await fetch(`${sandbox.url}/sandbox/mails`, { method: 'POST', body: form, redirect: 'manual' });
		const client = connect(sandbox, sandbox.issueUserTokens().access_token);
		const raw = rawOf(eml({ To: 'user@example.com, bob@example.org' }));
		await client.post(mailboxPath('messages', 'me', 'send'), { raw });
		await until(() => events.length === 3);
		// The copy of the sender makes none.
		expect(events.map(({ message_id }) => message_id)).toEqual(
			sandbox.mailbox.messages
				.filter(({ folder_id }) => folder_id === 'INBOX')
				.map((mail) => mail.message_id),
		);
	});

	it('comes of the folders that were chosen, and never of drafts', async () => {
		subscribe();
		const folders = ['INBOX', 'SPAM', 'SENT', 'DRAFT', '7001'];
		const made = () => {
			sandbox.events.deliveries.length = 0;
			for (const folder_id of folders) sandbox.mailbox.receive({ folder_id });
			return sandbox.events.deliveries.map(
				({ message_id }) =>
					sandbox.mailbox.messages.find((mail) => mail.message_id === message_id)?.folder_id,
			);
		};
		expect(made()).toEqual(['INBOX']);
		sandbox.events.folders = new Set(['INBOX', '7001']);
		expect(made()).toEqual(['INBOX', '7001']);
		sandbox.events.folders = 'all';
		expect(made()).toEqual(['INBOX', 'SPAM', 'SENT', '7001']);
	});

	it.each([
		['own', 'user@example.com'],
		['absent', undefined],
		['upperCase', 'USER@EXAMPLE.COM'],
		['alias', 'sales@example.com'],
	] as const)('names the address as chosen: %s', (choice, expected) => {
		subscribe();
		sandbox.mailbox.aliases.push('sales@example.com');
		sandbox.events.mailAddress = choice;
		sandbox.mailbox.receive();
		expect(JSON.parse(last()?.body ?? '').event.mail_address).toBe(expected);
	});

	it('names no address and no user ids to an app without these scopes', () => {
		subscribe();
		sandbox.app.userScopes.delete('mail:user_mailbox.event.mail_address:read');
		sandbox.app.userScopes.delete('contact:user.employee_id:readonly');
		sandbox.mailbox.receive();
		const { event } = JSON.parse(last()?.body ?? '');
		expect(Object.keys(event)).toEqual(['message_id', 'mailbox_type', 'subscriber']);
		expect(Object.keys(event.subscriber.user_ids[0])).toEqual(['union_id', 'open_id']);
	});

	it.each<[string, () => unknown]>([
		['was never subscribed to', () => sandbox.app.subscriptions.pop()],
		['is of an app that is stopped', () => (sandbox.app.enabled = false)],
		['is of a user who took back the access', () => sandbox.app.revokeUserAccess()],
		['is of an app that lost the scope', () => sandbox.app.userScopes.delete('mail:event')],
		['is in no published version', () => sandbox.app.versions.pop()],
	])('is not made where it %s', (_case, change) => {
		subscribe();
		change();
		sandbox.mailbox.receive();
		expect(sandbox.events.deliveries).toEqual([]);
	});

	it('goes to every app that has subscribed, and to one connection of each', async () => {
		const app = sandbox.tenant.addApp();
		subscribe();
		subscribe(app);
		const [one, two, other] = [await listen(), await listen(), await listen({}, app)];
		for (let n = 0; n < 20; n += 1) sandbox.mailbox.receive();
		await until(() => outcomes().filter((each) => each === 'answered').length === 40);
		expect(one.events.length + two.events.length).toBe(20);
		expect(Math.min(one.events.length, two.events.length)).toBeGreaterThan(3);
		expect(other.events).toHaveLength(20);
		sandbox.events.random = () => 0;
		const before = one.events.length;
		sandbox.mailbox.receive();
		await until(() => one.events.length === before + 1);
	});

	it('is lost without a connection, unless it is to be delivered later', async () => {
		subscribe();
		sandbox.mailbox.receive();
		sandbox.events.redeliversOffline = true;
		sandbox.mailbox.receive();
		expect(outcomes()).toEqual(['app not online', 'app not online']);
		const { events } = await listen();
		sandbox.clock.advance(15_000);
		await answered();
		expect(events.map(({ message_id }) => message_id)).toEqual([sandbox.mailbox.messages[1]?.message_id]);
	});
});

describe('an event is delivered again', () => {
	it('where its handler fails, with the same id, after the documented times', async () => {
		subscribe();
		const { events } = await listen({ handle: () => Promise.reject(new Error('No')) });
		sandbox.mailbox.receive();
		for (const ms of [15_000, 300_000, 3_600_000, 21_600_000]) {
			await until(() => last()?.outcome === 'refused');
			sandbox.clock.advance(ms - 1000);
			const { length } = sandbox.events.deliveries;
			sandbox.clock.advance(1000);
			expect(sandbox.events.deliveries).toHaveLength(length + 1);
		}
		await until(() => last()?.outcome === 'refused');
		sandbox.clock.advance(100_000_000);
		expect(outcomes()).toEqual(['refused', 'refused', 'refused', 'refused', 'refused']);
		expect(last()?.answers).toMatchObject([{ code: 500, echoed: true }]);
		expect(sandbox.events.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5]);
		expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(1);
		expect(events).toHaveLength(5);
	});

	it('where no answer comes in time, by itself; a late one changes nothing', async () => {
		subscribe();
		Object.assign(sandbox.events, { answerTime: 30, redeliveries: [300] });
		let go: () => void = () => undefined;
		const waits = new Promise<void>((resolve) => (go = resolve));
		const { events } = await listen({ handle: async () => await waits });
		sandbox.mailbox.receive();
		await until(() => outcomes()[0] === 'unanswered');
		sandbox.events.answerTime = 3000;
		go();
		await answered();
		const [first] = sandbox.events.deliveries;
		expect(outcomes()).toEqual(['unanswered', 'answered']);
		expect(first?.answers).toMatchObject([{ code: 200, echoed: true }]);
		expect(first?.answers[0]?.after).toBeGreaterThan(25);
		expect(events).toHaveLength(2);
	});

	it('where its connection ends before the answer', async () => {
		subscribe();
		sandbox.events.redeliveries = [0];
		const { socket, frames } = await open();
		sandbox.mailbox.receive();
		await until(() => frames.length === 1);
		await listen();
		socket.terminate();
		await answered();
		expect(outcomes()).toEqual(['disconnected', 'answered']);
	});
});

describe('an answer', () => {
	it.each<[string, (frame: Frame) => Partial<Frame>, boolean]>([
		['has all that came', () => ({}), true],
		['has LogID rounded', ({ LogID }) => ({ LogID: BigInt(Number(LogID)) }), true],
		['has another LogID', ({ LogID }) => ({ LogID: LogID + 1_000_000n }), false],
		['has another SeqID', () => ({ SeqID: 99n }), false],
		['has another service', () => ({ service: 0 }), false],
		['lacks LogIDNew', () => ({ LogIDNew: undefined }), false],
		['lacks the type of its payload', () => ({ payload_type: undefined }), false],
		['lacks the encoding of its payload', () => ({ payload_encoding: undefined }), false],
		[
			'lacks a header',
			({ headers }) => ({ headers: headers.filter(({ key }) => key !== 'instance_id') }),
			false,
		],
		['lacks a new header', ({ headers }) => ({ headers: headers.filter(({ key }) => key !== 'x') }), false],
	])('that %s', async (_case, change, counts) => {
		subscribe();
		Object.assign(sandbox.events.extra, { payload_encoding: 'utf-8', payload_type: 'json' });
		sandbox.events.extra.headers.push({ key: 'x', value: '1' });
		const { socket, frames } = await open();
		sandbox.mailbox.receive();
		await until(() => frames.length === 1);
		const [frame] = frames as [Frame];
		socket.send(answerTo(frame, change(frame)));
		await until(() => last()?.answers.length === 1);
		expect([last()?.outcome, last()?.answers[0]?.echoed]).toEqual([
			counts ? 'answered' : 'under way',
			counts,
		]);
	});

	it('is told whether it is exact; what is none is kept apart', async () => {
		subscribe();
		const { socket, frames } = await open();
		sandbox.mailbox.receive();
		await until(() => frames.length === 1);
		const [frame] = frames as [Frame];
		expect(frame.LogID).toBeGreaterThan(2n ** 53n);
		socket.send('hello');
		socket.send(Buffer.from('ff00', 'hex'));
		socket.send(encodeFrame({ ...frame, headers: [{ key: 'message_id', value: 'another' }] }));
		socket.send(answerTo(frame, { payload: Buffer.from('no JSON') }));
		socket.send(answerTo(frame));
		await until(() => last()?.answers.length === 2);
		expect(last()).toMatchObject({
			outcome: 'refused',
			answers: [{ code: undefined }, { exactLogId: true }],
		});
		const [connection] = sandbox.events.connections;
		expect(connection?.unreadable.map(String)).toEqual(['hello', expect.any(String)]);
		expect(connection?.stray).toHaveLength(1);
	});
});

describe('what happens to events on their way', () => {
	beforeEach(() => subscribe());

	const receive = (count: number) =>
		Array.from({ length: count }, () => sandbox.mailbox.receive().message_id);
	const ids = ({ events }: SdkListener) => events.map(({ message_id }) => message_id);

	it('they are lost', async () => {
		const listener = await listen();
		sandbox.events.lose(2);
		const sent = receive(3);
		await answered();
		expect(outcomes()).toEqual(['lost', 'lost', 'answered']);
		expect(ids(listener)).toEqual(sent.slice(2));
	});

	it('they come several times', async () => {
		const listener = await listen();
		sandbox.events.repeat(3, 2);
		const [one, two, three] = receive(3);
		await until(() => listener.events.length === 7);
		expect(ids(listener)).toEqual([one, one, one, two, two, two, three]);
		expect(new Set(listener.events.map(({ event_id }) => event_id)).size).toBe(3);
	});

	it('they come late', async () => {
		const listener = await listen();
		sandbox.events.delay = 50;
		receive(1);
		expect(outcomes()).toEqual(['delayed']);
		await answered();
		expect(listener.events).toHaveLength(1);
	});

	it('they are held back, and come in order or the other way round', async () => {
		const listener = await listen();
		const all: string[] = [];
		for (const reversed of [false, true]) {
			sandbox.events.hold();
			const sent = receive(3);
			expect(last()?.outcome).toBe('held');
			sandbox.events.release({ reversed });
			all.push(...(reversed ? sent.reverse() : sent));
		}
		receive(1);
		await until(() => listener.events.length === 7);
		expect(ids(listener).slice(0, 6)).toEqual(all);
	});

	it.each([
		['in order', { order: 'inOrder' }, false],
		['the other way round', { order: 'reversed' }, false],
		['shuffled', { order: 'shuffled' }, false],
		['twice', { repeated: true }, false],
		['in turns', { order: 'shuffled', repeated: true }, true],
	] as const)('they come in pieces, %s', async (_case, change, interleaved) => {
		Object.assign(sandbox.events.fragments, { bytes: 7 }, change);
		const listener = await listen();
		sandbox.events.hold();
		// Pieces end inside of these characters.
		sandbox.mailbox.aliases.push('发票报价发票报价@example.com');
		sandbox.events.mailAddress = 'alias';
		const sent = receive(2);
		sandbox.events.release({ interleaved });
		await until(() => outcomes().every((each) => each === 'answered'));
		expect(new Set(ids(listener))).toEqual(new Set(sent));
		expect(listener.events[0]?.mail_address).toBe(sandbox.mailbox.aliases[0]);
		const [{ frames = [], body = '' } = {}] = sandbox.events.deliveries;
		expect(frames).toHaveLength(Math.ceil(Buffer.byteLength(body) / 7));
		expect(sandbox.events.deliveries.map(({ answers }) => answers.length)).toEqual([1, 1]);
	});

	it.each([
		['inOrder', false, '01234'],
		['reversed', false, '43210'],
		['reversed', true, '4433221100'],
		['shuffled', false, expect.not.stringMatching('01234')],
	] as const)('their pieces come %s (each of them twice: %s)', async (order, repeated, expected) => {
		const { frames } = await open();
		sandbox.events.hold();
		receive(1);
		const bytes = Math.ceil(Buffer.byteLength(last()?.body ?? '') / 5);
		Object.assign(sandbox.events.fragments, { bytes, order, repeated });
		sandbox.events.release();
		await until(() => frames.length === (repeated ? 10 : 5));
		expect(frames.map((frame) => headerOf(frame, 'seq')).join('')).toEqual(expected);
		const inOrder = [...frames].sort((a, b) => Number(headerOf(a, 'seq')) - Number(headerOf(b, 'seq')));
		const once = inOrder.filter((_, index) => !repeated || index % 2 === 0);
		expect(Buffer.concat(once.map(({ payload }) => payload ?? Buffer.from(''))).toString()).toBe(
			last()?.body,
		);
	});

	it('they have fields that nobody knows', async () => {
		sandbox.events.unknownFields = true;
		const [{ socket }, listener] = [await open(), await listen()];
		const lengths: number[] = [];
		socket.on('message', (data) => lengths.push((data as Buffer).length));
		sandbox.events.random = () => 0;
		receive(1);
		await until(() => lengths.length === 1);
		socket.terminate();
		await until(() => sandbox.events.connections.length === 1);
		receive(1);
		await answered();
		expect(listener.events).toHaveLength(1);
		const [{ frames: [frame] } = { frames: [] }] = sandbox.events.deliveries;
		expect(lengths[0]).toBeGreaterThan(encodeFrame(frame as Frame).length);
	});

	it('their pieces take turns', async () => {
		sandbox.events.fragments.bytes = 200;
		const { frames } = await open();
		sandbox.events.hold();
		receive(2);
		sandbox.events.release({ interleaved: true });
		const [one, two] = sandbox.events.deliveries as [EventDelivery, EventDelivery];
		await until(() => frames.length === one.frames.length + two.frames.length);
		const messages = frames.map((frame) => headerOf(frame, 'message_id'));
		expect(new Set(messages.slice(0, 2)).size).toBe(2);
		expect(frames.slice(0, 4).map((frame) => headerOf(frame, 'seq'))).toEqual(['0', '0', '1', '1']);
	});
});

describe('a connection', () => {
	beforeEach(() => subscribe());

	it('falls silent and stays open; the SDK notices with a watchdog of its own', async () => {
		sandbox.events.clientConfig.PingInterval = 0.4;
		const { events, ...listener } = await listen({ wsConfig: { pingTimeout: 0.3 } });
		const [silent] = sandbox.events.connections;
		await until(() => (silent?.pings.length ?? 0) > 1);
		const redeliveries = Array.from({ length: 100 }, () => 20);
		Object.assign(sandbox.events, { answerTime: 20, redeliveries, redeliversOffline: true });
		sandbox.events.silence();
		sandbox.mailbox.receive();
		await until(() => outcomes()[0] === 'unanswered');
		expect(events).toEqual([]);
		sandbox.events.answerTime = 3000;
		await until(() => sandbox.events.opened === 2);
		await until(() => outcomes().includes('answered'));
		expect([listener.errors, events.length]).toEqual([[], 1]);
	});

	it.each([false, true])('is closed, and the SDK connects anew (abruptly: %s)', async (abruptly) => {
		const listener = await listen();
		sandbox.events.closeAll({ abruptly });
		await until(() => listener.reconnected === 1);
		sandbox.mailbox.receive();
		await answered();
		expect([sandbox.events.opened, sandbox.events.connections.length]).toEqual([2, 1]);
	});

	it('tells how its client closed it', async () => {
		const { socket } = await open();
		const [connection] = sandbox.events.connections;
		expect([connection?.isOpen, connection?.closed]).toEqual([true, undefined]);
		socket.close(1000, 'done');
		await until(() => sandbox.events.connections.length === 0);
		expect([connection?.isOpen, connection?.closed]).toEqual([false, { code: 1000, reason: 'done' }]);
	});

	it.each<[OddMessage, DeliveryOf]>([
		['ping', undefined],
		['garbage', undefined],
		['text', undefined],
		['card', undefined],
		['badFragments', undefined],
		['noHeaders', undefined],
		['otherEvent', 'answered'],
		['noMessageId', 'answered'],
		['unreadable', 'unanswered'],
	])('carries odd messages, which the SDK survives: %s', async (message, fate) => {
		const listener = await listen();
		if (fate === 'unanswered') sandbox.events.answerTime = 100;
		const delivery = sandbox.events.odd(message);
		await until(() => delivery?.outcome === fate);
		sandbox.events.answerTime = 3000;
		sandbox.mailbox.receive();
		await answered();
		expect(listener.events.at(-1)).toMatchObject({ message_id: sandbox.mailbox.messages[0]?.message_id });
		expect(sandbox.events.opened).toBe(1);
	});

	type DeliveryOf = EventDelivery['outcome'] | undefined;

	it('ends with the sandbox, and is made anew with the next one on its port', async () => {
		const { port } = new URL(sandbox.url);
		const listener = await listen();
		const state = JSON.parse(JSON.stringify(sandbox.state())) as ReturnType<Sandbox['state']>;
		await sandbox.close();
		expect(sandbox.events.connections.every(({ isOpen }) => !isOpen)).toBe(true);
		sandbox = await Sandbox.start({ port: Number(port), state });
		await until(() => listener.reconnected === 1);
		const { message_id } = sandbox.mailbox.receive();
		await answered();
		expect(listener.events).toMatchObject([{ message_id }]);
	});

	it('is counted on the page, with the subscriptions', async () => {
		const page = async () => String((await connect(sandbox).get('/')).data);
		expect(await page()).toContain('Events: 0 connections, 1 subscription<');
		await listen();
		const text = await page();
		expect(text).toContain('Events: 1 connection, 1 subscription<');
		expect(text).not.toContain(sandbox.app.secret);
	});
});
