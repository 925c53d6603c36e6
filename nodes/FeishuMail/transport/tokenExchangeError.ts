import type { FailureDetails } from './answer';

/** Why there is no access token: words for the user, and what the node's error needs. */
export class TokenExchangeError extends Error {
	override readonly name = 'TokenExchangeError';

	constructor(
		message: string,
		readonly description?: string,
		readonly details?: FailureDetails,
		/** Nothing is wrong with the credential; asking again later may help. */
		readonly transient = false,
	) {
		super(message);
	}
}

/** Recognised by name: n8n may have loaded the credential's module a second time. */
export const isTokenExchangeError = (error: unknown): error is TokenExchangeError =>
	error instanceof Error && error.name === 'TokenExchangeError';

/** The same in every copy of this module that n8n may have loaded. */
const failure = Symbol.for('n8n-nodes-feishu-mail: why an exchange failed');

/**
 * Leaves what an exchange threw on the credential that n8n gave to it: the error that n8n up to 2.33 throws in its place
 * has no cause. Not enumerable, so that nobody copies or stores it.
 */
export function noteFailure(credential: object, error: unknown): unknown {
	Object.defineProperty(credential, failure, { value: error, configurable: true });
	return error;
}

/** What an exchange for this credential object threw, if one did. */
export const notedFailure = (credential: object): unknown => (credential as { [failure]?: unknown })[failure];
