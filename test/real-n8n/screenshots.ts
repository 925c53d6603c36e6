/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { INodeParameters, INodeProperties } from 'n8n-workflow';
import type { Locator, Page } from 'playwright-core';
import { resources } from '../../nodes/FeishuMail/actions';
import { fieldsOf } from '../../nodes/FeishuMail/run/options';
import type { Task } from '../../nodes/FeishuMail/run/operation';
import { instantMail } from '../../nodes/FeishuMail/trigger/instantMail';
import { newMail } from '../../nodes/FeishuMail/trigger/newMail';
import { accepts } from '../../nodes/FeishuMail/transport/endpoint';
import { Sandbox } from '../sandbox';
import { addDemoMails } from '../sandbox/demoMails';
import { latestFirst, type Message } from '../sandbox/mails';
import { newId, type Rule } from '../sandbox/tenants';
import { findChromium, startBrowser } from './browser';
import { CannotStart } from './cannot-start';
import type { Credential, StoredWorkflow, Workflow } from './client';
import {
	NODE,
	connectUser,
	createEventCredentials,
	createSingleLabel,
	createSingleNode,
	createUserCredential,
	credentialData,
	forSandbox,
	readExample,
	startDemo,
	withHeader,
	type Demo,
} from './demo';
import {
	connect,
	errorOfStep,
	executeStep,
	openCredential,
	LocatorList,
	openDropdown,
	openNode,
	openNodesPanel,
	signIn,
	viewFile,
	widenOutput,
} from './editor-page';
import { killGroups } from './process-groups';
import { INSTANT_TRIGGER, instantWorkflow, TRIGGER, triggerWorkflow } from './trigger-workflow';

const PICTURES = resolve(__dirname, '..', '..', 'docs', 'images');
const print = (text: string) => void process.stdout.write(`${text}\n`);

/** How the names of the pictures begin that are to be taken; none: all. */
const wanted = process.argv.slice(2);

const isWanted = (file: string) => wanted.length === 0 || wanted.some((start) => file.startsWith(start));

type Clip = { x: number; y: number; width: number; height: number };

/** What the pictures are taken of. */
interface Studio {
	page: Page;
	demo: Demo;
	sandbox: Sandbox;
}

async function save(target: Page | Locator, file: string): Promise<void> {
	if (!isWanted(file)) return;
	const path = join(PICTURES, file);
	await mkdir(dirname(path), { recursive: true });
	await target.screenshot({ path, animations: 'disabled' });
	print(`Saved ${path}`);
}

/** Saves an element down to the end of the last of some things in it: n8n's panels are as high as the window. */
async function saveDownTo(
	element: Locator,
	last: string,
	file: string,
	scale?: 'css' | 'device',
): Promise<void> {
	const box = await element.boundingBox();
	const ends = await element
		.locator(last)
		.evaluateAll((found) => found.map((one) => one.getBoundingClientRect().bottom));
	if (!box) throw new Error(`${file}: there is nothing to take a picture of`);
	await saveClip(element.page(), file, { ...box, height: Math.max(...ends) + 12 - box.y }, scale);
}

async function saveClip(page: Page, file: string, clip: Clip, scale?: 'css' | 'device'): Promise<void> {
	if (!isWanted(file)) return;
	const path = join(PICTURES, file);
	await mkdir(dirname(path), { recursive: true });
	await page.mouse.move(0, 0);
	await page.screenshot({ path, animations: 'disabled', clip, scale });
	print(`Saved ${path}`);
}

async function closeNotifications(page: Page): Promise<void> {
	for (const button of await page.locator('.el-notification__closeBtn').all()) await button.click();
}

/** Stores a workflow with one Feishu Mail node and gives its address. */
const single = async ({ demo, sandbox }: Studio, parameters: INodeParameters, credential?: Credential) =>
	await createSingleNode(demo, sandbox, parameters, credential);

/** The node among the results of four searches. */
async function takeSearches({ page, demo }: Studio): Promise<void> {
	const searches = { feishu: 'feishu', lark: 'lark', chinese: '飞书', contact: 'mail contact' };
	for (const [name, text] of Object.entries(searches)) {
		const panel = await openNodesPanel(page, demo.n8n.url);
		const results = await panel.search(text);
		await results.first().waitFor();
		await saveDownTo(panel.element, '[data-test-id="node-creator-item-description"]', `search/${name}.png`);
	}
}

