import { renderAuthorizeError, renderConsent } from '../consentPage';
import { Refusal } from '../platform';
import type { Answer, Api, Call, World } from '../platform';
import type { App } from '../tenants';

/** Where the page's form goes to: the sandbox's own, Feishu's is internal. */
const consentPath = '/sandbox/consent';

/** [docs: obtain an authorization code] */
const parameterNames = [
	'client_id',
	'response_type',
	'redirect_uri',
	'scope',
	'state',
	'code_challenge',
	'code_challenge_method',
	'prompt',
] as const;

type Parameters = Partial<Record<(typeof parameterNames)[number], string>>;

interface AuthorizeRequest {
	app: App;
	redirectUri: string;
	scopes: string[];
	challenge?: { value: string; method: 'S256' | 'plain' };
	parameters: Parameters;
}

const contentType = 'text/html; charset=utf-8';

/** A refusal that the user sees: a page, not a redirect. Its HTTP status is the sandbox's choice. */
function refused(code: number, message: string): Refusal {
	const text = renderAuthorizeError(code, message);
	return new Refusal({ status: 400, text, contentType, code, executed: false });
}

/** The request's parameters, each given at most once. Empty ones count as absent: the sandbox's choice. */
function parametersOf(source: Record<string, unknown>): Parameters {
	const parameters: Parameters = {};
	for (const name of parameterNames) {
		const value = source[name];
		if (value === undefined || value === '') continue;
		if (typeof value !== 'string') throw refused(20063, `The parameter ${name} is given more than once.`);
		parameters[name] = value;
	}
	return parameters;
}

function challengeOf(parameters: Parameters): AuthorizeRequest['challenge'] {
	const { code_challenge: value, code_challenge_method: method = 'plain' } = parameters;
	if (value === undefined) return undefined;
	if (method !== 'S256' && method !== 'plain') {
		throw refused(20063, 'The code_challenge_method is neither S256 nor plain.');
	}
	return { value, method };
}

/** Checks an authorize request. Throws the error page. The order of the checks is the sandbox's choice. */
function readRequest(source: Record<string, unknown>, { tenants, signedInUser }: World): AuthorizeRequest {
	const parameters = parametersOf(source);
	const { client_id: id, response_type: responseType, redirect_uri: redirectUri, scope = '' } = parameters;
	if (id === undefined) throw refused(20001, 'The parameter client_id is missing.');
	const app = tenants.flatMap((tenant) => tenant.apps).find((candidate) => candidate.id === id);
	if (app === undefined) throw refused(20048, `There is no app ${id}.`);
	if (!app.enabled) throw refused(20069, 'The app is switched off.');
	if (redirectUri === undefined) throw refused(20001, 'The parameter redirect_uri is missing.');
	if (!app.mayRedirectTo(redirectUri)) {
		throw refused(
			20029,
			`The redirect URL ${redirectUri} is not registered in the app's security settings, or not to the letter.`,
		);
	}
	if (responseType !== 'code') throw refused(20001, 'The parameter response_type must be "code".');
	const challenge = challengeOf(parameters);
	const scopes = scope.split(' ').filter((name) => name !== '');
	if (new Set(scopes).size < scopes.length) throw refused(20067, 'A scope is asked for twice.');
	const missing = scopes.filter((name) => !app.userScopes.has(name));
	if (missing.length > 0) {
		throw refused(20027, `The app does not hold these scopes for the user identity: ${missing.join(', ')}.`);
	}
	// An app of the sandbox can be used by every user of its tenant.
	if (signedInUser.tenant !== app.tenant) {
		throw refused(20010, `${signedInUser.name} may not use this app: it belongs to another tenant.`);
	}
	return { app, redirectUri, scopes, challenge, parameters };
}

function redirect(to: string, parameters: Record<string, string | undefined>): Answer {
	const url = new URL(to);
	for (const [name, value] of Object.entries(parameters)) {
		if (value !== undefined) url.searchParams.append(name, value);
	}
	return { status: 302, headers: { Location: url.href }, text: '', contentType, executed: true };
}

/**
 * GET authorize: the page that asks the signed-in user. It comes at every request: what Feishu does without
 * `prompt=consent` when all was allowed before is not documented.
 */
export const authorize: Api<'auth.authorize'> = {
	name: 'auth.authorize',
	method: 'GET',
	path: '/open-apis/authen/v1/authorize',
	tokenTypes: [],
	scopes: [],
	fieldScopes: [],
	answer({ request, world }: Call) {
		const { app, scopes, parameters } = readRequest(request.query, world);
		const { signedInUser: user } = world;
		const allowed = app.authorizations.scopesOf(user);
		const text = renderConsent({ app, user, scopes, allowed, action: consentPath, fields: parameters });
		return { status: 200, text, contentType, executed: true };
	},
};

/** The page's form: the user's decision, and the way back to the app. */
export const consent: Api<'auth.consent'> = {
	name: 'auth.consent',
	method: 'POST',
	path: consentPath,
	tokenTypes: [],
	acceptsForm: true,
	scopes: [],
	fieldScopes: [],
	answer({ request, world }: Call) {
		const form = (request.body ?? {}) as Record<string, unknown>;
		const { app, redirectUri, scopes, challenge, parameters } = readRequest(form, world);
		const { state } = parameters;
		// [docs] the refusal's only other parameter is the state.
		if (form.decision !== 'allow') return redirect(redirectUri, { error: 'access_denied', state });
		const authorization = app.authorizations.grant(world.signedInUser, scopes, world.clock.now());
		const code = app.authorizations.newCode(authorization, { redirectUri, challenge });
		return redirect(redirectUri, { code, state });
	},
};
