import type { IDataObject } from 'n8n-workflow';

import { dateOf, type Mail } from '../actions/message/message';
import { isDraft, type Found, type Port } from './scan';
import type { State } from './state';

/** What has come of mails that Feishu has announced. */
export interface Announced extends Found {
	/** Ids of those that the mailbox has. */
	present: string[];
	/** Ids of those that it does not have, at least not yet. */
	absent: string[];
	/** Whether a scan has to find out about some: they could not be read, or do not tell where they are. */
	isOpen: boolean;
}

/** Whether a mail is among those of a list; undefined where it does not tell. */
function isListed(mail: Mail, { folder_id, label_id, only_unread }: IDataObject): boolean | undefined {
	const { label_ids: labels } = mail;
	if (only_unread === true && Array.isArray(labels) && !labels.includes('UNREAD')) return false;
	if (folder_id !== undefined) return mail.folder_id === undefined ? undefined : mail.folder_id === folder_id;
	return Array.isArray(labels) ? labels.includes(label_id as string) : undefined;
}

/**
 * Finds the new ones among mails that Feishu has announced, and makes them known. Those that are elsewhere stay unknown:
 * they may be moved in.
 *
 * @throws what reading throws, where it read none
 */
export async function readAnnounced(
	ids: string[],
	state: State,
	reader: Pick<Port, 'read'>,
	query: IDataObject,
): Promise<Announced> {
	const { since, seen } = state;
	const found: Announced = {
		mails: [],
		unreadable: new Map(),
		gaveUp: false,
		readAt: NaN,
		present: ids.filter((id) => seen.has(id)),
		absent: [],
		isOpen: false,
	};
	const unknown = ids.filter((id) => !seen.has(id));
	if (unknown.length === 0) return found;
	const { mails, failed } = await reader.read(unknown);
	for (const id of unknown) {
		const mail = mails.get(id);
		const listed = mail && isListed(mail, query);
		found.isOpen ||= failed.has(id) || (mail !== undefined && listed === undefined);
		if (mail) found.present.push(id);
		else if (!failed.has(id)) found.absent.push(id);
		if (!mail || !listed || isDraft(mail)) continue;
		const date = dateOf(mail) || since;
		seen.set(id, date);
		state.announced = [...state.announced, id];
		if (date >= since) found.mails.push(mail);
	}
	// As they come from a scan: the newest first.
	found.mails.reverse();
	return found;
}
