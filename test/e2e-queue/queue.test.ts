/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { setTimeout as sleep } from 'node:timers/promises';
import axios from 'axios';
import type { IDataObject } from 'n8n-workflow';
import { outputOf, type Execution, type StoredWorkflow } from '../real-n8n/client';
import { contactWorkflow, CREATE_CONTACTS } from '../real-n8n/contact-workflow';
import { createEventCredentials, forSandbox } from '../real-n8n/demo';
import type { N8n } from '../real-n8n/instance';
import { CONCURRENCY, startQueueMode, type QueueMode } from '../real-n8n/queue-mode';
import { findQueuePrograms } from '../real-n8n/queue-servers';
import {
	EVERY,
	INSTANT_TRIGGER,
	instantWorkflow,
	TRIGGER,
	triggerWorkflow,
} from '../real-n8n/trigger-workflow';
import { until } from '../real-n8n/until';
import { Sandbox } from '../sandbox';

const CREATE = 'mail.contact.create';
const PER_EXECUTION = 5;
/** The first run installs n8n. */
const START_TIMEOUT_MS = 20 * 60_000;

const programs = findQueuePrograms();
const report = (line: string) => void process.stderr.write(`${line}\n`);
if (typeof programs === 'string') report(`Skipped: ${programs}`);

