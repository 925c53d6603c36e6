/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @typescript-eslint/no-require-imports -- runs n8n's engine on Node, not inside n8n */
import { join } from 'node:path';

import type { IDataObject, INodeCredentialsDetails, INodeType } from 'n8n-workflow';

import { Engine, type Run, type RunOptions } from '../test/engine/engine';
import type { Kind } from './axios-client';
import type { Feishu } from './sandbox-process';

export const DIST = join(__dirname, '..', 'dist');

/** The node as it is published. */
export function builtNode(): INodeType {
	const file = join(DIST, 'nodes', 'FeishuMail', 'FeishuMail.node.js');
	const { FeishuMail } = require(file) as typeof import('../nodes/FeishuMail/FeishuMail.node');
	return new FeishuMail();
}

export const nameOf = (kind: Kind, index: number) => `${kind} ${index}`;

/** n8n's engine with one stored credential: of the app, which has no token before the first run, or of the user. */
export class NodeRun {
	private readonly engine: Engine;

	private credential?: INodeCredentialsDetails;

	constructor(
		private readonly feishu: Feishu,
		private readonly identity: 'tenant' | 'user' = 'tenant',
	) {
		this.engine = new Engine(feishu);
	}

	private async addCredential(): Promise<INodeCredentialsDetails> {
		const { url, app, tokens } = this.feishu;
		if (this.identity === 'tenant') return await this.engine.addCredential();
		return await this.engine.credentials.add('feishuMailOAuth2Api', {
			region: 'custom',
			baseUrl: url,
			clientId: app.id,
			clientSecret: app.secret,
			oauthTokenData: { ...tokens } as IDataObject,
		});
	}

	/**
	 * Creates so many contacts or labels in one execution. Their name is an expression, as users write it.
	 *
	 * @param first the number in the first one's name
	 */
	async create(kind: Kind, count: number, nodeType?: INodeType, first = 0): Promise<Run> {
		return await this.run({
			parameters: { resource: kind, operation: 'create', name: '={{ $json.name }}' },
			items: Array.from({ length: count }, (_, index) => ({ name: nameOf(kind, first + index) })),
			outputs: count,
			nodeType,
		});
	}

	/**
	 * Runs the node on the Feishu's mailbox.
	 *
	 * @param outputs how many items come out
	 */
	async run({
		parameters,
		items,
		outputs,
		nodeType = builtNode(),
	}: Pick<RunOptions, 'parameters' | 'items' | 'nodeType'> & { outputs: number }): Promise<Run> {
		this.credential ??= await this.addCredential();
		const run = await this.engine.run({
			parameters: { userMailboxId: this.feishu.mailbox, ...parameters },
			items,
			credential: this.credential,
			nodeType,
		});
		if (run.status === 'success' && run.jsons.length === outputs) return run;
		throw new Error(`${run.jsons.length} of ${outputs} items came out: ${run.error?.message ?? run.status}`);
	}
}
