/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Patience {
	/** Default: a minute. */
	timeoutMs?: number;
	/** Between two looks. Default: 200. */
	pollMs?: number;
	/** What is known when it was in vain, for the error message. */
	explain?: () => string;
}

/**
 * Looks again and again until there is something, and gives it.
 *
 * @param what - completes "Waited 60 s in vain until ..."
 */
export async function until<T>(
	what: string,
	look: () => T | undefined | Promise<T | undefined>,
	{ timeoutMs = 60_000, pollMs = 200, explain = () => '' }: Patience = {},
): Promise<T> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		const result = await look();
		if (result !== undefined) return result;
		if (Date.now() > deadline) {
			throw new Error([`Waited ${timeoutMs / 1000} s in vain until ${what}`, explain()].join('\n').trim());
		}
		await sleep(pollMs);
	}
}
