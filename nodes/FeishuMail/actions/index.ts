import type { INodeProperties, NodeHint } from 'n8n-workflow';

import { fieldsOf } from '../run/options';
import { attachment } from './attachment';
import { contact } from './contact';
import { folder } from './folder';
import { label } from './label';
import { mailbox } from './mailbox';
import { message } from './message';
import { thread } from './thread';
import { windowPerItem, type Operation, type Resource } from '../run/operation';

/** Everything the node can do. */
export const resources: Resource[] = [attachment, contact, folder, label];
resources.push(mailbox(resources), message, thread);

/** @throws Error for names that no dropdown offers */
export function findOperation(resource: unknown, operation: unknown): Operation {
	const found = resources
		.find(({ value }) => value === resource)
		?.operations.find(({ value }) => value === operation);
	if (!found) throw new Error(`There is no operation '${String(operation)}' on '${String(resource)}'`);
	return found;
}

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

/** The node's Resource and Operation dropdowns, and the fields of each operation, shown when it is chosen. */
export const properties: INodeProperties[] = [
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
		...operations.flatMap((operation) =>
			fieldsOf(operation).map((field) => ({
				...field,
				displayOptions: {
					...field.displayOptions,
					// First: n8n looks no further once it meets an expression.
					show: { resource: [resource], operation: [operation.value], ...field.displayOptions?.show },
				},
			})),
		),
	]),
];
