import type { Resource } from '../../run/operation';
import { addLabels } from './addLabels.operation';
import { forward } from './forward.operation';
import { get } from './get.operation';
import { getAll } from './getAll.operation';
import { markAsRead } from './markAsRead.operation';
import { markAsUnread } from './markAsUnread.operation';
import { move } from './move.operation';
import { removeLabels } from './removeLabels.operation';
import { reply } from './reply.operation';
import { search } from './search.operation';
import { send } from './send.operation';
import { trash } from './trash.operation';

export const message: Resource = {
	value: 'message',
	name: 'Message',
	operations: [
		addLabels,
		forward,
		get,
		getAll,
		markAsRead,
		markAsUnread,
		move,
		trash,
		removeLabels,
		reply,
		search,
		send,
	],
};
