import type { Item } from '../../run/item';
import { fillIn } from './fromTemplate';
import { cidsOf, contentOf, type Content, type Letter, type Needs } from './letter';
import { senderOf } from './sender';
import { sign } from './signing';

/**
 * The mail of what an item writes, with what comes from its template and the signature of who sends it, and the address of
 * the mailbox. Errors: see `fillIn`, `senderOf`, `sign`, `contentOf`.
 */
export async function compose(
	item: Item,
	written: Letter,
	needs: Needs,
): Promise<{ address: string; content: Content }> {
	const { letter, passed } = await fillIn(item, written, needs);
	const sending = await senderOf(item);
	const passedImages = passed?.inlineImages ?? [];
	const { texts, images } = await sign(item, {
		texts: letter,
		subject: letter.subject,
		cids: [...cidsOf(letter.inlineImages), ...passedImages.map(({ cid }) => cid)],
		sending,
		kind: 'send_mail',
	});
	const others = { ...passed, inlineImages: [...passedImages, ...images] };
	const content = await contentOf({ ...letter, ...texts }, sending.from, others);
	return { address: sending.mailbox, content };
}
