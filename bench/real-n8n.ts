/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { join } from 'node:path';

import type { INode, INodeParameters } from 'n8n-workflow';

import type { Execution } from '../test/real-n8n/client';
import { startDemo, type Demo } from '../test/real-n8n/demo';
import { ensureN8n } from '../test/real-n8n/install';
import { runGroup } from '../test/real-n8n/process-groups';
import { Sandbox } from '../test/sandbox';
import { mailToStart } from './mail-to-start';
import { chosen, median, publish, versionOf, type Part } from './report';
import { sentOnce } from './sent-once';

const ITEMS = 500;
const ROUNDS = 5;
const MEASURED = 'Create labels';

const say = (line: string) => void process.stderr.write(`${line}\n`);

/** The node that is measured: its type and parameters for a mailbox. */
type Contestant = (mailbox: string) => Pick<INode, 'type' | 'typeVersion' | 'parameters' | 'credentials'>;

function contestants(sandbox: Sandbox, { credential }: Demo) {
	const credentials = { feishuMailApi: { id: credential.id, name: credential.name } };
	const { token } = sandbox.app.issueToken(sandbox.clock.now());
	const httpRequest = (mailbox: string, authentication: INodeParameters) => ({
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.2,
		parameters: {
			method: 'POST',
			url: `${sandbox.url}/open-apis/mail/v1/user_mailboxes/${encodeURIComponent(mailbox)}/labels`,
			sendBody: true,
			specifyBody: 'json',
			jsonBody: '={{ JSON.stringify({ label: { name: $json.name } }) }}',
			...authentication,
		},
	});
	return {
		'Feishu Mail node': (mailbox) => ({
			type: 'n8n-nodes-feishu-mail.feishuMail',
			typeVersion: 1,
			parameters: {
				resource: 'label',
				operation: 'create',
				userMailboxId: mailbox,
				name: '={{ $json.name }}',
			},
			credentials,
		}),
		'HTTP Request, same credential': (mailbox) => ({
			...httpRequest(mailbox, {
				authentication: 'predefinedCredentialType',
				nodeCredentialType: 'feishuMailApi',
			}),
			credentials,
		}),
		'HTTP Request, fixed header': (mailbox) =>
			httpRequest(mailbox, {
				sendHeaders: true,
				headerParameters: { parameters: [{ name: 'Authorization', value: `Bearer ${token}` }] },
			}),
	} satisfies Record<string, Contestant>;
}

/** Runs a workflow that makes the items and gives them to the node; milliseconds per item of that node alone. */
async function measure({ client }: Demo, sandbox: Sandbox, contestant: Contestant): Promise<number> {
	const mailbox = sandbox.tenant.addMailbox(`bench${sandbox.tenant.mailboxes.length}@example.com`);
	const names = Array.from({ length: ITEMS }, (_, index) => ({ name: `Label ${index}` }));
	const steps: Array<Pick<INode, 'name' | 'type' | 'typeVersion' | 'parameters' | 'credentials'>> = [
		{ name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
		{
			name: 'Names',
			type: 'n8n-nodes-base.set',
			typeVersion: 3.4,
			parameters: { mode: 'raw', jsonOutput: JSON.stringify({ labels: names }) },
		},
		{
			name: 'Items',
			type: 'n8n-nodes-base.splitOut',
			typeVersion: 1,
			parameters: { fieldToSplitOut: 'labels' },
		},
		{ name: MEASURED, ...contestant(mailbox.address) },
	];
	const workflow = await client.createWorkflow({
		name: 'Benchmark',
		nodes: steps.map((step, index) => ({ ...step, id: String(index), position: [200 * index, 0] })),
		connections: Object.fromEntries(
			steps
				.slice(1)
				.map(({ name }, index) => [steps[index]!.name, { main: [[{ node: name, type: 'main', index: 0 }]] }]),
		),
		settings: { executionOrder: 'v1' },
	});
	const execution = await client.run(workflow, 'Start');
	if (execution.status === 'success' && mailbox.labels.length === ITEMS) return timeOf(execution);
	throw new Error(
		`${mailbox.labels.length} of ${ITEMS} labels: ${execution.data.resultData.error?.message ?? execution.status}`,
	);
}

const timeOf = ({ data }: Execution) =>
	(data.resultData.runData[MEASURED]?.[0]?.executionTime ?? Number.NaN) / ITEMS;

async function realN8n(sandbox: Sandbox, demo: Demo): Promise<Part> {
	const rivals = Object.entries<Contestant>(contestants(sandbox, demo));
	const times = new Map<string, number[]>(rivals.map(([name]) => [name, []]));
	// The first round warms up and is not counted.
	for (let round = 0; round <= ROUNDS; round++) {
		for (const [name, contestant] of rivals) {
			const time = await measure(demo, sandbox, contestant);
			if (round > 0) times.get(name)!.push(time);
		}
	}
	const medians = [...times].map(([name, all]) => ({ name, time: median(all) }));
	const [ours = Number.NaN, , plain = Number.NaN] = medians.map(({ time }) => time);
	return {
		title: '5. In the real n8n',
		text: `${ITEMS} labels in one execution, no quota, no latency: the time that n8n shows for the node, median of ${ROUNDS} alternating rounds after a warm-up. HTTP Request starts all its requests at once, Feishu Mail has six in flight.`,
		columns: ['', 'time per item', 'above HTTP Request, fixed header'],
		rows: medians.map(({ name, time }) => [name, `${time.toFixed(2)} ms`, `${(time - plain).toFixed(2)} ms`]),
		targets: [
			{
				what: 'per item above HTTP Request with a fixed header',
				value: ours - plain,
				atMost: 2,
				digits: 2,
				unit: ' ms',
			},
		],
	};
}

async function main(): Promise<void> {
	const measures = chosen({ realN8n, sentOnce, mailToStart });
	const sandbox = await Sandbox.start();
	try {
		const demo = await startDemo(sandbox, { report: say });
		try {
			const parts: Part[] = [];
			for (const measure of measures) parts.push(await measure(sandbox, demo));
			const { node, directory } = await ensureN8n(say);
			const met = await publish(parts, {
				Node: (await runGroup(node, ['--version'], { cwd: directory })).output.trim().slice(1),
				n8n: versionOf('n8n', join(directory, 'node_modules')),
			});
			process.exitCode = met ? 0 : 1;
		} finally {
			await demo.n8n.stop();
		}
	} finally {
		await sandbox.close();
	}
}

void main();
