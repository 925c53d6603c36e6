import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { comparable } from '../../fields/comparable';
import { readList } from '../../fields/list';
import { findByName, locator, onlyOne, readLocator, type Choice } from '../../fields/locator';
import { mailboxKey } from '../../fields/mailbox';
import type { Item } from '../../run/item';
import { requestBody } from '../../run/requestBody';
import { RefusedInput } from '../../transport/refusedInput';
import { newLabel } from '../label/create.operation';
import { findOrCreateLabel } from '../label/findOrCreate';
import { labelBody, labelsOf, type Label } from '../label/label';

/** Labels of Feishu's own that mails have. Docs: "batch_modify", "List messages". */
export const systemMailLabels = [
	{ name: 'Flagged', value: 'FLAGGED' },
	{ name: 'Important', value: 'IMPORTANT' },
	{ name: 'Other', value: 'OTHER' },
];

const systemIds = new Set([...systemMailLabels.map(({ value }) => value), 'UNREAD']);

/** How many labels one call takes. Docs: "batch_modify". */
const MOST_LABELS = 20;

/** How many labels a message names. */
const MOST_NAMED = 30;

export const labelsField: INodeProperties = {
	displayName: 'Label Names or IDs',
	name: 'labelIds',
	type: 'multiOptions',
	typeOptions: {
		loadOptionsMethod: 'getMailLabels',
		loadOptionsDependsOn: ['authentication', 'userMailboxId'],
	},
	required: true,
	default: [],
	description:
		'Labels of the mailbox, IMPORTANT, OTHER or FLAGGED. An expression may give names such as Customers/Asia as well. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
};

export const mailLabelLocator: INodeProperties = locator({
	displayName: 'Label',
	name: 'labelId',
	description: 'The label that the mails have. The whole path is the name of a nested one.',
	searchListMethod: 'searchMailLabels',
	placeholder: 'e.g. 7012345678901234567 or IMPORTANT',
	modes: [{ displayName: 'By Name', name: 'name', placeholder: 'e.g. Customers/Asia' }],
});

const asSystemId = (label: string) => {
	const id = label.toUpperCase();
	return systemIds.has(id) ? id : undefined;
};

/**
 * The ids of the labels that an item chooses. They are looked up in one list per run: a label that is not there would be
 * refused only after the mails before it have changed.
 *
 * @param createMissing whether labels that are not there are created, once in a run; absent where there is no such choice
 * @throws RefusedInput for a label that the mailbox does not have, with its name
 */
export async function chosenLabels(item: Item, createMissing?: boolean): Promise<string[]> {
	const { displayName, values } = readList(item, labelsField.name);
	const ids = new Set<string>();
	const missing = new Map<string, IDataObject>();
	for (const text of values) {
		for (const value of await namesIn(item, text)) {
			const id = await idOf(item, { by: 'name', displayName, value }, createMissing);
			if (id === undefined) missing.set(comparable(value), newBody(value, displayName));
			else ids.add(id);
		}
	}
	const count = ids.size + missing.size;
	if (count === 0) {
		throw new RefusedInput(`'${displayName}' is empty`, 'Choose labels from the list, or enter their names.');
	}
	if (count > MOST_LABELS) {
		throw new RefusedInput(
			`'${displayName}' holds ${count} labels; Feishu takes at most ${MOST_LABELS} at a time`,
			'Use several Feishu Mail nodes, one after the other.',
		);
	}
	for (const label of missing.values()) ids.add(await createdLabel(item, label));
	// In one order, so that items that choose the same labels go together.
	return [...ids].sort();
}

/** What a text names: one label, or where the mailbox has none of that name, those between its commas. */
async function namesIn(item: Item, text: string): Promise<string[]> {
	if (!text.includes(',') || named(await labelsOf(item), text).length > 0) return [text];
	return text
		.split(',')
		.map((part) => part.trim())
		.filter(Boolean);
}

const named = (labels: Label[], name: string) => findByName(labels, name, (label) => label.name);

/** The id of a label; undefined where the mailbox does not have it and it is to be created. */
async function idOf(item: Item, choice: Choice, createMissing?: boolean): Promise<string | undefined> {
	const { value } = choice;
	const system = asSystemId(value);
	if (system) return system;
	const known = await labelsOf(item);
	if (known.some(({ id }) => id === value)) return value;
	const found = named(known, value);
	if (createMissing && found.length === 0) return undefined;
	return onlyOne(found, choice, 'label', adviceOn(known, createMissing !== undefined)).id;
}

/** What may be chosen, in words that a model understands, too: it sees no list. */
function adviceOn(labels: Label[], mayCreate: boolean): string {
	const names = [...systemMailLabels.map(({ value }) => value), ...labels.map(({ name }) => name)];
	const more = names.length - MOST_NAMED;
	const known = names.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
	const create = mayCreate ? ", or switch on 'Create Missing Labels' under 'Options'" : '';
	return `Its labels are ${known}. Choose from these${create}.`;
}

const newBody = (name: string, displayName: string) =>
	requestBody({ name: labelBody.name }, () => ({ value: name, displayName }));

/** Labels are created one after the other: each item looks whether one before it has created its label. */
async function createdLabel(item: Item, body: IDataObject): Promise<string> {
	return await item.run.inTurn([`missing labels of ${mailboxKey(item)}`], async () => {
		const create = async () => await newLabel(item, body);
		return (await findOrCreateLabel(item, String(body.name), create)).label.id;
	});
}

/** The label of whose mails an item wants a list, as its id. */
export async function chosenMailLabel(item: Item): Promise<string> {
	const choice = readLocator(item, mailLabelLocator.name);
	const system = asSystemId(choice.value);
	if (system) return system;
	if (choice.by === 'id') return choice.value;
	const found = named(await labelsOf(item), choice.value);
	return onlyOne(
		found,
		choice,
		'label',
		'Enter the whole path of the label, such as Customers/Asia, or create it first.',
	).id;
}
