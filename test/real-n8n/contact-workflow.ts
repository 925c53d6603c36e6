import type { INodeParameters } from 'n8n-workflow';
import type { Workflow } from './client';

interface Step {
	name: string;
	type: string;
	typeVersion: number;
	parameters: INodeParameters;
}

export interface ContactWorkflowOptions {
	name: string;
	/** What runs before: its output's `field` holds the contacts, objects with a `name`. */
	source: Step[];
	field: string;
	/** Further parameters of the node that creates the contacts. */
	parameters?: INodeParameters;
}

/** The node that creates the contacts. */
export const CREATE_CONTACTS = 'Create contacts';

/** A workflow that creates contacts from a list in one item: one after the other, its steps are a line. */
export function contactWorkflow({ name, source, field, parameters }: ContactWorkflowOptions): Workflow {
	const steps: Step[] = [
		...source,
		{
			name: 'One item each',
			type: 'n8n-nodes-base.splitOut',
			typeVersion: 1,
			parameters: { fieldToSplitOut: field, options: {} },
		},
		{
			name: CREATE_CONTACTS,
			type: 'n8n-nodes-feishu-mail.feishuMail',
			typeVersion: 1,
			parameters: {
				authentication: 'tenantToken',
				resource: 'contact',
				operation: 'create',
				name: '={{ $json.name }}',
				...parameters,
			},
		},
	];
	return {
		name,
		nodes: steps.map((step, index) => ({ id: String(index + 1), position: [index * 220, 0], ...step })),
		connections: Object.fromEntries(
			steps
				.slice(1)
				.map((step, index) => [
					steps[index]?.name,
					{ main: [[{ node: step.name, type: 'main', index: 0 }]] },
				]),
		),
		settings: { executionOrder: 'v1' },
	};
}
