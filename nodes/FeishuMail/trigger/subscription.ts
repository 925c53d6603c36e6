import type { Item } from '../run/item';
import { Client } from '../transport/client';
import type { Read, Repeatable } from '../transport/endpoint';
import { unlessApiError } from '../transport/failure';
import type { TriggerContext } from '../transport/session';

/** Docs: https://open.feishu.cn/document/mail-v1/user_mailbox-event/event-list/message_received */
export const MESSAGE_RECEIVED = 'mail.user_mailbox.event.message_received_v1';

/** `event_type` of a subscription: mails that come in. There is no other. */
const MAILS = 1;

/** Milliseconds for what is only good to know. */
const BRIEF = 5000;

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-event/subscribe */
export const subscribe: Repeatable = {
	method: 'POST',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/event/subscribe',
	write: 'repeatable',
	fieldScopes: { mail_address: 'mail:user_mailbox.event.mail_address:read' },
	verify: 'whether mails are announced',
	tokens: ['user'],
	scopes: ['mail:event'],
	quota: '1 event subscription a second',
	hints: {
		1230001: "Feishu does not accept the subscription: check 'Mailbox'",
		1230002:
			"Feishu does not let the user follow this mailbox: check 'Mailbox', see that the user owns it or is a member of it, and that {scopes} is granted",
		1230003: 'Feishu could not process the request because of an internal fault',
	},
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-event/unsubscribe */
const unsubscribe: Repeatable = {
	...subscribe,
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/event/unsubscribe',
};

type Version = {
	/** 1: approved. */
	status?: number;
	/** Seconds since 1970; absent where it was not published. */
	publish_time?: string;
	event_infos?: Array<{ event_type?: string }>;
};

/** Docs: https://open.feishu.cn/document/server-docs/application-v6/application/app_version/list */
const listVersions: Read<{ items?: Array<Version | null> }> = {
	method: 'GET',
	path: '/open-apis/application/v6/applications/:app_id/app_versions',
	tokens: ['tenant'],
	scopes: ['application:application.app_version:readonly'],
	quota: 'app version lists',
	hints: {},
};

/** Sends nothing. Errors: see `Client.call`, where nobody has connected the user's credential, or for what is no mailbox. */
export async function requireUser(item: Item): Promise<void> {
	await item.app(subscribe);
}

/**
 * Has Feishu tell the app of mails that come into the mailbox. To ask again does no harm. Errors: see `Client.call`.
 */
export async function subscribeTo(item: Item): Promise<void> {
	await item.call(subscribe, {}, { body: { event_type: MAILS } });
}

/** Has Feishu tell the app of no more mails. */
export async function unsubscribeFrom(item: Item): Promise<void> {
	await item.call(unsubscribe, {}, { body: { event_type: MAILS } });
}

/** Whether the published version of an app has the event; undefined where that is not to be known. */
export async function hasEvent(context: TriggerContext, appId: string): Promise<boolean | undefined> {
	const call = {
		itemIndex: 0,
		path: { app_id: { displayName: 'App ID', value: appId } },
		query: { lang: 'zh_cn', page_size: 2 },
		timeout: BRIEF,
		maxWait: 0,
	};
	const listed = await new Client(context, 'tenant').call(listVersions, call).catch(unlessApiError);
	const versions = Array.isArray(listed?.items) ? listed.items : [];
	const published = versions.find((version) => version?.status === 1 && version.publish_time);
	if (!Array.isArray(published?.event_infos)) return undefined;
	return published.event_infos.some((event) => event?.event_type === MESSAGE_RECEIVED);
}
