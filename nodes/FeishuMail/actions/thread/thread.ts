import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { locator } from '../../fields/locator';
import type { Batched, Hints, Page, Read, Repeatable } from '../../transport/endpoint';
import type { Filed } from '../message/changes';
import { changeHints, doubtful, listHints, readMails, type Mail } from '../message/message';

/** A thread of a mailbox: mails that answer each other. */
export type Thread = IDataObject & { id: string; body_preview?: string; messages?: Mail[] };

export const threadLocator: INodeProperties = locator({
	displayName: 'Thread',
	name: 'threadId',
	description: 'The thread. The list shows those of the newest mails of the inbox.',
	searchListMethod: 'searchThreads',
	placeholder: 'e.g. tfuh9N4WnzU6jdDw=',
});

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-thread/list */
export const listThreads: Read<Page<Thread>> = {
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/threads',
	scopes: ['mail:user_mailbox.message:readonly'],
	quota: '10 thread lists a second',
	pageSize: 20,
	hints: listHints,
};

const threadHints: Hints = {
	...changeHints,
	1230001: "Feishu does not accept the request: check 'Mailbox', and that thread and labels belong to it",
	1236019: 'Feishu could not process the request because of an internal fault',
	1236022: 'The mailbox has no such thread: it may have been deleted, or belong to another mailbox',
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-thread/get */
export const readThread: Read<Thread> = {
	method: 'GET',
	path: `${listThreads.path}/:thread_id`,
	scopes: ['mail:user_mailbox.message:readonly'],
	fieldScopes: readMails.fieldScopes,
	quota: '10 thread reads a second',
	returns: 'thread',
	hints: { ...listHints, ...threadHints },
};

const write = {
	method: 'POST',
	scopes: ['mail:user_mailbox.message:modify'],
	write: 'repeatable',
	batch: { ids: 'thread_ids', most: 20, doubtful },
	hints: threadHints,
} as const;

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-thread/batch_modify */
const modifyThreads: Repeatable & Batched = {
	...write,
	path: `${listThreads.path}/batch_modify`,
	quota: '20 thread changes a minute',
	verify: 'labels and folder of the thread',
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-thread/batch_trash */
const trashThreads: Repeatable & Batched = {
	...write,
	path: `${listThreads.path}/batch_trash`,
	quota: '20 thread removals a minute',
	verify: 'whether the thread is in the trash',
};

export const threads: Filed = {
	noun: 'thread',
	locator: threadLocator,
	id: 'thread_id',
	modify: modifyThreads,
	trash: trashThreads,
};
