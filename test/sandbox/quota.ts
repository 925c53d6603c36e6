import { Refusal } from './platform';
import type { App, Clock } from './tenants';

/** A documented limit: so many requests in a window of so many seconds. */
export interface Limit {
	limit: number;
	window: number;
}

/** A limit in force, and how its refusal looks. */
export interface Quota extends Limit {
	/** HTTP status of a refusal: 429, or 400 as on some older APIs. [docs: rate limits] */
	style?: 429 | 400;
	/** Value of x-ogw-ratelimit-reset instead of the real one; null leaves the header out. */
	header?: string | null;
}

interface Window {
	end: number;
	used: number;
}

/**
 * Request quotas per API, app and tenant (an app of the sandbox belongs to one tenant). [docs: rate limits]
 *
 * A window is fixed and starts with its first request: the sandbox's choice, the documents name no algorithm.
 * Refused requests neither count nor move the window.
 */
export class Quotas {
	private readonly entries = new Map<string, { quota: Quota; windows: Map<App, Window> }>();

	constructor(private readonly clock: Clock) {}

	/** Puts a quota on an API with fresh windows for every app, or takes it away. */
	set(api: string, quota: Quota | null): void {
		if (quota === null) this.entries.delete(api);
		else this.entries.set(api, { quota, windows: new Map() });
	}

	/** Counts one request. Throws the refusal (code 99991400) when the window is full. */
	spend(api: string, app: App): void {
		const entry = this.entries.get(api);
		if (entry === undefined) return;
		const { quota, windows } = entry;
		const now = this.clock.now();
		let window = windows.get(app);
		if (window === undefined || now >= window.end) {
			window = { end: now + quota.window * 1000, used: 0 };
			windows.set(app, window);
		}
		if (window.used < quota.limit) {
			window.used += 1;
			return;
		}
		const headers: Record<string, string> = { 'x-ogw-ratelimit-limit': String(quota.limit) };
		if (quota.header !== null) {
			// [docs] seconds to wait, to be read as a float; rounded up so that a client that obeys is never early.
			headers['x-ogw-ratelimit-reset'] = quota.header ?? String(Math.ceil(window.end - now) / 1000);
		}
		throw new Refusal({
			status: quota.style ?? 429,
			headers,
			// [docs] the rate limit sample has no `error`.
			json: { code: 99991400, msg: 'request trigger frequency limit' },
			executed: false,
		});
	}
}
