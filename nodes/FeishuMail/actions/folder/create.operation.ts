import { mailbox, mailboxFields } from '../../fields/mailbox';
import type { Endpoint } from '../../transport/endpoint';
import type { Operation } from '../../run/operation';
import {
	addFolder,
	chosenFolder,
	folderHints,
	folderName,
	folderNameField,
	listFolders,
	parentLocator,
	type MailFolder,
} from './mailFolder';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-folder/create */
const createFolder: Endpoint<MailFolder> = {
	method: 'POST',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/folders',
	tokens: ['tenant', 'user'],
	scopes: ['mail:user_mailbox.folder:write'],
	quota: '1 folder creation a second',
	verify: 'whether the folder is in the mailbox',
	returns: 'folder',
	hints: folderHints,
};

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Create a folder',
	description: 'Add a folder to the mailbox',
	endpoints: [createFolder, listFolders],
	// An item may create the parent of the next one.
	inFlight: 1,
	fields: [...mailboxFields, folderNameField, parentLocator],
	async execute(item) {
		const body = {
			...item.body({ name: { ...folderName, required: true } }),
			parent_folder_id: (await chosenFolder(item, parentLocator.name)).value,
		};
		const folder = await item.call(createFolder, { user_mailbox_id: mailbox(item) }, { body });
		await addFolder(item, { ...body, ...folder });
		return folder;
	},
};
