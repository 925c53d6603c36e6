import type { IDataObject } from 'n8n-workflow';

import { mailbox } from '../../fields/mailbox';
import type { Item } from '../../run/item';
import { hiddenField, mayBeHidden } from './fieldPermissions';
import { listContacts } from './getAll.operation';
import { fieldScopes, type ContactField, type MailContact } from './mailContact';

/** What an item would do to a contact: the fields that it sets, by the API's names. */
export interface Change {
	contact: MailContact;
	body: IDataObject;
}

const hideable = Object.keys(fieldScopes) as ContactField[];

/** Values are alike that differ in upper and lower case or outer blanks. */
const keyOf = (value: unknown) =>
	String(value ?? '')
		.trim()
		.toLowerCase();

/** All contacts of a mailbox, listed once in a run and kept in step with what the run writes. */
export class AddressBook {
	private contacts: MailContact[] = [];

	private readonly byField = new Map<ContactField, Map<string, MailContact[]>>();

	/** Values of contacts that may exist or not: they were sent, and nobody knows what became of them. */
	private readonly doubts = new Set<string>();

	/** Fields that no listed contact shows and that Feishu may be hiding. */
	hidden: readonly ContactField[] = [];

	/** The address book of an item's mailbox. Errors: see `Client.list`. */
	static async of(item: Item): Promise<AddressBook> {
		return await item.run.once(`contacts of ${mailbox(item).value}`, async () => {
			const book = new AddressBook();
			await book.list(item);
			return book;
		});
	}

	/**
	 * The same, once it is certain that no change of the run would erase a field that Feishu hides: an update sends all
	 * fields of a contact, and what is hidden cannot be sent.
	 *
	 * @param changeOf what an item of the run would do; it is asked for all items of the mailbox
	 * @throws RefusedInput for every item of the mailbox, so before the first write
	 */
	static async forChanges(
		item: Item,
		changeOf: (item: Item, book: AddressBook) => Change | undefined,
	): Promise<AddressBook> {
		const book = await AddressBook.of(item);
		const address = mailbox(item).value;
		return await item.run.once(`changes to contacts of ${address}`, async () => {
			if (book.hidden.length === 0) return book;
			for (const other of item.run.items()) {
				const change = ifPossible(() =>
					mailbox(other).value === address ? changeOf(other, book) : undefined,
				);
				const lost = change && book.hidden.find((field) => !(field in change.body));
				if (!lost) continue;
				throw hiddenField(
					lost,
					'To keep the other fields of a contact, the node has to send',
					"If no contact has a value there, or it may be lost, switch off 'Keep Other Fields' under 'Options'.",
				);
			}
			return book;
		});
	}

	/** Lists the mailbox, again if need be; what the run knows of its contacts stays known. */
	async list(item: Item): Promise<void> {
		const known = new Map(this.contacts.map((contact) => [contact.id, contact]));
		const listed: MailContact[] = [];
		const path = { user_mailbox_id: mailbox(item) };
		for await (const contact of item.list(listContacts, path, { complete: true })) {
			listed.push(contact);
		}
		this.hidden = hideable.filter((field) => mayBeHidden(listed, field));
		this.contacts = listed.map((contact) => ({ ...known.get(contact.id), ...contact }));
		this.byField.clear();
		this.doubts.clear();
	}

	byId(id: string): MailContact | undefined {
		return this.contacts.find((contact) => contact.id === id);
	}

	/** Contacts with a value, in the order of the mailbox. */
	find(field: ContactField, value: unknown): MailContact[] {
		const key = keyOf(value);
		// An update may have changed the value under which a contact was filed.
		return (this.filedBy(field).get(key) ?? []).filter((contact) => keyOf(contact[field]) === key);
	}

	/** Notes that a contact with this value may have been created. */
	doubt(value: unknown): void {
		this.doubts.add(keyOf(value));
	}

	/** Whether only a new list can tell if a contact with this value exists. */
	isInDoubt(value: unknown): boolean {
		return this.doubts.has(keyOf(value));
	}

	/** Notes a contact that the run has created. */
	add(contact: MailContact): void {
		this.contacts.push(contact);
		for (const [field, filed] of this.byField) file(contact, field, filed);
	}

	/** Notes what the run has changed. */
	update({ contact, body }: Change): void {
		Object.assign(contact, body);
		for (const [field, filed] of this.byField) if (field in body) file(contact, field, filed);
	}

	private filedBy(field: ContactField): Map<string, MailContact[]> {
		let filed = this.byField.get(field);
		if (!filed) {
			this.byField.set(field, (filed = new Map()));
			for (const contact of this.contacts) file(contact, field, filed);
		}
		return filed;
	}
}

function file(contact: MailContact, field: ContactField, filed: Map<string, MailContact[]>) {
	const key = keyOf(contact[field]);
	const alike = filed.get(key) ?? [];
	if (!alike.includes(contact)) alike.push(contact);
	filed.set(key, alike);
}

/** Undefined where it fails: the item that it belongs to will fail with the reason. */
function ifPossible<T>(work: () => T): T | undefined {
	try {
		return work();
	} catch {
		return undefined;
	}
}
