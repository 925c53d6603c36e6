import { success, traceOf } from './platform';
import type { Answer, Envelope } from './platform';

/** An answer instead of the real one. With `after: true` the work is done first and only its answer replaced. */
export interface AnswerFault {
	kind?: undefined;
	/** Default: 429 for code 99991400, 400 for any other code but 0, else 200. */
	status?: number;
	headers?: Record<string, string>;
	/** With a code the answer is Feishu's JSON envelope. */
	code?: number;
	msg?: string;
	data?: unknown;
	/** `error` of the envelope. Default: log id and troubleshooter, but none for 99991400; null: none. */
	error?: Record<string, unknown> | null;
	/** The body verbatim, instead of an envelope. */
	body?: string | Buffer;
	contentType?: string;
	after?: boolean;
}

export type Fault =
	| AnswerFault
	/** A TCP reset before or after the work. */
	| { kind: 'reset'; when: 'before' | 'after' }
	/** The real answer, late. `after`: the work is done before the delay, not after it. */
	| { kind: 'delay'; ms: number; after?: boolean }
	/** No answer ever; the connection stays open. */
	| { kind: 'hang'; after?: boolean }
	/** A page of a proxy (default HTTP 502). */
	| { kind: 'html'; status?: number; after?: boolean }
	/**
	 * The work is done, its answer cut in half and the connection closed cleanly: 'json' is a complete HTTP answer
	 * with half a body (default), 'length' announces the whole length and stops half way.
	 */
	| { kind: 'truncated'; how?: 'json' | 'length' }
	/** The real answer without its `code`; with `after: false` a success without code, nothing done. */
	| { kind: 'drop-code'; after?: boolean };

/** Which requests something is for. */
export interface RequestRule {
	/** Absent: any request. */
	api?: string;
	/** Mailbox address of the path, decoded. */
	mailbox?: string;
	/** Which of the matching requests from now on, counted from 1. Default 'next'. */
	on?: 'next' | number | number[] | ((n: number) => boolean);
	/** How often at most. Default: once for 'next', no bound otherwise. */
	times?: number;
}

export interface FaultRule extends RequestRule {
	with: Fault;
}

/** A fault, or whatever else waits for requests: to see whether it fired and to end it. */
export interface FaultHandle {
	readonly seen: number;
	readonly fired: number;
	cancel(): void;
}

interface ActiveRule<Effect> extends RequestRule {
	effect: Effect;
	seen: number;
	fired: number;
}

function wants(rule: ActiveRule<unknown>): boolean {
	const { on = 'next', seen, fired } = rule;
	if (fired >= (rule.times ?? (on === 'next' ? 1 : Number.POSITIVE_INFINITY))) return false;
	if (on === 'next') return true;
	if (typeof on === 'function') return on(seen);
	return typeof on === 'number' ? on === seen : on.includes(seen);
}

/** What was asked for to happen to requests. */
export class Rules<Effect> {
	private rules: Array<ActiveRule<Effect>> = [];

	add(rule: RequestRule, effect: Effect): FaultHandle {
		const active: ActiveRule<Effect> = { ...rule, effect, seen: 0, fired: 0 };
		this.rules.push(active);
		return {
			get seen() {
				return active.seen;
			},
			get fired() {
				return active.fired;
			},
			cancel: () => {
				this.rules = this.rules.filter((other) => other !== active);
			},
		};
	}

	clear(): void {
		this.rules = [];
	}

	/**
	 * Counts a request and returns what it meets, the first asked for first.
	 *
	 * @param most - how much it meets at most: with 1, those for the 'next' request queue up
	 */
	take(api: string | undefined, mailbox: string | undefined, most = Number.POSITIVE_INFINITY): Effect[] {
		const chosen: Array<ActiveRule<Effect>> = [];
		for (const rule of this.rules) {
			if (rule.api !== undefined && rule.api !== api) continue;
			if (rule.mailbox !== undefined && rule.mailbox.toLowerCase() !== mailbox?.toLowerCase()) continue;
			rule.seen += 1;
			if (chosen.length < most && wants(rule)) chosen.push(rule);
		}
		for (const rule of chosen) rule.fired += 1;
		return chosen.map(({ effect }) => effect);
	}
}

/** Whether the request is executed in spite of the fault. */
export function doesWork(fault: Fault): boolean {
	switch (fault.kind) {
		case 'reset':
			return fault.when === 'after';
		case 'delay':
		case 'truncated':
			return true;
		case 'drop-code':
			return fault.after ?? true;
		default:
			return fault.after ?? false;
	}
}

/**
 * The answer that a fault puts in place of the real one.
 * @param real what the work answered; undefined when it was not done
 */
export function faultyAnswer(
	fault: AnswerFault | Extract<Fault, { kind: 'html' | 'drop-code' }>,
	real: Answer | undefined,
	logId: string,
): Answer {
	const executed = real?.executed ?? false;
	if (fault.kind === 'html') {
		const status = fault.status ?? 502;
		return {
			status,
			text: `<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center></body></html>\n`,
			contentType: 'text/html',
			executed,
		};
	}
	if (fault.kind === 'drop-code') {
		const answer = real ?? success({});
		const json: Envelope = { ...answer.json };
		delete json.code;
		return { ...answer, json, executed };
	}
	const { code, msg = code === 0 ? 'success' : 'fault', data, body, headers, contentType } = fault;
	if (body !== undefined || code === undefined) {
		const status = fault.status ?? 200;
		const plain = body === undefined ? 'text/plain' : undefined;
		return { status, headers, text: body ?? String(status), contentType: contentType ?? plain, executed };
	}
	const limited = code === 99991400;
	const json: Envelope = { code, msg };
	if (data !== undefined) json.data = data;
	if (fault.error !== undefined) json.error = fault.error ?? undefined;
	else if (code !== 0 && !limited) json.error = traceOf(logId, code);
	const usual = limited ? 429 : 400;
	return { status: fault.status ?? (code === 0 ? 200 : usual), headers, json, contentType, executed };
}
