import { toField } from '../../fields/recipients';
import type { Operation } from '../../run/operation';
import { compose } from '../outgoing/composing';
import { templateEndpoints, templateField } from '../outgoing/fromTemplate';
import {
	additionalFields,
	letterFields,
	messageFields,
	readLetter,
	readSendAt,
	sendAtField,
	subjectField,
} from '../outgoing/letter';
import {
	doneBefore,
	idempotencyKeyOption,
	made,
	sendByDraftEndpoints,
	sendEndpoints,
	sendMail,
	sendOut,
} from '../outgoing/sending';
import { appendSignatureOption, readSignature } from '../outgoing/signing';
import { listSignatures } from '../signature/signature';

export const send: Operation = {
	value: 'send',
	name: 'Send',
	action: 'Send a message',
	description: 'Send a mail once, now or later, with files and images',
	endpoints: sendEndpoints,
	lookUps: [...sendByDraftEndpoints, ...templateEndpoints, listSignatures],
	withoutLookUps: 'mails cannot be sent later or from a template, nor be signed',
	bottleneck: sendMail,
	fields: [
		toField,
		subjectField,
		...messageFields,
		additionalFields(...letterFields, sendAtField, templateField),
	],
	options: [appendSignatureOption, idempotencyKeyOption],
	async execute(item) {
		const needs = { recipients: true };
		const letter = readLetter(item, needs);
		readSignature(item);
		const sendAt = readSendAt(item);
		await item.app(sendMail);
		const done = doneBefore(item);
		if (done) return done;
		const { address, content } = await made(item, async () => await compose(item, letter, needs));
		return await sendOut(item, address, content, { sendAt });
	},
};
