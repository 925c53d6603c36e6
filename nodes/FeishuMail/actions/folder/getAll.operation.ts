import { limitFields, readLimit } from '../../fields/limit';
import type { Operation } from '../../run/operation';
import { listFolders } from './mailFolder';

/** The kinds of folders, and what Feishu calls them. Docs: `folder_type` of "List folders". */
const folderTypes = [
	{ name: 'All', value: 'all', description: "Feishu's own folders and those of users" },
	{ name: 'System', value: 'system', description: "Feishu's own, such as the inbox" },
	{ name: 'User', value: 'user', description: 'Those that somebody has created' },
];
const codes: Record<string, number | undefined> = { system: 1, user: 2 };

export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many folders',
	description: "List a mailbox's folders with their numbers of unread mails",
	endpoints: [listFolders],
	inFlight: 6,
	fields: [
		...limitFields,
		{
			displayName: 'Filters',
			name: 'filters',
			type: 'collection',
			placeholder: 'Add Filter',
			default: {},
			options: [
				{
					displayName: 'Folder Type',
					name: 'folderType',
					type: 'options',
					options: folderTypes,
					default: 'user',
					description: 'Which folders to list',
				},
			],
		},
	],
	async execute(item) {
		const folder_type = codes[item.choice('folderType', folderTypes, 'all')];
		const query = folder_type === undefined ? {} : { folder_type };
		return await item.all(listFolders, {}, { limit: readLimit(item), query });
	},
};
