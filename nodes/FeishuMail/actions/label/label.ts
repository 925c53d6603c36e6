import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { findByName, locator, onlyOne, readLocator, type Choice } from '../../fields/locator';
import { comparable } from '../../fields/comparable';
import { mailboxKey } from '../../fields/mailbox';
import type { Hints, Page, Read } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';
import type { Item } from '../../run/item';
import type { TextRule } from '../../run/requestBody';
import { fault, noSuchMailbox, notAccepted } from '../mailboxHints';

/** A label of a mailbox. */
export type Label = {
	id: string;
	/** The whole path for a nested label: `a/b/c`. */
	name: string;
	background_color?: string;
	messages_unread?: number;
};

/** Feishu's twelve label colours. `wathet` is its name for light blue. */
export const labelColors = [
	{ name: 'Blue', value: 'blue' },
	{ name: 'Carmine (Deep Pink)', value: 'carmine' },
	{ name: 'Green', value: 'green' },
	{ name: 'Indigo', value: 'indigo' },
	{ name: 'Light Blue (Wathet)', value: 'wathet' },
	{ name: 'Lime', value: 'lime' },
	{ name: 'Orange', value: 'orange' },
	{ name: 'Purple', value: 'purple' },
	{ name: 'Red', value: 'red' },
	{ name: 'Turquoise', value: 'turquoise' },
	{ name: 'Violet', value: 'violet' },
	{ name: 'Yellow', value: 'yellow' },
] satisfies INodePropertyOptions[];

/** What Feishu takes as `label` when one is changed. Docs: request body of "Update a label". */
export const labelChanges = {
	name: { minLength: 1, maxLength: 255 },
	background_color: { oneOf: labelColors },
} satisfies Record<string, TextRule>;

/** What Feishu takes as a new `label`. Docs: request body of "Create a label". */
export const labelBody = { ...labelChanges, name: { ...labelChanges.name, required: true } };

/** A label's name is in use. */
export const LABEL_EXISTS = 1230101;

/** Codes of the label endpoints. */
export const labelHints: Hints = {
	1234000: "Feishu does not accept a value of the label: check 'Mailbox', 'Name' and 'Background Color'",
	1234013: noSuchMailbox,
	1234017: fault,
	1234030:
		"The app may not reach the labels of this mailbox: in the developer console, check under 'Permissions & Scopes' that {scopes} and the data permission for this mailbox are granted, and release a new version. With a user's credential, the user must own the mailbox or be a member of it",
	1230100: 'The mailbox has no such label: it may have been deleted or renamed',
	[LABEL_EXISTS]: "A label with this name exists already: enter another 'Name'",
	1230102: 'The mailbox has as many labels as Feishu allows: delete one first',
	1230103: "Feishu uses this name for a label of its own: enter another 'Name'",
};

