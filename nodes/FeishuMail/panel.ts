import type { INodeCredentialDescription, INodeProperties, NodeHint } from 'n8n-workflow';

import { resources } from './actions';
import { windowPerItem, type Operation } from './run/operation';
import { fieldsOf } from './run/options';
import { instantMail } from './trigger/instantMail';
import { newMail } from './trigger/newMail';

/*
 * What the panels of the nodes are made of. Only the build loads this file: it writes what is exported here into panel.json,
 * so that n8n, which reads it at every start, need not load what runs the operations.
 */

/** What all nodes need, depending on Authentication. */
export const credentials: INodeCredentialDescription[] = [
	{
		name: 'feishuMailApi',
		required: true,
		displayOptions: { show: { authentication: ['tenantToken'] } },
	},
	{
		name: 'feishuMailOAuth2Api',
		required: true,
		displayOptions: { show: { authentication: ['oAuth2'] } },
	},
];

const authentication: INodeProperties = {
	displayName: 'Authentication',
	name: 'authentication',
	type: 'options',
	options: [
		{
			name: 'App (Tenant Access Token)',
			value: 'tenantToken',
			description: 'Act as a Feishu app on the mailboxes it may reach',
		},
		{
			name: 'User (OAuth2)',
			value: 'oAuth2',
			description: 'Act as a person on their own mailbox and their public ones',
		},
	],
	default: 'tenantToken',
};

/** In the panel before a run whose input takes more than a minute's quota. */
export const hints: NodeHint[] = resources.flatMap(({ value: resource, operations }) =>
	operations.flatMap((operation): NodeHint[] => {
		const { limit, seconds } = windowPerItem(operation) ?? { limit: 0, seconds: 0 };
		if (seconds < 60) return [];
		return [
			{
				message: `Feishu lets an app do this for ${limit} items a minute at most. With more of them the node waits and goes on by itself: ${15 * limit} items take 14 minutes at least.`,
				displayCondition: `={{ $parameter["resource"] === "${resource}" && $parameter["operation"] === "${operation.value}" && $input.all().length > ${limit} }}`,
				whenToDisplay: 'beforeExecution',
				location: 'ndv',
			},
		];
	}),
);

const operationField: INodeProperties = {
	displayName: 'Operation',
	name: 'operation',
	type: 'options',
	noDataExpression: true,
	default: '',
};

/** A field, and the operations of a resource for which it is shown. */
interface SharedField {
	field: INodeProperties;
	shownFor: string[];
}

/** The fields of operations, those that are alike once, in an order that keeps the order of each operation. */
function sharedFields(operations: Operation[]): SharedField[] {
	const shared: SharedField[] = [];
	for (const operation of operations) {
		let place = 0;
		for (const field of fieldsOf(operation)) {
			const alike = shared.findIndex(
				(other, index) => index >= place && JSON.stringify(other.field) === JSON.stringify(field),
			);
			if (alike === -1) shared.splice(place, 0, { field, shownFor: [operation.value] });
			else shared[alike]!.shownFor.push(operation.value);
			place = (alike === -1 ? place : alike) + 1;
		}
	}
	return shared;
}

/** The node's Resource and Operation dropdowns, and the fields of each operation, shown when it is chosen. */
export const properties: INodeProperties[] = [
	authentication,
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: resources.map(({ name, value }) => ({ name, value })),
		default: 'contact',
	},
	...resources.flatMap(({ value: resource, operations }): INodeProperties[] => [
		{
			...operationField,
			displayOptions: { show: { resource: [resource] } },
			options: operations.map(({ name, value, action, description }) => ({
				name,
				value,
				action,
				description,
			})),
			default: operations[0]?.value ?? '',
		},
		...sharedFields(operations).map(({ field, shownFor }) => ({
			...field,
			displayOptions: {
				...field.displayOptions,
				// First: n8n looks no further once it meets an expression.
				show: { resource: [resource], operation: shownFor, ...field.displayOptions?.show },
			},
		})),
	]),
];

/** The fields of the trigger. */
export const triggerProperties: INodeProperties[] = [authentication, ...fieldsOf(newMail)];

/** The instant trigger needs an app, which holds the connection, and a user, who has Feishu announce mails to it. */
export const instantCredentials: INodeCredentialDescription[] = credentials.map(({ name, required }) => ({
	name,
	required,
	// Without it, n8n calls each of them "Credential".
	displayName: name === 'feishuMailApi' ? 'App (Feishu Mail API)' : 'User (Feishu Mail OAuth2 API)',
}));

/** The fields of the instant trigger. */
export const instantTriggerProperties: INodeProperties[] = [
	{
		displayName:
			"Both credentials must be of the same app. Once this workflow is published, open the app in the developer console: under 'Events & Callbacks', choose to receive events through a persistent connection, add the event 'Message received', and release a new version.",
		name: 'setUpNotice',
		type: 'notice',
		default: '',
	},
	...fieldsOf(instantMail),
];
