import type { Read } from '../../transport/endpoint';
import type { Operation } from '../../run/operation';
import { chosenFolder, folderIdHints, folderLocator, listFolders, type MailFolder } from './mailFolder';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-folder/get */
const getFolder: Read<MailFolder> = {
	method: 'GET',
	path: `${listFolders.path}/:folder_id`,
	scopes: ['mail:user_mailbox.folder:read', 'mail:user_mailbox.folder:write'],
	quota: '10 folder reads a second',
	returns: 'folder',
	hints: folderIdHints,
};

export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get a folder',
	description: 'Read one folder with its number of unread mails',
	endpoints: [getFolder, listFolders],
	inFlight: 11,
	fields: [folderLocator],
	async execute(item) {
		const folderId = await chosenFolder(item);
		return await item.call(getFolder, { folder_id: folderId });
	},
};
