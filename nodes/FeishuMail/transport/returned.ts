import { isObject, type Answer } from './answer';
import type { Endpoint, Page } from './endpoint';

/** What a success holds, or what it lacks of what its endpoint declares: a noun for the user. */
export type Returned<A> = { returned: A } | { lacks: string };

/** The id of a thing that an endpoint returns or lists, where it has one. */
export const idOf = ({ id = 'id' }: Endpoint<object>, thing: unknown): unknown =>
	id === null ? thing : isObject(thing) ? thing[id] : undefined;

const isThing = (value: unknown, endpoint: Endpoint<object>) => {
	const id = idOf(endpoint, value);
	return typeof id === 'string' && id !== '';
};

/** The object that an endpoint returns, or the whole `data` where it declares none; nothing at all is an empty one. */
export function readReturned<A extends object>(endpoint: Endpoint<A>, { body }: Answer): Returned<A> {
	const data = body.data ?? {};
	if (!isObject(data)) return { lacks: 'data in the documented form' };
	const { returns, id } = endpoint;
	const returned = returns ? data[returns] : data;
	if (!isObject(returned)) return { lacks: String(returns) };
	if ((returns ?? id) && !isThing(returned, endpoint)) return { lacks: `id of the ${returns ?? 'result'}` };
	return { returned: returned as A };
}

const afterLost = new WeakSet<object>();

/** Notes that an earlier try of the same request may have been carried out. */
export function noteLostTry<A>(returned: A): A {
	if (typeof returned === 'object' && returned !== null) afterLost.add(returned);
	return returned;
}

/** Whether what was returned tells of a request of which an earlier try may have been carried out. */
export const followsLostTry = (returned: object): boolean => afterLost.has(returned);

/** What a page of a list holds, and how the list goes on. */
export interface ReadPage<A> {
	items: A[];
	/** The token of the next page; absent on the last one. */
	next?: string;
	/** Why it is not certain that the list ends here: a clause for the user. */
	brokenOff?: string;
	/** When it was read by the server's clock, in milliseconds since 1970; NaN where that is not known. */
	readAt: number;
}

/** The things that an endpoint gives of those that were asked for by their ids. A success without any has found none. */
export function readThings<A>(endpoint: Endpoint<Page<A>>, { body: { data } }: Answer): Returned<A[]> {
	if (!isObject(data)) return { lacks: 'data in the documented form' };
	const { lists = 'items' } = endpoint;
	const things = data[lists] ?? [];
	if (!Array.isArray(things)) return { lacks: `list of ${lists}` };
	if (!things.every((thing) => isThing(thing, endpoint))) return { lacks: `id of one of the ${lists}` };
	return { returned: things as A[] };
}

/** A page of the things that an endpoint lists, each with its id. A list without `items` is empty. */
export function readPage<A>(
	endpoint: Endpoint<Page<A>>,
	{ body: { data }, date = '' }: Answer,
): Returned<ReadPage<A>> {
	const readAt = Date.parse(date);
	if (data === undefined || data === null) {
		return { returned: { items: [], brokenOff: 'The answer reports success, but holds no list', readAt } };
	}
	if (!isObject(data)) return { lacks: 'data in the documented form' };
	const items = data[endpoint.lists ?? 'items'] ?? [];
	if (!Array.isArray(items)) return { lacks: 'list of items' };
	if (!items.every((item) => isThing(item, endpoint))) return { lacks: 'id of one of the items' };
	const page = { items: items as A[], readAt };
	if (!data.has_more) return { returned: page };
	const { page_token: next } = data;
	if (typeof next === 'string' && next !== '') return { returned: { ...page, next } };
	return { returned: { ...page, brokenOff: 'A page says that there is more, but not where' } };
}
