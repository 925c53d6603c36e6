import '../webSocket';

import { withUserAccessToken } from '@larksuiteoapi/node-sdk';

import { Listening } from '../engine/listening';
import { connected, engine, sandbox, time } from '../engine/stage';
import { SteeredTime } from '../engine/steeredTime';
import type { ApiName } from '../sandbox';
import { connectSdk, listenWithSdk } from '../sandbox/client';
import { until } from '../engine/until';

beforeEach(() => {
	time.end();
	new SteeredTime(() => sandbox.requests.length);
});

/** What a server can tell of the last request to an API. */
function lastTo(api: ApiName) {
	const { method, path, query, body, headers } = sandbox.requestsTo(api).at(-1)!;
	const { authorization, locale } = headers;
	return { method, path: decodeURIComponent(path), query, body, authorization, locale };
}

it.each(['me', 'team@example.com'])(
	'the instant trigger and the official SDK subscribe to %s and end it by the same requests',
	async (userMailboxId) => {
		sandbox.tenant.addMailbox('team@example.com').members.add(sandbox.user);
		const tokens = sandbox.issueUserTokens();
		const listening = new Listening(engine, {
			credentials: {
				feishuMailApi: await engine.addCredential(),
				feishuMailOAuth2Api: await connected({}, { oauthTokenData: { ...tokens } }),
			},
			parameters: { userMailboxId, options: { unsubscribe: true } },
		});
		await listening.activate();
		await listening.deactivate();
		const { userMailboxEvent } = connectSdk(sandbox).mail.v1;
		const call = { path: { user_mailbox_id: encodeURIComponent(userMailboxId) }, data: { event_type: 1 } };
		for (const way of ['subscribe', 'unsubscribe'] as const) {
			const api: ApiName = `mail.event.${way}`;
			const sentByNode = lastTo(api);
			await userMailboxEvent[way](call, withUserAccessToken(tokens.access_token));
			expect(sentByNode).toEqual(lastTo(api));
		}
		expect(sandbox.requestsTo('mail.event.subscribe')).toHaveLength(2);
	},
);

it('the instant trigger and the official SDK ask for the address of a connection by the same request', async () => {
	const listening = new Listening(engine, {
		credentials: { feishuMailApi: await engine.addCredential(), feishuMailOAuth2Api: await connected() },
	});
	await listening.activate();
	await listening.deactivate();
	const api: ApiName = 'event.endpoint';
	const sentByNode = lastTo(api);
	const { client } = listenWithSdk({ app: sandbox.app, url: sandbox.url });
	await until(() => sandbox.requestsTo(api).length > 1);
	await until(() => sandbox.events.connections.length > 0);
	client.close({ force: true });
	expect(sentByNode).toEqual(lastTo(api));
});
