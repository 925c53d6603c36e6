import type { INode, INodeParameters } from 'n8n-workflow';
import type { Workflow } from './client';

/** What n8n calls the trigger. */
export const TRIGGER = 'Feishu Mail Trigger';

/** What n8n calls the instant trigger. */
export const INSTANT_TRIGGER = 'Feishu Mail Instant Trigger';

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

/** A trigger of a workflow, but for where it stands. */
type Trigger = Pick<INode, 'name' | 'type' | 'parameters'>;

/** A workflow that triggers start, and that does nothing with what they give. */
function startedBy(name: string, triggers: Trigger[]): Workflow {
	const end = 'Mails';
	return {
		name,
		nodes: [
			...triggers.map((trigger, index) => ({
				...trigger,
				id: `trigger-${index}`,
				typeVersion: 1,
				position: [0, index * 200] as [number, number],
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
			triggers.map((trigger) => [trigger.name, { main: [[{ node: end, type: 'main', index: 0 }]] }]),
		),
		settings: { executionOrder: 'v1' },
	};
}

/**
 * A workflow that mails start, and that does nothing with them.
 *
 * @param triggers - the parameters of each, by its name
 */
export function triggerWorkflow(name: string, triggers: Record<string, INodeParameters>): Workflow {
	const type = 'n8n-nodes-feishu-mail.feishuMailTrigger';
	return startedBy(
		name,
		Object.entries(triggers).map(([trigger, parameters]) => ({
			name: trigger,
			type,
			parameters: { pollTimes, ...parameters },
		})),
	);
}

/** A workflow that mails start as soon as Feishu announces them, and that does nothing with them. */
export const instantWorkflow = (name: string, parameters: INodeParameters = {}): Workflow =>
	startedBy(name, [
		{ name: INSTANT_TRIGGER, type: 'n8n-nodes-feishu-mail.feishuMailInstantTrigger', parameters },
	]);
