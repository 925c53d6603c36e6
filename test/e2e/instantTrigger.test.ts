/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { setTimeout as sleep } from 'node:timers/promises';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { outputOf, type Credential, type Execution, type StoredWorkflow } from '../real-n8n/client';
import { createEventCredentials, forSandbox } from '../real-n8n/demo';
import { startN8n, type N8n } from '../real-n8n/instance';
import { INSTANT_TRIGGER, instantWorkflow } from '../real-n8n/trigger-workflow';
import { until } from '../real-n8n/until';
import { connectionRefusal, Sandbox } from '../sandbox';
import type { Mailbox } from '../sandbox/tenants';
import { useSandboxAndN8n } from './sandbox-and-n8n';

/** Milliseconds in which a mail starts its workflow. */
const SECONDS = 5_000;

/** Milliseconds after which nothing more comes. */
const QUIET = 2_000;

/** What was started beside the sandbox and n8n of this file. */
const others: Sandbox[] = [];
let again: N8n | undefined;

// Before the folder goes that both n8n have.
afterAll(async () => {
	await again?.stop();
	for (const sandbox of others) await sandbox.close();
}, 60_000);

const running = useSandboxAndN8n();

const newSandbox = async (): Promise<Sandbox> => {
	const sandbox = await Sandbox.start();
	others.push(sandbox);
	return sandbox;
};

/** Of the sandbox's app and user. */
let credentials: Credential[];

beforeAll(async () => {
	credentials = await createEventCredentials(running().demo, running().sandbox);
}, 60_000);

/** What a trigger got, also where its execution was cut off. */
function subjectOf(execution: Execution): unknown {
	const { executionData } = execution.data;
	const [left] = executionData?.nodeExecutionStack ?? [];
	const [json = left?.data.main?.[0]?.[0]?.json] = outputOf(execution, INSTANT_TRIGGER);
	return (json as IDataObject | undefined)?.subject;
}

function newMailbox(name: string): Mailbox {
	const { tenant, user } = running().sandbox;
	const mailbox = tenant.addMailbox(`${name}@example.com`);
	mailbox.members.add(user);
	return mailbox;
}

/** A workflow and its mailbox. */
class Stage {
	workflow!: StoredWorkflow;

	constructor(
		private readonly name: string,
		readonly mailbox = newMailbox(name),
	) {}

	async create(chosen = credentials, parameters: INodeParameters = {}): Promise<void> {
		const workflow = forSandbox(instantWorkflow(this.name, parameters), chosen, this.mailbox.address);
		this.workflow = await running().demo.client.createWorkflow(workflow);
	}

	async publish(): Promise<void> {
		await running().demo.client.publish(this.workflow);
	}

	async unpublish(): Promise<void> {
		await running().demo.client.unpublish(this.workflow);
	}

	receive(...subjects: string[]): void {
		for (const subject of subjects) this.mailbox.receive({ subject });
	}

	/** Its executions, once so many have ended and no more come. */
	async executions(count: number): Promise<Execution[]> {
		const { client } = running().demo;
		await until(`there are ${count} executions`, async () => {
			const { length } = await client.executions(this.workflow.id);
			return length >= count ? length : undefined;
		});
		await sleep(QUIET);
		return (await client.finishedExecutions(this.workflow, count)).reverse();
	}

	/** The mails of its executions, in their order. */
	async subjects(count: number): Promise<unknown[]> {
		return (await this.executions(count)).map(subjectOf);
	}
}

/** What stands in the way, and what n8n tells whoever publishes a workflow. */
const mistakes: Record<string, { arrange(sandbox: Sandbox): object | void; message: RegExp }> = {
	'with credentials of different apps': {
		arrange: ({ tenant }) => {
			const { id, secret } = tenant.addApp();
			return { appId: id, appSecret: secret };
		},
		message:
			/different apps: 'App ID' of the one is cli_\w+, 'Client ID' of the other is cli_\w+\. .*choose credentials of the same app/,
	},
	'of an app that has 50 connections': {
		arrange: ({ events }) => void (events.otherConnections = 50),
		message: /as many long connections as Feishu allows, 50.* \(code 1000040350\)/,
	},
	'of an app of another region': {
		arrange: (sandbox) =>
			void sandbox.fail({ api: 'event.endpoint', on: () => true, with: connectionRefusal(1000040351) }),
		message: /does not exist in this region.*'Region'.* \(code 1000040351\)/,
	},
	'of an app without the permission': {
		arrange: ({ app }) => void app.userScopes.delete('mail:event'),
		message: /mail:event/,
	},
};

/** What n8n says to each, which it tries for a quarter of a minute. */
let refusals: Promise<Record<string, string>>;

beforeAll(() => {
	const refusal = async (name: string, arrange: (sandbox: Sandbox) => object | void) => {
		const sandbox = await newSandbox();
		const stage = new Stage('mistake', sandbox.mailbox);
		await stage.create(await createEventCredentials(running().demo, sandbox, arrange(sandbox) ?? {}));
		const said = await stage.publish().then(
			() => '',
			({ message }: Error) => message,
		);
		await stage.unpublish();
		return [name, said, sandbox.events.connections.length];
	};
	refusals = Promise.all(
		Object.entries(mistakes).map(async ([name, { arrange }]) => await refusal(name, arrange)),
	).then((said) => Object.fromEntries(said) as Record<string, string>);
	refusals.catch(() => {});
});

