import type { Hints } from './endpoint';
import type { Identity } from './session';

const wrongCredentials =
	"Feishu does not accept this App ID and App Secret: copy both again from 'Credentials & Basic Info' of the app in the developer console, and check 'Region' of the credential";

const rejectedToken =
	'Feishu does not accept {token}, not even a new one: check that the app is enabled, that its latest version is released, and that this operation works with the chosen authentication';

const missingAppScope =
	"The app lacks a permission that this operation needs: add {scopes} under 'Permissions & Scopes' of the app in the developer console, then release a new version of the app";

const missingUserScope =
	"The user has not granted a permission that this operation needs: see that 'Scopes' of the credential holds {scopes}, and that the app has it as a user token scope, then reconnect the credential";

/**
 * Codes that mean the same on every endpoint, and what to do. `{scopes}` becomes the scopes that the endpoint needs,
 * `{token}` the kind of access token that was sent.
 *
 * Docs: "Generic error codes"; which of them a wrong App ID or App Secret gives was seen in captures of the token
 * endpoint.
 */
export const platformHints: Hints = {
	10003: wrongCredentials,
	10014: wrongCredentials,
	10015: wrongCredentials,
	99991543: wrongCredentials,

	99991661: rejectedToken,
	99991663: rejectedToken,
	99991664: rejectedToken,
	99991665: rejectedToken,
	99991668: rejectedToken,
	99991669: 'Feishu does not accept the refresh token of the user: reconnect the credential',
	99991671: rejectedToken,
	99991677: rejectedToken,

	99991672: missingAppScope,
	99991676: missingAppScope,
	99991679: missingUserScope,

	99991662: 'The app is stopped: enable it in the admin console of your organisation',
	99991673: 'The app is not installed in this organisation: release it and have an administrator approve it',
	99991401:
		"The app only accepts calls from certain IP addresses: add the address of n8n to the IP allow list under 'Security Settings' of the app",
	99991403: "The organisation's monthly quota of API calls is used up: ask an administrator for more",
	99991400: "Feishu's quota for this operation is used up for the moment: run the items that are left later",
	99992402: 'Feishu does not accept a value of the request: its answer names the field',
	1230005:
		"An app has no mailbox of its own, so 'me' works with a user's credential only: enter the address of a mailbox",
};

/** What to do where a scope is missing, by whom the requests act for. */
export const missingScopeHint: Readonly<Record<Identity, string>> = {
	tenant: missingAppScope,
	user: missingUserScope,
};

/** What to do where Feishu offers an endpoint to the other identity only, by whom the requests act for. */
export const otherIdentityHint: Readonly<Record<Identity, string>> = {
	tenant:
		"Feishu offers this operation to users only: choose a 'Feishu Mail OAuth2 API' credential under 'Credential'",
	user: "Feishu offers this operation to apps only: choose a 'Feishu Mail API' credential under 'Credential'",
};

/** The access token of an identity, as a user may call it. */
export const tokenName = (identity: Identity) =>
	identity === 'user' ? "the user's access token" : "the app's access token";

const codesOf = (hint: string) =>
	Object.keys(platformHints)
		.map(Number)
		.filter((code) => platformHints[code] === hint);

/** Codes with which Feishu says that a scope is missing. */
export const missingScopeCodes: ReadonlySet<number> = new Set([
	...codesOf(missingAppScope),
	...codesOf(missingUserScope),
]);

/** Codes with which the token endpoint refuses App ID and App Secret. */
export const wrongCredentialCodes: readonly number[] = codesOf(wrongCredentials);

/** Codes with which Feishu rejects the token itself, whatever the HTTP status: a new token may help. */
export const rejectedTokenCodes: ReadonlySet<number> = new Set(codesOf(rejectedToken));