(typeof programs === 'string' ? describe.skip : describe)('n8n in queue mode with two workers', () => {
	let sandbox: Sandbox;
	let n8n: QueueMode;

	beforeAll(async () => {
		if (typeof programs === 'string') return;
		sandbox = await Sandbox.start({ port: 0 });
		n8n = await startQueueMode(sandbox, { programs, report, workers: 2 });
	}, START_TIMEOUT_MS);

	afterAll(async () => {
		await n8n?.stop();
		await sandbox?.close();
	}, 120_000);

	beforeEach(() => {
		sandbox.setQuota(CREATE, { limit: 20, window: 3 });
		sandbox.requests.length = 0;
		sandbox.mailbox.contacts.length = 0;
	});

	it('creates the contacts of 40 executions once each, on one quota and one credential', async () => {
		const workflow = await publish('all-at-once');
		await post('all-at-once', 40);
		const executions = await ended(workflow, 40);

		expect(executions.map(({ status }) => status)).toEqual(Array(40).fill('success'));
		const { contacts } = sandbox.mailbox;
		expect(contacts.map(({ name }) => name).sort()).toEqual(postedNames(40).sort());
		for (const execution of executions) {
			expect(outputOf(execution, CREATE_CONTACTS)).toEqual(contactsOf(execution));
			expect(contactsOf(execution)).toHaveLength(PER_EXECUTION);
		}
		const taken = n8n.workers.map((worker) => startedBy(worker, executions));
		expect(taken[0]).not.toEqual([]);
		expect(taken[1]).not.toEqual([]);
		expect(taken.flat().sort()).toEqual(executions.map(({ id }) => id).sort());
		// Those that start before n8n has stored the first token ask for one; all others find it.
		expect(sandbox.requestsTo('auth.tenantAccessToken').length).toBeLessThanOrEqual(2 * CONCURRENCY);
	}, 180_000);

	it('ends every execution when a worker is killed: those it ran as failures that say so, none runs twice', async () => {
		const [killed, survivor] = n8n.workers as [N8n, N8n];
		const workflow = await publish('one-killed');
		await post('one-killed', 24);
		await until('half of the contacts are there', () => sandbox.mailbox.contacts.length >= 60 || undefined, {
			pollMs: 20,
		});
		await killed.kill();
		const executions = await ended(workflow, 24);

		const failed = executions.filter(({ status }) => status !== 'success');
		expect(failed).not.toEqual([]);
		for (const { status, data } of failed) {
			expect(status).toBe('error');
			expect(data.resultData.error?.message).toContain('failed to be processed too many times');
		}
		const ranOnSurvivor = startedBy(survivor, executions);
		expect(ranOnSurvivor.filter((id) => failed.some((execution) => execution.id === id))).toEqual([]);
		// n8n 2 starts no execution again whose worker has vanished, so that nothing in it happens twice.
		const started = [...startedBy(killed, executions), ...ranOnSurvivor];
		expect(new Set(started).size).toBe(started.length);
		for (const execution of executions) {
			const names = contactsOf(execution).map(({ name }) => name);
			expect(new Set(names).size).toBe(names.length);
			if (execution.status === 'success') expect(names).toHaveLength(PER_EXECUTION);
		}
	}, 180_000);

	it('has a time-out that names the executions it waited for, and what n8n logged of them', async () => {
		sandbox.setQuota(CREATE, { limit: 2, window: 4 });
		const workflow = await publish('slow');
		await post('slow', 1);
		const waiting = ended(workflow, 1, 3_000);
		await expect(waiting).rejects.toThrow(
			/It has 1, of which 1 have not ended: (\d+) \(\w+\)\n[^]*Worker \d logged[^]*started execution \1\b/,
		);
		expect(await ended(workflow, 1)).toMatchObject([{ status: 'success' }]);
	}, 60_000);

	it('polls for new mails in the main process only; workers run what they start, each mail once', async () => {
		const { client, credential, main, workers } = n8n;
		const { mailbox } = sandbox;
		const stored = await client.createWorkflow(
			forSandbox(triggerWorkflow('New mails', { [TRIGGER]: {} }), credential, mailbox.address),
		);
		await client.publish(stored);
		const begun = 'Mails that come in from now on start the workflow';
		const told = [main, ...workers].map(({ log }) => log().includes(begun));
		expect(told).toEqual([true, ...workers.map(() => false)]);

		const since = Date.now();
		const subjects = Array.from({ length: 12 }, (_, number) => `Mail ${number}`);
		for (const subject of subjects) {
			mailbox.receive({ subject });
			await sleep(700);
		}
		const polls = Math.ceil((Date.now() - since) / (EVERY * 1000)) + 1;
		const sought = sandbox.requestsTo('mail.message.list').length;
		let started: Execution[] = [];
		const delivered = () => started.flatMap((execution) => outputOf(execution, TRIGGER));
		for (let count = 1; delivered().length < subjects.length; count++) started = await ended(stored, count);
		await client.unpublish(stored);
		started = await ended(stored, started.length);

		expect(started.map(({ status }) => status)).toEqual(started.map(() => 'success'));
		expect(delivered()).toHaveLength(subjects.length);
		expect(new Set(delivered().map((mail) => (mail as IDataObject).subject))).toEqual(new Set(subjects));
		const ran = workers.flatMap((worker) => startedBy(worker, started));
		expect(ran.sort()).toEqual(started.map(({ id }) => id).sort());
		// The first one is from before.
		expect(sought).toBeLessThanOrEqual(polls + 1);
	}, 120_000);

	it('is told of mails in the main process only, by one connection; workers run what they start, each mail once', async () => {
		const { client, workers } = n8n;
		const { mailbox, events, app } = sandbox;
		const credentials = await createEventCredentials(n8n, sandbox);
		const stored = await client.createWorkflow(
			forSandbox(instantWorkflow('New mails, instantly'), credentials, mailbox.address),
		);
		const { opened } = events;
		await client.publish(stored);
		const subjects = Array.from({ length: 12 }, (_, number) => `Instant mail ${number}`);
		for (const subject of subjects) {
			mailbox.receive({ subject });
			await sleep(200);
		}
		await ended(stored, subjects.length);
		const open = events.connectionsOf(app);
		await client.unpublish(stored);
		const started = await ended(stored, subjects.length);

		expect(started.map(({ status }) => status)).toEqual(subjects.map(() => 'success'));
		const delivered = started.flatMap((execution) => outputOf(execution, INSTANT_TRIGGER));
		expect(new Set(delivered.map((mail) => (mail as IDataObject).subject))).toEqual(new Set(subjects));
		const ran = workers.flatMap((worker) => startedBy(worker, started));
		expect(ran.sort()).toEqual(started.map(({ id }) => id).sort());
		expect([open.length, events.opened - opened]).toEqual([1, 1]);
		await until('the connection is closed', () => open[0]!.closed);
	}, 120_000);

	/** All executions of a workflow, once so many have ended. */
	async function ended(workflow: StoredWorkflow, count: number, timeoutMs = 150_000): Promise<Execution[]> {
		return await n8n.client.finishedExecutions(workflow, count, { timeoutMs, explain: n8n.logOf });
	}

	/** Publishes a workflow that creates the contacts it is sent, each with its execution's id as the remark. */
	async function publish(path: string): Promise<StoredWorkflow> {
		const { client, credential } = n8n;
		const workflow = contactWorkflow({
			name: `Create the contacts sent to ${path}`,
			source: [
				{
					name: 'Webhook',
					type: 'n8n-nodes-base.webhook',
					typeVersion: 2,
					parameters: { httpMethod: 'POST', path, responseMode: 'onReceived' },
				},
			],
			field: 'body.contacts',
			parameters: { additionalFields: { remark: '={{ $execution.id }}' } },
		});
		const stored = await client.createWorkflow(forSandbox(workflow, credential, sandbox.mailbox.address));
		await client.publish(stored);
		return stored;
	}

	/** Starts so many executions at once. */
	async function post(path: string, count: number): Promise<void> {
		const url = `${n8n.main.url}/webhook/${path}`;
		const posting = Array.from({ length: count }, async (_, number) => {
			await axios.post(url, { contacts: postedContacts(number) }, { proxy: false, timeout: 60_000 });
		});
		await Promise.all(posting);
	}

	const contactsOf = ({ id }: Execution) => sandbox.mailbox.contacts.filter(({ remark }) => remark === id);
});

const postedContacts = (number: number) =>
	Array.from({ length: PER_EXECUTION }, (_, index) => ({ name: `Call ${number}, contact ${index}` }));

const postedNames = (count: number) =>
	Array.from({ length: count }, (_, number) => postedContacts(number).map(({ name }) => name)).flat();

/** The ids of those executions that a worker started, once for each time it did, as its log says. */
function startedBy(worker: N8n, executions: Execution[]): string[] {
	const ids = new Set(executions.map(({ id }) => id));
	return [...worker.log().matchAll(/Worker started execution (\d+)/g)]
		.map(([, id]) => id ?? '')
		.filter((id) => ids.has(id));
}
