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
	/** Another trigger of the same workflow: what n8n keeps of both is in one place. */
	beside?: Published;
}

/** What n8n keeps of a workflow: in its database, and in memory while it is active. */
class Kept {
	stored = '{}';

	staticData?: IDataObject;

	store(): void {
		if (this.staticData) this.stored = JSON.stringify(this.staticData);
	}
}

let count = 0;

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

	private readonly kept: Kept;

	/** No two are the same trigger, unless their settings say so. */
	private readonly id = `trigger ${++count}`;

	private poll?: () => Promise<INodeExecutionData[][] | null>;

	private credential?: INodeCredentialsDetails;

	constructor(
		private readonly engine: Engine,
		private publishing: Publishing = {},
	) {
		this.kept = publishing.beside?.kept ?? new Kept();
	}

	/** Becomes active, with a first poll at once. Throws what that poll throws. */
	async activate(activation: WorkflowActivateMode = 'activate'): Promise<void> {
		const { beside } = this.publishing;
		// n8n makes all triggers of a workflow active together.
		const shared = beside?.isActive ? beside.kept.staticData : undefined;
		const { context, workflow } = await this.context('trigger', activation, shared);
		this.poll = async () => await new FeishuMailTrigger().poll.call(context);
		this.kept.staticData = workflow.staticData;
		this.isActive = true;
		this.emit(
			await this.poll().catch((error: unknown) => {
				this.isActive = false;
				throw error;
			}),
		);
		this.kept.store();
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

	/** Polls once more, and n8n is killed before it has stored anything of it. */
	async tickInVain(): Promise<void> {
		await this.poll!();
		this.isActive = false;
	}

	/** n8n is killed and starts again: it knows what was stored last. */
	async restart(): Promise<void> {
		await this.activate('init');
	}

	/** The workflow is deactivated, and published again later. */
	deactivate(): void {
		this.isActive = false;
		this.kept.store();
	}

	/** Publishes a changed node. */
	async change(publishing: Publishing): Promise<void> {
		this.kept.store();
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
		return this.kept.stored;
	}

	/** Puts something else there. */
	set state(stored: string) {
		this.kept.stored = stored;
	}

	/** What the node remembers as long as n8n runs, stored or not. */
	get memory(): string {
		return JSON.stringify(this.kept.staticData);
	}

	private emit(output: INodeExecutionData[][] | null): void {
		if (output === null) return;
		expect(output).toHaveLength(1);
		expect(output[0]).not.toHaveLength(0);
		this.executions.push(output[0]!);
		this.kept.store();
	}

	private async context(
		mode: 'trigger' | 'manual',
		activation: WorkflowActivateMode,
		staticData = JSON.parse(this.kept.stored) as IDataObject,
	) {
		const { parameters, settings, timezone } = this.publishing;
		this.credential ??= this.publishing.credential ?? (await this.engine.addCredential());
		return await this.engine.pollContext(
			{
				parameters: { event: 'messageReceived', ...parameters },
				credential: this.publishing.credential ?? this.credential,
				settings: { id: this.id, name: 'Feishu Mail Trigger', ...settings },
				nodeType: new FeishuMailTrigger(),
				staticData,
				// There is none yet where n8n polls.
				executionId: '',
				timezone,
			},
			mode,
			activation,
		);
	}
}
