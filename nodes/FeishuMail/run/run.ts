import { randomUUID } from 'crypto';

import type {
	IBinaryData,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeProperties,
	NodeParameterValueType,
} from 'n8n-workflow';

import { fieldsOf, readOptions } from './options';
import { Client } from '../transport/client';
import { NOTICEABLE } from '../transport/delivery';
import { clock, stopIfCancelled, unlessCancelled } from '../transport/clock';
import type { Bytes } from '../transport/download';
import { duration } from '../transport/duration';
import { isLasting } from '../transport/failure';
import { identityOf } from '../transport/session';
import { Batches } from './batches';
import { Item } from './item';
import { windowPerItem, type Task } from './operation';
import { Turns } from './turns';

/** Milliseconds that work without requests may take at a stretch: n8n serves everything else on the same event loop. */
const STRETCH = 40;

/** Things that runs of this n8n process have to themselves. */
const reservations = new Turns();

/** A field; an option of a collection together with that collection. */
interface Place {
	field: INodeProperties;
	collection?: INodeProperties;
}

const placesIn = (field: INodeProperties): Place[] => {
	const options = field.type === 'collection' ? (field.options as INodeProperties[]) : [];
	return [{ field }, ...options.map((option) => ({ field: option, collection: field }))];
};

/** One run of the node: an operation, its input items, and what they share. */
export class Run {
	readonly client: Client;

	private readonly places: Place[];

	/** The fields without which there is nothing to do. */
	readonly requiredFields: INodeProperties[];

	private readonly shared = new Map<string, unknown>();

	private readonly turns = new Turns();

	/** What its items want to be done together. */
	readonly batches: Batches;

	private readonly notes = new Set<string>();

	/** What ends the run's reservations. */
	private readonly endings: Array<() => void> = [];

	/** When everything else in n8n had its last turn for sure. By `clock.elapsed`. */
	private lastPause = clock.elapsed();

	/** Milliseconds that the run waited for things that other runs had reserved. */
	private waitedForRuns = 0;

	/** What each item's parameters hold, as far as they were asked for. */
	private readonly values: Array<Map<string, unknown>>;

	/** @param rehearsed the run that this one is the rehearsal of */
	constructor(
		private readonly context: IExecuteFunctions,
		readonly operation: Task,
		rehearsed?: Run,
	) {
		const identity = identityOf(context.getNodeParameter('authentication', 0, ''));
		this.client = new Client(context, identity, rehearsed !== undefined);
		this.values = rehearsed?.values ?? [];
		this.batches = new Batches(this.length, this.turns, async () => await this.pauseIfLong());
		const fields = fieldsOf(operation);
		this.places = fields.flatMap(placesIn);
		this.requiredFields = fields.filter(({ required }) => required);
	}

	/** How many input items there are. */
	get length(): number {
		return this.context.getInputData().length;
	}

	item(index: number): Item {
		return new Item(this, index, (this.values[index] ??= new Map()));
	}

	/** The same run, in which each item's work ends with `REHEARSED` at its first request. */
	rehearsal(): Run {
		return new Run(this.context, this.operation, this);
	}

	/**
	 * All input items in their order. Between them, everything else in n8n gets its turn.
	 *
	 * @throws RunCancelled
	 */
	async *items(): AsyncGenerator<Item, void> {
		const { length } = this;
		for (let index = 0; index < length; index++) {
			await this.pauseIfLong();
			stopIfCancelled(this.cancelled);
			yield this.item(index);
		}
	}

	/** Lets everything else in n8n have its turn where items have been worked on for long without a pause. */
	private async pauseIfLong(): Promise<void> {
		if (clock.elapsed() - this.lastPause <= STRETCH) return;
		await clock.pause();
		this.lastPause = clock.elapsed();
	}

	/** What `make` gives the first time it is asked for. */
	once<T>(key: string, make: () => T): T {
		if (!this.shared.has(key)) this.shared.set(key, make());
		return this.shared.get(key) as T;
	}

	/**
	 * What `read` gives the first time that it succeeds. A refusal that would be the same again is that of all items;
	 * after any other failure the next item reads for itself, with its own patience.
	 */
	async readOnce<T>(key: string, read: () => Promise<T>): Promise<T> {
		for (let other; (other = this.shared.get(key) as Promise<T> | undefined);) {
			const isDone = await other.then(() => true, isLasting);
			// All items may have waited for it.
			await this.turns.inTurn([`going on with ${key}`], async () => await this.pauseIfLong());
			if (isDone) return await other;
		}
		const reading = read();
		this.shared.set(key, reading);
		reading.catch((error: unknown) => {
			if (!isLasting(error)) this.shared.delete(key);
		});
		return await reading;
	}

	/** What `readOnce` has read, if anything. */
	async known<T>(key: string): Promise<T | undefined> {
		return await (this.shared.get(key) as Promise<T> | undefined)?.catch(() => undefined);
	}

	/**
	 * Does work on the same things one after the other, in the order in which it is asked for.
	 *
	 * @throws what ended the run meanwhile
	 */
	async inTurn<T>(things: readonly string[], work: () => Promise<T>): Promise<T> {
		return await this.turns.inTurn(things, async () => {
			this.batches.goOnUnlessStopped();
			return await work();
		});
	}

	/**
	 * Waits until no other run of this n8n process has reserved one of the things. Then they are this run's until its
	 * end; to be asked for once, all together.
	 *
	 * @throws RunCancelled
	 */
	async reserve(things: readonly string[]): Promise<void> {
		const { free, done } = reservations.ask(things);
		this.endings.push(done);
		const from = clock.elapsed();
		await unlessCancelled(free, this.cancelled);
		this.waitedForRuns += clock.elapsed() - from;
	}

