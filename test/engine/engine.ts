/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs n8n's engine on Node, not inside n8n */
import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// n8n-core reads these when it is loaded.
process.env.N8N_USER_FOLDER = mkdtempSync(join(tmpdir(), 'feishu-mail-engine-'));
process.env.N8N_ENCRYPTION_KEY = 'engine-tests';
process.env.N8N_LOG_LEVEL ??= 'silent';

import {
	createRunExecutionData,
	ICredentials,
	ICredentialsHelper,
	NodeConnectionTypes,
	NodeHelpers,
	Workflow,
	type ExecutionError,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type IBinaryData,
	type IBinaryKeyData,
	type IDataObject,
	type IExecuteData,
	type IHttpRequestHelper,
	type IHttpRequestOptions,
	type INode,
	type INodeCredentialsDetails,
	type INodeExecutionData,
	type INodeListSearchResult,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyOptions,
	type INodeType,
	type INodeTypes,
	type IRun,
	type IRunExecutionData,
	type ITriggerFunctions,
	type IWorkflowExecuteAdditionalData,
	type NodeExecutionHint,
	type WorkflowActivateMode,
	type WorkflowExecuteMode,
} from 'n8n-workflow';
import {
	BinaryDataConfig,
	BinaryDataService,
	ExecutionLifecycleHooks,
	LoadOptionsContext,
	PollContext,
	SupplyDataContext,
	TriggerContext,
	WorkflowExecute,
} from 'n8n-core';
import { makeHandleToolInvocation } from 'n8n-core/dist/execution-engine/node-execution-context/utils/get-input-connection-data';

import { FeishuMailApi } from '../../credentials/FeishuMailApi.credentials';
import { FeishuMailOAuth2Api } from '../../credentials/FeishuMailOAuth2Api.credentials';
import { FeishuMail } from '../../nodes/FeishuMail/FeishuMail.node';

/** One stored credential: a copy goes in, a copy comes out. */
class StoredCredentials extends ICredentials {
	async getData(): Promise<ICredentialDataDecryptedObject> {
		return JSON.parse(this.data ?? '{}') as ICredentialDataDecryptedObject;
	}

	async setData(data: ICredentialDataDecryptedObject) {
		this.data = JSON.stringify(data);
	}

	async updateData(change: ICredentialDataDecryptedObject) {
		await this.setData({ ...(await this.getData()), ...change });
	}

	getDataToSave(): never {
		throw new Error('Nothing is saved outside of this process');
	}
}

/** Stands for n8n's database of credentials, and follows the steps of n8n 2.41's `CredentialsHelper`. */
export class CredentialStore extends ICredentialsHelper {
	private readonly stored = new Map<string, StoredCredentials>();

	/** How often something was written back, as a renewed token is. */
	writes = 0;

	constructor(private readonly types: ICredentialType[]) {
		super();
	}

	async add(type: string, data: ICredentialDataDecryptedObject): Promise<INodeCredentialsDetails> {
		const details = { id: String(this.stored.size + 1), name: `${type} ${this.stored.size + 1}` };
		const credentials = new StoredCredentials(details, type);
		await credentials.setData(data);
		this.stored.set(details.id, credentials);
		return details;
	}

	/** What is stored, decrypted, without the defaults of the type. */
	async read(details: INodeCredentialsDetails): Promise<ICredentialDataDecryptedObject> {
		return await (await this.getCredentials(details)).getData();
	}

	async change(details: INodeCredentialsDetails, change: ICredentialDataDecryptedObject) {
		await (await this.getCredentials(details)).updateData(change);
	}

	/** The type of a stored credential. */
	typeOf({ id }: INodeCredentialsDetails): string | undefined {
		return this.stored.get(String(id))?.type;
	}

	private type(name: string): ICredentialType {
		const type = this.types.find((candidate) => candidate.name === name);
		if (!type) throw new Error(`Unknown credential type ${name}`);
		return type;
	}

	getParentTypes(name: string): string[] {
		return this.type(name).extends ?? [];
	}

	isCredentialUsableByNode(): boolean {
		return true;
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		const type = this.type(typeName);
		if (typeof type.authenticate !== 'function') throw new Error(`${typeName} has no authenticate function`);
		return await type.authenticate(credentials, requestOptions);
	}

