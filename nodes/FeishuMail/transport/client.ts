import { NodeApiError } from 'n8n-workflow';

import { isSuccess, type Answer } from './answer';
import { backOff } from './backOff';
import { clock, RunCancelled, stopIfCancelled } from './clock';
import { Delivery, TRIES, type Request } from './delivery';
import { BadLink, fetchFile, notDownloaded, type Bytes } from './download';
import { accepts, fillPath, type Endpoint, type Findable, type Page, type PathParameter } from './endpoint';
import {
	afterLostTry,
	failedAnswer,
	failureCode,
	failureOf,
	incompleteList,
	isOutcomeUnknown,
	mayStillCome,
	missingReturn,
	nodeApiError,
	noToken,
	notCarriedOut,
	type Failure,
} from './failure';
import { grantedByUser, grantedToApp, listScopes, type GrantedScopes } from './grantedScopes';
import { otherIdentityHint } from './platformHints';
import { RefusedInput } from './refusedInput';
import { Secrets } from './secrets';
import {
	idOf,
	noteLostTry,
	readPage,
	readReturned,
	readThings,
	type ReadPage,
	type Returned,
} from './returned';
import { startSession, type Context, type Identity, type Session } from './session';
import { isTokenExchangeError } from './tokenExchangeError';

/** Milliseconds after which a creation whose answer was lost is looked for, where Feishu would carry out a late one, too. */
const LATE = 5000;

/** What one call of an endpoint sends, and how patient it is. */
export interface Call extends Pick<Request, 'query' | 'body' | 'timeout' | 'maxWait' | 'isPoll' | 'until'> {
	/** The number of the input item, for errors. */
	itemIndex: number;
	path: Record<string, PathParameter>;
}

/** Thrown where a rehearsal would have sent its first request. */
export const REHEARSED = new Error('All that comes before the first request is in order');

/** The way to Feishu for one run of the node: one session, and one wait for each quota. */
export class Client {
	private session?: Promise<Session>;

	private granted?: Promise<GrantedScopes>;

	private readonly secrets = new Secrets();

	private readonly delivery = new Delivery();

	/** Why a list ended that did not have to be complete. */
	private brokenOff?: string;

	/**
	 * @param identity whom the requests act for
	 * @param rehearses whether each request, once it is checked, ends with `REHEARSED` instead of being sent
	 */
	constructor(
		private readonly context: Context,
		readonly identity: Identity,
		private readonly rehearses = false,
	) {}

	/**
	 * Calls an endpoint and gives what it returns: the object it declares, or the whole `data`.
	 *
	 * Waits while the quota is used up and sends the request again, which was not carried out. What may be repeated is
	 * tried three times when the network or Feishu fails; any other write only when the connection was never made.
	 *
	 * @throws RefusedInput for a path parameter or base URL that must not be used; nothing was sent
	 * @throws NodeApiError for everything that is not a success, with the next step in its message
	 * @throws RunCancelled at once when the execution is cancelled
	 */
	async call<A extends object>(endpoint: Endpoint<A>, call: Call): Promise<A> {
		return await this.exchange(endpoint, call, readReturned);
	}

	/**
	 * Calls an endpoint that creates what can be found again. After a lost answer it is looked for: what is there has been
	 * created, what is not is sent again.
	 *
	 * @param find gives it if it is there; throws where that cannot be told
	 * @throws like `call`
	 */
	async create<A extends object>(
		endpoint: Findable<A>,
		call: Call,
		find: () => Promise<A | undefined>,
	): Promise<A> {
		for (let tried = 1; ; tried++) {
			const outcome = await this.call(endpoint, call).then(
				(created) => ({ created }),
				(lost: unknown) => {
					// What Feishu refuses the second time, it may have carried out the first time.
					if (isOutcomeUnknown(lost) || (tried > 1 && failureCode(lost) !== undefined)) return { lost };
					throw lost;
				},
			);
			if ('created' in outcome) return outcome.created;
			const { lost } = outcome;
			const isLate = mayStillCome(lost) && !endpoint.doneCodes;
			// Where nothing but the look-up keeps a late creation from being made again, it gets as long again to come.
			const pauses = [endpoint.doneCodes ? backOff(tried) : LATE, ...(isLate ? [call.timeout] : [])];
			for (const pause of pauses) {
				await clock.wait(pause, this.cancelled);
				const found = await find().catch((error: unknown) => {
					throw error instanceof RunCancelled ? error : lost;
				});
				if (found) return found;
			}
			if (!isOutcomeUnknown(lost)) throw lost;
			if (tried === TRIES) throw isLate ? lost : this.failed(call, notCarriedOut(endpoint, lost));
		}
	}

