/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import type { INodeParameters } from 'n8n-workflow';
import type { Sandbox } from '../sandbox';
import { CannotStart, type Report } from './cannot-start';
import { N8nClient, type Credential, type Owner, type StoredWorkflow, type Workflow } from './client';
import { startN8n, type N8n, type N8nOptions } from './instance';
import { buildIfNeeded, packPackage } from './package-tarball';

/** What n8n calls the node. */
export const NODE = 'Feishu Mail';
const NODE_TYPE = 'n8n-nodes-feishu-mail.feishuMail';
const CREDENTIAL_TYPE = 'feishuMailApi';
const USER_CREDENTIAL_TYPE = 'feishuMailOAuth2Api';

/** What is made in a new n8n. */
export interface DemoParts {
	owner: Owner;
	/** The sandbox's app, stored in n8n. */
	credential: Credential;
	/** The same for acting as a user, who has not connected yet. */
	userCredential: Credential;
	/** Where both expect the sandbox. */
	sandboxUrl: string;
	/** Published: a form that creates a contact. */
	contactForm: StoredWorkflow;
	/** Run by hand: creates the twelve coloured labels. */
	labelColours: StoredWorkflow;
	/** Starts when a mail comes in, once it is published. */
	newMail: StoredWorkflow;
}

/** What was made by a version that may have had no trigger yet. */
export type KeptParts = Omit<DemoParts, 'newMail'> & Partial<DemoParts>;

