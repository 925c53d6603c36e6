/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import type { INodeParameters } from 'n8n-workflow';
import { setTimeout as sleep } from 'node:timers/promises';
import { outputOf, type StoredWorkflow } from '../real-n8n/client';
import { contactWorkflow, CREATE_CONTACTS } from '../real-n8n/contact-workflow';
import { forSandbox } from '../real-n8n/demo';
import { until } from '../real-n8n/until';
import { useSandboxAndN8n } from './sandbox-and-n8n';

const CREATE = 'mail.contact.create';
const EXCHANGE = 'auth.tenantAccessToken';
const QUOTA_REFUSAL = 99991400;
const INVALID_TOKEN = 99991663;

// Only at this level n8n tells when an execution has really ended: its status changes as soon as it is asked to stop.
const running = useSandboxAndN8n({ N8N_LOG_LEVEL: 'debug' });

const named = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `No. ${index + 1}` }));
const names = (count: number) => named(count).map(({ name }) => name);
const created = () => running().sandbox.mailbox.contacts.map(({ name }) => name);

/** The codes of Feishu's answers to the requests for contacts, in order. */
const answers = () =>
	running()
		.sandbox.requestsTo(CREATE)
		.map(({ code }) => code);
const refused = () => answers().filter((code) => code === QUOTA_REFUSAL).length;
const rejected = () => answers().filter((code) => code === INVALID_TOKEN).length;
const exchanges = () => running().sandbox.requestsTo(EXCHANGE).length;

async function workflowFor(count: number, options: INodeParameters = {}): Promise<StoredWorkflow> {
	const { sandbox, demo } = running();
	const workflow = contactWorkflow({
		name: `Create ${count} contacts`,
		source: [
			{ name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} },
			{
				name: 'List',
				type: 'n8n-nodes-base.set',
				typeVersion: 3.4,
				parameters: { mode: 'raw', jsonOutput: JSON.stringify({ contacts: named(count) }), options: {} },
			},
		],
		field: 'contacts',
		parameters: { options },
	});
	return await demo.client.createWorkflow(forSandbox(workflow, demo.credential, sandbox.mailbox.address));
}

async function waitForRefusal(): Promise<void> {
	await until('Feishu refuses a request because of its quota', () => refused() > 0 || undefined, {
		pollMs: 20,
	});
}

beforeEach(() => {
	const { sandbox } = running();
	sandbox.setQuota(CREATE, null);
	sandbox.app.tokenLifetime = 7200;
	// n8n keeps the token of the test before.
	sandbox.app.revokeTokens();
	sandbox.requests.length = 0;
	sandbox.mailbox.contacts.length = 0;
});

describe('sixty contacts against a quota', () => {
	it('of 20 in 4 seconds are created once each, and the node tells how often and how long it waited', async () => {
		const { sandbox, demo } = running();
		const workflow = await workflowFor(60);
		sandbox.setQuota(CREATE, { limit: 20, window: 4 });
		const execution = await demo.client.run(workflow, 'Start');

		expect(execution.status).toBe('success');
		expect(created()).toEqual(names(60));
		expect(outputOf(execution, CREATE_CONTACTS)).toEqual(sandbox.mailbox.contacts);
		expect(refused()).toBe(2);
		const [run] = execution.data.resultData.runData[CREATE_CONTACTS] ?? [];
		expect(run?.hints).toEqual([
			expect.objectContaining({
				message: expect.stringMatching(/^Waited 2 times, \d s in all, for Feishu's quota of 20 contact/),
			}),
		]);
	}, 60_000);

	it('are created once each when their tokens live 3 seconds', async () => {
		const { sandbox, demo } = running();
		const workflow = await workflowFor(60);
		sandbox.setQuota(CREATE, { limit: 20, window: 3 });
		sandbox.app.tokenLifetime = 3;
		const execution = await demo.client.run(workflow, 'Start');

		expect(execution.status).toBe('success');
		expect(created()).toEqual(names(60));
		// One in the place of the token that n8n kept and one after each wait; more on a slow machine, as a token that is
		// half over is renewed before Feishu rejects it.
		expect(exchanges()).toBeGreaterThanOrEqual(3);
		expect(exchanges()).toBeLessThanOrEqual(6);
		expect(rejected()).toBeLessThanOrEqual(1);
	}, 60_000);

	it('are created once each when Feishu withdraws the token in the middle: it is renewed once', async () => {
		const { sandbox, demo } = running();
		const workflow = await workflowFor(60);
		await demo.client.run(await workflowFor(1), 'Start');
		sandbox.mailbox.contacts.length = 0;
		sandbox.requests.length = 0;
		sandbox.setQuota(CREATE, { limit: 20, window: 2 });
		const id = await demo.client.start(workflow, 'Start');
		await waitForRefusal();
		sandbox.app.revokeTokens();
		const execution = await demo.client.finishedExecution(id);

		expect(execution.status).toBe('success');
		expect(created()).toEqual(names(60));
		expect(exchanges()).toBe(1);
		expect(rejected()).toBe(1);
	}, 60_000);
});

describe('a wait for a quota', () => {
	it('ends when the execution is stopped, and nothing more is sent', async () => {
		const { sandbox, demo } = running();
		const workflow = await workflowFor(20);
		sandbox.setQuota(CREATE, { limit: 5, window: 5 });
		const id = await demo.client.start(workflow, 'Start');
		await waitForRefusal();
		const stopped = Date.now();
		await demo.client.stop(id);
		const sent = answers();
		const end = new RegExp(`Workflow execution finished.*"workflowId": "${workflow.id}"`);
		await until('the execution has ended', () => end.test(demo.n8n.log()) || undefined);
		expect(Date.now() - stopped).toBeLessThan(1_500);

		expect((await demo.client.finishedExecution(id)).status).toBe('canceled');
		// Long enough for the next window, in which the node would have gone on.
		await sleep(6_000);
		expect(created()).toEqual(names(5));
		expect(answers()).toEqual(sent);
	}, 60_000);

	it('that would take longer than Max Wait fails at once, in words', async () => {
		const { sandbox, demo } = running();
		const workflow = await workflowFor(3, { maxWait: 2 });
		sandbox.setQuota(CREATE, { limit: 2, window: 60 });
		const started = Date.now();
		const execution = await demo.client.run(workflow, 'Start');

		expect(Date.now() - started).toBeLessThan(10_000);
		expect(execution.status).toBe('error');
		const { error } = execution.data.resultData;
		expect(error?.message).toContain('20 contact creations a minute');
		expect(error?.message).toContain("'Max Wait (Seconds)'");
		expect(error?.description).toContain('99991400');
		expect(created()).toEqual(names(2));
	}, 60_000);
});
