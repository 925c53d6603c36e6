import { mailbox, mailboxKey } from '../../fields/mailbox';
import { messageIds } from '../../mime/headers';
import type { Item } from '../../run/item';
import { unlessApiError } from '../../transport/failure';
import { listMails, type Mail } from '../message/message';
import { mailsOf } from '../message/reading';

/** How many of the newest sent mails are looked at. */
const LOOKED_AT = 200;

/** The sent mails of a mailbox as far as they were read, and the rest as it is read. */
interface Sent {
	read: Mail[];
	rest: AsyncGenerator<Mail>;
}

/**
 * The ids of a mail that was sent before, by its Message-ID in `<>`; none where it cannot be found. Whether Feishu keeps
 * the Message-ID is not documented.
 */
export async function findSent(
	item: Item,
	messageId: string,
): Promise<Pick<Mail, 'message_id' | 'thread_id'> | object> {
	const path = { user_mailbox_id: mailbox(item) };
	const sent = item.run.once(`sent mails of ${mailboxKey(item)}`, (): Sent => {
		const ids = item.list(listMails, path, { query: { folder_id: 'SENT' }, limit: LOOKED_AT });
		return { read: [], rest: mailsOf(item, ids, { format: 'metadata' }) };
	});
	const isIt = (mail: Mail) => messageIds(mail.smtp_message_id as string | undefined)[0] === messageId;
	const idsOf = ({ message_id, thread_id }: Mail) => ({ message_id, ...(thread_id && { thread_id }) });
	const known = sent.read.find(isIt);
	if (known) return idsOf(known);
	// What was sent is sent, whether or not it can be looked up.
	const next = async () => await sent.rest.next().catch(unlessApiError);
	for (let one; (one = await next()) && !one.done;) {
		sent.read.push(one.value);
		if (isIt(one.value)) return idsOf(one.value);
	}
	return {};
}