/** Workflows on the canvas, light and dark. */
async function takeCanvas({ page, demo, sandbox }: Studio): Promise<void> {
	const example = await readExample('crm-webhook-to-contacts.json');
	const workflow = forSandbox(example, demo.credential, sandbox.mailbox.address);
	const { id } = await demo.client.createWorkflow(await withHeader(demo, workflow, ['X-Crm-Key', 'secret']));
	for (const colorScheme of ['light', 'dark'] as const) {
		await page.emulateMedia({ colorScheme });
		await page.goto(`${demo.n8n.url}/workflow/${id}`);
		await page.locator('[data-test-id="canvas-node"]').last().waitFor();
		await page.locator('[data-test-id="zoom-to-fit"]').click();
		await closeNotifications(page);
		const nodes = await page
			.locator('.vue-flow__node')
			.evaluateAll((found) =>
				found.map(
					(node) => node.getBoundingClientRect().toJSON() as Clip & { right: number; bottom: number },
				),
			);
		const [left, top] = [Math.min(...nodes.map(({ x }) => x)), Math.min(...nodes.map(({ y }) => y))];
		await saveClip(page, `workflow-${colorScheme}.png`, {
			x: left - 40,
			y: top - 20,
			width: Math.max(...nodes.map(({ right }) => right)) - left + 80,
			// The names stand below the nodes.
			height: Math.max(...nodes.map(({ bottom }) => bottom)) - top + 80,
		});
	}
	await page.emulateMedia({ colorScheme: 'light' });
}

/** What a field holds whose value is chosen from its list. */
const chosen = (name: string, value = '1') => ({ __rl: true, mode: 'list', value, cachedResultName: name });

const mail = chosen('王小明: 询价：2027 年度维护服务');

const template = chosen('欢迎 Welcome');

/** What the fields of mails hold that are written. */
const letter = {
	to: '王小明 <xiaoming.wang@acme.example>',
	cc: 'li.na@example.com',
	bcc: 'archive@example.com',
	subject: '报价：2027 年度维护服务',
	message: '<p>王先生，您好！</p><p>报价单见附件。</p><p><img src="cid:logo"></p>',
	attachments: 'quotation, terms',
	inlineImages: 'logo',
	from: 'user@example.com',
	senderName: '客户服务',
	replyTo: 'support@example.com',
	importance: 'high',
	sendAt: '2026-12-01T09:00:00',
	idempotencyKey: '=quotation {{ $json.number }}',
};

/** What the fields of the panels hold: those of a resource, and those of one of its operations. */
const examples: Record<string, Record<string, unknown>> = {
	attachment: { messageId: mail },
	draft: { ...letter, draftId: chosen(`王小明: ${letter.subject}`) },
	'draft-create': { ...letter, templateId: template },
	mailbox: { emailAlias: 'sales@example.com', aliasId: chosen('sales@example.com') },
	'message-forward': letter,
	'message-reply': letter,
	'message-send': { ...letter, templateId: template },
	...Object.fromEntries(
		['cancelScheduledSend', 'getRecallStatus', 'getSendStatus', 'recall'].map((operation) => [
			`message-${operation}`,
			{ messageId: chosen(`王小明: ${letter.subject}`) },
		]),
	),
	contact: {
		contactId: chosen('王小明 - xiaoming@example.com'),
		name: '王小明',
		company: '示例科技有限公司',
		mailAddress: 'xiaoming@example.com',
		phone: '+86 138 0013 8000',
		position: '销售总监',
		remark: '春季展会上认识，关注亚洲市场',
		tag: '客户',
	},
	folder: {
		folderId: { __rl: true, mode: 'name', value: '项目/2026' },
		parentFolderId: chosen('Top Level', '0'),
		name: '合同',
	},
	label: {
		labelId: { __rl: true, mode: 'name', value: '客户/亚洲' },
		name: '客户/亚洲',
		backgroundColor: 'turquoise',
	},
	message: {
		messageId: mail,
		folderId: chosen('Inbox', 'INBOX'),
		labelIds: ['IMPORTANT', 'FLAGGED'],
		query: '报价',
		folders: ['INBOX'],
		labels: ['IMPORTANT'],
		from: 'xiaoming.wang@acme.example',
		receivedAfter: '2026-11-01T00:00:00',
		readStatus: 'unread',
	},
	rule: {
		ruleId: chosen('发票'),
		name: '发票',
		condition: {
			items: [
				{ type: 'subject', operator: 'contains', input: '发票' },
				{ type: 'from', operator: 'endsWith', input: '@acme.example' },
			],
		},
		action: { items: [{ type: 'moveToFolder', folderId: chosen('项目/2026') }, { type: 'markAsRead' }] },
		ruleIds: ['1', '2'],
	},
	template: {
		templateId: template,
		name: '欢迎 Welcome',
		subject: '欢迎使用 Acme 维护服务',
		templateContent: '<p>您好，</p><p>感谢签约。服务范围见附件。</p>',
		tos: '王小明 <xiaoming.wang@acme.example>',
		ccs: '李娜 <li.na@example.com>',
		bccs: 'archive@example.com',
	},
	thread: {
		threadId: mail,
		folderId: chosen('Archived', 'ARCHIVED'),
		labelIds: ['IMPORTANT', 'FLAGGED'],
	},
	trigger: {
		folderId: chosen('Inbox', 'INBOX'),
		labelIds: ['IMPORTANT'],
		readStatus: 'unread',
		sender: '@acme.example',
		subject: '询价',
	},
};

