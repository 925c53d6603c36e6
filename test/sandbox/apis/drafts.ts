import { latestFirst, newMailId, threadOf } from '../mails';
import type { Message, NewMessage } from '../mails';
import { fieldsOf } from '../parsedMail';
import type { Source } from '../parsedMail';
import { fieldRefused, mailboxApi, refusal, success } from '../platform';
import type { Answer, MailboxCall } from '../platform';
import { largeFilesOf, originalOf } from '../post';
import type { Mailbox } from '../tenants';
import { modifyScopes } from './mailChange';
import { pageOf } from './mailList';
import { encoded, readScopes, shownMessage } from './mailView';
import { findMessage } from './messages';
import {
	checkFiles,
	checkSending,
	outgoingErrors,
	sendScopes,
	sourceFrom,
	sourceOf,
	wrongParameter,
} from './outgoing';

const path = '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/drafts';

const oneDraft = `${path}/:draft_id`;

const defaultPageSize = 20;
const maxPageSize = 100;

/** [cli] how far ahead a sending can be scheduled at least. */
const shortestWait = 5 * 60 * 1000;

/** [docs] other names than those of mails. */
const formats = ['full', 'metadata', 'raw'] as const;

function draftOf({ mailbox, parameters }: MailboxCall): Message {
	const message = findMessage(mailbox, parameters.draft_id);
	if (message?.folder_id === 'DRAFT') return message;
	throw refusal({ status: 404, code: 1234050, msg: 'draft not found' });
}

/** Where a human opens the draft. Its form is not documented. */
const linkTo = (id: string) => `https://example.com/mail/drafts/${encodeURIComponent(id)}`;

function draftAnswer(id: string, { world: { mailChoices } }: MailboxCall): Answer {
	const shapes = { draft: { draft: { id } }, draft_id: { draft_id: id }, id: { id } };
	return success({
		...shapes[mailChoices.draftIdIn],
		...(mailChoices.draftReference ? { reference: linkTo(id) } : {}),
	});
}

/** What a mail makes of a draft: all of it anew but its id. */
function draftFields({ mail }: Source, mailbox: Mailbox): NewMessage {
	const fields = fieldsOf(mail);
	return {
		// A draft without a sender is the mailbox's: the sandbox's choice.
		head_from: { mail_address: mailbox.address },
		...fields,
		attachments: [...(fields.attachments ?? []), ...largeFilesOf(mailbox, mail)],
		folder_id: 'DRAFT',
		thread_id: originalOf(mailbox, mail)?.thread_id ?? threadOf(fields, mailbox.messages),
	};
}

export const draftCreate = mailboxApi({
	name: 'mail.draft.create',
	method: 'POST',
	path,
	tokenTypes: ['user'],
	scopes: modifyScopes,
	documentedQuota: { limit: 5, window: 1 },
	oneAtATime: 'user',
	body: { raw: 'string' },
	errors: outgoingErrors,
	async handle(call) {
		const source = await sourceFrom(call.body.raw, call);
		checkFiles(source);
		const draft = call.mailbox.receive(draftFields(source, call.mailbox));
		draft.source = source;
		return draftAnswer(draft.message_id, call);
	},
});

export const draftList = mailboxApi({
	name: 'mail.draft.list',
	method: 'GET',
	path,
	tokenTypes: ['user'],
	scopes: readScopes,
	documentedQuota: { limit: 10, window: 1 },
	// [docs] 1236006 of reads, too.
	oneAtATime: 'user',
	query: { page_size: 'int', page_token: 'string' },
	errors: outgoingErrors,
	handle(call) {
		const size = Number(call.query.page_size ?? defaultPageSize);
		if (size < 1 || size > maxPageSize) {
			throw fieldRefused(wrongParameter, 'page_size', `1 to ${maxPageSize} expected`, String(size));
		}
		// The newest first: the page states no order.
		const { entries, rest } = pageOf(latestFirst(call.mailbox.messages), {
			call,
			list: 'drafts',
			size,
			wants: ({ folder_id }) => folder_id === 'DRAFT',
			idOf: ({ message_id }) => message_id,
			invalidToken: wrongParameter,
		});
		return success({ items: entries.map(({ message_id }) => ({ id: message_id })), ...rest });
	},
});

export const draftGet = mailboxApi({
	name: 'mail.draft.get',
	method: 'GET',
	path: oneDraft,
	tokenTypes: ['user'],
	scopes: readScopes,
	documentedQuota: { limit: 10, window: 1 },
	// [docs] 1236006 of reads, too.
	oneAtATime: 'user',
	query: { format: 'string' },
	errors: outgoingErrors,
	async handle(call) {
		const asked = call.query.format || 'full';
		const format = formats.find((name) => name === asked);
		if (format === undefined) {
			throw fieldRefused(wrongParameter, 'format', `one of ${formats.join(', ')} expected`, String(asked));
		}
		const draft = draftOf(call);
		const { message_id: id } = draft;
		if (format !== 'raw') {
			// [docs] no scopes of fields here.
			const message = shownMessage(draft, format, { ...call, caller: { ...call.caller, holds: () => true } });
			return success({ draft: { id, message } });
		}
		const { raw } = await sourceOf(draft);
		return success({ draft: { id, message: { message_id: id, raw: encoded(raw, call.world.mailChoices) } } });
	},
});

