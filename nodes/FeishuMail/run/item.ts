import type { IDataObject, INodeProperties } from 'n8n-workflow';

import type { Endpoint, Findable, Page, PathParameter } from '../transport/endpoint';
import type { GrantedScopes } from '../transport/grantedScopes';
import { RefusedInput } from '../transport/refusedInput';
import { requestBody, asText, type BodyRules } from './requestBody';
import type { Run } from './run';

const isEmpty = (value: unknown) => value === undefined || value === null || value === '';

/** Values for the parts of a request besides its method. */
interface Request {
	query?: IDataObject;
	body?: IDataObject;
}

/** One input item as an operation sees it: its parameters, and the way to Feishu. */
export class Item {
	/** @param values what parameters hold: asked for a collection, n8n works out all expressions in it each time */
	constructor(
		readonly run: Run,
		readonly index: number,
		private readonly values: Map<string, unknown>,
	) {}

	/** Whether the requests act for an app or for a user. */
	get actsAsApp(): boolean {
		return this.run.client.identity === 'tenant';
	}

	/**
	 * A parameter as it is, with what the user calls it: from the top level or from a collection, the first that is not
	 * empty where it has several places. An option that is not set is undefined.
	 */
	read(parameter: string): { value: unknown; displayName: string } {
		return this.run
			.placesOf(parameter)
			.map(({ field: { displayName, name, default: preset }, collection }) => {
				if (!collection) return { displayName, value: this.valueOf(name, preset) };
				return { displayName, value: (this.valueOf(collection.name, {}) as IDataObject)[name] };
			})
			.reduce((first, next) => (isEmpty(first.value) ? next : first));
	}

	private valueOf(name: string, fallback: INodeProperties['default'] | object): unknown {
		if (!this.values.has(name)) this.values.set(name, this.run.parameter(name, this.index, fallback));
		return this.values.get(name);
	}

	/** @throws RefusedInput that names all required fields, where several have no value */
	requireAll(): void {
		const empty = this.run.requiredFields
			.filter(({ name, default: fallback }) => isUnset(this.valueOf(name, fallback)))
			.map(({ displayName }) => `'${displayName}'`);
		if (empty.length < 2) return;
		throw new RefusedInput(
			`${empty.slice(0, -1).join(', ')} and ${empty[empty.length - 1]} are empty`,
			'Each of these fields needs a value: enter them, and see that their expressions give one.',
		);
	}

	/** A parameter as text without outer blanks, for an address. */
	pathParameter(parameter: string): PathParameter {
		const { value, displayName } = this.read(parameter);
		return { displayName, value: (asText(value, displayName) ?? '').trim() };
	}

	/**
	 * A request body from the parameters of the same names, checked against what Feishu takes. Empty values are absent.
	 *
	 * @throws RefusedInput for a value that Feishu is documented to refuse
	 */
	body(rules: BodyRules): IDataObject {
		return requestBody(rules, (parameter) => this.read(parameter));
	}

	/**
	 * Like `body`, for a change to what exists: an empty text is sent and clears the field.
	 *
	 * @throws RefusedInput for a value that Feishu is documented to refuse
	 */
	changes(rules: BodyRules): IDataObject {
		return requestBody(rules, (parameter) => this.read(parameter), 'clears');
	}

	/** Which app the run acts through, once a request is in order that is to follow. Errors: see `Client.call`. */
	async app(endpoint: Endpoint<object>, path: Record<string, PathParameter>): Promise<string> {
		return await this.run.client.app(endpoint, { path, ...this.patience });
	}

	/** Calls an endpoint for this item, except for those that `create` is for. Errors: see `Client.call`. */
	async call<A extends object>(
		endpoint: Exclude<Endpoint<A>, Findable<A>>,
		path: Record<string, PathParameter>,
		request: Request = {},
	): Promise<A> {
		return await this.run.client.call(endpoint, { path, ...request, ...this.patience });
	}

	/** Calls an endpoint that creates what can be found again. Errors: see `Client.create`. */
	async create<A extends object>(
		endpoint: Findable<A>,
		path: Record<string, PathParameter>,
		request: Request,
		find: () => Promise<A | undefined>,
	): Promise<A> {
		return await this.run.client.create(endpoint, { path, ...request, ...this.patience }, find);
	}

	/** Lists what an endpoint gives, reading no more than is taken. Options and errors: see `Client.list`. */
	list<A extends object>(
		endpoint: Endpoint<Page<A>>,
		path: Record<string, PathParameter>,
		{ limit, complete, ...request }: Request & { limit?: number; complete?: boolean } = {},
	): AsyncGenerator<A, void> {
		const call = { path, ...request, ...this.patience };
		return this.run.client.list(endpoint, call, { limit, complete });
	}

	/** What was granted to whom the requests act for; undefined where it cannot be known. */
	async grantedScopes(): Promise<GrantedScopes> {
		return await this.run.client.grantedScopes(this.patience);
	}

	private get patience() {
		return { itemIndex: this.index, ...this.run.patience(this.index) };
	}
}

/** Also a resource locator in which nothing is chosen. */
const isUnset = (value: unknown): boolean =>
	isEmpty(value) || (typeof value === 'object' && value !== null && 'value' in value && isEmpty(value.value));