it('starts each workflow within seconds of its mail, by one connection, which the last one closes', async () => {
	const { sandbox } = running();
	const stages = ['one', 'other'].map((name) => new Stage(name));
	const [one, other] = stages as [Stage, Stage];
	one.receive('Before it was published');
	for (const stage of stages) {
		await stage.create();
		await stage.publish();
	}
	const [connection] = sandbox.events.connections;
	const receivedAt = Date.now();
	one.receive('For one');
	other.receive('For the other');
	for (const stage of stages) {
		const [execution] = await stage.executions(1);
		expect([execution!.status, execution!.mode]).toEqual(['success', 'trigger']);
		expect(Date.parse(execution!.startedAt!) - receivedAt).toBeLessThan(SECONDS);
	}
	await one.unpublish();
	one.receive('While it is not published');
	other.receive('For the other still');
	expect(await other.subjects(2)).toEqual(['For the other', 'For the other still']);
	expect(await one.subjects(1)).toEqual(['For one']);
	expect([sandbox.events.opened, connection!.isOpen]).toEqual([1, true]);
	await other.unpublish();
	await until('the connection is closed', () => connection!.closed);
	expect(sandbox.events.connections).toEqual([]);
}, 60_000);

it.each(Object.entries(mistakes))(
	'tells whoever publishes a workflow %s what to do',
	async (name, { message }) => {
		const { [name]: said } = await refusals;
		expect(said).toMatch(message);
	},
	60_000,
);

it('tells whoever has published a workflow what its app lacks to be told of mails', async () => {
	const sandbox = await newSandbox();
	sandbox.app.publishedVersion!.events.splice(0);
	const stage = new Stage('no-event', sandbox.mailbox);
	await stage.create(await createEventCredentials(running().demo, sandbox));
	await stage.publish();
	const [failed] = await stage.executions(1);
	await stage.unpublish();
	expect([failed!.status, failed!.mode]).toEqual(['error', 'trigger']);
	expect(failed!.data.resultData.error).toMatchObject({
		message: 'Feishu announces no mails to the app',
		description: expect.stringContaining("under 'Events & Callbacks'"),
	});
}, 60_000);

it('gives a test of the workflow the newest mail, and opens no connection for it', async () => {
	const { sandbox, demo } = running();
	const opened = sandbox.events.opened;
	const stage = new Stage('test');
	stage.receive('Older', 'Newest');
	await stage.create();
	const execution = await demo.client.run(stage.workflow, INSTANT_TRIGGER);
	expect([execution.mode, execution.status, subjectOf(execution)]).toEqual(['manual', 'success', 'Newest']);
	expect(sandbox.events.opened).toBe(opened);
}, 60_000);

it('connects again when Feishu was away, and starts one execution for a mail that is announced twice and found', async () => {
	let sandbox = await newSandbox();
	const stage = new Stage('away', sandbox.mailbox);
	await stage.create(await createEventCredentials(running().demo, sandbox));
	await stage.publish();
	sandbox.events.repeat(2);
	stage.receive('Announced twice');
	sandbox.events.lose(1);
	stage.receive('Not announced');
	await stage.executions(1);
	const port = Number(new URL(sandbox.url).port);
	await sandbox.close();
	sandbox = await Sandbox.start({ port, state: sandbox.state() });
	others.push(sandbox);
	await until('the connection is up again', () => sandbox.events.connections[0]);
	sandbox.mailbox.receive({ subject: 'After that' });
	expect(await stage.subjects(3)).toEqual(['Announced twice', 'Not announced', 'After that']);
	await stage.unpublish();
}, 60_000);

it('starts 200 executions for 200 mails of ten seconds', async () => {
	const stage = new Stage('many');
	await stage.create();
	await stage.publish();
	const sent = Array.from({ length: 200 }, (_, number) => `Mail ${number}`);
	for (const subject of sent) {
		stage.receive(subject);
		await sleep(50);
	}
	const subjects = await stage.subjects(200);
	expect(subjects).toHaveLength(200);
	expect(new Set(subjects)).toEqual(new Set(sent));
	await stage.unpublish();
}, 90_000);

/** Starts n8n again, once it has ended. */
async function startAgain(): Promise<void> {
	const { folder, port } = running().demo.n8n;
	again = await startN8n({ report: () => {}, folder, port });
}

it('hangs up when n8n ends, and gives the mails that came meanwhile once when it starts again; none is lost or repeated when it is killed', async () => {
	const { sandbox, demo } = running();
	const stage = new Stage('ended');
	await stage.create();
	await stage.publish();
	const [connection] = sandbox.events.connections;
	stage.receive('Before');
	await stage.executions(1);
	await demo.n8n.end();
	// A process that is gone has closed nothing: 1006.
	expect(connection!.closed?.code).toBe(1005);
	stage.receive('Meanwhile', 'Meanwhile, too');
	await startAgain();
	expect(await stage.subjects(3)).toEqual(['Before', 'Meanwhile', 'Meanwhile, too']);

	const sent = Array.from({ length: 60 }, (_, number) => `Mail ${number}`);
	const count = async () => (await demo.client.executions(stage.workflow.id)).length - 3;
	stage.receive(...sent.slice(0, 40));
	await until('some are there', async () => ((await count()) > 5 ? true : undefined), { pollMs: 5 });
	await again!.kill();
	stage.receive(...sent.slice(40));
	await startAgain();
	const subjects = (await stage.subjects(63)).slice(3);
	expect([...subjects].sort()).toEqual([...sent].sort());
	await stage.unpublish();
}, 120_000);
