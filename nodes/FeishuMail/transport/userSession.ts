import type { ICredentialDataDecryptedObject, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import { readAnswer } from './answer';
import { apiBaseUrl } from './baseUrl';
import { clock } from './clock';
import { connectionFailure } from './connectionFailure';
import { rejectedTokenCodes } from './platformHints';
import { redact } from './redact';
import type { Context, Reply, Session } from './session';
import { TokenExchangeError } from './tokenExchangeError';

const CREDENTIAL = 'feishuMailOAuth2Api';

/** What n8n stores of the token endpoint's answer. */
type TokenData = { access_token?: string; refresh_token?: string };

const tokenData = (credential: ICredentialDataDecryptedObject) =>
	(credential.oauthTokenData ?? {}) as TokenData;

/** Why the token endpoint does not renew any more. Docs: "Refresh user_access_token", error codes. */
const refusals = new Map([
	[20026, 'The refresh token is not valid'],
	[20037, 'The refresh token has expired'],
	[20064, 'The access was revoked'],
	[20073, 'The refresh token was used before, which Feishu allows only once'],
	[20074, "Refreshing is switched off under 'Security Settings' of the app"],
]);

/** Sends requests as the user who connected the credential. n8n reads the token for each request and signs it. */
export class UserSession implements Session {
	/** A renewal under way. Others wait for it: a refresh token can be used only once. */
	private renewal?: Promise<void>;

	/** Feishu rejected a new token like the one before, so the token is not what is wrong. */
	private renewalIsPointless = false;

	/** Feishu does not renew the access any more; asking again for the next item would give the same answer. */
	private refusal?: TokenExchangeError;

	readonly baseUrl: string;

	private constructor(
		private readonly context: Context,
		private credential: ICredentialDataDecryptedObject,
	) {
		this.baseUrl = apiBaseUrl(credential);
	}

	/** @throws TokenExchangeError when nobody connected the credential yet */
	static async start(context: Context): Promise<UserSession> {
		const credential = await context.getCredentials(CREDENTIAL);
		if (!tokenData(credential).access_token) {
			throw new TokenExchangeError(
				'The credential is not connected: open it, connect your account and allow the access',
			);
		}
		return new UserSession(context, credential);
	}

	get secrets(): unknown[] {
		const { access_token, refresh_token } = tokenData(this.credential);
		return [this.credential.clientSecret, access_token, refresh_token];
	}

	async send(build: () => IHttpRequestOptions): Promise<Reply> {
		while (this.renewal) await this.renewal;
		if (this.refusal) throw this.refusal;
		const first = await this.sendOnce(build);
		if (!rejected(first) || this.renewalIsPointless) return first;

		if (this.token === first.token) await (this.renewal ??= this.renew());
		const second = await this.sendOnce(build);
		this.renewalIsPointless = rejected(second);
		return second;
	}

	private get token(): unknown {
		return tokenData(this.credential).access_token;
	}

	/**
	 * Gets another token than the one that was rejected: the stored one, if another execution has renewed it meanwhile,
	 * else a new one through n8n, which refreshes once for all its workers and stores the result.
	 */
	private async renew(): Promise<void> {
		try {
			const rejectedToken = this.token;
			this.credential = await this.context.getCredentials(CREDENTIAL);
			if (this.token !== rejectedToken) return;
			await this.context.helpers.refreshOAuth2Token.call(this.context, CREDENTIAL);
			this.credential = await this.context.getCredentials(CREDENTIAL);
		} catch (error) {
			throw this.reason(error);
		} finally {
			this.renewal = undefined;
		}
	}

	private async sendOnce(build: () => IHttpRequestOptions): Promise<Reply> {
		const sentAt = clock.elapsed();
		const { token } = this;
		const response: IN8nHttpFullResponse = await this.context.helpers.httpRequestWithAuthentication.call(
			this.context,
			CREDENTIAL,
			build(),
		);
		return { answer: readAnswer(response), sentAt, token };
	}

	private reason(error: unknown): TokenExchangeError {
		const failure = this.inWords(error);
		if (!failure.transient) this.refusal = failure;
		return failure;
	}

	/** Without n8n's own error, which holds the refresh token. */
	private inWords(error: unknown): TokenExchangeError {
		const { message, body, name } = error as Error & {
			body?: { code?: number; error?: string; error_description?: string };
		};
		const code = typeof body?.code === 'number' ? body.code : undefined;
		const said =
			body && redact([body.error, body.error_description].filter(Boolean).join(': '), this.secrets);
		const description = [
			code !== undefined && refusals.get(code),
			said && `Feishu's answer: ${said}${code === undefined ? '' : ` (code ${code})`}`,
		]
			.filter(Boolean)
			.join('. ');
		const { reason, code: connection } = connectionFailure(error);
		// n8n's errors for a refused grant and for a missing refresh token say so themselves.
		if (body || /reconnect/i.test(message) || name === 'NodeOperationError') {
			return new TokenExchangeError(
				"Feishu does not renew the user's access any more: reconnect the credential, with 'offline_access' among its scopes",
				description || undefined,
				{ code },
			);
		}
		return new TokenExchangeError(
			`${reason} while the user's access was being renewed: check that n8n may reach Feishu, then run it again`,
			connection && `Connection code: ${connection}.`,
			{},
			true,
		);
	}
}

const rejected = ({ answer }: Reply) => rejectedTokenCodes.has(answer.code ?? 0);
