import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { fieldsOf, readOptions } from './options';
import { Client } from '../transport/client';
import { identityOf } from '../transport/session';
import { Item } from './item';
import type { Operation } from './operation';

/** One run of the node: an operation, its input items, and what they share. */
export class Run {
	readonly client: Client;

	readonly fields: INodeProperties[];

	private readonly shared = new Map<string, unknown>();

	constructor(
		private readonly context: IExecuteFunctions,
		readonly operation: Operation,
	) {
		this.client = new Client(context, identityOf(context.getNodeParameter('authentication', 0, '')));
		this.fields = fieldsOf(operation);
	}

	/** How many input items there are. */
	get length(): number {
		return this.context.getInputData().length;
	}

	item(index: number): Item {
		return new Item(this, index);
	}

	/** All input items in their order. */
	*items(): Generator<Item> {
		for (let index = 0; index < this.length; index++) yield this.item(index);
	}

	/** What `make` gives the first time it is asked for. */
	once<T>(key: string, make: () => T): T {
		if (!this.shared.has(key)) this.shared.set(key, make());
		return this.shared.get(key) as T;
	}

	/** What `read` gives the first time that it succeeds; after a failure the next item reads again. */
	async readOnce<T>(key: string, read: () => Promise<T>): Promise<T> {
		return await this.once(key, () => {
			const reading = read();
			reading.catch(() => this.shared.delete(key));
			return reading;
		});
	}

	/** What `once` or `readOnce` made, if it has been asked for. */
	known<T>(key: string): T | undefined {
		return this.shared.get(key) as T | undefined;
	}

	/** How long an item's requests wait, in milliseconds. */
	patience(index: number): { maxWait: number; timeout: number } {
		return readOptions(this.context.getNodeParameter('options', index, {}) as IDataObject);
	}

	/** A field of the operation, from the top level or from the collection that the fields put it in. */
	read(parameter: string, index: number): { value: unknown; displayName: string } {
		for (const field of this.fields) {
			if (field.name === parameter) {
				return {
					value: this.context.getNodeParameter(parameter, index, field.default),
					displayName: field.displayName,
				};
			}
			const option = (field.type === 'collection' ? (field.options as INodeProperties[]) : []).find(
				({ name }) => name === parameter,
			);
			if (option) {
				const collection = this.context.getNodeParameter(field.name, index, {}) as IDataObject;
				return { value: collection[parameter], displayName: option.displayName };
			}
		}
		throw new Error(`The operation '${this.operation.action}' has no field '${parameter}'`);
	}
}
