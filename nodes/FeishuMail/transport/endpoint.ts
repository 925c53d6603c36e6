import type { IDataObject, IHttpRequestMethods } from 'n8n-workflow';

import { RefusedInput } from './refusedInput';
import type { Identity } from './session';

/** What a code means on one endpoint, and what to do about it. `{scopes}` becomes the endpoint's scopes. */
export type Hints = Readonly<Record<number, string>>;

/**
 * One endpoint of the Open API, as its reference page declares it.
 *
 * `Returned` is the type of the object it returns, or of `data` itself where `returns` is absent.
 */
export interface Endpoint<Returned extends object = IDataObject> {
	method: IHttpRequestMethods;
	/** Starts with `/open-apis`; `:name` marks a path parameter. */
	path: string;
	/** Whose access tokens it accepts. */
	tokens: readonly Identity[];
	/** Any one of these suffices. */
	scopes: readonly string[];
	/** Fields that Feishu leaves out of its answers without a scope, silently: their names, and the scope of each. */
	fieldScopes?: Readonly<Record<string, string>>;
	/** How many calls Feishu allows the app in an organisation, such as `20 contact creations a minute`. */
	quota: string;
	/** Absent for a read. For a write: what to look for when nobody knows whether Feishu carried it out. */
	verify?: string;
	/** How much a page holds at most, where the endpoint lists page by page. */
	pageSize?: number;
	/** The key of `data` that holds the answer: an object with its id. */
	returns?: string;
	/** The key of the id that what it returns has, or each thing it lists; `id` where it is absent. */
	id?: string;
	/** Codes whose meaning this endpoint defines: the same code means other things elsewhere. */
	hints: Hints;
	/** Never set: carries the type of what it returns. */
	readonly returned?: Returned;
}

/** What an endpoint that lists things gives; without pages all of them. An empty list may be left out. */
export interface Page<A extends object> {
	items?: A[];
	has_more?: boolean;
	page_token?: string;
}

/** A path parameter's value, with the name its field has on screen. */
export interface PathParameter {
	displayName: string;
	value: string;
}

/**
 * The endpoint's path with its parameters filled in, each encoded as one segment.
 *
 * @throws RefusedInput for a value that would change the path: empty, or with a `.` or `..` segment, which some
 * proxies resolve even when the slashes around it are encoded; and for text that no address can hold
 */
export function fillPath(path: string, parameters: Record<string, PathParameter>): string {
	return path.replace(/:(\w+)/g, (_, name: string) => {
		const parameter = parameters[name];
		if (!parameter) throw new Error(`Path parameter ${name} of ${path} was not given`);
		const { displayName, value } = parameter;
		if (value.trim() === '')
			throw new RefusedInput(`'${displayName}' is empty`, `Enter a value for '${displayName}'.`);
		if (
			value.split(/[/\\]/).some((segment) => ['.', '..'].includes(segment.trim())) ||
			!value.isWellFormed()
		) {
			throw new RefusedInput(
				`'${displayName}' cannot be part of an address`,
				`Its value would change which address of the Feishu API is called. Check the value of '${displayName}'.`,
			);
		}
		return encodeURIComponent(value);
	});
}
