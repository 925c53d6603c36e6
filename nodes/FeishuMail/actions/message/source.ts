import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Item } from '../../run/item';
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
		default: { mode: 'list', value: 'INBOX', cachedResultName: 'Inbox' },
		displayOptions: { show: { source: ['folder'] } },
	},
	{ ...mailLabelLocator, displayOptions: { show: { source: ['label'] } } },
];

export const readStatusFilter: INodeProperties = {
	displayName: 'Read Status',
	name: 'readStatus',
	type: 'options',
	options: [
		{ name: 'All', value: 'all' },
		{ name: 'Unread', value: 'unread' },
	],
	default: 'all',
	description: 'Whether to return all, or what is unread only',
};

/** Whether an item wants only what is unread. */
export const isOnlyUnread = (item: Item): boolean => item.read(readStatusFilter.name).value === 'unread';

/** What an item lists, as the query of a list. */
export async function chosenSource(item: Item): Promise<IDataObject> {
	const source =
		item.read(sourceField.name).value === 'label'
			? { label_id: await chosenMailLabel(item) }
			: { folder_id: (await chosenFolder(item)).value };
	return { ...source, ...(isOnlyUnread(item) && { only_unread: true }) };
}
