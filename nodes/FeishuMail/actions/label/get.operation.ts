import type { Read } from '../../transport/endpoint';
import type { Operation } from '../../run/operation';
import { chosenLabel, labelIdHints, labelLocator, listLabels, type Label } from './label';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-label/get */
const getLabel: Read<Label> = {
	method: 'GET',
	path: `${listLabels.path}/:label_id`,
	scopes: ['mail:user_mailbox.message:modify', 'mail:user_mailbox.message:readonly'],
	quota: '10 label reads a second',
	returns: 'label',
	hints: labelIdHints,
};

export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get a label',
	description: 'Read one label with its number of unread mails',
	endpoints: [getLabel, listLabels],
	inFlight: 11,
	fields: [labelLocator],
	async execute(item) {
		return await item.call(getLabel, { label_id: await chosenLabel(item) });
	},
};
