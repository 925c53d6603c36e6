import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';

import { outcomeIsOpen, type Answer } from './answer';
import { backOff } from './backOff';
import { bodyOf } from './body';
import { clock, stopIfCancelled, unlessCancelled } from './clock';
import { connectionFailure } from './connectionFailure';
import { duration } from './duration';
import { mayBeRepeated, type Endpoint } from './endpoint';
import { afterLostTry, noAnswer, noToken, quotaSpent, type Failure } from './failure';
import { Quota } from './quota';
import type { Reply, Session } from './session';
import { isTokenExchangeError } from './tokenExchangeError';

/** How often is tried what may be repeated. */
export const TRIES = 3;

/** Milliseconds of waiting from which the user is told. */
export const NOTICEABLE = 5000;

/** A request to an endpoint, and how patient it is. */
export interface Request {
	session: Session;
	endpoint: Endpoint<object>;
	url: string;
	query?: IDataObject;
	body?: IDataObject;
	/** Milliseconds to wait for an answer. */
	timeout: number;
	/** Milliseconds to wait for the quota in all, together with what the run has just waited in vain; 0: not at all. */
	maxWait: number;
	/** Whether that is what a poll has left: the user sets no time. */
	isPoll?: boolean;
	/** When no further try begins, by `clock.elapsed`. */
	until?: number;
}

/** What became of a request. `lost` says that an earlier try than the one with the answer may have been carried out. */
export type Delivered = { answer: Answer; lost: boolean } | { failure: Failure };

/** Delivers the requests of one run of the node: waits for each quota, and tries again what may be repeated. */
export class Delivery {
	private readonly quotas = new Map<Endpoint<object>, Quota>();

	/**
	 * Sends a request until it has an answer that waiting or trying again would not change.
	 *
	 * @throws RunCancelled
	 */
	async deliver(request: Request, cancelled?: AbortSignal): Promise<Delivered> {
		const { endpoint, maxWait, until = Infinity } = request;
		const quota = this.quotaOf(endpoint);
		let patience = maxWait;
		let refusals = 0;
		let tried = 0;
		let lost = false;
		const giveUp = (failure: Failure) => ({ failure: lost ? afterLostTry(endpoint, failure) : failure });
		for (;;) {
			while (quota.isFull || quota.opensIn > 0) {
				const { opensIn } = quota;
				if (opensIn <= 0) {
					await quota.nextOutcome(cancelled);
					continue;
				}
				if (opensIn > Math.min(patience, maxWait - quota.waitedInVain)) {
					return giveUp(quotaSpent(endpoint, quota, request.isPoll));
				}
				patience -= opensIn;
				await quota.wait(opensIn, cancelled);
			}

			const { outcome: reply, refused } = await quota.follow(send(request, cancelled), refusals);
			if (refused) {
				refusals++;
				continue;
			}
			const mayRepeat = ++tried < TRIES && clock.elapsed() < until;
			if ('failure' in reply) {
				if (!mayRepeat || !reply.mayRepeat) return giveUp(reply.failure);
			} else {
				const { answer } = reply;
				// What is not Feishu's refusal does not tell what became of an earlier try.
				const isOpen = outcomeIsOpen(answer, endpoint.refusals) || (lost && answer.code === undefined);
				if (!mayRepeat || !mayBeRepeated(endpoint) || !isOpen) return { answer, lost };
			}
			lost ||= !('failure' in reply && reply.neverSent);
			await clock.wait(backOff(tried), cancelled);
		}
	}

	/** What the user should know of the waits for quotas. */
	notices(): string[] {
		return [...this.quotas]
			.filter(([, { waited }]) => waited >= NOTICEABLE)
			.map(
				([{ quota }, { waits, waited }]) =>
					`Waited ${waits === 1 ? 'once' : `${waits} times`}, ${duration(waited)} in all, for Feishu's quota of ${quota}. All workflows that use the app share it.`,
			);
	}

	private quotaOf(endpoint: Endpoint<object>): Quota {
		const quota = this.quotas.get(endpoint) ?? new Quota();
		this.quotas.set(endpoint, quota);
		return quota;
	}
}

/** Sends once. `mayRepeat` says that sending it again may help and cannot do anything twice. */
async function send(
	{ session, endpoint, url, query, body, timeout }: Request,
	cancelled?: AbortSignal,
): Promise<Reply | { failure: Failure; neverSent: boolean; mayRepeat: boolean }> {
	const build = (): IHttpRequestOptions => ({
		method: endpoint.method,
		url,
		qs: query,
		arrayFormat: 'repeat',
		...bodyOf(body),
		json: true,
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
		disableFollowRedirect: true,
		timeout,
	});
	try {
		return await unlessCancelled(session.send(build), cancelled);
	} catch (error) {
		stopIfCancelled(cancelled);
		if (isTokenExchangeError(error)) {
			return { failure: noToken(error), neverSent: true, mayRepeat: error.transient };
		}
		const connection = connectionFailure(error);
		const { neverSent } = connection;
		return {
			failure: noAnswer(endpoint, connection),
			neverSent,
			mayRepeat: neverSent || mayBeRepeated(endpoint),
		};
	}
}
