/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import axios, { type AxiosInstance } from 'axios';
import { parse as unflatten } from 'flatted';
import { CREDENTIAL_BLANKING_VALUE } from 'n8n-workflow';
import type {
	IConnections,
	IDataObject,
	INode,
	INodeTypeDescription,
	IRunExecutionData,
	IWorkflowSettings,
} from 'n8n-workflow';
import { until, type Patience } from './until';

/** n8n gives at most this many executions in one answer. */
const PAGE = 100;

export interface Owner {
	email: string;
	password: string;
	firstName: string;
	lastName: string;
}

/** A workflow as n8n exports it. */
export interface Workflow {
	name: string;
	nodes: INode[];
	connections: IConnections;
	settings?: IWorkflowSettings;
}

export interface StoredWorkflow extends Workflow {
	id: string;
	versionId: string;
}

export interface Credential {
	id: string;
	name: string;
	type: string;
}

export interface CredentialTestResult {
	status: 'OK' | 'Error';
	message: string;
}

export interface ExecutionSummary {
	id: string;
	workflowId: string;
	mode: string;
	status: 'new' | 'running' | 'waiting' | 'success' | 'error' | 'canceled' | 'crashed' | 'unknown';
	/** ISO 8601; absent until it runs. */
	startedAt?: string | null;
}

export interface Execution extends ExecutionSummary {
	data: IRunExecutionData;
}

/** How it stands with publishing a workflow. */
interface Publication {
	status: string;
	triggers: Array<{ nodeId: string; errorMessage: string | null }>;
}

const hasEnded = ({ status }: ExecutionSummary) => !['new', 'running', 'waiting'].includes(status);

/** The REST interface that n8n's own editor uses, as far as the tests need it; signed in with n8n's session cookie. */
export class N8nClient {
	private readonly http: AxiosInstance;

	constructor(url: string) {
		this.http = axios.create({ baseURL: url, proxy: false, timeout: 60_000, validateStatus: () => true });
	}

	/** Sends one request and unwraps n8n's `data`. The request's body, which may hold secrets, is in no error. */
	async request<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T> {
		const response = await this.http.request<{ data: T; message?: string }>({
			method,
			url: path,
			data: body,
		});
		if (response.status >= 300) {
			const reason = response.data?.message ?? response.statusText;
			throw new Error(`n8n answered ${method} ${path} with HTTP ${response.status}: ${reason}`);
		}
		for (const cookie of response.headers['set-cookie'] ?? []) {
			if (cookie.startsWith('n8n-auth=')) this.http.defaults.headers.common.cookie = cookie.split(';')[0];
		}
		return response.data.data;
	}

	/** Makes the owner account of a new n8n and signs in; possible once per database. */
	async setUpOwner(owner: Owner): Promise<void> {
		await this.request('POST', '/rest/owner/setup', owner);
	}

	async logIn({ email, password }: Pick<Owner, 'email' | 'password'>): Promise<void> {
		await this.request('POST', '/rest/login', { emailOrLdapLoginId: email, password });
	}

	async createCredential(credential: Omit<Credential, 'id'> & { data: object }): Promise<Credential> {
		return await this.request('POST', '/rest/credentials', credential);
	}

	/** Changes fields of a stored credential as n8n's editor does: the blanked secrets go back and stay as they were. */
	async changeCredential({ id, name, type }: Credential, change: object): Promise<void> {
		const { data } = await this.request<{ data: object }>('GET', `/rest/credentials/${id}?includeData=true`);
		await this.request('PATCH', `/rest/credentials/${id}`, { name, type, data: { ...data, ...change } });
	}

	/** What n8n's editor does after saving a credential: reads it back, with its secrets blanked, and has it tested. */
	async testCredential({ id }: Pick<Credential, 'id'>): Promise<CredentialTestResult> {
		const credentials = await this.request<{ data: IDataObject }>(
			'GET',
			`/rest/credentials/${id}?includeData=true`,
		);
		// n8n gives `true` for the tokens of a connected account, but fills in what is blanked.
		if (credentials.data.oauthTokenData) credentials.data.oauthTokenData = CREDENTIAL_BLANKING_VALUE;
		return await this.request('POST', '/rest/credentials/test', { credentials });
	}

