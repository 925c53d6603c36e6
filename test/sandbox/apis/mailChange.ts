import type { Message } from '../mails';
import { fieldRefused, lengthOf, Refusal, success } from '../platform';
import type { Answer, DocumentedError, MailboxCall } from '../platform';
import { systemLabels, unknownMailbox } from './mailList';

export const modifyScopes = ['mail:user_mailbox.message:modify'];

/** [docs] of all writes to mails. */
export const invalidParam = { status: 400, code: 1230001, msg: 'param is invalid' };

export const changeErrors = {
	mailboxNotFound: unknownMailbox,
	noDataPermission: { status: 403, code: 1230009, msg: 'permission denied' },
};

export const changeBody = {
	add_label_ids: 'strings',
	remove_label_ids: 'strings',
	add_folder: 'string',
} as const;

const maxIds = 20;
const maxFolderLength = 100;

/** [docs] TRASH has an endpoint of its own. DRAFT and SCHEDULED, which the pages do not name: the sandbox's choice. */
const closedFolders = ['TRASH', 'DRAFT', 'SCHEDULED'];

/** A list of the body; none counts as empty. */
export function idsOf({ body }: MailboxCall, field: string): string[] {
	const ids = (body[field] ?? []) as string[];
	if (ids.length > maxIds) throw fieldRefused(invalidParam, field, `the max len is ${maxIds}`);
	return ids;
}

/** What a body asks to be done to mails. */
export interface Change {
	add: string[];
	remove: string[];
	folder?: string;
}

/** @param unknown - what the endpoint answers where a label or the folder does not exist */
export function changeOf(call: MailboxCall, unknown: DocumentedError): Change {
	const { labels, folders, systemFolders } = call.mailbox;
	const [add, remove] = [idsOf(call, 'add_label_ids'), idsOf(call, 'remove_label_ids')];
	// [docs] 0 to 100 characters.
	const folder = (call.body.add_folder as string | null | undefined) || undefined;
	if (add.length + remove.length === 0 && folder === undefined) {
		throw fieldRefused(invalidParam, 'add_label_ids', 'nothing to change');
	}
	const both = add.find((id) => remove.includes(id));
	// Not documented: the sandbox's choice.
	if (both !== undefined) throw fieldRefused(invalidParam, 'remove_label_ids', 'is added too', both);
	if (folder !== undefined && (lengthOf(folder) > maxFolderLength || closedFolders.includes(folder))) {
		throw fieldRefused(invalidParam, 'add_folder', 'no folder to move mails to', folder);
	}
	const known = new Set([...systemLabels, ...labels.map(({ id }) => id)]);
	for (const [field, ids] of Object.entries({ add_label_ids: add, remove_label_ids: remove })) {
		const strange = ids.find((id) => !known.has(id));
		if (strange !== undefined) throw fieldRefused(unknown, field, 'no such label', strange);
	}
	if (folder !== undefined && ![...systemFolders, ...folders].some(({ id }) => id === folder)) {
		throw fieldRefused(unknown, 'add_folder', 'no such folder', folder);
	}
	return { add, remove, folder };
}

export function change(message: Message, { add, remove, folder }: Change): void {
	for (const id of add) message.label_ids.add(id);
	for (const id of remove) message.label_ids.delete(id);
	message.folder_id = folder ?? message.folder_id;
}

/**
 * Does something to the mails that the ids of a request stand for, unless there is an id of which that cannot be done.
 *
 * @param mailsOf - the mails of an id, or why they cannot be had
 */
export function toEach(
	ids: readonly string[],
	{
		call,
		mailsOf,
		act,
	}: {
		call: MailboxCall;
		mailsOf: (id: string) => Message[] | Refusal;
		act: (message: Message) => void;
	},
): Answer {
	const found = ids.map(mailsOf);
	const refused = found.find((mails) => mails instanceof Refusal);
	if (refused && call.world.mailChoices.restOfBatch === 'untouched') throw refused;
	const mails = found.flatMap((one) => (one instanceof Refusal ? [] : one));
	mails.forEach(act);
	return refused ? { ...refused.answer, executed: mails.length > 0 } : success({});
}
