import type { INodeProperties } from 'n8n-workflow';

import { windowOf, type Endpoint, type PathParameter } from '../transport/endpoint';
import type { Item } from './item';
import type { Output } from './output';

/**
 * One operation of the node, declared in one place: what the user sees, what it needs of Feishu, what it does.
 *
 * The dropdowns, when each field is shown, the router's look-up and the tables in the README come from here.
 */
export interface Operation {
	/** In saved workflows; never renamed. */
	value:
		| 'addLabels'
		| 'cancelScheduledSend'
		| 'checkAccess'
		| 'create'
		| 'createAlias'
		| 'delete'
		| 'deleteAlias'
		| 'download'
		| 'forward'
		| 'get'
		| 'getAliases'
		| 'getAll'
		| 'getRecallStatus'
		| 'getSenders'
		| 'getSendStatus'
		| 'markAsRead'
		| 'markAsUnread'
		| 'move'
		| 'recall'
		| 'removeLabels'
		| 'reorder'
		| 'reply'
		| 'search'
		| 'send'
		| 'trash'
		| 'update'
		| 'upsert';
	/** In the Operation dropdown. */
	name: string;
	/** In the nodes panel, such as "Create a contact". */
	action: string;
	/** For the panel only, like those of fields: the scripts that are shipped have none. */
	description: string;
	/** What it calls; the scopes it needs are declared there. */
	endpoints: Array<Endpoint<object>>;
	/** What it calls besides for a part of what it does, such as choosing by name; without their scopes, the rest works. */
	lookUps?: Array<Endpoint<object>>;
	/** What does not work without the scopes of `lookUps`: a clause. Absent: choosing folders and labels by name. */
	withoutLookUps?: string;
	/** The endpoint whose quota decides how long many items take, where an item needs several. */
	bottleneck?: Endpoint<object>;
	/**
	 * Items worked on at the same time; absent, 1, where their order matters or Feishu allows less than one call a second,
	 * all (Infinity) where requests are about several of them.
	 */
	inFlight?: number;
	/** Besides Mailbox, which all have that say nothing about `path`. */
	fields: INodeProperties[];
	/** What it offers under Options besides what every operation does. */
	options?: INodeProperties[];
	/** Parameters that the paths of all its requests have. Absent: the chosen mailbox. */
	path?: (item: Item) => Record<string, PathParameter>;
	/**
	 * One input item in; the json of its output items out. What is wrong with the item's parameters is found before the
	 * first request: all items are rehearsed up to there before anything is written.
	 */
	execute(item: Item): Promise<Output>;
}

/** What reads parameters and calls Feishu: an operation, or what a trigger waits for. */
export interface Task extends Pick<
	Operation,
	'action' | 'bottleneck' | 'endpoints' | 'fields' | 'lookUps' | 'options' | 'path'
> {
	/** What is asked under Options about how long requests wait. Absent: as of every operation. */
	patience?: INodeProperties[];
}

/** Whether an operation changes anything. */
export const writes = ({ endpoints }: Task): boolean => endpoints.some(({ verify }) => verify !== undefined);

/**
 * What endpoints need to be granted: of each line, any one scope. What another line grants as well is left out, such
 * as reading or writing where writing is needed anyway.
 */
export function scopeLines(endpoints: Array<Pick<Endpoint, 'scopes'>>): Array<readonly string[]> {
	const lines = [...new Map(endpoints.map(({ scopes }) => [scopes.join(), scopes])).values()];
	return lines.filter(
		(line) =>
			line.length > 0 &&
			!lines.some(
				(other) =>
					other.length > 0 && other.length < line.length && other.every((scope) => line.includes(scope)),
			),
	);
}

/**
 * How many items an operation takes in one window of Feishu's quota, and its seconds; undefined where that is not known.
 * Of several writes, such as creating and updating, each item needs one.
 */
export function windowPerItem(operation: Task): { limit: number; seconds: number } | undefined {
	const { endpoints, bottleneck } = operation;
	const perItem = bottleneck
		? [bottleneck]
		: writes(operation)
			? endpoints.filter(({ verify }) => verify !== undefined)
			: endpoints.slice(0, 1);
	const windows = perItem
		.map((endpoint) => {
			const window = windowOf(endpoint);
			return window && { ...window, limit: window.limit * (endpoint.batch?.most ?? 1) };
		})
		.filter((window) => window !== undefined);
	if (windows.length === 0) return undefined;
	return {
		limit: windows.reduce((sum, { limit }) => sum + limit, 0),
		seconds: Math.max(...windows.map(({ seconds }) => seconds)),
	};
}

/** A thing of a mailbox, with all that can be done to it. */
export interface Resource {
	/** In saved workflows; never renamed. */
	value: string;
	name: string;
	operations: Operation[];
}
