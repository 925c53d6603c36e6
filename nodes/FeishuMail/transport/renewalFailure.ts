import { jsonParse, type IDataObject } from 'n8n-workflow';

import { describeAnswer, detailsOf, readAnswer } from './answer';
import { connectionFailure } from './connectionFailure';
import { isQuotaRefusal } from './quota';
import { TokenExchangeError } from './tokenExchangeError';

/** Why the token endpoint refuses a refresh token. Docs: "Refresh user_access_token", error codes. */
const refusals: Readonly<Record<number, string>> = {
	20026: 'the refresh token is not one of this address',
	20037: 'the refresh token has expired, or the user allowed the access more than 365 days ago',
	20064: 'the access was revoked',
	20073: 'the refresh token was used before, which Feishu allows only once',
	20074:
		"refreshing is switched off under 'Security Settings' of the app in the developer console: switch it on before you reconnect",
};

const RECONNECT =
	"Feishu does not renew the user's access any more: reconnect the credential, with 'offline_access' among its scopes";

const wrongClient =
	"Feishu does not accept the Client ID and Client Secret of the credential: copy both again from 'Credentials & Basic Info' of the app in the developer console";

/** Codes of the token endpoint that reconnecting does not cure. */
const otherSteps: Readonly<Record<number, string>> = {
	20002: wrongClient,
	20048: wrongClient,
	20069: 'The app is stopped: enable it in the admin console of your organisation',
};

/** Faults of Feishu's own at the token endpoint, which pass. */
const passing = new Set([20050, 20072]);

/** What n8n throws when a renewal did not succeed: its own errors, those of its OAuth2 client, or axios's. */
interface RenewalError {
	/** HTTP status, of an answer without the word `error`. */
	status?: number;
	/** The answer: an object, or text where it is not JSON or has no `error`. */
	body?: unknown;
	/** HTTP 500 and above. */
	response?: { status: number; data?: unknown; headers?: IDataObject };
}

/** There is no refresh token: the user was not asked for `offline_access`, or refreshing is switched off. */
export const noRefreshToken = () =>
	new TokenExchangeError(RECONNECT, `There is no refresh token. It can be that ${refusals[20074]}.`);

/**
 * Why the user's access was not renewed, without n8n's own error, which holds the refresh token.
 *
 * @param error what n8n's `refreshOAuth2Token` threw
 */
export function renewalFailure(error: unknown): TokenExchangeError {
	const { status, body, response } = error as RenewalError;
	const content = body ?? response?.data;
	if (content === undefined) return withoutAnswer(error);
	const answer = readAnswer({
		// n8n's client keeps the status of an answer with the word `error` to itself. Docs: HTTP 400.
		statusCode: response?.status ?? status ?? 400,
		headers: response?.headers ?? {},
		body: typeof content === 'string' ? jsonParse(content, { fallbackValue: {} }) : content,
	});
	const { code, httpCode } = answer;
	const details = detailsOf(answer);
	const said = describeAnswer(answer);
	if (httpCode >= 500 || isQuotaRefusal(answer) || passing.has(code ?? 0)) {
		return new TokenExchangeError(
			`The user's access cannot be renewed at the moment (${code === undefined ? '' : `code ${code}, `}HTTP ${httpCode}): run it again later`,
			said,
			details,
			true,
		);
	}
	if (code === undefined && !('error' in answer.body)) {
		return new TokenExchangeError(
			`The address where the user's access is renewed does not answer like Feishu (HTTP ${httpCode}): check 'Region' and 'Token URL' of the credential`,
			'A proxy, a login page or another server may be answering at this address.',
			details,
		);
	}
	const reason = refusals[code ?? 0];
	return new TokenExchangeError(
		otherSteps[code ?? 0] ?? RECONNECT,
		[reason && `The reason: ${reason}.`, said].filter(Boolean).join('\n'),
		details,
	);
}

/** No answer came, or n8n keeps it to itself. */
function withoutAnswer(error: unknown): TokenExchangeError {
	// n8n 2.41 replaces a refused grant by this error, without the code.
	if ((error as Error).name === 'NodeOperationError') {
		return new TokenExchangeError(
			RECONNECT,
			`n8n does not tell which reason Feishu gave. It can be one of these:\n${Object.values(refusals)
				.map((reason) => `- ${reason}`)
				.join('\n')}`,
		);
	}
	const { reason, code } = connectionFailure(error);
	return new TokenExchangeError(
		`${reason} while the user's access was being renewed: check that n8n may reach Feishu, then run it again`,
		code && `Connection code: ${code}.`,
		undefined,
		true,
	);
}
