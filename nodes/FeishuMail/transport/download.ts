import type { IExecuteFunctions, IN8nHttpFullResponse } from 'n8n-workflow';

import { isLoopback } from './baseUrl';
import { connectionFailure } from './connectionFailure';
import type { Failure } from './failure';
import type { Context } from './session';

/** How many redirects are followed. */
const REDIRECTS = 5;

/** The bytes of a file as they come, in the form that n8n stores. */
export type Bytes = Exclude<Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0], Buffer>;

/** An answer of Node.js: calls back once nothing has come for so many milliseconds. */
type Answer = Bytes & { setTimeout?(milliseconds: number, callback: () => void): unknown };

/** A link that another try would not help, with a clause for the user. */
export class BadLink extends Error {}

/** The server of a link answered, but not with the file. */
class NoFile extends Error {}

/**
 * Opens a temporary link to a file, without any access token: whoever it leads to must not get one. Redirects are followed
 * under the same rule.
 *
 * @param mayBeLocal whether plain http to this machine is allowed, as for a test server
 */
export async function openLink(
	context: Context,
	link: string,
	{ timeout, mayBeLocal }: { timeout: number; mayBeLocal: boolean },
): Promise<Bytes> {
	let address = link;
	for (let followed = 0; followed <= REDIRECTS; followed++) {
		const url = URL.canParse(address) ? new URL(address) : undefined;
		const isSafe =
			url?.protocol === 'https:' || (url?.protocol === 'http:' && mayBeLocal && isLoopback(url.hostname));
		if (!url || !isSafe) throw new BadLink('the link to it does not start with https://');
		const response = (await context.helpers.httpRequest({
			method: 'GET',
			url: url.href,
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			timeout,
		})) as IN8nHttpFullResponse;
		const bytes = response.body as Answer;
		const { statusCode, headers } = response;
		if (statusCode >= 200 && statusCode < 300) {
			// The timeout of the request ends with the first byte of its answer.
			bytes.setTimeout?.(timeout, () => bytes.destroy(new NoFile('the server stopped in the middle of it')));
			// By its name, n8n tells the type of a file better than the server, which does not know it.
			return Object.assign(bytes, { contentType: undefined });
		}
		bytes.destroy();
		if (statusCode < 300 || statusCode >= 400 || typeof headers.location !== 'string') {
			throw new NoFile(`the server answers HTTP ${statusCode}`);
		}
		address = URL.canParse(headers.location, url.href) ? new URL(headers.location, url).href : '';
	}
	throw new BadLink('the link to it leads from one address to the next');
}

/** A file that could not be fetched. */
export function notDownloaded(name: string, error: unknown): Failure {
	if (error instanceof BadLink) {
		return { message: `The attachment '${name}' was not downloaded: ${error.message}` };
	}
	const { reason, code } = connectionFailure(error);
	const why = error instanceof NoFile ? error.message : reason;
	return {
		message: `The attachment '${name}' could not be downloaded: run it again later`,
		description: [
			`${why.replace(/^\w/, (letter) => letter.toUpperCase())}.`,
			code && `Connection code: ${code}.`,
		]
			.filter(Boolean)
			.join('\n'),
	};
}
