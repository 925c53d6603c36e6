import type { IDataObject } from 'n8n-workflow';

import { mailbox, mailboxFields } from '../../fields/mailbox';
import type { Item } from '../../run/item';
import type { Findable } from '../../transport/endpoint';
import type { Operation } from '../../run/operation';
import {
	addFolder,
	chosenFolder,
	folderHints,
	folderName,
	folderNameField,
	foldersIfListed,
	listedFolders,
	listFolders,
	parentLocator,
	type MailFolder,
} from './mailFolder';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-folder/create */
const createFolder: Findable<MailFolder> = {
	method: 'POST',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/folders',
	tokens: ['tenant', 'user'],
	scopes: ['mail:user_mailbox.folder:write'],
	quota: '1 folder creation a second',
	write: 'findable',
	verify: 'whether the folder is in the mailbox',
	returns: 'folder',
	hints: folderHints,
};

/**
 * Creates a folder. Feishu may allow several of a name in one place, so what is there after a lost answer is this one
 * only if the run knows what was there before: it lists the folders once.
 */
async function newFolder(item: Item, body: IDataObject): Promise<MailFolder> {
	const before = (await foldersIfListed(item))?.map(({ id }) => id);
	const find = async () => {
		const [found, another] = (await listedFolders(item)).filter(
			({ id, name, parent_folder_id }) =>
				String(name).trim() === String(body.name).trim() &&
				parent_folder_id === body.parent_folder_id &&
				!before?.includes(id),
		);
		if (another || (found && !before)) throw new Error('It may be one that somebody else has created');
		return found;
	};
	return await item.create(createFolder, { user_mailbox_id: mailbox(item) }, { body }, find);
}

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
		const folder = await newFolder(item, body);
		await addFolder(item, { ...body, ...folder });
		return folder;
	},
};
