/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { setTimeout as sleep } from 'node:timers/promises';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { filesOf, outputOf, type Credential, type Execution, type StoredWorkflow } from '../real-n8n/client';
import { credentialData, forSandbox } from '../real-n8n/demo';
import { startN8n, type N8n } from '../real-n8n/instance';
import { TRIGGER, triggerWorkflow } from '../real-n8n/trigger-workflow';
import type { Mailbox } from '../sandbox/tenants';
import { useSandboxAndN8n } from './sandbox-and-n8n';

/** Milliseconds in which a workflow is polled more than once. */
const SEVERAL_POLLS = 5_000;

/** The n8n that was started after the first one was killed. */
let again: N8n | undefined;

// Before the folder goes that both have.
afterAll(async () => await again?.stop(), 60_000);

const running = useSandboxAndN8n();

/** The last executions first, as n8n lists them, the other way round. */
const inOrder = (executions: Execution[]) => [...executions].sort((one, other) => +one.id - +other.id);

const log = () => `${running().demo.n8n.log()}${again?.log() ?? ''}`;

/** What a workflow did with the mails of a mailbox of its own. */
class Stage {
	readonly mailbox: Mailbox;

	workflow!: StoredWorkflow;

	constructor(
		readonly name: string,
		private readonly triggers: Record<string, INodeParameters> = { [TRIGGER]: {} },
	) {
		this.mailbox = running().sandbox.tenant.addMailbox(`${name}@example.com`);
	}

