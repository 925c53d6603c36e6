import { Client, EventDispatcher, WSClient } from '@larksuiteoapi/node-sdk';
import axios from 'axios';
import type { AxiosInstance, AxiosResponse } from 'axios';

import type { Sandbox } from './index';
import { mailEvent } from './mailEvent';
import type { Envelope } from './platform';

export const exchangePath = '/open-apis/auth/v3/tenant_access_token/internal';

/**
 * The path of a mailbox API, by default of the sandbox's own mailbox; with an id, of one entry.
 *
 * @param action - what ends the path, such as "modify"
 */
export function mailboxPath(
	resource:
		| 'mail_contacts'
		| 'labels'
		| 'folders'
		| 'messages'
		| 'drafts'
		| 'threads'
		| 'rules'
		| 'aliases'
		| 'profile'
		| 'search'
		| 'accessible_mailboxes'
		| 'settings/send_as'
		| 'settings/signatures'
		| 'templates'
		| 'event',
	mailbox = 'user@example.com',
	id?: string,
	action?: string,
): string {
	const path = `/open-apis/mail/v1/user_mailboxes/${encodeURIComponent(mailbox)}/${resource}`;
	const one = id === undefined ? path : `${path}/${encodeURIComponent(id)}`;
	return action === undefined ? one : `${one}/${action}`;
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

const silent = () => undefined;
const logger = { error: silent, warn: silent, info: silent, debug: silent, trace: silent };

/** The official SDK, talking to the sandbox. It prints refusals, which are expected here. */
export function connectSdk({ app, url }: Pick<Sandbox, 'app' | 'url'>): Client {
	return new Client({
		appId: app.id,
		appSecret: app.secret,
		domain: url,
		oauthBaseUrl: url,
		logger,
	});
}

/** What the official SDK's client of the long connection has received, and how it fared. */
export interface SdkListener {
	client: WSClient;
	/** As its handler gets them, without the envelope. */
	events: Array<Record<string, unknown>>;
	/** What it has given up with. */
	errors: Error[];
	/** How often it was connected anew. */
	reconnected: number;
}

/**
 * The official SDK's client of the long connection, which has begun to connect. Close it: it connects anew for ever.
 *
 * @param options - what the handler does with an event; an answer late and an answer with 500 come of it
 */
export function listenWithSdk(
	{ app, url }: Pick<Sandbox, 'app' | 'url'>,
	{ handle = silent as (event: Record<string, unknown>) => unknown, ...options }: ListenerOptions = {},
): SdkListener {
	const listener: Omit<SdkListener, 'client'> = { events: [], errors: [], reconnected: 0 };
	const eventDispatcher = new EventDispatcher({ logger }).register({
		[mailEvent]: async (event: Record<string, unknown>) => {
			listener.events.push(event);
			await handle(event);
		},
	});
	const client = new WSClient({
		appId: app.id,
		appSecret: app.secret,
		domain: url,
		logger,
		onError: (error) => listener.errors.push(error),
		onReconnected: () => (listener.reconnected += 1),
		...options,
	});
	void client.start({ eventDispatcher });
	return Object.assign(listener, { client });
}

type ListenerOptions = Partial<Omit<ConstructorParameters<typeof WSClient>[0], 'appId' | 'domain'>> & {
	handle?: (event: Record<string, unknown>) => unknown;
};

/** What a success brings. */
export function dataOf<Data>({ data }: AxiosResponse): Data {
	return (data as { data: Data }).data;
}

/** A text out of its base64url. */
export function decoded(text: unknown): string {
	return Buffer.from(String(text), 'base64url').toString();
}

/** HTTP status and Feishu code, the two things most answers are told apart by. */
export function outcome({ status, data }: AxiosResponse<Envelope>): [number, number | undefined] {
	return [status, data.code];
}

export const consentPagePath = '/open-apis/authen/v1/authorize';
export const oauthTokenPaths = {
	v2: '/open-apis/authen/v2/oauth/token',
	v3: '/oauth/v3/token',
} as const;

export const redirectUri = 'http://localhost:5678/rest/oauth2-credential/callback';

/** What an app sends the user's browser to the authorize page with. */
export function authorizeParameters(sandbox: Sandbox, app = sandbox.app): Record<string, string> {
	return {
		client_id: app.id,
		response_type: 'code',
		redirect_uri: redirectUri,
		scope: [...app.userScopes].join(' '),
		state: 'a b/ü',
	};
}

const unescaped: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** Opens the authorize page and submits its form as a browser does. Answers with where the browser is sent. */
export async function decide(
	sandbox: Sandbox,
	decision: 'Allow' | 'Deny',
	parameters = authorizeParameters(sandbox),
): Promise<URL> {
	const browser = connect(sandbox);
	const page = String((await browser.get(consentPagePath, { params: parameters })).data);
	const [, action = ''] = /<form method="post" action="([^"]+)"/.exec(page) ?? [];
	const form = new URLSearchParams();
	for (const [, name = '', value = ''] of page.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)) {
		form.set(
			name,
			value.replace(/&([#\w]+);/g, (_match, entity: string) => unescaped[entity] ?? ''),
		);
	}
	const [, name = '', value = ''] =
		new RegExp(`<button[^>]* name="(\\w+)" value="(\\w+)">${decision}</button>`).exec(
			page.replace(/\s+/g, ' '),
		) ?? [];
	form.set(name, value);
	const { headers } = await browser.post(action, form);
	return new URL(String(headers.location));
}

/** A code through the authorize page. */
export async function fetchCode(
	sandbox: Sandbox,
	change: Record<string, string> = {},
	app = sandbox.app,
): Promise<string> {
	const url = await decide(sandbox, 'Allow', { ...authorizeParameters(sandbox, app), ...change });
	return url.searchParams.get('code') ?? '';
}
