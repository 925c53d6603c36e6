import type { Item } from '../run/item';
import { asText } from '../run/requestBody';
import { RefusedInput } from '../transport/refusedInput';

/**
 * What a field holds that takes several values: a list, or a text. Blanks around them, and empty ones, are left out.
 *
 * @throws RefusedInput for an id as a number, which has lost digits
 */
export function readList(item: Item, parameter: string): { displayName: string; values: string[] } {
	const { value, displayName } = item.read(parameter);
	const values = (Array.isArray(value) ? (value as unknown[]) : [value]).map((one) => {
		const isExact = typeof one !== 'number' || Math.abs(one) <= Number.MAX_SAFE_INTEGER;
		if (isExact) return (asText(one, displayName) ?? '').trim();
		throw new RefusedInput(
			`'${displayName}' holds a number that cannot hold all digits of an ID`,
			'IDs of Feishu have more digits than a number keeps: read them as text, in quotes where they come from JSON.',
		);
	});
	return { displayName, values: values.filter((one) => one !== '') };
}

/** The same, where a text may hold several values with commas between. */
export function readCommaList(item: Item, parameter: string): { displayName: string; values: string[] } {
	const { displayName, values } = readList(item, parameter);
	return {
		displayName,
		values: values.flatMap((value) => value.split(',').map((part) => part.trim())).filter(Boolean),
	};
}
