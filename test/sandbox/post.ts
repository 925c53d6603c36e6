import { randomBytes } from 'crypto';

import { isUnread, newMailId } from './mails';
import type { Attachment, MailAddress, Message } from './mails';
import { fieldsOf } from './parsedMail';
import type { ParsedMail, Source } from './parsedMail';
import type { MailChoices } from './platform';
import type { Clock, Mailbox, Tenant } from './tenants';

/** [docs: send_status] */
export const sendStatuses = {
	unknown: 0,
	delivering: 1,
	retrying: 2,
	bounced: 3,
	delivered: 4,
	waitingForApproval: 5,
	rejected: 6,
} as const;

export type SendStatus = (typeof sendStatuses)[keyof typeof sendStatuses];

/** Where a mail went for one of its recipients. */
export interface Delivery extends MailAddress {
	kind: 'to' | 'cc' | 'bcc';
	/** Whose mailbox it lies in; absent: outside of the sandbox. */
	mailbox?: Mailbox;
	/** The copy there. */
	message?: Message;
}

/** What became of the recall of a mail for one recipient, with the API's field names. [docs: get_recall_detail] */
export interface RecallItem {
	status: 'success' | 'fail';
	fail_reason?:
		| 'message_has_been_read'
		| 'not_using_lark_mail'
		| 'not_in_the_same_tenant'
		| 'invalid_address'
		| 'unknown';
	is_mailing_list?: boolean;
	mailing_list_success_count?: number;
	mailing_list_failure_count?: number;
	mailing_list_finish_percent?: number;
}

const sameAddress = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** All whom a mail is for, each one once. */
export function recipientsOf({ to, cc, bcc }: ParsedMail): Array<MailAddress & { kind: Delivery['kind'] }> {
	const all = Object.entries({ to, cc, bcc }).flatMap(([kind, list]) =>
		list.map((address) => ({ ...address, kind: kind as Delivery['kind'] })),
	);
	return all.filter(
		({ mail_address }, index) =>
			all.findIndex((other) => sameAddress(other.mail_address, mail_address)) === index,
	);
}

/** A mail that left. */
export class SentMail {
	/** When it was recalled, and what became of that. */
	recall?: { at: number; items: Map<string, RecallItem> };

	/** What was said of recipients, by their addresses in small letters. */
	readonly statuses = new Map<string, { status: SendStatus; at: number }>();

	readonly recallItems = new Map<string, RecallItem>();

	/** Private at run time too, as are the clocks of mailboxes. */
	readonly #clock: Clock;

	constructor(
		/** When it left: ms of the sandbox clock. */
		readonly at: number,
		/** Whose mail it is. */
		readonly mailbox: Mailbox,
		/** The sender's copy. */
		readonly message: Message,
		/** The mail as it came, byte for byte. */
		readonly raw: Buffer,
		/** The same taken apart. */
		readonly mail: ParsedMail,
		readonly deliveries: readonly Delivery[],
		clock: Clock,
	) {
		this.#clock = clock;
	}

	/** The mail as it came. */
	get eml(): string {
		return this.raw.toString();
	}

	get message_id(): string {
		return this.message.message_id;
	}

	/** The addresses that it went to. */
	get recipients(): string[] {
		return this.deliveries.map(({ mail_address }) => mail_address);
	}

