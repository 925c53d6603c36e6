import type { Repeatable } from '../../transport/endpoint';
import type { Operation } from '../../run/operation';
import { chosenOwnFolder, folderIdHints, listFolders, ownFolderLocator } from './mailFolder';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-folder/delete */
const deleteFolder: Repeatable = {
	method: 'DELETE',
	path: `${listFolders.path}/:folder_id`,
	scopes: ['mail:user_mailbox.folder:write'],
	quota: '1 folder deletion a second',
	write: 'repeatable',
	doneCodes: [1230001],
	verify: 'whether the folder is still in the mailbox',
	hints: folderIdHints,
};

export const deleteOperation: Operation = {
	value: 'delete',
	name: 'Delete',
	action: 'Delete a folder',
	description: 'Remove a folder for good; its mails move to the trash',
	endpoints: [deleteFolder, listFolders],
	fields: [ownFolderLocator],
	async execute(item) {
		const folderId = await chosenOwnFolder(item);
		await item.call(deleteFolder, { folder_id: folderId });
		return { deleted: true, id: folderId.value };
	},
};
