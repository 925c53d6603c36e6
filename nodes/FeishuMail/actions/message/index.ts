import type { Resource } from '../../run/operation';
import { addLabels } from './addLabels.operation';
import { cancelScheduledSend } from './cancelScheduledSend.operation';
import { forward } from './forward.operation';
import { get } from './get.operation';
import { getAll } from './getAll.operation';
import { getRecallStatus } from './getRecallStatus.operation';
import { getSendStatus } from './getSendStatus.operation';
import { markAsRead } from './markAsRead.operation';
import { markAsUnread } from './markAsUnread.operation';
import { move } from './move.operation';
import { recall } from './recall.operation';
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
		cancelScheduledSend,
		forward,
		get,
		getSendStatus,
		getAll,
		getRecallStatus,
		markAsRead,
		markAsUnread,
		move,
		trash,
		recall,
		removeLabels,
		reply,
		search,
		send,
	],
};
