import axios from 'axios';
import type { AxiosInstance, AxiosResponse } from 'axios';

import type { Sandbox } from './index';
import type { Envelope } from './platform';

export const exchangePath = '/open-apis/auth/v3/tenant_access_token/internal';

/** The path of a mailbox API, by default of the sandbox's own mailbox. */
export function mailboxPath(resource: 'mail_contacts' | 'labels', mailbox = 'user@example.com'): string {
	return `/open-apis/mail/v1/user_mailboxes/${encodeURIComponent(mailbox)}/${resource}`;
}

/** An HTTP client for the tests: no HTTP status is an error, redirects are shown, a token is sent when given. */
export function connect(sandbox: Sandbox, token?: string): AxiosInstance {
	return axios.create({
		baseURL: sandbox.url,
		validateStatus: () => true,
		maxRedirects: 0,
		proxy: false,
		headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
	});
}

/** A token through the token endpoint. */
export async function fetchToken(sandbox: Sandbox, app = sandbox.app): Promise<string> {
	const { data } = await connect(sandbox).post(exchangePath, { app_id: app.id, app_secret: app.secret });
	return (data as { tenant_access_token: string }).tenant_access_token;
}

/** A client that sends a token of the app. */
export async function signIn(sandbox: Sandbox, app = sandbox.app): Promise<AxiosInstance> {
	return connect(sandbox, await fetchToken(sandbox, app));
}

/** HTTP status and Feishu code, the two things most answers are told apart by. */
export function outcome({ status, data }: AxiosResponse<Envelope>): [number, number | undefined] {
	return [status, data.code];
}
