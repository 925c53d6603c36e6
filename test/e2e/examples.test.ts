/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { filesOf, outputOf, type Execution, type StoredWorkflow, type Workflow } from '../real-n8n/client';
import { connectUser, forSandbox, readExample, withHeader } from '../real-n8n/demo';
import { until } from '../real-n8n/until';
import type { Mailbox } from '../sandbox/tenants';
import { useSandboxAndN8n } from './sandbox-and-n8n';

/** n8n writes files of workflows into this folder only. */
const files = mkdtempSync(join(tmpdir(), 'n8n-nodes-feishu-mail-files-'));

const running = useSandboxAndN8n({ N8N_RESTRICT_FILE_ACCESS_TO: files });

afterAll(() => rmSync(files, { recursive: true }));

/** Imports an example and sets what its note asks for: the credential and the mailbox. */
async function importExample(
	file: string,
	change: (workflow: Workflow) => Workflow = (workflow) => workflow,
): Promise<StoredWorkflow> {
	const { sandbox, demo } = running();
	const workflow = forSandbox(await readExample(file), demo.credential, sandbox.mailbox.address);
	return await demo.client.createWorkflow(change(workflow));
}

/** The same for an example that sends mails: users do that, from their own mailbox. */
async function importForUser(file: string): Promise<StoredWorkflow> {
	const { demo } = running();
	return await demo.client.createWorkflow(forSandbox(await readExample(file), demo.userCredential, 'me'));
}

/** Activates all of its steps, as the user does in the end. */
const activated = ({ nodes, ...rest }: Workflow): Workflow => ({
	...rest,
	nodes: nodes.map((node) => ({ ...node, disabled: undefined })),
});

beforeEach(() => {
	const { sandbox } = running();
	sandbox.requests.length = 0;
	sandbox.mailbox.contacts.length = 0;
	sandbox.mailbox.labels.length = 0;
	sandbox.mailbox.messages.length = 0;
});

