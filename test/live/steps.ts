import type { Row } from './report';
import { isObject } from './tenant';
import type { Answer } from './tenant';

export const success = '200 0';

export type Entry = Record<string, unknown>;

/** The objects of a list. */
export const entriesOf = (list: unknown): Entry[] => (Array.isArray(list) ? list.filter(isObject) : []);

/** Ends the run, but for the cleaning up. */
export class CannotGoOn extends Error {}

/** Steps against a tenant, and what came of them. */
export class Steps {
	/**
	 * @param signal stops before the next step
	 * @param rows where each step leaves what it found
	 */
	constructor(
		protected readonly signal: AbortSignal,
		readonly rows: Row[] = [],
	) {}

	/** A step without which the others make no sense. */
	protected async needed(step: string, expected: string, send: () => Promise<Answer>): Promise<Answer> {
		const answer = await this.step(step, expected, send);
		if (answer.outcome !== expected) this.stop(`'${step}' failed`);
		return answer;
	}

	protected async step(step: string, expected: string, send: () => Promise<Answer>): Promise<Answer> {
		if (this.signal.aborted) this.stop('interrupted');
		const answer = await send();
		this.add(step, expected, answer);
		return answer;
	}

	protected add(step: string, expected: string, { outcome, rateLimit, message }: Answer): void {
		this.compare(step, expected, outcome, { rateLimit, message });
	}

	protected compare(
		step: string,
		expected: string,
		real: string,
		{ rateLimit = '', message = '' }: Partial<Row> = {},
	): void {
		const ok = expected.replace(' (assumed)', '') === real;
		this.rows.push({ step, expected, real, ok, rateLimit, message: ok ? '' : message });
	}

	protected skip(step: string, reason: string): void {
		this.rows.push({ step, expected: 'skipped', real: 'skipped', ok: true, rateLimit: '', message: reason });
	}

	protected stop(reason: string): never {
		throw new CannotGoOn(`Stopped: ${reason}. The steps after it are left out.`);
	}
}
