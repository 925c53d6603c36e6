import { createHash } from 'crypto';

import type { Authorization, Code, RefreshToken, TokenVersion, UserTokens } from '../authorizations';
import { Refusal } from '../platform';
import type { Api, Call, ReceivedRequest } from '../platform';
import type { App } from '../tenants';

/**
 * [docs] codes of the token endpoint, with HTTP 400. The words of `error` are those of RFC 6749, section 5.2, of
 * which the documents show invalid_grant; which code has which word is the sandbox's choice, as are the texts.
 */
const refusals = {
	20001: ['invalid_request', 'the request is missing a required parameter'],
	20002: ['invalid_client', 'the client secret is invalid'],
	20003: ['invalid_grant', 'the authorization code is not found'],
	20004: ['invalid_grant', 'the authorization code has expired'],
	20024: ['invalid_grant', 'the code or refresh token was issued to another client_id'],
	20026: ['invalid_grant', 'the refresh token is invalid'],
	20036: ['unsupported_grant_type', 'the grant_type is not supported'],
	20037: ['invalid_grant', 'the refresh token has expired'],
	20048: ['invalid_client', 'the app does not exist'],
	20049: ['invalid_grant', 'the PKCE check failed'],
	20063: ['invalid_request', 'the request is malformed'],
	20064: ['invalid_grant', 'the refresh token has been revoked'],
	20065: ['invalid_grant', 'the authorization code has been used'],
	20067: ['invalid_scope', 'the scope parameter repeats a scope'],
	20068: ['invalid_scope', 'the scope parameter goes beyond what was granted'],
	20069: ['invalid_client', 'the app is disabled'],
	20070: ['invalid_request', 'more than one method of client authentication is used'],
	20071: ['invalid_grant', 'the redirect_uri differs from the one of the authorization'],
	20073: ['invalid_grant', 'the refresh token has been used'],
	20074: ['unauthorized_client', 'refreshing user access tokens is switched off for the app'],
} as const;

function refused(code: keyof typeof refusals, detail?: string): Refusal {
	const [error, text] = refusals[code];
	const json = { code, error, error_description: detail === undefined ? text : `${text}: ${detail}` };
	return new Refusal({ status: 400, json, executed: false });
}

type Fields = Record<string, string | undefined>;

/** The body's fields. Throws 20001 without a body that can be read, 20063 for a value that is no text. */
function fieldsOf({ body }: ReceivedRequest): Fields {
	if (typeof body !== 'object' || body === null || Array.isArray(body)) {
		throw refused(20001, 'a body as JSON object or form is expected');
	}
	const fields: Fields = {};
	for (const [name, value] of Object.entries(body)) {
		// null and "" count as absent: the sandbox's choice.
		if (value === null || value === '') continue;
		if (typeof value !== 'string') throw refused(20063, name);
		fields[name] = value;
	}
	return fields;
}

function required(fields: Fields, name: string): string {
	const value = fields[name];
	if (value === undefined) throw refused(20001, name);
	return value;
}

/** Client id and secret of a Basic header. */
function basicCredentials({ headers }: ReceivedRequest): [id: string, secret: string] | undefined {
	const { authorization } = headers;
	const encoded = typeof authorization === 'string' ? /^Basic +(\S+)$/i.exec(authorization)?.[1] : undefined;
	if (encoded === undefined) return undefined;
	const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString().split(':');
	return [id, secret.join(':')];
}

/** The app that asks, by Basic header or by body. */
function clientOf(request: ReceivedRequest, fields: Fields, apps: App[]): App {
	const basic = basicCredentials(request);
	// [docs] 20070: not both. A client_id beside the header is no second method: the sandbox's choice.
	if (basic !== undefined && fields.client_secret !== undefined) throw refused(20070);
	const [id, secret] = basic ?? [required(fields, 'client_id'), required(fields, 'client_secret')];
	if (basic !== undefined && fields.client_id !== undefined && fields.client_id !== id) {
		throw refused(20063, 'client_id');
	}
	const app = apps.find((candidate) => candidate.id === id);
	if (app === undefined) throw refused(20048);
	if (!app.enabled) throw refused(20069);
	if (app.secret !== secret) throw refused(20002);
	return app;
}