describe('a list from a CRM', () => {
	/** Forty people, ten of them twice: the second time in capitals and with another company. */
	const rows = Array.from({ length: 50 }, (_, index) => ({
		name: `客户 ${index % 40}`,
		email: index < 40 ? `c${index}@example.com` : `C${index % 40}@EXAMPLE.COM`,
		phone: `+86 ${index % 40}`,
		company: index < 40 ? '示例科技' : '新公司',
	}));

	let url: string;
	const headers = { 'X-Crm-Key': 'open sesame' };

	/** What the CRM is told, and with which status. */
	const post = async (body: unknown, sent: object = headers, at = url) =>
		await axios.post<IDataObject>(at, body, {
			headers: { ...sent },
			proxy: false,
			timeout: 60_000,
			validateStatus: () => true,
		});

	async function send(body: unknown): Promise<IDataObject> {
		const { status, data } = await post(body);
		expect(status).toBe(200);
		return data;
	}

	beforeAll(async () => {
		url = await publish('crm-contacts');
	});

	/** Publishes the example, with its webhook at a path, and gives where the CRM sends its list to. */
	async function publish(path: string, change = (workflow: Workflow) => workflow): Promise<string> {
		const { sandbox, demo } = running();
		const example = forSandbox(
			change(await readExample('crm-webhook-to-contacts.json')),
			demo.credential,
			sandbox.mailbox.address,
		);
		const [header = ['', '']] = Object.entries(headers);
		const workflow = await withHeader(demo, setWebhook(example, { path }), header);
		await demo.client.publish(await demo.client.createWorkflow(workflow));
		return `${demo.n8n.url}/webhook/${path}`;
	}

	const setWebhook = ({ nodes, ...rest }: Workflow, parameters: INodeParameters): Workflow => ({
		...rest,
		nodes: nodes.map((node) =>
			node.type === 'n8n-nodes-base.webhook'
				? { ...node, parameters: { ...node.parameters, ...parameters } }
				: node,
		),
	});

	it('becomes one contact a person, and the caller is told; the same list again changes nothing', async () => {
		const { sandbox } = running();
		expect(await send(rows)).toEqual({ created: 40, updated: 10, unchanged: 0, failed: [] });
		const { contacts } = sandbox.mailbox;
		expect(contacts).toHaveLength(40);
		expect(contacts.map(({ company }) => company)).toEqual([
			...Array<string>(10).fill('新公司'),
			...Array<string>(30).fill('示例科技'),
		]);
		const before = structuredClone(contacts);
		const { updated, unchanged, ...rest } = await send(rows);
		expect(rest).toEqual({ created: 0, failed: [] });
		expect(Number(updated) + Number(unchanged)).toBe(50);
		expect(sandbox.mailbox.contacts).toEqual(before);
	}, 60_000);

	it('may be one person', async () => {
		expect(await send(rows[0])).toMatchObject({ created: 1, failed: [] });
		expect(running().sandbox.mailbox.contacts).toMatchObject([{ name: '客户 0', company: '示例科技' }]);
	}, 60_000);

	it('with a bad row: the others are written, and the caller learns which and why', async () => {
		const { sandbox } = running();
		const answer = await send([
			{ name: '张三', email: 'z@example.com' },
			{ name: '长'.repeat(65), email: 'long@example.com' },
			{ name: '李四' },
			null,
			{ name: '王五', email: 'w@example.com' },
		]);
		expect(answer).toEqual({
			created: 2,
			updated: 0,
			unchanged: 0,
			failed: [
				{ row: 2, email: 'long@example.com', reason: expect.stringContaining('at most 64') },
				{ row: 3, reason: expect.stringContaining("'Email' is empty") },
				{ row: 4, reason: expect.any(String) },
			],
		});
		expect(sandbox.mailbox.contacts.map(({ name }) => name)).toEqual(['张三', '王五']);
	}, 60_000);

	it.each([
		['bad rows only', [{ name: '李四' }, { email: 'nobody@example.com' }], 2],
		['no row', [], 1],
	])(
		'with %s: the caller gets status 422 and the reasons',
		async (_case, body, count) => {
			const { status, data } = await post(body);
			expect([status, data]).toEqual([
				422,
				{ created: 0, updated: 0, unchanged: 0, failed: Array(count).fill(expect.any(Object)) },
			]);
			expect(running().sandbox.mailbox.contacts).toEqual([]);
		},
		60_000,
	);

	it('lets the caller go at once when it is set as its note says', async () => {
		const { sandbox } = running();
		const options = { responseCode: { values: { responseCode: 'customCode', customCode: 202 } } };
		const at = await publish('crm-contacts-later', ({ nodes, connections, ...rest }) =>
			setWebhook(
				{
					...rest,
					nodes: nodes.filter(({ name }) => name !== 'Answer'),
					connections: { ...connections, Summary: {} },
				},
				{ responseMode: 'onReceived', options },
			),
		);
		sandbox.latency = 2_000;
		const { status } = await post(rows[0], headers, at);
		expect([status, sandbox.mailbox.contacts]).toEqual([202, []]);
		sandbox.latency = 0;
		await until('the contact is there', () => sandbox.mailbox.contacts.length === 1 || undefined);
	}, 60_000);

	it.each([{}, { 'X-Crm-Key': 'open barley' }])(
		'is not taken from a caller with the headers %j',
		async (sent) => {
			expect((await post(rows, sent)).status).toBe(403);
			expect(running().sandbox.mailbox.contacts).toEqual([]);
		},
		60_000,
	);
});

describe('the labels of a team', () => {
	it('are the same after the second run', async () => {
		const { sandbox, demo } = running();
		const workflow = await importExample('team-labels.json');
		const first = await demo.client.run(workflow, 'Start');
		const labels = structuredClone(sandbox.mailbox.labels);
		expect(labels.length).toBeGreaterThan(4);
		expect(labels).toContainEqual(
			expect.objectContaining({ name: '客户/亚洲', background_color: 'turquoise' }),
		);
		expect(outputOf(first, 'Create or update label')).toEqual(
			expect.arrayContaining(labels.map((label) => ({ ...label, outcome: 'created' }))),
		);
		const second = await demo.client.run(workflow, 'Start');
		expect([first.status, second.status]).toEqual(['success', 'success']);
		expect(sandbox.mailbox.labels).toEqual(labels);
	}, 60_000);
});

describe('the weekly clean-up', () => {
	const tags = ['expired', 'vip', undefined, 'Expired', 'not expired'];

	beforeEach(() => {
		const { contacts } = running().sandbox.mailbox;
		tags.forEach((tag, index) => contacts.push({ id: `id-${index}`, name: `联系人 ${index}`, tag }));
	});

	it('deletes nothing as it is shipped, and shows what it would', async () => {
		const { sandbox, demo } = running();
		const execution = await demo.client.run(await importExample('weekly-clean-up.json'), 'Every Monday');
		expect(execution.status).toBe('success');
		expect(outputOf(execution, 'Your approval')).toMatchObject([{ id: 'id-0' }, { id: 'id-3' }]);
		expect(sandbox.mailbox.contacts).toHaveLength(tags.length);
	}, 60_000);

	it('deletes the contacts with the tag, and no other, once the user has activated it', async () => {
		const { sandbox, demo } = running();
		const workflow = await importExample('weekly-clean-up.json', activated);
		const execution = await demo.client.run(workflow, 'Every Monday');
		expect(outputOf(execution, 'Delete contact')).toEqual([
			{ deleted: true, id: 'id-0' },
			{ deleted: true, id: 'id-3' },
		]);
		expect(sandbox.mailbox.contacts.map(({ id }) => id)).toEqual(['id-1', 'id-2', 'id-4']);
	}, 60_000);
});