function exampleOf(
	resource: string,
	operation: string,
	{ name, type, options = [], default: preset }: INodeProperties,
): unknown {
	const own = examples[`${resource}-${operation}`];
	if (type !== 'collection') return own?.[name] ?? examples[resource]?.[name] ?? preset;
	return Object.fromEntries(
		(options as INodeProperties[]).map((field) => [field.name, exampleOf(resource, operation, field)]),
	);
}

/** What the fields of a panel hold, but for the mailbox. */
const examplesOf = (resource: string, operation: string, task: Task) =>
	Object.fromEntries(
		fieldsOf(task)
			.filter(({ name }) => name !== 'userMailboxId')
			.map((field) => [field.name, exampleOf(resource, operation, field)]),
	) as INodeParameters;

/** Saves the fields of the open panel. */
async function savePanel(page: Page, file: string): Promise<void> {
	// Fields are closed while their lists are loaded, which begins after the panel is there.
	await page.waitForLoadState('networkidle');
	await page
		.locator('.node-parameters-wrapper .el-select input:disabled')
		.first()
		.waitFor({ state: 'detached' });
	await saveDownTo(
		page.locator('.node-parameters-wrapper'),
		'.parameter-item, [data-test-id="collection-parameter-add"]',
		file,
	);
}

/** A rule whose ID is where it stands among the others, from 1. */
const ruleNamed = (name: string, index: number): Rule => ({
	...{ id: String(index + 1), name, is_enable: true, ignore_the_rest_of_rules: false },
	condition: { match_type: 1, items: [{ type: 12 }] },
	action: { items: [{ type: 3 }] },
});

/** The panel of every operation, with all of its fields. */
async function takePanels(studio: Studio): Promise<void> {
	const { page } = studio;
	// Lists show what the mailbox has.
	studio.sandbox.mailbox.rules.push(...['发票', '客户'].map(ruleNamed));
	await page.setViewportSize({ width: 1280, height: 2200 });
	for (const { value: resource, operations } of resources) {
		for (const operation of operations) {
			const file = `panels/${resource}-${operation.value}.png`;
			if (!isWanted(file)) continue;
			const parameters = examplesOf(resource, operation.value, operation);
			const isForApps = operation.endpoints.every((endpoint) => accepts(endpoint, 'tenant'));
			const { credential, userCredential } = studio.demo;
			const address = await single(
				studio,
				{
					...{ resource, operation: operation.value, ...parameters },
					...(isForApps ? {} : { userMailboxId: 'me' }),
				},
				isForApps ? credential : userCredential,
			);
			await openNode(page, address, NODE);
			await savePanel(page, file);
		}
	}
}

/** The newest mail of the inbox, chosen from the list. */
function newestMail({ mailbox }: Sandbox): INodeParameters {
	const [newest] = latestFirst(mailbox.messages.filter(({ folder_id }) => folder_id === 'INBOX'));
	return chosen(`${newest?.head_from.name}: ${newest?.subject}`, newest?.message_id);
}

