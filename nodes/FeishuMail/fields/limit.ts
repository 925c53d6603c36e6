import type { INodeProperties } from 'n8n-workflow';

import type { Item } from '../run/item';
import { RefusedInput } from '../transport/refusedInput';

/** How many results an operation gives that lists things. */
export const limitFields: INodeProperties[] = [
	{
		displayName: 'Return All',
		name: 'returnAll',
		type: 'boolean',
		default: false,
		description: 'Whether to return all results or only up to a given limit',
	},
	{
		displayName: 'Limit',
		name: 'limit',
		type: 'number',
		typeOptions: { minValue: 1 },
		displayOptions: { show: { returnAll: [false] } },
		default: 50,
		description: 'Max number of results to return',
	},
];

/** @throws RefusedInput for what is not a whole number above 0 */
export function readLimit(item: Item): number {
	if (item.read('returnAll').value === true) return Infinity;
	return readCount(item, 'limit', "Enter a number for 'Limit', or switch on 'Return All'.");
}

/** @throws RefusedInput, with an advice, for what is not a whole number above 0 */
export function readCount(item: Item, parameter: string, advice: string): number {
	const { value, displayName } = item.read(parameter);
	const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	if (Number.isInteger(count) && Number(count) > 0) return Number(count);
	throw new RefusedInput(`'${displayName}' must be a whole number above 0`, advice);
}
