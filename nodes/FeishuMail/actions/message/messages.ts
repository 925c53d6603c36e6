import type { Batched, Repeatable } from '../../transport/endpoint';
import type { Filed } from './changes';
import { changeHints, doubtful, messageLocator } from './message';

const batch = { ids: 'message_ids', most: 20, doubtful };

const write = {
	method: 'POST',
	scopes: ['mail:user_mailbox.message:modify'],
	write: 'repeatable',
	batch,
} as const;

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-message/batch_modify */
const modifyMails: Repeatable & Batched = {
	...write,
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/messages/batch_modify',
	quota: '5 mail changes a second',
	verify: 'labels and folder of the mail',
	hints: changeHints,
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-message/batch_trash */
const trashMails: Repeatable & Batched = {
	...write,
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/messages/batch_trash',
	quota: '5 mail removals a second',
	verify: 'whether the mail is in the trash',
	hints: {
		...changeHints,
		1230001: 'The mailbox has no such mail, or it is a draft, which cannot be moved to the trash',
	},
};

export const messages: Filed = {
	noun: 'message',
	locator: messageLocator,
	id: 'message_id',
	modify: modifyMails,
	trash: trashMails,
};
