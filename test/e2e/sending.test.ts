/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import axios from 'axios';
import type { IDataObject, INode, INodeParameters } from 'n8n-workflow';

import { findChromium, startBrowser, type Browser } from '../real-n8n/browser';
import { outputOf, type Credential, type Execution, type StoredWorkflow } from '../real-n8n/client';
import {
	connectUser,
	createSingleNode,
	createUserCredential,
	forSandbox,
	NODE,
	readExample,
} from '../real-n8n/demo';
import {
	enterDate,
	executeStep,
	LocatorList,
	openNode,
	retryExecution,
	signIn,
} from '../real-n8n/editor-page';
import { addDemoMails, colleague } from '../sandbox/demoMails';
import { useSandboxAndN8n } from './sandbox-and-n8n';

const COLLEAGUE = colleague.mail_address;
const DAY_MS = 24 * 60 * 60_000;

// A time without a zone is one of the workflow.
const running = useSandboxAndN8n({ GENERIC_TIMEZONE: 'Asia/Shanghai' });

const chromium = findChromium();
if (!chromium) {
	process.stderr.write(
		'Skipped: no Chromium is installed (Debian: apt-get install chromium), nor named by CHROMIUM_PATH\n',
	);
}

beforeAll(async () => {
	const { demo, sandbox } = running();
	addDemoMails(sandbox.mailbox, sandbox);
	await connectUser(demo);
}, 60_000);

afterEach(() => running().sandbox.clearFaults());

/** The bodies of the mails that went to an address, in order. */
const textsTo = (address: string) =>
	running()
		.sandbox.mailsTo(address)
		.map(({ mail }) => mail.body_plain_text?.trim());

let number = 0;

interface SendOptions {
	/** Of the node that sends. */
	settings?: Partial<INode>;
	parameters?: INodeParameters;
}

/** A published workflow that sends a mail to each of a list of people, and gives where the list is sent to. */
async function publishSender({ settings, parameters }: SendOptions = {}): Promise<{
	workflow: StoredWorkflow;
	post: (...people: string[]) => Promise<Execution>;
}> {
	const { demo } = running();
	const path = `send-${++number}`;
	const nodes: Array<Omit<INode, 'id' | 'position'>> = [
		{
			name: 'List',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			webhookId: path,
			parameters: { httpMethod: 'POST', path, responseMode: 'lastNode', options: {} },
		},
		{
			name: 'One item each',
			type: 'n8n-nodes-base.splitOut',
			typeVersion: 1,
			parameters: { fieldToSplitOut: 'body.people', options: {} },
		},
		{
			name: 'Send',
			type: 'n8n-nodes-feishu-mail.feishuMail',
			typeVersion: 1,
			...settings,
			parameters: {
				authentication: 'oAuth2',
				resource: 'message',
				operation: 'send',
				to: '={{ $json.to }}',
				subject: 'Your order',
				emailType: 'text',
				// Another text each time that it is worked out.
				message: '=Written at {{ $now.toMillis() }}',
				additionalFields: {},
				options: {},
				...parameters,
			},
		},
	];
	const next = (name: string) => ({ main: [[{ node: name, type: 'main' as const, index: 0 }]] });
	const workflow = await demo.client.createWorkflow(
		forSandbox(
			{
				name: `Send ${number}`,
				nodes: nodes.map((node, index) => ({ id: String(index), position: [index * 220, 0], ...node })),
				connections: { List: next('One item each'), 'One item each': next('Send') },
				settings: { executionOrder: 'v1' },
			},
			demo.userCredential,
			'me',
		),
	);
	await demo.client.publish(workflow);
	return {
		workflow,
		async post(...people) {
			const body = { people: people.map((to) => ({ to })) };
			const url = `${demo.n8n.url}/webhook/${path}`;
			await axios.post(url, body, { proxy: false, timeout: 60_000, validateStatus: () => true });
			return await demo.client.latestExecution(workflow);
		},
	};
}

