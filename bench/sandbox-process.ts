/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- runs on Node, not inside n8n */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';

import { newMailId, Sandbox, type ApiName, type NewMessage, type Quota } from '../test/sandbox';
import { slowLine, type SlowLine } from './slow-line';

export interface FeishuOptions {
	/** Milliseconds that each request takes. */
	latency?: number;
	/** Bytes a second that reach it; without it, as many as come. */
	bandwidth?: number;
	quotas?: Partial<Record<ApiName, Quota>>;
	/** Names of the labels that there are. */
	labels?: string[];
	/** How many mails there are, all in the inbox. */
	mails?: number;
	/** The bytes of a file that each mail has. */
	fileSize?: number;
}

/** A fresh Feishu with one app and one mailbox. */
export interface Feishu {
	url: string;
	app: { id: string; secret: string };
	mailbox: string;
	/** What n8n stores of the mailbox's owner who has connected. */
	tokens: Record<string, unknown>;
	/** Ids of the mails, the newest first. */
	mails: string[];
}

/** An answered request for mail. */
export interface Call {
	api: ApiName;
	/** Feishu's. */
	code: number;
	/** Of the mails that it was about. */
	ids: string[];
}

/** What a Feishu has seen. */
export interface Journal {
	/** Names of the contacts and labels that exist. */
	names: string[];
	/** In order of arrival. */
	calls: Call[];
	/** Names of the labels of each mail, by its id. */
	labelled: Record<string, string[]>;
	/** In order of departure. */
	sent: Sent[];
}

/** A mail that was sent. */
export interface Sent {
	subject: string;
	/** Bytes as a file (EML). */
	size: number;
	/** Hashes of its files. */
	files: string[];
}

export const hashOf = (content: Buffer) => createHash('sha256').update(content).digest('hex');

/** The file of the mail with that subject. */
export const fileOf = (subject: string, size: number) => Buffer.alloc(size, `${subject}\n`);

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

function mailWith(number: number, fileSize?: number): NewMessage {
	const subject = `Mail ${number}`;
	if (fileSize === undefined) return { subject };
	const content = () => fileOf(subject, fileSize);
	return { subject, attachments: [{ filename: `${subject}.pdf`, content }] };
}

const idsIn = (body: unknown) => (body as { message_ids?: string[] } | undefined)?.message_ids ?? [];

function serve(): void {
	const open = new Map<string, { sandbox: Sandbox; line?: SlowLine }>();
	const commands: Commands = {
		async open({ latency, bandwidth, quotas = {}, labels = [], mails = 0, fileSize }) {
			const sandbox = await Sandbox.start({ latency });
			sandbox.serialisesWrites = true;
			for (const [api, quota] of Object.entries(quotas)) sandbox.setQuota(api as ApiName, quota);
			const line = bandwidth === undefined ? undefined : await slowLine(sandbox.url, bandwidth);
			const { url } = line ?? sandbox;
			open.set(url, { sandbox, line });
			const { app, mailbox } = sandbox;
			for (const name of labels) {
				mailbox.labels.push({ id: newMailId(), name, background_color: 'blue', messages_unread: 0 });
			}
			for (let number = 1; number <= mails; number++) mailbox.receive(mailWith(number, fileSize));
			return {
				url,
				app: { id: app.id, secret: app.secret },
				mailbox: mailbox.address,
				tokens: { ...sandbox.issueUserTokens() },
				mails: mailbox.messages.map(({ message_id }) => message_id).reverse(),
			};
		},
		async journal(url) {
			const { sandbox, line } = open.get(url)!;
			open.delete(url);
			await sandbox.close();
			line?.close();
			const { contacts, labels, messages } = sandbox.mailbox;
			const nameOf = (label: string) => labels.find(({ id }) => id === label)?.name;
			return {
				names: [...contacts, ...labels].map(({ name }) => name),
				calls: sandbox.requests.flatMap(({ api, code = Number.NaN, body }) =>
					api?.startsWith('mail.') ? [{ api, code, ids: idsIn(body) }] : [],
				),
				labelled: Object.fromEntries(
					messages.map(({ message_id, label_ids }) => [
						message_id,
						[...label_ids].map(nameOf).filter((name) => name !== undefined),
					]),
				),
				sent: sandbox.sentMails.map(({ raw, mail }) => ({
					subject: mail.subject,
					size: raw.length,
					files: mail.attachments.map(({ content }) => hashOf(content)),
				})),
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
