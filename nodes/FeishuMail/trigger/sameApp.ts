import type { ICredentialDataDecryptedObject, ITriggerFunctions } from 'n8n-workflow';

import { apiBaseUrl } from '../transport/baseUrl';
import { RefusedInput } from '../transport/refusedInput';
import { appIdOf } from '../transport/tenantAccessToken';

/** The app through which Feishu announces mails. */
export interface App {
	id: string;
	/** What tells it from other apps of this n8n. */
	key: string;
	credential: ICredentialDataDecryptedObject;
}

/**
 * The app of both credentials, as they are now.
 *
 * @throws RefusedInput where they are of different apps
 */
export async function readApp(context: ITriggerFunctions): Promise<App> {
	const credential = await context.getCredentials('feishuMailApi');
	const user = await context.getCredentials('feishuMailOAuth2Api');
	const id = appIdOf(credential);
	const userApp = String(user.clientId).trim();
	const [server, userServer] = [credential, user].map(apiBaseUrl);
	if (id !== userApp) {
		throw new RefusedInput(
			`The credentials are of different apps: 'App ID' of the one is ${id}, 'Client ID' of the other is ${userApp}`,
			'Feishu announces mails to the app through which the user is connected: choose credentials of the same app.',
		);
	}
	if (server !== userServer) {
		throw new RefusedInput(
			`The credentials are of different servers: one is of ${server}, the other of ${userServer}`,
			"Choose the same 'Region' in both credentials, or enter the same 'Base URL'.",
		);
	}
	return { id, key: `${id} at ${server}`, credential };
}
