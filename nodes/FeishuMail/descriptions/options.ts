import type { INodeProperties } from 'n8n-workflow';

import { RefusedInput } from '../transport/refusedInput';

/** How patient a request is, in seconds; for every operation. */
export const optionsField: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add Option',
	default: {},
	options: [
		{
			displayName: 'Max Wait (Seconds)',
			name: 'maxWait',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 1800,
			description:
				"How long an item waits for Feishu's quota before it fails. Other workflows that use the app draw on the same quota. 0 never waits.",
		},
		{
			displayName: 'Timeout (Seconds)',
			name: 'timeout',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 60,
			description: 'How long a request waits for its answer',
		},
	],
};

/**
 * The options of an item, in milliseconds; the defaults where one is not set.
 *
 * @throws RefusedInput for what is not a number of seconds
 */
export function readOptions(values: object): { maxWait: number; timeout: number } {
	const { maxWait, timeout } = values as { maxWait?: unknown; timeout?: unknown };
	return {
		maxWait: milliseconds(maxWait, 'Max Wait (Seconds)', 1800, 0),
		timeout: milliseconds(timeout, 'Timeout (Seconds)', 60, Number.MIN_VALUE),
	};
}

function milliseconds(value: unknown, displayName: string, fallback: number, least: number): number {
	if (value === undefined || value === null || value === '') return fallback * 1000;
	const seconds = typeof value === 'boolean' || typeof value === 'object' ? NaN : Number(value);
	if (seconds >= least && seconds < Infinity) return seconds * 1000;
	throw new RefusedInput(
		`'${displayName}' must be a number${least > 0 ? ' above 0' : ''}`,
		`Enter a number for '${displayName}' under 'Options'.`,
	);
}