	/** Lets other runs have what this one has reserved. */
	end(): void {
		for (const ending of this.endings) ending();
	}

	/** Logs how long the run takes at least, where that is long: n8n shows nothing of a node that waits. */
	announce(): void {
		const window = windowPerItem(this.operation);
		if (!window) return;
		const least = (Math.ceil(this.length / window.limit) - 1) * window.seconds * 1000;
		if (least < NOTICEABLE) return;
		this.context.logger.info(
			`${this.context.getNode().name}: ${this.length} items, of which Feishu's quota lets through ${window.limit} every ${window.seconds === 1 ? 'second' : `${window.seconds} seconds`}. This takes ${duration(least)} at least.`,
		);
	}

	/** Something that the user should know of the run although it succeeds; the same is told once. */
	note(message: string): void {
		this.notes.add(message);
	}

	/** The time zone of the workflow. */
	get timezone(): string {
		return this.context.getTimezone();
	}

	/** Puts a file where n8n keeps them. By its name, n8n tells its type. */
	async store(bytes: Bytes, name: string): Promise<IBinaryData> {
		return await this.context.helpers.prepareBinaryData(bytes, name);
	}

	/** The bytes of a file, wherever n8n keeps them. */
	async bytesOf(index: number, data: IBinaryData): Promise<Buffer> {
		return await this.context.helpers.getBinaryDataBuffer(index, data);
	}

	/** How many bytes a file has that n8n keeps elsewhere; undefined for one in memory, and where that is not known. */
	async sizeOf({ id }: IBinaryData): Promise<number | undefined> {
		if (!id) return undefined;
		return await this.context.helpers.getBinaryMetadata(id).then(
			({ fileSize }) => fileSize,
			() => undefined,
		);
	}

	input(index: number): INodeExecutionData {
		return this.context.getInputData()[index]!;
	}

	/** What the workflow holds for a field: a value, or the text of an expression. */
	entered(name: string): unknown {
		return this.context.getNode().parameters[name];
	}

	/**
	 * What tells an item of this run from every other one of n8n. Numbers of executions begin anew with each database, hence
	 * the instance and the day; a worker of n8n's queue that goes on with the execution of one that was lost comes within a
	 * minute. A run without an execution that n8n knows is like no other. To an agent, the calls of its tool in an execution
	 * are alike: n8n's Retry On Fail makes each try another call, and so does an agent that tries again by itself.
	 */
	factsOf(index: number): string[] {
		const execution = this.context.getExecutionId() || this.once('execution', randomUUID);
		const call = this.isTool ? ['tool'] : [this.runIndex, String(index)];
		const day = new Date(clock.now()).toISOString().slice(0, 10);
		return [this.context.getInstanceId(), day, execution, this.context.getNode().id, ...call];
	}

	/**
	 * What an earlier try of this run has noted of an item, and what is to be noted for a later one: n8n keeps it where
	 * Retry On Fail runs the node again, and where somebody retries the execution. Expressions may give something else
	 * by then; another operation begins anew.
	 */
	memoryOf(index: number): IDataObject {
		const items = (this.memory[this.place] ??= {}) as IDataObject;
		return (items[index] ??= {}) as IDataObject;
	}

	/** Nothing of this run is to be tried again. */
	forget(): void {
		delete this.memory[this.place];
	}

	/**
	 * What n8n keeps of the node with an execution. A tool has none of its own: n8n gives several calls that are under way
	 * the same number, and the MCP Server Trigger has no place for it.
	 */
	private get memory(): IDataObject {
		return this.isTool
			? this.once('memory', (): IDataObject => ({}))
			: (this.context.getContext('node') as IDataObject);
	}

	/** Where the memory holds the run. */
	private get place(): string {
		return `${this.runIndex}: ${this.operation.action}`;
	}

	/** Whether an agent calls the node. n8n 2.0 does not tell, but gives its tools more than other nodes. */
	private get isTool(): boolean {
		return 'getNextRunIndex' in this.context;
	}

	/** How often the node has run in this execution before, as in a loop. */
	private get runIndex(): string {
		return this.once('run index', () => String(this.context.getWorkflowDataProxy(0).$runIndex));
	}

	/** What the user should know of the run although it succeeded. */
	notices(): string[] {
		const { waitedForRuns, operation } = this;
		const isSingle = operation.endpoints.some(({ write }) => write === 'single');
		return [
			...(isSingle && this.context.getNode().retryOnFail
				? [
						"'Retry On Fail' is on: when one item fails, n8n runs all items again, and what was created is created once more. Switch it off under 'Settings' and choose 'Continue (using error output)' under 'On Error', or use the operation 'Create or Update'.",
					]
				: []),
			...(waitedForRuns < NOTICEABLE
				? []
				: [
						`Waited ${duration(waitedForRuns)} for other executions that were changing contacts of the same mailbox. They take turns, so that nobody is created twice.`,
					]),
			...this.notes,
			...this.client.notices(),
		];
	}

	private get cancelled(): AbortSignal | undefined {
		return this.context.getExecutionCancelSignal();
	}

	/** How long an item's requests wait, in milliseconds. */
	patience(index: number): { maxWait: number; timeout: number; isPoll?: boolean; until?: number } {
		return readOptions(this.context.getNodeParameter('options', index, {}) as IDataObject);
	}

	/** A parameter of an item as it is, at the top level. */
	parameter(name: string, index: number, fallback: NodeParameterValueType | object): unknown {
		return this.context.getNodeParameter(name, index, fallback);
	}

	/** The fields of the operation that have a parameter's name. */
	placesOf(parameter: string): Place[] {
		const found = this.places.filter(({ field }) => field.name === parameter);
		if (found.length > 0) return found;
		throw new Error(`The operation '${this.operation.action}' has no field '${parameter}'`);
	}
}
