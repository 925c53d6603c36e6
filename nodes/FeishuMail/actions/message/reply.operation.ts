import type { INodeProperties } from 'n8n-workflow';

import { replyRecipients } from '../../mime/reply';
import type { Operation } from '../../run/operation';
import { RefusedInput } from '../../transport/refusedInput';
import { answerEndpoints, answerMail, quoteOriginalOption, saveAsDraftOption } from '../outgoing/answering';
import { additionalFields, letterFields, messageFields, sendAtField } from '../outgoing/letter';
import { idempotencyKeyOption, sendDraft } from '../outgoing/sending';
import { appendSignatureOption } from '../outgoing/signing';
import { listSignatures } from '../signature/signature';
import { linkAttachments } from './files';
import { messageLocator } from './message';

const replyToAllField: INodeProperties = {
	displayName: 'Reply to All',
	name: 'replyToAll',
	type: 'boolean',
	default: false,
	description: 'Whether the other recipients of the mail get the answer as well. Own addresses are left out.',
};

export const reply: Operation = {
	value: 'reply',
	name: 'Reply',
	action: 'Reply to a message',
	description: 'Answer a mail in its conversation: where it asks for answers to go, or to its sender',
	endpoints: answerEndpoints,
	lookUps: [linkAttachments, listSignatures],
	withoutLookUps: 'the quote cannot show images of the mail',
	bottleneck: sendDraft,
	fields: [
		// The text of the mail is called Message, too.
		{ ...messageLocator, displayName: 'Message to Reply To' },
		replyToAllField,
		...messageFields,
		additionalFields(...letterFields, sendAtField),
	],
	options: [appendSignatureOption, idempotencyKeyOption, quoteOriginalOption, saveAsDraftOption],
	async execute(item) {
		const toAll = item.isOn(replyToAllField.name);
		return await answerMail(item, {
			type: 'REPLY',
			to: [],
			withFiles: false,
			recipients(original, own) {
				const recipients = replyRecipients(original, { own, toAll });
				if (recipients.to.length > 0 || recipients.cc.length > 0) return recipients;
				throw new RefusedInput(
					'There is nobody to reply to: the mail has no address that can be written to',
					"Use 'Forward' or 'Send' with the address of who is to get the answer under 'To'.",
				);
			},
		});
	},
};
