/* eslint-disable import-x/no-unresolved -- the resolver does not know the patterns in the exports of the MCP SDK */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { Workflow } from '../real-n8n/client';
import { connectUser, forSandbox } from '../real-n8n/demo';
import { addDemoMails } from '../sandbox/demoMails';
import { useSandboxAndN8n } from './sandbox-and-n8n';

const running = useSandboxAndN8n();

/** What the button beside a field makes of it: the model fills it in. */
const fromAi = (name: string, description: string, type = 'string') =>
	`={{ $fromAI('${name}', \`${description}\`, '${type}') }}`;

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
	const call = async (name: string, values: Record<string, string | number>) => {
		const answer = await agent.callTool({ name, arguments: values });
		return JSON.stringify(answer.content);
	};

	/** The items of an answer. */
	const items = async (name: string, values: Record<string, string | number>) => {
		const [{ text }] = JSON.parse(await call(name, values)) as [{ text: string }];
		return { text, items: JSON.parse(text) as IDataObject[] };
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
			{
				name: 'Get_mails',
				parameters: {
					resource: 'message',
					operation: 'getAll',
					limit: fromAi('Limit', 'How many mails', 'number'),
					filters: { readStatus: fromAi('Read_Status', 'all or unread') },
				},
			},
			{
				name: 'Add_labels',
				parameters: {
					resource: 'message',
					operation: 'addLabels',
					messageId: { __rl: true, mode: 'id', value: fromAi('Message_ID', 'message_id of the mail') },
					labelIds: fromAi('Labels', 'Names of labels, with commas between'),
				},
			},
			{
				name: 'Search_mails',
				parameters: {
					authentication: 'oAuth2',
					resource: 'message',
					operation: 'search',
					query: fromAi('Words', 'Words to look for'),
					limit: 10,
					filters: { from: fromAi('Sender', 'Name or address of the sender; empty for any') },
				},
			},
		);
		addDemoMails(sandbox.mailbox, sandbox);
		await connectUser(demo);
		const { nodes, ...rest } = workflow;
		const filled = nodes.map((node) => {
			const credential = node.parameters.authentication === 'oAuth2' ? demo.userCredential : demo.credential;
			return forSandbox({ ...rest, nodes: [node] }, credential, sandbox.mailbox.address).nodes[0]!;
		});
		await demo.client.publish(await demo.client.createWorkflow({ ...rest, nodes: filled }));
		await agent.connect(new StreamableHTTPClientTransport(new URL(`${demo.n8n.url}/mcp/mailbox`)));
	}, 60_000);

	afterAll(async () => await agent.close());

	it('says what it does and which values it wants', async () => {
		const { tools } = await agent.listTools();
		expect(Object.fromEntries(tools.map(({ name, description }) => [name, description]))).toEqual({
			Create_a_contact: 'Create a contact in Feishu Mail',
			Create_a_label: 'Create a label in Feishu Mail',
			Get_mails: 'Get many messages in Feishu Mail',
			Add_labels: 'Add a label to a message in Feishu Mail',
			Search_mails: 'Search messages in Feishu Mail',
		});
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
		expect(sandbox.mailbox.labels.filter(({ name }) => name === '客户')).toHaveLength(1);
	}, 60_000);

	it('lists mails with little around their texts', async () => {
		const { text, items: mails } = await items('Get_mails', { Limit: 10, Read_Status: 'all' });
		expect(mails).toHaveLength(6);
		const texts = mails.flatMap(({ subject, body_preview, body_plain_text }) => [
			subject,
			body_preview,
			body_plain_text,
		]);
		expect((text.length - texts.join('').length) / mails.length).toBeLessThan(600);
		expect((await items('Get_mails', { Limit: 2, Read_Status: 'Unread' })).items).toMatchObject([
			{ subject: 'Orders stuck since 08:15' },
			{ subject: 'Re: 回复：询价：2027 年度维护服务' },
		]);
	}, 60_000);

	it('says what a filter takes, where the agent asks for what Feishu cannot list', async () => {
		expect(await call('Get_mails', { Limit: 2, Read_Status: 'read' })).toContain(
			"'Read Status' must be one of: all, unread",
		);
	}, 60_000);

	it('finds mails by words, or by their sender alone', async () => {
		const found = async (Words: string, Sender: string) =>
			(await items('Search_mails', { Words, Sender })).items.map(({ subject }) => subject);
		expect(await found('warehouse', '')).toEqual(['Orders stuck since 08:15']);
		expect(await found('', 'billing@northwind.example')).toEqual(['Invoice INV-2026-1042 for October']);
		expect(await found('unheard of', '')).toEqual([]);
	}, 60_000);

	it('puts labels on a mail that the agent names in one text, and tells which there are', async () => {
		const { mailbox } = running().sandbox;
		const mail = mailbox.messages.find(({ subject }) => subject.startsWith('周会纪要'));
		const label = async (Labels: string) =>
			await call('Add_labels', { Message_ID: mail?.message_id ?? '', Labels });
		const [invoices] = mailbox.labels;
		expect(await label('发票 invoices, flagged')).toContain(invoices?.id);
		expect([...(mail?.label_ids ?? [])]).toEqual(['UNREAD', invoices?.id, 'FLAGGED']);
		const refusal = await label('Invoices');
		expect(refusal).toContain("the mailbox has no label 'Invoices'");
		expect(refusal).toContain('Its labels are FLAGGED, IMPORTANT, OTHER, 发票 Invoices');
	}, 60_000);
});
