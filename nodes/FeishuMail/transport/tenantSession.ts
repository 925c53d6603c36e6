import type { ICredentialDataDecryptedObject, IHttpRequestOptions, IN8nHttpFullResponse } from 'n8n-workflow';

import { readAnswer } from './answer';
import { apiBaseUrl } from './baseUrl';
import { clock } from './clock';
import { rejectedTokenCodes } from './platformHints';
import type { Secrets } from './secrets';
import type { Context, Reply, Session } from './session';
import { appIdOf, hasFreshToken } from './tenantAccessToken';
import { isTokenExchangeError, notedFailure, type TokenExchangeError } from './tokenExchangeError';

const CREDENTIAL = 'feishuMailApi';

/**
 * Sends requests as an app: one credential and one token for one run of the node, however many items.
 *
 * n8n reads and decrypts a credential on every authenticated request unless it is handed over. So all requests of a run
 * share one, and one renewal serves them all.
 */
export class TenantSession implements Session {
	/** The request that is fetching a token. Others wait for it: n8n by itself would fetch one for each. */
	private renewal?: Promise<unknown>;

	/** Feishu rejected a new token like the one before, so the token is not what is wrong. */
	private renewalIsPointless = false;

	/** Feishu refused to give a token; asking again for the next item would give the same answer. */
	private refusal?: TokenExchangeError;

	readonly baseUrl: string;

	readonly app: string;

	private constructor(
		private readonly context: Context,
		private credential: ICredentialDataDecryptedObject,
		private readonly secrets: Secrets,
	) {
		secrets.add(credential.appSecret, credential.accessToken);
		this.baseUrl = apiBaseUrl(credential);
		this.app = `${appIdOf(credential)} at ${this.baseUrl}`;
	}

	/** @throws n8n's error when no credential is chosen or it cannot be read */
	static async start(context: Context, secrets: Secrets): Promise<TenantSession> {
		return new TenantSession(context, await context.getCredentials(CREDENTIAL), secrets);
	}

	/** Uses a token that is not nearly over, so that it is rarely rejected. */
	async send(build: () => IHttpRequestOptions): Promise<Reply> {
		while (this.renewal) await this.renewal;
		if (this.refusal) throw this.refusal;
		const first = await (hasFreshToken(this.credential) ? this.sendOnce(build) : this.renewing(build));
		if (!rejected(first)) {
			this.renewalIsPointless = false;
			return first;
		}

		while (this.renewal) await this.renewal;
		if (this.credential.accessToken !== first.token) return await this.sendOnce(build);
		if (this.renewalIsPointless) return first;
		const second = await this.renewing(build);
		this.renewalIsPointless = rejected(second);
		return second;
	}

	/**
	 * Sends a request whose token n8n fetches first, because it is empty, and stores.
	 *
	 * n8n changes the credential it is given, so it gets a copy: requests under way must not see the empty token. Those
	 * that wait go on as soon as n8n has put the new one in, not only when this request is answered.
	 */
	private async renewing(build: () => IHttpRequestOptions): Promise<Reply> {
		const credential = { ...this.credential };
		const arrival = tokenArrival(credential);
		const sending = this.sendOnce(build, credential);
		this.renewal = Promise.race([arrival, sending])
			.catch(() => undefined)
			.then(() => {
				if (credential.accessToken) this.credential = { ...credential };
				this.renewal = undefined;
			});
		const reply = await sending;
		return { ...reply, sentAt: await Promise.race([arrival, clock.elapsed()]) };
	}

	/** With a credential of its own, so that only its own exchange leaves a reason there. */
	private async sendOnce(
		build: () => IHttpRequestOptions,
		credential = { ...this.credential },
	): Promise<Reply> {
		const sentAt = clock.elapsed();
		try {
			const response: IN8nHttpFullResponse = await this.context.helpers.httpRequestWithAuthentication.call(
				this.context,
				CREDENTIAL,
				build(),
				{ credentialsDecrypted: { id: '', name: CREDENTIAL, type: CREDENTIAL, data: credential } },
			);
			return { answer: readAnswer(response), sentAt, token: credential.accessToken };
		} catch (error) {
			throw this.reason(error, credential);
		} finally {
			this.secrets.add(credential.accessToken);
		}
	}

	/** The exchange's own error in place of the one that n8n wraps around it. */
	private reason(error: unknown, credential: ICredentialDataDecryptedObject): unknown {
		const failure = notedFailure(credential);
		if (!isTokenExchangeError(failure)) return error;
		if (!failure.transient) this.refusal = failure;
		return failure;
	}
}

const rejected = ({ answer }: Reply) => rejectedTokenCodes.has(answer.code ?? 0);

/**
 * Empties the access token of a credential.
 *
 * @returns when n8n has put a new one in, by `clock.elapsed`
 */
async function tokenArrival(credential: ICredentialDataDecryptedObject): Promise<number> {
	let accessToken = '';
	return await new Promise((resolve) => {
		Object.defineProperty(credential, 'accessToken', {
			enumerable: true,
			get: () => accessToken,
			set: (token: string) => {
				accessToken = token;
				if (token) resolve(clock.elapsed());
			},
		});
	});
}
