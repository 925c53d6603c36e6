import type { IDataObject } from 'n8n-workflow';

import type { Item } from '../../run/item';
import { readMails, type Mail } from './message';

/** Things of which each piece but the last has as many. */
async function* inPieces<T>(things: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
	let piece: T[] = [];
	for await (const thing of things) {
		piece.push(thing);
		if (piece.length < size) continue;
		yield piece;
		piece = [];
	}
	if (piece.length > 0) yield piece;
}

/**
 * The mails of ids, in their order, twenty at a time. While some are read, the next ids are listed.
 *
 * @param body says how much of each mail is asked for
 */
export async function* mailsOf(
	item: Item,
	ids: AsyncIterable<string>,
	body: IDataObject,
): AsyncGenerator<Mail> {
	let reading: Promise<Mail[]> | undefined;
	for await (const piece of inPieces(ids, readMails.batch.most)) {
		const next = item.readAll(readMails, {}, piece, body);
		// Where the ones before fail, these are not waited for any more.
		next.catch(() => {});
		if (reading) yield* await reading;
		reading = next;
	}
	if (reading) yield* await reading;
}
