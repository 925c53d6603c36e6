import type { Repeatable } from '../../transport/endpoint';
import type { Operation } from '../../run/operation';
import { labelIdHints, labelLocator, listLabels, onOwnLabel } from './label';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-label/delete */
const deleteLabel: Repeatable = {
	method: 'DELETE',
	path: `${listLabels.path}/:label_id`,
	scopes: ['mail:user_mailbox.message:modify'],
	quota: '5 label deletions a second',
	write: 'repeatable',
	doneCodes: [1230100],
	verify: 'whether the label is still in the mailbox',
	hints: labelIdHints,
};

export const deleteOperation: Operation = {
	value: 'delete',
	name: 'Delete',
	action: 'Delete a label',
	description: 'Remove a label from the mailbox; its mails stay',
	endpoints: [deleteLabel, listLabels],
	inFlight: 6,
	fields: [labelLocator],
	async execute(item) {
		return await onOwnLabel(item, async (labelId) => {
			await item.call(deleteLabel, { label_id: labelId });
			return { deleted: true, id: labelId.value };
		});
	},
};
