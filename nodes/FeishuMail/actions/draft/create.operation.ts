import { mailbox, mailboxFields } from '../../fields/mailbox';
import { toField } from '../../fields/recipients';
import type { Operation } from '../../run/operation';
import { createDraft, draftEndpoints } from '../outgoing/drafts';
import {
	additionalFields,
	contentOf,
	letterFields,
	messageFields,
	readLetter,
	subjectField,
} from '../outgoing/letter';
import { senderEndpoints, senderOf } from '../outgoing/sender';
import { idempotencyKeyOption, sendOut } from '../outgoing/sending';

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Create a draft',
	description: 'Write a mail that somebody looks at before it is sent',
	endpoints: [...draftEndpoints, ...senderEndpoints],
	bottleneck: createDraft,
	inFlight: 1,
	fields: [...mailboxFields, toField, subjectField, ...messageFields, additionalFields(...letterFields)],
	options: [idempotencyKeyOption],
	async execute(item) {
		const letter = readLetter(item, { recipients: false });
		await item.app(createDraft, { user_mailbox_id: mailbox(item) });
		const { mailbox: address, from } = await senderOf(item);
		return await sendOut(item, address, await contentOf(letter, from), { asDraft: true });
	},
};
