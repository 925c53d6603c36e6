import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Item } from '../../run/item';
import { isChosen } from '../../fields/locator';
import { chosenFolder, folderLocator } from '../folder/mailFolder';
import { chosenMailLabel, mailLabelLocator } from './labels';

const sourceField: INodeProperties = {
	displayName: 'Source',
	name: 'source',
	type: 'options',
	options: [
		{ name: 'Folder', value: 'folder' },
		{ name: 'Label', value: 'label' },
	],
	default: 'folder',
	description: 'Whether to list what is in a folder, or what has a label',
};

/** Of what a list is: a folder, the inbox unless another is chosen, or a label. */
export const sourceFields: INodeProperties[] = [
	sourceField,
	{
		...folderLocator,
		required: undefined,
		description: `${folderLocator.description} Empty is the inbox.`,
		default: { mode: 'list', value: 'INBOX', cachedResultName: 'Inbox' },
		displayOptions: { show: { source: ['folder'] } },
	},
	{ ...mailLabelLocator, displayOptions: { show: { source: ['label'] } } },
];

const readStatuses = [
	{ name: 'All', value: 'all' },
	{ name: 'Unread', value: 'unread' },
];

export const readStatusFilter: INodeProperties = {
	displayName: 'Read Status',
	name: 'readStatus',
	type: 'options',
	options: readStatuses,
	default: 'all',
	description: 'Whether to return all, or what is unread only',
};

/**
 * Whether an item wants only what is unread.
 *
 * @throws RefusedInput for what is neither `all` nor `unread`, such as `read`: Feishu cannot list that
 */
export function isOnlyUnread(item: Item): boolean {
	return item.choice(readStatusFilter.name, readStatuses, 'all') === 'unread';
}

/** What an item lists, as the query of a list. */
export async function chosenSource(item: Item): Promise<IDataObject> {
	const source =
		item.read(sourceField.name).value === 'label'
			? { label_id: await chosenMailLabel(item) }
			: { folder_id: isChosen(item, folderLocator.name) ? (await chosenFolder(item)).value : 'INBOX' };
	return { ...source, ...(isOnlyUnread(item) && { only_unread: true }) };
}
