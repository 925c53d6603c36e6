import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Findable } from '../../transport/endpoint';
import { isOutcomeUnknown } from '../../transport/failure';
import { RefusedInput } from '../../transport/refusedInput';
import type { Item } from '../../run/item';
import type { Operation } from '../../run/operation';
import { parameterName } from '../../run/requestBody';
import { AddressBook, isAsSent, type Change } from './addressBook';
import { refusalOfSeveral } from './chosenContact';
import { createContact } from './create.operation';
import { fieldName, refusalOfHidden } from './fieldPermissions';
import { listContacts } from './getAll.operation';
import {
	contactBody,
	contactFields,
	keepOtherFields,
	keepsOtherFields,
	nameField,
	valuesOf,
	type ContactField,
	type MailContact,
} from './mailContact';
import { patchContact } from './update.operation';

/** What contacts can be found by. */
const matchFields = ['mail_address', 'name', 'phone'] as const satisfies readonly ContactField[];

const matchParameters = matchFields.map(parameterName);

/** The same endpoint, where a field tells whether the contact was created. */
const createContactByKey: Findable<MailContact> = { ...createContact, write: 'findable' };

/** The field that contacts are found by, and its value for an item. */
function matchOf(item: Item, body: IDataObject) {
	const { value, displayName } = item.read('matchBy');
	const field = matchFields.find((candidate) => parameterName(candidate) === value);
	if (!field) {
		throw new RefusedInput(
			`'${displayName}' must be one of: ${matchParameters.join(', ')}`,
			`Choose one from the list, or have the expression give one of these.`,
		);
	}
	const wanted = String(body[field] ?? '').trim();
	if (wanted) return { field, wanted };
	throw new RefusedInput(
		`'${fieldName(field)}' is empty, but contacts are to be found by it`,
		`Enter a value for '${fieldName(field)}', or choose another field under '${displayName}'.`,
	);
}

/**
 * The contact that an item would update; undefined where it would create one.
 *
 * @throws RefusedInput where several match and the item does not say to take the first
 */
function contactOf(item: Item, book: AddressBook, body: IDataObject): MailContact | undefined {
	const { field, wanted } = matchOf(item, body);
	const found = book.find(field, wanted);
	if (found.length < 2 || item.read('ifSeveralMatch').value === 'updateFirst') return found[0];
	throw refusalOfSeveral(
		found,
		field,
		wanted,
		"Delete the ones too many, or choose 'Update the First' for 'If Several Match' under 'Options'.",
	);
}

/** What an item would change; undefined where it keeps nothing else, and where there is nothing to change. */
function changeOf(item: Item, book: AddressBook): Change | undefined {
	if (!keepsOtherFields(item)) return undefined;
	const body = item.body(contactBody);
	const contact = contactOf(item, book, body);
	return contact && !book.isDone({ contact, body }) ? { contact, body } : undefined;
}

/**
 * Creates a contact. What is found after a lost answer is this one, unless it has other values: then somebody else has
 * created it meanwhile.
 */
async function newContact(item: Item, book: AddressBook, body: IDataObject) {
	let found: MailContact | undefined;
	const find = async () => {
		book.doubt(body);
		await book.list(item);
		if (book.hiding(matchOf(item, body).field)) throw new Error('Feishu does not show the field');
		return (found = contactOf(item, book, body));
	};
	const contact = await item.create(createContactByKey, {}, { body }, find);
	// As it was sent: Feishu may write a phone number in another way, and the next row does not.
	if (!found) book.add({ ...contact, ...body });
	return { contact, isNew: !found || isAsSent(contact, body) };
}

/**
 * The fields that contacts are found by. Each is shown where no other one is chosen: n8n's editor takes an expression
 * that it cannot work out for an empty text. None is `required`: workflows may have the value under Additional Fields,
 * and n8n would not run them.
 */
const fieldsToMatchBy = contactFields
	.filter(({ name }) => matchParameters.includes(name))
	.map((field): INodeProperties => ({
		...field,
		displayOptions: { hide: { matchBy: matchParameters.filter((name) => name !== field.name) } },
		description: `${field.displayName} by which the contact is found. It is needed, here or under 'Additional Fields'.`,
	}));

export const upsert: Operation = {
	value: 'upsert',
	name: 'Create or Update',
	action: 'Create or update a contact',
	description: 'Create a new record, or update the current one if it already exists (upsert)',
	endpoints: [listContacts, createContactByKey, patchContact],
	fields: [
		{
			displayName: 'Match By',
			name: 'matchBy',
			type: 'options',
			options: [
				{
					name: 'Email',
					value: 'mailAddress',
					description: 'Needs the permission to see email addresses',
				},
				{ name: 'Name', value: 'name', description: 'Of two people with the same name only one can be kept' },
				{
					name: 'Phone',
					value: 'phone',
					description: 'Needs the permission to see phone numbers',
				},
			],
			default: 'mailAddress',
			description:
				'The field by which a contact is found, in upper or lower case. The node lists the mailbox once per run; rows that come again in the same run update as well.',
		},
		...fieldsToMatchBy,
		nameField,
		{
			displayName: 'Additional Fields',
			name: 'additionalFields',
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
			description:
				'Fields that are left empty keep their values in a contact that exists. A value above goes before the one here.',
			options: contactFields,
		},
	],
	options: [
		{
			displayName: 'If Several Match',
			name: 'ifSeveralMatch',
			type: 'options',
			options: [
				{ name: 'Fail', value: 'fail', description: 'The error names the contacts' },
				{ name: 'Update the First', value: 'updateFirst', description: 'The first in the address book' },
			],
			default: 'fail',
			description: 'What to do when more than one contact has the value',
		},
		keepOtherFields,
	],
	async execute(item) {
		const changes = item.body(contactBody);
		const { field, wanted } = matchOf(item, changes);
		const book = await AddressBook.of(item);
		await book.settle(item, field, wanted);
		const hidden = book.hiding(field);
		if (hidden) {
			throw refusalOfHidden(
				hidden,
				'Contacts are to be found by',
				"If no contact has a value there, choose another field under 'Match By'.",
			);
		}
		await AddressBook.forChanges(item, changeOf);
		let contact = contactOf(item, book, changes);
		if (!contact) {
			const created = await newContact(item, book, changes);
			if (created.isNew) return { outcome: 'created', ...created.contact };
			contact = created.contact;
		}
		const keepsOthers = keepsOtherFields(item);
		const body = { ...(keepsOthers && valuesOf(contact)), ...changes };
		if (book.isDone({ contact, body: changes })) return { outcome: 'unchanged', id: contact.id, ...body };
		if (keepsOthers) book.refuseLoss({ contact, body: changes });
		const contactId = { displayName: 'Contact', value: contact.id };
		await item.call(patchContact, { mail_contact_id: contactId }, { body }).catch((error: unknown) => {
			if (isOutcomeUnknown(error)) book.doubt(body, contact);
			throw error;
		});
		book.update({ contact, body });
		return { outcome: 'updated', id: contact.id, ...body };
	},
};
