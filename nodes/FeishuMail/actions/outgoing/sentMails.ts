import type { IDataObject } from 'n8n-workflow';

import { mailboxKey } from '../../fields/mailbox';
import { messageIds } from '../../mime/headers';
import type { Item } from '../../run/item';
import { unlessApiError } from '../../transport/failure';
import { listMails, type Mail } from '../message/message';
import { mailsOf } from '../message/reading';

/** How many of the newest mails of a folder are looked at. */
const LOOKED_AT = 200;

/** The newest mails of a folder as far as they were read, and the rest as it is read. */
interface Known {
	read: Mail[];
	rest?: AsyncGenerator<Mail>;
}

/**
 * The ids of a mail that was sent before, by its Message-ID in `<>`, and what went out with it; nothing where it cannot be
 * found. Whether Feishu keeps the Message-ID is not documented.
 *
 * @param folder in which it is, of those that one sends
 */
export async function findSent(
	item: Item,
	messageId: string,
	folder: 'SENT' | 'SCHEDULED' = 'SENT',
): Promise<Partial<Pick<Mail, 'message_id'>>> {
	const key = `mails of ${folder} in ${mailboxKey(item)}`;
	const known = item.run.once(key, (): Known => ({ read: [] }));
	const list = () => {
		const ids = item.list(listMails, {}, { query: { folder_id: folder }, limit: LOOKED_AT });
		return mailsOf(item, ids, { format: 'metadata' });
	};
	const isIt = (mail: Mail) => messageIds(mail.smtp_message_id as string | undefined)[0] === messageId;
	/** What has come into the folder since it was read. */
	const newer = async () => {
		const before = new Set(known.read.map(({ message_id }) => message_id));
		const fresh: Mail[] = [];
		for await (const mail of list()) {
			if (before.has(mail.message_id)) break;
			fresh.push(mail);
		}
		known.read.unshift(...fresh);
		return fresh.find(isIt);
	};
	const older = async () => {
		const rest = (known.rest ??= list());
		// Not a loop over them, which would end them: the next search goes on.
		for (let one; !(one = await rest.next()).done;) {
			known.read.push(one.value);
			if (isIt(one.value)) return one.value;
		}
		return undefined;
	};
	const search = async () => known.read.find(isIt) ?? (known.rest && (await newer())) ?? (await older());
	// What was sent is sent, whether or not it can be looked up.
	const mail = await search().catch(unlessApiError);
	if (!mail) return {};
	const { message_id, thread_id, head_from: from, to, cc, bcc, subject } = mail;
	return { message_id, ...withoutEmpty({ thread_id, from, to, cc, bcc, subject }) };
}

const withoutEmpty = (fields: IDataObject): IDataObject =>
	Object.fromEntries(
		Object.entries(fields).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : value)),
	);