	/** Says how far it got for a recipient. */
	setStatus(address: string, status: SendStatus): void {
		this.statuses.set(address.toLowerCase(), { status, at: this.#clock.now() });
	}

	/** How far it got for a recipient, and since when (ms). */
	statusFor(address: string, { deliveryTime }: MailChoices): { status: SendStatus; at: number } {
		const arrival = this.at + deliveryTime;
		const usual =
			this.#clock.now() < arrival
				? { status: sendStatuses.delivering, at: this.at }
				: { status: sendStatuses.delivered, at: arrival };
		return this.statuses.get(address.toLowerCase()) ?? usual;
	}

	/** Says what will become of a recall for a recipient. */
	setRecallItem(address: string, item: RecallItem): void {
		this.recallItems.set(address.toLowerCase(), item);
		this.recall?.items.set(address.toLowerCase(), item);
	}

	/** Takes the mail back from all who have not read it and are of the same tenant. */
	takeBack(tenant: Tenant | undefined): void {
		const items = this.deliveries.map((delivery): [string, RecallItem] => {
			const address = delivery.mail_address.toLowerCase();
			const item = this.recallItems.get(address) ?? recallFrom(delivery, tenant);
			const { mailbox, message } = delivery;
			if (item.status === 'success' && message) mailbox?.remove(message);
			return [address, item];
		});
		this.recall = { at: this.#clock.now(), items: new Map(items) };
	}
}

function recallFrom({ mailbox, message }: Delivery, tenant: Tenant | undefined): RecallItem {
	if (!mailbox || !message) return { status: 'fail', fail_reason: 'not_using_lark_mail' };
	if (!tenant?.mailboxes.includes(mailbox)) {
		return { status: 'fail', fail_reason: 'not_in_the_same_tenant' };
	}
	return isUnread(message) ? { status: 'success' } : { status: 'fail', fail_reason: 'message_has_been_read' };
}

/** What carries mails from mailbox to mailbox and out of the sandbox. */
export class Post {
	/** The mails that left, in that order. */
	readonly sent: SentMail[] = [];

	/** Mails that wait for their time. */
	private waiting: Array<{ mailbox: Mailbox; message: Message }> = [];

	constructor(
		private readonly clock: Clock,
		private readonly tenants: readonly Tenant[],
		private readonly choices: MailChoices,
	) {}

	tenantOf(mailbox: Mailbox): Tenant | undefined {
		return this.tenants.find(({ mailboxes }) => mailboxes.includes(mailbox));
	}

	/** The active mailbox that an address or an alias belongs to. */
	mailboxOf(address: string, tenants: readonly Tenant[] = this.tenants): Mailbox | undefined {
		return tenants
			.flatMap(({ mailboxes }) => mailboxes)
			.find(
				({ active, address: own, aliases }) =>
					active && [own, ...aliases].some((other) => sameAddress(other, address)),
			);
	}

	/** The mail that was sent under an id. */
	find(mailbox: Mailbox, message_id: string | undefined): SentMail | undefined {
		return this.sent.find((sent) => sent.mailbox === mailbox && sent.message_id === message_id);
	}

	/**
	 * Sends a mail: a copy stays with the sender, one arrives unread at everybody whose mailbox the sandbox has, and the
	 * mail that it answers is marked.
	 *
	 * @param options - ids that it has already, and when it leaves; default: new ones, now
	 */
	send(
		mailbox: Mailbox,
		{ raw, mail }: Source,
		options: { message_id?: string; thread_id?: string; at?: number } = {},
	): SentMail {
		const { message_id = newMailId(), at = this.clock.now() } = options;
		if (mail.smtp_message_id !== undefined) mailbox.sentMessageIds.add(mail.smtp_message_id);
		const smtp_message_id =
			(this.choices.keepsMessageId ? mail.smtp_message_id : undefined) ??
			`${randomBytes(12).toString('hex')}@mail.feishu.example`;
		const written = fieldsOf(mail);
		const attachments = [...(written.attachments ?? []), ...largeFilesOf(mailbox, mail)];
		const fields = { ...written, attachments, smtp_message_id, internal_date: at };
		const original = originalOf(mailbox, mail);
		const thread_id = options.thread_id ?? original?.thread_id;
		const message = mailbox.receive({
			...fields,
			message_id,
			folder_id: 'SENT',
			...(thread_id === undefined ? {} : { thread_id }),
		});
		const marks: Record<string, string> = { REPLY: '-603', FORWARD: '-604' };
		const mark = marks[mail.reply_type?.toUpperCase() ?? ''];
		if (mark !== undefined) original?.label_ids.add(mark);
		const receipt = mail.receipt_to === undefined ? [] : ['READ_RECEIPT_REQUEST'];
		const arrived = new Map<Mailbox, Message>();
		const deliveries = recipientsOf(mail).map((recipient): Delivery => {
			const box = this.mailboxOf(recipient.mail_address);
			if (box === undefined) return recipient;
			// One mail for the address and the alias of a mailbox: the sandbox's choice.
			const copy =
				arrived.get(box) ??
				box.receive({
					...fields,
					bcc: [],
					folder_id: 'INBOX',
					label_ids: ['UNREAD', ...fields.label_ids, ...receipt],
					// [cli] a mail to oneself is two, in one thread.
					...(box === mailbox
						? { thread_id: message.thread_id, message_state: this.choices.ownCopyState }
						: {}),
				});
			arrived.set(box, copy);
			return { ...recipient, mailbox: box, message: copy };
		});
		const sent = new SentMail(at, mailbox, message, raw, mail, deliveries, this.clock);
		this.sent.push(sent);
		return sent;
	}

	/** Lets a mail wait, which `message.scheduled` says until when. */
	schedule(mailbox: Mailbox, message: Message): void {
		this.waiting.push({ mailbox, message });
	}

	/** Ends the waiting of a mail. */
	unschedule(message: Message): void {
		this.waiting = this.waiting.filter((other) => other.message !== message);
	}

	/** Sends the mails whose time has come. */
	sendDue(): void {
		const now = this.clock.now();
		const due = this.waiting
			.filter(({ message }) => (message.scheduled?.send_time ?? 0) <= now)
			.sort(
				(one, other) => (one.message.scheduled?.send_time ?? 0) - (other.message.scheduled?.send_time ?? 0),
			);
		for (const { mailbox, message } of due) {
			this.unschedule(message);
			if (!mailbox.remove(message) || !message.source || !message.scheduled) continue;
			const { message_id, thread_id, scheduled } = message;
			this.send(mailbox, message.source, { message_id, thread_id, at: scheduled.send_time });
		}
	}
}

/** The large files of the mailbox that a mail names. They keep their ids, which are those of the files in Feishu. */
export function largeFilesOf({ messages }: Mailbox, { large_file_ids }: ParsedMail): Attachment[] {
	const known = messages
		.flatMap(({ attachments }) => attachments)
		.filter((file) => file.attachment_type === 2);
	return large_file_ids.flatMap((wanted) => known.find(({ id }) => id === wanted) ?? []);
}

/** The mail of the mailbox that a mail answers or passes on, by Feishu's own header. */
export function originalOf({ messages }: Mailbox, { reply_to_message_id }: ParsedMail): Message | undefined {
	if (reply_to_message_id === undefined) return undefined;
	return messages.find(({ message_id }) => message_id === reply_to_message_id);
}
