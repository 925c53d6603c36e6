import type { IDataObject } from 'n8n-workflow';

import { mailbox } from '../../fields/mailbox';
import { readLocator } from '../../fields/locator';
import { messageIds } from '../../mime/headers';
import type { Item } from '../../run/item';
import type { Operation } from '../../run/operation';
import { failureCode, isOutcomeUnknown } from '../../transport/failure';
import { additionalFields, readSendAt, sendAtField } from '../outgoing/letter';
import { DRAFT_GONE, pathOf, readDraft, type Draft } from '../outgoing/drafts';
import {
	bare,
	draftSendEndpoints,
	SENT_BEFORE,
	sendDraft,
	sendOffDraft,
	told,
	unlessClosed,
} from '../outgoing/sending';
import type { Mail } from '../message/message';
import { findSent } from '../outgoing/sentMails';
import { draftLocator } from './draft';

/** What a try of an item has done, for a later one. */
type Tried = IDataObject & {
	/** The draft of which nobody knows whether it was sent, and what goes out with it. */
	lost?: { id: string; envelope: IDataObject };
	/** What comes out of an item that has nothing left to do. */
	done?: IDataObject;
};

/** What goes out with a draft, by the names that the output of all sending has. */
function envelopeOf({ message }: Draft): IDataObject {
	const { smtp_message_id, head_from: from, to, cc, bcc, subject }: Partial<Mail> = message ?? {};
	const [messageId] = messageIds(smtp_message_id as string | undefined);
	const lists = Object.entries({ to, cc, bcc }).filter(([, list]) => Array.isArray(list) && list.length > 0);
	return {
		...(from && { from }),
		...(Object.fromEntries(lists) as IDataObject),
		...(subject !== undefined && { subject }),
		...(messageId && { smtp_message_id: bare(messageId) }),
	};
}

async function sendChosen(item: Item, id: string, sendAt: number | undefined, tried: Tried) {
	const lost = tried.lost?.id === id ? tried.lost : undefined;
	const isGone = (error: unknown) => failureCode(error) === DRAFT_GONE;
	const alreadySent = async (envelope: IDataObject) => {
		const [messageId] = messageIds(envelope.smtp_message_id as string | undefined);
		if (sendAt !== undefined && lost) return { outcome: 'scheduled', ...envelope };
		return { outcome: 'alreadySent', ...(messageId && (await findSent(item, messageId))), ...envelope };
	};
	// A draft that is gone after a lost answer was sent, but only one that was there.
	const draft = await item
		.call(readDraft, pathOf(id), { query: { format: 'metadata' } })
		.catch((error: unknown) => {
			if (lost && isGone(error)) return undefined;
			throw error;
		});
	if (!draft || (lost && draft.message?.folder_id === 'SCHEDULED')) return await alreadySent(lost!.envelope);
	const envelope = envelopeOf(draft);
	const [messageId] = messageIds(envelope.smtp_message_id as string | undefined);
	const send = async () => await sendOffDraft(item, id, messageId, sendAt);
	const sent = await (messageId ? told(messageId, send) : send()).catch(async (error: unknown) => {
		if (failureCode(error) === SENT_BEFORE || (lost && isGone(error))) return await alreadySent(envelope);
		if (isOutcomeUnknown(error)) tried.lost = { id, envelope };
		throw error;
	});
	return { ...sent, ...envelope };
}

export const send: Operation = {
	value: 'send',
	name: 'Send',
	action: 'Send a draft',
	description: 'Send a draft as it is, now or later',
	endpoints: draftSendEndpoints,
	bottleneck: sendDraft,
	fields: [draftLocator, additionalFields(sendAtField)],
	async execute(item) {
		const { value: id } = readLocator(item, draftLocator.name);
		const sendAt = readSendAt(item);
		const address = mailbox(item).value;
		await item.app(sendDraft, pathOf(id));
		const tried: Tried = item.memory;
		if (tried.done?.draft_id === id) return tried.done;
		const sent = await unlessClosed(item, address, async () => await sendChosen(item, id, sendAt, tried));
		const done = { ...sent, draft_id: id };
		tried.done = sendAt === undefined ? { ...done, outcome: 'alreadySent' } : done;
		return done;
	},
};
