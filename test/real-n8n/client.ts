/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { setTimeout as sleep } from 'node:timers/promises';
import axios, { type AxiosInstance } from 'axios';
import { parse as unflatten } from 'flatted';
import type {
	IConnections,
	INode,
	INodeTypeDescription,
	IRunExecutionData,
	IWorkflowSettings,
} from 'n8n-workflow';

const POLL_MS = 200;

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

export interface Execution {
	id: string;
	workflowId: string;
	mode: string;
	status: 'new' | 'running' | 'waiting' | 'success' | 'error' | 'canceled' | 'crashed' | 'unknown';
	data: IRunExecutionData;
}

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

	/** What n8n's editor does after saving a credential: reads it back, with its secrets blanked, and has it tested. */
	async testCredential({ id }: Pick<Credential, 'id'>): Promise<CredentialTestResult> {
		const credentials = await this.request<object>('GET', `/rest/credentials/${id}?includeData=true`);
		return await this.request('POST', '/rest/credentials/test', { credentials });
	}

	async createWorkflow(workflow: Workflow): Promise<StoredWorkflow> {
		return await this.request('POST', '/rest/workflows', workflow);
	}

	/** Publishes a workflow and waits until its trigger listens, which n8n 2 does after it has answered. */
	async publish({ id, versionId }: Pick<StoredWorkflow, 'id' | 'versionId'>): Promise<void> {
		await this.request('POST', `/rest/workflows/${id}/activate`, { versionId });
		await until(`workflow ${id} is published`, async () => {
			const { status } = await this.request<{ status: string }>(
				'GET',
				`/rest/workflows/${id}/publication-status`,
			);
			return status === 'published' || undefined;
		});
	}

	/** Runs a workflow from a manual trigger, as its Execute button does, and waits for its end. */
	async run({ id }: Pick<StoredWorkflow, 'id'>, trigger: string): Promise<Execution> {
		const { executionId } = await this.request<{ executionId: string }>('POST', `/rest/workflows/${id}/run`, {
			triggerToStartFrom: { name: trigger },
		});
		return await this.finishedExecution(executionId);
	}

	/** Waits for the end of an execution and returns it with all its data. */
	async finishedExecution(id: string): Promise<Execution> {
		return await until(`execution ${id} has ended`, async () => {
			const execution = await this.request<Omit<Execution, 'data'> & { data: string }>(
				'GET',
				`/rest/executions/${id}`,
			);
			if (['new', 'running', 'waiting'].includes(execution.status)) return undefined;
			return { ...execution, data: unflatten(execution.data) as IRunExecutionData };
		});
	}

	/** Waits for the end of the newest execution of a workflow, e.g. the one that a form submission started. */
	async latestExecution({ id }: Pick<StoredWorkflow, 'id'>): Promise<Execution> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId: id }));
		const newest = await until(`workflow ${id} has an execution`, async () => {
			const { results } = await this.request<{ results: Array<{ id: string }> }>(
				'GET',
				`/rest/executions?limit=1&filter=${filter}`,
			);
			return results[0];
		});
		return await this.finishedExecution(newest.id);
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

/** The items that a node put out in its last run, as their JSON; empty when it did not run or failed. */
export function outputOf(execution: Execution, node: string): unknown[] {
	const runs = execution.data.resultData.runData[node] ?? [];
	return (runs.at(-1)?.data?.main?.[0] ?? []).map(({ json }) => json);
}

async function until<T>(what: string, check: () => Promise<T | undefined>, timeoutMs = 60_000): Promise<T> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		const result = await check();
		if (result !== undefined) return result;
		if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs / 1000} s in vain until ${what}`);
		await sleep(POLL_MS);
	}
}
