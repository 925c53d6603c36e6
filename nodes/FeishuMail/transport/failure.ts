import { NodeApiError, type INode } from 'n8n-workflow';

import {
	describeAnswer,
	detailsOf,
	missingScopes,
	outcomeIsOpen,
	type Answer,
	type FailureDetails,
} from './answer';
import type { ConnectionFailure } from './connectionFailure';
import { duration } from './duration';
import { mayBeRepeated, type Endpoint, type Findable } from './endpoint';
import {
	missingScopeCodes,
	missingScopeHint,
	platformHints,
	rejectedTokenCodes,
	tokenName,
} from './platformHints';
import { ONE_AT_A_TIME, type Quota } from './quota';
import type { Identity } from './session';
import type { TokenExchangeError } from './tokenExchangeError';

/** What went wrong, in words for the user. */
export interface Failure {
	message: string;
	description?: string;
	details?: FailureDetails;
	/** Nobody knows whether Feishu carried out the request. */
	outcomeUnknown?: true;
	/** A clause for the user that tells why, where the message says more. */
	reason?: string;
	/** Time ran out, so Feishu may be at it still. */
	mayStillCome?: boolean;
	/** Feishu would refuse the same request again, however often and late it comes. */
	lasting?: boolean;
	/** There was no time left to wait for the quota. */
	outOfTime?: true;
	/** Feishu refuses what the request asks for, and not who asks. */
	refused?: boolean;
}

/**
 * A failed request as n8n shows it. Built from parts that hold no secret: n8n's own request error carries the
 * Authorization header, so it is neither kept nor passed on as the cause.
 */
export function nodeApiError(node: INode, itemIndex: number, failure: Failure) {
	const { message, description, details } = failure;
	const error = new NodeApiError(
		node,
		{},
		{ message, description, itemIndex, httpCode: details?.httpCode ? String(details.httpCode) : undefined },
	);
	// `data` is what n8n's panel shows under 'Error details'.
	if (details) Object.assign(error.context, { details, data: details });
	failures.set(error, failure);
	return error;
}

const failures = new WeakMap<object, Failure>();

/** The same failure of another item: of a request that was about both. */
export function failureOf(node: INode, itemIndex: number, error: unknown): unknown {
	const failure = failures.get(error as object);
	return failure ? nodeApiError(node, itemIndex, failure) : error;
}

/** For what is only good to know: a request that fails gives nothing. */
export function unlessApiError(error: unknown): undefined {
	if (!(error instanceof NodeApiError)) throw error;
	return undefined;
}

/** Whether an error is about a write of which nobody knows whether Feishu carried it out. */
export const isOutcomeUnknown = (error: unknown): boolean =>
	error instanceof NodeApiError && failures.get(error)?.outcomeUnknown === true;

/** Whether an error is about a write that Feishu may still carry out. */
export const mayStillCome = (error: unknown): boolean =>
	error instanceof NodeApiError && failures.get(error)?.mayStillCome === true;

/** Whether an error is a refusal of Feishu's that would be the same again, for other items as well. */
export const isLasting = (error: unknown): boolean =>
	error instanceof NodeApiError && failures.get(error)?.lasting === true;

/** Whether an error is about a request that may succeed later although nobody does anything. */
export const isPassing = (error: unknown): boolean =>
	error instanceof NodeApiError && failures.has(error) && !isLasting(error);

/** Whether an error is about a request that there was no time left to wait with for the quota: no fault of what it is about. */
export const isOutOfTime = (error: unknown): boolean =>
	error instanceof NodeApiError && failures.get(error)?.outOfTime === true;

/** Whether an error is Feishu's refusal of what a request asks for, where another one of the same app might pass. */
export const isAboutRequest = (error: unknown): boolean =>
	error instanceof NodeApiError && failures.get(error)?.refused === true;

/** Feishu's code, where an error is a request that Feishu refused. */
export const failureCode = (error: unknown): number | undefined =>
	error instanceof NodeApiError ? (error.context.details as FailureDetails | undefined)?.code : undefined;

/** An answer of Feishu's, or of something in its place, that is not a success. */
export function failedAnswer(endpoint: Endpoint<object>, answer: Answer, identity: Identity): Failure {
	const { code, httpCode } = answer;
	const scopes = missingScopes(answer);
	const reason = (
		code === undefined
			? notFromFeishu(httpCode)
			: code === 0
				? `The answer reports success with HTTP ${httpCode}, which contradicts itself`
				: (endpoint.hints[code] ??
					(identity === 'user' && missingScopeCodes.has(code) ? missingScopeHint.user : undefined) ??
					platformHints[code] ??
					'Feishu did not carry out the request: its answer says why')
	)
		.replace('{scopes}', () => (scopes.length > 0 ? scopes : endpoint.scopes).join(' or '))
		.replace('{token}', tokenName(identity));
	const said = describeAnswer(answer);
	return {
		...(outcomeIsOpen(answer, endpoint.refusals)
			? { ...unknownOutcome(endpoint, reason, said), mayStillCome: httpCode === 504 }
			: {
					message: reason,
					description: said,
					lasting: code !== undefined && !rejectedTokenCodes.has(code),
					refused: code !== undefined && (code in endpoint.hints || !(code in platformHints)),
				}),
		details: detailsOf(answer),
	};
}

