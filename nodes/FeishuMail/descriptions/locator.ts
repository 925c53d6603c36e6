import type { INodeProperties } from 'n8n-workflow';

import type { Item } from '../actions/item';
import { asText } from '../actions/requestBody';
import type { PathParameter } from '../transport/endpoint';
import { RefusedInput } from '../transport/refusedInput';

interface Locator {
	displayName: string;
	name: string;
	description: string;
	/** Gives the entries of the list: a key of `methods.listSearch`. */
	searchListMethod: string;
	/** Says what an id looks like. */
	idPlaceholder: string;
	/** Lets the user enter a name; what it looks like. */
	namePlaceholder?: string;
	/** How the name is called: a name, or a path of names. */
	nameMode?: 'By Name' | 'By Path';
	/** What is chosen at first. */
	preset?: { value: string; cachedResultName: string };
}

/** A field to choose a thing of the mailbox: from a list, by its id, or by its name. */
export function locator({
	namePlaceholder,
	idPlaceholder,
	searchListMethod,
	...field
}: Locator): INodeProperties {
	const { nameMode = 'By Name', preset, ...shown } = field;
	return {
		required: true,
		...shown,
		type: 'resourceLocator',
		default: { mode: 'list', value: '', ...preset },
		typeOptions: { loadOptionsDependsOn: ['authentication', 'userMailboxId'] },
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				typeOptions: { searchListMethod, searchable: true },
			},
			...(namePlaceholder === undefined
				? []
				: [{ displayName: nameMode, name: 'name', type: 'string' as const, placeholder: namePlaceholder }]),
			{ displayName: 'By ID', name: 'id', type: 'string', placeholder: idPlaceholder },
		],
	};
}

/** What a user chose: an id, or a name that is to be looked up. */
export interface Choice extends PathParameter {
	by: 'id' | 'name';
}

/**
 * What a field of this kind holds. A plain text, as an expression may give, is an id.
 *
 * @throws RefusedInput where nothing is chosen
 */
export function readLocator(item: Pick<Item, 'read'>, parameter: string): Choice {
	const { value: located, displayName } = item.read(parameter);
	const { mode, value } = isLocated(located) ? located : { mode: 'id', value: located };
	const text = (asText(value, displayName) ?? '').trim();
	if (text) return { by: mode === 'name' ? 'name' : 'id', displayName, value: text };
	throw new RefusedInput(
		`'${displayName}' is empty`,
		`Choose one from the list, or enter an ID for '${displayName}'.`,
	);
}

const isLocated = (value: unknown): value is { mode?: unknown; value: unknown } =>
	typeof value === 'object' && value !== null && 'value' in value;

/**
 * The one of several things that has a name: exactly, or the only one when upper and lower case are alike.
 *
 * @param nameOf the name of a thing
 */
export function findByName<T>(
	things: Iterable<T>,
	name: string,
	nameOf: (thing: T) => string,
): T | undefined {
	const alike: T[] = [];
	for (const thing of things) {
		if (nameOf(thing) === name) return thing;
		if (nameOf(thing).toLowerCase() === name.toLowerCase()) alike.push(thing);
	}
	return alike.length === 1 ? alike[0] : undefined;
}
