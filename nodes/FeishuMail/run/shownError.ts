import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';

import { RunCancelled } from '../transport/clock';
import { RefusedInput } from '../transport/refusedInput';

/** An error in the form that n8n shows; what has it already is left as it is. */
export function asShownError(
	context: { getNode(): INode },
	error: unknown,
	itemIndex: number,
): NodeApiError | NodeOperationError | RunCancelled {
	if (error instanceof NodeApiError || error instanceof NodeOperationError || error instanceof RunCancelled) {
		return error;
	}
	const description = error instanceof RefusedInput ? error.description : undefined;
	return new NodeOperationError(context.getNode(), error as Error, { itemIndex, description });
}
