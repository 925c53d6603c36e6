import { Refusal } from '../platform';
import type { Api, Envelope } from '../platform';

/** [probe] refusals of the token endpoint are HTTP 200 and have no `error`. */
function refused(json: Envelope): Refusal {
	return new Refusal({ status: 200, json, executed: false });
}

/** POST tenant_access_token/internal: app id and secret for a tenant access token. */
export const tenantAccessToken: Api<'auth.tenantAccessToken'> = {
	name: 'auth.tenantAccessToken',
	method: 'POST',
	// [seen] a trailing slash works too.
	path: [
		'/open-apis/auth/v3/tenant_access_token/internal',
		'/open-apis/auth/v3/tenant_access_token/internal/',
	],
	tokenTypes: [],
	scopes: [],
	fieldScopes: [],
	answer({ request, world }) {
		const { app_id: id, app_secret: secret } = (request.body ?? {}) as Record<string, unknown>;
		const app = world.tenants.flatMap((tenant) => tenant.apps).find((candidate) => candidate.id === id);
		// [probe] malformed or empty values and an empty body; a body that is not JSON is taken for an empty one.
		// (One live probe got 10014 "app id not exists" for a well-formed unknown id; the reference says 10003.)
		if (app === undefined || typeof secret !== 'string' || secret === '') {
			throw refused({ code: 10003, data: {}, msg: 'invalid param' });
		}
		// [cli] tests: a wrong secret.
		if (secret !== app.secret) throw refused({ code: 10014, msg: 'app secret invalid' });
		// [docs] generic table: 10014 "app unauthorized"; its HTTP status is not documented.
		if (!app.enabled) throw refused({ code: 10014, msg: 'app unauthorized' });
		const { token, expire } = app.issueToken(world.clock.now());
		// [docs] top level, no `data`.
		return {
			status: 200,
			json: { code: 0, msg: 'ok', tenant_access_token: token, expire },
			executed: true,
		};
	},
};
