/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import type { INodeParameters } from 'n8n-workflow';

import { outputOf, type StoredWorkflow, type Workflow } from '../test/real-n8n/client';
import { createEventCredentials, forSandbox, type Demo } from '../test/real-n8n/demo';
import {
	INSTANT_TRIGGER,
	instantWorkflow,
	TRIGGER,
	triggerWorkflow,
} from '../test/real-n8n/trigger-workflow';
import { until } from '../test/real-n8n/until';
import { documentedQuotas, type ApiName, type Sandbox } from '../test/sandbox';
import { median, type Part } from './report';

const ONE_BY_ONE = 30;

/** Milliseconds between two of them: half of them come in each half of a minute, between the polls. */
const PAUSE = 6_100;

const BURST = 200;
const BURST_SECONDS = 10;

/** Milliseconds of each request. */
const LATENCY = 100;

const PATIENCE = { timeoutMs: 180_000, pollMs: 1_000 };

const everyMinute: INodeParameters = { pollTimes: { item: [{ mode: 'everyMinute' }] } };

/** The value that a share of all, from 0 to 1, does not exceed. */
function quantile(values: number[], share: number): number {
	const sorted = [...values].sort((one, other) => one - other);
	return sorted[Math.ceil(share * sorted.length) - 1]!;
}

/** When the executions of a workflow started that got each mail, in milliseconds since 1970, once so many mails are there. */
async function starts(
	{ client }: Demo,
	workflow: StoredWorkflow,
	trigger: string,
	mails: number,
): Promise<Map<string, number[]>> {
	return await until(
		`workflow ${workflow.id} has got ${mails} mails`,
		async () => {
			const found = new Map<string, number[]>();
			// The instant trigger starts one for each mail. To look at what they got takes n8n's time.
			const least = trigger === INSTANT_TRIGGER ? mails : 1;
			for (const execution of await client.finishedExecutions(workflow, least, PATIENCE)) {
				for (const json of outputOf(execution, trigger)) {
					const { subject } = json as { subject: string };
					found.set(subject, [...(found.get(subject) ?? []), Date.parse(execution.startedAt!)]);
				}
			}
			return found.size >= mails ? found : undefined;
		},
		PATIENCE,
	);
}

/** How long it takes from the arrival of a mail to the start of its execution, in seconds. */
function delays(received: Map<string, number>, started: Map<string, number[]>): number[] {
	return [...received].map(([subject, at]) => (Math.min(...started.get(subject)!) - at) / 1000);
}

/** How soon mails start workflows, with both triggers. */
export async function mailToStart(sandbox: Sandbox, demo: Demo): Promise<Part> {
	const credentials = await createEventCredentials(demo, sandbox);
	const mailbox = sandbox.tenant.addMailbox('start@example.com');
	mailbox.members.add(sandbox.user);
	const published: StoredWorkflow[] = [];
	const publish = async (workflow: Workflow, chosen = credentials) => {
		const stored = await demo.client.createWorkflow(forSandbox(workflow, chosen, mailbox.address));
		await demo.client.publish(stored);
		published.push(stored);
		return stored;
	};
	const receive = (subject: string) => {
		mailbox.receive({ subject });
		return [subject, Date.now()] as const;
	};
	sandbox.setDocumentedQuotas();
	sandbox.latency = LATENCY;
	try {
		const instant = await publish(instantWorkflow('Instant trigger'));
		const polling = await publish(triggerWorkflow('Trigger', { [TRIGGER]: everyMinute }), [demo.credential]);
		const received = new Map<string, number>();
		for (let mail = 0; mail < ONE_BY_ONE; mail++) {
			received.set(...receive(`Mail ${mail}`));
			await sleep(PAUSE);
		}
		const times = {
			'Instant Trigger': delays(received, await starts(demo, instant, INSTANT_TRIGGER, ONE_BY_ONE)),
			'Trigger, every minute': delays(received, await starts(demo, polling, TRIGGER, ONE_BY_ONE)),
		};
		await demo.client.unpublish(polling);

		const burst = new Map<string, number>();
		for (let mail = 0; mail < BURST; mail++) {
			burst.set(...receive(`Burst ${mail}`));
			await sleep((BURST_SECONDS * 1000) / BURST);
		}
		const [first] = burst.values();
		const all = await starts(demo, instant, INSTANT_TRIGGER, ONE_BY_ONE + BURST);
		const ofBurst = [...burst.keys()].map((subject) => all.get(subject)!);
		const last = (Math.max(...ofBurst.flat()) - first!) / 1000;
		const twice = ofBurst.filter(({ length }) => length > 1).length;
		const seconds = (value: number) => `${value.toFixed(2)} s`;
		return {
			title: '12. From a mail to its execution',
			text: `From the arrival of a mail in the sandbox to the moment at which n8n says that its execution started. ${ONE_BY_ONE} mails, one every ${PAUSE / 1000} s, come into one mailbox that two published workflows watch: one with the instant trigger, one with the polling trigger, every minute. Then ${BURST} mails come within ${BURST_SECONDS} s, to the instant trigger only. Documented quotas, ${LATENCY} ms of latency per request; the sandbox announces a mail at once. The last of the ${BURST} executions started ${last.toFixed(1)} s after the first mail came, at a load average of ${loadavg()[0]!.toFixed(1)}.`,
			columns: ['', 'median', '95 of 100 within', 'longest'],
			rows: [
				...Object.entries(times).map(([name, all]) => [
					name,
					...[median(all), quantile(all, 0.95), Math.max(...all)].map(seconds),
				]),
				[
					`Instant Trigger, ${BURST} mails in ${BURST_SECONDS} s`,
					...[0.5, 0.95, 1].map((share) => seconds(quantile(delays(burst, all), share))),
				],
			],
			targets: [
				{
					what: 'Instant Trigger: median',
					value: median(times['Instant Trigger']),
					atMost: 2,
					digits: 2,
					unit: ' s',
				},
				{ what: `${BURST} mails: two executions`, value: twice, atMost: 0, digits: 0, unit: '' },
			],
		};
	} finally {
		sandbox.latency = 0;
		for (const api of Object.keys(documentedQuotas) as ApiName[]) sandbox.setQuota(api, null);
		for (const workflow of published) await demo.client.unpublish(workflow).catch(() => {});
	}
}