	async createWorkflow(workflow: Workflow): Promise<StoredWorkflow> {
		return await this.request('POST', '/rest/workflows', workflow);
	}

	async workflow(id: string): Promise<StoredWorkflow> {
		return await this.request('GET', `/rest/workflows/${id}`);
	}

	/** Changes a stored workflow, as the editor does when it saves. What was published stays as it was. */
	async changeWorkflow(
		{ id }: Pick<StoredWorkflow, 'id'>,
		change: Partial<Workflow>,
	): Promise<StoredWorkflow> {
		return await this.request('PATCH', `/rest/workflows/${id}`, change);
	}

	/**
	 * Publishes a workflow and waits until its trigger listens, which n8n 2 does after it has answered.
	 *
	 * @throws what a trigger says that cannot
	 */
	async publish({ id, versionId }: Pick<StoredWorkflow, 'id' | 'versionId'>): Promise<void> {
		await this.request('POST', `/rest/workflows/${id}/activate`, { versionId });
		const { triggers } = await this.publication(id, 'published', 'failed', 'partial');
		const problems = triggers.flatMap(({ errorMessage }) => errorMessage ?? []);
		if (problems.length > 0) throw new Error(problems.join('\n'));
	}

	/** Ends that a workflow is published, and waits until its trigger listens no more. */
	async unpublish({ id }: Pick<StoredWorkflow, 'id'>): Promise<void> {
		await this.request('POST', `/rest/workflows/${id}/deactivate`, {});
		await this.publication(id, 'not_published');
	}

	/** Waits until the publication of a workflow stands like this. */
	private async publication(id: string, ...wanted: string[]): Promise<Publication> {
		return await until(`workflow ${id} is ${wanted.join(' or ')}`, async () => {
			const publication = await this.request<Publication>('GET', `/rest/workflows/${id}/publication-status`);
			return wanted.includes(publication.status) ? publication : undefined;
		});
	}

	/**
	 * Starts a workflow from a manual trigger, as its Execute button does.
	 *
	 * @returns the execution's id
	 */
	async start({ id }: Pick<StoredWorkflow, 'id'>, trigger: string): Promise<string> {
		const { executionId } = await this.request<{ executionId: string }>('POST', `/rest/workflows/${id}/run`, {
			triggerToStartFrom: { name: trigger },
		});
		return executionId;
	}

	/** Starts a workflow and waits for its end. */
	async run(workflow: Pick<StoredWorkflow, 'id'>, trigger: string, patience?: Patience): Promise<Execution> {
		return await this.finishedExecution(await this.start(workflow, trigger), patience);
	}

	/** What the editor's Stop button does. */
	async stop(executionId: string): Promise<void> {
		await this.request('POST', `/rest/executions/${executionId}/stop`);
	}

	/**
	 * Runs a failed execution again from the step at which it failed, and waits for its end. It is the newest of its
	 * workflow then.
	 *
	 * @param withSavedWorkflow - as the workflow is now, not as it was
	 */
	async retry({ id }: Pick<Execution, 'id'>, { withSavedWorkflow = false } = {}): Promise<void> {
		await this.request('POST', `/rest/executions/${id}/retry`, { loadWorkflow: withSavedWorkflow });
	}

	/** Waits for the end of an execution and returns it with all its data. */
	async finishedExecution(id: string, patience?: Patience): Promise<Execution> {
		return await until(
			`execution ${id} has ended`,
			async () => {
				const execution = await this.request<ExecutionSummary & { data: string }>(
					'GET',
					`/rest/executions/${id}`,
				);
				if (!hasEnded(execution)) return undefined;
				return { ...execution, data: unflatten(execution.data) as IRunExecutionData };
			},
			patience,
		);
	}

