import { NodeApiError, type INodeProperties } from 'n8n-workflow';

import { findByName, locator, onlyOne, readLocator, type Choice } from '../../fields/locator';
import { mailboxKey } from '../../fields/mailbox';
import type { Hints, Page, Read } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';
import type { Item } from '../../run/item';
import { mailboxHints, notAccepted } from '../mailboxHints';

/** A folder of a mailbox. */
export type MailFolder = {
	id: string;
	name: string;
	/** `0` is the root. */
	parent_folder_id: string;
	/** 1: Feishu's own, 2: a user's. */
	folder_type?: 1 | 2;
	unread_message_count?: number;
	unread_thread_count?: number;
};

/** The id that stands for the top level. Docs: "Create a folder". */
export const ROOT = { id: '0', name: 'Top Level' };

/** What Feishu takes as the name of a folder. Docs: request body of "Create a folder". */
export const folderName = { minLength: 1, maxLength: 250 };

/** Codes of the folder endpoints. */
export const folderHints = mailboxHints(
	'folder',
	"'Mailbox', the name of the folder and its parent, and that both folders still exist: they may have been deleted",
);

/** The same where a folder is chosen and nothing is said about it. The endpoints have no code for one that is not there. */
export const folderIdHints: Hints = {
	...folderHints,
	1230001: "Feishu does not find the folder: it may have been deleted already; check 'Mailbox' and 'Folder'",
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-folder/list */
export const listFolders: Read<Page<MailFolder>> = {
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/folders',
	scopes: ['mail:user_mailbox.folder:read', 'mail:user_mailbox.folder:write'],
	quota: '5 folder lists a second',
	hints: { ...folderHints, 1230001: notAccepted },
};

export const folderNameField: INodeProperties = {
	displayName: 'Name',
	name: 'name',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. Invoices',
	description: 'Name of the folder, at most 250 characters',
};

const folderField = {
	displayName: 'Folder',
	name: 'folderId',
	placeholder: 'e.g. 7012345678901234567 or INBOX',
	modes: [{ displayName: 'By Path', name: 'name', placeholder: 'e.g. Projects/2026' }],
} as const;

export const folderLocator: INodeProperties = locator({
	...folderField,
	description: 'The folder of the mailbox. A path names all folders down to it, with slashes between.',
	searchListMethod: 'searchFolders',
});

/** For what Feishu's own folders do not allow. */
export const ownFolderLocator: INodeProperties = locator({
	...folderField,
	description:
		"The folder of the mailbox; Feishu's own, such as the inbox, cannot be changed. A path names all folders down to it, with slashes between.",
	searchListMethod: 'searchOwnFolders',
});

export const parentLocator: INodeProperties = locator({
	...folderField,
	displayName: 'Parent Folder',
	name: 'parentFolderId',
	description: 'The folder in which it lies. A path names all folders down to it, with slashes between.',
	searchListMethod: 'searchParentFolders',
	preset: { value: ROOT.id, cachedResultName: ROOT.name },
});

const foldersKey = (item: Item) => `folders of ${mailboxKey(item)}`;

/** The folders of an item's mailbox, listed once in a run. */
export async function foldersOf(item: Item): Promise<MailFolder[]> {
	return await item.run.readOnce(foldersKey(item), async () => await listedFolders(item));
}

/** The same; undefined where they cannot be listed. */
export async function foldersIfListed(item: Item): Promise<MailFolder[] | undefined> {
	return await foldersOf(item).catch((error: unknown) => {
		if (error instanceof NodeApiError) return undefined;
		throw error;
	});
}

/** The folders of an item's mailbox as they are now. */
export async function listedFolders(item: Item): Promise<MailFolder[]> {
	return await item.all(listFolders);
}

/** Notes what the run has changed of a folder, so that later items find it by its path. */
export async function noteFolder(item: Item, id: string, changes: object): Promise<void> {
	const folders = await item.run.known<MailFolder[]>(foldersKey(item));
	const folder = folders?.find((one) => one.id === id);
	if (folder) Object.assign(folder, changes);
}

/** Notes a folder that the run has created, so that later items find it by its path. */
export async function addFolder(item: Item, folder: MailFolder): Promise<void> {
	(await item.run.known<MailFolder[]>(foldersKey(item)))?.push(folder);
}

/** The names of the folders down to each folder, with slashes between. */
export function pathsOf(folders: MailFolder[]): Map<MailFolder, string> {
	const byId = new Map(folders.map((folder) => [folder.id, folder]));
	const pathOf = (folder: MailFolder, below: MailFolder[] = []): string => {
		const parent = byId.get(folder.parent_folder_id);
		const isTop = !parent || below.includes(parent);
		return isTop ? folder.name : `${pathOf(parent, [...below, folder])}/${folder.name}`;
	};
	return new Map(folders.map((folder) => [folder, pathOf(folder)]));
}

/**
 * The folder that an item chooses, by its id.
 *
 * @throws RefusedInput for a path that leads to no folder, or to more than one
 */
export async function chosenFolder(item: Item, parameter: string = folderLocator.name): Promise<Choice> {
	const choice = readLocator(item, parameter);
	const isTop = choice.by !== 'id' && parameter === parentLocator.name && pathIn(choice) === '';
	return isTop ? { ...choice, by: 'id', value: ROOT.id } : await folderOf(item, choice);
}

/** A path without slashes around it. */
const pathIn = ({ value }: Choice) => value.replace(/^\/+|(?<!\/)\/+$/g, '');

/**
 * The same for a choice that is read already.
 *
 * @throws RefusedInput for a path that leads to no folder, or to more than one
 */
export async function folderOf(item: Item, choice: Choice): Promise<Choice> {
	const system = choice.value.toUpperCase();
	if (choice.by === 'id') return systemFolders.has(system) ? { ...choice, value: system } : choice;
	const paths = pathsOf(await foldersOf(item));
	const found = findByName(paths.keys(), pathIn(choice), (candidate) => paths.get(candidate) ?? '');
	// Feishu names its own folders in the language of the mailbox.
	if (found.length === 0 && systemFolders.has(system)) return { ...choice, by: 'id', value: system };
	const { id } = onlyOne(
		found,
		choice,
		'folder',
		'Enter the names of all folders down to it, with slashes between, such as Projects/2026, or create it first.',
	);
	return { ...choice, by: 'id', value: id };
}

/** Folders that Feishu provides. Docs: "List folders". */
const systemFolders = new Set(['INBOX', 'SENT', 'DRAFT', 'SCHEDULED', 'TRASH', 'SPAM', 'ARCHIVED']);

/** Whether an id is that of a folder of Feishu's own, or of the top level. */
export const isSystemFolder = (id: string): boolean => systemFolders.has(id.toUpperCase()) || id === ROOT.id;

/**
 * The same, for a folder that is to be changed or deleted.
 *
 * @throws RefusedInput for a folder of Feishu's own
 */
export async function chosenOwnFolder(item: Item): Promise<Choice> {
	const folder = await chosenFolder(item);
	if (!isSystemFolder(folder.value)) return folder;
	throw new RefusedInput(
		`'${folder.displayName}': ${folder.value === ROOT.id ? 'the top level' : folder.value} belongs to Feishu and cannot be changed or deleted`,
		'Choose a folder that somebody has created.',
	);
}
