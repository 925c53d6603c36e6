import { NodeOperationError, type INodeExecutionData, type IPollFunctions } from 'n8n-workflow';

import { asOutputItem } from '../run/output';
import { asShownError } from '../run/shownError';
import { clock } from '../transport/clock';
import type { Delivered } from './delivery';
import { Failures, inOneMessage, isUnattended } from './failures';
import { look, newestOf, type Activation } from './look';
import { newMail } from './newMail';
import { readState } from './state';

/** Milliseconds after which a poll that does not end keeps the next ones waiting no longer. */
const LONGEST = 10 * 60 * 1000;

/** What polls of one trigger of one workflow tell each other. */
interface Trigger {
	/** When the poll that is under way began, by `clock.elapsed`. */
	underWay?: number;
	/** Polls in a row that failed for reasons that pass. */
	failures: Failures;
}

const triggers = new Map<string, Trigger>();

const activations = new WeakMap<IPollFunctions, Activation>();

/**
 * One poll of the trigger: the mails that came in since the last one, the oldest first; null where there are none.
 *
 * @throws NodeOperationError and NodeApiError. What may pass by itself is thrown when it has failed several polls in a
 * row; n8n polls on, and nothing is lost
 */
export async function poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
	if (this.getMode() === 'manual') return asExecution(await newestOf(this, newMail).catch(inWordsFor(this)));
	const key = JSON.stringify([this.getWorkflow().id, this.getNode().id]);
	const trigger = triggers.get(key) ?? { failures: new Failures() };
	triggers.set(key, trigger);
	// n8n begins a poll also while the last one is under way.
	const begun = clock.elapsed();
	const activation = activations.get(this);
	if (trigger.underWay !== undefined) {
		if (begun - trigger.underWay < LONGEST) return null;
		trigger.underWay = undefined;
		// Whoever publishes the workflow again is not told of what was before.
		if (activation) throw tookTooLong(this);
	}
	trigger.underWay = begun;
	const isFirst = activation === undefined;
	const current = activation ?? { task: newMail, told: new Set() };
	activations.set(this, current);
	try {
		const { delivered } = await look(this, current, isFirst);
		trigger.failures.end();
		return asExecution(delivered);
	} catch (error) {
		// What was looked up may not be there any more.
		current.listed = undefined;
		const shown = asShownError(this, error, 0);
		if (isQuiet(this, shown, isFirst, trigger.failures)) return null;
		throw shown;
	} finally {
		if (trigger.underWay === begun) trigger.underWay = undefined;
		if (!trigger.failures.any && trigger.underWay === undefined) triggers.delete(key);
	}
}

const tookTooLong = (context: IPollFunctions) =>
	new NodeOperationError(context.getNode(), `A poll has not ended in ${LONGEST / 60_000} minutes`, {
		description:
			'Feishu, the server that files are downloaded from, or the exchange of a token gives no answer, or a very slow one: see that n8n may reach Feishu. The next poll begins anew, and delivers what came in meanwhile.',
	});

/** What one execution gets; null where there is nothing for it. */
const asExecution = (delivered: Delivered[]) =>
	delivered.length > 0 ? [delivered.map(({ output }) => asOutputItem(output))] : null;

const inWordsFor = (context: IPollFunctions) => (error: unknown) => {
	throw asShownError(context, error, 0);
};

/**
 * Whether a failure is only logged. When somebody publishes the workflow, they are told at once. When n8n starts, an
 * error would keep the workflow from being active at all, although the next poll may well succeed.
 */
function isQuiet(context: IPollFunctions, error: Error, isFirst: boolean, failures: Failures): boolean {
	// Where n8n makes the context of each poll anew, each looks like that of a node that was just changed.
	const { newMail: kept } = context.getWorkflowStaticData('node');
	const isKnown = context.getActivationMode() === 'update' && readState(kept) !== undefined;
	if (!isFirst || isKnown) return failures.areQuiet(context, error);
	if (!isUnattended(context)) {
		inOneMessage(error);
		return false;
	}
	context.logger.warn(`${context.getNode().name}: the first poll has failed: ${error.message}`);
	return true;
}
