import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import { failureCode, isPassing } from '../transport/failure';
import type { TriggerContext } from '../transport/session';

/** Looks in a row that may fail for reasons that pass, before somebody is told. */
const QUIET_FAILURES = 3;

/** The list has changed while it was read. */
const LIST_CHANGED = 1234037;

/** Whether n8n makes the workflow active by itself: an error would keep it from being active at all. */
export const isUnattended = (context: TriggerContext): boolean =>
	['init', 'leadershipChange'].includes(context.getActivationMode());

/** Of what keeps a workflow from being published, n8n shows the message only. */
export function inOneMessage(error: Error): Error {
	if (error instanceof NodeOperationError && error.description) {
		error.message = `${error.message}. ${error.description}`;
	}
	return error;
}

/** Failures of one trigger in a row. */
export class Failures {
	private inARow = 0;

	get any(): boolean {
		return this.inARow > 0;
	}

	end(): void {
		this.inARow = 0;
	}

	/** Whether a failure is only logged, because the next look may well succeed. One that lasts says for how long. */
	areQuiet(context: TriggerContext, error: Error): boolean {
		if (!isPassing(error) && failureCode(error) !== LIST_CHANGED) return false;
		this.inARow++;
		if (this.inARow <= QUIET_FAILURES) {
			context.logger.warn(
				`${context.getNode().name}: a poll has failed, the next one tries again: ${error.message}`,
			);
			return true;
		}
		if (error instanceof NodeApiError || error instanceof NodeOperationError) {
			error.description = [
				error.description,
				`${this.inARow} polls in a row have failed. The trigger goes on trying, and delivers what came in meanwhile as soon as it succeeds.`,
			]
				.filter(Boolean)
				.join('\n');
		}
		return false;
	}
}
