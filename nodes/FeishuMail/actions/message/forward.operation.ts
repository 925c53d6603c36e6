import type { INodeProperties } from 'n8n-workflow';

import { readAddressList, toField } from '../../fields/recipients';
import type { Operation } from '../../run/operation';
import { answerEndpoints, answerMail, quoteOriginalOption, saveAsDraftOption } from '../outgoing/answering';
import { additionalFields, letterFields, messageFields, sendAtField } from '../outgoing/letter';
import { idempotencyKeyOption, sendDraft } from '../outgoing/sending';
import { appendSignatureOption } from '../outgoing/signing';
import { listSignatures } from '../signature/signature';
import { linkAttachments } from './files';
import { messageLocator } from './message';

const includeAttachmentsOption: INodeProperties = {
	displayName: 'Include Attachments',
	name: 'includeAttachments',
	type: 'boolean',
	default: true,
	description: 'Whether the files of the mail are passed on',
};

export const forward: Operation = {
	value: 'forward',
	name: 'Forward',
	action: 'Forward a message',
	description: 'Pass a mail on with its text and its files',
	endpoints: answerEndpoints,
	lookUps: [linkAttachments, listSignatures],
	withoutLookUps: 'files and images of the mail cannot be passed on',
	bottleneck: sendDraft,
	fields: [
		// The text of the mail is called Message, too.
		{ ...messageLocator, displayName: 'Message to Forward' },
		{ ...toField, required: true },
		...messageFields,
		additionalFields(...letterFields, sendAtField),
	],
	options: [
		appendSignatureOption,
		idempotencyKeyOption,
		includeAttachmentsOption,
		quoteOriginalOption,
		saveAsDraftOption,
	],
	async execute(item) {
		return await answerMail(item, {
			type: 'FORWARD',
			to: readAddressList(item, toField.name),
			withFiles: item.isOn(includeAttachmentsOption.name),
		});
	},
};
