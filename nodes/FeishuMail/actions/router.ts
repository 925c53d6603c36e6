import {
	NodeApiError,
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';

import { RunCancelled } from '../transport/clock';
import { RefusedInput } from '../transport/refusedInput';
import { findOperation } from './index';
import { Run } from '../run/run';

/**
 * Runs the chosen operation on every input item.
 *
 * Output has the order of the input, each item paired with the one it came from. With Continue On Fail or an error
 * branch a failed item gives one item with `error` and `details`, and the others still run. Otherwise the first failure
 * starts no further item, those in flight finish, and it is thrown.
 */
export async function router(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const operation = findOperation(
		this.getNodeParameter('resource', 0),
		this.getNodeParameter('operation', 0),
	);
	const run = new Run(this, operation);
	const items = run.items();
	const output: INodeExecutionData[][] = [];
	let failure: Error | undefined;
	const worker = async () => {
		for await (const item of items) {
			if (failure) return;
			const { index } = item;
			const itemData = { item: index };
			try {
				const json = await operation.execute(item);
				const items = this.helpers.returnJsonArray(json);
				output[index] = this.helpers.constructExecutionMetaData(items, { itemData });
			} catch (error) {
				const shown = asShownError(this, error, index);
				if (this.continueOnFail() && !(shown instanceof RunCancelled)) {
					output[index] = [{ json: errorItem(shown), pairedItem: itemData }];
				} else {
					failure ??= shown;
				}
			}
		}
	};
	const working = Array.from({ length: operation.inFlight }, worker);
	await Promise.allSettled(working).finally(() => run.end());
	if (failure) throw failure;
	await Promise.all(working);
	for (const message of run.notices()) this.addExecutionHints({ message, location: 'outputPane' });
	return [output.flat()];
}

function asShownError(context: IExecuteFunctions, error: unknown, itemIndex: number) {
	if (error instanceof NodeApiError || error instanceof NodeOperationError || error instanceof RunCancelled) {
		return error;
	}
	const description = error instanceof RefusedInput ? error.description : undefined;
	return new NodeOperationError(context.getNode(), error as Error, { itemIndex, description });
}

/** `error`, `message` and `details` are the only keys with which n8n sends an item to the error branch. */
function errorItem({ message, description, context }: NodeApiError | NodeOperationError): IDataObject {
	const details = {
		...(context.details as IDataObject | undefined),
		...(description ? { description } : {}),
	};
	return { error: message, ...(Object.keys(details).length > 0 ? { details } : {}) };
}
