import { randomBytes } from 'crypto';

import type { App, Mailbox, User } from './tenants';

/** The one event of mails. [docs] */
export const mailEvent = 'mail.user_mailbox.event.message_received_v1';

/** Of the app and of the user who subscribes. */
export const eventScope = 'mail:event';

/** Without it an event does not say which mailbox it is about. [docs] */
export const addressScope = 'mail:user_mailbox.event.mail_address:read';

const userIdScope = 'contact:user.employee_id:readonly';

/** The envelope (2.0) of an event, as the long connection has it. */
export interface EventEnvelope {
	schema: '2.0';
	header: {
		event_id: string;
		event_type: string;
		/** ms */
		create_time: string;
		/** [seen] empty on the long connection. */
		token: '';
		app_id: string;
		tenant_key: string;
	};
	event: unknown;
}

/** `event` of the event that a mail has arrived. */
export interface MailEvent {
	mail_address?: string;
	message_id?: string;
	/** 1: of a person, 2: a public one. */
	mailbox_type?: 1 | 2;
	subscriber?: { user_ids: Array<{ union_id: string; user_id?: string; open_id: string }> };
}

/** An event of an app that says what it is told to. */
export function envelopeOf(app: App, now: number, event: unknown, event_type = mailEvent): EventEnvelope {
	return {
		schema: '2.0',
		header: {
			event_id: randomBytes(16).toString('hex'),
			event_type,
			create_time: String(now),
			token: '',
			app_id: app.id,
			tenant_key: app.tenant.key,
		},
		event,
	};
}

/** Which address an event names, on which the documents say no more than that there is one. */
export type EventAddress = 'own' | 'absent' | 'upperCase' | 'alias';

function addressIn({ address, aliases }: Mailbox, choice: EventAddress): string | undefined {
	switch (choice) {
		case 'own':
			return address;
		case 'absent':
			return undefined;
		case 'upperCase':
			return address.toUpperCase();
		case 'alias':
			return aliases[0] ?? address;
	}
}

/**
 * What an app is told of a mail that has arrived.
 *
 * @param subscribers - whose subscriptions make the event
 */
export function mailEventOf(
	app: App,
	mailbox: Mailbox,
	message_id: string,
	subscribers: readonly User[],
	choice: EventAddress,
): MailEvent {
	const mail_address = app.userScopes.has(addressScope) ? addressIn(mailbox, choice) : undefined;
	const isPersonal = app.tenant.users.some((user) => user.mailbox === mailbox);
	return {
		...(mail_address === undefined ? {} : { mail_address }),
		message_id,
		mailbox_type: isPersonal ? 1 : 2,
		subscriber: {
			user_ids: subscribers.map((user) => ({
				union_id: user.unionId,
				...(app.userScopes.has(userIdScope) ? { user_id: user.userId } : {}),
				open_id: user.openIdIn(app),
			})),
		},
	};
}
