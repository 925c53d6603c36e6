import { refusal } from './platform';
import type { ReceivedRequest } from './platform';
import type { Mailbox } from './tenants';

/** [docs] of every write to mails; the remedy: one call after the other. */
const overlapping = { status: 429, code: 1236006, msg: 'Concurrent write conflict. Please retry later' };

/**
 * Lets one write at a time through to a mailbox. Two overlap when one arrives before the other is answered; which of
 * them is refused, the one that comes to its work later, is the sandbox's choice.
 */
export class Writes {
	/** What happens is counted: a test's clock may stand still. */
	private now = 0;

	private readonly underWay = new Map<ReceivedRequest, { arrived: number; mailbox?: Mailbox }>();

	/** When the last write that was let through to a mailbox was answered. */
	private readonly answered = new WeakMap<Mailbox, number>();

	arrive(request: ReceivedRequest): void {
		this.underWay.set(request, { arrived: ++this.now });
	}

	/** Throws the refusal of a request that has overlapped with a write to the mailbox. */
	begin(request: ReceivedRequest, mailbox: Mailbox): void {
		const self = this.underWay.get(request);
		const others = [...this.underWay.values()].filter((other) => other.mailbox === mailbox);
		if (others.length > 0 || (this.answered.get(mailbox) ?? 0) > (self?.arrived ?? 0)) {
			throw refusal(overlapping);
		}
		if (self) self.mailbox = mailbox;
	}

	end(request: ReceivedRequest): void {
		const mailbox = this.underWay.get(request)?.mailbox;
		if (mailbox) this.answered.set(mailbox, ++this.now);
		this.underWay.delete(request);
	}
}
