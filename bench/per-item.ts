/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import type {
	ICredentialDataDecryptedObject,
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
} from 'n8n-workflow';

import { create } from '../nodes/FeishuMail/actions/label/create.operation';
import { axiosClient } from './axios-client';
import { builtNode, nameOf, NodeRun } from './node-run';
import { median, type Part } from './report';
import type { Feishu, SandboxProcess } from './sandbox-process';

const ITEMS = 2000;
const ROUNDS = 5;
const CREDENTIAL = 'feishuMailApi';

/** Milliseconds per item. */
interface Cost {
	wall: number;
	/** Of this process; the sandbox's is not in it. */
	cpu: number;
}

/** Works on as many items at once as Label > Create does. */
async function eachItem<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
	const results: T[] = [];
	let next = 0;
	const worker = async () => {
		while (next < count) {
			const index = next++;
			results[index] = await work(index);
		}
	};
	await Promise.all(Array.from({ length: create.inFlight ?? 1 }, worker));
	return results;
}

/** A node that does nothing but call n8n's HTTP helper. */
function minimalNode({ url, mailbox }: Feishu, nameFrom: 'parameter' | 'input'): INodeType {
	async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const data = await this.getCredentials<ICredentialDataDecryptedObject>(CREDENTIAL);
		const credentialsDecrypted = { id: '', name: CREDENTIAL, type: CREDENTIAL, data };
		const labels = `${url}/open-apis/mail/v1/user_mailboxes/${encodeURIComponent(mailbox)}/labels`;
		const items = this.getInputData();
		const output = await eachItem(items.length, async (index) => {
			const name = nameFrom === 'parameter' ? this.getNodeParameter('name', index) : items[index]!.json.name;
			const answer = await this.helpers.httpRequestWithAuthentication.call(
				this,
				CREDENTIAL,
				{
					method: 'POST',
					url: labels,
					body: { label: { name } },
					json: true,
					// As our node does: n8n's helper is cheaper by the redirects that it need not be ready for.
					returnFullResponse: true,
					ignoreHttpStatusErrors: true,
					disableFollowRedirect: true,
					timeout: 60_000,
				},
				{ credentialsDecrypted },
			);
			return { json: answer.body.data.label, pairedItem: { item: index } };
		});
		return [output];
	}
	return { description: builtNode().description, execute };
}

async function measure(work: () => Promise<unknown>): Promise<Cost> {
	const cpu = process.cpuUsage();
	const start = performance.now();
	await work();
	const wall = performance.now() - start;
	const { user, system } = process.cpuUsage(cpu);
	return { wall: wall / ITEMS, cpu: (user + system) / 1000 / ITEMS };
}

/** Runs a node that finds a valid token, as in all executions but one in two hours. */
async function engine(feishu: Feishu, node: INodeType): Promise<Cost> {
	const run = new NodeRun(feishu);
	await run.create('contact', 1);
	return await measure(async () => await run.create('label', ITEMS, node));
}

async function axiosLoop(feishu: Feishu, keepAlive: boolean): Promise<Cost> {
	const send = await axiosClient(feishu, { keepAlive });
	return await measure(
		async () => await eachItem(ITEMS, async (index) => await send('label', nameOf('label', index))),
	);
}

const OURS = 'Feishu Mail node';
const MINIMAL = 'minimal node';

const contestants: Record<string, (feishu: Feishu) => Promise<Cost>> = {
	[OURS]: async (feishu) => await engine(feishu, builtNode()),
	[MINIMAL]: async (feishu) => await engine(feishu, minimalNode(feishu, 'parameter')),
	'minimal node, no expression': async (feishu) => await engine(feishu, minimalNode(feishu, 'input')),
	'axios without keep-alive': async (feishu) => await axiosLoop(feishu, false),
	'axios with keep-alive': async (feishu) => await axiosLoop(feishu, true),
};

/** What an item costs where nothing has to be waited for. */
export async function perItem(sandboxes: SandboxProcess): Promise<Part> {
	const costs = new Map<string, Cost[]>(Object.keys(contestants).map((name) => [name, []]));
	// The first round warms up and is not counted. Who comes first changes, so that no one always follows the same one.
	for (let round = 0; round <= ROUNDS; round++) {
		const order = Object.entries(contestants);
		order.push(...order.splice(0, round % order.length));
		for (const [name, run] of order) {
			const feishu = await sandboxes.open();
			const cost = await run(feishu);
			await sandboxes.journal(feishu.url);
			if (round > 0) costs.get(name)!.push(cost);
		}
	}
	const medians = [...costs].map(([name, all]) => ({
		name,
		wall: median(all.map(({ wall }) => wall)),
		cpu: median(all.map(({ cpu }) => cpu)),
		// Round by round, so that a machine that gets busier does not count for one of the two.
		ratio: median(all.map(({ cpu }, round) => cpu / costs.get(MINIMAL)![round]!.cpu)),
	}));
	return {
		title: '2. What an item costs',
		text: `${ITEMS} labels, no quota, no latency, ${create.inFlight} in flight everywhere; median of ${ROUNDS} alternating rounds in one process. The nodes run in n8n's engine. The minimal node only calls n8n's \`httpRequestWithAuthentication\`, with our node's request options and one shared, decrypted credential; like ours it reads the label's name, an expression, with \`getNodeParameter\`. "No expression" takes the name from the input item instead: the difference is n8n's evaluation of the expression, which every node pays for. Own cost is judged by CPU time, which other programs on the machine disturb least.`,
		columns: ['', 'time per item', 'CPU per item', 'CPU / minimal node'],
		rows: medians.map(({ name, wall, cpu, ratio }) => [
			name,
			`${wall.toFixed(3)} ms`,
			`${cpu.toFixed(3)} ms`,
			ratio.toFixed(2),
		]),
		targets: [
			{
				what: 'own cost of the node above the minimal node',
				value: (medians.find(({ name }) => name === OURS)!.ratio - 1) * 100,
				atMost: 15,
				digits: 1,
				unit: ' %',
			},
		],
	};
}
