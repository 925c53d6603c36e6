/* eslint-disable import-x/no-unresolved -- the resolver does not know the patterns in the exports of the MCP SDK */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { INodeParameters } from 'n8n-workflow';

import type { Workflow } from '../real-n8n/client';
import { forSandbox } from '../real-n8n/demo';
import { useSandboxAndN8n } from './sandbox-and-n8n';

const running = useSandboxAndN8n();

/** What the button beside a field makes of it: the model fills it in. */
const fromAi = (name: string, description: string) =>
	`={{ $fromAI('${name}', \`${description}\`, 'string') }}`;

/** n8n hands its tools to an agent through the MCP Server Trigger, as it does through its own agent node. */
function toolbox(...tools: Array<{ name: string; parameters: INodeParameters }>): Workflow {
	const trigger = 'MCP Server Trigger';
	return {
		name: 'Tools for agents',
		nodes: [
			{
				id: 'trigger',
				name: trigger,
				type: '@n8n/n8n-nodes-langchain.mcpTrigger',
				typeVersion: 2,
				position: [0, 0],
				parameters: { path: 'mailbox', authentication: 'none' },
				webhookId: 'a1b40d1c-6d0e-4c0e-9c39-0c2c9a4b7f11',
			},
			...tools.map(({ name, parameters }, index) => ({
				id: name,
				name,
				type: 'n8n-nodes-feishu-mail.feishuMailTool',
				typeVersion: 1,
				position: [index * 220, 220] as [number, number],
				parameters: { authentication: 'tenantToken', ...parameters },
			})),
		],
		connections: Object.fromEntries(
			tools.map(({ name }) => [name, { ai_tool: [[{ node: trigger, type: 'ai_tool' as const, index: 0 }]] }]),
		),
	};
}

describe('the node as a tool of an AI agent', () => {
	const agent = new Client({ name: 'agent', version: '1.0.0' });

	/** What the agent is told. */
	const call = async (name: string, values: Record<string, string>) => {
		const answer = await agent.callTool({ name, arguments: values });
		return JSON.stringify(answer.content);
	};

	beforeAll(async () => {
		const { sandbox, demo } = running();
		const workflow = toolbox(
			{
				name: 'Create_a_contact',
				parameters: {
					resource: 'contact',
					operation: 'create',
					name: fromAi('Name', 'Name of the person'),
					additionalFields: { mailAddress: fromAi('Email', 'Email address of the person') },
				},
			},
			{
				name: 'Create_a_label',
				parameters: {
					resource: 'label',
					operation: 'create',
					name: fromAi('Name', 'Name of the label'),
				},
			},
		);
		await demo.client.publish(
			await demo.client.createWorkflow(forSandbox(workflow, demo.credential, sandbox.mailbox.address)),
		);
		await agent.connect(new StreamableHTTPClientTransport(new URL(`${demo.n8n.url}/mcp/mailbox`)));
	}, 60_000);

	afterAll(async () => await agent.close());

	it('says what it does and which values it wants', async () => {
		const { tools } = await agent.listTools();
		expect(tools.map(({ name }) => name).sort()).toEqual(['Create_a_contact', 'Create_a_label']);
		const tool = tools.find(({ name }) => name === 'Create_a_contact');
		expect(tool?.inputSchema.properties).toMatchObject({
			Name: { type: 'string', description: 'Name of the person' },
			Email: { type: 'string', description: 'Email address of the person' },
		});
	});

	it('creates the contact that the agent asks for, and tells its id', async () => {
		const { sandbox } = running();
		const answer = await call('Create_a_contact', { Name: '王小明', Email: 'xiaoming@example.com' });
		expect(sandbox.mailbox.contacts).toMatchObject([
			{ name: '王小明', mail_address: 'xiaoming@example.com' },
		]);
		expect(answer).toContain(sandbox.mailbox.contacts[0]!.id);
	}, 60_000);

	it('tells the agent in words what is wrong', async () => {
		const { sandbox } = running();
		await call('Create_a_label', { Name: '客户' });
		expect(await call('Create_a_label', { Name: '客户' })).toContain('A label with this name exists already');
		expect(sandbox.mailbox.labels).toHaveLength(1);
	}, 60_000);
});
