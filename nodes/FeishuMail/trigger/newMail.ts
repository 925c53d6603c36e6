import type { INodeProperties } from 'n8n-workflow';

import { listFolders } from '../actions/folder/mailFolder';
import { listLabels } from '../actions/label/label';
import { downloadOptions } from '../actions/message/files';
import { listMails, readMails } from '../actions/message/message';
import { sourceFields } from '../actions/message/source';
import { readCount } from '../fields/limit';
import { inMailbox, mailboxFields } from '../fields/mailbox';
import type { Item } from '../run/item';
import type { Task } from '../run/operation';
import { timeoutOption } from '../run/options';
import { chosen, asText } from '../run/requestBody';
import { filtersField } from './filters';

export const messageReceived = {
	name: 'Message Received',
	value: 'messageReceived',
	description: 'When mails come into a folder, or with a label',
};

export const eventField: INodeProperties = {
	displayName: 'Event',
	name: 'event',
	type: 'options',
	noDataExpression: true,
	options: [messageReceived],
	default: 'messageReceived',
	description: 'What starts the workflow',
};

const outputs = [
	{
		name: 'Simplified',
		value: 'simplified',
		description: 'What is wanted most, with the text as plain text',
	},
	{ name: 'Full', value: 'full', description: 'All that Feishu tells of a mail, with its HTML' },
	{
		name: 'Metadata Only',
		value: 'metadata',
		description: 'No texts but their beginning: the fewest requests, for many mails',
	},
];

/** How much of a mail is asked for, by what is wanted of it. Docs: `format` of "batch_get". */
export const formats: Record<string, string> = {
	simplified: 'plain_text_full',
	full: 'full',
	metadata: 'metadata',
};

export const outputField: INodeProperties = {
	displayName: 'Output',
	name: 'output',
	type: 'options',
	options: outputs,
	default: 'simplified',
	description: 'How much is told of each mail',
};

const limitOption: INodeProperties = {
	displayName: 'Limit',
	name: 'limit',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 50,
	description: 'Max number of results to return',
};

export const catchUpOption: INodeProperties = {
	displayName: 'Catch Up',
	name: 'catchUp',
	type: 'boolean',
	default: true,
	description:
		'Whether a workflow that is published again also gets the mails that came in while it was not. Those that come while n8n is stopped are always delivered.',
};

export const includeMovedOption: INodeProperties = {
	displayName: 'Include Moved Mails',
	name: 'includeMoved',
	type: 'boolean',
	default: false,
	description:
		'Whether older mails count, too, when somebody moves them into the folder or gives them the label. They are found at once among the newest 100, else within an hour, and among the newest 1,000 only.',
};

export const markAsReadOption: INodeProperties = {
	displayName: 'Mark as Read',
	name: 'markAsRead',
	type: 'boolean',
	default: false,
	description: 'Whether mails are marked as read once they are delivered',
};

/** The mails that come in. */
export const newMail: Task = {
	action: 'On message received',
	endpoints: [listMails, readMails],
	lookUps: [listFolders, listLabels],
	fields: [eventField, ...mailboxFields, ...sourceFields, filtersField, outputField],
	options: [catchUpOption, ...downloadOptions, includeMovedOption, limitOption, markAsReadOption],
	path: inMailbox,
	patience: [timeoutOption],
};

/** What a user wants of each mail, and how many. */
export interface Wanted {
	output: string;
	/** How many mails are delivered at a time. */
	limit: number;
	catchUp: boolean;
	includeMoved: boolean;
	markAsRead: boolean;
}

/** @throws RefusedInput for a value that there is not */
export function readWanted(item: Item): Wanted {
	const { value, displayName } = item.read(outputField.name);
	return {
		output: chosen(asText(value, displayName) ?? 'simplified', outputs, displayName),
		limit: readLimit(item),
		catchUp: item.isOn('catchUp'),
		includeMoved: item.isOn('includeMoved'),
		markAsRead: item.isOn('markAsRead'),
	};
}

/** Where each mail has an execution of its own, there is nothing to be chosen. */
function readLimit(item: Item): number {
	const isOffered = item.run.operation.options?.includes(limitOption);
	const limit = isOffered ? item.read(limitOption.name).value : undefined;
	if (limit === undefined || limit === null) return Number(limitOption.default);
	return readCount(item, limitOption.name, "Enter a number for 'Limit' under 'Options'.");
}
