import {
	NodeConnectionTypes,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	type ITriggerResponse,
} from 'n8n-workflow';

import { listSearch, loadOptions } from './methods';
import { instantCredentials, instantTriggerProperties } from './panel';

export class FeishuMailInstantTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Feishu Mail Instant Trigger',
		name: 'feishuMailInstantTrigger',
		icon: { light: 'file:../../icons/feishuMail.svg', dark: 'file:../../icons/feishuMail.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ { messageReceived: "Message Received" }[$parameter["event"]] }}',
		description:
			'Starts the workflow within seconds when a mail comes into a Feishu Mail (Lark Mail) mailbox, also where n8n has no public address',
		defaults: { name: 'Feishu Mail Instant Trigger' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: instantCredentials,
		properties: instantTriggerProperties,
	};

	methods = { listSearch, loadOptions };

	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		const { listen } = await import('./trigger/instant');
		return await listen.call(this);
	}
}
