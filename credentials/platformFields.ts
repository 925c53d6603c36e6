import type { INodeProperties } from 'n8n-workflow';

/** Where an app lives. Both credential types ask for it. */
export const platformFields: INodeProperties[] = [
	{
		displayName: 'Region',
		name: 'region',
		type: 'options',
		options: [
			{ name: 'Feishu (China)', value: 'feishu', description: 'Apps made on open.feishu.cn' },
			{ name: 'Lark (International)', value: 'lark', description: 'Apps made on open.larksuite.com' },
			{ name: 'Custom', value: 'custom', description: 'A private deployment or a test server' },
		],
		default: 'feishu',
		description: 'Where the app was made. An app of one region is unknown to the others.',
	},
	{
		displayName: 'Base URL',
		name: 'baseUrl',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. https://open.example.com',
		description: 'Address of the Open API, with https://. Plain http:// works for this machine only.',
		displayOptions: { show: { region: ['custom'] } },
	},
];

/**
 * The address of a credential's test, as the expression that n8n evaluates. It follows `apiBaseUrl`, which checks the
 * address before anything else is sent to it.
 */
export const testUrl = (path: string) =>
	`={{ ({ feishu: "https://open.feishu.cn", lark: "https://open.larksuite.com" }[$credentials.region] ?? $credentials.baseUrl.trim().replace(/\\/+$/, "").replace(/\\/open-apis$/, "").replace(/\\/+$/, "")) + "${path}" }}`;