/** Mails as the editor shows them: listed, labelled, searched, downloaded. */
async function takeMails(studio: Studio): Promise<void> {
	const { page, demo, sandbox } = studio;
	const message = { resource: 'message', userMailboxId: sandbox.mailbox.address };

	await page.setViewportSize({ width: 1600, height: 980 });
	await openNode(page, await single(studio, { ...message, operation: 'getAll' }), NODE);
	await executeStep(page);
	await widenOutput(page);
	await closeNotifications(page);
	await save(page, 'mails/get-many.png');

	await page.setViewportSize({ width: 1280, height: 800 });
	const messageId = newestMail(sandbox);
	await openNode(page, await single(studio, { ...message, operation: 'addLabels', messageId }), NODE);
	await openDropdown(page, 'labelIds');
	await save(page, 'mails/add-label.png');

	await page.setViewportSize({ width: 1280, height: 1000 });
	const invoices = sandbox.mailbox.labels.find(({ name }) => name.includes('Invoices'));
	const filters = { folders: ['INBOX'], labels: [invoices?.id ?? ''], hasAttachment: true };
	const search = { ...message, operation: 'search', userMailboxId: 'me', query: 'invoice', filters };
	await openNode(page, await single(studio, search, demo.userCredential), NODE);
	await executeStep(page);
	await closeNotifications(page);
	await save(page, 'mails/search.png');

	await page.setViewportSize({ width: 1280, height: 800 });
	const download = { ...message, resource: 'attachment', operation: 'download', messageId };
	await openNode(page, await single(studio, download), NODE);
	const { image } = await viewFile(page);
	await image.evaluate(async (shown: { decode?(): Promise<void> }) => await shown.decode?.());
	await closeNotifications(page);
	await save(page, 'mails/download.png');
}

/** Mails that are sent: new ones with their files, and the answer to another one. */
async function takeSending({ page, demo, sandbox }: Studio): Promise<void> {
	const invoices = [
		{ number: '2026-0815', name: '王小明', email: 'xiaoming@example.com', amount: '¥ 1,200' },
		{ number: '2026-0816', name: 'Jane Doe', email: 'jane@example.com', amount: '$ 340' },
	];
	const items = invoices.map((json) => {
		const file = { fileName: `Invoice ${json.number}.csv`, mimeType: 'text/csv' };
		const data = Buffer.from(`${json.number},${json.amount}`).toString('base64');
		return { json, binary: { invoice: { ...file, data } } };
	});
	const step = (name: string, type: string, x: number, parameters: INodeParameters, typeVersion = 1) => ({
		...{ id: name, name, type, typeVersion, parameters },
		position: [x, 0] as [number, number],
	});
	const next = (node: string) => ({ main: [[{ node, type: 'main' as const, index: 0 }]] });
	const send: INodeParameters = {
		authentication: 'oAuth2',
		resource: 'message',
		operation: 'send',
		to: '={{ $json.email }}',
		subject: '=Invoice {{ $json.number }}',
		emailType: 'html',
		message:
			'=<p>Dear {{ $json.name }},</p><p>please find attached your invoice over {{ $json.amount }}.</p>',
		additionalFields: { attachments: 'invoice' },
		options: { idempotencyKey: '=invoice {{ $json.number }}' },
	};
	const workflow: Workflow = {
		name: 'Invoices',
		nodes: [
			step('Start', 'n8n-nodes-base.manualTrigger', 0, {}),
			step(
				'Invoices',
				'n8n-nodes-base.code',
				220,
				{ jsCode: `return ${JSON.stringify(items, undefined, 2)};` },
				2,
			),
			step(NODE, 'n8n-nodes-feishu-mail.feishuMail', 440, send),
		],
		connections: { Start: next('Invoices'), Invoices: next(NODE) },
	};
	await page.setViewportSize({ width: 1600, height: 1060 });
	const { id } = await demo.client.createWorkflow(forSandbox(workflow, demo.userCredential, 'me'));
	await openNode(page, `${demo.n8n.url}/workflow/${id}`, NODE);
	await executeStep(page);
	await closeNotifications(page);
	await save(page, 'mails/send.png');

	const reply: INodeParameters = {
		...{ resource: 'message', operation: 'reply', userMailboxId: 'me', messageId: newestMail(sandbox) },
		message: '<p>Thank you, Ann. We are on it and come back to you within the hour.</p>',
		additionalFields: { cc: 'li.na@example.com' },
		options: {},
	};
	await openNode(page, await createSingleNode(demo, sandbox, reply, demo.userCredential), NODE);
	await executeStep(page);
	await closeNotifications(page);
	await save(page, 'mails/reply.png');
}

