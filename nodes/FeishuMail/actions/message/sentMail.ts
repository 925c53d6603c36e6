import { locator } from '../../fields/locator';
import type { Hints } from '../../transport/endpoint';
import { fault, noSuchMailbox } from '../mailboxHints';
import { changeHints, noAccess, noSuchMail } from './message';

const field = { displayName: 'Message', name: 'messageId', placeholder: 'e.g. tfuh9N4WnzU6jdDw=' };

export const sentMailLocator = locator({
	...field,
	description: 'The mail that was sent. The list shows the newest ones.',
	searchListMethod: 'searchSentMessages',
});

export const scheduledMailLocator = locator({
	...field,
	description:
		'The mail that is to be sent later. The list shows those that wait; by ID, it is the message_id or the draft_id that Send has given.',
	searchListMethod: 'searchScheduledMessages',
});

/** Codes of all endpoints here, of those of them that have published any. */
export const sentMailHints: Hints = {
	1234008: "Feishu does not accept the request: check 'Mailbox' and the ID of the mail",
	1234013: noSuchMailbox,
	1234017: noAccess,
	1235000: fault,
	1236019: fault,
};

/** Recalls have published none: these are the codes with which endpoints of mails say the same. */
export const recallHints: Hints = { ...changeHints, ...sentMailHints, 1234034: noSuchMail };
