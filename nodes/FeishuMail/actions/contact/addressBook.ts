import type { IDataObject } from 'n8n-workflow';

import { comparable } from '../../fields/comparable';
import { mailboxKey } from '../../fields/mailbox';
import type { Item } from '../../run/item';
import { hiddenFields, refusalOfHidden, type HiddenField } from './fieldPermissions';
import { listContacts } from './getAll.operation';
import { contactBody, fieldScopes, type ContactField, type MailContact } from './mailContact';

/** What an item would do to a contact: the fields that it sets, by the API's names. */
export interface Change {
	contact: MailContact;
	body: IDataObject;
}

const fields = Object.keys(contactBody) as ContactField[];

const hideable = Object.keys(fieldScopes) as ContactField[];

/** Values are alike that differ in upper and lower case, Unicode form or outer blanks. */
const keyOf = (value: unknown) => comparable(String(value ?? '').trim());

/** Whether a listed contact looks as one does that was created with a body. */
export const isAsSent = (contact: MailContact, body: IDataObject): boolean =>
	fields.every((field) => !(field in contact) || keyOf(contact[field]) === keyOf(body[field]));

/** All contacts of a mailbox, listed once in a run and kept in step with what the run writes. */
export class AddressBook {
	/** By their IDs, in the order of the mailbox. */
	private contacts = new Map<string, MailContact>();

	private readonly byField = new Map<ContactField, Map<string, Set<MailContact>>>();

	/** Values that a contact may have or not: they were sent, and nobody knows what became of them. */
	private readonly doubts = new Set<string>();

	/** Contacts that may have been created or not. */
	private doubtful: IDataObject[] = [];

	/** What the run has created. */
	private readonly created = new Set<MailContact>();

	/** Fields that Feishu does not show, or may be hiding. */
	private hidden: readonly HiddenField[] = [];

	/**
	 * The address book of an item's mailbox. Until the run ends, other runs of this n8n process that are going to change
	 * contacts wait: they list the mailbox only when this one has written. Errors: see `Client.list`.
	 */
	static async of(item: Item): Promise<AddressBook> {
		return await item.run.readOnce(bookKey(item), async () => {
			await reserveMailboxes(item);
			const book = new AddressBook();
			await book.list(item);
			return book;
		});
	}

	/** The same, where an item of the run has needed it. */
	static async ifListed(item: Item): Promise<AddressBook | undefined> {
		return await item.run.known(bookKey(item));
	}

	/**
	 * The same as `of`, once it is certain that no change of the run would erase a field that Feishu hides: an update sends all
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
		const key = mailboxKey(item);
		return await item.run.once(`changes to contacts of ${key}`, async () => {
			if (book.hidden.length === 0) return book;
			for await (const other of item.run.items()) {
				const change = ifPossible(() => (mailboxKey(other) === key ? changeOf(other, book) : undefined));
				if (change) book.refuseLoss(change);
			}
			return book;
		});
	}

	/** @throws RefusedInput for a change that would erase a field that Feishu hides, as far as the run does not know it */
	refuseLoss({ contact, body }: Change): void {
		const lost = this.hidden.find(({ field }) => !(field in body) && !(field in contact));
		if (!lost) return;
		throw refusalOfHidden(
			lost,
			'To keep the other fields of a contact, the node has to send',
			"If no contact has a value there, or it may be lost, switch off 'Keep Other Fields' under 'Options'.",
		);
	}

	/** Lists the mailbox, again if need be; what the run knows of its contacts stays known. */
	async list(item: Item): Promise<void> {
		const listed: MailContact[] = [];
		for await (const contact of item.list(listContacts, {}, { complete: true })) {
			listed.push(withoutEmpty(contact));
		}
		this.hidden = await hiddenFields(item, listed);
		const created = [...this.created].filter(({ id }) => this.contacts.has(id));
		this.contacts = new Map(listed.map((contact) => [contact.id, { ...this.knownOf(contact), ...contact }]));
		// A list may lag behind what the run has just created.
		for (const contact of created) if (!this.contacts.has(contact.id)) this.contacts.set(contact.id, contact);
		this.byField.clear();
		this.doubts.clear();
		this.doubtful = [];
	}

	/** What the run knows of a listed contact: it may have created it without getting an answer. */
	private knownOf(contact: MailContact): object | undefined {
		return this.contacts.get(contact.id) ?? this.doubtful.find((sent) => isAsSent(contact, sent));
	}

