import type { Read } from './endpoint';

/** What was granted, as names of scopes; undefined where it cannot be known. */
export type GrantedScopes = ReadonlySet<string> | undefined;

/** A scope that the app has asked its organisation for. */
type AppScope = {
	scope_name: string;
	/** 1: granted, 2: not granted. */
	grant_status: number;
	/** Whom it is for; an older answer leaves it out and means the app. */
	scope_type?: 'tenant' | 'user';
};

/**
 * The scopes of the app; needs none itself.
 *
 * Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/application-v6/scope/list
 */
export const listScopes: Read<{ scopes?: AppScope[] }> = {
	method: 'GET',
	path: '/open-apis/application/v6/scopes',
	tokens: ['tenant'],
	scopes: [],
	quota: 'scope lists',
	hints: {
		212100: 'The app is not installed in this organisation: release it and have an administrator approve it',
	},
};

/** Those that were granted to the app itself. */
export const grantedToApp = (scopes: unknown): GrantedScopes =>
	Array.isArray(scopes)
		? new Set(
				(scopes as Array<AppScope | null>)
					.filter((scope) => scope?.grant_status === 1 && scope.scope_type !== 'user')
					.map((scope) => scope?.scope_name ?? ''),
			)
		: undefined;

/** Those that a user granted: `scope` of the token endpoint's answer, names with blanks between. */
export const grantedByUser = (scope: unknown): GrantedScopes =>
	typeof scope === 'string' && scope.trim() !== '' ? new Set(scope.trim().split(/\s+/)) : undefined;
