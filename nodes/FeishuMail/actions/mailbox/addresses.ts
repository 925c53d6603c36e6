import type { Hints } from '../../transport/endpoint';

/** An address of a mailbox. */
export type Address = { email_address: string; email_type?: string; name?: string };

/** What the endpoints declare that list addresses. */
export const addressList = {
	method: 'GET',
	scopes: ['mail:user_mailbox', 'mail:user_mailbox:readonly'],
	id: 'email_address',
	hints: {
		1230001: "Feishu does not accept the mailbox: check 'Mailbox'",
		1230003: 'Feishu could not process the request because of an internal fault',
		1230004:
			"Feishu does not know the mailbox, or it may not be reached: check 'Mailbox', and in the developer console that {scopes} and the data permission for this mailbox are granted",
	} satisfies Hints,
} as const;
