/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { setTimeout as wait } from 'node:timers/promises';

import axios from 'axios';
import type { AxiosInstance, AxiosResponse } from 'axios';

export interface Account {
	/** Where the Open API is, without a trailing slash. */
	url: string;
	appId: string;
	appSecret: string;
	mailbox: string;
	/** Of the user to whom the mailbox belongs. */
	userAccessToken?: string;
	/** Whether the user may send mails to the mailbox, and draft them. */
	sends?: boolean;
	/** Whether the app is to be told of mails meanwhile. */
	listens?: boolean;
}

export interface Envelope {
	code?: number;
	msg?: string;
	data?: Record<string, unknown>;
	error?: { log_id?: string };
	[field: string]: unknown;
}

/** What came back: an answer, or the reason why there is none. */
export interface Answer {
	/** HTTP status and code, such as "400 1230101"; "no answer: ECONNRESET" where there is none. */
	outcome: string;
	envelope: Envelope;
	/** The x-ogw-ratelimit-* headers of the answer, or of the refusal before it. */
	rateLimit: string;
	/** Feishu's message and log id, without the secret and the token. */
	message: string;
}

/** Longest wait for a quota, in seconds; the documented windows are a second or a minute. */
const longestWait = 90;

/** A tenant, as one of its apps reaches it, or one of its users. */
export class TenantClient {
	private readonly http: AxiosInstance;

	/** @param token of a user; an app has none until it signs in */
	constructor(
		private readonly account: Account,
		private token = '',
	) {
		this.http = axios.create({
			baseURL: `${account.url}/open-apis`,
			timeout: 30_000,
			maxRedirects: 0,
			validateStatus: () => true,
			headers: { 'Content-Type': 'application/json; charset=utf-8' },
		});
	}

	/** Exchanges App ID and secret for a token, which later requests carry. */
	async signIn(appSecret = this.account.appSecret): Promise<Answer> {
		const body = { app_id: this.account.appId, app_secret: appSecret };
		const answer = await this.send('POST', '/auth/v3/tenant_access_token/internal', body);
		const { tenant_access_token: token } = answer.envelope;
		if (typeof token === 'string') this.token = token;
		return answer;
	}

	/** The scopes of the app. */
	async scopes(): Promise<Answer> {
		return await this.send('GET', '/application/v6/scopes', undefined, 3);
	}

	/** The latest versions of the app, with their events. */
	async versions(): Promise<Answer> {
		const path = `/application/v6/applications/${encodeURIComponent(this.account.appId)}/app_versions`;
		return await this.send('GET', `${path}?lang=zh_cn&page_size=2`, undefined, 3);
	}

	/** Asks for the address of a long connection. */
	async address(appSecret = this.account.appSecret): Promise<{ status: number; body: Envelope }> {
		const data = { AppID: this.account.appId, AppSecret: appSecret };
		const { status, data: body } = await this.http
			.post<Envelope>('/callback/ws/endpoint', data, { baseURL: this.account.url, headers: { locale: 'zh' } })
			.catch((error: unknown) => {
				// The error itself holds the request with its secret.
				throw new Error(`no answer: ${axios.isAxiosError(error) ? error.code : 'unknown'}`);
			});
		return { status, body };
	}

	get mailbox(): string {
		return this.account.mailbox;
	}

	/** A request below a mailbox, sent again where a quota refused it. */
	async mail(method: string, path: string, body?: object, mailbox = this.account.mailbox): Promise<Answer> {
		return await this.send(method, `/mail/v1/user_mailboxes/${encodeURIComponent(mailbox)}/${path}`, body, 3);
	}

	private async send(method: string, url: string, data?: object, tries = 1): Promise<Answer> {
		const headers = this.token ? { Authorization: `Bearer ${this.token}` } : {};
		let response: AxiosResponse<unknown>;
		try {
			response = await this.http.request<unknown>({ method, url, data, headers });
		} catch (error) {
			// The error itself holds the request with its secret.
			const reason = axios.isAxiosError(error) ? error.code : 'unknown';
			return { outcome: `no answer: ${reason}`, envelope: {}, rateLimit: '', message: '' };
		}
		const envelope = isObject(response.data) ? (response.data as Envelope) : {};
		const { 'x-ogw-ratelimit-limit': limit, 'x-ogw-ratelimit-reset': reset } = response.headers;
		const rateLimit = limit === undefined && reset === undefined ? '' : `limit ${limit}, reset ${reset}`;
		if ((response.status === 429 || envelope.code === 99991400) && tries > 1) {
			await wait(1000 * Math.min(Number(reset ?? 60) || 1, longestWait));
			const later = await this.send(method, url, data, tries - 1);
			return { ...later, rateLimit: later.rateLimit || rateLimit };
		}
		return {
			outcome: `${response.status} ${envelope.code ?? 'without code'}`,
			envelope,
			rateLimit,
			message: this.withoutSecrets(
				[envelope.msg ?? '', envelope.error?.log_id ?? ''].filter(Boolean).join(' '),
			),
		};
	}

	private withoutSecrets(text: string): string {
		return [this.account.appSecret, this.token]
			.filter(Boolean)
			.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
	}
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
