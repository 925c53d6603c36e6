import { isDraft, listed } from '../mails';
import type { Message } from '../mails';
import { fieldRefused, mailboxApi, refusal, success } from '../platform';
import type { Answer, MailboxCall } from '../platform';
import type { Mailbox } from '../tenants';
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
import { formatOf, formats, inAnyOrder, mailFieldScopes, readScopes, shownMessage } from './mailView';

const path = '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/messages';

const oneMessage = `${path}/:message_id`;

const invalidListParam = { status: 400, code: 1230001, msg: 'invalid param' };

/** [docs] the page has one code for all that is wrong with a request. */
const listRefusals = {
	pageSize: invalidListParam,
	pageToken: invalidListParam,
	choice: invalidListParam,
	// [3rd] seen for an id in small letters, which the page does not say.
	folderId: { status: 400, code: 1234038, msg: 'invalid folder id' },
	folder: invalidListParam,
	label: invalidListParam,
};

/** The mail with that id; letter case counts. */
export function findMessage({ messages }: Mailbox, id: string | undefined): Message | undefined {
	return messages.find(({ message_id }) => message_id === id);
}

export const messageList = mailboxApi({
	name: 'mail.message.list',
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
	errors: {
		mailboxNotFound: unknownMailbox,
		noDataPermission: { status: 403, code: 1230002, msg: 'no permission' },
	},
	handle(call) {
		const size = requiredPageSize(call, listRefusals.pageSize);
		const wants = wantedMails(call, listRefusals, ['IMPORTANT', 'OTHER', 'FLAGGED', 'SCHEDULED']);
		const { entries, rest } = pageOf(listed(call.mailbox.messages, call.world.mailChoices), {
			call,
			list: listKey('messages', call),
			size,
			wants,
			idOf: ({ message_id }) => message_id,
			invalidToken: listRefusals.pageToken,
		});
		// [docs] ids only.
		return success({ items: entries.map(({ message_id }) => message_id), ...rest });
	},
});

export const messageGet = mailboxApi({
	name: 'mail.message.get',
	method: 'GET',
	path: oneMessage,
	scopes: readScopes,
	fieldScopes: mailFieldScopes,
	documentedQuota: { limit: 100, window: 60 },
	query: { format: 'string' },
	errors: {
		mailboxNotFound: { status: 404, code: 1235013, msg: 'mailbox not found' },
		noDataPermission: { status: 403, code: 1234017, msg: 'permission not granted' },
	},
	handle(call) {
		const format = formatOf(call.query.format);
		if (format === undefined) {
			throw fieldRefused(
				{ status: 400, code: 1234008, msg: 'wrong parameters' },
				'format',
				`one of ${formats.join(', ')} expected`,
				String(call.query.format),
			);
		}
		const message = findMessage(call.mailbox, call.parameters.message_id);
		if (message === undefined) throw refusal({ status: 404, code: 1234034, msg: 'message not found' });
		return success({ message: shownMessage(message, format, call) });
	},
});

export const messageBatchGet = mailboxApi({
	name: 'mail.message.batchGet',
	method: 'POST',
	path: `${path}/batch_get`,
	scopes: readScopes,
	fieldScopes: mailFieldScopes,
	documentedQuota: { limit: 10, window: 1 },
	body: { format: 'string', message_ids: 'strings' },
	errors: {
		mailboxNotFound: { status: 400, code: 1230003, msg: 'user mailbox not found' },
		noDataPermission: { status: 403, code: 1230005, msg: 'permission not granted' },
	},
	handle(call) {
		const { mailbox, body, world } = call;
		const format = formatOf(body.format);
		if (format === undefined) {
			throw fieldRefused(
				invalidParam,
				'format',
				`one of ${formats.join(', ')} expected`,
				String(body.format),
			);
		}
		// An id that comes twice is answered twice: the sandbox's choice.
		const ids = idsOf(call, 'message_ids');
		const found = ids.map((id) => findMessage(mailbox, id)).filter((message) => message !== undefined);
		if (found.length < ids.length && world.mailChoices.unknownIds === 'refuse') {
			throw refusal({ status: 400, code: 1230006, msg: 'message not found' });
		}
		const messages = inAnyOrder(found, world.mailChoices);
		return success({ messages: messages.map((message) => shownMessage(message, format, call)) });
	},
});

/** [docs] of changes; trashing has no code for it but that of a wrong parameter. */
const noSuchMessage = { status: 400, code: 1230007, msg: 'message not exist' };

const noSuchTarget = { status: 400, code: 1236008, msg: 'label or folder not exist' };

/** Changes mails as the body says. Drafts cannot be moved: the sandbox's choice, the pages do not say what becomes of them. */
function changeMessages(call: MailboxCall, ids: string[]): Answer {
	const wanted = changeOf(call, noSuchTarget);
	return toEach(ids, {
		call,
		mailsOf(id) {
			const message = findMessage(call.mailbox, id);
			if (message === undefined) return fieldRefused(noSuchMessage, 'message_id', 'no such message', id);
			const moved = isDraft(message) && wanted.folder !== undefined;
			return moved ? fieldRefused(invalidParam, 'add_folder', 'a draft cannot be moved', id) : [message];
		},
		act: (message) => change(message, wanted),
	});
}

/** Moves mails to the trash. [docs] not drafts. What is there already stays there: the sandbox's choice. */
function trashMessages(call: MailboxCall, ids: string[]): Answer {
	return toEach(ids, {
		call,
		mailsOf(id) {
			const message = findMessage(call.mailbox, id);
			if (message !== undefined && !isDraft(message)) return [message];
			const reason = message ? 'a draft cannot be trashed' : 'no such message';
			return fieldRefused(invalidParam, 'message_id', reason, id);
		},
		act(message) {
			message.folder_id = 'TRASH';
		},
	});
}

export const messageModify = mailboxApi({
	name: 'mail.message.modify',
	// [docs] PUT, while threads take POST.
	method: 'PUT',
	path: `${oneMessage}/modify`,
	scopes: modifyScopes,
	documentedQuota: { limit: 5, window: 1 },
	oneAtATime: 'mailbox',
	body: changeBody,
	errors: changeErrors,
	handle: (call) => changeMessages(call, [call.parameters.message_id ?? '']),
});

export const messageBatchModify = mailboxApi({
	name: 'mail.message.batchModify',
	method: 'POST',
	path: `${path}/batch_modify`,
	scopes: modifyScopes,
	documentedQuota: { limit: 5, window: 1 },
	oneAtATime: 'mailbox',
	body: { ...changeBody, message_ids: 'strings' },
	errors: changeErrors,
	// [docs] 0 to 20 ids.
	handle: (call) => changeMessages(call, idsOf(call, 'message_ids')),
});

export const messageTrash = mailboxApi({
	name: 'mail.message.trash',
	method: 'POST',
	path: `${oneMessage}/trash`,
	scopes: modifyScopes,
	documentedQuota: { limit: 5, window: 1 },
	oneAtATime: 'mailbox',
	errors: changeErrors,
	handle: (call) => trashMessages(call, [call.parameters.message_id ?? '']),
});

export const messageBatchTrash = mailboxApi({
	name: 'mail.message.batchTrash',
	method: 'POST',
	path: `${path}/batch_trash`,
	scopes: modifyScopes,
	documentedQuota: { limit: 5, window: 1 },
	oneAtATime: 'mailbox',
	body: { message_ids: 'strings' },
	errors: changeErrors,
	handle: (call) => trashMessages(call, idsOf(call, 'message_ids')),
});