	/**
	 * Lists what an endpoint gives, each thing once, in its order and page by page where it has pages: a page is read when
	 * it is needed.
	 *
	 * Ends when Feishu says so. A list that ends otherwise, such as at a page token that came before, is a failure where
	 * it has to be complete; elsewhere it ends, and `notices` tells.
	 *
	 * @param limit how many are wanted at most
	 * @param complete whether something is decided from what the list does not hold
	 * @throws like `call`
	 */
	async *list<A>(
		endpoint: Endpoint<Page<A>>,
		call: Call,
		{ limit = Infinity, complete = false }: { limit?: number; complete?: boolean } = {},
	): AsyncGenerator<A, void> {
		const seen = new Set<string>();
		const given = new Set<unknown>();
		let left = limit;
		let token: string | undefined;
		do {
			const { items, next, brokenOff } = await this.page(endpoint, call, token, left);
			// What is new moves the rest to later pages while they are read.
			const others = items.filter((thing) => {
				const id = idOf(endpoint, thing);
				return !given.has(id) && given.add(id);
			});
			yield* others.slice(0, left);
			left -= others.length;
			if (left <= 0) return;
			const isCircle = next !== undefined && seen.has(next);
			const reason = isCircle ? 'A page leads back to one that was read before' : brokenOff;
			if (reason && complete) throw this.failed(call, incompleteList(reason));
			this.brokenOff ??= reason;
			token = isCircle ? undefined : next;
		} while (token && seen.add(token));
	}

	/**
	 * One page of a list.
	 *
	 * @param token of the page, as the one before gave it; the first page without
	 * @param size how many are wanted at most
	 * @throws like `call`
	 */
	async page<A>(
		endpoint: Endpoint<Page<A>>,
		call: Call,
		token?: string,
		size = Infinity,
	): Promise<ReadPage<A>> {
		const query = {
			...call.query,
			...(endpoint.pageSize && { page_size: Math.min(endpoint.pageSize, size) }),
			...(token && { page_token: token }),
		};
		return await this.exchange(endpoint, { ...call, query }, readPage);
	}

	/** What an endpoint gives of several things that the body names. Errors: see `call`. */
	async things<A>(endpoint: Endpoint<Page<A>>, call: Call): Promise<A[]> {
		return await this.exchange(endpoint, call, readThings);
	}

	private async exchange<E extends Endpoint<object>, R>(
		endpoint: E,
		call: Call,
		read: (endpoint: E, answer: Answer) => Returned<R>,
	): Promise<R> {
		const path = fillPath(endpoint.path, call.path);
		const session = await this.open(endpoint, call);
		const request = { ...call, session, endpoint, url: session.baseUrl + path };
		const outcome = await this.delivery.deliver(request, this.cancelled);
		if ('failure' in outcome) throw this.failed(call, outcome.failure);
		const { answer, lost } = outcome;
		const isKeyed = endpoint.write === 'keyed';
		const wasDone = (lost || isKeyed) && endpoint.doneCodes?.includes(answer.code ?? 0);
		if (!isSuccess(answer) && !wasDone) {
			const failure = failedAnswer(endpoint, answer, this.identity);
			const isOpen = lost && (isKeyed || answer.code === undefined);
			throw this.failed(call, isOpen ? afterLostTry(endpoint, failure) : failure);
		}
		// A refusal holds nothing of what was done.
		const result = wasDone && isKeyed ? { returned: { doneBefore: true } as R } : read(endpoint, answer);
		if ('returned' in result) return lost ? noteLostTry(result.returned) : result.returned;
		throw this.failed(call, missingReturn(endpoint, answer, result.lacks));
	}

