import { isLocatorSet } from '../../fields/locator';
import type { Repeatable } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';
import type { Operation } from '../../run/operation';
import {
	chosenFolder,
	chosenOwnFolder,
	folderHints,
	folderName,
	folderNameField,
	listFolders,
	noteFolder,
	ownFolderLocator,
	parentLocator,
} from './mailFolder';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-folder/patch */
const patchFolder: Repeatable = {
	method: 'PATCH',
	path: `${listFolders.path}/:folder_id`,
	scopes: ['mail:user_mailbox.folder:write'],
	quota: '1 folder update a second',
	write: 'repeatable',
	verify: 'what the folder looks like now',
	hints: folderHints,
};

export const update: Operation = {
	value: 'update',
	name: 'Update',
	action: 'Update a folder',
	description: 'Rename a folder or move it into another one',
	endpoints: [patchFolder, listFolders],
	fields: [
		ownFolderLocator,
		{
			displayName: 'Update Fields',
			name: 'updateFields',
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
			options: [
				{ ...folderNameField, required: undefined },
				{ ...parentLocator, required: undefined },
			],
		},
	],
	async execute(item) {
		const changes = item.changes({ name: folderName });
		const moves = isLocatorSet(item, parentLocator.name);
		if (Object.keys(changes).length === 0 && !moves) {
			throw new RefusedInput(
				'There is nothing to change',
				"Add a name or a parent folder under 'Update Fields', and see that their expressions give a value.",
			);
		}
		const folderId = await chosenOwnFolder(item);
		const parent = moves ? await chosenFolder(item, parentLocator.name) : undefined;
		const body = { ...changes, ...(parent && { parent_folder_id: parent.value }) };
		await item.call(patchFolder, { folder_id: folderId }, { body });
		await noteFolder(item, folderId.value, body);
		return { id: folderId.value, ...body };
	},
};