/** The same where a label is chosen and nothing is said about it. */
export const labelIdHints: Hints = {
	...labelHints,
	1234000: "Feishu does not accept the request: check 'Mailbox' and 'Label'",
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-label/list */
export const listLabels: Read<Page<Label>> = {
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/labels',
	scopes: ['mail:user_mailbox.message:modify', 'mail:user_mailbox.message:readonly'],
	quota: '10 label lists a second',
	hints: { ...labelHints, 1234000: notAccepted },
};

export const labelNameField: INodeProperties = {
	displayName: 'Name',
	name: 'name',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. Customers/Asia',
	description:
		'Name of the label, at most 255 characters. A slash nests it: enter the whole path, such as Customers/Asia/Japan.',
};

export const labelColorField: INodeProperties = {
	displayName: 'Background Color',
	name: 'backgroundColor',
	type: 'options',
	options: [{ name: 'Chosen by Feishu', value: '' }, ...labelColors],
	default: '',
	// The names are for a model that fills in the field, and for expressions.
	description: `Colour behind the name of the label. An expression may give its name: ${labelColors.map(({ value }) => value).join(', ')}.`,
};

export const labelLocator: INodeProperties = locator({
	displayName: 'Label',
	name: 'labelId',
	description: 'The label of the mailbox. The whole path is the name of a nested one.',
	searchListMethod: 'searchLabels',
	placeholder: 'e.g. 7012345678901234567',
	modes: [{ displayName: 'By Name', name: 'name', placeholder: 'e.g. Customers/Asia' }],
});

/** Does an item's work on the label of a name, once the items before it are done with that label. */
export async function onNamedLabel<T>(item: Item, name: string, work: () => Promise<T>): Promise<T> {
	return await item.run.inTurn([namedThing(item, name)], work);
}

/**
 * Does an item's work on the label of somebody's that it chooses, once the items before it are done with that label.
 *
 * @param newName what the label is going to be called
 * @throws RefusedInput for a label of Feishu's own
 */
export async function onOwnLabel<T>(
	item: Item,
	work: (label: Choice) => Promise<T>,
	newName?: string,
): Promise<T> {
	const { run } = item;
	const key = mailboxKey(item);
	// To look up a name takes time: choosing, too, goes in order, and asks for the next turn before the next item chooses.
	const { result } = await run.inTurn([`choice among labels of ${key}`], async () => {
		const label = await chosenOwnLabel(item);
		const things = [`label ${label.value} of ${key}`];
		if (newName !== undefined) things.push(namedThing(item, newName));
		const working = run.inTurn(things, async () => await work(label));
		// The next item may choose by the name that this one gives or takes away.
		if (newName !== undefined) await working.catch(() => {});
		return { result: working };
	});
	return await result;
}

const namedThing = (item: Item, name: string) => `label named ${comparable(name)} of ${mailboxKey(item)}`;

/** The labels of an item's mailbox, listed once in a run; what the run creates is to be added. */
export async function labelsOf(item: Item): Promise<Label[]> {
	return await item.run.readOnce(`labels of ${mailboxKey(item)}`, async () => await listedLabels(item));
}

/** Notes what the run has changed of a label, so that later items find it by its name. */
export async function noteLabel(item: Item, changed: Label): Promise<void> {
	const labels = await item.run.known<Label[]>(`labels of ${mailboxKey(item)}`);
	const label = labels?.find(({ id }) => id === changed.id);
	if (label) Object.assign(label, changed);
}

/** The labels of an item's mailbox as they are now. */
export async function listedLabels(item: Item): Promise<Label[]> {
	return await item.all(listLabels);
}

/**
 * The label that an item chooses, as the `label_id` of a path.
 *
 * @throws RefusedInput for a name that no label has, or more than one
 */
export async function chosenLabel(item: Item): Promise<Choice> {
	const choice = readLocator(item, labelLocator.name);
	if (choice.by === 'id') return choice;
	const { id } = onlyOne(
		findByName(await labelsOf(item), choice.value, ({ name }) => name),
		choice,
		'label',
		'Enter the whole path of a nested label, such as Customers/Asia. Labels that Feishu itself provides, such as FLAGGED, are not among them.',
	);
	return { ...choice, by: 'id', value: id };
}

/** Labels that Feishu provides. Docs: "Manage labels of mails". */
const systemLabels = new Set(['IMPORTANT', 'OTHER', 'FLAGGED', 'UNREAD', 'SCHEDULED']);

/**
 * The same, for a label that is to be changed or deleted.
 *
 * @throws RefusedInput for a label of Feishu's own
 */
async function chosenOwnLabel(item: Item): Promise<Choice> {
	const { by, displayName, value } = readLocator(item, labelLocator.name);
	// Labels of users may well have names that differ from these in letter case.
	if (!systemLabels.has(by === 'id' ? value.toUpperCase() : value)) return await chosenLabel(item);
	throw new RefusedInput(
		`'${displayName}': ${value} is a label of Feishu's own, which cannot be changed or deleted`,
		'Choose a label that somebody has created.',
	);
}
