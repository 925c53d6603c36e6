import { lengthOf, mailboxApi, refusal, success } from '../platform';
import type { FieldViolation, MailboxCall } from '../platform';
import { newId } from '../tenants';
import type { Folder, Mailbox } from '../tenants';

const path = '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/folders';

const oneFolder = `${path}/:folder_id`;

const writeScope = 'mail:user_mailbox.folder:write';

const readScopes = ['mail:user_mailbox.folder:read', writeScope];

/**
 * The only HTTP 400 that the folder pages document. So it stands for all that cannot be done, an unknown mailbox,
 * folder or parent among them, and system folders, which no page allows to change: the sandbox's choice.
 */
const invalidParam = { status: 400, code: 1230001, msg: 'invalid param' };

const errors = {
	mailboxNotFound: invalidParam,
	noDataPermission: { status: 403, code: 1230002, msg: 'permission denied' },
};

/** [docs: user_mailbox-folder/create] */
const root = '0';

const maxNameLength = 250;

const bodyTypes = { name: 'string', parent_folder_id: 'string' } as const;

type Fields = Partial<Record<keyof typeof bodyTypes, string | null>>;

function invalid(violations: FieldViolation[]) {
	return refusal(invalidParam, { field_violations: violations });
}

function findFolder({ folders, systemFolders }: Mailbox, id: string | undefined): Folder | undefined {
	const hasId = (folder: Folder) => folder.id === id;
	return folders.find(hasId) ?? systemFolders.find(hasId);
}

/** The folder of the path. */
function folderOf({ mailbox, parameters }: MailboxCall): Folder {
	const { folder_id: id } = parameters;
	const folder = findFolder(mailbox, id);
	if (folder === undefined) throw invalid([{ field: 'folder_id', value: id, description: 'no such folder' }]);
	return folder;
}

/** The folder of the path, which must be the user's own. */
function userFolderOf(call: MailboxCall): Folder {
	const folder = folderOf(call);
	if (folder.folder_type === 1) {
		throw invalid([
			{ field: 'folder_id', value: folder.id, description: 'a system folder cannot be changed' },
		]);
	}
	return folder;
}

/** Checks a name or parent that is there; `null` counts as absent. System folders may be parents: the sandbox's choice. */
function violationsOf({ name, parent_folder_id: parent }: Fields, mailbox: Mailbox): FieldViolation[] {
	const violations: FieldViolation[] = [];
	if (name === '') violations.push({ field: 'name', value: name, description: 'the min len is 1' });
	if (typeof name === 'string' && lengthOf(name) > maxNameLength) {
		violations.push({ field: 'name', value: name, description: `the max len is ${maxNameLength}` });
	}
	if (typeof parent === 'string' && parent !== root && findFolder(mailbox, parent) === undefined) {
		violations.push({ field: 'parent_folder_id', value: parent, description: 'no such folder' });
	}
	return violations;
}

/** The folder and all folders below it. */
function branchOf(folder: Folder, mailbox: Mailbox): Set<Folder> {
	const branch = new Set([folder]);
	// A set's iteration reaches what is added on the way.
	for (const { id } of branch) {
		for (const child of mailbox.folders) if (child.parent_folder_id === id) branch.add(child);
	}
	return branch;
}

export const folderCreate = mailboxApi({
	name: 'mail.folder.create',
	method: 'POST',
	path,
	scopes: [writeScope],
	documentedQuota: { limit: 1, window: 1 },
	body: bodyTypes,
	errors,
	handle({ mailbox, body }) {
		const { name, parent_folder_id: parent } = body as Fields;
		const violations = violationsOf(body, mailbox);
		if (name == null) violations.push({ field: 'name', description: 'name is required' });
		if (parent == null) {
			violations.push({ field: 'parent_folder_id', description: 'parent_folder_id is required' });
		}
		if (name == null || parent == null || violations.length > 0) throw invalid(violations);
		// Two folders of the same name side by side: the label pages have a code against it, these have none.
		const folder: Folder = {
			id: newId(),
			name,
			parent_folder_id: parent,
			folder_type: 2,
			unread_message_count: 0,
			unread_thread_count: 0,
		};
		mailbox.folders.push(folder);
		return success({ folder });
	},
});

export const folderList = mailboxApi({
	name: 'mail.folder.list',
	method: 'GET',
	path,
	scopes: readScopes,
	documentedQuota: { limit: 5, window: 1 },
	query: { folder_type: 'int' },
	errors,
	// [docs] no paging. Without folder_type both kinds, system folders first: the sandbox's choice.
	handle({ mailbox, query }) {
		const { folder_type: text } = query;
		const type = text === undefined ? undefined : Number(text);
		if (type !== undefined && type !== 1 && type !== 2) {
			throw invalid([
				{ field: 'folder_type', value: String(text), description: 'folder_type is out of range 1 to 2' },
			]);
		}
		const items = [...mailbox.systemFolders, ...mailbox.folders].filter(
			(folder) => type === undefined || folder.folder_type === type,
		);
		return success({ items: items.map((folder) => mailbox.countedFolder(folder)) });
	},
});

export const folderGet = mailboxApi({
	name: 'mail.folder.get',
	method: 'GET',
	path: oneFolder,
	scopes: readScopes,
	documentedQuota: { limit: 10, window: 1 },
	errors,
	handle: (call) => success({ folder: call.mailbox.countedFolder(folderOf(call)) }),
});

export const folderPatch = mailboxApi({
	name: 'mail.folder.patch',
	method: 'PATCH',
	path: oneFolder,
	scopes: [writeScope],
	documentedQuota: { limit: 1, window: 1 },
	body: bodyTypes,
	errors,
	// Both fields are optional, and nothing says that one must be there.
	handle(call) {
		const { mailbox, body } = call;
		const { name, parent_folder_id: parent } = body as Fields;
		const violations = violationsOf(body, mailbox);
		if (violations.length > 0) throw invalid(violations);
		const folder = userFolderOf(call);
		if (parent != null && [...branchOf(folder, mailbox)].some(({ id }) => id === parent)) {
			throw invalid([
				{ field: 'parent_folder_id', value: parent, description: 'the folder itself or one below it' },
			]);
		}
		folder.name = name ?? folder.name;
		folder.parent_folder_id = parent ?? folder.parent_folder_id;
		return success({});
	},
});

export const folderDelete = mailboxApi({
	name: 'mail.folder.delete',
	method: 'DELETE',
	path: oneFolder,
	scopes: [writeScope],
	documentedQuota: { limit: 1, window: 1 },
	errors,
	// [docs] its mails move to the trash. The folders below it go too: the sandbox's choice.
	handle(call) {
		const { mailbox } = call;
		const branch = branchOf(userFolderOf(call), mailbox);
		const ids = new Set([...branch].map(({ id }) => id));
		for (const message of mailbox.messages) if (ids.has(message.folder_id)) message.folder_id = 'TRASH';
		const rest = mailbox.folders.filter((folder) => !branch.has(folder));
		mailbox.folders.splice(0, mailbox.folders.length, ...rest);
		return success({});
	},
});