	async preAuthentication(
		helpers: IHttpRequestHelper,
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
		node: INode,
		credentialsExpired: boolean,
	): Promise<ICredentialDataDecryptedObject | undefined> {
		const type = this.type(typeName);
		const expirable = type.properties.find(
			({ type: kind, typeOptions }) => kind === 'hidden' && typeOptions?.expirable === true,
		);
		if (!expirable || !type.preAuthentication) return undefined;
		const isTest = node.parameters.temp === '' && node.type === 'n8n-nodes-base.noOp';
		if (credentials[expirable.name] !== '' && !credentialsExpired && !isTest) return undefined;
		const output = (await type.preAuthentication.call(
			helpers,
			credentials,
		)) as ICredentialDataDecryptedObject;
		if (output[expirable.name] === undefined) return undefined;
		const details = node.credentials?.[typeName];
		if (details) {
			await this.updateCredentials(details, typeName, { ...(await this.read(details)), ...output });
		}
		return Object.assign(credentials, output);
	}

	async runPreAuthentication(): Promise<undefined> {
		return undefined;
	}

	async getCredentials(details: INodeCredentialsDetails): Promise<StoredCredentials> {
		const credentials = this.stored.get(String(details.id));
		if (!credentials) throw new Error(`Credential ${details.name} does not exist`);
		return credentials;
	}

	async getDecrypted(
		_additionalData: IWorkflowExecuteAdditionalData,
		details: INodeCredentialsDetails,
		type: string,
		_mode: WorkflowExecuteMode,
		_executeData?: IExecuteData,
		raw?: boolean,
	): Promise<ICredentialDataDecryptedObject> {
		const stored = await this.read(details);
		if (raw) return stored;
		const properties = this.getCredentialsProperties(type);
		const data = NodeHelpers.getNodeParameters(
			properties,
			stored as INodeParameters,
			true,
			false,
			null,
			null,
		)!;
		const { oauthTokenData } = stored;
		if (oauthTokenData !== undefined) data.oauthTokenData = oauthTokenData as IDataObject as INodeParameters;
		return new Workflow({
			nodes: [],
			connections: {},
			active: false,
			nodeTypes,
		}).expression.getComplexParameterValue(
			credentialNode,
			data,
			'internal',
			{},
			undefined,
			undefined,
			data as ICredentialDataDecryptedObject,
		) as ICredentialDataDecryptedObject;
	}

	async updateCredentials(
		details: INodeCredentialsDetails,
		_type: string,
		data: ICredentialDataDecryptedObject,
	): Promise<void> {
		this.writes++;
		await (await this.getCredentials(details)).setData(data);
	}

	async updateCredentialsOauthTokenData(
		details: INodeCredentialsDetails,
		_type: string,
		{ oauthTokenData }: ICredentialDataDecryptedObject,
	): Promise<void> {
		this.writes++;
		if (oauthTokenData) await this.change(details, { oauthTokenData });
	}

	getCredentialsProperties(name: string): INodeProperties[] {
		const type = this.type(name);
		const properties = (type.extends ?? []).flatMap((parent) => this.getCredentialsProperties(parent));
		NodeHelpers.mergeNodeProperties(properties, type.properties);
		return properties;
	}
}

/** The fields of n8n's own OAuth2 type that ours builds on. */
class OAuth2Api implements ICredentialType {
	name = 'oAuth2Api';

	displayName = 'OAuth2 API';

	properties: INodeProperties[] = [
		'grantType',
		'authUrl',
		'accessTokenUrl',
		'clientId',
		'clientSecret',
		'scope',
	].map((name) => ({ displayName: name, name, type: 'string', default: '' }));
}