/** The scopes that the access token is to have. The parameter may only narrow. [docs] */
function narrowedScopes(scope: string | undefined, granted: ReadonlySet<string>): ReadonlySet<string> {
	if (scope === undefined) return granted;
	const asked = scope.split(' ').filter((name) => name !== '');
	const narrowed = new Set(asked);
	if (narrowed.size < asked.length) throw refused(20067);
	const beyond = asked.filter((name) => !granted.has(name));
	if (beyond.length > 0) throw refused(20068, beyond.join(', '));
	return narrowed;
}

function checkVerifier(
	challenge: Code['challenge'],
	verifier: string | undefined,
	version: TokenVersion,
): void {
	if (challenge === undefined) {
		// [docs] v3 refuses a verifier without a challenge, v2 ignores it. Which code: the sandbox's choice.
		if (verifier !== undefined && version === 'v3') throw refused(20049);
		return;
	}
	const { value, method } = challenge;
	const answer =
		method === 'S256' && verifier !== undefined
			? createHash('sha256').update(verifier).digest('base64url')
			: verifier;
	if (answer !== value) throw refused(20049);
}

/** What one exchange works with. */
interface Exchange {
	app: App;
	fields: Fields;
	version: TokenVersion;
	now: number;
	/** Whether another app has what this one does not know. */
	elsewhere(has: (app: App) => boolean): boolean;
}

function issue(
	{ app, fields, version, now }: Exchange,
	authorization: Authorization,
	consume: () => void,
): UserTokens {
	const scopes = narrowedScopes(fields.scope, authorization.scopes);
	consume();
	return app.authorizations.issue(authorization, version, now, scopes);
}

/** A code is spent by success only; the order of the checks is the sandbox's choice. */
function exchangeCode(exchange: Exchange): UserTokens {
	const { app, fields, version, now, elsewhere } = exchange;
	const value = required(fields, 'code');
	const code = app.authorizations.codes.get(value);
	if (code === undefined) {
		throw refused(elsewhere(({ authorizations }) => authorizations.codes.has(value)) ? 20024 : 20003);
	}
	if (code.used) throw refused(20065);
	if (code.end <= now) throw refused(20004);
	if (fields.redirect_uri !== code.redirectUri) throw refused(20071);
	checkVerifier(code.challenge, fields.code_verifier, version);
	return issue(exchange, code.authorization, () => {
		code.used = true;
	});
}

/** [docs] v3 takes refresh tokens of both versions, v2 only its own. */
function fits(token: RefreshToken, version: TokenVersion): boolean {
	return version === 'v3' || token.version === 'v2';
}

function refresh(exchange: Exchange): UserTokens {
	const { app, fields, version, now, elsewhere } = exchange;
	const value = required(fields, 'refresh_token');
	const token = app.authorizations.refreshTokens.get(value);
	if (token === undefined) {
		throw refused(elsewhere(({ authorizations }) => authorizations.refreshTokens.has(value)) ? 20024 : 20026);
	}
	if (!fits(token, version)) throw refused(20026);
	if (!app.refreshEnabled) throw refused(20074);
	if (token.used) throw refused(20073);
	if (token.revoked) throw refused(20064);
	if (token.end <= now) throw refused(20037);
	// The scopes stay those of the authorization, also of those that came later. [docs: changed scopes need a new one]
	return issue(exchange, token.authorization, () => {
		token.used = true;
	});
}

const grants = new Map([
	['authorization_code', exchangeCode],
	['refresh_token', refresh],
]);

const v3Path = '/oauth/v3/token';

/** POST oauth/token: a code or a refresh token for tokens of a user. */
export const oauthToken: Api<'auth.oauthToken'> = {
	name: 'auth.oauthToken',
	method: 'POST',
	// [docs] v2 is on the API host, v3 on the accounts host; the sandbox is both.
	path: ['/open-apis/authen/v2/oauth/token', v3Path],
	tokenTypes: [],
	// [docs] JSON; [cli] form on v2; [docs] form preferred on v3.
	acceptsForm: true,
	scopes: [],
	fieldScopes: [],
	answer({ request, world }: Call) {
		const fields = fieldsOf(request);
		const grant = grants.get(required(fields, 'grant_type'));
		if (grant === undefined) throw refused(20036);
		const apps = world.tenants.flatMap((tenant) => tenant.apps);
		const app = clientOf(request, fields, apps);
		const json = grant({
			app,
			fields,
			version: request.path === v3Path ? 'v3' : 'v2',
			now: world.clock.now(),
			elsewhere: (has) => apps.some((other) => other !== app && has(other)),
		});
		return { status: 200, json: { ...json }, executed: true };
	},
};
