import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Item } from '../run/item';

/** One of several things that a field takes, each with fields of its own, which are read as an item's are. */
export type Entry = Pick<Item, 'read'>;

/** What adds another entry to such a field, on screen. */
export const addition = ({ options }: INodeProperties): string =>
	`Add ${(options as Array<{ displayName: string }>)[0]!.displayName}`;

/** What a field of several entries declares: they lie under `items`, as in the API. */
export const entriesField = (
	{ entry, ...field }: Pick<INodeProperties, 'displayName' | 'name' | 'description'> & { entry: string },
	values: INodeProperties[],
): INodeProperties => ({
	...field,
	type: 'fixedCollection',
	typeOptions: { multipleValues: true },
	placeholder: `Add ${entry}`,
	default: {},
	options: [{ displayName: entry, name: 'items', values }],
});

/** The entries of such a field; undefined where an item does not have it. Errors name an entry by its number, from 1. */
export function readEntries(item: Item, { name: parameter, options }: INodeProperties): Entry[] | undefined {
	const { value } = item.read(parameter);
	if (value === undefined || value === null) return undefined;
	const [group] = options as Array<{ displayName: string; values: INodeProperties[] }>;
	const { items } = value as { items?: unknown };
	return (Array.isArray(items) ? (items as IDataObject[]) : []).map((values, index) => ({
		read(name) {
			const { displayName } = group!.values.find((field) => field.name === name)!;
			return { value: values[name], displayName: `${group!.displayName} ${index + 1}: ${displayName}` };
		},
	}));
}
