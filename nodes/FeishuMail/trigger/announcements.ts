import { comparable } from '../fields/comparable';
import { isObject } from '../transport/answer';
import type { Announced } from './announced';
import { MESSAGE_RECEIVED } from './subscription';

/** How many mails are looked at together. Docs: "batch_get". */
const MOST_TOGETHER = 20;

/** How many mails are remembered. */
const MOST_REMEMBERED = 1000;

/** What Feishu has announced to an app, as far as it may be about one mailbox. */
export class Announcements {
	/** Whether Feishu has announced any mail, of whatever mailbox. */
	isHeard = false;

	private readonly waiting = new Set<string>();

	/** The addresses that mails were announced for, by the ids of the mails, the newest last. */
	private readonly remembered = new Map<string, string>();

	/** Whether the mailbox has mails of an address. It may have several addresses, and 'me' stands for each. */
	private readonly addresses = new Map<string, boolean>();

	/** Mails that were looked for in vain once. */
	private readonly absent = new Set<string>();

	/** Whether mails wait to be looked at. */
	get any(): boolean {
		return this.waiting.size > 0;
	}

	/**
	 * Takes an event of the app. Of mails, those wait to be looked at that may be in the mailbox.
	 *
	 * @returns whether the event does not tell which mail it is about
	 */
	receive(event: unknown): boolean {
		const { header, event: content } = isObject(event) ? event : {};
		if (!isObject(header) || header.event_type !== MESSAGE_RECEIVED) return event === undefined;
		this.isHeard = true;
		const { message_id: id, mail_address } = isObject(content) ? content : {};
		if (typeof id !== 'string' || id === '') return true;
		const address = typeof mail_address === 'string' ? comparable(mail_address) : '';
		this.remembered.delete(id);
		this.remembered.set(id, address);
		const [oldest] = this.remembered.keys();
		if (this.remembered.size > MOST_REMEMBERED) this.remembered.delete(oldest!);
		if (this.addresses.get(address) !== false) this.waiting.add(id);
		return false;
	}

	/** Whether a mail was announced. */
	has(id: string): boolean {
		return this.remembered.has(id);
	}

	/** Some of the mails that wait. Until they are settled, they are not to be looked at once more. */
	next(): string[] {
		return [...this.waiting].slice(0, MOST_TOGETHER);
	}

	/**
	 * Ends the wait of mails, and learns which addresses are the mailbox's.
	 *
	 * @param looked which of them, or of others, the mailbox has, and which it does not have, where that was found
	 * @returns those that it does not have and that are worth another look, as they may not be there yet; and whether one
	 * of an address of the mailbox was looked for in vain twice
	 */
	settle(ids: string[], { present = [], absent = [] }: Partial<Announced> = {}) {
		for (const id of ids) this.waiting.delete(id);
		for (const id of present) this.addresses.set(this.addressOf(id), true);
		const again = absent.filter((id) => !this.absent.delete(id));
		for (const id of again) this.absent.add(id);
		let lost = false;
		for (const id of absent.filter((one) => !again.includes(one))) {
			const address = this.addressOf(id);
			if (this.addresses.get(address)) lost = true;
			// Where no address is told, nothing is known of the next one.
			else if (address !== '') this.addresses.set(address, false);
		}
		return { again, lost };
	}

	private addressOf(id: string): string {
		return this.remembered.get(id) ?? '';
	}

	/** Has a mail looked at once more. */
	lookAgain(id: string): void {
		this.waiting.add(id);
	}
}
