import { randomBytes } from 'crypto';

import type { App, User } from './tenants';

/** [docs: obtain an authorization code] */
const codeLifetime = 5 * 60 * 1000;

/** [docs: refresh user_access_token] after this time the user must authorize again. */
const authorizationLifetime = 365 * 24 * 60 * 60 * 1000;

/** What one click on Allow stands for. */
export interface Authorization {
	user: User;
	/** All that the user ever allowed the app: allowances accumulate. [docs] */
	scopes: ReadonlySet<string>;
	/** Whether this authorization asked for `offline_access`, without which there is no refresh token. [docs] */
	offline: boolean;
	/** When the user clicked (ms, sandbox clock). */
	at: number;
}

/** An authorization code and what must fit when it is exchanged. */
export interface Code {
	authorization: Authorization;
	redirectUri: string;
	challenge?: { value: string; method: 'S256' | 'plain' };
	end: number;
	used: boolean;
}

export interface UserAccessToken {
	user: User;
	scopes: ReadonlySet<string>;
	end: number;
}

/** The token endpoint's two versions: each takes its own refresh tokens, v3 those of v2 too. [docs] */
export type TokenVersion = 'v2' | 'v3';

export interface RefreshToken {
	authorization: Authorization;
	version: TokenVersion;
	end: number;
	used: boolean;
	revoked: boolean;
}

/** The token endpoint's answer, all at the top level. [docs: user_access_token] */
export interface UserTokens {
	code: 0;
	access_token: string;
	expires_in: number;
	refresh_token?: string;
	refresh_token_expires_in?: number;
	token_type: 'Bearer';
	scope: string;
}

/** A token like the newer ones: in the form of a JWT, between 1 and 2 KB. [docs] Its parts mean nothing. */
function newToken(): string {
	const part = (bytes: number) => randomBytes(bytes).toString('base64url');
	return `eyJ${part(60)}.eyJ${part(780)}.${part(64)}`;
}

/** The authorizations of one app by its users, with their codes and tokens. Used and expired ones are kept. */
export class Authorizations {
	readonly codes = new Map<string, Code>();

	readonly accessTokens = new Map<string, UserAccessToken>();

	readonly refreshTokens = new Map<string, RefreshToken>();

	private readonly granted = new Map<User, Set<string>>();

	constructor(private readonly app: App) {}

	/** All scopes that a user allowed so far. */
	scopesOf(user: User): ReadonlySet<string> {
		return this.granted.get(user) ?? new Set();
	}

	/** Takes back all that a user allowed, so that the next authorization starts afresh. */
	forget(user: User): void {
		this.granted.delete(user);
	}

	/** The user allows `scopes`. */
	grant(user: User, scopes: Iterable<string>, now: number): Authorization {
		const asked = new Set(scopes);
		const all = new Set([...this.scopesOf(user), ...asked]);
		this.granted.set(user, all);
		return { user, scopes: all, offline: asked.has('offline_access'), at: now };
	}

	/** A code for an authorization. */
	newCode(
		authorization: Authorization,
		{ redirectUri, challenge }: Pick<Code, 'redirectUri' | 'challenge'>,
	): string {
		const code = randomBytes(24).toString('base64url');
		const end = authorization.at + codeLifetime;
		this.codes.set(code, { authorization, redirectUri, challenge, end, used: false });
		return code;
	}

	/**
	 * New tokens for an authorization.
	 * @param narrowed the scopes that the access token is to have; default: all of the authorization
	 */
	issue(
		authorization: Authorization,
		version: TokenVersion,
		now: number,
		narrowed: ReadonlySet<string> = authorization.scopes,
	): UserTokens {
		const { app } = this;
		const { user } = authorization;
		const accessToken = newToken();
		this.accessTokens.set(accessToken, { user, scopes: narrowed, end: now + app.userTokenLifetime * 1000 });
		const tokens: UserTokens = {
			code: 0,
			access_token: accessToken,
			expires_in: app.userTokenLifetime,
			token_type: 'Bearer',
			scope: [...narrowed].join(' '),
		};
		// [docs] all three must hold: scope on the app, asked for, switched on. A scope parameter that leaves
		// offline_access out does not end the chain: the sandbox's choice.
		if (!app.userScopes.has('offline_access') || !authorization.offline || !app.refreshEnabled) return tokens;
		const end = Math.min(now + app.refreshTokenLifetime * 1000, authorization.at + authorizationLifetime);
		const refreshToken = newToken();
		this.refreshTokens.set(refreshToken, { authorization, version, end, used: false, revoked: false });
		return {
			...tokens,
			refresh_token: refreshToken,
			refresh_token_expires_in: Math.floor((end - now) / 1000),
		};
	}
}
