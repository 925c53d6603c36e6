import type { INodeProperties } from 'n8n-workflow';

import type { Task } from './operation';
import { RefusedInput } from '../transport/refusedInput';

/** Milliseconds of the longest timer there is: Node.js makes 1 of more. */
const LONGEST_TIMER = 2 ** 31 - 1;

export const timeoutOption: INodeProperties = {
	displayName: 'Timeout (Seconds)',
	name: 'timeout',
	type: 'number',
	typeOptions: { minValue: 1 },
	default: 60,
	description: 'How long a request waits for its answer',
};

/** How patient a request is; for every operation. */
const patienceOptions: INodeProperties[] = [
	{
		displayName: 'Max Wait (Seconds)',
		name: 'maxWait',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 1800,
		description:
			"How long a request waits for Feishu's quota before it fails. Other workflows that use the app draw on the same quota. 0 never waits.",
	},
	timeoutOption,
];

/** All fields of an operation: its own, and Options. */
export const fieldsOf = ({ fields, options = [], patience = patienceOptions }: Task): INodeProperties[] => [
	...fields,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [...options, ...patience].sort((one, other) => (one.displayName < other.displayName ? -1 : 1)),
	},
];

/**
 * The options of an item, in milliseconds; the defaults where one is not set.
 *
 * @throws RefusedInput for what is not a number of seconds
 */
export function readOptions(values: object): { maxWait: number; timeout: number } {
	const { maxWait, timeout } = values as { maxWait?: unknown; timeout?: unknown };
	return {
		maxWait: milliseconds(maxWait, 'Max Wait (Seconds)', 1800, 0),
		timeout: Math.min(milliseconds(timeout, 'Timeout (Seconds)', 60, Number.MIN_VALUE), LONGEST_TIMER),
	};
}

function milliseconds(value: unknown, displayName: string, fallback: number, least: number): number {
	if (value === undefined || value === null || value === '') return fallback * 1000;
	const seconds = typeof value === 'boolean' || typeof value === 'object' ? NaN : Number(value);
	// Timers of Node.js take whole milliseconds only.
	if (seconds >= least && seconds < Infinity) return Math.ceil(seconds * 1000);
	throw new RefusedInput(
		`'${displayName}' must be a number${least > 0 ? ' above 0' : ''}`,
		`Enter a number for '${displayName}' under 'Options'.`,
	);
}