const outcomes = (execution: Execution) =>
	outputOf(execution, 'Send').map((json) => (json as IDataObject).outcome);

let strangers = 0;

/** Three people whom no other test writes to. */
const newPeople = () => Array.from({ length: 3 }, () => `person-${++strangers}@example.org`);

/** Refuses the recipient of the request of this number from now on, as often as said. */
const refuse = (on: number | number[], code = 1236018) =>
	running().sandbox.fail({ api: 'mail.message.send', on, with: { code } });

describe('an execution that failed at its second mail', () => {
	it('sends only what is missing when somebody retries it', async () => {
		const { demo } = running();
		const { workflow, post } = await publishSender();
		const people = newPeople();
		refuse(2);
		const failed = await post(...people);
		expect(failed.status).toBe('error');
		expect(people.map((to) => textsTo(to).length)).toEqual([1, 0, 0]);
		await demo.client.retry(failed);
		const retried = await demo.client.latestExecution(workflow);
		expect(retried).toMatchObject({ mode: 'retry', status: 'success' });
		expect(outcomes(retried)).toEqual(['alreadySent', 'sent', 'sent']);
		expect(people.map((to) => textsTo(to).length)).toEqual([1, 1, 1]);
	}, 60_000);

	it('also where the workflow was changed in between', async () => {
		const { demo } = running();
		const { workflow, post } = await publishSender();
		const people = newPeople();
		refuse(2);
		const failed = await post(...people);
		const nodes = workflow.nodes.map((node) =>
			node.name === 'Send' ? { ...node, parameters: { ...node.parameters, subject: 'Another one' } } : node,
		);
		await demo.client.request('PATCH', `/rest/workflows/${workflow.id}`, {
			nodes,
			versionId: workflow.versionId,
		});
		await demo.client.retry(failed, { withSavedWorkflow: true });
		const retried = await demo.client.latestExecution(workflow);
		expect(outcomes(retried)).toEqual(['alreadySent', 'sent', 'sent']);
		const { sandbox } = running();
		expect(people.map((to) => sandbox.mailsTo(to).map(({ mail }) => mail.subject))).toEqual([
			['Your order'],
			['Another one'],
			['Another one'],
		]);
	}, 60_000);
});

describe('Retry On Fail, three tries', () => {
	const settings = { retryOnFail: true, maxTries: 3, waitBetweenTries: 100 };

	it('sends each mail once although its text tells the time, and a mail is refused twice', async () => {
		const { post } = await publishSender({ settings });
		const people = newPeople();
		refuse([2, 3]);
		const execution = await post(...people);
		expect([execution.status, outcomes(execution)]).toEqual(['success', ['alreadySent', 'sent', 'sent']]);
		expect(people.map((to) => textsTo(to).length)).toEqual([1, 1, 1]);
	}, 60_000);

	it('sends each mail once although all answers to the first one were lost', async () => {
		const { sandbox } = running();
		const { post } = await publishSender({ settings });
		const people = newPeople();
		const lost = sandbox.fail({
			api: 'mail.message.send',
			times: 3,
			with: { kind: 'reset', when: 'after' },
		});
		const execution = await post(...people);
		expect([execution.status, outcomes(execution)]).toEqual(['success', ['alreadySent', 'sent', 'sent']]);
		expect([lost.fired, ...people.map((to) => textsTo(to).length)]).toEqual([3, 1, 1, 1]);
		// Looked up, as Feishu's refusal names no mail.
		const [{ message_id } = {}] = sandbox.mailsTo(people[0] ?? '');
		expect(outputOf(execution, 'Send')[0]).toMatchObject({ message_id });
	}, 60_000);
});

