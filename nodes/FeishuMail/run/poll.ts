import type { IExecuteFunctions } from 'n8n-workflow';

import { clock } from '../transport/clock';
import type { TriggerContext } from '../transport/session';
import type { Task } from './operation';
import { Run } from './run';

/** Milliseconds that a poll may take: n8n starts the next one a minute later, whether or not this one is done. */
const LONGEST = 45_000;

/** Milliseconds that a request gets at least, however little of a poll is left. */
const LEAST = 5000;

/** What a trigger gets from n8n, in the form of what a node gets that runs: with one item without data. */
const asRun = (trigger: TriggerContext, cancelled?: AbortSignal): IExecuteFunctions =>
	Object.assign(Object.create(trigger) as IExecuteFunctions, {
		getInputData: () => [{ json: {} }],
		getNodeParameter: (name: string, _index: number, fallback?: unknown) =>
			trigger.getNodeParameter(name, fallback),
		getExecutionCancelSignal: () => cancelled,
	});

/** One poll of a trigger, with all that runs of the node have, and little time. */
export class Poll extends Run {
	private readonly until: number;

	/** @param cancelled ends its requests and waits */
	constructor(trigger: TriggerContext, task: Task, cancelled?: AbortSignal) {
		super(asRun(trigger, cancelled), task);
		// n8n before 2.39 does not tell, and a trigger that runs by itself has none.
		const budget = 'getPollBudgetMs' in trigger ? trigger.getPollBudgetMs() : LONGEST;
		this.until = clock.elapsed() + Math.min(budget, LONGEST);
	}

	/** Whether there is time to begin something more. */
	get mayGoOn(): boolean {
		return clock.elapsed() < this.until;
	}

	override patience(index: number): ReturnType<Run['patience']> {
		const { maxWait, timeout } = super.patience(index);
		// Timers of Node.js take whole milliseconds only.
		const left = Math.ceil(Math.max(0, this.until - clock.elapsed()));
		return {
			maxWait: Math.min(maxWait, left),
			timeout: Math.min(timeout, Math.max(left, LEAST)),
			isPoll: true,
			until: this.until,
		};
	}
}