/**
 * Success by its code, but without what the endpoint returns.
 *
 * @param lacks what it does not hold
 */
export function missingReturn(endpoint: Endpoint<object>, answer: Answer, lacks: string): Failure {
	const reason = `Feishu reports success, but its answer holds no ${lacks}`;
	return { ...unknownOutcome(endpoint, reason, describeAnswer(answer)), details: detailsOf(answer) };
}

/**
 * A list of which all is needed, and which does not say that it has ended.
 *
 * @param reason a clause for the user
 */
export const incompleteList = (reason: string): Failure => ({
	message:
		"Feishu's list broke off before its end, and all of it is needed to know what the mailbox does not hold: run it again later",
	description: `${reason}.`,
});

/**
 * A quota that would be free again only after the time there is to wait.
 *
 * @param isPoll whether a poll sets that time, and not the user
 */
export function quotaSpent(
	endpoint: Endpoint<object>,
	{ refusal, waitedInVain }: Quota,
	isPoll = false,
): Failure {
	const isBusy = refusal?.code === ONE_AT_A_TIME;
	const time = isPoll ? 'a poll may take' : "'Max Wait (Seconds)' allows to wait";
	const reason = isBusy
		? `Something else works on the mailbox for longer than ${time}`
		: `Feishu's quota of ${endpoint.quota} is used up for longer than ${time}`;
	return {
		outOfTime: true,
		reason,
		message: isPoll
			? `${reason}: check less often, or see that other workflows that use the app send fewer requests`
			: `${reason}: raise it under 'Options', or run the item again later`,
		description: [
			'The request was not carried out.',
			waitedInVain > 0 &&
				!isPoll &&
				`No request passed while the run waited ${duration(waitedInVain)}, so items that are left do not wait as long again.`,
			refusal && describeAnswer(refusal),
		]
			.filter(Boolean)
			.join('\n'),
		details: refusal && detailsOf(refusal),
	};
}

/** A request that got no answer. */
export function noAnswer(
	endpoint: Endpoint<object>,
	{ reason, code, neverSent }: ConnectionFailure,
): Failure {
	const cause = code ? `Connection code: ${code}.` : undefined;
	if (!neverSent) {
		const mayStillCome = code === 'ECONNABORTED' || code === 'ETIMEDOUT';
		return { ...unknownOutcome(endpoint, reason, cause), mayStillCome };
	}
	return {
		reason,
		message: `${reason}: check 'Region' and 'Base URL' of the credential, and that n8n may reach Feishu`,
		description: ['The request was not sent.', cause].filter(Boolean).join('\n'),
	};
}

/** An exchange that gave no access token; the request that needed it was not sent. */
export function noToken({ message, description, details, transient }: TokenExchangeError): Failure {
	return { message, description, details, lasting: !transient };
}

/**
 * A failure after a try of a write that may have been carried out.
 *
 * @param failure of the last try
 */
export const afterLostTry = (endpoint: Endpoint<object>, failure: Failure): Failure =>
	endpoint.verify && !failure.outcomeUnknown
		? {
				...unknownOutcome(
					endpoint,
					failure.reason ?? failure.message,
					failure.reason ? undefined : failure.description,
				),
				details: failure.details,
			}
		: failure;

/** A write whose answers were all lost, and of which a look shows that nothing came. */
export const notCarriedOut = (
	{ undone = 'nothing was created' }: Findable<object>,
	lost: unknown,
): Failure => {
	const { reason = '', details, description } = failures.get(lost as object) ?? { message: '' };
	return { message: `${reason}, and ${undone}: run it again later`, description, details };
};

/** What can be repeated was, and can be once more. Of any other write, nobody knows whether Feishu carried it out. */
function unknownOutcome(endpoint: Endpoint<object>, reason: string, said?: string): Failure {
	const { verify, write } = endpoint;
	if (!verify) return { message: `${reason}: run it again later`, description: said };
	if (mayBeRepeated(endpoint) && write !== 'keyed') {
		return {
			outcomeUnknown: true,
			reason,
			message: `${reason}, and Feishu may or may not have carried out the request: run it again later, which does nothing twice`,
			description: said,
		};
	}
	return {
		outcomeUnknown: true,
		reason,
		message: `It is unknown whether Feishu carried out the request: check ${verify} before running it again`,
		description: [
			`${reason}.`,
			said,
			write === 'single' &&
				"The request was not sent again, to do nothing twice. n8n's Retry On Fail would run every item of the node again: leave it off.",
		]
			.filter(Boolean)
			.join('\n'),
	};
}

function notFromFeishu(httpCode: number): string {
	if (httpCode === 429) return "Feishu's quota for this operation is used up for the moment";
	if (httpCode === 404) {
		return "The server does not know this address of the Feishu API (HTTP 404): check 'Region' and 'Base URL' of the credential";
	}
	if (httpCode === 413) {
		return 'A server on the way to Feishu does not let through so much at a time (HTTP 413): send fewer or smaller files, or have the limit of the proxy raised';
	}
	if (httpCode >= 300 && httpCode < 400) {
		return `The server redirects to another address (HTTP ${httpCode}), which is not followed: check 'Region' and 'Base URL' of the credential`;
	}
	return `The answer did not come from Feishu's API (HTTP ${httpCode}, not in its JSON form)`;
}
