import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { readLocator } from '../../fields/locator';
import type { Item } from '../../run/item';
import type { Operation } from '../../run/operation';
import type { Batched, Repeatable } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';
import { createLabel } from '../label/create.operation';
import { chosenFolder, folderLocator, listFolders } from '../folder/mailFolder';
import { listLabels } from '../label/label';
import { chosenLabels, labelsField } from './labels';

/** What can be filed: mails, or threads with all their mails. */
export interface Filed {
	/** As in "Add a label to a message". */
	noun: string;
	locator: INodeProperties;
	/** The key of its id in the output. */
	id: string;
	modify: Repeatable & Batched;
	trash: Repeatable & Batched;
}

/** Changes what an item chooses, and gives what has changed. */
async function change(
	item: Item,
	{ locator, id, modify }: Filed,
	changes: IDataObject,
): Promise<IDataObject> {
	const chosen = readLocator(item, locator.name);
	await item.changeTogether(modify, {}, chosen.value, changes);
	return { [id]: chosen.value, ...changes };
}

async function putIntoTrash(item: Item, { locator, id, trash }: Filed): Promise<IDataObject> {
	const chosen = readLocator(item, locator.name);
	await item.changeTogether(trash, {}, chosen.value);
	return { [id]: chosen.value, trashed: true };
}

const createMissingOption: INodeProperties = {
	displayName: 'Create Missing Labels',
	name: 'createMissingLabels',
	type: 'boolean',
	default: false,
	description: 'Whether to create labels that the mailbox does not have yet, instead of failing',
};

export const addLabelsTo = (filed: Filed): Operation => ({
	value: 'addLabels',
	name: 'Add Label',
	action: `Add a label to a ${filed.noun}`,
	description: `Mark a ${filed.noun} with one or more labels`,
	endpoints: [filed.modify],
	lookUps: [listLabels, createLabel],
	inFlight: Infinity,
	fields: [filed.locator, labelsField],
	options: [createMissingOption],
	async execute(item) {
		readLocator(item, filed.locator.name);
		const createMissing = item.read(createMissingOption.name).value === true;
		return await change(item, filed, { add_label_ids: await chosenLabels(item, createMissing) });
	},
});

export const removeLabelsFrom = (filed: Filed): Operation => ({
	value: 'removeLabels',
	name: 'Remove Label',
	action: `Remove a label from a ${filed.noun}`,
	description: `Take one or more labels off a ${filed.noun}`,
	endpoints: [filed.modify],
	lookUps: [listLabels],
	inFlight: Infinity,
	fields: [filed.locator, labelsField],
	async execute(item) {
		readLocator(item, filed.locator.name);
		return await change(item, filed, { remove_label_ids: await chosenLabels(item) });
	},
});

export const markAsReadOf = (filed: Filed): Operation => ({
	value: 'markAsRead',
	name: 'Mark as Read',
	action: `Mark a ${filed.noun} as read`,
	description: `Mark a ${filed.noun} as read, as if somebody had opened it`,
	endpoints: [filed.modify],
	inFlight: Infinity,
	fields: [filed.locator],
	execute: async (item) => await change(item, filed, { remove_label_ids: ['UNREAD'] }),
});

export const markAsUnreadOf = (filed: Filed): Operation => ({
	value: 'markAsUnread',
	name: 'Mark as Unread',
	action: `Mark a ${filed.noun} as unread`,
	description: `Mark a ${filed.noun} as unread, as if nobody had opened it yet`,
	endpoints: [filed.modify],
	inFlight: Infinity,
	fields: [filed.locator],
	execute: async (item) => await change(item, filed, { add_label_ids: ['UNREAD'] }),
});

/** Folders that Feishu puts mails into by itself only. */
export const closedFolders = new Set(['DRAFT', 'SCHEDULED']);

export const moveOf = (filed: Filed): Operation => ({
	value: 'move',
	name: 'Move',
	action: `Move a ${filed.noun} to a folder`,
	description: `Put a ${filed.noun} into a folder, such as the archive`,
	endpoints: [filed.modify, filed.trash],
	lookUps: [listFolders],
	inFlight: Infinity,
	fields: [filed.locator, folderLocator],
	async execute(item) {
		readLocator(item, filed.locator.name);
		const { value: folder, displayName } = await chosenFolder(item);
		if (folder === 'TRASH') return await putIntoTrash(item, filed);
		if (closedFolders.has(folder)) {
			throw new RefusedInput(
				`'${displayName}': nothing can be moved to ${folder}`,
				'Choose the inbox, the archive, or a folder that somebody has created.',
			);
		}
		return await change(item, filed, { add_folder: folder });
	},
});

export const trashOf = (filed: Filed): Operation => ({
	value: 'trash',
	name: 'Move to Trash',
	action: `Move a ${filed.noun} to the trash`,
	description: `Put a ${filed.noun} into the trash. Feishu's API deletes nothing for good.`,
	endpoints: [filed.trash],
	inFlight: Infinity,
	fields: [filed.locator],
	execute: async (item) => await putIntoTrash(item, filed),
});
