import { toField } from '../../fields/recipients';
import type { Operation } from '../../run/operation';
import { createDraft, draftEndpoints } from '../outgoing/drafts';
import { compose } from '../outgoing/composing';
import { templateEndpoints, templateField } from '../outgoing/fromTemplate';
import { additionalFields, letterFields, messageFields, readLetter, subjectField } from '../outgoing/letter';
import { senderEndpoints } from '../outgoing/sender';
import { doneBefore, idempotencyKeyOption, made, sendOut } from '../outgoing/sending';
import { appendSignatureOption, readSignature } from '../outgoing/signing';
import { listSignatures } from '../signature/signature';

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Create a draft',
	description: 'Write a mail that somebody looks at before it is sent',
	endpoints: [...draftEndpoints, ...senderEndpoints],
	lookUps: [...templateEndpoints, listSignatures],
	withoutLookUps: 'drafts cannot start from a template, nor be signed',
	bottleneck: createDraft,
	fields: [toField, subjectField, ...messageFields, additionalFields(...letterFields, templateField)],
	options: [appendSignatureOption, idempotencyKeyOption],
	async execute(item) {
		const needs = { recipients: false };
		const letter = readLetter(item, needs);
		readSignature(item);
		await item.app(createDraft);
		const done = doneBefore(item);
		if (done) return done;
		const { address, content } = await made(item, async () => await compose(item, letter, needs));
		return await sendOut(item, address, content, { asDraft: true });
	},
};