/** Saves the page with its output as JSON, and leaves it as a table: n8n keeps that for the next node. */
async function saveWithJson(page: Page, file: string): Promise<void> {
	const show = async (view: 'json' | 'table') =>
		await page.locator(`[data-test-id="output-panel"] [data-test-id="radio-button-${view}"]`).click();
	await show('json');
	await closeNotifications(page);
	await save(page, file);
	await show('table');
}

/** A rule that the panel makes, its folder chosen from the list. */
async function takeRule(studio: Studio): Promise<void> {
	const { page, demo, sandbox } = studio;
	for (const name of ['发票 Invoices', '项目 Projects']) {
		const counts = { unread_message_count: 0, unread_thread_count: 0 };
		sandbox.mailbox.folders.push({ id: newId(), name, parent_folder_id: '0', folder_type: 2, ...counts });
	}
	const rule: INodeParameters = {
		...{
			resource: 'rule',
			operation: 'create',
			userMailboxId: 'me',
			name: '发票 Invoices',
			matchType: 'any',
		},
		condition: {
			items: [
				{ type: 'subject', operator: 'contains', input: '发票' },
				{ type: 'from', operator: 'contains', input: 'billing@' },
			],
		},
		action: { items: [{ type: 'moveToFolder' }, { type: 'markAsRead' }] },
	};
	await page.setViewportSize({ width: 1600, height: 1640 });
	await openNode(page, await single(studio, rule, demo.userCredential), NODE);
	const folders = new LocatorList(page, 'folderId');
	await folders.open();
	await folders.entries.filter({ hasText: '发票' }).click();
	await executeStep(page);
	await saveWithJson(page, 'mails/rule.png');
}

/** A mail that is sent from a template and signed, and how it arrives. */
async function takeTemplate(studio: Studio): Promise<void> {
	const { page, demo, sandbox } = studio;
	const send: INodeParameters = {
		...{
			resource: 'message',
			operation: 'send',
			userMailboxId: 'me',
			to: '王小明 <xiaoming.wang@acme.example>',
		},
		additionalFields: { templateId: chosen('', '') },
		options: { appendSignature: chosen('Default of the Sender', 'default') },
	};
	await page.setViewportSize({ width: 1600, height: 1060 });
	await openNode(page, await single(studio, send, demo.userCredential), NODE);
	const templates = new LocatorList(page, 'templateId');
	await templates.open();
	await templates.entries.filter({ hasText: '欢迎' }).click();
	await executeStep(page);
	await saveWithJson(page, 'mails/template.png');

	const arrived = sandbox.tenant.findMailbox('li.na@example.com')?.messages.at(-1);
	if (!arrived) throw new Error('mails/template-received.png: the mail has not arrived');
	await page.setViewportSize({ width: 640, height: 480 });
	await page.setContent(asMailProgram(arrived));
	await save(page.locator('body'), 'mails/template-received.png');
}

/** A mail as mail programs show it: its head, its message with the images, and its files. */
function asMailProgram({ subject, head_from, to, cc, body_html = '', attachments }: Message): string {
	const line = (name: string, text: string) => `<p style="margin:4px 0">${name} ${text}</p>`;
	const people = (list: Message['to']) =>
		list.map(({ name, mail_address }) => `${name} &lt;${mail_address}&gt;`).join(', ');
	const shown = attachments.reduce(
		(html, { cid, content }) =>
			cid ? html.replaceAll(`cid:${cid}`, `data:image/png;base64,${content.toString('base64')}`) : html,
		body_html,
	);
	const files = attachments.filter(({ cid }) => !cid).map(({ filename }) => filename);
	return `<body style="font:15px sans-serif;margin:0;padding:20px"><h2 style="margin:0 0 12px">${subject}</h2>
${line('From', people([head_from]))}${line('To', people(to))}${line('CC', people(cc))}<hr>${shown}<hr>
${line('Attachments:', files.join(', '))}</body>`;
}

