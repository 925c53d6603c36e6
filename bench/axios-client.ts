/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { Agent } from 'node:http';

import axios from 'axios';

import type { Feishu } from './sandbox-process';

export type Kind = 'contact' | 'label';

/** What one writes without the node: a token, and a request for each item. Gives Feishu's code. */
export async function axiosClient({ url, app, mailbox }: Feishu, { keepAlive = true } = {}) {
	const http = axios.create({
		baseURL: `${url}/open-apis`,
		httpAgent: new Agent({ keepAlive }),
		proxy: false,
		validateStatus: () => true,
	});
	const { data } = await http.post<{ tenant_access_token: string }>('/auth/v3/tenant_access_token/internal', {
		app_id: app.id,
		app_secret: app.secret,
	});
	const headers = { Authorization: `Bearer ${data.tenant_access_token}` };
	const mailboxPath = `/mail/v1/user_mailboxes/${encodeURIComponent(mailbox)}`;
	return async (kind: Kind, name: string): Promise<number> => {
		const answer = await (kind === 'label'
			? http.post<{ code: number }>(`${mailboxPath}/labels`, { label: { name } }, { headers })
			: http.post<{ code: number }>(`${mailboxPath}/mail_contacts`, { name }, { headers }));
		return answer.data.code;
	};
}
