import { readLocator } from '../../fields/locator';
import type { Repeatable } from '../../transport/endpoint';
import { isOutcomeUnknown } from '../../transport/failure';
import type { Operation } from '../../run/operation';
import { AddressBook } from './addressBook';
import { chosenContact } from './chosenContact';
import { listContacts } from './getAll.operation';
import { contactHints, contactLocator } from './mailContact';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-mail_contact/delete */
const deleteContact: Repeatable = {
	method: 'DELETE',
	path: `${listContacts.path}/:mail_contact_id`,
	scopes: ['mail:user_mailbox.mail_contact:write'],
	quota: '20 contact deletions a minute',
	write: 'repeatable',
	doneCodes: [1230001],
	verify: 'whether the contact is still in the address book',
	hints: {
		...contactHints,
		1230001:
			"Feishu does not find the contact: it may have been deleted already; check 'Mailbox' and 'Contact'",
	},
};

export const deleteOperation: Operation = {
	value: 'delete',
	name: 'Delete',
	action: 'Delete a contact',
	description: "Remove a person from a mailbox's address book",
	endpoints: [deleteContact, listContacts],
	fields: [contactLocator],
	async execute(item) {
		const choice = readLocator(item, contactLocator.name);
		const id = choice.by === 'id' ? choice.value : (await chosenContact(item, choice)).id;
		const contactId = { ...choice, value: id };
		const book = await AddressBook.ifListed(item);
		const contact = book?.byId(id);
		await item.call(deleteContact, { mail_contact_id: contactId }).catch((error: unknown) => {
			if (contact && isOutcomeUnknown(error)) book?.doubt({}, contact);
			throw error;
		});
		book?.remove(id);
		return { deleted: true, id };
	},
};
