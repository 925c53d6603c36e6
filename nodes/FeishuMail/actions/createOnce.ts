import type { IDataObject } from 'n8n-workflow';

import type { Item } from '../run/item';
import { isOutcomeUnknown } from '../transport/failure';
import { RefusedInput } from '../transport/refusedInput';

/** Things of which a mailbox may have several of one name. */
interface Kind<T> {
	/** What they are called, such as `rule`. */
	thing: string;
	name: string;
	/** The ids of those that there are; undefined where they cannot be listed. */
	listIds: () => Promise<string[] | undefined>;
	/** Those of the name, as they are now: by their ids. */
	findIds: () => Promise<string[]>;
	/** What is known of one. */
	read: (id: string) => Promise<T>;
	/** Creates one; after a lost answer, `find` gives it if it is there. */
	create: (find: () => Promise<T | undefined>) => Promise<T>;
}

/** What a try of an item has done, for a later one. */
type Tried = IDataObject & {
	/** What was there before it. */
	before?: string[];
	/** Whether nobody knows what came of it. */
	isLost?: boolean;
	/** What it has created. */
	done?: IDataObject;
};

/**
 * Creates a thing once in all tries of an item. As several may have its name, what is there after a lost answer is this
 * one only if it is known what was there before.
 *
 * @throws RefusedInput where one is there that somebody else may have created, and what `create` throws
 */
export async function createOnce<T extends IDataObject>(item: Item, kind: Kind<T>): Promise<T> {
	const { thing, name, listIds, findIds, read, create } = kind;
	const tried: Tried = item.memory;
	if (tried.done) return tried.done as T;
	if (!tried.isLost) tried.before = await listIds();
	const { before } = tried;
	const find = async () => {
		const [found, another] = (await findIds()).filter((id) => !before?.includes(id));
		if (!another && (!found || before)) return found === undefined ? undefined : await read(found);
		throw new RefusedInput(
			`It is unknown whether an earlier try has created the ${thing}: the mailbox has one with the name '${name}' that somebody else may have created`,
			`Look at the ${thing}s of the mailbox before running it again.`,
		);
	};
	const make = async () => (tried.isLost && (await find())) || (await create(find));
	const made = await make().catch((error: unknown) => {
		tried.isLost ||= isOutcomeUnknown(error);
		throw error;
	});
	tried.done = made;
	return made;
}
