import { withUserAccessToken } from '@larksuiteoapi/node-sdk';

import { until } from '../engine/until';
import { connectSdk, listenWithSdk } from './client';
import type { SdkListener } from './client';
import { Sandbox } from './index';

let sandbox: Sandbox;
let listeners: SdkListener[];

beforeEach(async () => {
	sandbox = await Sandbox.start();
	listeners = [];
});
afterEach(async () => {
	for (const { client } of listeners) client.close({ force: true });
	await sandbox.close();
});

/** The official SDK's client, connected. */
async function listen(
	options: Parameters<typeof listenWithSdk>[1] = {},
	app = sandbox.app,
): Promise<SdkListener> {
	const open = sandbox.events.connections.length;
	const listener = listenWithSdk({ app, url: sandbox.url }, options);
	listeners.push(listener);
	await until(() => sandbox.events.connections.length > open);
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

describe('the event of a mail', () => {
	it('reaches the official SDK, which answers it', async () => {
		await subscriptionOf().subscribe();
		const { events } = await listen();
		const { message_id } = sandbox.mailbox.receive();
		await until(() => sandbox.events.deliveries[0]?.outcome === 'answered');
		expect(events).toMatchObject([
			{
				event_type: 'mail.user_mailbox.event.message_received_v1',
				app_id: sandbox.app.id,
				tenant_key: sandbox.tenant.key,
				mail_address: 'user@example.com',
				message_id,
				mailbox_type: 1,
				subscriber: {
					user_ids: [
						{
							union_id: sandbox.user.unionId,
							user_id: sandbox.user.userId,
							open_id: sandbox.user.openIdIn(sandbox.app),
						},
					],
				},
			},
		]);
		const [delivery] = sandbox.events.deliveries;
		expect(delivery?.answers).toMatchObject([{ code: 200, echoed: true, exactLogId: false }]);
	});
});
