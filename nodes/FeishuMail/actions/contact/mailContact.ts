import type { Hints } from '../../transport/endpoint';
import type { BodyRules } from '../requestBody';

/** A contact of a mailbox's address book. Without the field permissions `mail_address` and `phone` are absent. */
export type MailContact = {
	id: string;
	name: string;
	company?: string;
	phone?: string;
	mail_address?: string;
	tag?: string;
	remark?: string;
	avatar?: string;
	position?: string;
};

/** What Feishu takes as a contact. Docs: request body of "Create a mail contact". */
export const contactBody: BodyRules = {
	name: { minLength: 1, maxLength: 64 },
	company: { maxLength: 64 },
	phone: { maxLength: 40 },
	mail_address: { maxLength: 319 },
	tag: { maxLength: 64 },
	remark: { maxLength: 1000 },
	position: { maxLength: 64 },
};

/** Codes of the contact endpoints. */
export const contactHints: Hints = {
	1230001:
		"Feishu does not accept a value of the contact: check 'Mailbox', 'Name' and the additional fields, above all 'Email' and 'Phone'",
	1230002:
		"The app may not reach the contacts of this mailbox: in the developer console, add the data permission for mailbox contacts under 'Permissions & Scopes', include this mailbox, and release a new version. For a public mailbox, membership is enough",
	1230003: 'Feishu could not process the request because of an internal fault',
};
