import type { INodeProperties } from 'n8n-workflow';

import { fieldsOf } from '../run/options';
import { contact } from './contact';
import { folder } from './folder';
import { label } from './label';
import { mailbox } from './mailbox';
import type { Operation, Resource } from '../run/operation';

/** Everything the node can do. */
export const resources: Resource[] = [contact, folder, label];
resources.push(mailbox(resources));

/** @throws Error for names that no dropdown offers */
export function findOperation(resource: unknown, operation: unknown): Operation {
	const found = resources
		.find(({ value }) => value === resource)
		?.operations.find(({ value }) => value === operation);
	if (!found) throw new Error(`There is no operation '${String(operation)}' on '${String(resource)}'`);
	return found;
}

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