	async create(credential: Credential = running().demo.credential): Promise<void> {
		const workflow = forSandbox(triggerWorkflow(this.name, this.triggers), credential, this.mailbox.address);
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

	/** Its executions, the first one first, once there are so many. */
	async executions(count: number): Promise<Execution[]> {
		return inOrder(await running().demo.client.finishedExecutions(this.workflow, count));
	}

	/** What its executions got, once so many mails came in, and, a few polls later, no others. */
	async subjects(count: number, trigger = TRIGGER): Promise<unknown[]> {
		let found: unknown[] = [];
		for (let executions = 1; found.length < count; executions++) {
			found = subjectsOf(await this.executions(executions), trigger);
		}
		await sleep(SEVERAL_POLLS);
		return subjectsOf(await this.executions(1), trigger);
	}
}

const subjectsOf = (executions: Execution[], trigger = TRIGGER) =>
	executions.flatMap((execution) =>
		outputOf(execution, trigger).map((json) => (json as IDataObject).subject),
	);

/** What users mistake, and what n8n tells them when they publish the workflow. */
const mistakes: Record<string, { parameters: INodeParameters; message: string }> = {
	'an app without a mailbox': {
		parameters: { userMailboxId: 'me' },
		message: "'Mailbox' cannot be 'me': an app has no mailbox of its own",
	},
	'a mailbox that is not there': {
		parameters: { userMailboxId: 'nobody@example.com' },
		message: "'Mailbox'",
	},
	'a folder that is not there': {
		parameters: { folderId: { __rl: true, mode: 'id', value: '4711' } },
		message: "check 'Mailbox', and 'Folder' or 'Label'",
	},
	'a label that is not there': {
		parameters: { filters: { labelIds: ['4711'] } },
		message: "'Label Names or IDs': the mailbox has no label '4711'",
	},
	'a folder of drafts': {
		parameters: { folderId: { __rl: true, mode: 'list', value: 'DRAFT' } },
		message: "'Folder': no mails come into DRAFT",
	},
};

/** What n8n says to each, which it tries for a quarter of a minute. */
let refusals: Promise<Record<string, string>>;

beforeAll(() => {
	const { client, credential } = running().demo;
	const { mailbox } = running().sandbox;
	const refusal = async (name: string, parameters: INodeParameters) => {
		const workflow = forSandbox(triggerWorkflow(name, { [TRIGGER]: {} }), credential, mailbox.address);
		Object.assign(workflow.nodes[0]!.parameters, parameters);
		const stored = await client.createWorkflow(workflow);
		const said = await client.publish(stored).then(
			() => '',
			({ message }: Error) => message,
		);
		await client.unpublish(stored);
		return [name, said];
	};
	refusals = Promise.all(
		Object.entries(mistakes).map(async ([name, { parameters }]) => await refusal(name, parameters)),
	).then((said) => Object.fromEntries(said) as Record<string, string>);
	refusals.catch(() => {});
});

it('starts a workflow with each mail once, in the order in which they came', async () => {
	const stage = new Stage('order');
	stage.receive('before it was published');
	await stage.create();
	await stage.publish();
	const sent = Array.from({ length: 25 }, (_, number) => `Mail ${number}`);
	for (const subject of sent) {
		stage.receive(subject);
		await sleep(300);
	}
	expect(await stage.subjects(25)).toEqual(sent);
	const executions = await stage.executions(1);
	expect(executions.length).toBeGreaterThan(1);
	for (const { status, mode } of executions) expect([status, mode]).toEqual(['success', 'trigger']);
	await stage.unpublish();
}, 60_000);

it('gives a workflow the files of mails, and keeps apart what several triggers of one workflow know', async () => {
	const filters = { hasAttachments: true };
	const stage = new Stage('files', {
		Files: { filters, options: { downloadAttachments: true, markAsRead: true } },
		Unread: { filters: { readStatus: 'unread', sender: '@acme.example' } },
	});
	await stage.create();
	await stage.publish();
	const attachments = [{ filename: '报价.txt', content: Buffer.from('¥ 100') }];
	const offer = stage.mailbox.receive({ subject: 'Offer', attachments });
	const question = stage.mailbox.receive({
		subject: 'Question',
		head_from: { mail_address: 'ann@acme.example' },
	});
	const executions = await stage.executions(2);
	expect(subjectsOf(executions, 'Files')).toEqual(['Offer']);
	expect(subjectsOf(executions, 'Unread')).toEqual(['Question']);
	const [withFile] = executions.filter((execution) => outputOf(execution, 'Files').length > 0);
	expect(await filesOf(running().demo.client, withFile!, 'Files')).toEqual([{ attachment_0: '¥ 100' }]);
	expect([offer, question].map(({ label_ids }) => label_ids.has('UNREAD'))).toEqual([false, true]);
	await sleep(SEVERAL_POLLS);
	expect(await stage.executions(2)).toHaveLength(2);
	await stage.unpublish();
}, 60_000);

it.each(Object.entries(mistakes))(
	'tells whoever publishes a workflow of %s what is wrong',
	async (name, { message }) => {
		const { [name]: said } = await refusals;
		expect(said).toContain(message);
	},
	60_000,
);

it('loses and repeats nothing when n8n is killed in the middle of a poll and starts again', async () => {
	const { sandbox, demo } = running();
	const stage = new Stage('killed');
	await stage.create();
	await stage.publish();
	stage.receive('One', 'Two');
	await stage.executions(1);
	stage.receive('Three');
	expect(await stage.subjects(3)).toEqual(['One', 'Two', 'Three']);

	const killed = new Promise<void>((resolve, reject) => {
		const kill = async () => await demo.n8n.kill().then(resolve, reject);
		sandbox.before('mail.message.batchGet', kill, { mailbox: stage.mailbox.address });
	});
	stage.receive('Four');
	await killed;
	stage.receive('Five');
	const { folder, port } = demo.n8n;
	again = await startN8n({ report: () => {}, folder, port });
	stage.receive('Six');
	expect(await stage.subjects(6)).toEqual(['One', 'Two', 'Three', 'Four', 'Five', 'Six']);
	await stage.unpublish();
}, 120_000);

it('catches up when a workflow is published again, begins anew when its node was renamed, and says so', async () => {
	const { client } = running().demo;
	const stage = new Stage('published-again');
	await stage.create();
	await stage.publish();
	await stage.unpublish();
	stage.receive('While it was not published');
	await stage.publish();
	expect(await stage.subjects(1)).toEqual(['While it was not published']);

	await stage.unpublish();
	stage.receive('Before it has the new name');
	const { nodes, connections } = forSandbox(
		triggerWorkflow(stage.name, { 'New mails': {} }),
		running().demo.credential,
		stage.mailbox.address,
	);
	stage.workflow = await client.changeWorkflow(stage.workflow, { nodes, connections });
	await stage.publish();
	stage.receive('After that');
	expect(await stage.subjects(1, 'New mails')).toEqual(['After that']);
	expect(log()).toMatch(
		/New mails: Mails that come in from now on start the workflow: .* keeps by the name of the node/,
	);
	await stage.unpublish();
}, 60_000);

it('shows as a failed execution what goes wrong later, and delivers what came meanwhile', async () => {
	const { sandbox, demo } = running();
	const app = sandbox.tenant.addApp();
	const stage = new Stage('refused');
	await stage.create(
		await demo.client.createCredential({
			name: 'Another app',
			type: 'feishuMailApi',
			data: { ...credentialData(sandbox), appId: app.id, appSecret: app.secret },
		}),
	);
	await stage.publish();
	const scopes = [...app.scopes];
	app.scopes.clear();
	stage.receive('Meanwhile');
	const [failed] = await stage.executions(1);
	for (const scope of scopes) app.scopes.add(scope);
	expect(failed).toMatchObject({
		status: 'error',
		mode: 'trigger',
		data: {
			resultData: { error: { message: expect.stringContaining('mail:user_mailbox.message:readonly') } },
		},
	});
	expect(await stage.subjects(1)).toEqual(['Meanwhile']);
	await stage.unpublish();
}, 60_000);

it('gives a test of a workflow the newest mail, which starts the workflow all the same', async () => {
	const { client } = running().demo;
	const stage = new Stage('test');
	stage.receive('Older', 'Newest');
	await stage.create();
	const execution = await client.run(stage.workflow, TRIGGER);
	expect([execution.mode, execution.status]).toEqual(['manual', 'success']);
	expect(subjectsOf([execution])).toEqual(['Newest']);
	await stage.publish();
	stage.receive('New');
	expect(subjectsOf([await client.run(stage.workflow, TRIGGER)])).toEqual(['New']);
	const started = (await stage.executions(3)).filter(({ mode }) => mode === 'trigger');
	expect(subjectsOf(started)).toEqual(['New']);
	await stage.unpublish();
}, 60_000);
