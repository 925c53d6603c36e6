import type { IDataObject } from 'n8n-workflow';

import { readLocator, type Choice } from '../../fields/locator';
import { messageIds } from '../../mime/headers';
import type { Item } from '../../run/item';
import type { Operation } from '../../run/operation';
import type { Findable } from '../../transport/endpoint';
import { failureCode, isOutcomeUnknown, unlessApiError } from '../../transport/failure';
import { findDraft, listDrafts, readDraft, stateOf } from '../outgoing/drafts';
import { readMails, type Mail } from './message';
import { scheduledMailLocator, sentMailHints } from './sentMail';

/** No mail has the id: it never had, or it was that of the mail while it was scheduled. */
const NO_SUCH_MAIL = 1234050;

const NOT_SCHEDULED = 1234051;

type Cancelled = {
	/** Never in an answer: the answer was lost, and a look shows the mail among the drafts. */
	draft?: string;
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-draft/cancel_scheduled_send */
const cancelSend: Findable<Cancelled> = {
	method: 'POST',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/messages/:message_id/cancel_scheduled_send',
	tokens: ['user'],
	scopes: ['mail:user_mailbox.message:send'],
	quota: '5 cancellations a second',
	write: 'findable',
	undone: 'the mail is not back among the drafts',
	verify: "in 'Drafts' and 'Scheduled' where the mail is",
	// Not proofs: a mail that has left meanwhile is not scheduled any more, either.
	doneCodes: [NO_SUCH_MAIL, NOT_SCHEDULED],
	hints: {
		...sentMailHints,
		[NO_SUCH_MAIL]:
			"The mailbox has no scheduled mail with this ID: choose it from the list, or enter the other one of the two IDs that 'Send' has given",
		[NOT_SCHEDULED]: 'The mail does not wait to be sent: it has left already, or somebody has cancelled it',
	},
};

/** By what a mail is known while it is scheduled, and its draft is found afterwards. */
type Known = {
	/** As the item chooses it, and where Feishu tells of it, that of the draft. */
	ids: string[];
	/** In `<>`. */
	messageId?: string;
};

/** What a try of an item has done, for a later one. */
type Tried = IDataObject & {
	/** The mail of which nobody knows whether it was cancelled. */
	lost?: Known;
	/** What comes out of the item. */
	cancelled?: IDataObject;
};

async function scheduledMail(item: Item, id: string): Promise<Known> {
	const read = item.readAll<Mail>(readMails, {}, [id], { format: 'metadata' });
	const [mail] = (await read.catch(unlessApiError)) ?? [];
	const [messageId] = messageIds(mail?.smtp_message_id as string | undefined);
	return { ids: [...new Set([id, String(mail?.draft_id ?? id)])], messageId };
}

/** The id of the draft that a mail has become again; undefined where it is none. */
async function draftOf(item: Item, { ids, messageId }: Known): Promise<string | undefined> {
	for (const id of ids) if ((await stateOf(item, id)) === 'draft') return id;
	return messageId && (await findDraft(item, messageId))?.id;
}

/** Cancels by one id after the other, as it is not documented which one Feishu takes, and gives the id of the draft. */
async function cancel(item: Item, chosen: Choice, tried: Tried): Promise<string | undefined> {
	const lost = tried.lost?.ids[0] === chosen.value ? tried.lost : undefined;
	const known = lost ?? (await scheduledMail(item, chosen.value));
	const find = async () => {
		const draft = await draftOf(item, known);
		return draft === undefined ? undefined : { draft };
	};
	const cancelBy = async ([value = '', ...others]: string[]): Promise<Cancelled> => {
		const path = { message_id: { ...chosen, value } };
		return await item.create(cancelSend, path, {}, find).catch(async (error: unknown) => {
			const code = failureCode(error);
			if (code === NO_SUCH_MAIL && others.length > 0) return await cancelBy(others);
			const wasCancelled = lost && (code === NO_SUCH_MAIL || code === NOT_SCHEDULED);
			const done = wasCancelled && (await find().catch(unlessApiError));
			if (done) return done;
			if (isOutcomeUnknown(error)) tried.lost = known;
			throw error;
		});
	};
	const { draft } = await cancelBy(known.ids);
	return draft ?? (await find().catch(unlessApiError))?.draft;
}

export const cancelScheduledSend: Operation = {
	value: 'cancelScheduledSend',
	name: 'Cancel Scheduled Send',
	action: 'Cancel the scheduled sending of a message',
	description: 'Keep a mail that is to be sent later from being sent; it is a draft again',
	endpoints: [cancelSend],
	lookUps: [readMails, readDraft, listDrafts],
	withoutLookUps: 'the output does not tell which draft the mail has become',
	fields: [scheduledMailLocator],
	async execute(item) {
		const chosen = readLocator(item, scheduledMailLocator.name);
		const tried: Tried = item.memory;
		if (tried.cancelled?.message_id === chosen.value) return tried.cancelled;
		const draft_id = await cancel(item, chosen, tried);
		tried.cancelled = { message_id: chosen.value, ...(draft_id && { draft_id }), cancelled: true };
		return tried.cancelled;
	},
};
