import { isOutOfSight, isUnread } from '../mails';
import type { Message } from '../mails';
import { fieldRefused } from '../platform';
import type { DocumentedError, MailboxCall } from '../platform';

/** Labels that every mailbox has. [docs] */
export const systemLabels = ['UNREAD', 'IMPORTANT', 'OTHER', 'FLAGGED'];

/** [docs] of threads; the sandbox's choice where the page of an endpoint names no code for an unknown mailbox. */
export const unknownMailbox = {
	status: 404,
	code: 1234013,
	msg: 'user mailbox not found or user mailbox not active',
};

/** What a list answers to what it cannot take. */
export interface ListRefusals {
	pageSize: DocumentedError;
	pageToken: DocumentedError;
	/** Both or none of folder_id and label_id. */
	choice: DocumentedError;
	/** Neither the id of a system folder nor a number. */
	folderId: DocumentedError;
	folder: DocumentedError;
	label: DocumentedError;
}

/** A parameter of the query; "" counts as absent: the sandbox's choice. */
function parameter({ query }: MailboxCall, name: string): string | undefined {
	const { [name]: value } = query;
	return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * Which mails a list is asked for, of mails or threads. Throws when it names not exactly one folder or label, or none
 * that there is.
 *
 * @param labels - system labels that the list takes
 */
export function wantedMails(
	call: MailboxCall,
	refusals: ListRefusals,
	labels: readonly string[],
): (message: Message) => boolean {
	const { folders, systemFolders, labels: ownLabels } = call.mailbox;
	const [folder, label] = [parameter(call, 'folder_id'), parameter(call, 'label_id')];
	if ((folder === undefined) === (label === undefined)) {
		throw fieldRefused(refusals.choice, 'folder_id', 'exactly one of folder_id and label_id expected');
	}
	if (folder !== undefined && ![...systemFolders, ...folders].some(({ id }) => id === folder)) {
		// [3rd] ids of system folders in small letters are invalid.
		const error = /^\d+$/.test(folder) ? refusals.folder : refusals.folderId;
		throw fieldRefused(error, 'folder_id', 'no such folder', folder);
	}
	if (label !== undefined && ![...labels, ...ownLabels.map(({ id }) => id)].includes(label)) {
		throw fieldRefused(refusals.label, 'label_id', 'no such label', label);
	}
	const onlyUnread = parameter(call, 'only_unread') === 'true';
	return (message) => {
		// [docs] false filters nothing.
		if (onlyUnread && !isUnread(message)) return false;
		if (folder !== undefined) return message.folder_id === folder;
		// [docs] SCHEDULED is a folder here and a label there.
		if (label === 'SCHEDULED') return message.folder_id === label;
		return message.label_ids.has(label ?? '') && !isOutOfSight(message);
	};
}

/** The page_size of a list that insists on one. */
export function requiredPageSize({ query }: MailboxCall, error: DocumentedError): number {
	const text = query.page_size;
	if (text === undefined) throw fieldRefused(error, 'page_size', 'page_size is required');
	const size = Number(text);
	if (size >= 1 && size <= 20) return size;
	throw fieldRefused(error, 'page_size', 'page_size is out of range 1 to 20', String(text));
}

interface Cursor {
	/** The mailbox and what is listed of it. */
	list: string;
	/** The ids of the page that the token came with. */
	page: string[];
	/** How many entries there were up to its end. */
	count: number;
}

function readCursor(token: string): Partial<Cursor> {
	try {
		return (JSON.parse(Buffer.from(token, 'base64url').toString()) ?? {}) as Partial<Cursor>;
	} catch {
		return {};
	}
}

/**
 * One page of the entries that are wanted. The next one begins after the last entry of this one, also when that is no
 * longer wanted by then, unless pages are to shift: the sandbox's choice, as are the order and that tokens never end.
 *
 * @param list - what makes two lists different, so that the tokens of one are refused by the other
 */
export function pageOf<Entry>(
	all: readonly Entry[],
	{
		call,
		list,
		size,
		wants,
		idOf,
		invalidToken,
	}: {
		call: MailboxCall;
		list: string;
		size: number;
		wants: (entry: Entry) => boolean;
		idOf: (entry: Entry) => string;
		invalidToken: DocumentedError;
	},
): { entries: Entry[]; rest: { has_more: boolean; page_token?: string } } {
	const whole = `${call.mailbox.address} ${list}`;
	const token = parameter(call, 'page_token');
	const wanted = all.filter(wants);
	let found = wanted;
	if (token !== undefined) {
		const { list: listOfToken, page = [], count = 0 } = readCursor(token);
		if (listOfToken !== whole) throw fieldRefused(invalidToken, 'page_token', 'invalid page token', token);
		const last = all.map(idOf).reduce((end, id, index) => (page.includes(id) ? index : end), -1);
		if (call.world.mailChoices.pages === 'shift') found = wanted.slice(count);
		// Where nothing of the page is left, what followed it is where it began.
		else if (last === -1) found = wanted.slice(count - page.length);
		else found = all.slice(last + 1).filter(wants);
	}
	const entries = found.slice(0, size);
	// [docs] a token only where there is more.
	if (found.length <= size) return { entries, rest: { has_more: false } };
	const count = wanted.length - found.length + size;
	const cursor: Cursor = { list: whole, page: entries.map(idOf), count };
	const page_token = Buffer.from(JSON.stringify(cursor)).toString('base64url');
	return { entries, rest: { has_more: true, page_token } };
}

/** What tells the list of a query from others. */
export function listKey(kind: string, call: MailboxCall): string {
	return JSON.stringify([
		kind,
		...['folder_id', 'label_id', 'only_unread'].map((name) => parameter(call, name)),
	]);
}
