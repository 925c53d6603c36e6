import { mailboxApi, refusal, success } from '../platform';
import type { DocumentedError, MailboxCall } from '../platform';
import { sendStatuses } from '../post';
import type { SentMail } from '../post';
import { modifyScopes } from './mailChange';
import { readScopes } from './mailView';
import { findMessage } from './messages';
import { outgoingErrors } from './outgoing';

const path = '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/messages/:message_id/recall';

/** [docs] how long a mail can be recalled. */
const recallable = 24 * 60 * 60 * 1000;

/** The pages are stored without their codes: those of message.get are the sandbox's choice. */
const unknownMessage: DocumentedError = { status: 404, code: 1234034, msg: 'message not found' };

/** Why a mail cannot be recalled. [docs: recall_restriction_reason] */
function restrictionOf(sent: SentMail | undefined, { mailbox, world }: MailboxCall): string | undefined {
	if (mailbox.sending.recallRestriction !== undefined) return mailbox.sending.recallRestriction;
	// One that came from somebody else. That mails which a test has put there are old ones is the sandbox's choice.
	if (sent === undefined) return 'sender_address_not_owned';
	if (sent.recall !== undefined) return 'already_recalled';
	if (world.clock.now() - sent.at > recallable) return 'exceeded_time_limit';
	const isDelivered = sent.recipients.some(
		(address) => sent.statusFor(address, world.mailChoices).status === sendStatuses.delivered,
	);
	return isDelivered ? undefined : 'not_delivered';
}

export const messageRecall = mailboxApi({
	name: 'mail.message.recall',
	method: 'POST',
	path,
	scopes: modifyScopes,
	documentedQuota: { limit: 10, window: 1 },
	errors: outgoingErrors,
	handle(call) {
		const { mailbox, parameters, world } = call;
		const sent = world.post.find(mailbox, parameters.message_id);
		if (sent === undefined && findMessage(mailbox, parameters.message_id) === undefined) {
			throw refusal(unknownMessage);
		}
		const recall_restriction_reason = restrictionOf(sent, call);
		if (recall_restriction_reason !== undefined) {
			return { ...success({ recall_status: 'unavailable', recall_restriction_reason }), executed: false };
		}
		sent?.takeBack(world.post.tenantOf(mailbox));
		return success({ recall_status: 'available' });
	},
});

export const messageRecallDetail = mailboxApi({
	name: 'mail.message.recallDetail',
	method: 'GET',
	path,
	scopes: readScopes,
	documentedQuota: { limit: 20, window: 60 },
	errors: outgoingErrors,
	handle({ mailbox, parameters, world }) {
		const sent = world.post.find(mailbox, parameters.message_id);
		if (sent?.recall === undefined) throw refusal(unknownMessage);
		const { at, items } = sent.recall;
		const isDone = world.clock.now() - at >= world.mailChoices.recallTime;
		const shown = sent.deliveries.map(({ mail_address, name }) => {
			const item = items.get(mail_address.toLowerCase());
			return {
				recipient_address: mail_address,
				recipient_name: name,
				is_mailing_list: false,
				...item,
				...(isDone ? {} : { status: 'processing', fail_reason: undefined }),
			};
		});
		const count = (status: string) => shown.filter((item) => item.status === status).length;
		const [success_count, failure_count] = [count('success'), count('fail')];
		const result = failure_count === 0 ? 'all_success' : success_count === 0 ? 'all_fail' : 'some_fail';
		return success({
			recall_status: isDone ? 'done' : 'in_progress',
			recall_result: isDone ? result : 'processing',
			success_count,
			failure_count,
			processing_count: count('processing'),
			items: shown,
		});
	},
});
