import type { Resource } from '../../run/operation';
import { addLabels } from './addLabels.operation';
import { get } from './get.operation';
import { getAll } from './getAll.operation';
import { markAsRead } from './markAsRead.operation';
import { markAsUnread } from './markAsUnread.operation';
import { move } from './move.operation';
import { removeLabels } from './removeLabels.operation';
import { trash } from './trash.operation';

export const thread: Resource = {
	value: 'thread',
	name: 'Thread',
	operations: [addLabels, get, getAll, markAsRead, markAsUnread, move, trash, removeLabels],
};
