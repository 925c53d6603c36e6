/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- runs on Node, not inside n8n */
import { fork } from 'node:child_process';
import { once } from 'node:events';

import { Sandbox, type ApiName, type Quota } from '../test/sandbox';

export interface FeishuOptions {
	/** Milliseconds that each request takes. */
	latency?: number;
	quotas?: Partial<Record<ApiName, Quota>>;
}

/** A fresh Feishu with one app and one empty mailbox. */
export interface Feishu {
	url: string;
	app: { id: string; secret: string };
	mailbox: string;
}

/** What a Feishu has seen. */
export interface Journal {
	/** Names of the contacts and labels that exist. */
	names: string[];
	/** Feishu's codes of the answered requests for mail, in order of arrival. */
	codes: number[];
}

interface Commands {
	open(options: FeishuOptions): Promise<Feishu>;
	/** Closes it, too. */
	journal(url: string): Promise<Journal>;
}

type Question = { number: number; command: keyof Commands; argument: unknown };
type Reply = { number: number; result: unknown };

/** Sandboxes in one process of their own, so that their work is not counted as the node's. */
export class SandboxProcess implements Commands {
	private readonly child = fork(__filename);

	private readonly waiting = new Map<number, (result: unknown) => void>();

	private asked = 0;

	constructor() {
		this.child.on('message', ({ number, result }: Reply) => this.waiting.get(number)?.(result));
		// Without its sandbox nothing can be measured.
		this.child.once('exit', (code) => code && process.exit(code));
	}

	async open(options: FeishuOptions = {}): Promise<Feishu> {
		return (await this.ask('open', options)) as Feishu;
	}

	async journal(url: string): Promise<Journal> {
		return (await this.ask('journal', url)) as Journal;
	}

	async stop(): Promise<void> {
		this.child.disconnect();
		await once(this.child, 'exit');
	}

	private async ask(command: keyof Commands, argument: unknown): Promise<unknown> {
		const number = this.asked++;
		return await new Promise((resolve) => {
			this.waiting.set(number, resolve);
			this.child.send({ number, command, argument } satisfies Question);
		});
	}
}

function serve(): void {
	const open = new Map<string, Sandbox>();
	const commands: Commands = {
		async open({ latency, quotas = {} }) {
			const sandbox = await Sandbox.start({ latency });
			for (const [api, quota] of Object.entries(quotas)) sandbox.setQuota(api as ApiName, quota);
			open.set(sandbox.url, sandbox);
			const { url, app, mailbox } = sandbox;
			return { url, app: { id: app.id, secret: app.secret }, mailbox: mailbox.address };
		},
		async journal(url) {
			const sandbox = open.get(url)!;
			open.delete(url);
			await sandbox.close();
			const { contacts, labels } = sandbox.mailbox;
			return {
				names: [...contacts, ...labels].map(({ name }) => name),
				codes: sandbox.requests
					.filter(({ api }) => api?.startsWith('mail.'))
					.map(({ code }) => code ?? Number.NaN),
			};
		},
	};
	process.on('message', ({ number, command, argument }: Question) => {
		void commands[command](argument as never).then((result) =>
			process.send!({ number, result } satisfies Reply),
		);
	});
	process.once('disconnect', () => process.exit());
}

if (require.main === module) serve();