	/**
	 * Waits until a workflow has so many executions and all have ended, and returns them with their data.
	 *
	 * @param explain - what else is known of the executions that have not ended, for the error message
	 */
	async finishedExecutions(
		{ id }: Pick<StoredWorkflow, 'id'>,
		count: number,
		{ explain, ...patience }: Omit<Patience, 'explain'> & { explain?: (ids: string[]) => string } = {},
	): Promise<Execution[]> {
		let executions: ExecutionSummary[] = [];
		const ended = await until(
			`workflow ${id} has ${count} executions that ended`,
			async () => {
				executions = await this.executions(id);
				return executions.length >= count && executions.every(hasEnded) ? executions : undefined;
			},
			{
				...patience,
				explain: () => {
					const open = executions.filter((execution) => !hasEnded(execution));
					const list = open.map((execution) => `${execution.id} (${execution.status})`).join(', ');
					return [
						`It has ${executions.length}, of which ${open.length} have not ended: ${list}`,
						explain?.(open.map((execution) => execution.id)),
					].join('\n');
				},
			},
		);
		const whole: Execution[] = [];
		for (const execution of ended) whole.push(await this.finishedExecution(execution.id));
		return whole;
	}

	/** Waits for the end of the newest execution of a workflow, e.g. the one that a form submission started. */
	async latestExecution({ id }: Pick<StoredWorkflow, 'id'>): Promise<Execution> {
		const newest = await until(
			`workflow ${id} has an execution`,
			async () => (await this.executions(id, 1))[0],
		);
		return await this.finishedExecution(newest.id);
	}

	/** The newest executions of a workflow, the last one first; default: all. */
	async executions(workflowId: string, most = Infinity): Promise<ExecutionSummary[]> {
		const found: ExecutionSummary[] = [];
		let cursor: string | null | undefined;
		do {
			const query = new URLSearchParams({
				filter: JSON.stringify({ workflowId }),
				limit: String(Math.min(PAGE, most - found.length)),
				...(cursor && { cursor }),
			});
			const { results, nextCursor } = await this.request<{
				results: ExecutionSummary[];
				nextCursor?: string | null;
			}>('GET', `/rest/executions?${query.toString()}`);
			found.push(...results);
			cursor = nextCursor;
		} while (cursor && found.length < most);
		return found;
	}

	/** The descriptions of all nodes that n8n has loaded, as its editor gets them. */
	async nodeTypes(): Promise<INodeTypeDescription[]> {
		const response = await this.http.get<INodeTypeDescription[]>('/types/nodes.json');
		return response.data;
	}

	/** A file that n8n serves, e.g. a node's icon. */
	async file(path: string): Promise<{ status: number; contentType: string; body: string }> {
		const response = await this.http.get<string>(path, { responseType: 'text' });
		return {
			status: response.status,
			contentType: String(response.headers['content-type']),
			body: response.data,
		};
	}
}

/** The files that a node put out in its last run, as texts, by the names of their binary fields; one object for each item. */
export async function filesOf(
	client: N8nClient,
	execution: Execution,
	node: string,
): Promise<Array<Record<string, string>>> {
	const items = execution.data.resultData.runData[node]?.at(-1)?.data?.main?.[0] ?? [];
	return await Promise.all(
		items.map(async ({ binary = {} }) => {
			const texts = Object.entries(binary).map(async ([field, { id = '' }]) => {
				const query = new URLSearchParams({ id, action: 'download', mimeType: 'text/plain' });
				return [field, (await client.file(`/rest/binary-data?${query.toString()}`)).body];
			});
			return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
		}),
	);
}

/** The items that a node put out in its last run, as their JSON; empty when it did not run or failed. */
export function outputOf(execution: Execution, node: string): unknown[] {
	const runs = execution.data.resultData.runData[node] ?? [];
	return (runs.at(-1)?.data?.main?.[0] ?? []).map(({ json }) => json);
}
