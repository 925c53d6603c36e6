import type { Single } from '../../transport/endpoint';
import type { Operation } from '../../run/operation';
import {
	contactBody,
	contactFields,
	contactHints,
	fieldScopes,
	nameField,
	type MailContact,
} from './mailContact';

/** Docs: https://open.feishu.cn/document/mail-v1/user_mailbox-mail_contact/create */
export const createContact: Single<MailContact> = {
	method: 'POST',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/mail_contacts',
	scopes: ['mail:user_mailbox.mail_contact:write'],
	fieldScopes,
	quota: '20 contact creations a minute',
	write: 'single',
	verify: 'whether the contact is in the address book',
	returns: 'mail_contact',
	hints: contactHints,
};

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Create a contact',
	description: "Add a person to a mailbox's address book",
	endpoints: [createContact],
	fields: [
		nameField,
		{
			displayName: 'Additional Fields',
			name: 'additionalFields',
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
			options: contactFields,
		},
	],
	async execute(item) {
		return await item.call(createContact, {}, { body: item.body(contactBody) });
	},
};