/** What goes wrong most often, as n8n shows it. */
async function takeErrors(studio: Studio): Promise<void> {
	const { page, demo, sandbox } = studio;
	const data = credentialData(sandbox);
	const credential = async (name: string, change: object) =>
		await demo.client.createCredential({ name, type: 'feishuMailApi', data: { ...data, ...change } });
	const withoutScope = sandbox.tenant.addApp({ scopes: [] });
	const withoutData = sandbox.tenant.addApp({ dataPermission: [] });
	const contact = { resource: 'contact', operation: 'create', name: '王小明' };
	sandbox.mailbox.labels.push({ id: '1', name: '客户', background_color: 'blue', messages_unread: 0 });
	const views: Record<string, () => Promise<string>> = {
		'wrong-secret': async () =>
			await single(studio, contact, await credential('Wrong secret', { appSecret: 'not-the-secret' })),
		'missing-scope': async () =>
			await single(
				studio,
				contact,
				await credential('No scope', { appId: withoutScope.id, appSecret: withoutScope.secret }),
			),
		'missing-data-permission': async () =>
			await single(
				studio,
				contact,
				await credential('No data', { appId: withoutData.id, appSecret: withoutData.secret }),
			),
		'duplicate-label': async () =>
			await single(studio, { resource: 'label', operation: 'create', name: '客户' }),
		'quota-spent': async () => {
			sandbox.setQuota('mail.contact.create', { limit: 0, window: 60 });
			return await single(studio, { ...contact, options: { maxWait: 5 } });
		},
		'unknown-mailbox': async () =>
			await single(studio, {
				resource: 'label',
				operation: 'create',
				name: '合同',
				userMailboxId: 'nobody@example.com',
			}),
	};
	for (const [name, prepare] of Object.entries(views)) {
		await openNode(page, await prepare(), NODE);
		await errorOfStep(page);
		await page.addStyleTag({ content: '.el-notification { display: none !important; }' });
		await saveDownTo(
			page.locator('[data-test-id="output-panel"]'),
			'.node-error-view__header, .node-error-view__info',
			`errors/${name}.png`,
		);
	}
	sandbox.setQuota('mail.contact.create', null);
}

/** What is granted in the pictures of Check Access: all that can be, a part of it and nothing. */
const grants = {
	all: undefined,
	some: ['mail:user_mailbox.mail_contact:read', 'mail:user_mailbox.folder:write'],
	none: [],
};

/** Check Access as an app and as a user, with all that is granted, with a part of it and with nothing. */
async function takeAccess(studio: Studio): Promise<void> {
	// Large enough for all rows and columns.
	await studio.page.setViewportSize({ width: 1920, height: 2400 });
	for (const [name, scopes] of Object.entries(grants)) {
		await takeRows(studio, name, await grantedApp(studio, `Access: ${name}`, scopes));
		await takeRows(studio, `user-${name}`, await grantedUser(studio, `Access as a user: ${name}`, scopes));
	}
}

async function grantedApp({ demo, sandbox }: Studio, name: string, scopes?: string[]): Promise<Credential> {
	const { id, secret } = sandbox.tenant.addApp({ scopes });
	const data = { ...credentialData(sandbox), appId: id, appSecret: secret };
	return await demo.client.createCredential({ name, type: 'feishuMailApi', data });
}

async function grantedUser(
	{ page, demo, sandbox }: Studio,
	name: string,
	scopes?: string[],
): Promise<Credential> {
	// One of its own: what a user has allowed an app before, is allowed again.
	const { id: clientId, secret: clientSecret } = sandbox.tenant.addApp();
	const userScopes = scopes && { userScopes: ['offline_access', ...scopes].join(' ') };
	const credential = await createUserCredential(demo, sandbox, name, {
		clientId,
		clientSecret,
		...userScopes,
	});
	await connect(page, demo.n8n.url, name);
	return credential;
}

