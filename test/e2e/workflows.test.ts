import axios from 'axios';
import type { INodeTypeDescription } from 'n8n-workflow';
import { outputOf, type Workflow } from '../real-n8n/client';
import { credentialData } from '../real-n8n/demo';
import { useSandboxAndN8n } from './sandbox-and-n8n';

const COLOURS = [
	'blue',
	'indigo',
	'purple',
	'violet',
	'carmine',
	'red',
	'orange',
	'yellow',
	'lime',
	'green',
	'turquoise',
	'wathet',
];

const running = useSandboxAndN8n();

/** Sends the form as its page does: multipart, every field, in the form's order. */
async function submitForm(name: string, email = '', company = '', phone = '', remark = '') {
	const form = new FormData();
	[name, email, company, phone, remark].forEach((value, index) => form.append(`field-${index}`, value));
	return await axios.post<unknown>(running().demo.formUrl, form, {
		validateStatus: () => true,
		proxy: false,
	});
}

describe('the package in a real n8n', () => {
	let node: INodeTypeDescription | undefined;

	beforeAll(async () => {
		const types = await running().demo.client.nodeTypes();
		node = types.find(({ name }) => name === 'n8n-nodes-feishu-mail.feishuMail');
	});

	it('loads the node and offers it to AI agents as a tool', async () => {
		expect(node).toMatchObject({ displayName: 'Feishu Mail', version: 1 });
		const types = await running().demo.client.nodeTypes();
		expect(types.map(({ name }) => name)).toContain('n8n-nodes-feishu-mail.feishuMailTool');
	});

	it.each(['light', 'dark'] as const)('serves the %s icon', async (theme) => {
		const icons = node?.iconUrl as { light: string; dark: string };
		const icon = await running().demo.client.file(`/${icons[theme]}`);
		expect(icon).toMatchObject({ status: 200, contentType: expect.stringContaining('image/svg+xml') });
		expect(icon.body).toContain('<svg');
	});
});

describe('the credential in a real n8n', () => {
	it('passes n8n’s test with the right App Secret', async () => {
		const { client, credential } = running().demo;
		expect(await client.testCredential(credential)).toMatchObject({ status: 'OK' });
	});

	it('fails n8n’s test with a wrong App Secret, in words', async () => {
		const { sandbox, demo } = running();
		const credential = await demo.client.createCredential({
			name: 'Wrong secret',
			type: 'feishuMailApi',
			data: { ...credentialData(sandbox), appSecret: 'not-the-secret' },
		});
		const result = await demo.client.testCredential(credential);
		expect(result.status).toBe('Error');
		expect(result.message).toContain('App Secret');
		expect(result.message).toContain('10014');
		expect(result.message).not.toContain('not-the-secret');
	});

	it('fails n8n’s test when its App Secret is changed to a wrong one after a token was stored', async () => {
		const { sandbox, demo } = running();
		const credential = await demo.client.createCredential({
			name: 'Changed secret',
			type: 'feishuMailApi',
			data: credentialData(sandbox),
		});
		expect(await demo.client.testCredential(credential)).toMatchObject({ status: 'OK' });
		await demo.client.changeCredential(credential, { appSecret: 'changed-for-the-worse' });
		const result = await demo.client.testCredential(credential);
		expect(result.status).toBe('Error');
		expect(result.message).toContain('10014');
	});

	it('fails n8n’s test when the app got a new App Secret in the console after a token was stored', async () => {
		const { sandbox, demo } = running();
		const app = sandbox.tenant.addApp();
		const credential = await demo.client.createCredential({
			name: 'Reset secret',
			type: 'feishuMailApi',
			data: { ...credentialData(sandbox), appId: app.id, appSecret: app.secret },
		});
		expect(await demo.client.testCredential(credential)).toMatchObject({ status: 'OK' });
		app.secret = 'made-anew-in-the-console';
		const result = await demo.client.testCredential(credential);
		expect(result.status).toBe('Error');
		expect(result.message).toContain('App Secret');
	});

	it.each([
		['nobody listens', () => 'http://127.0.0.1:9', 'The server refused the connection'],
		['the answer is not JSON', () => running().demo.n8n.url, "did not come from Feishu's API"],
		['the address is not encrypted', () => 'http://feishu.example.com', 'unencrypted'],
	])('fails n8n’s test in words when %s', async (_, baseUrl, words) => {
		const { sandbox, demo } = running();
		const credential = await demo.client.createCredential({
			name: 'Elsewhere',
			type: 'feishuMailApi',
			data: { ...credentialData(sandbox), baseUrl: baseUrl() },
		});
		const result = await demo.client.testCredential(credential);
		expect(result.status).toBe('Error');
		expect(result.message).toContain(words);
	});

	it('authenticates the HTTP Request node', async () => {
		const { sandbox, demo } = running();
		const workflow = await demo.client.createWorkflow(listLabels(sandbox.url, sandbox.mailbox.address));
		const execution = await demo.client.run(workflow, 'Start');
		expect(execution.status).toBe('success');
		expect(outputOf(execution, 'HTTP Request')).toMatchObject([
			{ code: 0, data: { items: expect.any(Array) } },
		]);
	});

	function listLabels(sandboxUrl: string, mailbox: string): Workflow {
		const { id, name } = running().demo.credential;
		return {
			name: 'List labels with the HTTP Request node',
			nodes: [
				{
					id: '1',
					name: 'Start',
					type: 'n8n-nodes-base.manualTrigger',
					typeVersion: 1,
					position: [0, 0],
					parameters: {},
				},
				{
					id: '2',
					name: 'HTTP Request',
					type: 'n8n-nodes-base.httpRequest',
					typeVersion: 4.2,
					position: [200, 0],
					parameters: {
						url: `${sandboxUrl}/open-apis/mail/v1/user_mailboxes/${encodeURIComponent(mailbox)}/labels`,
						authentication: 'predefinedCredentialType',
						nodeCredentialType: 'feishuMailApi',
					},
					credentials: { feishuMailApi: { id, name } },
				},
			],
			connections: { Start: { main: [[{ node: 'HTTP Request', type: 'main', index: 0 }]] } },
		};
	}
});

