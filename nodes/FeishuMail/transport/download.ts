import type { IExecuteFunctions, IN8nHttpFullResponse } from 'n8n-workflow';

import { isLoopback } from './baseUrl';
import { unlessCancelled } from './clock';
import { connectionFailure } from './connectionFailure';
import type { Failure } from './failure';
import type { Context } from './session';

/** How many redirects are followed. */
const REDIRECTS = 5;

/** The bytes of a file as they come, in the form that n8n stores. */
export type Bytes = Exclude<Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0], Buffer>;

/** A link that another try would not help, with a clause for the user. */
export class BadLink extends Error {}

/** The server of a link answered, but not with the file. */
class NoFile extends Error {}

/** How a file is fetched. */
interface Fetching {
	/** Milliseconds to wait for the answer, and then for each part of the file. */
	timeout: number;
	/** Whether plain http to this machine is allowed, as for a test server. */
	mayBeLocal: boolean;
}

/**
 * Fetches a file by a temporary link, without any access token: whoever it leads to must not get one. Redirects are
 * followed under the same rule.
 *
 * @param store takes the bytes as they come
 * @throws RunCancelled, and others that `notDownloaded` puts in words
 */
export async function fetchFile<T>(
	context: Context,
	link: string,
	{ cancelled, ...fetching }: Fetching & { cancelled?: AbortSignal },
	store: (bytes: Bytes) => Promise<T>,
): Promise<T> {
	const ending = new AbortController();
	const work = open(context, link, fetching, ending).then(store);
	try {
		return await unlessCancelled(work, cancelled);
	} catch (error) {
		throw ending.signal.aborted ? new NoFile('the server stopped in the middle of it') : error;
	} finally {
		ending.abort();
	}
}

async function open(
	context: Context,
	link: string,
	{ timeout, mayBeLocal }: Fetching,
	ending: AbortController,
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
			// Of what comes compressed, axios takes the half for the whole.
			headers: { 'accept-encoding': 'identity' },
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			timeout,
			abortSignal: ending.signal,
		})) as IN8nHttpFullResponse;
		const bytes = response.body as Bytes;
		const { statusCode, headers } = response;
		// A part of a file, or no content, is a success, too.
		if (statusCode === 200) {
			endIfStill(bytes, timeout, ending);
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

/** Ends a file of which nothing more comes: the timeout of a request is over when its answer begins. */
function endIfStill(bytes: Bytes, timeout: number, ending: AbortController): void {
	let parts = 0;
	const push = bytes.push.bind(bytes);
	bytes.push = (...part) => {
		parts++;
		return push(...part);
	};
	const look = (before: number) =>
		AbortSignal.timeout(timeout).addEventListener('abort', () => {
			if (bytes.destroyed) return;
			// What has come and was not taken yet is not the server's delay.
			if (parts === before && bytes.readableLength === 0) ending.abort();
			else look(parts);
		});
	look(parts);
}

/** The bytes of a file in one piece; undefined where there are more than wanted, of which the rest does not come. */
export async function readBytes(bytes: Bytes, most: number): Promise<Buffer | undefined> {
	const parts: Buffer[] = [];
	let size = 0;
	for await (const part of bytes as AsyncIterable<Buffer>) {
		size += part.length;
		if (size > most) return undefined;
		parts.push(part);
	}
	return Buffer.concat(parts, size);
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
