import type { Choice } from '../../fields/locator';
import type { Item } from '../../run/item';
import { RefusedInput } from '../../transport/refusedInput';
import { AddressBook } from './addressBook';
import { fieldName, refusalOfHidden } from './fieldPermissions';
import type { ContactField, MailContact } from './mailContact';

/** By what of a contact it is chosen. */
const chosenBy = {
	id: 'id',
	mailAddress: 'mail_address',
	name: 'name',
} as const satisfies Record<Choice['by'], ContactField | 'id'>;

/** The contact that an item chooses, from the address book of its mailbox. Errors: see `contactIn` and `Client.list`. */
export async function chosenContact(item: Item, choice: Choice): Promise<MailContact> {
	const book = await AddressBook.of(item);
	await book.settle(item, chosenBy[choice.by], choice.value);
	return contactIn(book, choice);
}

/**
 * The contact that was chosen.
 *
 * @throws RefusedInput where there is none or more than one, or where Feishu does not show what it is chosen by
 */
export function contactIn(book: AddressBook, { by, displayName, value }: Choice): MailContact {
	const field = chosenBy[by];
	const hidden = book.hiding(field);
	if (hidden) {
		throw refusalOfHidden(
			hidden,
			`'${displayName}' is to be found by`,
			'Or choose the contact from the list, by its name or by its ID.',
		);
	}
	const found = book.find(field, value);
	const [only, another] = found;
	if (another) throw refusalOfSeveral(found, field, value, 'Choose one from the list or by its ID.');
	if (only) return only;
	throw new RefusedInput(
		`'${displayName}': the mailbox has no contact with the ${nounOf(field)} '${value}'`,
		'It may have been deleted. Choose one from the list, or look it up with the operation Get Many.',
	);
}

/**
 * The refusal of a value that more than one contact has.
 *
 * @param advice what to do
 */
export function refusalOfSeveral(
	found: MailContact[],
	field: ContactField | 'id',
	value: string,
	advice: string,
): RefusedInput {
	const names = found.map(({ name, id }) => `${name} (ID ${id})`).join(', ');
	return new RefusedInput(
		`${found.length} contacts have the ${nounOf(field)} '${value}'`,
		`They are ${names}. ${advice}`,
	);
}

const nounOf = (field: ContactField | 'id') => (field === 'id' ? 'ID' : fieldName(field).toLowerCase());
