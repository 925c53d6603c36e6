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
import { filtersField } from './filters';
import { catchUpOption, eventField, includeMovedOption, markAsReadOption, outputField } from './newMail';
import { subscribe } from './subscription';

/** Feishu announces mails to users only, whatever the other node may do. */
const authentication: INodeProperties = {
	displayName: 'Authentication',
	name: 'authentication',
	type: 'hidden',
	default: 'oAuth2',
};

const checkEveryField: INodeProperties = {
	displayName: 'Check Every (Minutes)',
	name: 'checkEvery',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 15,
	description:
		'How often the mailbox is looked through for mails that Feishu has not announced. Mails that it announces come within seconds.',
};

const unsubscribeOption: INodeProperties = {
	displayName: 'Unsubscribe When Unpublished',
	name: 'unsubscribe',
	type: 'boolean',
	default: false,
	description:
		'Whether Feishu is told to announce no more mails when the workflow is unpublished, or n8n stops. That ends it for all that use the app and the user: other n8n servers, too.',
};

/** The mails that come in, as soon as Feishu announces them. */
export const instantMail: Task = {
	action: 'On message received, instantly',
	endpoints: [listMails, readMails, subscribe],
	lookUps: [listFolders, listLabels],
	bottleneck: readMails,
	fields: [
		eventField,
		authentication,
		...mailboxFields,
		...sourceFields,
		filtersField,
		outputField,
		checkEveryField,
	],
	options: [
		catchUpOption,
		...downloadOptions,
		{
			...includeMovedOption,
			description:
				'Whether older mails count, too, when somebody moves them into the folder or gives them the label. They are found by the next check among the newest 100, else within an hour, and among the newest 1,000 only.',
		},
		markAsReadOption,
		unsubscribeOption,
	],
	path: inMailbox,
	patience: [timeoutOption],
};

/**
 * How often all is looked through, in milliseconds.
 *
 * @throws RefusedInput for what is not a number of minutes
 */
export const readInterval = (item: Item): number =>
	readCount(item, checkEveryField.name, "Enter a number of minutes for 'Check Every (Minutes)'.") * 60_000;

export const wantsToUnsubscribe = (item: Item): boolean => item.isOn(unsubscribeOption.name);
