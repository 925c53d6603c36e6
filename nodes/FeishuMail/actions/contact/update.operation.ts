import type { IDataObject } from 'n8n-workflow';

import { readLocator } from '../../fields/locator';
import type { Repeatable } from '../../transport/endpoint';
import { isOutcomeUnknown } from '../../transport/failure';
import type { Item } from '../../run/item';
import type { Operation } from '../../run/operation';
import { AddressBook, type Change } from './addressBook';
import { chosenContact, contactIn } from './chosenContact';
import { listContacts } from './getAll.operation';
import {
	contactBody,
	contactFields,
	contactHints,
	contactLocator,
	keepOtherFields,
	keepsOtherFields,
	nameField,
	unknownContact,
	valuesOf,
} from './mailContact';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-mail_contact/patch */
export const patchContact: Repeatable = {
	method: 'PATCH',
	path: `${listContacts.path}/:mail_contact_id`,
	scopes: ['mail:user_mailbox.mail_contact:write'],
	quota: '20 contact updates a minute',
	write: 'repeatable',
	verify: 'what the contact looks like now',
	hints: { ...contactHints, 1230001: unknownContact },
};

/** What an item sets. Feishu wants a name with every update: that of the contact, where it is known. */
function changesOf(item: Item): IDataObject {
	const { name, ...others } = contactBody;
	const nameRule = { ...name, required: !keepsOtherFields(item) };
	return { ...item.body({ name: nameRule }), ...item.changes(others) };
}

/** The contact that an item chooses, and what it sets; undefined where it keeps nothing else. */
function changeOf(item: Item, book: AddressBook): Change | undefined {
	if (!keepsOtherFields(item)) return undefined;
	return { contact: contactIn(book, readLocator(item, contactLocator.name)), body: changesOf(item) };
}

export const update: Operation = {
	value: 'update',
	name: 'Update',
	action: 'Update a contact',
	description: "Change a person in a mailbox's address book",
	endpoints: [patchContact, listContacts],
	fields: [
		contactLocator,
		{
			...nameField,
			required: false,
			description:
				"New name of the person, at most 64 characters. Left empty, the name stays; with 'Keep Other Fields' switched off it is needed, because Feishu asks for it with every update.",
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
		const choice = readLocator(item, contactLocator.name);
		const changes = changesOf(item);
		const keepsOthers = keepsOtherFields(item);
		if (keepsOthers) await AddressBook.forChanges(item, changeOf);
		const isKnown = choice.by === 'id' && !keepsOthers;
		const id = isKnown ? choice.value : (await chosenContact(item, choice)).id;
		const book = await AddressBook.ifListed(item);
		const contact = book?.byId(id);
		if (contact && keepsOthers) book?.refuseLoss({ contact, body: changes });
		const body = { ...(contact && keepsOthers && valuesOf(contact)), ...changes };
		const contactId = { ...choice, value: id };
		await item.call(patchContact, { mail_contact_id: contactId }, { body }).catch((error: unknown) => {
			if (contact && isOutcomeUnknown(error)) book?.doubt(body, contact);
			throw error;
		});
		if (contact) book?.update({ contact, body });
		return { id, ...body };
	},
};
