import { mailbox, mailboxFields } from '../../fields/mailbox';
import { readLocator } from '../../fields/locator';
import type { Operation } from '../../run/operation';
import { failureCode } from '../../transport/failure';
import { additionalFields, readSendAt, sendAtField } from '../outgoing/letter';
import { DRAFT_GONE, pathOf } from '../outgoing/drafts';
import { draftSendEndpoints, SENT_BEFORE, sendDraft, sendOffDraft, unlessClosed } from '../outgoing/sending';
import { draftLocator } from './draft';

export const send: Operation = {
	value: 'send',
	name: 'Send',
	action: 'Send a draft',
	description: 'Send a draft as it is, now or later',
	endpoints: draftSendEndpoints,
	bottleneck: sendDraft,
	inFlight: 1,
	fields: [...mailboxFields, draftLocator, additionalFields(sendAtField)],
	async execute(item) {
		const { value: id } = readLocator(item, draftLocator.name);
		const sendAt = readSendAt(item);
		const address = mailbox(item).value;
		await item.app(sendDraft, pathOf(item, id));
		const { memory } = item;
		const wasTried = memory.draft === id;
		memory.draft = id;
		const sent = await unlessClosed(
			item,
			address,
			async () =>
				await sendOffDraft(item, id, undefined, sendAt).catch((error: unknown) => {
					// An earlier try of the same item has sent it.
					const code = failureCode(error);
					if (code === SENT_BEFORE || (wasTried && code === DRAFT_GONE)) return { outcome: 'alreadySent' };
					throw error;
				}),
		);
		return { ...sent, draft_id: id };
	},
};
