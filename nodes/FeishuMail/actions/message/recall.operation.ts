import type { IDataObject } from 'n8n-workflow';

import { readLocator } from '../../fields/locator';
import type { Operation } from '../../run/operation';
import type { Repeatable } from '../../transport/endpoint';
import { isOutcomeUnknown } from '../../transport/failure';
import { RefusedInput } from '../../transport/refusedInput';
import { followsLostTry } from '../../transport/returned';
import { recallHints, sentMailLocator } from './sentMail';

type Recalled = {
	/** `available`: the recall has begun. */
	recall_status?: 'available' | 'unavailable';
	recall_restriction_reason?: string;
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-sent_message/recall */
const recallMail: Repeatable<Recalled> = {
	method: 'POST',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/messages/:message_id/recall',
	scopes: ['mail:user_mailbox.message:modify'],
	quota: '10 recalls a second',
	write: 'repeatable',
	verify: "with 'Get Recall Status' whether the mail is being recalled",
	hints: recallHints,
};

const ALREADY = 'already_recalled';

/** Why a mail is not recalled, and what to do. Docs: `recall_restriction_reason`. */
const restrictions: Readonly<Record<string, string>> = {
	[ALREADY]: "It has been recalled before: 'Get Recall Status' tells what has come of it.",
	exceeded_time_limit: 'Feishu recalls mails within 24 hours after they were sent, and this one is older.',
	migration_domain: 'The domain of the mailbox is being moved to Feishu Mail, or uses another mail service.',
	not_delivered:
		"It has not arrived anywhere yet: 'Get Delivery Status' tells when it has, and then it can be recalled.",
	recall_not_enabled:
		'Recalling mails is switched off in the organisation: an administrator of it can switch it on.',
	sender_address_not_owned:
		"It was sent from an address that does not belong to the mailbox: check 'Mailbox' and 'Message'.",
};

export const recall: Operation = {
	value: 'recall',
	name: 'Recall',
	action: 'Recall a message',
	description:
		'Take a mail back from recipients of the same organisation who have not read it, within 24 hours after it was sent',
	endpoints: [recallMail],
	inFlight: 11,
	fields: [sentMailLocator],
	async execute(item) {
		const chosen = readLocator(item, sentMailLocator.name);
		const { value: message_id } = chosen;
		/** The mail that an earlier try has recalled, or may have. */
		const tried: IDataObject & { recalled?: string } = item.memory;
		const answer = await item.call(recallMail, { message_id: chosen }).catch((error: unknown) => {
			if (isOutcomeUnknown(error)) tried.recalled = message_id;
			throw error;
		});
		const { recall_status, recall_restriction_reason: reason = '' } = answer;
		const isOurs = reason === ALREADY && (followsLostTry(answer) || tried.recalled === message_id);
		if (recall_status !== 'available' && !isOurs) {
			throw new RefusedInput(
				'Feishu does not recall the mail',
				restrictions[reason] ?? `Feishu's reason: ${reason || 'none'}.`,
			);
		}
		tried.recalled = message_id;
		return { message_id, recall_status: 'available' };
	},
};
