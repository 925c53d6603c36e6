import type { INodeParameters } from 'n8n-workflow';
import type { Workflow } from './client';

/** What n8n calls the trigger. */
export const TRIGGER = 'Feishu Mail Trigger';

/** Seconds between two polls. */
export const EVERY = 2;

/**
 * Polls every few seconds. n8n refuses a time that comes more often than once a minute, but takes any number of those
 * that come once.
 */
const pollTimes = {
	item: Array.from({ length: 60 / EVERY }, (_, number) => ({
		mode: 'custom',
		cronExpression: `${number * EVERY} * * * * *`,
	})),
};

/**
 * A workflow that mails start, and that does nothing with them.
 *
 * @param triggers - the parameters of each, by its name
 */
export function triggerWorkflow(name: string, triggers: Record<string, INodeParameters>): Workflow {
	const end = 'Mails';
	return {
		name,
		nodes: [
			...Object.entries(triggers).map(([trigger, parameters], index) => ({
				id: `trigger-${index}`,
				name: trigger,
				type: 'n8n-nodes-feishu-mail.feishuMailTrigger',
				typeVersion: 1,
				position: [0, index * 200] as [number, number],
				parameters: { pollTimes, ...parameters },
			})),
			{
				id: 'end',
				name: end,
				type: 'n8n-nodes-base.noOp',
				typeVersion: 1,
				position: [220, 0],
				parameters: {},
			},
		],
		connections: Object.fromEntries(
			Object.keys(triggers).map((trigger) => [trigger, { main: [[{ node: end, type: 'main', index: 0 }]] }]),
		),
		settings: { executionOrder: 'v1' },
	};
}
