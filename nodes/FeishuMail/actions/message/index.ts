import type { Resource } from '../../run/operation';
import { addLabels } from './addLabels.operation';
import { get } from './get.operation';
import { getAll } from './getAll.operation';
import { markAsRead } from './markAsRead.operation';
import { markAsUnread } from './markAsUnread.operation';
import { move } from './move.operation';
import { removeLabels } from './removeLabels.operation';
import { search } from './search.operation';
import { send } from './send.operation';
import { trash } from './trash.operation';

export const message: Resource = {
	value: 'message',
	name: 'Message',
	operations: [addLabels, get, getAll, markAsRead, markAsUnread, move, trash, removeLabels, search, send],
};
