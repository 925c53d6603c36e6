import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';

import { outcomeIsOpen, type Answer } from './answer';
import { backOff } from './backOff';
import { clock, stopIfCancelled } from './clock';
import { connectionFailure } from './connectionFailure';
import { duration } from './duration';
import { fillPath, type Endpoint, type Page, type PathParameter } from './endpoint';
import {
	failedAnswer,
	missingReturn,
	noAnswer,
	nodeApiError,
	noToken,
	quotaSpent,
	type Failure,
} from './failure';
import { Quota } from './quota';
import { RefusedInput } from './refusedInput';
import { startSession, type Context, type Identity, type Reply, type Session } from './session';
import { isTokenExchangeError } from './tokenExchangeError';

/** How often a request is sent that may be repeated. */
const TRIES = 3;

/** Milliseconds of waiting for a quota from which the user is told. */
const NOTICEABLE = 5000;

/** What one call of an endpoint sends, and how patient it is. */
export interface Call {
	/** The number of the input item, for errors. */
	itemIndex: number;
	path: Record<string, PathParameter>;
	query?: IDataObject;
	body?: IDataObject;
	/** Milliseconds to wait for an answer. */
	timeout: number;
	/** Milliseconds to wait for the quota in all, together with what the run has just waited in vain; 0: not at all. */
	maxWait: number;
}

/** The way to Feishu for one run of the node: one session, and one wait for each quota. */
export class Client {
	private session?: Promise<Session>;

	private readonly quotas = new Map<Endpoint<object>, Quota>();

	/** @param identity whom the requests act for */
	constructor(
		private readonly context: Context,
		readonly identity: Identity,
	) {}

	/**
	 * Calls an endpoint and gives what it returns: the object it declares, or the whole `data`.
	 *
	 * Waits while the quota is used up and sends the request again, which was not carried out. A read is tried three
	 * times when the network or Feishu fails; a write only when the connection was never made.
	 *
	 * @throws RefusedInput for a path parameter or base URL that must not be used; nothing was sent
	 * @throws NodeApiError for everything that is not a success, with the next step in its message
	 * @throws RunCancelled at once when the execution is cancelled
	 */
	async call<A extends object>(endpoint: Endpoint<A>, call: Call): Promise<A> {
		const path = fillPath(endpoint.path, call.path);
		const session = await this.open(endpoint, call);
		const answer = await this.deliver(session, endpoint, session.baseUrl + path, call);
		if (answer.code !== 0) throw this.failed(call, failedAnswer(endpoint, answer, session.secrets));
		const data = answer.body.data as IDataObject | undefined;
		const returned = endpoint.returns ? data?.[endpoint.returns] : (data ?? {});
		if (typeof returned === 'object' && returned !== null) return returned as A;
		throw this.failed(call, missingReturn(endpoint, answer, session.secrets));
	}

	/**
	 * Lists what an endpoint gives, in its order and page by page where it has pages: a page is read when it is needed.
	 *
	 * Ends when Feishu says so, and at a page token that came before, which would lead in a circle.
	 *
	 * @param limit how many are wanted at most
	 * @throws like `call`
	 */
	async *list<A extends object>(
		endpoint: Endpoint<Page<A>>,
		call: Call,
		limit = Infinity,
	): AsyncGenerator<A, void> {
		const seen = new Set<string>();
		let left = limit;
		let token: string | undefined;
		do {
			const query = endpoint.pageSize && {
				page_size: Math.min(endpoint.pageSize, left),
				...(token && { page_token: token }),
			};
			const page = await this.call(endpoint, { ...call, query: { ...call.query, ...query } });
			const items = (page.items ?? []).slice(0, left);
			left -= items.length;
			yield* items;
			token = page.has_more ? page.page_token : undefined;
		} while (left > 0 && token && !seen.has(token) && seen.add(token));
	}

	/** The session of the run, for an endpoint that accepts its token. */
	private async open(endpoint: Endpoint<object>, call: Call): Promise<Session> {
		if (!endpoint.tokens.includes(this.identity)) {
			throw new RefusedInput(
				this.identity === 'user'
					? "Feishu offers this operation to apps only: choose 'App' under 'Authentication'"
					: "Feishu offers this operation to users only: choose 'User (OAuth2)' under 'Authentication'",
			);
		}
		this.session ??= startSession(this.context, this.identity);
		try {
			return await this.session;
		} catch (error) {
			throw isTokenExchangeError(error) ? this.failed(call, noToken(error)) : error;
		}
	}

	/** Sends a request until it has an answer that waiting or trying again would not change. */
	private async deliver(
		session: Session,
		endpoint: Endpoint<object>,
		url: string,
		call: Call,
	): Promise<Answer> {
		const quota = this.quotaOf(endpoint);
		let patience = call.maxWait;
		let refusals = 0;
		let tried = 0;
		for (;;) {
			while (quota.isFull || quota.opensIn > 0) {
				const { opensIn } = quota;
				if (opensIn <= 0) {
					await quota.nextOutcome(this.cancelled);
					continue;
				}
				if (opensIn > Math.min(patience, call.maxWait - quota.waitedInVain)) {
					throw this.failed(call, quotaSpent(endpoint, quota, session.secrets));
				}
				patience -= opensIn;
				await quota.wait(opensIn, this.cancelled);
			}

			const sending = this.send(session, endpoint, url, call);
			const { outcome: reply, refused } = await quota.follow(sending, refusals);
			if (refused) {
				refusals++;
				continue;
			}
			const mayRepeat = ++tried < TRIES;
			if ('failure' in reply) {
				if (!mayRepeat || !reply.harmless) throw this.failed(call, reply.failure);
			} else if (!mayRepeat || endpoint.verify || !outcomeIsOpen(reply.answer)) {
				return reply.answer;
			}
			await clock.wait(backOff(tried), this.cancelled);
		}
	}

	/** What the user should know of the run although it succeeded. */
	notices(): string[] {
		return [...this.quotas]
			.filter(([, { waited }]) => waited >= NOTICEABLE)
			.map(
				([{ quota }, { waits, waited }]) =>
					`Waited ${waits === 1 ? 'once' : `${waits} times`}, ${duration(waited)} in all, for Feishu's quota of ${quota}. All workflows that use the app share it.`,
			);
	}

	private failed({ itemIndex }: Call, failure: Failure) {
		return nodeApiError(this.context.getNode(), itemIndex, failure);
	}

	private get cancelled(): AbortSignal | undefined {
		return 'getExecutionCancelSignal' in this.context ? this.context.getExecutionCancelSignal() : undefined;
	}

	private quotaOf(endpoint: Endpoint<object>): Quota {
		const quota = this.quotas.get(endpoint) ?? new Quota();
		this.quotas.set(endpoint, quota);
		return quota;
	}

	/** One request. `harmless` says that sending it again cannot do anything twice. */
	private async send(
		session: Session,
		endpoint: Endpoint<object>,
		url: string,
		{ query, body, timeout }: Call,
	): Promise<Reply | { failure: Failure; harmless: boolean }> {
		const build = (): IHttpRequestOptions => ({
			method: endpoint.method,
			url,
			qs: query,
			body,
			json: true,
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			timeout,
		});
		try {
			return await session.send(build);
		} catch (error) {
			stopIfCancelled(this.cancelled);
			if (isTokenExchangeError(error)) return { failure: noToken(error), harmless: error.transient };
			const connection = connectionFailure(error);
			return { failure: noAnswer(endpoint, connection), harmless: !endpoint.verify || connection.neverSent };
		}
	}
}
