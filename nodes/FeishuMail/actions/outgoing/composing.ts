import type { Item } from '../../run/item';
import { fillIn } from './fromTemplate';
import { contentOf, type Content, type Letter, type Needs } from './letter';
import { senderOf } from './sender';

/**
 * The mail of what an item writes, with what comes from its template, and the address of the mailbox that sends it.
 * Errors: see `fillIn`, `senderOf`, `contentOf`.
 */
export async function compose(
	item: Item,
	written: Letter,
	needs: Needs,
): Promise<{ address: string; content: Content }> {
	const { letter, passed } = await fillIn(item, written, needs);
	const { mailbox, from } = await senderOf(item);
	return { address: mailbox, content: await contentOf(letter, from, passed) };
}
