import fc from 'fast-check';
import type { IConnections, INode, INodeParameters } from 'n8n-workflow';

import type { Execution } from '../test/real-n8n/client';
import { connectUser, type Demo } from '../test/real-n8n/demo';
import type { Fault, Sandbox } from '../test/sandbox';
import type { Part } from './report';

const MAILS = 200;
const API = 'mail.message.send';
const SENDING = 'Send';

/** Waits between the tries of requests take most of it. */
const PATIENCE = { timeoutMs: 15 * 60_000 };

/** What happens to requests on their way, each to one in 25. */
const faults: Fault[] = [
	{ kind: 'reset', when: 'before' },
	{ kind: 'reset', when: 'after' },
	{ kind: 'html', status: 500 },
	{ code: 99991400, headers: { 'x-ogw-ratelimit-reset': '0.2' } },
	{ code: 1236006, status: 429 },
];

/** What each request meets, in order of arrival: the same for all. */
const schedule = fc.sample(
	fc.oneof(
		{ weight: 4, arbitrary: fc.constant(undefined) },
		{ weight: 1, arbitrary: fc.constantFrom(...faults) },
	),
	{ seed: 20, numRuns: 2000, unbiased: true },
);

const subjectOf = (mail: number) => `Mail ${mail}`;

type Step = Pick<INode, 'name' | 'type' | 'typeVersion' | 'parameters'> & Partial<INode>;

/** A node that sends, for the mail of an item. */
type Sender = Pick<Step, 'type' | 'typeVersion' | 'parameters'>;

const feishuMail: Sender = {
	type: 'n8n-nodes-feishu-mail.feishuMail',
	typeVersion: 1,
	parameters: {
		authentication: 'oAuth2',
		resource: 'message',
		operation: 'send',
		userMailboxId: 'me',
		to: 'jane@example.org',
		subject: '={{ $json.subject }}',
		emailType: 'text',
		message: '=This is {{ $json.subject }}.',
	},
};

/** As one writes it from the endpoint's page of Feishu's documentation. */
const httpRequest = (url: string, options: INodeParameters): Sender => ({
	type: 'n8n-nodes-base.httpRequest',
	typeVersion: 4.2,
	parameters: {
		method: 'POST',
		url: `${url}/open-apis/mail/v1/user_mailboxes/me/messages/send`,
		authentication: 'predefinedCredentialType',
		nodeCredentialType: 'feishuMailOAuth2Api',
		sendBody: true,
		specifyBody: 'json',
		jsonBody:
			"={{ JSON.stringify({ to: [{ mail_address: 'jane@example.org' }], subject: $json.subject, body_plain_text: 'This is ' + $json.subject + '.' }) }}",
		options,
	},
});

/** Feishu refuses writes to one mailbox that overlap; HTTP Request starts all its requests at once unless told. */
const oneByOne = { batching: { batch: { batchSize: 1, batchInterval: 50 } } };

interface Contestant {
	name: string;
	sender: Sender;
	/** Whether the node gets each mail by itself, and the loop goes on after one that failed. */
	loops: boolean;
}

const contestants = ({ url }: Sandbox): Contestant[] => [
	{ name: 'all items: Feishu Mail node', sender: feishuMail, loops: false },
	{ name: 'all items: HTTP Request', sender: httpRequest(url, oneByOne), loops: false },
	{ name: 'loop over items: Feishu Mail node', sender: feishuMail, loops: true },
	{ name: 'loop over items: HTTP Request', sender: httpRequest(url, {}), loops: true },
];

const to = (node: string) => [{ node, type: 'main' as const, index: 0 }];

function workflowOf({ name, sender, loops }: Contestant, { userCredential }: Demo) {
	const letters = Array.from({ length: MAILS }, (_, mail) => ({ subject: subjectOf(mail) }));
	const steps: Step[] = [
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
		{
			name: 'Letters',
			type: 'n8n-nodes-base.set',
			typeVersion: 3.4,
			parameters: { mode: 'raw', jsonOutput: JSON.stringify({ letters }) },
		},
		{
			name: 'Items',
			type: 'n8n-nodes-base.splitOut',
			typeVersion: 1,
			parameters: { fieldToSplitOut: 'letters' },
		},
		...(loops
			? [{ name: 'Loop', type: 'n8n-nodes-base.splitInBatches', typeVersion: 3, parameters: {} }]
			: []),
		{
			name: SENDING,
			...sender,
			credentials: { [userCredential.type]: { id: userCredential.id, name: userCredential.name } },
			retryOnFail: true,
			maxTries: 3,
			...(loops && { onError: 'continueRegularOutput' }),
		},
	];
	const connections: IConnections = {
		Start: { main: [to('Letters')] },
		Letters: { main: [to('Items')] },
		Items: { main: [to(loops ? 'Loop' : SENDING)] },
		...(loops && { Loop: { main: [[], to(SENDING)] }, [SENDING]: { main: [to('Loop')] } }),
	};
	return {
		name,
		nodes: steps.map((step, index) => ({
			...step,
			id: String(index),
			position: [200 * index, 0] as [number, number],
		})),
		connections,
		settings: { executionOrder: 'v1' as const },
	};
}

