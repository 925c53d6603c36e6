import type { Client, withUserAccessToken } from '@larksuiteoapi/node-sdk';
import type fc from 'fast-check';
import type { INodeParameters } from 'n8n-workflow';

import { locate } from '../engine/stage';
import type { ApiName, Mailbox } from '../sandbox';

export type Mail = Client['mail']['v1'];

/** Whose token a request carries. */
export type Caller = 'app' | 'user';

/** One request of the node, and how the SDK makes it for the same input. */
export interface Contract<Fields extends object = object> {
	title: string;
	api: ApiName;
	/** Whose tokens the endpoint takes; both unless it says otherwise. */
	callers?: readonly Caller[];
	/** Of the node; expressions read the input. */
	parameters: INodeParameters;
	/** What an input has besides its mailbox. With `ids` it becomes an item for each of them, of one request. */
	fields: fc.Arbitrary<Fields>;
	/** What the mailbox must hold for the request to be made once. Other refusals do not matter. */
	given?: (mailbox: Mailbox, input: Fields) => void;
	send: (
		mail: Mail,
		input: Fields & { path: { user_mailbox_id: string } },
		as?: ReturnType<typeof withUserAccessToken>,
	) => Promise<unknown>;
}

/** The table does not care what each input looks like. */
export const contract = <Fields extends object>(declaration: Contract<Fields>) =>
	declaration as unknown as Contract;

/** The SDK leaves it to its user to encode what goes into a path. */
export const encoded = encodeURIComponent;

export const byId = (value = '={{ $json.id }}') => locate('id', value);