export const draftUpdate = mailboxApi({
	name: 'mail.draft.update',
	method: 'PUT',
	path: oneDraft,
	tokenTypes: ['user'],
	scopes: modifyScopes,
	documentedQuota: { limit: 5, window: 1 },
	oneAtATime: 'user',
	body: { raw: 'string' },
	errors: outgoingErrors,
	async handle(call) {
		draftOf(call);
		const source = await sourceFrom(call.body.raw, call);
		checkFiles(source);
		const { mailbox } = call;
		const draft = draftOf(call);
		const { message_id } = draft;
		mailbox.remove(draft);
		const newer = mailbox.receive({ ...draftFields(source, mailbox), message_id });
		newer.source = source;
		return draftAnswer(message_id, call);
	},
});

export const draftDelete = mailboxApi({
	name: 'mail.draft.delete',
	method: 'DELETE',
	path: oneDraft,
	tokenTypes: ['user'],
	scopes: modifyScopes,
	documentedQuota: { limit: 5, window: 1 },
	oneAtATime: 'user',
	errors: outgoingErrors,
	handle(call) {
		call.mailbox.remove(draftOf(call));
		return success({});
	},
});

/** When a mail is to leave (ms since 1970); undefined: at once. [docs] seconds, as a text; "" is at once */
function sendTimeOf({ body, world }: MailboxCall): number | undefined {
	const text = (body.send_time as string | null | undefined) || undefined;
	if (text === undefined) return undefined;
	const time = /^\d{1,12}$/.test(text) ? Number(text) * 1000 : Number.NaN;
	if (time >= world.clock.now() + shortestWait) return time;
	throw fieldRefused(wrongParameter, 'send_time', 'seconds, at least 5 minutes ahead, expected', text);
}

export const draftSend = mailboxApi({
	name: 'mail.draft.send',
	method: 'POST',
	path: `${oneDraft}/send`,
	tokenTypes: ['user'],
	scopes: sendScopes,
	documentedQuota: { limit: 20, window: 60 },
	oneAtATime: 'user',
	body: { send_time: 'string' },
	// [cli] both are in use, {} and none.
	bodyOptional: true,
	errors: outgoingErrors,
	async handle(call) {
		const { mailbox, world } = call;
		const { post, mailChoices } = world;
		const source = await sourceOf(draftOf(call));
		const draft = draftOf(call);
		const { message_id: draft_id } = draft;
		const send_time = sendTimeOf(call);
		checkSending(call, source, { threshold: false });
		const { automationDisabled, recallRestriction } = mailbox.sending;
		if (automationDisabled !== undefined) {
			// [docs] a success, in which nothing was sent.
			const automation_send_disable = { ...automationDisabled, reference: linkTo(draft_id) };
			return { ...success({ automation_send_disable }), executed: false };
		}
		if (send_time !== undefined) {
			const message_id = newMailId();
			Object.assign(draft, {
				message_id,
				folder_id: 'SCHEDULED',
				source,
				scheduled: { send_time, draft_id },
			});
			// A second one with the same Message-ID is refused from now on: the sandbox's choice.
			if (source.mail.smtp_message_id) mailbox.sentMessageIds.add(source.mail.smtp_message_id);
			post.schedule(mailbox, draft);
			return success(mailChoices.scheduledMessageId ? { message_id, thread_id: draft.thread_id } : {});
		}
		mailbox.remove(draft);
		const { thread_id } = draft;
		const { message_id } = post.send(mailbox, source, { thread_id });
		return success({
			message_id,
			thread_id,
			recall_status: recallRestriction === undefined ? 'available' : 'unavailable',
		});
	},
});

/** [docs] among the drafts, with a path of the mails. */
export const messageCancelScheduledSend = mailboxApi({
	name: 'mail.message.cancelScheduledSend',
	method: 'POST',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/messages/:message_id/cancel_scheduled_send',
	tokenTypes: ['user'],
	scopes: sendScopes,
	documentedQuota: { limit: 5, window: 1 },
	errors: {
		mailboxNotFound: { status: 400, code: 1234013, msg: 'user mailbox not found' },
		noDataPermission: { status: 403, code: 1234017, msg: 'permission not granted' },
	},
	handle({ mailbox, parameters: { message_id: id }, world }) {
		const { cancelBy } = world.mailChoices;
		const message = mailbox.messages.find(
			({ message_id, scheduled }) =>
				(message_id === id && (cancelBy !== 'draft_id' || scheduled === undefined)) ||
				(cancelBy !== 'message_id' && scheduled !== undefined && scheduled.draft_id === id),
		);
		if (message === undefined) throw refusal({ status: 404, code: 1234050, msg: 'message not found' });
		if (message.scheduled === undefined) {
			throw refusal({ status: 400, code: 1234051, msg: 'message not in scheduled state' });
		}
		world.post.unschedule(message);
		const { smtp_message_id } = message.source?.mail ?? {};
		if (smtp_message_id !== undefined) mailbox.sentMessageIds.delete(smtp_message_id);
		message.message_id = message.scheduled.draft_id;
		message.folder_id = 'DRAFT';
		delete message.scheduled;
		return success({});
	},
});
