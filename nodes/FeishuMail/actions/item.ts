import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { readOptions } from '../descriptions/options';
import type { Client } from '../transport/client';
import type { Endpoint, PathParameter } from '../transport/endpoint';
import type { Operation } from './operation';
import { requestBody, asText, type BodyRules } from './requestBody';

/** One input item as an operation sees it: its parameters, and the way to Feishu. */
export class Item {
	constructor(
		private readonly context: IExecuteFunctions,
		private readonly client: Client,
		private readonly operation: Operation,
		private readonly index: number,
	) {}

	/** Whether the requests act for an app or for a user. */
	get actsAsApp(): boolean {
		return this.client.identity === 'tenant';
	}

	/** A parameter as text without outer blanks, for an address; `displayName` is what the user calls it. */
	pathParameter(parameter: string): PathParameter {
		const { value, displayName } = this.read(parameter);
		return { displayName, value: (asText(value, displayName) ?? '').trim() };
	}

	/**
	 * A request body from the parameters of the same names, checked against what Feishu takes.
	 *
	 * @throws RefusedInput for a value that Feishu is documented to refuse
	 */
	body(rules: BodyRules): IDataObject {
		return requestBody(rules, (parameter) => this.read(parameter));
	}

	/** Calls an endpoint for this item. Errors: see `Client.call`. */
	async call<A extends object>(
		endpoint: Endpoint<A>,
		path: Record<string, PathParameter>,
		body?: IDataObject,
	): Promise<A> {
		const options = readOptions(this.context.getNodeParameter('options', this.index, {}));
		return await this.client.call(endpoint, { itemIndex: this.index, path, body, ...options });
	}

	/** Reads a field of the operation, from the top level or from the collection that the fields put it in. */
	private read(parameter: string): { value: unknown; displayName: string } {
		for (const field of this.operation.fields) {
			if (field.name === parameter) {
				return {
					value: this.context.getNodeParameter(parameter, this.index),
					displayName: field.displayName,
				};
			}
			const option = (field.type === 'collection' ? (field.options as INodeProperties[]) : []).find(
				({ name }) => name === parameter,
			);
			if (option) {
				const collection = this.context.getNodeParameter(field.name, this.index, {}) as IDataObject;
				return { value: collection[parameter], displayName: option.displayName };
			}
		}
		throw new Error(`The operation '${this.operation.action}' has no field '${parameter}'`);
	}
}
