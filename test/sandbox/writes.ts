import { refusal } from './platform';
import type { ReceivedRequest } from './platform';
import type { Mailbox, User } from './tenants';

/** [docs] of every write to mails, and of all that has to do with sending, in the name of the user; the remedy: one call after the other. */
const overlapping = { status: 429, code: 1236006, msg: 'Concurrent write conflict. Please retry later' };

/** What one write at a time is let through to. */
type Owner = Mailbox | User;

/**
 * Lets one write at a time through to a mailbox, or to all that a user sends from. Two overlap when one arrives before the other is answered; which of
 * them is refused, the one that comes to its work later, is the sandbox's choice.
 */
export class Writes {
	/** What happens is counted: a test's clock may stand still. */
	private now = 0;

	private readonly underWay = new Map<ReceivedRequest, { arrived: number; owners: readonly Owner[] }>();

	/** When the last write that was let through to an owner was answered. */
	private readonly answered = new WeakMap<Owner, number>();

	arrive(request: ReceivedRequest): void {
		this.underWay.set(request, { arrived: ++this.now, owners: [] });
	}

	/** Throws the refusal of a request that has overlapped with a write to one of the owners. */
	begin(request: ReceivedRequest, owners: readonly Owner[]): void {
		const self = this.underWay.get(request);
		const taken = new Set([...this.underWay.values()].flatMap((other) => other.owners));
		const arrived = self?.arrived ?? 0;
		if (owners.some((owner) => taken.has(owner) || (this.answered.get(owner) ?? 0) > arrived)) {
			throw refusal(overlapping);
		}
		if (self) self.owners = owners;
	}

	end(request: ReceivedRequest): void {
		const owners = this.underWay.get(request)?.owners ?? [];
		if (owners.length > 0) this.now += 1;
		for (const owner of owners) this.answered.set(owner, this.now);
		this.underWay.delete(request);
	}
}
