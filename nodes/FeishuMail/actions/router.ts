import {
	NodeApiError,
	NodeOperationError,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
} from 'n8n-workflow';

import { REHEARSED } from '../transport/client';
import { RunCancelled } from '../transport/clock';
import { findOperation } from './index';
import { writes, type Operation } from '../run/operation';
import { asOutputItem } from '../run/output';
import { Run } from '../run/run';
import { asShownError } from '../run/shownError';

/**
 * Runs the chosen operation on every input item.
 *
 * Output has the order of the input, each item paired with the one it came from. With Continue On Fail or an error
 * branch a failed item gives one item with `error` and `details`, and the others still run. Otherwise all items are
 * checked before anything is written; the first failure starts no further item, those in flight finish, and it is thrown.
 */
export async function router(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const operation = findOperation(
		this.getNodeParameter('resource', 0),
		this.getNodeParameter('operation', 0),
	);
	const run = new Run(this, operation);
	if (writes(operation) && run.length > 1 && !this.continueOnFail()) await rehearse(this, operation, run);
	run.announce();
	const items = run.items();
	const output: INodeExecutionData[][] = [];
	let failure: Error | undefined;
	let failedItems = 0;
	const end = async (error: Error) => {
		failure ??= error;
		await run.batches.stop(error);
	};
	const worker = async () => {
		for await (const item of items) {
			if (failure) return;
			const { index } = item;
			const itemData = { item: index };
			try {
				item.requireAll();
				const results = [await operation.execute(item)].flat().map(asOutputItem);
				output[index] = this.helpers.constructExecutionMetaData(results, { itemData });
			} catch (error) {
				const shown = asShownError(this, error, index);
				if (this.continueOnFail() && !(shown instanceof RunCancelled)) {
					output[index] = [failedItem(this, shown, itemData)];
					failedItems++;
				} else {
					await end(shown);
				}
			} finally {
				run.batches.leave();
			}
		}
	};
	// A cancelled execution gives no further item, and those that wait for all to begin would wait for ever.
	const working = Array.from(
		{ length: Math.min(operation.inFlight ?? 1, run.length) },
		async () => await worker().catch(end),
	);
	await Promise.all(working).finally(() => run.end());
	if (failure) throw withProgress(this, failure, output.filter(Boolean).length, run.length);
	// With Retry On Fail, n8n runs the node again where items have failed, too.
	if (failedItems === 0) run.forget();
	for (const message of run.notices()) this.addExecutionHints({ message, location: 'outputPane' });
	return [output.flat()];
}

/** Tells in an error how far the run came; in the log where the execution was cancelled, of which n8n keeps no error. */
function withProgress<E extends Error>(context: IExecuteFunctions, error: E, done: number, all: number): E {
	if (all === 1) return error;
	const progress = `${done} of ${all} items were done.`;
	if (error instanceof NodeApiError || error instanceof NodeOperationError) {
		error.description = [error.description, progress].filter(Boolean).join('\n');
	} else {
		context.logger.info(`${context.getNode().name}: ${error.message}. ${progress}`);
	}
	return error;
}

/** @throws the first failure of an item that is found without a request */
async function rehearse(context: IExecuteFunctions, operation: Operation, run: Run): Promise<void> {
	for await (const item of run.rehearsal().items()) {
		try {
			item.requireAll();
			await operation.execute(item);
		} catch (error) {
			const shown = error === REHEARSED ? undefined : asShownError(context, error, item.index);
			if (shown) throw shown;
		}
	}
}

/**
 * A failed item, for n8n to put into the error branch where the node has one.
 *
 * n8n before 2.36 takes an item with `details` for a failed one only by an `error` beside its json, and replaces the
 * json of an item that still has it in the end. What is not enumerable is lost on the way to the branch, where n8n
 * copies the item: so its json stays. (Not of an item that comes from no node: its json is the message alone.)
 */
function failedItem(
	context: IExecuteFunctions,
	error: NodeApiError | NodeOperationError,
	pairedItem: { item: number },
): INodeExecutionData {
	const item: INodeExecutionData = { json: errorItem(error), pairedItem };
	return context.getNode().onError === 'continueErrorOutput'
		? Object.defineProperty(item, 'error', { value: error })
		: item;
}

/** `error`, `message` and `details` are the only keys with which n8n 2.36 and later sends an item to the error branch. */
function errorItem({ message, description, context }: NodeApiError | NodeOperationError): IDataObject {
	const details = {
		...(context.details as IDataObject | undefined),
		...(description ? { description } : {}),
	};
	return { error: message, ...(Object.keys(details).length > 0 ? { details } : {}) };
}