/** The mails that an execution says were not sent: all of them where it failed as a whole. */
function failedIn({ status, data }: Execution, loops: boolean): Set<number> {
	if (status !== 'success') return new Set(Array.from({ length: MAILS }, (_, mail) => mail));
	const runs = data.resultData.runData[SENDING] ?? [];
	const failed = runs.flatMap((run, round) =>
		(run.data?.main?.[0] ?? []).flatMap(({ json, pairedItem }, index) => {
			if (json.error === undefined) return [];
			const paired = typeof pairedItem === 'object' && 'item' in pairedItem ? pairedItem.item : index;
			return [loops ? round : paired];
		}),
	);
	return new Set(failed);
}

interface Outcome {
	sent: number;
	twice: number;
	/** Not sent, and the user is told. */
	reported: number;
	/** Not sent, and nobody is told. */
	lost: number;
	/** Sent, and the user is told that they were not. */
	misreported: number;
	requests: number;
	/** Seconds. */
	time: number;
}

async function measure(sandbox: Sandbox, demo: Demo, contestant: Contestant): Promise<Outcome> {
	sandbox.requests.length = 0;
	sandbox.sentMails.length = 0;
	sandbox.clearFaults();
	for (const fault of faults) {
		sandbox.fail({ api: API, on: (n) => schedule[n - 1] === fault, with: fault });
	}
	const workflow = await demo.client.createWorkflow(workflowOf(contestant, demo));
	const start = performance.now();
	const execution = await demo.client.run(workflow, 'Start', PATIENCE);
	const time = (performance.now() - start) / 1000;
	sandbox.clearFaults();
	const failed = failedIn(execution, contestant.loops);
	const arrivals = sandbox.sentMails.map(({ mail }) => mail.subject);
	const arrived = new Set(arrivals);
	const mails = Array.from({ length: MAILS }, (_, mail) => mail);
	const missing = mails.filter((mail) => !arrived.has(subjectOf(mail)));
	const reported = missing.filter((mail) => failed.has(mail)).length;
	return {
		sent: arrived.size,
		twice: arrivals.length - arrived.size,
		reported,
		lost: missing.length - reported,
		misreported: failed.size - reported,
		requests: sandbox.requestsTo(API).length,
		time,
	};
}

/** Whether each of many mails is sent once, whatever happens to requests. */
export async function sentOnce(sandbox: Sandbox, demo: Demo): Promise<Part> {
	await connectUser(demo);
	sandbox.serialisesWrites = true;
	const measured: Array<Contestant & Outcome> = [];
	for (const contestant of contestants(sandbox)) {
		measured.push({ ...contestant, ...(await measure(sandbox, demo, contestant)) });
	}
	return {
		title: '11. Sent once',
		text: `${MAILS} mails in one execution, with Retry On Fail (three tries, n8n's pause of a second). One request in five meets a fault, evenly: a connection that breaks before or after Feishu has sent the mail, HTTP 500, HTTP 429 of the quota (99991400), HTTP 429 of the mailbox (1236006). The schedule is the same for all, by the number of the request. HTTP Request sends the fields that the documentation names (\`to\`, \`subject\`, \`body_plain_text\`) with the same credential.

"All items": the node gets all mails at once and stops at an error, as is preset; HTTP Request sends one every ${oneByOne.batching.batch.batchInterval} ms, as Feishu refuses sends of one mailbox that overlap. "Loop over items": the node gets one mail at a time, and the loop goes on after one that failed.

"Reported" is what the execution says has failed; where it fails as a whole, all mails. A mail that was sent but is reported as failed is one that a user sends again.`,
		columns: [
			'',
			'sent',
			'more than once',
			'not sent, reported',
			'not sent, not reported',
			'sent, reported as failed',
			'requests',
			'time',
		],
		rows: measured.map(({ name, sent, twice, reported, lost, misreported, requests, time }) => [
			name,
			...[sent, twice, reported, lost, misreported, requests].map(String),
			`${time.toFixed(1)} s`,
		]),
		targets: measured
			.filter(({ sender }) => sender === feishuMail)
			.flatMap(({ name, twice, lost }) =>
				Object.entries({ 'more than once': twice, 'not sent, not reported': lost }).map(([what, value]) => ({
					what: `${name}: ${what}`,
					value,
					atMost: 0,
					digits: 0,
					unit: '',
				})),
			),
	};
}
