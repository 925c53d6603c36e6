import { mailbox, mailboxFields } from '../../fields/mailbox';
import { toField } from '../../fields/recipients';
import type { Operation } from '../../run/operation';
import {
	additionalFields,
	contentOf,
	letterFields,
	messageFields,
	readLetter,
	readSendAt,
	sendAtField,
	subjectField,
} from '../outgoing/letter';
import { senderOf } from '../outgoing/sender';
import {
	idempotencyKeyOption,
	sendByDraftEndpoints,
	sendEndpoints,
	sendMail,
	sendOut,
} from '../outgoing/sending';

export const send: Operation = {
	value: 'send',
	name: 'Send',
	action: 'Send a message',
	description: 'Send a mail once, now or later, with files and images',
	endpoints: sendEndpoints,
	lookUps: sendByDraftEndpoints,
	withoutLookUps: 'mails cannot be sent later',
	bottleneck: sendMail,
	inFlight: 1,
	fields: [
		...mailboxFields,
		{ ...toField, required: true },
		subjectField,
		...messageFields,
		additionalFields(...letterFields, sendAtField),
	],
	options: [idempotencyKeyOption],
	async execute(item) {
		const letter = readLetter(item, { recipients: true });
		const sendAt = readSendAt(item);
		await item.app(sendMail, { user_mailbox_id: mailbox(item) });
		const { mailbox: address, from } = await senderOf(item);
		return await sendOut(item, address, await contentOf(letter, from), { sendAt });
	},
};
