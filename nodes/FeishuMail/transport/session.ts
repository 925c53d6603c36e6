import type {
	IExecuteFunctions,
	IHttpRequestOptions,
	ILoadOptionsFunctions,
	IPollFunctions,
	ITriggerFunctions,
} from 'n8n-workflow';

import type { Answer } from './answer';
import type { Secrets } from './secrets';
import { TenantSession } from './tenantSession';
import { UserSession } from './userSession';

/** What a trigger gets from n8n: one that n8n polls, or one that runs by itself. */
export type TriggerContext = IPollFunctions | ITriggerFunctions;

/** What sends requests: a run of the node, a trigger, or a list that the editor loads. */
export type Context = IExecuteFunctions | ILoadOptionsFunctions | TriggerContext;

/** Whom requests act for: an app in its organisation, or a user. */
export type Identity = 'tenant' | 'user';

/** An answer to a request. */
export interface Reply {
	answer: Answer;
	/** When the request was sent, by `clock.elapsed`. */
	sentAt: number;
	/** The access token it was sent with, as far as the session knows. */
	token: unknown;
}

/** The credential of one run of the node, and the access token that all its requests share. */
export interface Session {
	/** Which app it is, for what its runs have in common; no secret. */
	readonly app: string;

	/** The address that paths are appended to. */
	readonly baseUrl: string;

	/** What a user granted: names of scopes with blanks between, as far as n8n stored it. */
	readonly grantedScope?: unknown;

	/**
	 * Sends a request. If Feishu rejects the access token, renews it and sends once more: a request whose token was
	 * rejected was not carried out.
	 *
	 * @param build gives the options of the request, afresh for each time: n8n-core changes the ones it is given
	 * @throws TokenExchangeError when there is no token; the request was not sent
	 * @throws n8n's own error when no answer came. It carries the Authorization header: read it, do not keep it
	 */
	send(build: () => IHttpRequestOptions): Promise<Reply>;
}

/** The identity that a value of the node's parameter Authentication chooses. */
export const identityOf = (authentication: unknown): Identity =>
	authentication === 'oAuth2' ? 'user' : 'tenant';

/**
 * @param secrets where the session puts each secret that it meets, for as long as the run lasts
 * @param cancelled ends its waits
 * @throws n8n's error when no credential is chosen or it cannot be read
 * @throws RefusedInput when the credential's address must not be used
 * @throws TokenExchangeError when nobody connected the user's credential yet
 */
export async function startSession(
	context: Context,
	identity: Identity,
	secrets: Secrets,
	cancelled?: AbortSignal,
): Promise<Session> {
	return await (identity === 'user' ? UserSession : TenantSession).start(context, secrets, cancelled);
}
