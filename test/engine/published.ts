import type {
	IDataObject,
	INode,
	INodeCredentialsDetails,
	INodeExecutionData,
	INodeParameters,
	WorkflowActivateMode,
} from 'n8n-workflow';

import { FeishuMailTrigger } from '../../nodes/FeishuMail/FeishuMailTrigger.node';
import type { Engine } from './engine';

/** How a workflow with the trigger is published. */
export interface Publishing {
	parameters?: INodeParameters;
	credential?: INodeCredentialsDetails;
	/** Settings of the node, such as its name. */
	settings?: Partial<INode>;
	timezone?: string;
}

/**
 * A published workflow with a Feishu Mail Trigger. As n8n does it, the state of the node is stored when the workflow
 * becomes active and when an execution starts, and not after a poll without one.
 */
export class Published {
	/** The items of each execution that was started. */
	readonly executions: INodeExecutionData[][] = [];

	/** What failed in polls, each of which n8n shows as a failed execution. */
	readonly errors: Error[] = [];

	/** Whether n8n polls it. */
	isActive = false;

	private stored = '{}';

	private poll?: () => Promise<INodeExecutionData[][] | null>;

	private staticData: IDataObject = {};

	private credential?: INodeCredentialsDetails;

	constructor(
		private readonly engine: Engine,
		private publishing: Publishing = {},
	) {}

	/** Becomes active, with a first poll at once. Throws what that poll throws. */
	async activate(activation: WorkflowActivateMode = 'activate'): Promise<void> {
		const { context, workflow } = await this.context('trigger', activation);
		this.poll = async () => await new FeishuMailTrigger().poll.call(context);
		this.staticData = workflow.staticData;
		this.isActive = true;
		try {
			this.emit(await this.poll());
		} catch (error) {
			this.isActive = false;
			throw error;
		}
		this.store();
	}

	/** Polls once more. What is thrown is kept in `errors`. */
	async tick(): Promise<void> {
		const { poll } = this;
		if (!this.isActive || !poll) throw new Error('The workflow is not active');
		try {
			this.emit(await poll());
		} catch (error) {
			this.errors.push(error as Error);
		}
	}

	async ticks(count: number): Promise<void> {
		for (let number = 0; number < count; number++) await this.tick();
	}

	/** n8n is killed and starts again: it knows what was stored last. */
	async restart(): Promise<void> {
		await this.activate('init');
	}

	/** The workflow is deactivated, and published again later. */
	deactivate(): void {
		this.isActive = false;
		this.store();
	}

	/** Publishes a changed node. */
	async change(publishing: Publishing): Promise<void> {
		this.store();
		const parameters = { ...this.publishing.parameters, ...publishing.parameters };
		this.publishing = { ...this.publishing, ...publishing, parameters };
		await this.activate('update');
	}

	/** A test of the workflow in the editor: its items, or null. */
	async test(): Promise<INodeExecutionData[] | null> {
		const { context, workflow } = await this.context('manual', 'manual');
		const before = JSON.stringify(workflow.staticData);
		const output = await new FeishuMailTrigger().poll.call(context);
		expect(JSON.stringify(workflow.staticData)).toBe(before);
		return output && output[0]!;
	}

	/** What the executions got, in their order. */
	get items(): IDataObject[] {
		return this.executions.flat().map(({ json }) => json);
	}

	get subjects(): unknown[] {
		return this.items.map(({ subject }) => subject);
	}

	/** What n8n has stored of the node. */
	get state(): string {
		return this.stored;
	}

	/** Puts something else there. */
	set state(stored: string) {
		this.stored = stored;
	}

	private emit(output: INodeExecutionData[][] | null): void {
		if (output === null) return;
		expect(output).toHaveLength(1);
		expect(output[0]).not.toHaveLength(0);
		this.executions.push(output[0]!);
		this.store();
	}

	private store(): void {
		this.stored = JSON.stringify(this.staticData);
	}

	private async context(mode: 'trigger' | 'manual', activation: WorkflowActivateMode) {
		const { parameters, settings, timezone } = this.publishing;
		this.credential ??= this.publishing.credential ?? (await this.engine.addCredential());
		return await this.engine.pollContext(
			{
				parameters: { event: 'messageReceived', ...parameters },
				credential: this.publishing.credential ?? this.credential,
				settings: { id: 'trigger', name: 'Feishu Mail Trigger', ...settings },
				nodeType: new FeishuMailTrigger(),
				staticData: JSON.parse(this.stored) as IDataObject,
				timezone,
			},
			mode,
			activation,
		);
	}
}
