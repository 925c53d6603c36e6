import {
	NodeConnectionTypes,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IPollFunctions,
} from 'n8n-workflow';

import { listSearch, loadOptions } from './methods';
import { credentials, triggerProperties } from './panel';

export class FeishuMailTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Feishu Mail Trigger',
		name: 'feishuMailTrigger',
		icon: { light: 'file:../../icons/feishuMail.svg', dark: 'file:../../icons/feishuMail.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ { messageReceived: "Message Received" }[$parameter["event"]] }}',
		// n8n shows it also for the entry behind which the operations are, whatever the other node says of itself.
		description:
			'Starts the workflow when mails come into a Feishu Mail (Lark Mail) mailbox; the actions send, read and file mails, and keep contacts, labels and folders',
		defaults: { name: 'Feishu Mail Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials,
		properties: triggerProperties,
	};

	methods = { listSearch, loadOptions };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		const { poll } = await import('./trigger/poll');
		return await poll.call(this);
	}
}
