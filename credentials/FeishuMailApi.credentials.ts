import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IDataObject,
	IHttpRequestHelper,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';

import { platformHints, wrongCredentialCodes } from '../nodes/FeishuMail/transport/platformHints';
import {
	exchangePath,
	exchangeTenantAccessToken,
	hasFreshToken,
} from '../nodes/FeishuMail/transport/tenantAccessToken';
import { noteFailure } from '../nodes/FeishuMail/transport/tokenExchangeError';
import { platformFields, testUrl } from './platformFields';

/** A Feishu app, which acts with a tenant access token that n8n keeps and this type renews. */
export class FeishuMailApi implements ICredentialType {
	name = 'feishuMailApi';

	displayName = 'Feishu Mail API';

	icon = { light: 'file:../icons/feishuMail.svg', dark: 'file:../icons/feishuMail.dark.svg' } as const;

	documentationUrl = 'https://github.com/n8n-nodes-feishu-mail/n8n-nodes-feishu-mail#make-a-feishu-app';

	properties: INodeProperties[] = [
		...platformFields,
		{
			displayName: 'App ID',
			name: 'appId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. cli_a1b2c3d4e5f6g7h8',
			description: "In the developer console under 'Credentials & Basic Info' of the app",
		},
		{
			displayName: 'App Secret',
			name: 'appSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'Beside the App ID in the developer console',
		},
		// What an exchange stores. n8n drops returned properties that are not declared here.
		{
			displayName: 'Access Token',
			name: 'accessToken',
			type: 'hidden',
			typeOptions: { expirable: true, password: true },
			default: '',
		},
		{ displayName: 'Issued At', name: 'issuedAt', type: 'hidden', default: 0 },
		{ displayName: 'Expires At', name: 'expiresAt', type: 'hidden', default: 0 },
		{ displayName: 'Issued To', name: 'issuedTo', type: 'hidden', default: '' },
	];

	/**
	 * n8n calls this when the token is empty, when `authenticate` finds that it cannot be used, and when Feishu answered
	 * HTTP 401. It stores what is returned.
	 */
	async preAuthentication(
		this: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
	): Promise<IDataObject> {
		try {
			return await exchangeTenantAccessToken(this.helpers, credentials);
		} catch (error) {
			throw noteFailure(credentials, error);
		}
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		if (!hasFreshToken(credentials)) {
			// n8n renews on HTTP 401 only; Feishu answers an expired token with HTTP 400, so ask before sending.
			throw Object.assign(new Error('The access token is not valid any more, and renewing it did not help'), {
				response: { status: 401 },
			});
		}
		return {
			...requestOptions,
			headers: { ...requestOptions.headers, Authorization: `Bearer ${String(credentials.accessToken)}` },
		};
	}

	/**
	 * The exchange itself: it needs no permission. What goes wrong before a token is stored is told in words by
	 * `preAuthentication`; with a stored token n8n only sees this answer, HTTP 200 with a code.
	 */
	test: ICredentialTestRequest = {
		request: {
			method: 'POST',
			url: testUrl(exchangePath),
			body: {
				app_id: '={{ $credentials.appId.trim() }}',
				app_secret: '={{ $credentials.appSecret.trim() }}',
			},
		},
		rules: wrongCredentialCodes.map((value) => ({
			type: 'responseSuccessBody',
			properties: { key: 'code', value, message: `${platformHints[value]} (code ${value})` },
		})),
	};
}