/** The rows of Check Access. */
async function takeRows(studio: Studio, name: string, credential: Credential): Promise<void> {
	const { page } = studio;
	const own = credential.type === 'feishuMailApi' ? {} : { userMailboxId: 'me' };
	const access = { resource: 'mailbox', operation: 'checkAccess', ...own };
	await openNode(page, await single(studio, access, credential), NODE);
	await executeStep(page);
	await widenOutput(page);
	await closeNotifications(page);
	await saveDownTo(page.locator('[data-test-id="output-panel"]'), 'tr', `access/${name}.png`, 'css');
}

/** The node's panel with the colour dropdown open. */
async function takeColours({ page, demo, sandbox }: Studio): Promise<void> {
	const workflow = await createSingleLabel(demo, sandbox);
	await openNode(page, `${demo.n8n.url}/workflow/${workflow.id}`, 'Create label');
	await executeStep(page);
	await closeNotifications(page);
	// n8n shows eight choices and scrolls; the picture shows all.
	await page.addStyleTag({ content: '.el-select-dropdown__wrap { max-height: none !important; }' });
	await openDropdown(page, 'backgroundColor');
	await save(page, 'label-colours.png');
}

/** The dialogs of both credentials, the app's tested and the user's connected. */
async function takeCredentials({ page, demo, sandbox }: Studio): Promise<void> {
	const { name } = await createUserCredential(demo, sandbox, 'Feishu Mail (user)');
	const saveDialog = async (file: string, height: number) => {
		// High enough for the dialog, which takes four fifths, to show all of its fields.
		await page.setViewportSize({ width: 1280, height });
		await page.addStyleTag({ content: '.el-dialog { max-height: none !important; }' });
		await closeNotifications(page);
		await page.mouse.move(0, 0);
		await save(page.locator('.el-dialog').filter({ visible: true }), file);
	};
	await openCredential(page, demo.n8n.url, demo.credential.name);
	await page.getByRole('button', { name: 'Retry' }).waitFor();
	await saveDialog('app-credential.png', 1000);
	await connect(page, demo.n8n.url, name);
	await saveDialog('oauth2-credential.png', 1600);
}

/** The trigger in the panel of nodes, its own panel, a mail that was fetched for a test, and an execution that a mail started. */
async function takeTrigger({ page, demo, sandbox }: Studio): Promise<void> {
	const create = async (name: string, parameters: INodeParameters = {}) => {
		const workflow = triggerWorkflow(name, { [TRIGGER]: parameters });
		return await demo.client.createWorkflow(forSandbox(workflow, demo.credential, sandbox.mailbox.address));
	};
	const addressOf = ({ id }: StoredWorkflow) => `${demo.n8n.url}/workflow/${id}`;

	await page.setViewportSize({ width: 1280, height: 1000 });
	const panel = await openNodesPanel(page, demo.n8n.url);
	const found = await panel.search('feishu');
	await found.first().click();
	await panel.element.getByText('On message received').waitFor();
	await save(panel.element, 'trigger/nodes-panel.png');

	await page.setViewportSize({ width: 1280, height: 2200 });
	const everyMinute = { pollTimes: { item: [{ mode: 'everyMinute' }] } };
	const parameters = examplesOf('trigger', 'messageReceived', newMail);
	await openNode(page, addressOf(await create('Panel', { ...everyMinute, ...parameters })), TRIGGER);
	await savePanel(page, 'panels/trigger.png');

	await page.setViewportSize({ width: 1600, height: 1060 });
	const filtered = await create('Orders', {
		...everyMinute,
		filters: { hasAttachments: true, sender: '@northwind.example' },
		options: { markAsRead: true },
	});
	await openNode(page, addressOf(filtered), TRIGGER);
	await executeStep(page);
	await page.locator('[data-test-id="radio-button-schema"]').click();
	await closeNotifications(page);
	await save(page, 'trigger/panel.png');

	const workflow = await create('New mails');
	await demo.client.publish(workflow);
	sandbox.mailbox.receive({ subject: '询价：2027 年度维护服务' });
	const { id } = await demo.client.latestExecution(workflow);
	await demo.client.unpublish(workflow);
	await page.setViewportSize({ width: 1280, height: 800 });
	await page.goto(`${addressOf(workflow)}/executions/${id}`);
	await page.locator('[data-test-id="canvas-node"]').last().waitFor();
	await closeNotifications(page);
	await save(page, 'trigger/execution.png');
}