describe('the contact form', () => {
	it('creates the contact that was entered, and shows Feishu’s answer in the execution', async () => {
		const { sandbox, demo } = running();
		const response = await submitForm(
			' 王小明 ',
			'xiaoming@example.com',
			'示例科技 😀',
			'+86 138 0013 8000',
			'春季展会',
		);
		expect(response.status).toBe(200);
		const contact = {
			name: '王小明',
			mail_address: 'xiaoming@example.com',
			company: '示例科技 😀',
			phone: '+86 138 0013 8000',
			remark: '春季展会',
		};
		expect(sandbox.mailbox.contacts).toEqual([expect.objectContaining(contact)]);

		const execution = await demo.client.latestExecution(demo.contactForm);
		expect(execution).toMatchObject({ status: 'success', mode: 'webhook' });
		const { id } = sandbox.mailbox.contacts[0] ?? {};
		expect(outputOf(execution, 'Create contact')).toEqual([expect.objectContaining({ id, ...contact })]);
	});

	it('sends nothing for fields that were left empty', async () => {
		const { sandbox } = running();
		expect((await submitForm('Ada Lovelace')).status).toBe(200);
		expect(sandbox.requests.at(-1)?.body).toEqual({ name: 'Ada Lovelace' });
	});

	it('is not answered with success when Feishu refuses the contact', async () => {
		const { sandbox, demo } = running();
		const before = sandbox.mailbox.contacts.length;
		sandbox.mailbox.active = false;
		const response = await submitForm('Nobody').finally(() => {
			sandbox.mailbox.active = true;
		});
		expect(response.status).toBe(500);
		expect(sandbox.mailbox.contacts).toHaveLength(before);

		const execution = await demo.client.latestExecution(demo.contactForm);
		expect(execution.status).toBe('error');
		expect(execution.data.resultData.error?.message).toContain('Mailbox');
	});
});

describe('the label workflow', () => {
	it('creates the twelve labels in their colours', async () => {
		const { sandbox, demo } = running();
		const execution = await demo.client.run(demo.labelColours, 'Start');
		expect(execution.status).toBe('success');
		expect(sandbox.mailbox.labels.map((label) => label.background_color)).toEqual(COLOURS);
		const labels = sandbox.mailbox.labels.map(({ id, name, background_color }) => ({
			id,
			name,
			background_color,
		}));
		expect(outputOf(execution, 'Create label')).toEqual(
			labels.map((label) => expect.objectContaining(label)),
		);
	});

	it('fails in words when it is run again, because the labels exist', async () => {
		const { sandbox, demo } = running();
		const execution = await demo.client.run(demo.labelColours, 'Start');
		expect(execution.status).toBe('error');
		expect(execution.data.resultData.error?.message).toContain('exists');
		expect(sandbox.mailbox.labels).toHaveLength(COLOURS.length);
	});
});

describe('all executions together', () => {
	it('share one token, which n8n keeps', () => {
		const { sandbox } = running();
		const tokens = sandbox.requests
			.filter(({ path }) => path.includes('/mail/'))
			.map(({ headers }) => headers.authorization);
		expect(tokens.length).toBeGreaterThan(12);
		expect(new Set(tokens).size).toBe(1);
	});

	it('leave no secret in n8n’s log', () => {
		const { sandbox, demo } = running();
		const [token] = sandbox.app.tokens.keys();
		expect(token).toBeTruthy();
		expect(demo.n8n.log()).not.toContain(sandbox.app.secret);
		expect(demo.n8n.log()).not.toContain(token);
	});
});