describe('labels for the mails of customers', () => {
	const from = (mail_address: string) => ({ head_from: { mail_address } });

	it('are put on the mails of each customer, created once, and are the same after the second run', async () => {
		const { sandbox, demo } = running();
		const { mailbox } = sandbox;
		const mails = [
			'xiaoming.wang@acme.example',
			'billing@northwind.example',
			'Ann.Lee@NORTHWIND.example',
			'somebody@not-acme.example',
			'acme.example@example.com',
		].map((address) => mailbox.receive(from(address)));
		const workflow = await importExample('label-customer-mails.json');
		const labelled = () => {
			const names = new Map(mailbox.labels.map(({ id, name }) => [id, name]));
			return mails.map(({ label_ids }) => [...label_ids].flatMap((id) => names.get(id) ?? []));
		};
		for (let runs = 0; runs < 2; runs++) {
			expect((await demo.client.run(workflow, 'Every hour')).status).toBe('success');
			expect(labelled()).toEqual([
				['Customers/Acme'],
				['Customers/Northwind'],
				['Customers/Northwind'],
				[],
				[],
			]);
			expect(mailbox.labels).toHaveLength(2);
		}
	}, 60_000);
});

describe('the attachments of unread mails', () => {
	const file = (filename: string, text: string) => ({ filename, content: Buffer.from(text) });

	beforeEach(() => {
		const { mailbox, clock } = running().sandbox;
		const attachments = [
			file('报价单.csv', '价格,100'),
			{ ...file('logo.png', 'logo'), cid: 'logo' },
			file('terms.txt', 'net 30'),
		];
		mailbox.receive({ subject: 'two files', attachments });
		mailbox.receive({ subject: 'none' });
		mailbox.receive({ subject: 'read', attachments, label_ids: [] });
		mailbox.receive({ subject: 'old', attachments, internal_date: clock.now() - 2 * 24 * 3_600_000 });
	});

	const subjectsOfUnread = () =>
		running().sandbox.mailbox.messages.flatMap(({ subject, label_ids }) =>
			label_ids.has('UNREAD') ? [subject] : [],
		);

	it('come as one item each, with a name of its own; the mails stay unread as the example is shipped', async () => {
		const { demo } = running();
		const workflow = await importExample('save-unread-attachments.json');
		const execution = await demo.client.run(workflow, 'Every evening');
		expect(execution.status).toBe('success');
		expect(outputOf(execution, 'Your storage')).toMatchObject([
			{ file: expect.stringMatching(/^\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d 报价单\.csv$/), subject: 'two files' },
			{ file: expect.stringMatching(/ terms\.txt$/), subject: 'two files' },
		]);
		expect(await filesOf(demo.client, execution, 'Your storage')).toEqual([
			{ data: '价格,100' },
			{ data: 'net 30' },
		]);
		expect(subjectsOfUnread()).toEqual(['two files', 'none', 'old']);
	}, 60_000);

	it('can be written to disk in the place of the storage, and their mails are read then', async () => {
		const { demo } = running();
		const workflow = await importExample('save-unread-attachments.json', (example) => {
			const { nodes, ...rest } = activated(example);
			const save = {
				type: 'n8n-nodes-base.readWriteFile',
				typeVersion: 1.1,
				parameters: { operation: 'write', fileName: `=${files}/{{ $json.file }}`, options: {} },
			};
			return {
				...rest,
				nodes: nodes.map((node) => (node.name === 'Your storage' ? { ...node, ...save } : node)),
			};
		});
		expect((await demo.client.run(workflow, 'Every evening')).status).toBe('success');
		expect(readdirSync(files).map((name) => readFileSync(join(files, name), 'utf8'))).toEqual(
			expect.arrayContaining(['价格,100', 'net 30']),
		);
		expect(subjectsOfUnread()).toEqual(['none', 'old']);
	}, 60_000);
});

