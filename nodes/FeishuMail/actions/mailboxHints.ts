import type { Hints } from '../transport/endpoint';

/** What codes of many endpoints mean. */
export const fault = 'Feishu could not process the request because of an internal fault';
export const noSuchMailbox = "Feishu finds no active mailbox with this address: check 'Mailbox'";
export const notAccepted = "Feishu does not accept the request: check 'Mailbox'";

/**
 * Codes that the contact and folder endpoints share.
 *
 * The page of "List mail contacts" has the texts of 1230002 and 1230003 swapped; their HTTP statuses are as here.
 *
 * @param thing what the endpoint works on, such as `contact`
 * @param fields names of the fields to check, as the user sees them
 */
export const mailboxHints = (thing: string, fields: string): Hints => ({
	1230001: `Feishu does not know the mailbox, or does not accept a value of the ${thing}: check ${fields}`,
	1230002: `The app may not reach the ${thing}s of this mailbox: in the developer console, add the data permission for mailbox ${thing}s under 'Permissions & Scopes', include this mailbox, and release a new version. With a user's credential, the user must own the mailbox or be a member of it`,
	1230003: fault,
});