/** What n8n evaluates the expressions of a credential on. */
const credentialNode: INode = {
	id: 'credential',
	name: 'Credential',
	type: 'credential',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

const nodeTypes: INodeTypes = {
	getByName: () => inputNode([]),
	getByNameAndVersion: () => inputNode([]),
	getKnownTypes: () => ({}),
};

/** Gives the items that a run starts with. */
const inputNode = (items: IDataObject[], files: IBinaryKeyData[] = []): INodeType => ({
	description: {
		displayName: 'Input',
		name: 'input',
		group: ['trigger'],
		version: 1,
		description: '',
		defaults: { name: 'Input' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		properties: [],
	},
	execute: async () => [
		items.map((json, index) => ({ json, ...(files[index] && { binary: files[index] }) })),
	],
});

export interface Run {
	status: IRun['status'];
	/** Items of the node's outputs; the second is the error branch. */
	outputs: INodeExecutionData[][];
	/** What the items of the first output hold. */
	jsons: IDataObject[];
	error?: ExecutionError;
	hints: NodeExecutionHint[];
	/** Everything the execution recorded and n8n stores, as text: to look for what must not be there. */
	record: string;
	/** What n8n has stored of the execution, for somebody to retry it. */
	stored: IRunExecutionData;
}

/** A node whose panel has lists. */
export type PanelNode = INodeType & Pick<FeishuMail, 'methods'>;

export interface SearchOptions {
	filter?: string;
	paginationToken?: string;
	credential?: INodeCredentialsDetails;
	/** Another node in the place of Feishu Mail. */
	nodeType?: PanelNode;
}

export interface RunOptions {
	parameters: INodeParameters;
	items?: IDataObject[];
	/** The binary fields of each item. */
	files?: IBinaryKeyData[];
	/** Says which Authentication the node has. Defaults to an app credential for the sandbox's app. */
	credential?: INodeCredentialsDetails;
	onError?: INode['onError'];
	/** Settings of the node, such as Retry On Fail. */
	settings?: Partial<INode>;
	/** Called with the running execution, to cancel it. */
	started?: (execution: { cancel(): void }) => void;
	/** Another node in the place of Feishu Mail. */
	nodeType?: INodeType;
	/** The time zone of the workflow. */
	timezone?: string;
	/** The number that n8n gives the execution. Default: the same for all. */
	executionId?: string;
	/** A failed execution that somebody retries: it goes on with the node that failed. */
	retryOf?: Run;
	/** What nodes of the workflow keep between executions. */
	staticData?: IDataObject;
}

/** n8n-core's services. Other packages of n8n may bring another release of the container along. */
const { Container } = createRequire(require.resolve('n8n-core'))('@n8n/di') as {
	Container: { get<Service>(type: new (...parts: never[]) => Service): Service };
};

/** Says where n8n keeps files from now on: with the items in memory, or on disk. */
export async function keepFilesIn(place: 'memory' | 'filesystem') {
	Container.get(BinaryDataConfig).mode = place === 'memory' ? 'default' : place;
	await Container.get(BinaryDataService).init();
}

/** A file that n8n keeps, as an item has it. */
export const storedFile = async (fileName: string, content: Buffer): Promise<IBinaryData> => {
	const place = { type: 'execution', workflowId: 'workflow', executionId: 'execution' } as const;
	const data = { fileName, mimeType: 'application/octet-stream', data: '' };
	return await Container.get(BinaryDataService).store(place, content, data);
};

/** Watches what is read of the files that n8n keeps. */
export const readsOfFiles = () => jest.spyOn(Container.get(BinaryDataService), 'getAsBuffer');

/** What is in a file of an item, wherever n8n keeps it. */
export const contentOf = async (file: IBinaryData): Promise<Buffer> =>
	await Container.get(BinaryDataService).getAsBuffer(file);

/** n8n-core's engine with our node and credential, and one store of credentials for all runs. */
export class Engine {
	readonly credentials = new CredentialStore([
		new FeishuMailApi(),
		new FeishuMailOAuth2Api(),
		new OAuth2Api(),
	]);

	constructor(private readonly platform: { url: string; app: { id: string; secret: string } }) {}

	/** A stored credential for the sandbox's app, with fields changed as given. */
	async addCredential(change: ICredentialDataDecryptedObject = {}): Promise<INodeCredentialsDetails> {
		const { url, app } = this.platform;
		return await this.credentials.add('feishuMailApi', {
			region: 'custom',
			baseUrl: url,
			appId: app.id,
			appSecret: app.secret,
			...change,
		});
	}

	/** A workflow of two nodes, Input and Feishu Mail, and what n8n gives to it. */
	private async setUp({
		parameters,
		items = [{}],
		files,
		onError,
		settings,
		nodeType,
		timezone,
		executionId = 'execution',
		staticData,
		...options
	}: RunOptions) {
		const credential = options.credential ?? (await this.addCredential());
		const credentialType = this.credentials.typeOf(credential) ?? 'feishuMailApi';
		const authentication = credentialType === 'feishuMailOAuth2Api' ? 'oAuth2' : 'tenantToken';
		const types: Record<string, INodeType> = {
			input: inputNode(items, files),
			feishuMail: nodeType ?? new FeishuMail(),
		};
		const runNodeTypes: INodeTypes = {
			getByName: (name) => types[name]!,
			getByNameAndVersion: (name) => types[name]!,
			getKnownTypes: () => ({}),
		};
		const node: INode = {
			id: 'feishu-mail',
			name: 'Feishu Mail',
			type: 'feishuMail',
			typeVersion: 1,
			position: [200, 0],
			parameters: { authentication, ...parameters },
			credentials: { [credentialType]: credential },
			...(onError ? { onError } : {}),
			...settings,
		};
		const workflow = new Workflow({
			id: 'workflow',
			active: false,
			nodeTypes: runNodeTypes,
			settings: { timezone },
			staticData,
			nodes: [
				{ id: 'input', name: 'Input', type: 'input', typeVersion: 1, position: [0, 0], parameters: {} },
				node,
			],
			connections: { Input: { main: [[{ node: node.name, type: NodeConnectionTypes.Main, index: 0 }]] } },
		});
		const url = 'http://127.0.0.1:5678/';
		const hooks = new ExecutionLifecycleHooks('trigger', 'execution', {
			id: workflow.id,
			name: 'Test',
			active: false,
			isArchived: false,
			createdAt: new Date(),
			updatedAt: new Date(),
			nodes: Object.values(workflow.nodes),
			connections: workflow.connectionsBySourceNode,
			activeVersionId: null,
		});
		// A workflow of two plain nodes needs these parts of it only.
		const additionalData = {
			credentialsHelper: this.credentials,
			hooks,
			executionId,
			restApiUrl: url,
			instanceBaseUrl: url,
			formBaseUrl: url,
			formWaitingBaseUrl: url,
			formTestBaseUrl: url,
			webhookBaseUrl: url,
			webhookWaitingBaseUrl: url,
			webhookTestBaseUrl: url,
			mcpBaseUrl: url,
			mcpTestBaseUrl: url,
			currentNodeExecutionIndex: 0,
			variables: {},
			logAiEvent: () => {},
			setExecutionStatus: () => {},
		} as unknown as IWorkflowExecuteAdditionalData;

		return { workflow, node, additionalData };
	}

	/** What a list of the node's panel shows: one of the node's `methods.listSearch`, as n8n calls it. */
	async search(
		method: string,
		parameters: INodeParameters,
		{ filter, paginationToken, credential, nodeType = new FeishuMail() }: SearchOptions = {},
	): Promise<INodeListSearchResult> {
		return await nodeType.methods.listSearch[method as 'searchContacts'].call(
			await this.panel(parameters, credential, nodeType),
			filter,
			paginationToken,
		);
	}

	/** What a field of several values offers: one of the node's `methods.loadOptions`, as n8n calls it. */
	async loadOptions(
		method: string,
		parameters: INodeParameters,
		credential?: INodeCredentialsDetails,
		nodeType: PanelNode = new FeishuMail(),
	): Promise<INodePropertyOptions[]> {
		const context = await this.panel(parameters, credential, nodeType);
		return await nodeType.methods.loadOptions[method as 'getMailLabels'].call(context);
	}

	/** The node's panel. */
	private async panel(
		parameters: INodeParameters,
		credential: INodeCredentialsDetails | undefined,
		nodeType: INodeType,
	) {
		const { workflow, node, additionalData } = await this.setUp({ parameters, credential, nodeType });
		return new LoadOptionsContext(workflow, node, additionalData, 'parameters');
	}

	/**
	 * The node as a tool of an agent, as n8n calls it: a function that takes what the model says, and gives what the model
	 * is told.
	 *
	 * @param stored what n8n holds of the execution. Default: what an agent's has; the MCP Server Trigger's has less.
	 */
	async tool(
		options: RunOptions,
		stored: IRunExecutionData = createRunExecutionData(),
	): Promise<(values: IDataObject) => Promise<string>> {
		const { workflow, additionalData } = await this.setUp(options);
		const node = workflow.getNode('Feishu Mail')!;
		const executeData: IExecuteData = { data: { main: [] }, node, source: null };
		const contextOf = (runIndex: number) =>
			new SupplyDataContext(
				workflow,
				node,
				additionalData,
				'trigger',
				stored,
				runIndex,
				[{ json: {} }],
				{},
				NodeConnectionTypes.AiTool,
				executeData,
				[],
				undefined,
				workflow.getNode('Input')!,
			);
		return makeHandleToolInvocation(contextOf, node, new FeishuMail(), stored);
	}

	/** What n8n hands to a node that it polls, for as long as its workflow is active. */
	async pollContext(options: RunOptions, mode: WorkflowExecuteMode, activation: WorkflowActivateMode) {
		const { workflow, node, additionalData } = await this.setUp(options);
		return { workflow, context: new PollContext(workflow, node, additionalData, mode, activation) };
	}

	/** What n8n hands to a node that runs by itself, for as long as its workflow is active. */
	async triggerContext(
		options: RunOptions,
		mode: WorkflowExecuteMode,
		activation: WorkflowActivateMode,
		{ emit, saveFailedExecution }: Partial<Pick<ITriggerFunctions, 'emit' | 'saveFailedExecution'>>,
	) {
		const { workflow, node, additionalData } = await this.setUp(options);
		const emitError = () => {
			throw new Error('The trigger gives up');
		};
		const context = new TriggerContext(
			workflow,
			node,
			additionalData,
			mode,
			activation,
			emit,
			emitError,
			saveFailedExecution,
		);
		// n8n 2.0 has no such thing; `isOld` of a `Listening` is what there is without.
		if (!('saveFailedExecution' in context)) Object.assign(context, { saveFailedExecution });
		return { workflow, context };
	}

	/** Runs the workflow as n8n does. */
	async run(options: RunOptions): Promise<Run> {
		const { workflow, node, additionalData } = await this.setUp(options);
		const running = options.retryOf
			? retry(options.retryOf, workflow, additionalData)
			: start(workflow, additionalData);
		options.started?.({ cancel: () => running.cancel() });
		const { status, data } = await running;
		const task = data.resultData.runData[node.name]?.at(-1);
		const outputs = (task?.data?.main ?? []).map((output) => output ?? []);
		return {
			status,
			outputs,
			jsons: (outputs[0] ?? []).map(({ json }) => json),
			error: task?.error ?? data.resultData.error,
			hints: task?.hints ?? [],
			record: JSON.stringify(data.resultData),
			stored: data,
		};
	}
}

function start(workflow: Workflow, additionalData: IWorkflowExecuteAdditionalData) {
	const execution = new WorkflowExecute(additionalData, 'trigger', createRunExecutionData());
	const startNode = workflow.getNode('Input')!;
	// n8n-core before 2.8 takes the parts of a run one by one.
	const run = execution.run as (...parts: unknown[]) => ReturnType<typeof execution.run>;
	return run.apply(execution, run.length > 1 ? [workflow, startNode] : [{ workflow, startNode }]);
}

/**
 * As n8n's execution service does it: the failed run of the node is taken out of what is stored, and the nodes are those
 * of the workflow as it is now.
 */
function retry({ stored }: Run, workflow: Workflow, additionalData: IWorkflowExecuteAdditionalData) {
	const data = JSON.parse(JSON.stringify(stored)) as IRunExecutionData;
	const { lastNodeExecuted = '', runData } = data.resultData;
	delete data.resultData.error;
	runData[lastNodeExecuted]?.pop();
	for (const execution of data.executionData?.nodeExecutionStack ?? []) {
		execution.node = workflow.getNode(execution.node.name)!;
	}
	return new WorkflowExecute(additionalData, 'retry', data).processRunExecutionData(workflow);
}
