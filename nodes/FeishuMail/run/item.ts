import type { IBinaryData, IDataObject, INodeProperties } from 'n8n-workflow';

import type { Call } from '../transport/client';
import { readBytes, type Bytes } from '../transport/download';
import type {
	Batched,
	Endpoint,
	Findable,
	Page,
	PathParameter,
	Read,
	Repeatable,
} from '../transport/endpoint';
import type { GrantedScopes } from '../transport/grantedScopes';
import { RefusedInput } from '../transport/refusedInput';
import type { ReadPage } from '../transport/returned';
import type { Wish } from './batches';
import { byId, isAboutOne, readAll, readEach } from './readAll';
import { requestBody, asText, chosen, type BodyRules, type TextRule } from './requestBody';
import type { Run } from './run';

const isEmpty = (value: unknown) => value === undefined || value === null || value === '';

const switchPositions = [
	{ name: 'True (1)', value: 'true' },
	{ name: 'False (0)', value: 'false' },
];

/** What the path of a request has besides what those of all have. */
type Path = Record<string, PathParameter>;

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
			.map(({ field: { displayName, name, default: preset = '' }, collection }) => {
				if (!collection) return { displayName, value: this.valueOf(name, preset) };
				return { displayName, value: (this.valueOf(collection.name, {}) as IDataObject)[name] };
			})
			.reduce((first, next) => (isEmpty(first.value) ? next : first));
	}

	/**
	 * Like `read`, for what the user must not miss: n8n drops options whose expression gives nothing. An empty text is a
	 * value.
	 *
	 * @param otherwise what would happen without it, and what to do: a sentence or two
	 * @throws RefusedInput where something is entered, and nothing comes of it
	 */
	readEntered(parameter: string, otherwise: string): { value: unknown; displayName: string } {
		const { value, displayName } = this.read(parameter);
		const isLost = (value === undefined || value === null) && this.isEntered(parameter);
		if (!isLost) return { value, displayName };
		throw new RefusedInput(`'${displayName}' has no value: its expression gives nothing`, otherwise);
	}

	/**
	 * A parameter as text; undefined where nothing is entered.
	 *
	 * @param otherwise what to tell where something is entered, and nothing comes of it: see `readEntered`
	 * @throws RefusedInput for lists and objects
	 */
	text(parameter: string, otherwise?: string): string | undefined {
		const { value, displayName } =
			otherwise === undefined ? this.read(parameter) : this.readEntered(parameter, otherwise);
		return asText(value, displayName);
	}

	/**
	 * The value of the choice that a parameter names, or the preset where it names nothing.
	 *
	 * @throws RefusedInput for a text that names none
	 */
	choice<P extends string | undefined = undefined>(
		parameter: string,
		choices: NonNullable<TextRule['oneOf']>,
		preset?: P,
	): string | P {
		const text = this.text(parameter) ?? preset;
		const { displayName } = this.read(parameter);
		return text === undefined ? (preset as P) : chosen(text, choices, displayName);
	}

	/**
	 * Whether a switch is on; its default where it is not set. Expressions give texts such as `false` as well.
	 *
	 * @throws RefusedInput for what is neither on nor off
	 */
	isOn(parameter: string): boolean {
		const { value, displayName } = this.readEntered(
			parameter,
			'See that the expression gives true or false.',
		);
		if (value === undefined || value === null) {
			return this.run.placesOf(parameter).some(({ field }) => field.default === true);
		}
		return chosen(asText(value, displayName) ?? '', switchPositions, displayName) === 'true';
	}

	/** Whether the workflow holds something for a field, whatever comes of it. */
	private isEntered(parameter: string): boolean {
		return this.run.placesOf(parameter).some(({ field: { name }, collection }) => {
			const entered = this.run.entered(collection?.name ?? name);
			return !isEmpty(collection ? (entered as IDataObject | undefined)?.[name] : entered);
		});
	}

	/** What tries of the item tell later ones. */
	get memory(): IDataObject {
		return this.run.memoryOf(this.index);
	}

	/** A binary field of the input item. */
	binary(name: string): IBinaryData | undefined {
		const fields = this.run.input(this.index).binary ?? {};
		return Object.hasOwn(fields, name) ? fields[name] : undefined;
	}

	get binaryNames(): string[] {
		return Object.keys(this.run.input(this.index).binary ?? {});
	}

	/** The bytes of a file, wherever n8n keeps them. */
	async bytesOf(data: IBinaryData): Promise<Buffer> {
		return await this.run.bytesOf(this.index, data);
	}

	/** How many bytes a file has, without reading them; undefined where n8n does not tell. */
	async sizeOf(data: IBinaryData): Promise<number | undefined> {
		return await this.run.sizeOf(data);
	}

	private valueOf(name: string, fallback: INodeProperties['default'] | object): unknown {
		if (!this.values.has(name)) this.values.set(name, this.run.parameter(name, this.index, fallback));
		return this.values.get(name);
	}

	/**
	 * What is to be in order before anything else.
	 *
	 * @throws RefusedInput for an operation that does not work with the chosen authentication; and where several required
	 * fields have no value, with all their names
	 */
	requireAll(): void {
		for (const endpoint of this.run.operation.endpoints) this.run.client.requireToken(endpoint);
		const empty = this.run.requiredFields
			.filter((field) => this.isShown(field) && isUnset(this.valueOf(field.name, field.default ?? '')))
			.map(({ displayName }) => `'${displayName}'`);
		if (empty.length < 2) return;
		throw new RefusedInput(
			`${empty.slice(0, -1).join(', ')} and ${empty[empty.length - 1]} are empty`,
			'Each of these fields needs a value: enter them, and see that their expressions give one.',
		);
	}

	private isShown({ displayOptions: { show = {}, hide = {} } = {} }: INodeProperties): boolean {
		const isOne = ([name, values]: [string, unknown[]?]) => values?.includes(this.valueOf(name, ''));
		return Object.entries(show).every(isOne) && !Object.entries(hide).some(isOne);
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
	async app(endpoint: Endpoint<object>, path?: Path): Promise<string> {
		return await this.run.client.app(endpoint, this.asCall(path));
	}

	/** Calls an endpoint for this item, except for those that `create` is for. Errors: see `Client.call`. */
	async call<A extends object>(
		endpoint: Exclude<Endpoint<A>, Findable<A>>,
		path?: Path,
		request: Request = {},
	): Promise<A> {
		return await this.run.client.call(endpoint, this.asCall(path, request));
	}

	/** Calls an endpoint that creates what can be found again. Errors: see `Client.create`. */
	async create<A extends object>(
		endpoint: Findable<A>,
		path: Path,
		request: Request,
		find: () => Promise<A | undefined>,
	): Promise<A> {
		return await this.run.client.create(endpoint, this.asCall(path, request), find);
	}

	/**
	 * Changes a thing together with those of other items of which the same is wanted. Changes to one mailbox go one after
	 * the other: Feishu refuses what overlaps. Errors: see `Client.call`.
	 */
	async changeTogether(
		endpoint: Repeatable & Batched,
		path: Path,
		id: string,
		body: IDataObject = {},
	): Promise<void> {
		const places = Object.values(this.asCall(path).path);
		const lane = JSON.stringify(places.map(({ value }) => value.toLowerCase()));
		await this.join(endpoint, path, { id, lane, body }, async (call) => {
			await this.run.client.call(endpoint, call);
			return () => undefined;
		});
	}

	/** Reads a thing together with those of other items; undefined where there is none. Errors: see `Client.call`. */
	async readTogether<A extends object>(
		endpoint: Read<Page<A>> & Batched,
		path: Path,
		id: string,
		body: IDataObject = {},
	): Promise<A | undefined> {
		return await this.join<A | undefined>(endpoint, path, { id, body }, async (call) => {
			const things = byId(endpoint, await this.run.client.things(endpoint, call));
			return (wanted) => things.get(wanted);
		});
	}

	/**
	 * Reads several things that were just listed, in the order of their ids. Some may be gone since, hardly ever all.
	 * Errors: see `Client.call`.
	 */
	async readAll<A extends object>(
		endpoint: Read<Page<A>> & Batched,
		path: Path,
		ids: string[],
		body: IDataObject = {},
	): Promise<A[]> {
		return await readAll(this.run.client, endpoint, this.asCall(path, { body }), ids);
	}

	/** The same, without an order: those that there are, by their ids, and what is gone. Errors: see `Client.call`. */
	async readEach<A extends object>(
		endpoint: Read<Page<A>> & Batched,
		path: Path,
		ids: string[],
		body: IDataObject = {},
	): ReturnType<typeof readEach<A>> {
		return await readEach(this.run.client, endpoint, this.asCall(path, { body }), ids);
	}

	/** One page of what an endpoint lists; the first without a token. Errors: see `Client.call`. */
	async page<A>(
		endpoint: Endpoint<Page<A>>,
		path: Path,
		request: Request,
		token?: string,
	): Promise<ReadPage<A>> {
		return await this.run.client.page(endpoint, this.asCall(path, request), token);
	}

	private async join<T>(
		endpoint: Endpoint<object> & Batched,
		path: Path,
		{ id, lane, body }: { id: string; lane?: string; body: IDataObject },
		send: (call: Call) => Promise<(id: string) => unknown>,
	): Promise<T> {
		const call = this.asCall(path);
		await this.run.client.app(endpoint, call);
		const { batch } = endpoint;
		const { maxWait, timeout } = call;
		const wish: Wish = {
			index: this.index,
			id,
			lane,
			kind: JSON.stringify([endpoint.path, call.path, body, maxWait, timeout]),
			most: batch.most,
			isDoubtful: isAboutOne(endpoint),
			send: async (ids) => await send({ ...call, body: { ...body, [batch.ids]: ids } }),
		};
		try {
			return await this.run.batches.join<T>(wish);
		} catch (error) {
			throw this.run.client.failureOf(this.index, error);
		}
	}

	/** Fetches a file by a temporary link, and stores it. Errors: see `Client.download`. */
	async download(name: string, linkOf: (tried: number) => Promise<string>): Promise<IBinaryData> {
		const store = async (bytes: Bytes) => await this.run.store(bytes, name);
		return await this.run.client.download(name, this.patience, linkOf, store);
	}

	/**
	 * Fetches a file by a temporary link into memory; undefined for one of more bytes than wanted. Errors: see
	 * `Client.download`.
	 */
	async fetch(
		name: string,
		linkOf: (tried: number) => Promise<string>,
		most: number,
	): Promise<Buffer | undefined> {
		const read = async (bytes: Bytes) => await readBytes(bytes, most);
		return await this.run.client.download(name, this.patience, linkOf, read);
	}

	/** Lists what an endpoint gives, reading no more than is taken. Options and errors: see `Client.list`. */
	list<A>(
		endpoint: Endpoint<Page<A>>,
		path?: Path,
		{ limit, complete, ...request }: Request & { limit?: number; complete?: boolean } = {},
	): AsyncGenerator<A, void> {
		const call = this.asCall(path, request);
		return this.run.client.list(endpoint, call, { limit, complete });
	}

	/** All that an endpoint lists, or as much as is wanted. Errors: see `Client.list`. */
	async all<A>(
		endpoint: Endpoint<Page<A>>,
		path?: Path,
		{ limit = Infinity, ...request }: Request & { limit?: number } = {},
	): Promise<A[]> {
		const things: A[] = [];
		const extent = { ...request, limit, complete: limit === Infinity };
		for await (const thing of this.list(endpoint, path, extent)) things.push(thing);
		return things;
	}

	/** What was granted to whom the requests act for; undefined where it cannot be known. */
	async grantedScopes(): Promise<GrantedScopes> {
		return await this.run.client.grantedScopes(this.patience);
	}

	/** A request, with what all requests for the item have. */
	private asCall(path: Path = {}, request: Request = {}): Call {
		return { path: { ...this.run.operation.path?.(this), ...path }, ...request, ...this.patience };
	}

	private get patience() {
		return { itemIndex: this.index, ...this.run.patience(this.index) };
	}
}

/** Also a resource locator in which nothing is chosen. */
const isUnset = (value: unknown): boolean =>
	isEmpty(value) ||
	(Array.isArray(value) && value.length === 0) ||
	(typeof value === 'object' && value !== null && 'value' in value && isEmpty(value.value));
