import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { listSearch, loadOptions } from './methods';
import { credentials, hints, properties } from './panel';

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
		credentials,
		properties,
	};

	methods = { listSearch, loadOptions };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { router } = await import('./actions/router');
		return await router.call(this);
	}
}
