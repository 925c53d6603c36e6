import { mailboxHints } from '../mailboxHints';
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
export const contactHints = mailboxHints(
	'contact',
	"'Mailbox', 'Name' and the additional fields, above all 'Email' and 'Phone'",
);
