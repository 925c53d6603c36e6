import { EventDispatcher, WSClient } from '@larksuiteoapi/node-sdk';
import fc from 'fast-check';

import { until } from '../../engine/until';
import { LongConnectionServer, piecesOf } from './server';

const nothing = () => {};
const silent = { error: nothing, warn: nothing, info: nothing, debug: nothing, trace: nothing };

let server: LongConnectionServer;
let client: WSClient;
let received: unknown[];

beforeEach(async () => {
	server = await new LongConnectionServer().start();
	received = [];
	client = new WSClient({
		appId: 'cli_a1b2c3d4e5f60718',
		appSecret: 'secret',
		domain: server.baseUrl,
		logger: silent,
	});
	const eventDispatcher = new EventDispatcher({ logger: silent }).register({
		'mail.user_mailbox.event.message_received_v1': async (data: unknown) => {
			received.push(data);
		},
	});
	await client.start({ eventDispatcher });
	await until(() => server.pings.length > 0);
});

afterEach(async () => {
	client.close({ force: true });
	await server.stop();
});

it("the SDK's ping is read", () => {
	expect(server.pings[0]).toMatchObject({
		sequenceId: 0n,
		logId: 0n,
		service: 33554678,
		method: 0,
		headers: [['type', 'ping']],
	});
});

it('events that are sent in pieces come to the SDK as they were, and it answers as this package does', async () => {
	const events = fc.sample(
		fc.record({
			text: fc.string({ unit: 'grapheme', maxLength: 200 }),
			pieces: fc.integer({ min: 1, max: 7 }),
		}),
		{ seed: 20261126, numRuns: 40 },
	);
	for (const [index, { text, pieces }] of events.entries()) {
		const frames = piecesOf(
			`message-${index}`,
			{
				schema: '2.0',
				header: { event_type: 'mail.user_mailbox.event.message_received_v1', event_id: `event-${index}` },
				event: { message_id: text },
			},
			pieces,
		);
		for (const frame of frames) server.send(frame);
		await until(() => server.answers.length > index);
		const last = frames.at(-1)!;
		expect(received.at(-1)).toMatchObject({ event_id: `event-${index}`, message_id: text });
		expect(server.answers.at(-1)).toEqual({
			...last,
			headers: [...last.headers, ['biz_rt', expect.any(String)]],
			payload: Buffer.from('{"code":200}'),
		});
	}
});
