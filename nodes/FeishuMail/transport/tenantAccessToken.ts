import { createHash } from 'crypto';

import type {
	ICredentialDataDecryptedObject,
	IHttpRequestHelper,
	IHttpRequestOptions,
	IN8nHttpFullResponse,
} from 'n8n-workflow';

import { describeAnswer, detailsOf, readAnswer } from './answer';
import { apiBaseUrl } from './baseUrl';
import { clock } from './clock';
import { connectionFailure } from './connectionFailure';
import { platformHints, tokenName } from './platformHints';
import { isQuotaRefusal } from './quota';
import { Secrets } from './secrets';
import { TokenExchangeError } from './tokenExchangeError';

/** Where an App ID and App Secret are exchanged for a tenant access token. */
export const exchangePath = '/open-apis/auth/v3/tenant_access_token/internal';

/** Milliseconds before its end at which a token of usual length is renewed. */
const RENEWAL_MARGIN = 5 * 60 * 1000;

/** Seconds that a token counts as valid when Feishu does not say: below the 30 minutes left at which it renews. */
const ASSUMED_LIFETIME = 30 * 60;

/** What the credential stores of an exchange. Times in milliseconds since 1970. */
export type TenantAccessToken = {
	accessToken: string;
	issuedAt: number;
	expiresAt: number;
	issuedTo: string;
};

/**
 * A fingerprint of what a token was exchanged for. A token of another app or region is of no use, and with another
 * secret a stored one would hide for two hours that the secret is wrong.
 */
export const issuedTo = (credential: ICredentialDataDecryptedObject) =>
	createHash('sha256')
		.update([apiBaseUrl(credential), appIdOf(credential), appSecretOf(credential)].join('\n'))
		.digest('hex');

/** Blanks come along when an id or a secret is copied from a web page. */
export const appIdOf = ({ appId }: ICredentialDataDecryptedObject) => String(appId).trim();
export const appSecretOf = ({ appSecret }: ICredentialDataDecryptedObject) => String(appSecret).trim();

/**
 * Whether the stored token can be used: it was exchanged for what the credential holds now, and is not nearly over.
 *
 * It is renewed when less than 5 minutes are left, or half its lifetime if that is shorter, so that a token that
 * lives for seconds is not renewed for ever.
 */
export function hasFreshToken(credential: ICredentialDataDecryptedObject): boolean {
	const { accessToken, issuedAt, expiresAt } = credential;
	if (!accessToken || typeof issuedAt !== 'number' || typeof expiresAt !== 'number') return false;
	const margin = Math.min(RENEWAL_MARGIN, (expiresAt - issuedAt) / 2);
	return credential.issuedTo === issuedTo(credential) && clock.now() < expiresAt - margin;
}

/**
 * Exchanges App ID and App Secret for a tenant access token.
 *
 * Docs: "Get tenant_access_token by internal apps". While 30 minutes or more are left of a token, Feishu answers
 * with that same token and the seconds it has left, so the lifetime is what `expire` says. A wrong App ID or App
 * Secret answers HTTP 200 with a code.
 *
 * @throws TokenExchangeError in words the user can act on; the app secret is never among them
 * @throws RefusedInput for an unusable region or base URL
 */
export async function exchangeTenantAccessToken(
	helpers: IHttpRequestHelper['helpers'],
	credential: ICredentialDataDecryptedObject,
): Promise<TenantAccessToken> {
	const request: IHttpRequestOptions = {
		method: 'POST',
		url: apiBaseUrl(credential) + exchangePath,
		body: { app_id: appIdOf(credential), app_secret: appSecretOf(credential) },
		json: true,
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
		timeout: 30_000,
	};
	let response: IN8nHttpFullResponse;
	const issuedAt = clock.now();
	try {
		response = (await helpers.httpRequest(request)) as IN8nHttpFullResponse;
	} catch (error) {
		// The request holds the app secret, so nothing of n8n's own error is kept.
		throw unreachable(error);
	}

	const answer = readAnswer(response);
	const { code, httpCode, body } = answer;
	const secrets = new Secrets();
	secrets.add(credential.appSecret, credential.accessToken, body.tenant_access_token);
	const details = secrets.strikeOut(detailsOf(answer));
	if (code === undefined) {
		throw new TokenExchangeError(
			`The answer to the request for an access token did not come from Feishu's API (HTTP ${httpCode}, not JSON): check 'Region' and 'Base URL' of the credential`,
			'A proxy, a login page or another server may be answering at this address.',
			details,
			httpCode >= 500 || httpCode === 429,
		);
	}
	const description = secrets.strikeOut(describeAnswer(answer));
	if (code !== 0) {
		const hint = platformHints[code] ?? 'Feishu gave no access token for this App ID and App Secret';
		throw new TokenExchangeError(
			`${hint.replace('{token}', tokenName('tenant'))} (code ${code})`,
			description,
			details,
			httpCode >= 500 || isQuotaRefusal(answer),
		);
	}
	if (typeof body.tenant_access_token !== 'string' || body.tenant_access_token === '') {
		throw new TokenExchangeError(
			"Feishu's answer holds no access token although it reports success: check 'Base URL' of the credential",
			description,
			details,
		);
	}
	const expire = Number(body.expire);
	const lifetime = expire > 0 && Number.isFinite(expire) ? expire : ASSUMED_LIFETIME;
	return {
		accessToken: body.tenant_access_token,
		issuedAt,
		expiresAt: issuedAt + lifetime * 1000,
		issuedTo: issuedTo(credential),
	};
}

function unreachable(error: unknown): TokenExchangeError {
	return new TokenExchangeError(
		`${connectionFailure(error).reason}: check 'Region' and 'Base URL' of the credential, and that n8n may reach Feishu`,
		'No access token could be requested, so nothing was sent to the mailbox.',
		undefined,
		true,
	);
}