describe('examples that new mails start', () => {
	const file = (filename: string, text: string) => ({ filename, content: Buffer.from(text) });

	/** Publishes an example, lets mails come, and gives the execution that they start. */
	async function whenMailsCome(
		workflow: StoredWorkflow,
		come: (mailbox: Mailbox) => void,
	): Promise<Execution> {
		const { sandbox, demo } = running();
		await demo.client.publish(workflow);
		come(sandbox.mailbox);
		// n8n polls once a minute, and at once when a workflow is published again.
		await demo.client.unpublish(workflow);
		await demo.client.publish(workflow);
		const execution = await demo.client.latestExecution(workflow);
		await demo.client.unpublish(workflow);
		expect(execution).toMatchObject({ status: 'success', mode: 'trigger' });
		return execution;
	}

	it('files of new mails come as one item each; the mails get no label as the example is shipped', async () => {
		const { sandbox, demo } = running();
		const workflow = await importExample('save-new-attachments.json');
		const execution = await whenMailsCome(workflow, (mailbox) => {
			mailbox.receive({
				subject: 'two files',
				attachments: [
					file('报价单.csv', '价格,100'),
					{ ...file('logo.png', 'logo'), cid: 'logo' },
					file('terms.txt', 'net 30'),
				],
			});
			mailbox.receive({ subject: 'none' });
		});
		expect(outputOf(execution, 'Your storage')).toMatchObject([
			{ file: expect.stringMatching(/^\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d 报价单\.csv$/), subject: 'two files' },
			{ file: expect.stringMatching(/ terms\.txt$/), subject: 'two files' },
		]);
		expect(await filesOf(demo.client, execution, 'Your storage')).toEqual([
			{ data: '价格,100' },
			{ data: 'net 30' },
		]);
		expect(sandbox.mailbox.labels).toEqual([]);
	}, 60_000);

	it('their mails get a label once the user has activated it; what cannot be downloaded is told', async () => {
		const { sandbox } = running();
		const workflow = await importExample('save-new-attachments.json', activated);
		const execution = await whenMailsCome(workflow, (mailbox) => {
			const [, refused] = ['good', 'refused'].map((subject) =>
				mailbox.receive({ subject, attachments: [file(`${subject}.txt`, subject)] }),
			);
			const failed_ids = refused?.attachments.map(({ id }) => id);
			sandbox.fail({
				api: 'mail.message.attachmentDownloadUrl',
				on: 2,
				with: { code: 0, data: { download_urls: [], failed_ids } },
			});
		});
		sandbox.clearFaults();
		expect(outputOf(execution, 'Your storage')).toMatchObject([{ subject: 'good' }]);
		expect(outputOf(execution, 'To look at')).toMatchObject([
			{ subject: 'refused', error: expect.stringContaining("no link to the attachment 'refused.txt'") },
		]);
		const [label] = sandbox.mailbox.labels;
		expect(label?.name).toBe('Files kept');
		expect(
			sandbox.mailbox.messages.map(({ subject, label_ids }) => [subject, label_ids.has(label?.id ?? '')]),
		).toEqual([
			['good', true],
			['refused', false],
		]);
	}, 60_000);

	it('a mail becomes one task, with its date, however often it is taken, and is flagged', async () => {
		const { sandbox, demo } = running();
		const workflow = await importExample('mail-to-task.json');
		const execution = await whenMailsCome(workflow, (mailbox) => {
			mailbox.receive({ subject: 'TODO: 续签合同', body_plain_text: '请在 2026-12-24 之前完成。' });
			mailbox.receive({ subject: 'Newsletter' });
			mailbox.receive({ subject: 'Todo: call Ann', body_plain_text: 'No hurry.' });
		});
		const tasks = outputOf(execution, 'Add task') as IDataObject[];
		expect(tasks).toMatchObject([
			{ title: 'TODO: 续签合同', due: '2026-12-24', text: '请在 2026-12-24 之前完成。' },
			{ title: 'Todo: call Ann', due: '' },
		]);
		const flagged = sandbox.mailbox.messages.filter(({ label_ids }) => label_ids.has('FLAGGED'));
		expect(flagged.map(({ subject }) => subject)).toEqual(['TODO: 续签合同', 'Todo: call Ann']);

		const again = await demo.client.run(workflow, 'Feishu Mail Trigger');
		expect(again.status).toBe('success');
		expect(outputOf(again, 'Add task')).toMatchObject([{ id: tasks[1]?.id, title: 'Todo: call Ann' }]);
	}, 60_000);
});

