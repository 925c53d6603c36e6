/** Why there is no access token: words for the user, and what the node's error needs. */
export class TokenExchangeError extends Error {
	override readonly name = 'TokenExchangeError';

	constructor(
		message: string,
		readonly description?: string,
		readonly details: { code?: number; logId?: string; httpCode?: number } = {},
		/** Nothing is wrong with the credential; asking again later may help. */
		readonly transient = false,
	) {
		super(message);
	}
}

/** Recognised by name: n8n may have loaded the credential's module a second time. */
export const isTokenExchangeError = (error: unknown): error is TokenExchangeError =>
	error instanceof Error && error.name === 'TokenExchangeError';
