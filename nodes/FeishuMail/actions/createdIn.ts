import { mailboxKey } from '../fields/mailbox';
import type { Item } from '../run/item';

/**
 * The IDs of what the run has created in an item's mailbox: what is looked for after a lost answer is none of these.
 *
 * @param things such as `labels`
 */
export const createdIn = (item: Item, things: string): Set<string> =>
	item.run.once(`${things} created in ${mailboxKey(item)}`, () => new Set<string>());
