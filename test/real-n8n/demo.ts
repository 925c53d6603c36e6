/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sandbox } from '../sandbox';
import type { Report } from './cannot-start';
import { N8nClient, type Credential, type Owner, type StoredWorkflow, type Workflow } from './client';
import { startN8n, type N8n, type N8nOptions } from './instance';
import { buildIfNeeded, packPackage } from './package-tarball';

const NODE_TYPE = 'n8n-nodes-feishu-mail.feishuMail';
const CREDENTIAL_TYPE = 'feishuMailApi';
const USER_CREDENTIAL_TYPE = 'feishuMailOAuth2Api';

export interface Demo {
	n8n: N8n;
	client: N8nClient;
	owner: Owner;
	/** The sandbox's app, stored in n8n. */
	credential: Credential;
	/** Published: a form that creates a contact. */
	contactForm: StoredWorkflow;
	/** Where the form is shown and sent to. */
	formUrl: string;
	/** Run by hand: creates the twelve coloured labels. */
	labelColours: StoredWorkflow;
}

/** Packs the package, building it first when it is out of date; the tarball is there while it is used. */
export async function withTarball<T>(report: Report, use: (tarball: string) => Promise<T>): Promise<T> {
	await buildIfNeeded(report);
	const directory = await mkdtemp(join(tmpdir(), 'n8n-nodes-feishu-mail-pack-'));
	try {
		return await use(await packPackage(directory));
	} finally {
		await rm(directory, { recursive: true, force: true });
	}
}

/** Starts an n8n in which the package is installed. */
export async function startN8nWithPackage(options: Omit<N8nOptions, 'tarball'>): Promise<N8n> {
	return await withTarball(options.report, async (tarball) => await startN8n({ ...options, tarball }));
}

/** Starts an n8n with the package, an owner, the sandbox's credential and two ready workflows. */
export async function startDemo(sandbox: Sandbox, options: Omit<N8nOptions, 'tarball'>): Promise<Demo> {
	const n8n = await startN8nWithPackage(options);
	return await setUp(n8n, sandbox, options.report).catch(async (error: unknown) => {
		await n8n.stop();
		throw error;
	});
}

async function setUp(n8n: N8n, sandbox: Sandbox, report: Report): Promise<Demo> {
	report('Making the owner account, the credential and two workflows ...');
	const { client, owner, credential } = await setUpAccount(n8n, sandbox);
	const create = async (workflow: Workflow) =>
		await client.createWorkflow(forSandbox(workflow, credential, sandbox.mailbox.address));
	const contactForm = await create(await readExample('form-to-contact.json'));
	await client.publish(contactForm);
	const formUrl = `${n8n.url}/form/contact`;
	return {
		n8n,
		client,
		owner,
		credential,
		contactForm,
		formUrl,
		labelColours: await create(await readWorkflow('label-colours.json')),
	};
}

/** Makes a new n8n's owner account, signs in and stores the sandbox's app. */
export async function setUpAccount(
	{ url }: Pick<N8n, 'url'>,
	sandbox: Sandbox,
): Promise<Pick<Demo, 'client' | 'owner' | 'credential'>> {
	const client = new N8nClient(url);
	const owner = newOwner();
	await client.setUpOwner(owner);
	const credential = await client.createCredential({
		name: 'Feishu Mail (sandbox)',
		type: CREDENTIAL_TYPE,
		data: credentialData(sandbox),
	});
	return { client, owner, credential };
}

/** n8n wants 8 characters or more, with a digit and a capital letter. */
function newOwner(): Owner {
	const password = `Demo-${randomBytes(6).toString('hex')}-1`;
	return { email: 'owner@example.com', password, firstName: 'Feishu', lastName: 'Mail' };
}

/** The credential's fields for the sandbox's app. */
export function credentialData(sandbox: Sandbox) {
	const { id: appId, secret: appSecret } = sandbox.app;
	return { region: 'custom', baseUrl: sandbox.url, appId, appSecret };
}

/** Stores the sandbox's app for acting as a user, who has not connected yet. */
export async function createUserCredential(
	{ client }: Pick<Demo, 'client'>,
	sandbox: Sandbox,
	name: string,
): Promise<Credential> {
	const { id: clientId, secret: clientSecret } = sandbox.app;
	return await client.createCredential({
		name,
		type: USER_CREDENTIAL_TYPE,
		data: {
			region: 'custom',
			baseUrl: sandbox.url,
			customAuthUrl: `${sandbox.url}/open-apis/authen/v1/authorize`,
			customTokenUrl: `${sandbox.url}/open-apis/authen/v2/oauth/token`,
			clientId,
			clientSecret,
		},
	});
}

async function readWorkflow(file: string, directory = join(__dirname, 'workflows')): Promise<Workflow> {
	return JSON.parse(await readFile(join(directory, file), 'utf8')) as Workflow;
}

/** One of the workflows that users can import, as it is shipped. */
export async function readExample(file: string): Promise<Workflow> {
	return await readWorkflow(file, join(__dirname, '..', '..', 'examples'));
}

/** A workflow with a credential and a mailbox filled in, as a user does after importing it. */
export function forSandbox(workflow: Workflow, credential: Credential, mailbox: string): Workflow {
	const nodes = workflow.nodes.map((node) => {
		if (!node.type.startsWith(NODE_TYPE)) return node;
		return {
			...node,
			parameters: { ...node.parameters, userMailboxId: mailbox },
			credentials: { [CREDENTIAL_TYPE]: { id: credential.id, name: credential.name } },
		};
	});
	return { ...workflow, nodes };
}

/** Stores a workflow that creates one label with fixed values, so that its node's panel shows the colour dropdown. */
export async function createSingleLabel(demo: Demo, sandbox: Sandbox): Promise<StoredWorkflow> {
	const { nodes, settings } = await readWorkflow('label-colours.json');
	const values = { name: 'Customers/Asia', backgroundColor: 'wathet' };
	const workflow: Workflow = {
		name: 'Feishu Mail: one label',
		nodes: nodes
			.filter(({ name }) => ['Start', 'Create label'].includes(name))
			.map((node) =>
				node.type === NODE_TYPE ? { ...node, parameters: { ...node.parameters, ...values } } : node,
			),
		connections: { Start: { main: [[{ node: 'Create label', type: 'main', index: 0 }]] } },
		settings,
	};
	return await demo.client.createWorkflow(forSandbox(workflow, demo.credential, sandbox.mailbox.address));
}
