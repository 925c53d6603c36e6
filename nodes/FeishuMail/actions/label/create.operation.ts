import { mailbox, mailboxFields } from '../../descriptions/mailbox';
import type { Endpoint } from '../../transport/endpoint';
import type { Operation } from '../operation';
import { labelBody, labelColors, labelHints, type Label } from './label';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-label/create */
export const createLabel: Endpoint<Label> = {
	method: 'POST',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/labels',
	tokens: ['tenant', 'user'],
	scopes: ['mail:user_mailbox.message:modify'],
	quota: '5 label creations a second',
	verify: 'whether the label is in the mailbox',
	returns: 'label',
	hints: labelHints,
};

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Create a label',
	description: 'Add a label that mails can be marked with',
	endpoints: [createLabel],
	// One more than a window takes: the refused one tells when the next window opens.
	inFlight: 6,
	fields: [
		...mailboxFields,
		{
			displayName: 'Name',
			name: 'name',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. Customers/Asia',
			description:
				'Name of the label, at most 255 characters. A slash nests it: enter the whole path, such as Customers/Asia/Japan.',
		},
		{
			displayName: 'Background Color',
			name: 'backgroundColor',
			type: 'options',
			options: [{ name: 'Chosen by Feishu', value: '' }, ...labelColors],
			default: '',
			description: 'Colour behind the name of the label',
		},
	],
	async execute(item) {
		return await item.call(createLabel, { user_mailbox_id: mailbox(item) }, { label: item.body(labelBody) });
	},
};
