import { addressScope, eventScope } from '../mailEvent';
import { fieldRefused, mailboxApi, success } from '../platform';
import type { MailboxCall } from '../platform';
import type { User } from '../tenants';

const path = '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/event';

const invalidParameter = { status: 400, code: 1230001, msg: 'parameter error' };
const noPermission = { status: 403, code: 1230002, msg: 'no permission' };

/** [docs] events of mails, the only ones. */
const ofMails = 1;

/** What the three have in common. A mailbox that is not there: no code is documented but these. */
const common = {
	tokenTypes: ['user'],
	scopes: [eventScope],
	fieldScopes: [addressScope],
	documentedQuota: { limit: 1, window: 1 },
	errors: { mailboxNotFound: noPermission, noDataPermission: noPermission },
} as const;

function userOf({ caller: { user } }: MailboxCall): User {
	if (user === undefined) throw new Error('The gates let users through only');
	return user;
}

function requireMails({ body: { event_type } }: MailboxCall): void {
	if (event_type === ofMails) return;
	throw fieldRefused(invalidParameter, 'event_type', `${ofMails} expected`, String(event_type ?? ''));
}

/** Takes away the user's subscription of the mailbox, or of all mailboxes. */
function unsubscribe(call: MailboxCall, all = false): void {
	const { mailbox, caller } = call;
	const { subscriptions } = caller.app;
	const user = userOf(call);
	const kept = subscriptions.filter((one) => one.user !== user || !(all || one.mailbox === mailbox));
	subscriptions.splice(0, Infinity, ...kept);
}

/** [cli] one record, however often it is made. */
export const eventSubscribe = mailboxApi({
	...common,
	name: 'mail.event.subscribe',
	method: 'POST',
	path: `${path}/subscribe`,
	body: { event_type: 'integer' },
	handle(call) {
		requireMails(call);
		unsubscribe(call, call.world.events.oneMailboxPerUser);
		call.caller.app.subscriptions.push({ user: userOf(call), mailbox: call.mailbox });
		return success({});
	},
});

/** [cli] ends it for all who have subscribed in the name of the user. Without one: a success, the sandbox's choice. */
export const eventUnsubscribe = mailboxApi({
	...common,
	name: 'mail.event.unsubscribe',
	method: 'POST',
	path: `${path}/unsubscribe`,
	body: { event_type: 'integer' },
	handle(call) {
		requireMails(call);
		unsubscribe(call);
		return success({});
	},
});

export const eventSubscription = mailboxApi({
	...common,
	name: 'mail.event.subscription',
	method: 'GET',
	path: `${path}/subscription`,
	handle(call) {
		const user = userOf(call);
		const { mailbox, caller } = call;
		const isThere = caller.app.subscriptions.some((one) => one.user === user && one.mailbox === mailbox);
		// An empty list where there is none: it may be absent, too.
		return success({ event_types: isThere ? [ofMails] : [] });
	},
});
