import type {
	IDataObject,
	INode,
	INodeCredentials,
	INodeExecutionData,
	INodeParameters,
	ITriggerResponse,
	WorkflowActivateMode,
} from 'n8n-workflow';

import { FeishuMailInstantTrigger } from '../../nodes/FeishuMail/FeishuMailInstantTrigger.node';
import type { Engine } from './engine';

/** How a workflow with the instant trigger is published. */
export interface Listener {
	parameters?: INodeParameters;
	credentials: INodeCredentials;
	/** Settings of the node, such as its name. */
	settings?: Partial<INode>;
	/** An n8n that takes no keys of executions, and shows no failures of triggers that run by themselves. */
	isOld?: boolean;
	/** The keys of all executions of this n8n, of which its database lets through each once. */
	keys?: Set<string>;
}

let count = 0;

/**
 * A published workflow with a Feishu Mail Instant Trigger. As n8n does it, the state of the node is stored when the
 * workflow becomes active and when an execution starts.
 */
export class Listening {
	/** The items of each execution that was started. */
	readonly executions: INodeExecutionData[][] = [];

	/** Failures that n8n shows as failed executions. */
	readonly errors: Error[] = [];

	/** Executions that n8n's database has refused, because they were there already. */
	refused = 0;

	stored = '{}';

	/** How many of the next executions n8n does not come to store: it is killed first. */
	lost = 0;

	/** Whether n8n throws where it is to start an execution, or to save a failure. */
	readonly fails = { starting: false, saving: false };

	private readonly keys: Set<string>;

	/** No two are the same trigger. */
	private readonly id = `instant trigger ${++count}`;

	/** What ends the current activation. */
	private response?: ITriggerResponse;

	private activation = 0;

	constructor(
		private readonly engine: Engine,
		private listener: Listener,
	) {
		this.keys = listener.keys ?? new Set();
	}

	/** Becomes active. Throws what keeps it from that. */
	async activate(mode: WorkflowActivateMode = 'activate'): Promise<void> {
		const activation = ++this.activation;
		const staticData = JSON.parse(this.stored) as IDataObject;
		const store = () => {
			this.stored = JSON.stringify(workflow.staticData);
		};
		const take = (data: INodeExecutionData[][], key?: string) => {
			if (activation !== this.activation) return;
			if (this.fails.starting) throw new Error('n8n fails');
			store();
			expect(data).toEqual([[expect.anything()]]);
			if (this.lost > 0) {
				this.lost--;
				return;
			}
			if (key !== undefined && this.keys.has(key)) this.refused++;
			else this.executions.push(data[0]!);
			if (key !== undefined) this.keys.add(key);
		};
		const { isOld } = this.listener;
		const { context, workflow } = await this.context('trigger', mode, staticData, {
			emit: isOld
				? (data) => take(data)
				: (data, _response, _done, key) => {
						expect(key).toMatch(/^[0-9a-f]{64}$/);
						take(data, key);
					},
			saveFailedExecution: (error) => {
				if (this.fails.saving) throw new Error('n8n fails');
				if (activation === this.activation) this.errors.push(error);
			},
		});
		if (isOld) Object.assign(context, { saveFailedExecution: undefined });
		this.response = await new FeishuMailInstantTrigger().trigger.call(context);
		store();
	}

	async deactivate(): Promise<void> {
		await this.response?.closeFunction?.();
		this.response = undefined;
	}

	/** n8n is killed: nothing more is stored or started. */
	async kill(): Promise<void> {
		this.activation++;
		await this.deactivate();
	}

	/** n8n is killed and starts again: it knows what was stored last. */
	async restart(): Promise<void> {
		await this.kill();
		await this.activate('init');
	}

	/** Publishes a changed node. */
	async change(parameters: INodeParameters): Promise<void> {
		await this.deactivate();
		this.listener = { ...this.listener, parameters: { ...this.listener.parameters, ...parameters } };
		await this.activate('update');
	}

	/** A test of the workflow in the editor: its items, or null. */
	async test(): Promise<INodeExecutionData[] | null> {
		const { context, workflow } = await this.context(
			'manual',
			'manual',
			JSON.parse(this.stored) as IDataObject,
		);
		const before = JSON.stringify(workflow.staticData);
		const response = await new FeishuMailInstantTrigger().trigger.call(context);
		let output: INodeExecutionData[][] | undefined;
		// As n8n does it in a test, which takes the first that is emitted.
		Object.assign(context, { emit: (data: INodeExecutionData[][]) => (output ??= data) });
		await response.manualTriggerFunction!();
		await response.closeFunction?.();
		expect(JSON.stringify(workflow.staticData)).toBe(before);
		if (!output) throw new Error('The test would wait for ever');
		return output[0] ?? null;
	}

	/** What the executions got, in their order. */
	get items(): IDataObject[] {
		return this.executions.flat().map(({ json }) => json);
	}

	get subjects(): unknown[] {
		return this.items.map(({ subject }) => subject);
	}

	private async context(
		mode: 'trigger' | 'manual',
		activation: WorkflowActivateMode,
		staticData: IDataObject,
		ways: Parameters<Engine['triggerContext']>[3] = {},
	) {
		const { parameters, settings, credentials } = this.listener;
		return await this.engine.triggerContext(
			{
				parameters: { event: 'messageReceived', ...parameters },
				credential: credentials.feishuMailOAuth2Api!,
				settings: { id: this.id, name: 'Feishu Mail Instant Trigger', credentials, ...settings },
				nodeType: new FeishuMailInstantTrigger(),
				staticData,
				executionId: '',
			},
			mode,
			activation,
			ways,
		);
	}
}