/** The instant trigger: what one finds in the panel of nodes, its own panel with all fields and with a mail that was fetched for a test, and an execution. */
async function takeInstantTrigger({ page, demo, sandbox }: Studio): Promise<void> {
	const credentials = await createEventCredentials(demo, sandbox);
	const create = async (name: string, parameters: INodeParameters = {}) => {
		const workflow = forSandbox(instantWorkflow(name, parameters), credentials, 'me');
		return await demo.client.createWorkflow(workflow);
	};
	const addressOf = ({ id }: StoredWorkflow) => `${demo.n8n.url}/workflow/${id}`;

	await page.setViewportSize({ width: 1280, height: 1000 });
	const panel = await openNodesPanel(page, demo.n8n.url);
	await (await panel.search('feishu')).first().waitFor();
	await save(panel.element, 'trigger/instant-nodes-panel.png');

	await page.setViewportSize({ width: 1280, height: 2200 });
	const parameters = examplesOf('trigger', 'messageReceived', instantMail);
	await openNode(page, addressOf(await create('Panel', parameters)), INSTANT_TRIGGER);
	await savePanel(page, 'panels/instant-trigger.png');

	await page.setViewportSize({ width: 1600, height: 1060 });
	await openNode(page, addressOf(await create('Orders')), INSTANT_TRIGGER);
	await executeStep(page);
	await page.locator('[data-test-id="radio-button-schema"]').click();
	await closeNotifications(page);
	await save(page, 'trigger/instant-panel.png');

	const workflow = await create('New mails, instantly');
	await demo.client.publish(workflow);
	sandbox.mailbox.receive({ subject: '询价：2027 年度维护服务' });
	const { id } = await demo.client.latestExecution(workflow);
	await demo.client.unpublish(workflow);
	await page.setViewportSize({ width: 1280, height: 800 });
	await page.goto(`${addressOf(workflow)}/executions/${id}`);
	await page.locator('[data-test-id="canvas-node"]').last().waitFor();
	await closeNotifications(page);
	await save(page, 'trigger/instant-execution.png');
}

/** How the names of pictures begin, and what takes them, in the order in which they are taken. */
const series: Array<[starts: string[], take: (studio: Studio) => Promise<void>]> = [
	[['label-colours'], takeColours],
	[['search/'], takeSearches],
	[['mails/add-label', 'mails/download', 'mails/get-many', 'mails/search'], takeMails],
	[['mails/reply', 'mails/send'], takeSending],
	[['mails/rule'], takeRule],
	[['mails/template'], takeTemplate],
	[['workflow-'], takeCanvas],
	[['errors/'], takeErrors],
	[['panels/'], takePanels],
	[['app-credential', 'oauth2-credential'], takeCredentials],
	[['access/'], takeAccess],
	[['panels/trigger', 'trigger/nodes-panel', 'trigger/panel', 'trigger/execution'], takeTrigger],
	[['panels/instant-trigger', 'trigger/instant-'], takeInstantTrigger],
];

/** Whether pictures whose names begin like this are among those that are to be taken. */
const isAmongWanted = (start: string) => isWanted(start) || wanted.some((one) => one.startsWith(start));

/**
 * Takes the pictures of the documentation: `npm run screenshots`; `npm run screenshots -- mails/ panels/draft` those whose
 * names begin like this.
 */
async function takeScreenshots(): Promise<void> {
	const chromium = findChromium();
	if (!chromium) throw new CannotStart('A Chromium is needed: install it, or name it with CHROMIUM_PATH.');
	const sandbox = await Sandbox.start({ port: 0 });
	const demo = await startDemo(sandbox, { report: print });
	const browser = await startBrowser(chromium, { height: 1000, deviceScaleFactor: 1.5 });
	try {
		const studio = { page: browser.page, demo, sandbox };
		addDemoMails(sandbox.mailbox, sandbox);
		await connectUser(demo);
		await signIn(browser.page, demo.n8n.url, demo.owner);
		for (const [starts, take] of series) if (starts.some(isAmongWanted)) await take(studio);
	} finally {
		await browser.close();
		await demo.n8n.stop();
		await sandbox.close();
	}
}

process.on('exit', killGroups);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
takeScreenshots().then(
	() => process.exit(0),
	(error: Error) => {
		process.stderr.write(`${error instanceof CannotStart ? error.message : error.stack}\n`);
		process.exit(1);
	},
);
