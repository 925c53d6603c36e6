import type { IDataObject } from 'n8n-workflow';

import { RefusedInput } from '../transport/refusedInput';

/** What Feishu takes as the value of a text field. Lengths in Unicode code points, as Feishu counts. */
export interface TextRule {
	/** There is nothing without it. */
	required?: boolean;
	/** 1: it cannot be empty. */
	minLength?: number;
	maxLength?: number;
	/** The only values there are. A value's name, and either part of a name such as `Carmine (Deep Pink)`, stands for it. */
	oneOf?: ReadonlyArray<{ name: string; value: string }>;
}

/** A request body by the API's own field names. */
export type BodyRules = Readonly<Record<string, TextRule>>;

/** The parameter that holds a body field: the API's name in camelCase. */
export const parameterName = (key: string) =>
	key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/**
 * A parameter's value as the text to send; undefined where there is nothing to send.
 *
 * Expressions give numbers, booleans and dates as well: they are sent as text, dates in ISO 8601.
 *
 * @throws RefusedInput for lists and objects, whose text form nobody wants in an address book
 */
export function asText(value: unknown, displayName: string): string | undefined {
	if (value === null || value === undefined || value === '') return undefined;
	if (typeof value !== 'object') return String(value);
	// Date and luxon's DateTime, which $now gives.
	const json: unknown = 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON() : undefined;
	if (typeof json === 'string') return json;
	throw new RefusedInput(
		`'${displayName}' must be text, but its value is ${Array.isArray(value) ? 'a list' : 'an object'}`,
		`Choose one value of it in the expression, or turn it into text, for example with .join(", ") or JSON.stringify().`,
	);
}

/**
 * The body of a request, checked before it costs quota. Fields without a value are absent.
 *
 * @param read gives a parameter's value and its name on screen
 * @param emptyText whether an empty text is absent too, or clears what Feishu has
 * @throws RefusedInput for the first field that Feishu is documented to refuse
 */
export function requestBody(
	rules: BodyRules,
	read: (parameter: string) => { value: unknown; displayName: string },
	emptyText: 'isAbsent' | 'clears' = 'isAbsent',
): IDataObject {
	const body: IDataObject = {};
	for (const [key, rule] of Object.entries(rules)) {
		const { value, displayName } = read(parameterName(key));
		const text = value === '' && emptyText === 'clears' ? '' : asText(value, displayName);
		check(text, rule, displayName);
		if (text !== undefined) body[key] = rule.oneOf ? chosen(text, rule.oneOf, displayName) : text;
	}
	return body;
}

function check(
	text: string | undefined,
	{ required, minLength = 0, maxLength }: TextRule,
	displayName: string,
) {
	if (text === undefined ? required : text.length < minLength) {
		throw new RefusedInput(
			`'${displayName}' is empty`,
			`Feishu requires it: enter a value for '${displayName}'.`,
		);
	}
	if (text === undefined) return;
	// A text has at most as many code points as UTF-16 units, so most need no counting.
	const length = maxLength && text.length > maxLength ? Array.from(text).length : 0;
	if (maxLength && length > maxLength) {
		throw new RefusedInput(
			`'${displayName}' has ${length} characters; Feishu takes at most ${maxLength}`,
			`Shorten it, for example with an expression that ends in .slice(0, ${maxLength}).`,
		);
	}
}

/** What a choice may be called, in any letter case. */
const namesOf = ({ name, value }: { name: string; value: string }) =>
	[value, name, ...name.split(/[()]/)].map((text) => text.trim().toLowerCase());

/**
 * The value of the choice that a text names.
 *
 * @throws RefusedInput for a text that names none
 */
export function chosen(text: string, choices: NonNullable<TextRule['oneOf']>, displayName: string): string {
	const wanted = text.trim().toLowerCase();
	const choice = choices.find((candidate) => wanted !== '' && namesOf(candidate).includes(wanted));
	if (choice) return choice.value;
	throw new RefusedInput(
		`'${displayName}' must be one of: ${choices.map(({ value }) => value).join(', ')}`,
		`The value is '${text}'. Choose one from the list, or have the expression give one of these.`,
	);
}