describe('a daily limit', () => {
	it('fails the remaining items with its reason, without asking for each of them, where failed items may continue', async () => {
		const { sandbox } = running();
		const { post } = await publishSender({ settings: { onError: 'continueRegularOutput' } });
		const people = newPeople();
		const before = sandbox.requestsTo('mail.message.send').length;
		refuse(2, 1236007);
		const execution = await post(...people);
		expect(execution.status).toBe('success');
		const limit = {
			error: expect.stringContaining('as many mails as it may in a day'),
			details: { code: 1236007 },
		};
		expect(outputOf(execution, 'Send')).toMatchObject([{ outcome: 'sent' }, limit, limit]);
		expect(sandbox.requestsTo('mail.message.send')).toHaveLength(before + 2);
		expect(people.map((to) => textsTo(to).length)).toEqual([1, 0, 0]);
	}, 60_000);
});

it('a mail from a template leaves with its files and with the signature of who sends it', async () => {
	const { sandbox } = running();
	const [template] = sandbox.mailbox.templates;
	const listed = (value: string, name: string) => ({
		__rl: true,
		mode: 'list',
		value,
		cachedResultName: name,
	});
	const { post } = await publishSender({
		parameters: {
			subject: '',
			emailType: 'html',
			message: '',
			additionalFields: { templateId: listed(template!.template_id, template!.name) },
			options: { appendSignature: listed('default', 'Default of the Sender') },
		},
	});
	const [person = ''] = newPeople();
	expect(outcomes(await post(person))).toEqual(['sent']);
	const [sent] = sandbox.mailsTo(person);
	const { subject, cc, body_html = '', attachments } = sent!.mail;
	expect({ subject, cc }).toEqual({ subject: template!.subject, cc: template!.ccs });
	expect(body_html.startsWith(template!.template_content)).toBe(true);
	expect(body_html).toContain('class="lark-mail-signature"><p><b>Sandbox User</b>');
	expect(attachments.map(({ filename, is_inline }) => [filename, is_inline])).toEqual(
		expect.arrayContaining([
			['logo.png', true],
			['photo.png', true],
			['服务范围.csv', false],
		]),
	);
}, 60_000);

