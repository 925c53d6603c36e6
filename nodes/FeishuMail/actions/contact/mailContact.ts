import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { locator } from '../../fields/locator';
import { mailboxHints } from '../mailboxHints';
import type { Item } from '../../run/item';
import type { TextRule } from '../../run/requestBody';

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

/** A field that a contact can be given. */
export type ContactField = Exclude<keyof MailContact, 'id' | 'avatar'>;

/** What Feishu takes as a contact. Docs: request body of "Create a mail contact". */
export const contactBody: Readonly<Record<ContactField, TextRule>> = {
	name: { required: true, minLength: 1, maxLength: 64 },
	company: { maxLength: 64 },
	phone: { maxLength: 40 },
	mail_address: { maxLength: 319 },
	tag: { maxLength: 64 },
	remark: { maxLength: 1000 },
	position: { maxLength: 64 },
};

/** The permissions without which Feishu leaves fields out of its answers, silently. */
export const fieldScopes = {
	mail_address: 'mail:user_mailbox.mail_contact.mail_address:read',
	phone: 'mail:user_mailbox.mail_contact.phone:read',
} satisfies Partial<Record<ContactField, string>>;

/** Codes of the contact endpoints. */
export const contactHints = mailboxHints(
	'contact',
	"'Mailbox', 'Name' and the additional fields, above all 'Email' and 'Phone'",
);

/** Contact endpoints have no code of their own for a contact that is not there. */
export const unknownContact =
	"Feishu does not accept the request: check 'Mailbox', the values of the contact, and that the contact still exists: it may have been deleted";

export const nameField: INodeProperties = {
	displayName: 'Name',
	name: 'name',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. Nathan Smith',
	description: 'Name of the person, at most 64 characters. Feishu keeps contacts of the same name apart.',
};

/** Everything a contact has besides its name. */
export const contactFields: INodeProperties[] = [
	{
		displayName: 'Company',
		name: 'company',
		type: 'string',
		default: '',
		placeholder: 'e.g. Example Ltd.',
		description: 'Where the person works, at most 64 characters',
	},
	{
		displayName: 'Email',
		name: 'mailAddress',
		type: 'string',
		default: '',
		placeholder: 'e.g. nathan@example.com',
		description: `Email address of the person. It is saved in any case, but the answer shows it only if the app has the permission '${fieldScopes.mail_address}'.`,
	},
	{
		displayName: 'Phone',
		name: 'phone',
		type: 'string',
		default: '',
		placeholder: 'e.g. +86 199 1234 1234',
		description: `Phone number of the person, at most 40 characters. It is saved in any case, but the answer shows it only if the app has the permission '${fieldScopes.phone}'.`,
	},
	{
		displayName: 'Position',
		name: 'position',
		type: 'string',
		default: '',
		placeholder: 'e.g. Head of Sales',
		description: 'Job title of the person, at most 64 characters',
	},
	{
		displayName: 'Remark',
		name: 'remark',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. Met at the spring fair',
		description: 'Free text about the person, at most 1000 characters',
	},
	{
		displayName: 'Tag',
		name: 'tag',
		type: 'string',
		default: '',
		placeholder: 'e.g. Customer',
		description: 'One word or phrase to group contacts by, at most 64 characters',
	},
];

export const contactLocator = locator({
	displayName: 'Contact',
	name: 'contactId',
	description:
		"The contact in the mailbox's address book. To find it by email or name, in upper or lower case, the node lists the mailbox once per run.",
	searchListMethod: 'searchContacts',
	placeholder: 'e.g. 7012345678901234567',
	modes: [
		{ displayName: 'By Email', name: 'mailAddress', placeholder: 'e.g. nathan@example.com' },
		{ displayName: 'By Name', name: 'name', placeholder: 'e.g. Nathan Smith' },
	],
});

export const keepOtherFields: INodeProperties = {
	displayName: 'Keep Other Fields',
	name: 'keepOtherFields',
	type: 'boolean',
	default: true,
	description:
		"Whether fields that are not set keep their values. Feishu's documentation does not say what it does with fields that an update leaves out, so the node lists the mailbox once per run and sends their values again. Switched off, only what is set is sent.",
};

/** Whether an item keeps what it does not set. */
export const keepsOtherFields = (item: Item): boolean => item.read(keepOtherFields.name).value !== false;

/** A contact's fields that have a value, as a request body has them. */
export function valuesOf(contact: MailContact): IDataObject {
	return Object.fromEntries(
		(Object.keys(contactBody) as ContactField[])
			.filter((field) => contact[field])
			.map((field) => [field, contact[field]]),
	);
}
