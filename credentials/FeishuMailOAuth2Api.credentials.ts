import type { ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

import { platformFields, testUrl } from './platformFields';

/** One value for each region; n8n evaluates it when it is used, from the visible fields. */
const byRegion = (feishu: string, lark: string, customField: string) =>
	`={{ $self["region"] === "custom" ? $self["${customField}"] : $self["region"] === "lark" ? "${lark}" : "${feishu}" }}`;

/** A person in Feishu, who allows n8n to act on their mailbox. n8n keeps and renews the user access token. */
export class FeishuMailOAuth2Api implements ICredentialType {
	name = 'feishuMailOAuth2Api';

	extends = ['oAuth2Api'];

	displayName = 'Feishu Mail OAuth2 API';

	icon = { light: 'file:../icons/feishuMail.svg', dark: 'file:../icons/feishuMail.dark.svg' } as const;

	documentationUrl = 'https://github.com/n8n-nodes-feishu-mail/n8n-nodes-feishu-mail#connect-as-a-user';

	properties: INodeProperties[] = [
		// n8n puts fields of `oAuth2Api` first, however they are declared here, and all others below them.
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. cli_a1b2c3d4e5f6g7h8',
			hint: "The App ID, in the developer console under 'Credentials & Basic Info' of the app",
		},
		{
			displayName: 'Client Secret',
			name: 'clientSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			hint: 'The App Secret, beside the App ID in the developer console',
		},
		...platformFields,
		{
			displayName: 'Authorize URL',
			name: 'customAuthUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://accounts.example.com/open-apis/authen/v1/authorize',
			description: 'The page on which a person allows the access',
			displayOptions: { show: { region: ['custom'] } },
		},
		{
			displayName: 'Token URL',
			name: 'customTokenUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://open.example.com/open-apis/authen/v2/oauth/token',
			description: 'Where codes are exchanged for tokens',
			displayOptions: { show: { region: ['custom'] } },
		},
		{
			displayName: 'Scopes',
			name: 'userScopes',
			type: 'string',
			typeOptions: { rows: 4 },
			default:
				'offline_access mail:user_mailbox:readonly mail:user_mailbox.mail_contact:write mail:user_mailbox.mail_contact.mail_address:read mail:user_mailbox.mail_contact.phone:read mail:user_mailbox.message:modify mail:user_mailbox.message:send mail:user_mailbox.message:readonly mail:user_mailbox.message.subject:read mail:user_mailbox.message.address:read mail:user_mailbox.message.body:read mail:user_mailbox.folder:write mail:user_mailbox.rule:write',
			description:
				"What the person is asked to allow, separated by spaces. The app must hold each of them as a user scope, or Feishu shows code 20027. Keep 'offline_access', without which the access ends after two hours.",
		},
		{ displayName: 'Scope', name: 'scope', type: 'hidden', default: '={{ $self["userScopes"] }}' },
		// Docs: "Obtain OAuth code" and "Get user_access_token", v2, which both platforms serve.
		{
			displayName: 'Authorization URL',
			name: 'authUrl',
			type: 'hidden',
			default: byRegion(
				'https://accounts.feishu.cn/open-apis/authen/v1/authorize',
				'https://accounts.larksuite.com/open-apis/authen/v1/authorize',
				'customAuthUrl',
			),
			required: true,
		},
		{
			displayName: 'Access Token URL',
			name: 'accessTokenUrl',
			type: 'hidden',
			default: byRegion(
				'https://open.feishu.cn/open-apis/authen/v2/oauth/token',
				'https://open.larksuite.com/open-apis/authen/v2/oauth/token',
				'customTokenUrl',
			),
			required: true,
		},
		// The code is bound to n8n by PKCE; the client secret goes into the body only, because two kinds of client
		// authentication give code 20070.
		{ displayName: 'Grant Type', name: 'grantType', type: 'hidden', default: 'pkce' },
		{ displayName: 'Authentication', name: 'authentication', type: 'hidden', default: 'body' },
		{ displayName: 'Auth URI Query Parameters', name: 'authQueryParameters', type: 'hidden', default: '' },
	];

	/** The user's own mailbox: answers only a token that works, and needs a scope that is among the defaults. */
	test: ICredentialTestRequest = {
		request: {
			method: 'GET',
			url: testUrl('/open-apis/mail/v1/user_mailboxes/me/profile'),
		},
		rules: [
			{
				type: 'responseCode',
				properties: {
					value: 400,
					message:
						"Feishu does not accept the access, or it lacks the scope 'mail:user_mailbox:readonly': reconnect the credential and agree to all scopes",
				},
			},
			{
				type: 'responseCode',
				properties: {
					value: 401,
					message: 'The access has ended and could not be renewed: reconnect the credential',
				},
			},
			{
				type: 'responseCode',
				properties: {
					value: 404,
					message: "The address does not belong to Feishu: check 'Region' and 'Base URL'",
				},
			},
		],
	};
}
