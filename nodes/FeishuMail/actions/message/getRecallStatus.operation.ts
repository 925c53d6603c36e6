import type { IDataObject } from 'n8n-workflow';

import { readLocator } from '../../fields/locator';
import type { Operation } from '../../run/operation';
import type { Read } from '../../transport/endpoint';
import { recallHints, sentMailLocator } from './sentMail';

type Recall = IDataObject & {
	recall_status?: 'in_progress' | 'done';
	/** One for each recipient. */
	items?: Array<IDataObject & { fail_reason?: string }>;
};

const noRecall =
	"Feishu knows no recall of this mail: check its ID, and that 'Recall' has succeeded for it in the same mailbox";

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-sent_message/get_recall_detail */
const readRecall: Read<Recall> = {
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/messages/:message_id/recall',
	scopes: ['mail:user_mailbox.message:readonly'],
	quota: '20 recall statuses a minute',
	hints: { ...recallHints, 1230007: noRecall, 1234034: noRecall },
};

/** Docs: `items.fail_reason`. */
const failReasons: Readonly<Record<string, string>> = {
	invalid_address: 'The address does not exist any more',
	message_has_been_read: 'The recipient has read the mail',
	not_in_the_same_tenant: 'The recipient belongs to another organisation',
	not_using_lark_mail: 'The recipient uses another mail service',
	unknown: 'Feishu gives no reason',
};

/** A recall as it comes out: the reasons in words as well. */
const shownRecall = ({ items = [], ...recall }: Recall): IDataObject => ({
	...recall,
	items: items.map((one) => {
		const { fail_reason: reason } = one;
		return reason ? { ...one, fail_reason_text: failReasons[reason] ?? reason } : one;
	}),
});

export const getRecallStatus: Operation = {
	value: 'getRecallStatus',
	name: 'Get Recall Status',
	action: 'Get the recall status of a message',
	description: 'See how far the recall of a mail has come, and from whom it was taken back',
	endpoints: [readRecall],
	fields: [sentMailLocator],
	async execute(item) {
		const chosen = readLocator(item, sentMailLocator.name);
		const recall = await item.call(readRecall, { message_id: chosen });
		return { message_id: chosen.value, ...shownRecall(recall) };
	},
};
