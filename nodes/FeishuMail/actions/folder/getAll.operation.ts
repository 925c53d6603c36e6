import { limitFields, readLimit } from '../../fields/limit';
import { RefusedInput } from '../../transport/refusedInput';
import type { Operation } from '../../run/operation';
import { asText } from '../../run/requestBody';
import { listFolders, type MailFolder } from './mailFolder';

/** What Feishu calls the kinds of folders. Docs: `folder_type` of "List folders". */
const folderTypes: Record<string, number | undefined> = { all: undefined, system: 1, user: 2 };

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
					options: [
						{ name: 'All', value: 'all', description: "Feishu's own folders and those of users" },
						{ name: 'System', value: 'system', description: "Feishu's own, such as the inbox" },
						{ name: 'User', value: 'user', description: 'Those that somebody has created' },
					],
					default: 'user',
					description: 'Which folders to list',
				},
			],
		},
	],
	async execute(item) {
		const { value, displayName } = item.read('folderType');
		const kind = asText(value, displayName) ?? 'all';
		if (!Object.hasOwn(folderTypes, kind)) {
			throw new RefusedInput(
				`'${displayName}' must be one of: ${Object.keys(folderTypes).join(', ')}`,
				`The value is '${kind}'. Choose one from the list, or have the expression give one of these.`,
			);
		}
		const folder_type = folderTypes[kind];
		const limit = readLimit(item);
		const query = folder_type === undefined ? {} : { folder_type };
		const request = { limit, complete: limit === Infinity, query };
		const folders: MailFolder[] = [];
		for await (const folder of item.list(listFolders, {}, request)) {
			folders.push(folder);
		}
		return folders;
	},
};
