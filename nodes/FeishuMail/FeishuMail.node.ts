import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { listSearch, loadOptions } from './methods';
import { hints, properties } from './panel';

export class FeishuMail implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Feishu Mail',
		name: 'feishuMail',
		icon: { light: 'file:../../icons/feishuMail.svg', dark: 'file:../../icons/feishuMail.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description:
			'Send, read, search and file mails, and work with the contacts, labels and folders of Feishu Mail (Lark Mail) mailboxes',
		defaults: { name: 'Feishu Mail' },
		usableAsTool: true,
		hints,
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
			{
				displayName: 'Authentication',
				name: 'authentication',
				type: 'options',
				options: [
					{
						name: 'App (Tenant Access Token)',
						value: 'tenantToken',
						description: 'Act as a Feishu app on the mailboxes it may reach',
					},
					{
						name: 'User (OAuth2)',
						value: 'oAuth2',
						description: 'Act as a person on their own mailbox and their public ones',
					},
				],
				default: 'tenantToken',
			},
			...properties,
		],
	};

	methods = { listSearch, loadOptions };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { router } = await import('./actions/router');
		return await router.call(this);
	}
}