(chromium ? describe : describe.skip)('in the browser', () => {
	let browser: Browser;
	/** Of the colleague. */
	let credential: Credential;

	const openPanel = async (operation: string, parameters: INodeParameters, as: Credential) => {
		const { demo, sandbox } = running();
		const address = await createSingleNode(
			demo,
			sandbox,
			{ resource: 'message', operation, userMailboxId: 'me', ...parameters },
			as,
		);
		await openNode(browser.page, address, NODE);
	};

	beforeAll(async () => {
		const { demo, sandbox } = running();
		const user = sandbox.tenant.users.find(({ mailbox }) => mailbox?.address === COLLEAGUE);
		if (!user) throw new Error('There is no colleague');
		credential = await createUserCredential(demo, sandbox, 'Feishu Mail of the colleague');
		sandbox.signedInUser = user;
		await connectUser({ client: demo.client, userCredential: credential });
		sandbox.signedInUser = sandbox.user;
		browser = await startBrowser(chromium ?? '', { height: 1000 });
		await signIn(browser.page, demo.n8n.url, demo.owner);
	}, 60_000);

	afterAll(async () => {
		await browser?.close();
	}, 60_000);

	/** The mail that answers the form. */
	const answer = () => {
		const sent = running()
			.sandbox.mailsTo(COLLEAGUE)
			.find(({ mail }) => mail.subject.startsWith('We have got your question'));
		if (!sent) throw new Error('No mail went to the colleague');
		return sent;
	};

	it('whoever fills in the form gets a mail with the file, which the page of the sandbox shows', async () => {
		const { demo, sandbox } = running();
		const { page } = browser;
		const example = forSandbox(
			await readExample('answer-form-with-mail.json'),
			demo.userCredential,
			sandbox.mailbox.address,
		);
		await demo.client.publish(await demo.client.createWorkflow(example));
		await page.goto(`${demo.n8n.url}/form/write-to-us`);
		await page.getByLabel('Name').fill('李娜');
		await page.getByLabel('Email').fill(COLLEAGUE);
		await page.getByLabel('Question').fill('When does my order arrive?\nI am away on Monday.');
		const content = Buffer.from('number,4711\n');
		const file = { name: '订单 order.csv', mimeType: 'text/csv', buffer: content };
		await page.locator('input[type="file"]').setInputFiles(file);
		await page.getByRole('button', { name: 'Send' }).click();
		await page.getByText('Thank you. We have sent you a mail.').waitFor();

		expect(answer()).toMatchObject({
			recipients: [COLLEAGUE],
			mail: {
				head_from: { mail_address: sandbox.mailbox.address },
				to: [{ name: '李娜', mail_address: COLLEAGUE }],
				body_plain_text: expect.stringContaining('When does my order arrive?\nI am away on Monday.'),
				attachments: [{ filename: file.name, content, content_type: 'text/csv' }],
			},
		});

		await page.goto(sandbox.url);
		const left = page.locator('section').filter({ hasText: 'Mails that left' }).locator('tr');
		const row = await left.filter({ hasText: 'We have got your question, 李娜' }).innerText();
		expect(row).toContain(`李娜 <${COLLEAGUE}> (arrived)`);
		expect(row).toContain(file.name);
		const arrived = page.locator('section').filter({ has: page.getByRole('heading', { name: COLLEAGUE }) });
		expect(await arrived.innerText()).toContain('We have got your question, 李娜');
	}, 60_000);

	it('she chooses it from the list and replies in its conversation', async () => {
		const { sandbox } = running();
		const { page } = browser;
		await openPanel(
			'reply',
			{ emailType: 'text', message: 'Thank you, Tuesday is fine.', additionalFields: {}, options: {} },
			credential,
		);
		const list = new LocatorList(page, 'messageId');
		await list.open();
		expect(await list.entries.first().innerText()).toContain('We have got your question, 李娜');
		await list.entries.first().click();
		const shown = await executeStep(page);
		expect(shown).toContain('sent');

		const [reply] = sandbox.mailsTo(sandbox.mailbox.address);
		const { message, mail } = answer();
		const header = reply?.eml.slice(0, reply.eml.indexOf('\n\n')) ?? '';
		const copy = sandbox.tenant
			.findMailbox(COLLEAGUE)
			?.messages.find(({ smtp_message_id }) => smtp_message_id === mail.smtp_message_id);
		expect(header).toMatch(new RegExp(`^In-Reply-To: <${mail.smtp_message_id}>$`, 'm'));
		expect(header).toMatch(new RegExp(`^References: <${mail.smtp_message_id}>$`, 'm'));
		expect(reply?.mail).toMatchObject({
			subject: '回复：We have got your question, 李娜',
			head_from: { mail_address: COLLEAGUE },
			to: [{ mail_address: sandbox.mailbox.address }],
			reply_to_message_id: copy?.message_id,
			reply_type: 'REPLY',
			body_plain_text: expect.stringMatching(/^Thank you, Tuesday is fine\.[^]+When does my order arrive\?/),
		});
		// One conversation for both.
		expect(reply?.message.thread_id).toBe(copy?.thread_id);
		const received = sandbox.mailbox.messages.find(
			({ smtp_message_id }) => smtp_message_id === reply?.mail.smtp_message_id,
		);
		expect(received).toMatchObject({ folder_id: 'INBOX', thread_id: message.thread_id });
	}, 60_000);

	it('a failed execution that is retried on its page sends nothing again', async () => {
		const { demo } = running();
		const { workflow, post } = await publishSender();
		const people = newPeople();
		refuse(2);
		const failed = await post(...people);
		await retryExecution(browser.page, demo.n8n.url, failed);
		const [retried] = await demo.client.finishedExecutions(workflow, 2);
		expect(retried?.mode).toBe('retry');
		expect(outcomes(retried!)).toEqual(['alreadySent', 'sent', 'sent']);
		expect(people.map((to) => textsTo(to).length)).toEqual([1, 1, 1]);
	}, 60_000);

	/** Sends a mail in the panel at half past nine of the day after tomorrow, in n8n's zone, and gives that moment. */
	async function sendLater(subject: string, to: string): Promise<number> {
		const { sandbox, demo } = running();
		const date = new Date(sandbox.clock.now() + 2 * DAY_MS).toISOString().slice(0, 10);
		const message = { emailType: 'text', message: 'Good morning' };
		const letter = { to, subject, ...message, additionalFields: { sendAt: '' }, options: {} };
		await openPanel('send', letter, demo.userCredential);
		await enterDate(browser.page, 'sendAt', `${date} 09:30:00`);
		expect(await executeStep(browser.page)).toContain('scheduled');
		return Date.parse(`${date}T09:30:00+08:00`);
	}

	const ownMail = (wanted: string) =>
		running().sandbox.mailbox.messages.find(({ subject }) => subject === wanted);

	it('a scheduled mail is chosen from the list of those that wait, and does not leave then', async () => {
		const { sandbox, demo } = running();
		const [to = ''] = newPeople();
		const sendTime = await sendLater('Never', to);
		expect(ownMail('Never')).toMatchObject({ folder_id: 'SCHEDULED', scheduled: { send_time: sendTime } });
		await openPanel('cancelScheduledSend', {}, demo.userCredential);
		const list = new LocatorList(browser.page, 'messageId');
		await list.open();
		expect(await list.entries.allInnerTexts()).toEqual([`${to}: Never`]);
		await list.entries.first().click();
		const shown = await executeStep(browser.page);
		expect(shown).toMatch(/cancelled[^]+true/);
		expect(ownMail('Never')).toMatchObject({ folder_id: 'DRAFT' });
		sandbox.clock.advance(sendTime + DAY_MS - sandbox.clock.now());
		expect(textsTo(to)).toEqual([]);
	}, 60_000);

	it('a mail leaves at the time that was chosen in the calendar, and not before', async () => {
		const { sandbox } = running();
		const [to = ''] = newPeople();
		const sendTime = await sendLater('Later', to);
		sandbox.clock.advance(sendTime - 60_000 - sandbox.clock.now());
		expect(textsTo(to)).toEqual([]);
		expect(ownMail('Later')).toMatchObject({ folder_id: 'SCHEDULED' });
		sandbox.clock.advance(60_000);
		expect(textsTo(to)).toEqual(['Good morning']);
		expect(ownMail('Later')).toMatchObject({ folder_id: 'SENT' });
	}, 60_000);

	it('a template and signatures are chosen from lists; the default of the sender is there at first', async () => {
		const { demo } = running();
		const { page } = browser;
		await openPanel(
			'send',
			{
				additionalFields: { templateId: { __rl: true, mode: 'list', value: '' } },
				options: {
					appendSignature: {
						__rl: true,
						mode: 'list',
						value: 'default',
						cachedResultName: 'Default of the Sender',
					},
				},
			},
			demo.userCredential,
		);
		const templates = new LocatorList(page, 'templateId');
		await templates.open();
		expect(await templates.entries.allInnerTexts()).toEqual(['欢迎 Welcome']);
		await templates.entries.first().click();
		expect(await templates.chosen()).toBe('欢迎 Welcome');
		const signatures = new LocatorList(page, 'appendSignature');
		expect(await signatures.chosen()).toBe('Default of the Sender');
		await signatures.open();
		await signatures.entries.nth(3).waitFor();
		expect(await signatures.entries.allInnerTexts()).toEqual([
			'Default of the Sender',
			'None',
			'Personal',
			'公司签名 Company',
		]);
		await signatures.entries.last().click();
		expect(await signatures.chosen()).toBe('公司签名 Company');
	}, 60_000);

	it('had no error in its pages', () => {
		expect(browser.pageErrors).toEqual([]);
	});
});