export interface Demo extends DemoParts {
	n8n: N8n;
	client: N8nClient;
	/** Where the form is shown and sent to. */
	formUrl: string;
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

/**
 * Starts an n8n with the package, an owner, the sandbox's credentials and three ready workflows.
 *
 * @param kept - what was made in its folder before, where n8n still has it
 */
export async function startDemo(
	sandbox: Sandbox,
	{ kept, ...options }: Omit<N8nOptions, 'tarball'> & { kept?: KeptParts },
): Promise<Demo> {
	const n8n = await startN8nWithPackage(options);
	const client = new N8nClient(n8n.url);
	const making = kept ? goOn(client, sandbox, kept) : setUp(client, sandbox, options.report);
	const parts = await making.catch(async (error: unknown) => {
		await n8n.stop();
		throw error;
	});
	return { ...parts, n8n, client, formUrl: `${n8n.url}/form/contact` };
}

async function setUp(client: N8nClient, sandbox: Sandbox, report: Report): Promise<DemoParts> {
	report('Making the owner account, two credentials and three workflows ...');
	const account = await setUpAccount(client, sandbox);
	const create = async (workflow: Workflow) =>
		await client.createWorkflow(forSandbox(workflow, account.credential, sandbox.mailbox.address));
	const contactForm = await create(await readExample('form-to-contact.json'));
	await client.publish(contactForm);
	return {
		...account,
		sandboxUrl: sandbox.url,
		contactForm,
		labelColours: await create(await readWorkflow('label-colours.json')),
		newMail: await create(await readWorkflow('new-mail.json')),
	};
}

/** Signs in to an n8n that has everything already, and leads its credentials to where the sandbox is now. */
async function goOn(client: N8nClient, sandbox: Sandbox, before: KeptParts): Promise<DemoParts> {
	const { owner, credential, userCredential, sandboxUrl } = before;
	await client.logIn(owner).catch(() => {
		throw new CannotStart(
			`n8n does not take the password that was made for ${owner.email}. ` +
				'If you have changed it, change it back, or start anew: npm start -- --fresh',
		);
	});
	const newMail =
		before.newMail ??
		(await client.createWorkflow(
			forSandbox(await readWorkflow('new-mail.json'), credential, sandbox.mailbox.address),
		));
	const kept = { ...before, newMail };
	if (sandboxUrl === sandbox.url) return kept;
	// What the user has deleted stays deleted.
	const lead = async (stored: Credential, data: object) =>
		await client.changeCredential(stored, data).catch(() => undefined);
	await lead(credential, { baseUrl: sandbox.url });
	await lead(userCredential, addresses(sandbox));
	return { ...kept, sandboxUrl: sandbox.url };
}

/** Makes a new n8n's owner account, signs in and stores the sandbox's app twice: to act as itself and as a user. */
export async function setUpAccount(
	client: N8nClient,
	sandbox: Sandbox,
): Promise<Pick<DemoParts, 'owner' | 'credential' | 'userCredential'>> {
	const owner = newOwner();
	await client.setUpOwner(owner);
	const userCredential = await createUserCredential({ client }, sandbox, 'Feishu Mail (sandbox user)');
	// The last one: n8n chooses the newest for a new node, and the user has not connected yet.
	const credential = await client.createCredential({
		name: 'Feishu Mail (sandbox)',
		type: CREDENTIAL_TYPE,
		data: credentialData(sandbox),
	});
	return { owner, credential, userCredential };
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

/**
 * Stores the sandbox's app for acting as a user, who has not connected yet.
 *
 * @param change - fields of the credential that are to have other values
 */
export async function createUserCredential(
	{ client }: Pick<Demo, 'client'>,
	sandbox: Sandbox,
	name: string,
	change: object = {},
): Promise<Credential> {
	const { id: clientId, secret: clientSecret } = sandbox.app;
	return await client.createCredential({
		name,
		type: USER_CREDENTIAL_TYPE,
		data: { region: 'custom', ...addresses(sandbox), clientId, clientSecret, ...change },
	});
}

/** Connects the user's credential without a browser: allows what the page asks to which n8n leads. */
export async function connectUser({ client, userCredential }: Pick<Demo, 'client' | 'userCredential'>) {
	const page = new URL(
		await client.request<string>('GET', `/rest/oauth2-credential/auth?id=${userCredential.id}`),
	);
	page.searchParams.append('decision', 'allow');
	const allowed = await axios.post<unknown>(new URL('/sandbox/consent', page).href, page.searchParams, {
		proxy: false,
		maxRedirects: 0,
		validateStatus: (status) => status === 302,
	});
	await client.file(String(allowed.headers.location));
}

/**
 * Stores what the instant trigger needs: the sandbox's app, and its user, who is connected and has allowed all that the
 * app may ask for.
 *
 * @param change - fields of the app's credential that are to have other values
 */
export async function createEventCredentials(
	{ client }: Pick<Demo, 'client'>,
	sandbox: Sandbox,
	change: object = {},
): Promise<Credential[]> {
	const userScopes = [...sandbox.app.userScopes].join(' ');
	const userCredential = await createUserCredential({ client }, sandbox, 'Feishu Mail (user with events)', {
		userScopes,
	});
	await connectUser({ client, userCredential });
	const credential = await client.createCredential({
		name: 'Feishu Mail (app with events)',
		type: CREDENTIAL_TYPE,
		data: { ...credentialData(sandbox), ...change },
	});
	return [credential, userCredential];
}

/** The credential's fields for where the sandbox is. */
function addresses({ url, authorizeUrl, tokenUrl }: Sandbox) {
	return { baseUrl: url, customAuthUrl: authorizeUrl, customTokenUrl: tokenUrl };
}

async function readWorkflow(file: string, directory = join(__dirname, 'workflows')): Promise<Workflow> {
	return JSON.parse(await readFile(join(directory, file), 'utf8')) as Workflow;
}

/** One of the workflows that users can import, as it is shipped. */
export async function readExample(file: string): Promise<Workflow> {
	return await readWorkflow(file, join(__dirname, '..', '..', 'examples'));
}

/** A workflow with a credential, or several, and a mailbox filled in, as a user does after importing it. */
export function forSandbox(
	workflow: Workflow,
	credential: Credential | Credential[],
	mailbox: string,
): Workflow {
	const chosen = [credential].flat().map(({ type, id, name }) => [type, { id, name }] as const);
	const nodes = workflow.nodes.map((node) => {
		if (!node.type.startsWith(NODE_TYPE)) return node;
		return {
			...node,
			parameters: { ...node.parameters, userMailboxId: mailbox },
			credentials: Object.fromEntries(chosen),
		};
	});
	return { ...workflow, nodes };
}

/** A workflow whose webhooks take callers with one header only, and the credential that names it. */
export async function withHeader(
	{ client }: Pick<Demo, 'client'>,
	workflow: Workflow,
	[name, value]: [string, string],
): Promise<Workflow> {
	const type = 'httpHeaderAuth';
	const { id } = await client.createCredential({ name, type, data: { name, value } });
	const nodes = workflow.nodes.map((node) =>
		node.type === 'n8n-nodes-base.webhook' ? { ...node, credentials: { [type]: { id, name } } } : node,
	);
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

/** Stores a workflow with one Feishu Mail node and gives the address of its page. */
export async function createSingleNode(
	{ client, n8n, ...demo }: Pick<Demo, 'client' | 'n8n' | 'credential'>,
	sandbox: Sandbox,
	parameters: INodeParameters,
	credential = demo.credential,
): Promise<string> {
	const authentication = credential.type === CREDENTIAL_TYPE ? 'tenantToken' : 'oAuth2';
	const workflow: Workflow = {
		name: NODE,
		nodes: [
			{
				id: '1',
				name: NODE,
				type: NODE_TYPE,
				typeVersion: 1,
				position: [0, 0],
				parameters: { authentication, ...parameters },
			},
		],
		connections: {},
	};
	const mailbox = String(parameters.userMailboxId ?? sandbox.mailbox.address);
	const { id } = await client.createWorkflow(forSandbox(workflow, credential, mailbox));
	return `${n8n.url}/workflow/${id}`;
}