	/** How a field is hidden, if it is. */
	hiding(field: ContactField | 'id'): HiddenField | undefined {
		return this.hidden.find((hidden) => hidden.field === field);
	}

	/** Whether it is certain that a contact has all that an item sets. */
	isDone({ contact, body }: Change): boolean {
		return fields.every(
			(field) => !(field in body) || (contact[field] === body[field] && !this.hiding(field)),
		);
	}

	byId(id: string): MailContact | undefined {
		return this.contacts.get(id);
	}

	/** Contacts with a value, in the order of the mailbox. */
	find(field: ContactField | 'id', value: string): MailContact[] {
		if (field === 'id') return [...this.contacts.values()].filter(({ id }) => id === value);
		const key = keyOf(value);
		// An update or a deletion leaves a contact filed under what it had.
		return [...(this.filedBy(field).get(key) ?? [])].filter(
			(contact) => keyOf(contact[field]) === key && this.byId(contact.id) === contact,
		);
	}

	/**
	 * Notes that nobody knows whether Feishu carried out a request.
	 *
	 * @param body what it sent
	 * @param contact what it was to change or delete; absent where it was to create a contact
	 */
	doubt(body: IDataObject, contact?: MailContact): void {
		for (const [field, value] of [...Object.entries(body), ...Object.entries(contact ?? {})]) {
			this.doubts.add(doubtOf(field, value));
		}
		if (!contact) this.doubtful.push(withAllFields(body));
		// A new list may not show these, so they would be taken for known.
		for (const field of hideable) {
			if (contact && field in body && body[field] !== contact[field]) delete contact[field];
		}
	}

	/** Lists the mailbox again where only that can tell which contact has a value, and what that contact looks like. */
	async settle(item: Item, field: ContactField | 'id', value: string): Promise<void> {
		if (this.doubts.has(doubtOf(field, value))) await this.list(item);
	}

	/** Notes a contact that the run has created, with all that it was given. */
	add(created: MailContact): void {
		const contact = withAllFields(created);
		this.contacts.set(contact.id, contact);
		this.created.add(contact);
		for (const [field, filed] of this.byField) file(contact, field, filed);
	}

	/** Notes that the run has deleted a contact. */
	remove(id: string): void {
		this.contacts.delete(id);
	}

	/** Notes what the run has changed. */
	update({ contact, body }: Change): void {
		Object.assign(contact, body);
		for (const [field, filed] of this.byField) if (field in body) file(contact, field, filed);
	}

	private filedBy(field: ContactField): Map<string, Set<MailContact>> {
		let filed = this.byField.get(field);
		if (!filed) {
			this.byField.set(field, (filed = new Map()));
			for (const contact of this.contacts.values()) file(contact, field, filed);
		}
		return filed;
	}
}

function file(contact: MailContact, field: ContactField, filed: Map<string, Set<MailContact>>) {
	const key = keyOf(contact[field]);
	filed.set(key, (filed.get(key) ?? new Set()).add(contact));
}

/** A contact that the run has created: what it was not given is known to be empty. */
const withAllFields = <T extends object>(created: T): T => ({
	...Object.fromEntries(hideable.map((field) => [field, undefined])),
	...created,
});

/** A contact in which what Feishu may be hiding is absent where it is empty. */
const withoutEmpty = (contact: MailContact): MailContact =>
	Object.fromEntries(
		Object.entries(contact).filter(([field, value]) => value || !(field in fieldScopes)),
	) as MailContact;

const doubtOf = (field: string, value: unknown) => `${field} ${keyOf(value)}`;

const bookKey = (item: Item) => `contacts of ${mailboxKey(item)}`;

/** Reserves the address books of all mailboxes of the run. */
async function reserveMailboxes(item: Item): Promise<void> {
	await item.run.readOnce('the address books', async () => {
		const app = await item.app(listContacts);
		const keys = new Set<string>();
		for await (const other of item.run.items()) {
			const key = ifPossible(() => mailboxKey(other));
			if (key) keys.add(`contacts of ${key} through ${app}`);
		}
		await item.run.reserve([...keys]);
	});
}

/** Undefined where it fails: the item that it belongs to will fail with the reason. */
function ifPossible<T>(work: () => T): T | undefined {
	try {
		return work();
	} catch {
		return undefined;
	}
}
