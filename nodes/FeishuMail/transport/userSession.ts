import type { ICredentialDataDecryptedObject, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import { readAnswer } from './answer';
import { apiBaseUrl } from './baseUrl';
import { clock } from './clock';
import { rejectedTokenCodes } from './platformHints';
import { noRefreshToken, renewalFailure } from './renewalFailure';
import type { Secrets } from './secrets';
import type { Context, Reply, Session } from './session';
import { TokenExchangeError } from './tokenExchangeError';

const CREDENTIAL = 'feishuMailOAuth2Api';

/** How often a request is sent whose token was rejected each time. */
const SENDS = 3;

/** Renewals in a row that did not help, after which the token is not what is wrong. */
const RENEWALS_IN_VAIN = 3;

/** Milliseconds after which another one may help: a user access token lives about two hours. */
const RENEWAL_PAUSE = 60 * 60 * 1000;

/** Milliseconds until a renewal that another worker of n8n has won should be stored: how long to wait, look by look. */
const LOOKS = [0, 500, 1500];

/** What n8n stores of the token endpoint's answer. */
type TokenData = { access_token?: string; refresh_token?: string; scope?: string; code?: number };

/** Renewals under way in this process, by the id of their credential: not every n8n keeps two apart. */
const renewals = new Map<unknown, Promise<unknown>>();

/**
 * Sends requests as the user who connected the credential. n8n reads the token for each request and signs it.
 *
 * A token that Feishu rejected is not sent again if there is another: the stored one, which another execution may have
 * renewed, or else a new one through n8n.
 */
export class UserSession implements Session {
	/** The search for another token. Others wait for it: a refresh token can be used only once. */
	private search?: Promise<boolean>;

	/** Tokens that Feishu rejected. */
	private readonly rejected = new Set<unknown>();

	/** Renewals since the last one with which a rejected request was accepted. */
	private inVain = 0;

	private renewedAt = 0;

	/** Feishu does not renew the access any more; asking again for the next item would give the same answer. */
	private refusal?: TokenExchangeError;

	readonly baseUrl: string;

	readonly app: string;

	private constructor(
		private readonly context: Context,
		private credential: ICredentialDataDecryptedObject,
		private readonly secrets: Secrets,
		private readonly cancelled?: AbortSignal,
	) {
		this.baseUrl = apiBaseUrl(credential);
		this.app = `${String(credential.clientId).trim()} at ${this.baseUrl}`;
		this.keep(credential);
	}

	/** @throws TokenExchangeError when nobody connected the credential yet */
	static async start(context: Context, secrets: Secrets, cancelled?: AbortSignal): Promise<UserSession> {
		const session = new UserSession(context, await context.getCredentials(CREDENTIAL), secrets, cancelled);
		if (!session.stored.access_token) {
			throw new TokenExchangeError(
				'The credential is not connected: open it, connect your account and allow the access',
			);
		}
		return session;
	}

	get grantedScope(): unknown {
		return this.stored.scope;
	}

	async send(build: () => IHttpRequestOptions): Promise<Reply> {
		for (let sent = 1; ; sent++) {
			while (this.search) await this.search;
			if (this.refusal && !(await this.findsAnother())) throw this.refusal;
			this.refusal = undefined;
			const reply = await this.sendOnce(build);
			if (!rejectedTokenCodes.has(reply.answer.code ?? 0)) {
				if (sent > 1) this.inVain = 0;
				return reply;
			}
			this.rejected.add(reply.token);
			if (sent === SENDS || !(await this.hasAnother())) return reply;
		}
	}

	private get stored(): TokenData {
		return (this.credential.oauthTokenData ?? {}) as TokenData;
	}

	private async sendOnce(build: () => IHttpRequestOptions): Promise<Reply> {
		const sentAt = clock.elapsed();
		const known = this.stored.access_token;
		const request = build();
		const response: IN8nHttpFullResponse = await this.context.helpers.httpRequestWithAuthentication.call(
			this.context,
			CREDENTIAL,
			request,
		);
		// n8n puts the header into the options it is given: the token may be newer than the one read before.
		const token = /^Bearer (.+)$/.exec(String(request.headers?.Authorization))?.[1] ?? known;
		this.secrets.add(token);
		return { answer: readAnswer(response), sentAt, token };
	}

	/** Whether there is a token that Feishu did not reject. Renews where that is needed and may help. */
	private async hasAnother(): Promise<boolean> {
		if (!this.rejected.has(this.stored.access_token)) return true;
		this.search ??= this.searchAnother().finally(() => {
			this.search = undefined;
		});
		return await this.search;
	}

	private async searchAnother(): Promise<boolean> {
		if (await this.findsAnother()) return true;
		if (this.refusal) throw this.refusal;
		if (this.inVain >= RENEWALS_IN_VAIN && clock.elapsed() < this.renewedAt + RENEWAL_PAUSE) return false;
		const failure = await this.renew();
		for (const pause of failure && !failure.transient ? LOOKS : [0]) {
			if (pause > 0) await clock.wait(pause, this.cancelled);
			if (await this.findsAnother()) return true;
		}
		if (!failure) return false;
		if (!failure.transient) this.refusal = failure;
		throw failure;
	}

	/** Reads what n8n holds: whether it is a token that Feishu did not reject. */
	private async findsAnother(): Promise<boolean> {
		this.keep(await this.context.getCredentials(CREDENTIAL));
		const { access_token } = this.stored;
		return Boolean(access_token) && !this.rejected.has(access_token);
	}

	private keep(credential: ICredentialDataDecryptedObject) {
		this.credential = credential;
		const { access_token, refresh_token } = this.stored;
		this.secrets.add(credential.clientSecret, access_token, refresh_token);
	}

	/** Has n8n renew and store the token, and gives the reason if it does not. */
	private async renew(): Promise<TokenExchangeError | undefined> {
		if (!this.stored.refresh_token) return noRefreshToken();
		const { id } = this.context.getNode().credentials?.[CREDENTIAL] ?? {};
		try {
			const renewal =
				renewals.get(id) ??
				this.context.helpers.refreshOAuth2Token
					.call(this.context, CREDENTIAL)
					.finally(() => renewals.delete(id));
			renewals.set(id, renewal);
			await renewal;
		} catch (error) {
			return renewalFailure(error);
		}
		this.inVain++;
		this.renewedAt = clock.elapsed();
		// n8n stores any answer with HTTP 200, also one that has a code instead of a token.
		if ((await this.findsAnother()) || !this.stored.code) return undefined;
		return renewalFailure({ status: 200, body: this.stored });
	}
}
