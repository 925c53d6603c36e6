import type { IDataObject } from 'n8n-workflow';

import { RefusedInput } from './refusedInput';
import type { Identity } from './session';

/** What a code means on one endpoint, and what to do about it. `{scopes}` becomes the endpoint's scopes. */
export type Hints = Readonly<Record<number, string>>;

/** Several things in one call. */
export interface Batch {
	/** The key of the body that holds their ids. */
	ids: string;
	/** How many it takes at most. */
	most: number;
	/** Codes of refusals that may be about one of them only. */
	doubtful: readonly number[];
	/** Those of the codes that say of one that it is not there. */
	gone?: readonly number[];
}

/** What an endpoint declares that is about several things in one call. */
export interface Batched {
	batch: Batch;
}

/** What an endpoint declares whatever it does. */
interface Common<Returned extends object> {
	/** Starts with `/open-apis`; `:name` marks a path parameter. */
	path: string;
	/** Whose access tokens it accepts. Absent: an app's and a user's. */
	tokens?: readonly Identity[];
	/** Any one of these suffices. */
	scopes: readonly string[];
	/** Fields that Feishu leaves out of its answers without a scope, silently: their names, and the scope of each. */
	fieldScopes?: Readonly<Record<string, string>>;
	/** How many calls Feishu allows the app in an organisation, such as `20 contact creations a minute`. */
	quota: string;
	/** How much a page holds at most, where the endpoint lists page by page. */
	pageSize?: number;
	/** The key of `data` that holds the answer: an object with its id. */
	returns?: string;
	/** The key of `data` that holds the things it lists; `items` where it is absent. */
	lists?: string;
	/** The key of the id that what it returns has, or each thing it lists; `id` where it is absent, null for bare ids. */
	id?: string | null;
	/** Where one call is about several things. */
	batch?: Batch;
	/** Codes that come with HTTP 5xx and are refusals all the same, which another try would not change. */
	refusals?: readonly number[];
	/** Codes whose meaning this endpoint defines: the same code means other things elsewhere. */
	hints: Hints;
	/** Never set: carries the type of what it returns. */
	readonly returned?: Returned;
}

/** What a write declares besides, for the case that its answer is lost. */
interface Write {
	method: 'DELETE' | 'PATCH' | 'POST' | 'PUT';
	/** What to look for when nobody knows whether Feishu carried it out. */
	verify: string;
	/** Codes that say, after a try whose answer was lost, that this try did the work. */
	doneCodes?: readonly number[];
}

/** Changes nothing, so it may be repeated. Feishu has reads by POST, too. */
export type Read<Returned extends object = IDataObject> = Common<Returned> &
	({ method: 'GET'; write?: undefined } | { method: 'POST'; write: 'none' }) &
	Partial<Record<Exclude<keyof Write, 'method'>, undefined>>;

/** Says how things shall be, so that sending it twice does no harm: after a lost answer it is sent again. */
export type Repeatable<Returned extends object = IDataObject> = Common<Returned> &
	Write & { write: 'repeatable' };

/** Creates what has a name or key of its own: after a lost answer it is looked up, and sent again if it is not there. */
export type Findable<Returned extends object = IDataObject> = Common<Returned> &
	Write & {
		write: 'findable';
		/** What is true where a look shows that it was not carried out: a clause. Absent: nothing was created. */
		undone?: string;
	};

/**
 * Carries a key of its own, by which Feishu refuses it the second time, with one of `doneCodes`: after a lost answer it is
 * sent again. Any other refusal then says nothing of the try that was lost. What it returns where it was refused for its
 * key is `{ doneBefore: true }`.
 */
export type Keyed<Returned extends object = IDataObject> = Common<Returned> &
	Write & { write: 'keyed'; doneCodes: readonly number[] };

/** Does something more each time, which nothing tells from the other times: after a lost answer nobody knows. */
export type Single<Returned extends object = IDataObject> = Common<Returned> & Write & { write: 'single' };

/**
 * One endpoint of the Open API, as its reference page declares it.
 *
 * `Returned` is the type of the object it returns, or of `data` itself where `returns` is absent.
 */
export type Endpoint<Returned extends object = IDataObject> =
	Read<Returned> | Repeatable<Returned> | Findable<Returned> | Keyed<Returned> | Single<Returned>;

/** Whether a request that may have been carried out can be sent again without doing anything twice. */
export const mayBeRepeated = ({ write }: Endpoint<object>): boolean =>
	write !== 'findable' && write !== 'single';

/** A quota as numbers: how many calls in how many seconds. Undefined where Feishu publishes none. */
export function windowOf({ quota }: Endpoint<object>): { limit: number; seconds: number } | undefined {
	const [, limit, unit] = /^(\d+) .+ an? (minute|second)$/.exec(quota) ?? [];
	return limit ? { limit: Number(limit), seconds: unit === 'minute' ? 60 : 1 } : undefined;
}

/** What an endpoint that lists things gives; without pages all of them. An empty list may be left out. */
export interface Page<A> {
	items?: A[];
	has_more?: boolean;
	page_token?: string;
}

/** Whether an endpoint accepts the access token of an app or of a user. */
export const accepts = ({ tokens }: Pick<Endpoint<object>, 'tokens'>, identity: Identity): boolean =>
	tokens?.includes(identity) ?? true;

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