	/**
	 * Fetches a file by a temporary link: where that fails, up to three times, each time by another link.
	 *
	 * @param name of the file, for errors
	 * @param linkOf gives a link; it is a secret for as long as it works
	 * @param store takes the bytes as they come
	 * @throws NodeApiError, RunCancelled and what `linkOf` throws
	 */
	async download<T>(
		name: string,
		{ itemIndex, timeout, until = Infinity }: Pick<Call, 'itemIndex' | 'timeout' | 'until'>,
		linkOf: (tried: number) => Promise<string>,
		store: (bytes: Bytes) => Promise<T>,
	): Promise<T> {
		const mayBeLocal = (await this.start({ itemIndex })).baseUrl.startsWith('http:');
		for (let tried = 1; ; tried++) {
			const link = await linkOf(tried - 1);
			this.secrets.add(link);
			try {
				return await fetchFile(this.context, link, { timeout, mayBeLocal, cancelled: this.cancelled }, store);
			} catch (error) {
				stopIfCancelled(this.cancelled);
				if (tried === TRIES || clock.elapsed() >= until || error instanceof BadLink) {
					throw this.failed({ itemIndex }, notDownloaded(name, error));
				}
			}
			await clock.wait(backOff(tried), this.cancelled);
		}
	}

	/**
	 * What was granted to whom the requests act for, asked for once in a run.
	 *
	 * @throws NodeApiError where there is no token, and RunCancelled; an answer that cannot be had is no failure
	 */
	async grantedScopes(call: Omit<Call, 'path'>): Promise<GrantedScopes> {
		this.granted ??= this.readGrantedScopes(call);
		return await this.granted;
	}

	private async readGrantedScopes(call: Omit<Call, 'path'>): Promise<GrantedScopes> {
		if (this.rehearses) throw REHEARSED;
		if (this.identity === 'user') return grantedByUser((await this.start(call)).grantedScope);
		// An older private deployment has no such endpoint; and nobody waits for what is only good to know.
		const listed = await this.call(listScopes, { ...call, path: {}, maxWait: 0 }).catch((error: unknown) => {
			if (error instanceof NodeApiError) return undefined;
			throw error;
		});
		return listed && grantedToApp(listed.scopes);
	}

	/** Which app the run acts through, for what the runs of an app have in common. Errors: see `call`. */
	async app(endpoint: Endpoint<object>, call: Call): Promise<string> {
		fillPath(endpoint.path, call.path);
		return (await this.open(endpoint, call)).app;
	}

	/** @throws RefusedInput where an endpoint does not accept the access tokens of the run */
	requireToken(endpoint: Pick<Endpoint<object>, 'tokens'>): void {
		if (!accepts(endpoint, this.identity)) throw new RefusedInput(otherIdentityHint[this.identity]);
	}

	/** The session of the run, for an endpoint that accepts its token. */
	private async open(endpoint: Endpoint<object>, call: Pick<Call, 'itemIndex'>): Promise<Session> {
		this.requireToken(endpoint);
		if (this.rehearses) throw REHEARSED;
		return await this.start(call);
	}

	private async start(call: Pick<Call, 'itemIndex'>): Promise<Session> {
		this.session ??= startSession(this.context, this.identity, this.secrets, this.cancelled);
		try {
			return await this.session;
		} catch (error) {
			throw isTokenExchangeError(error) ? this.failed(call, noToken(error)) : error;
		}
	}

	/** What the user should know of the run although it succeeded. */
	notices(): string[] {
		const waits = this.delivery.notices();
		return this.brokenOff
			? [...waits, `The output may be incomplete. ${this.brokenOff}. Run it again later to compare.`]
			: waits;
	}

	/** A failure of a request as that of another item that it was about, too. */
	failureOf(itemIndex: number, error: unknown): unknown {
		return failureOf(this.context.getNode(), itemIndex, error);
	}

	private failed({ itemIndex }: Pick<Call, 'itemIndex'>, failure: Failure) {
		return nodeApiError(this.context.getNode(), itemIndex, this.secrets.strikeOut(failure));
	}

	private get cancelled(): AbortSignal | undefined {
		return 'getExecutionCancelSignal' in this.context ? this.context.getExecutionCancelSignal() : undefined;
	}
}
