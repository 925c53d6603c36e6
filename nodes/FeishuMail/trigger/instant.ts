import type { ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';

import { asOutputItem } from '../run/output';
import { asShownError } from '../run/shownError';
import { inOneMessage } from './failures';
import { instantMail } from './instantMail';
import { newestOf } from './look';
import { readApp } from './sameApp';
import { Watch } from './watch';

/**
 * Starts an execution for each mail that comes in, as soon as Feishu announces it. What it does not announce is found by
 * looking through the mailbox: when the workflow is published, whenever the connection is up again, and now and then.
 *
 * @throws NodeOperationError and NodeApiError where somebody publishes the workflow and it would not work
 */
export async function listen(this: ITriggerFunctions): Promise<ITriggerResponse> {
	if (this.getMode() === 'manual') return { manualTriggerFunction: async () => await test(this) };
	const watch = new Watch(this);
	try {
		await watch.begin();
	} catch (error) {
		await watch.end();
		throw inOneMessage(asShownError(this, error, 0));
	}
	return { closeFunction: async () => await watch.end() };
}

/** A test gets the newest mail. It opens no connection, which would take events away from the published workflow. */
async function test(context: ITriggerFunctions): Promise<void> {
	try {
		await readApp(context);
		const [newest] = await newestOf(context, instantMail);
		context.emit(newest ? [[asOutputItem(newest.output)]] : []);
	} catch (error) {
		throw asShownError(context, error, 0);
	}
}
