import type { ICredentialDataDecryptedObject, IHttpRequestHelper, IN8nHttpFullResponse } from 'n8n-workflow';

import { describeAnswer, isObject, readAnswer } from '../../transport/answer';
import { apiBaseUrl, isLoopback } from '../../transport/baseUrl';
import { connectionFailure } from '../../transport/connectionFailure';
import { platformHints, wrongCredentialCodes } from '../../transport/platformHints';
import { RefusedInput } from '../../transport/refusedInput';
import { Secrets } from '../../transport/secrets';
import { appIdOf, appSecretOf } from '../../transport/tenantAccessToken';

/** What Feishu answers to the request for an address: HTTP status and body. */
export interface AddressAnswer {
	status: number;
	body: unknown;
}

/**
 * Asks Feishu where an app's long connection is to be opened.
 *
 * Not in the docs; as Feishu's SDKs ask. The answer holds a ticket, which is good for one connection.
 *
 * @throws Error in words where no answer came, without the app secret
 * @throws RefusedInput for an unusable region or base URL
 */
export async function askForAddress(
	helpers: IHttpRequestHelper['helpers'],
	credential: ICredentialDataDecryptedObject,
): Promise<AddressAnswer> {
	const url = `${apiBaseUrl(credential)}/callback/ws/endpoint`;
	let response: IN8nHttpFullResponse;
	try {
		response = (await helpers.httpRequest({
			method: 'POST',
			url,
			headers: { locale: 'zh' },
			body: { AppID: appIdOf(credential), AppSecret: appSecretOf(credential) },
			json: true,
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			timeout: 15_000,
		})) as IN8nHttpFullResponse;
	} catch (error) {
		// The request holds the app secret, so nothing of n8n's own error is kept.
		throw unanswered(error);
	}
	const { statusCode: status, body } = response;
	const secrets = new Secrets();
	secrets.add(appSecretOf(credential));
	// The address is left as it is.
	return { status, body: isObject(body) ? { ...secrets.strikeOut(body), data: body.data } : body };
}

const unanswered = (error: unknown) =>
	new Error(`Feishu could not be asked for a long connection: ${connectionFailure(error).reason}`);

/** Where a connection is opened, and how it is kept. */
export interface Address {
	/** Holds the ticket: in no message. */
	url: string;
	/** What pings name. */
	service: number;
	config: unknown;
}

/** Busy, and an internal error: they pass. */
const passing = [1, 1000040343];

const wrongCredential = platformHints[wrongCredentialCodes[0]!]!;

/** What somebody has to mend, by Feishu's code. Seen in public threads and in Feishu's SDKs. */
const refusals: Readonly<Record<number, string>> = {
	...Object.fromEntries(
		[...wrongCredentialCodes, 403, 514, 1000040344].map((code) => [code, wrongCredential]),
	),
	1000040350:
		'The app has as many long connections as Feishu allows, 50: stop other programs and other n8n that use this app. Connections that a crash has left end after some minutes',
	1000040351:
		"The app does not exist in this region: choose the one where it was made under 'Region' of the credential, or correct 'Base URL'",
};

/**
 * The address in an answer.
 *
 * @throws RefusedInput for what somebody has to mend; Error in words for what may pass
 */
export function addressIn({ status, body }: AddressAnswer): Address {
	const answer = readAnswer({ statusCode: status, body: body as Record<string, never>, headers: {} });
	const { code } = answer;
	if (code === undefined) {
		throw new Error(
			`The answer to the request for a long connection did not come from Feishu's API (HTTP ${status}, not JSON): check 'Region' and 'Base URL' of the credential`,
		);
	}
	if (status !== 200 || passing.includes(code)) {
		throw new Error(`Feishu opens no long connection at the moment (code ${code}, HTTP ${status})`);
	}
	if (code !== 0) {
		const reason = refusals[code] ?? 'Feishu refuses the app a long connection';
		throw new RefusedInput(`${reason} (code ${code})`, describeAnswer(answer));
	}
	const data = isObject(answer.body.data) ? answer.body.data : {};
	const url = typeof data.URL === 'string' && URL.canParse(data.URL) ? new URL(data.URL) : undefined;
	// As with the API's address: unencrypted only where nothing leaves the machine.
	if (url?.protocol !== 'wss:' && !(url?.protocol === 'ws:' && isLoopback(url.hostname))) {
		throw new Error("Feishu's answer holds no address for a long connection although it reports success");
	}
	url.hash = '';
	return {
		url: url.href,
		service: Number(url.searchParams.get('service_id')) | 0,
		config: data.ClientConfig,
	};
}
