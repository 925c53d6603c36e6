import type { INodeProperties } from 'n8n-workflow';

import { readList } from '../../fields/list';
import { findByName, locator, onlyOne, readLocator, type Choice } from '../../fields/locator';
import { mailboxKey } from '../../fields/mailbox';
import type { Item } from '../../run/item';
import { RefusedInput } from '../../transport/refusedInput';
import { newLabel } from '../label/create.operation';
import { findOrCreateLabel } from '../label/findOrCreate';
import { labelsOf, type Label } from '../label/label';

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
	idPlaceholder: 'e.g. 7012345678901234567 or IMPORTANT',
	lookUps: [{ displayName: 'By Name', name: 'name', placeholder: 'e.g. Customers/Asia' }],
});

const asSystemId = (label: string) => {
	const id = label.toUpperCase();
	return systemIds.has(id) ? id : undefined;
};

/**
 * The ids of the labels that an item chooses. They are looked up in one list per run: a label that is not there would be
 * refused only after the mails before it have changed.
 *
 * @param createMissing whether labels that are not there are created, once in a run
 * @throws RefusedInput for a label that the mailbox does not have, with its name
 */
export async function chosenLabels(item: Item, createMissing: boolean): Promise<string[]> {
	const { displayName, values } = readList(item, labelsField.name);
	if (values.length === 0) {
		throw new RefusedInput(`'${displayName}' is empty`, 'Choose labels from the list, or enter their names.');
	}
	const ids: string[] = [];
	for (const value of values) {
		ids.push(...(await idsOf(item, { by: 'name', displayName, value }, createMissing)));
	}
	const unique = [...new Set(ids)];
	if (unique.length <= MOST_LABELS) return unique;
	throw new RefusedInput(
		`'${displayName}' holds ${unique.length} labels; Feishu takes at most ${MOST_LABELS} at a time`,
		'Use several Feishu Mail nodes, one after the other.',
	);
}

async function idsOf(item: Item, choice: Choice, createMissing: boolean): Promise<string[]> {
	const { value } = choice;
	const system = asSystemId(value);
	if (system) return [system];
	const known = await labelsOf(item);
	if (known.some(({ id }) => id === value)) return [value];
	const named = (name: string) => findByName(known, name, (label) => label.name);
	if (named(value).length === 0 && value.includes(',')) {
		const parts = value.split(',').map((part) => part.trim());
		const ofParts: string[] = [];
		for (const part of parts.filter(Boolean)) {
			ofParts.push(...(await idsOf(item, { ...choice, value: part }, createMissing)));
		}
		return ofParts;
	}
	if (createMissing && named(value).length === 0) return [await createdLabel(item, value)];
	return [onlyOne(named(value), choice, 'label', adviceOn(known)).id];
}

/** What may be chosen, in words that a model understands, too: it sees no list. */
function adviceOn(labels: Label[]): string {
	const names = [...systemMailLabels.map(({ value }) => value), ...labels.map(({ name }) => name)];
	const more = names.length - MOST_NAMED;
	const known = names.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
	return `Its labels are ${known}. Choose from these, or create the label first: with Label > Create, or with 'Create Missing Labels' under 'Options' of Add Label.`;
}

/** Labels are created one after the other: each item looks whether one before it has created its label. */
async function createdLabel(item: Item, name: string): Promise<string> {
	return await item.run.inTurn([`missing labels of ${mailboxKey(item)}`], async () => {
		const { label } = await findOrCreateLabel(item, name, async () => await newLabel(item, { name }));
		return label.id;
	});
}

/** The label of whose mails an item wants a list, as its id. */
export async function chosenMailLabel(item: Item): Promise<string> {
	const choice = readLocator(item, mailLabelLocator.name);
	const system = asSystemId(choice.value);
	if (system) return system;
	if (choice.by === 'id') return choice.value;
	const named = findByName(await labelsOf(item), choice.value, ({ name }) => name);
	return onlyOne(named, choice, 'label', 'Enter the whole path of the label, such as Customers/Asia.').id;
}
