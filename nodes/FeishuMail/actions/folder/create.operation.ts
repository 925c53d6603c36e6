import type { IDataObject } from 'n8n-workflow';

import type { Item } from '../../run/item';
import type { Findable } from '../../transport/endpoint';
import type { Operation } from '../../run/operation';
import { createOnce } from '../createOnce';
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
	path: listFolders.path,
	scopes: ['mail:user_mailbox.folder:write'],
	quota: '1 folder creation a second',
	write: 'findable',
	verify: 'whether the folder is in the mailbox',
	returns: 'folder',
	hints: folderHints,
};

/** Creates a folder, once in all tries of an item. Feishu may allow several of a name in one place. */
async function newFolder(item: Item, body: IDataObject): Promise<MailFolder> {
	const wanted = String(body.name);
	let listed: MailFolder[] = [];
	return await createOnce<MailFolder>(item, {
		thing: 'folder',
		name: wanted,
		listIds: async () => (await foldersIfListed(item))?.map(({ id }) => id),
		async findIds() {
			listed = await listedFolders(item);
			return listed
				.filter(
					({ name, parent_folder_id }) =>
						String(name).trim() === wanted.trim() && parent_folder_id === body.parent_folder_id,
				)
				.map(({ id }) => id);
		},
		read: async (found) => listed.find(({ id }) => id === found)!,
		create: async (find) => await item.create(createFolder, {}, { body }, find),
	});
}

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Create a folder',
	description: 'Add a folder to the mailbox',
	endpoints: [createFolder, listFolders],
	// An item may create the parent of the next one.
	fields: [folderNameField, parentLocator],
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
