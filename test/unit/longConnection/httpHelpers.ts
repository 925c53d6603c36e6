import { PollContext } from 'n8n-core';
import {
	Workflow,
	type IHttpRequestHelper,
	type INodeTypes,
	type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

import { FeishuMailTrigger } from '../../../nodes/FeishuMail/FeishuMailTrigger.node';

/** What n8n gives a node to make requests with. */
export function httpHelpers(): IHttpRequestHelper['helpers'] {
	const node = {
		id: 'node',
		name: 'Trigger',
		type: 'feishuMailTrigger',
		typeVersion: 1,
		position: [0, 0] as [number, number],
		parameters: {},
	};
	const nodeTypes = { getByNameAndVersion: () => new FeishuMailTrigger() } as unknown as INodeTypes;
	const workflow = new Workflow({ id: 'workflow', nodes: [node], connections: {}, active: false, nodeTypes });
	const additionalData = {} as IWorkflowExecuteAdditionalData;
	return new PollContext(workflow, node, additionalData, 'trigger', 'activate').helpers;
}
