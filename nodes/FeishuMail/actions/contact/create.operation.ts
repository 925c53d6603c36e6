import { mailbox, mailboxFields } from '../../descriptions/mailbox';
import type { Endpoint } from '../../transport/endpoint';
import type { Operation } from '../operation';
import { contactBody, contactHints, type MailContact } from './mailContact';

/** Docs: https://open.feishu.cn/document/mail-v1/user_mailbox-mail_contact/create */
export const createContact: Endpoint<MailContact> = {
	method: 'POST',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/mail_contacts',
	tokens: ['tenant', 'user'],
	scopes: ['mail:user_mailbox.mail_contact:write'],
	quota: '20 contact creations a minute',
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
	inFlight: 1,
	fields: [
		...mailboxFields,
		{
			displayName: 'Name',
			name: 'name',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. Nathan Smith',
			description: 'Name of the person, at most 64 characters. Feishu keeps contacts of the same name apart.',
		},
		{
			displayName: 'Additional Fields',
			name: 'additionalFields',
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
			options: [
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
					description:
						"Email address of the person. It is saved in any case, but the answer shows it only if the app has the permission 'mail:user_mailbox.mail_contact.mail_address:read'.",
				},
				{
					displayName: 'Phone',
					name: 'phone',
					type: 'string',
					default: '',
					placeholder: 'e.g. +86 199 1234 1234',
					description:
						"Phone number of the person, at most 40 characters. It is saved in any case, but the answer shows it only if the app has the permission 'mail:user_mailbox.mail_contact.phone:read'.",
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
			],
		},
	],
	async execute(item) {
		return await item.call(createContact, { user_mailbox_id: mailbox(item) }, item.body(contactBody));
	},
};
