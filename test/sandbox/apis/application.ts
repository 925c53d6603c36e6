import { admit, success } from '../platform';
import type { Api } from '../platform';

/** [docs] 1 granted, 2 not granted. */
const granted = 1;
const notGranted = 2;

/**
 * GET scopes: what the app has asked the tenant for, and what of it was granted. Needs no scope; its request limit is
 * not published. [docs: application-v6/scope/list]
 */
export const applicationScopes: Api<'application.scopes'> = {
	name: 'application.scopes',
	method: 'GET',
	path: '/open-apis/application/v6/scopes',
	tokenTypes: ['tenant'],
	scopes: [],
	fieldScopes: [],
	answer(call) {
		const { app } = admit(call, applicationScopes);
		const scopesOf = (scope_type: 'tenant' | 'user', held: Set<string>, waiting: Set<string>) => [
			...[...held].map((scope_name) => ({ scope_name, grant_status: granted, scope_type })),
			...[...waiting]
				.filter((scope) => !held.has(scope))
				.map((scope_name) => ({ scope_name, grant_status: notGranted, scope_type })),
		];
		return success({
			scopes: [
				...scopesOf('tenant', app.scopes, app.requestedScopes),
				...scopesOf('user', app.userScopes, app.requestedScopes),
			],
		});
	},
};
