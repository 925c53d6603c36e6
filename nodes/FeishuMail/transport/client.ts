import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
} from 'n8n-workflow';

import { readAnswer, type Answer } from './answer';
import { apiBaseUrl } from './baseUrl';
import { connectionFailure } from './connectionFailure';
import { fillPath, type Endpoint, type PathParameter } from './endpoint';
import { failedAnswer, missingReturn, noAnswer, nodeApiError, noToken } from './failure';
import { rejectedTokenCodes } from './platformHints';
import { hasFreshToken, isTokenExchangeError, type TokenExchangeError } from './tenantAccessToken';

const CREDENTIAL = 'feishuMailApi';

/** Milliseconds to wait for an answer. */
const TIMEOUT = 60_000;

/** What one call of an endpoint sends. */
export interface Call {
	/** The number of the input item, for errors. */
	itemIndex: number;
	path: Record<string, PathParameter>;
	query?: IDataObject;
	body?: IDataObject;
}

/**
 * The way to Feishu for one run of the node: one credential and one token, however many items.
 *
 * n8n reads and decrypts a credential on every authenticated request unless it is handed over, and renews the token
 * of one handed over in place. So all requests of a run share one object, and one renewal serves them all.
 */
export class Client {
	private credential?: Promise<ICredentialDataDecryptedObject>;

	/** The request that is fetching a token. Others wait for it: n8n by itself would fetch one for each. */
	private renewal?: Promise<unknown>;

	/** Feishu rejected a new token like the one before, so the token is not what is wrong. */
	private renewalIsPointless = false;

	/** Feishu refused to give a token; asking again for the next item would give the same answer. */
	private refusal?: TokenExchangeError;

	constructor(private readonly context: IExecuteFunctions) {}

	/**
	 * Calls an endpoint and gives what it returns: the object it declares, or the whole `data`.
	 *
	 * @throws RefusedInput for a path parameter or base URL that must not be used; nothing was sent
	 * @throws NodeApiError for everything that is not a success, with the next step in its message
	 */
	async call<A extends object>(endpoint: Endpoint<A>, call: Call): Promise<A> {
		const path = fillPath(endpoint.path, call.path);
		this.credential ??= this.context.getCredentials(CREDENTIAL);
		const credential = await this.credential;
		const url = apiBaseUrl(credential) + path;
		const answer = await this.sendWithToken(
			credential,
			async () => await this.send(endpoint, url, call, credential),
		);

		const { accessToken, appSecret } = credential;
		const fail = (failure: typeof failedAnswer) =>
			nodeApiError(
				this.context.getNode(),
				call.itemIndex,
				failure(endpoint, answer, [accessToken, appSecret]),
			);
		if (answer.code !== 0) throw fail(failedAnswer);
		const data = answer.body.data as IDataObject | undefined;
		const returned = endpoint.returns ? data?.[endpoint.returns] : (data ?? {});
		if (typeof returned !== 'object' || returned === null) throw fail(missingReturn);
		return returned as A;
	}

	/**
	 * Sends with a token that is not nearly over; if Feishu rejects it all the same, renews it and sends once more.
	 * A request whose token was rejected was not carried out.
	 */
	private async sendWithToken(credential: ICredentialDataDecryptedObject, send: () => Promise<Answer>) {
		while (this.renewal) await this.renewal;
		const stored = credential.accessToken;
		const fresh = hasFreshToken(credential);
		const first = await (fresh ? send() : this.renewing(send));
		if (!rejectedTokenCodes.has(first.code ?? 0)) return first;

		const used = fresh ? stored : credential.accessToken;
		while (this.renewal) await this.renewal;
		if (credential.accessToken !== used) return await send();
		if (this.renewalIsPointless) return first;
		// An empty token makes n8n fetch a new one and store it.
		credential.accessToken = '';
		const second = await this.renewing(send);
		this.renewalIsPointless = rejectedTokenCodes.has(second.code ?? 0);
		return second;
	}

	private async renewing(send: () => Promise<Answer>) {
		const sending = send();
		this.renewal = sending.catch(() => undefined);
		try {
			return await sending;
		} finally {
			this.renewal = undefined;
		}
	}

	/** One HTTP request. Its options are built afresh each time: n8n-core changes the ones it is given. */
	private async send(
		endpoint: Endpoint<object>,
		url: string,
		{ itemIndex, query, body }: Call,
		credential: ICredentialDataDecryptedObject,
	): Promise<Answer> {
		const node = this.context.getNode();
		if (this.refusal) throw nodeApiError(node, itemIndex, noToken(this.refusal));
		const options: IHttpRequestOptions = {
			method: endpoint.method,
			url,
			qs: query,
			body,
			json: true,
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			timeout: TIMEOUT,
		};
		try {
			const response: IN8nHttpFullResponse = await this.context.helpers.httpRequestWithAuthentication.call(
				this.context,
				CREDENTIAL,
				options,
				{ credentialsDecrypted: { id: '', name: CREDENTIAL, type: CREDENTIAL, data: credential } },
			);
			return readAnswer(response);
		} catch (error) {
			const cause = (error as Error).cause;
			if (isTokenExchangeError(cause)) {
				if (cause.details.code) this.refusal = cause;
				throw nodeApiError(node, itemIndex, noToken(cause));
			}
			throw nodeApiError(node, itemIndex, noAnswer(endpoint, connectionFailure(error)));
		}
	}
}
