/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { Agent } from 'node:http';

import axios from 'axios';

import type { Feishu } from './sandbox-process';

export type Kind = 'contact' | 'label';

/** Requests to a mailbox with a token, as one writes them without the node. */
export async function mailboxClient({ url, app, mailbox }: Feishu, { keepAlive = true } = {}) {
	const http = axios.create({
		baseURL: `${url}/open-apis/mail/v1/user_mailboxes/${encodeURIComponent(mailbox)}`,
		httpAgent: new Agent({ keepAlive }),
		proxy: false,
		validateStatus: () => true,
	});
	const { data } = await http.post<{ tenant_access_token: string }>(
		`${url}/open-apis/auth/v3/tenant_access_token/internal`,
		{ app_id: app.id, app_secret: app.secret },
	);
	http.defaults.headers.common.Authorization = `Bearer ${data.tenant_access_token}`;
	return http;
}

/** A request for each contact or label. Gives Feishu's code. */
export async function axiosClient(feishu: Feishu, options?: { keepAlive?: boolean }) {
	const http = await mailboxClient(feishu, options);
	return async (kind: Kind, name: string): Promise<number> => {
		const answer = await (kind === 'label'
			? http.post<{ code: number }>('/labels', { label: { name } })
			: http.post<{ code: number }>('/mail_contacts', { name }));
		return answer.data.code;
	};
}
