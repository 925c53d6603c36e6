import { readLocator } from '../../fields/locator';
import { mailbox, mailboxFields } from '../../fields/mailbox';
import type { Repeatable } from '../../transport/endpoint';
import { isOutcomeUnknown } from '../../transport/failure';
import { RefusedInput } from '../../transport/refusedInput';
import type { Item } from '../../run/item';
import type { Operation } from '../../run/operation';
import { AddressBook, type Change } from './addressBook';
import { listContacts } from './getAll.operation';
import {
	contactBody,
	contactFields,
	contactHints,
	contactLocator,
	keepOtherFields,
	nameField,
	unknownContact,
	valuesOf,
} from './mailContact';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-mail_contact/patch */
export const patchContact: Repeatable = {
	method: 'PATCH',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/mail_contacts/:mail_contact_id',
	tokens: ['tenant', 'user'],
	scopes: ['mail:user_mailbox.mail_contact:write'],
	quota: '20 contact updates a minute',
	write: 'repeatable',
	verify: 'what the contact looks like now',
	hints: { ...contactHints, 1230001: unknownContact },
};

/** The contact that an item chooses, and what it sets; undefined where the mailbox has no such contact. */
function changeOf(item: Item, book: AddressBook): Change | undefined {
	if (item.read('keepOtherFields').value === false) return undefined;
	const contact = book.byId(readLocator(item, 'contactId').value);
	return contact && { contact, body: item.changes(contactBody) };
}

export const update: Operation = {
	value: 'update',
	name: 'Update',
	action: 'Update a contact',
	description: "Change a person in a mailbox's address book",
	endpoints: [patchContact, listContacts],
	inFlight: 1,
	fields: [
		...mailboxFields,
		contactLocator,
		{
			...nameField,
			description: 'Name of the person, at most 64 characters. Feishu asks for it with every update.',
		},
		{
			displayName: 'Update Fields',
			name: 'updateFields',
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
			description: 'What to change. A field that is added and left empty is cleared.',
			options: contactFields,
		},
	],
	options: [keepOtherFields],
	async execute(item) {
		const contactId = readLocator(item, 'contactId');
		const path = { user_mailbox_id: mailbox(item), mail_contact_id: contactId };
		const changes = item.changes(contactBody);
		const keepsOthers = item.read('keepOtherFields').value !== false;
		const book = keepsOthers ? await AddressBook.forChanges(item, changeOf) : undefined;
		if (book?.isInDoubt('id', contactId.value)) await book.list(item);
		const contact = book?.byId(contactId.value);
		if (book && !contact) {
			throw new RefusedInput(
				`'${contactId.displayName}': the mailbox has no contact with the ID '${contactId.value}'`,
				'It may have been deleted. Choose one from the list, or look the ID up with the operation Get Many.',
			);
		}
		if (contact) book?.refuseLoss({ contact, body: changes });
		const body = { ...(contact && valuesOf(contact)), ...changes };
		await item.call(patchContact, path, { body }).catch((error: unknown) => {
			if (isOutcomeUnknown(error)) book?.doubt(body, contact);
			throw error;
		});
		if (contact) book?.update({ contact, body });
		return { id: contactId.value, ...body };
	},
};
