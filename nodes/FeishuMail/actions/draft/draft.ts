import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { locator, readLocator } from '../../fields/locator';
import type { Item } from '../../run/item';
import { failureCode } from '../../transport/failure';
import { shownMail, type Mail } from '../message/message';
import { DRAFT_GONE, pathOf, readDraft, type Draft } from '../outgoing/drafts';

export const draftLocator: INodeProperties = locator({
	displayName: 'Draft',
	name: 'draftId',
	description: 'The draft. The list shows the newest ones of the mailbox.',
	searchListMethod: 'searchDrafts',
	placeholder: 'e.g. tfuh9N4WnzU6jdDw=',
});

/** The id of the draft that an item chooses. */
export const chosenDraft = (item: Item): string => readLocator(item, draftLocator.name).value;

/** How many drafts are read at the same time: Feishu allows ten a second, and may refuse reads that overlap. */
export const IN_FLIGHT = 4;

/** A draft with its texts, by its id. */
export const draftOf = async (item: Item, id: string): Promise<Draft> =>
	await item.call(readDraft, pathOf(id), { query: { format: 'full' } });

/** The drafts of ids, in their order, several being read at the same time. What is gone meanwhile is left out. */
export async function* draftsOf(item: Item, ids: AsyncIterable<{ id: string }>): AsyncGenerator<Draft> {
	const reading: Array<Promise<Draft | undefined>> = [];
	const next = async () => await reading.shift();
	for await (const { id } of ids) {
		const draft = draftOf(item, id).catch(unlessGone);
		// Where one before fails, this one is not waited for any more.
		draft.catch(() => {});
		reading.push(draft);
		const first = reading.length < IN_FLIGHT ? undefined : await next();
		if (first) yield first;
	}
	while (reading.length > 0) {
		const first = await next();
		if (first) yield first;
	}
}

function unlessGone(error: unknown): undefined {
	if (failureCode(error) !== DRAFT_GONE) throw error;
	return undefined;
}

/** A draft as it comes out: as a mail does, with those who get a blind copy. */
export function shownDraft(item: Item, { id, message }: Draft): IDataObject {
	const mail = (message ?? {}) as Mail;
	return { draft_id: id, ...shownMail(item, mail), ...(mail.bcc !== undefined && { bcc: mail.bcc }) };
}
