import { NodeConnectionTypes, type IExecuteFunctions, type INodeType } from 'n8n-workflow';

import { labelHints } from '../../nodes/FeishuMail/actions/label/label';
import { Client } from '../../nodes/FeishuMail/transport/client';
import type { Endpoint } from '../../nodes/FeishuMail/transport/endpoint';
import { identityOf } from '../../nodes/FeishuMail/transport/session';

const listLabels: Endpoint = {
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/labels',
	tokens: ['tenant', 'user'],
	scopes: ['mail:user_mailbox.message:readonly'],
	quota: '10 label lists a second',
	hints: labelHints,
};

/** A node that lists labels through the transport, once for each item. */
export const readNode = (mailbox: string, change?: { timeout?: number; maxWait?: number }) =>
	callNode(listLabels, mailbox, change);

/** A node that calls an endpoint of a mailbox through the transport, once for each item. */
export const callNode = (
	endpoint: Endpoint,
	mailbox: string,
	change: { timeout?: number; maxWait?: number } = {},
): INodeType => ({
	description: {
		displayName: 'Read',
		name: 'feishuMail',
		group: ['input'],
		version: 1,
		description: '',
		defaults: { name: 'Read' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{
				name: 'feishuMailApi',
				required: true,
				displayOptions: { show: { authentication: ['tenantToken'] } },
			},
			{
				name: 'feishuMailOAuth2Api',
				required: true,
				displayOptions: { show: { authentication: ['oAuth2'] } },
			},
		],
		properties: [
			{ displayName: 'Authentication', name: 'authentication', type: 'string', default: 'tenantToken' },
		],
	},
	async execute(this: IExecuteFunctions) {
		const client = new Client(this, identityOf(this.getNodeParameter('authentication', 0)));
		const call = {
			path: { user_mailbox_id: { displayName: 'Mailbox', value: mailbox } },
			timeout: 60_000,
			maxWait: 1_800_000,
			...change,
		};
		const output = [];
		for (const itemIndex of this.getInputData().keys()) {
			output.push({
				json: await client.call(endpoint, { ...call, itemIndex }),
				pairedItem: { item: itemIndex },
			});
		}
		return [output];
	},
});