describe('examples that send mails', () => {
	beforeAll(async () => await connectUser(running().demo));

	/** Where n8n keeps the files that a node put out. */
	const placesOf = ({ data }: Execution, node: string) => {
		const items = data.resultData.runData[node]?.at(-1)?.data?.main?.[0] ?? [];
		return items.flatMap(({ binary = {} }) => Object.values(binary).map(({ id }) => id?.split(':')[0]));
	};

	it('the answer to a form goes to whom has filled it in, with the question and the file, if there is one', async () => {
		const { sandbox, demo } = running();
		await demo.client.publish(await importForUser('answer-form-with-mail.json'));
		const submit = async (email: string, file?: string) => {
			const form = new FormData();
			['王小明', email, '订单何时到？'].forEach((value, index) => form.append(`field-${index}`, value));
			if (file !== undefined) form.append('field-3', new Blob([file], { type: 'text/csv' }), '订单.csv');
			return await axios.post<unknown>(`${demo.n8n.url}/form/write-to-us`, form, { proxy: false });
		};
		expect((await submit('with-file@example.com', '订单,4711')).status).toBe(200);
		expect((await submit('without@example.com')).status).toBe(200);
		const mails = ['with-file@example.com', 'without@example.com'].map((to) => sandbox.mailsTo(to));
		expect(mails.map((sent) => sent.length)).toEqual([1, 1]);
		const [one, other] = mails.map(([sent]) => sent?.mail);
		expect(one).toMatchObject({
			head_from: { mail_address: sandbox.mailbox.address },
			to: [{ name: '王小明', mail_address: 'with-file@example.com' }],
			subject: 'We have got your question, 王小明',
			body_plain_text: expect.stringContaining('Your question:\n订单何时到？'),
			attachments: [{ filename: '订单.csv', content: Buffer.from('订单,4711') }],
		});
		expect(other?.attachments).toEqual([]);
	}, 60_000);

	it('invoices leave once each, with their files, however often the workflow runs', async () => {
		const { sandbox, demo } = running();
		const workflow = await importForUser('send-invoices-once.json');
		const first = await demo.client.run(workflow, 'Start');
		expect(placesOf(first, 'File of the invoice')).toEqual(['filesystem-v2', 'filesystem-v2']);
		const second = await demo.client.run(workflow, 'Start');
		const sent = (execution: Execution, field: string) =>
			outputOf(execution, 'Sent').map((json) => (json as IDataObject)[field]);
		expect([first.status, sent(first, 'outcome')]).toEqual(['success', ['sent', 'sent']]);
		expect([second.status, sent(second, 'outcome')]).toEqual(['success', ['alreadySent', 'alreadySent']]);
		expect(sent(second, 'message_id')).toEqual(sent(first, 'message_id'));

		const mails = ['xiaoming@example.com', 'jane@example.com'].map((to) => sandbox.mailsTo(to));
		expect(mails).toMatchObject([
			[{ mail: { subject: 'Invoice 2026-0815', attachments: [{ filename: 'Invoice 2026-0815.txt' }] } }],
			[{ mail: { subject: 'Invoice 2026-0816', attachments: [{ filename: 'Invoice 2026-0816.txt' }] } }],
		]);
		const [file] = mails[1]?.[0]?.mail.attachments ?? [];
		expect(file?.content.toString()).toBe('Invoice 2026-0816\nJane Doe\n$ 340\n');
	}, 60_000);

	it('an invoice that Feishu refuses comes out with the reason; the next run sends it, and only it', async () => {
		const { sandbox, demo } = running();
		const { nodes, ...rest } = await readExample('send-invoices-once.json');
		const workflow = await demo.client.createWorkflow(
			forSandbox(
				{
					...rest,
					nodes: nodes.map((node) =>
						node.type === 'n8n-nodes-base.code'
							? {
									...node,
									parameters: { jsCode: String(node.parameters.jsCode).replaceAll('2026-08', '2026-09') },
								}
							: node,
					),
				},
				demo.userCredential,
				'me',
			),
		);
		sandbox.mailChoices.refusedRecipients.push('jane@example.com');
		const before = sandbox.mailsTo('jane@example.com').length;
		const first = await demo.client.run(workflow, 'Start').finally(() => {
			sandbox.mailChoices.refusedRecipients.length = 0;
		});
		expect(outputOf(first, 'Sent')).toMatchObject([{ outcome: 'sent', subject: 'Invoice 2026-0915' }]);
		expect(outputOf(first, 'To look at')).toMatchObject([
			{ error: expect.stringContaining('does not accept a recipient'), details: { code: 1236018 } },
		]);
		expect(sandbox.mailsTo('jane@example.com')).toHaveLength(before);
		const second = await demo.client.run(workflow, 'Start');
		expect(outputOf(second, 'Sent')).toMatchObject([{ outcome: 'alreadySent' }, { outcome: 'sent' }]);
		expect(sandbox.mailsTo('jane@example.com')).toHaveLength(before + 1);
	}, 60_000);
});
