import { isDraft, isOutOfSight, previewOf, threadsOf } from '../mails';
import type { Message } from '../mails';
import { fieldRefused, fieldValidationFailed, mailboxApi, refusal, success } from '../platform';
import type { Answer, DocumentedError, MailboxCall, Refusal } from '../platform';
import {
	change,
	changeBody,
	changeErrors,
	changeOf,
	idsOf,
	invalidParam,
	modifyScopes,
	toEach,
} from './mailChange';
import { listKey, pageOf, requiredPageSize, unknownMailbox, wantedMails } from './mailList';
import {
	encoded,
	formatOf,
	formats,
	inAnyOrder,
	mailFieldScopes,
	readScopes,
	shownMessage,
} from './mailView';

const path = '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/threads';

const oneThread = `${path}/:thread_id`;

const readErrors = {
	mailboxNotFound: unknownMailbox,
	noDataPermission: { status: 403, code: 1234017, msg: 'permission deny' },
};

const listRefusals = {
	// The page has no code for it; the platform's general one is the sandbox's choice.
	pageSize: { status: 400, code: 99992402, msg: 'field validation failed' },
	pageToken: { status: 400, code: 1234037, msg: 'invalid page token' },
	choice: { status: 400, code: 1234039, msg: 'provide exactly one of folder_id or label_id' },
	folderId: { status: 400, code: 1234038, msg: 'invalid folder id' },
	folder: { status: 404, code: 1234035, msg: 'folder not found' },
	label: { status: 404, code: 1234036, msg: 'label not found' },
};

export const threadList = mailboxApi({
	name: 'mail.thread.list',
	method: 'GET',
	path,
	scopes: readScopes,
	documentedQuota: { limit: 10, window: 1 },
	query: {
		page_size: 'int',
		page_token: 'string',
		folder_id: 'string',
		label_id: 'string',
		only_unread: 'flag',
	},
	errors: readErrors,
	handle(call) {
		const size = requiredPageSize(call, listRefusals.pageSize);
		const wants = wantedMails(call, listRefusals, ['IMPORTANT', 'OTHER', 'FLAGGED']);
		// That with the newest mail first, and a thread with one mail that fits: the pages say neither.
		const { entries, rest } = pageOf(threadsOf(call.mailbox.messages), {
			call,
			list: listKey('threads', call),
			size,
			wants: ({ messages }) => messages.some(wants),
			idOf: ({ id }) => id,
			invalidToken: listRefusals.pageToken,
		});
		const items = entries.map(({ id, messages: [newest] }) => ({
			id,
			body_preview: encoded(previewOf(newest), call.world.mailChoices),
		}));
		return success({ items, ...rest });
	},
});

export const threadGet = mailboxApi({
	name: 'mail.thread.get',
	method: 'GET',
	path: oneThread,
	scopes: readScopes,
	fieldScopes: mailFieldScopes,
	documentedQuota: { limit: 10, window: 1 },
	query: { format: 'string', include_spam_trash: 'flag' },
	errors: readErrors,
	handle(call) {
		const { mailbox, parameters, query, world } = call;
		const format = formatOf(query.format);
		// The page has no code for it: the sandbox's choice.
		if (format === undefined) {
			throw fieldValidationFailed([
				{ field: 'format', description: `one of ${formats.join(', ')} expected` },
			]);
		}
		const thread = threadsOf(mailbox.messages).find(({ id }) => id === parameters.thread_id);
		if (thread === undefined) throw refusal({ status: 404, code: 1236022, msg: 'mail thread not found' });
		const all = query.include_spam_trash === 'true';
		// A thread of which nothing is in sight is there and empty: the sandbox's choice.
		const messages = thread.messages.filter((message) => all || !isOutOfSight(message)).reverse();
		return success({
			thread: {
				id: thread.id,
				body_preview: encoded(previewOf(thread.messages[0]), world.mailChoices),
				messages: inAnyOrder(messages, world.mailChoices).map((message) =>
					shownMessage(message, format, call),
				),
			},
		});
	},
});

/** The mails of a thread, or the refusal of one that there is none of. */
function mailsOf({ mailbox }: MailboxCall, unknown: DocumentedError): (id: string) => Message[] | Refusal {
	return (id) => {
		const mails = mailbox.messages.filter(({ thread_id }) => thread_id === id);
		return mails.length > 0 ? mails : fieldRefused(unknown, 'thread_id', 'no such thread', id);
	};
}

/** A draft gets the labels, but stays in its folder: the sandbox's choice, as with single mails. */
function changeThreads(call: MailboxCall, ids: string[], unknown: DocumentedError): Answer {
	const wanted = changeOf(call, unknown);
	return toEach(ids, {
		call,
		mailsOf: mailsOf(call, unknown),
		act: (message) => change(message, isDraft(message) ? { ...wanted, folder: undefined } : wanted),
	});
}

/** Drafts stay: the pages do not say what becomes of them. An unknown thread has no code but the general one. */
function trashThreads(call: MailboxCall, ids: string[]): Answer {
	return toEach(ids, {
		call,
		mailsOf: mailsOf(call, invalidParam),
		act(message) {
			if (!isDraft(message)) message.folder_id = 'TRASH';
		},
	});
}

const unknownTarget = 'label or folder or thread not exist';

export const threadModify = mailboxApi({
	name: 'mail.thread.modify',
	// [docs] POST, while mails take PUT.
	method: 'POST',
	path: `${oneThread}/modify`,
	scopes: modifyScopes,
	documentedQuota: { limit: 20, window: 60 },
	oneAtATime: 'mailbox',
	body: changeBody,
	errors: changeErrors,
	handle: (call) =>
		changeThreads(call, [call.parameters.thread_id ?? ''], {
			status: 400,
			code: 1230008,
			msg: unknownTarget,
		}),
});

export const threadBatchModify = mailboxApi({
	name: 'mail.thread.batchModify',
	method: 'POST',
	path: `${path}/batch_modify`,
	scopes: modifyScopes,
	documentedQuota: { limit: 20, window: 60 },
	oneAtATime: 'mailbox',
	body: { ...changeBody, thread_ids: 'strings' },
	errors: changeErrors,
	// [docs] another code than for one thread.
	handle: (call) =>
		changeThreads(call, idsOf(call, 'thread_ids'), { status: 400, code: 1238008, msg: unknownTarget }),
});

export const threadTrash = mailboxApi({
	name: 'mail.thread.trash',
	method: 'POST',
	path: `${oneThread}/trash`,
	scopes: modifyScopes,
	documentedQuota: { limit: 20, window: 60 },
	oneAtATime: 'mailbox',
	errors: changeErrors,
	handle: (call) => trashThreads(call, [call.parameters.thread_id ?? '']),
});

export const threadBatchTrash = mailboxApi({
	name: 'mail.thread.batchTrash',
	method: 'POST',
	path: `${path}/batch_trash`,
	scopes: modifyScopes,
	documentedQuota: { limit: 20, window: 60 },
	oneAtATime: 'mailbox',
	body: { thread_ids: 'strings' },
	errors: changeErrors,
	handle: (call) => trashThreads(call, idsOf(call, 'thread_ids')),
});
