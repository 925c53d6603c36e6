import type { INodeProperties } from 'n8n-workflow';

import type { Item } from '../run/item';
import { asText } from '../run/requestBody';
import type { PathParameter } from '../transport/endpoint';
import { RefusedInput } from '../transport/refusedInput';
import { comparable } from './comparable';

/** By what things are looked up; in saved workflows, never renamed. */
const lookUps = ['mailAddress', 'name'] as const;

interface LookUp {
	name: (typeof lookUps)[number];
	/** A name may be called a path. */
	displayName: string;
	placeholder: string;
}

interface Locator {
	displayName: string;
	name: string;
	description: string;
	/** Gives the entries of the list: a key of `methods.listSearch`. */
	searchListMethod: string;
	/** What an id is called, where it is something else to a user. */
	idName?: string;
	/** Says what an id looks like. */
	placeholder: string;
	/** What else the user may enter, to be looked up. */
	modes?: readonly LookUp[];
	/** What is chosen at first. */
	preset?: { value: string; cachedResultName: string };
}

/** A field to choose a thing of the mailbox: from a list, by its id, or by what it is looked up by. */
export function locator({
	modes: entered = [],
	idName = 'By ID',
	placeholder,
	searchListMethod,
	preset,
	...field
}: Locator): INodeProperties {
	return {
		required: true,
		...field,
		type: 'resourceLocator',
		default: { mode: 'list', value: '', ...preset },
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				typeOptions: { searchListMethod, searchable: true },
			},
			...entered.map((lookUp) => ({ ...lookUp, type: 'string' as const })),
			{ displayName: idName, name: 'id', type: 'string', placeholder },
		],
	};
}

/** What a user chose: an id, or what is to be looked up. */
export interface Choice extends PathParameter {
	by: 'id' | LookUp['name'];
}

/**
 * What a field of this kind holds. A plain text, as an expression may give, is an id.
 *
 * @throws RefusedInput where nothing is chosen
 */
export function readLocator(item: Pick<Item, 'read'>, parameter: string): Choice {
	const { mode, value, displayName } = readLocated(item, parameter);
	const by = lookUps.find((lookUp) => lookUp === mode) ?? 'id';
	if (by === 'id' && typeof value === 'number' && !Number.isSafeInteger(value)) {
		throw new RefusedInput(
			`'${displayName}' is a number that cannot hold all digits of an ID`,
			'IDs of Feishu have more digits than a number keeps: read them as text, in quotes where they come from JSON.',
		);
	}
	const text = (asText(value, displayName) ?? '').trim();
	if (text) return { by, displayName, value: text };
	throw new RefusedInput(
		`'${displayName}' is empty`,
		`Choose one from the list, or enter a value for '${displayName}'.`,
	);
}

/**
 * What a field of this kind holds that need not be there; undefined also for an empty text by expression.
 *
 * @param otherwise what would happen without it, and what to do: a sentence or two
 * @throws RefusedInput where its expression gives nothing, and where none is chosen from the list
 */
export function readOptionalLocator(
	item: Pick<Item, 'read' | 'readEntered'>,
	parameter: string,
	otherwise: string,
): Choice | undefined {
	const { value, displayName } = item.readEntered(parameter, otherwise);
	if (value === undefined || value === null) return undefined;
	if (!isLocatorSet(item, parameter)) {
		throw new RefusedInput(`'${displayName}' has no value: its expression gives nothing`, otherwise);
	}
	// n8n empties the list where another credential is chosen.
	const { mode } = readLocated(item, parameter);
	return mode === 'list' || isChosen(item, parameter) ? readLocator(item, parameter) : undefined;
}

/** Whether a field of this kind is there and its expression gives a value; an empty text is one. */
export function isLocatorSet(item: Pick<Item, 'read'>, parameter: string): boolean {
	const { value } = readLocated(item, parameter);
	return value !== undefined && value !== null;
}

/** Whether something is chosen in a field of this kind. n8n empties it where another credential is chosen. */
export function isChosen(item: Pick<Item, 'read'>, parameter: string): boolean {
	const { value } = readLocated(item, parameter);
	return String(value ?? '').trim() !== '';
}

function readLocated(item: Pick<Item, 'read'>, parameter: string) {
	const { value: located, displayName } = item.read(parameter);
	const { mode, value } = isLocated(located) ? located : { mode: 'id', value: located };
	return { mode, value, displayName };
}

const isLocated = (value: unknown): value is { mode?: unknown; value: unknown } =>
	typeof value === 'object' && value !== null && 'value' in value;

/** In what texts may be the same, the strictest first. */
const likenesses = [(text: string) => text, (text: string) => text.normalize('NFC'), comparable];

/**
 * The things that have a name: exactly, or where there are none, that name in another Unicode form, or else in upper
 * and lower case.
 *
 * @param nameOf the name of a thing; Feishu may leave it out
 */
export function findByName<T>(
	things: Iterable<T>,
	name: string,
	nameOf: (thing: T) => string | null | undefined,
): T[] {
	const all = [...things];
	for (const likeness of likenesses) {
		const wanted = likeness(name);
		const found = all.filter((thing) => likeness(String(nameOf(thing) ?? '')) === wanted);
		if (found.length > 0) return found;
	}
	return [];
}

/**
 * The only thing of a name, for something to be done to it.
 *
 * @param found what `findByName` gives
 * @param kind what the things are called, such as `label`
 * @param advice what to do where there is none
 * @throws RefusedInput where there is none, or more than one
 */
export function onlyOne<T extends { id: string }>(
	found: T[],
	{ displayName, value }: Choice,
	kind: string,
	advice: string,
): T {
	const [only, another] = found;
	if (only && !another) return only;
	if (!only) throw new RefusedInput(`'${displayName}': the mailbox has no ${kind} '${value}'`, advice);
	throw new RefusedInput(
		`'${displayName}': the mailbox has ${found.length} ${kind}s '${value}'`,
		`Their IDs are ${found.map(({ id }) => id).join(', ')}. Choose one from the list or by its ID.`,
	);
}
