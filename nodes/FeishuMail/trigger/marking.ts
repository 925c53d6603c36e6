import { NodeApiError } from 'n8n-workflow';

import { messages } from '../actions/message/messages';
import { inHalves } from '../run/batches';
import type { Item } from '../run/item';
import { isAboutOne } from '../run/readAll';
import { isPassing } from '../transport/failure';
import type { State } from './state';

/** How many delivered mails wait to be marked at most. */
const MOST_UNREAD = 1000;

const { modify } = messages;

/** Marks delivered mails as read, those that are still there. */
async function markAsRead(item: Item, state: State): Promise<void> {
	while (state.unread.length > 0) {
		const some = state.unread.slice(0, modify.batch.most);
		await inHalves(some, isAboutOne(modify), {
			send: async (ids) => {
				await item.call(modify, {}, { body: { [modify.batch.ids]: ids, remove_label_ids: ['UNREAD'] } });
			},
			failed: async (_, error) => {
				// Of one that is not there any more there is nothing to be marked.
				if (!isAboutOne(modify)(error)) throw error;
			},
		});
		state.unread = state.unread.slice(some.length);
	}
}

/** Marks mails as read that were just delivered. What fails is left to the next poll: the mails go their way. */
export async function markDelivered(item: Item, state: State, ids: string[]): Promise<void> {
	noteDelivered(state, ids);
	await markAsRead(item, state).catch(() => {});
}

/** Leaves it to the next poll to mark mails as read. */
export function noteDelivered(state: State, ids: string[]): void {
	state.unread = [...state.unread, ...ids].slice(-MOST_UNREAD);
}

/**
 * Marks what is left from polls before. What fails for now is left again.
 *
 * @throws NodeApiError where Feishu refuses, once: nothing is left then
 */
export async function markRest(item: Item, state: State): Promise<void> {
	await markAsRead(item, state).catch((error: unknown) => {
		if (isPassing(error)) return;
		state.unread = [];
		if (error instanceof NodeApiError) {
			error.message = `Mails were delivered, but could not be marked as read: ${error.message}`;
		}
		throw error;
	});
}
