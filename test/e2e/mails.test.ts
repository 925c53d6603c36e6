/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import type { INodeParameters } from 'n8n-workflow';

import { findChromium, startBrowser, type Browser } from '../real-n8n/browser';
import type { Workflow } from '../real-n8n/client';
import { connectUser, createSingleNode, forSandbox, NODE } from '../real-n8n/demo';
import {
	chooseOptions,
	executeStep,
	LocatorList,
	openDropdown,
	openNode,
	signIn,
	viewFile,
} from '../real-n8n/editor-page';
import { until } from '../real-n8n/until';
import { addDemoMails } from '../sandbox/demoMails';
import { useSandboxAndN8n } from './sandbox-and-n8n';

const running = useSandboxAndN8n();

const chromium = findChromium();
if (!chromium) {
	process.stderr.write(
		'Skipped: no Chromium is installed (Debian: apt-get install chromium), nor named by CHROMIUM_PATH\n',
	);
}

(chromium ? describe : describe.skip)('mails in the panel', () => {
	let browser: Browser;

	const openPanel = async (resource: string, operation: string, parameters: INodeParameters = {}) => {
		const { demo, sandbox } = running();
		// Search is for users only.
		const credential = operation === 'search' ? demo.userCredential : demo.credential;
		const address = await createSingleNode(demo, sandbox, { resource, operation, ...parameters }, credential);
		await openNode(browser.page, address, NODE);
	};

	/** A mail of the mailbox, by a part of its subject. */
	const mail = (subject: string) => {
		const found = running().sandbox.mailbox.messages.find((message) => message.subject.includes(subject));
		if (!found) throw new Error(`There is no mail about ${subject}`);
		return found;
	};

	beforeAll(async () => {
		const { demo, sandbox } = running();
		addDemoMails(sandbox.mailbox, sandbox);
		await connectUser(demo);
		browser = await startBrowser(chromium ?? '', { height: 1000 });
		await signIn(browser.page, demo.n8n.url, demo.owner);
	}, 60_000);

	afterAll(async () => {
		await browser?.close();
	}, 60_000);

	it('Get Many: the inbox is chosen, also after the mailbox was entered, and its mails are listed', async () => {
		await openPanel('message', 'getAll', { userMailboxId: '' });
		const mailbox = browser.page.locator('[data-test-id="parameter-input-userMailboxId"] input');
		await mailbox.fill(running().sandbox.mailbox.address);
		await mailbox.press('Tab');
		expect(await new LocatorList(browser.page, 'folderId').chosen()).toBe('Inbox');
		const shown = await executeStep(browser.page);
		expect(shown).toContain('6 items');
		expect(shown).toContain('周会纪要 11 月第 3 周');
		expect(shown).not.toContain('恭喜您中奖');
	}, 60_000);

	it('a mail is chosen by its sender and subject', async () => {
		await openPanel('message', 'get');
		const list = new LocatorList(browser.page, 'messageId');
		await list.open();
		await until('the mails are there', async () => (await list.entries.count()) === 6 || undefined);
		expect(await list.entries.first().innerText()).toBe('Ann Lee: Orders stuck since 08:15');
		await list.search('invoice');
		await until('one is left', async () => (await list.entries.count()) === 1 || undefined);
		await list.entries.first().click();
		expect(await list.chosen()).toBe('Northwind Billing: Invoice INV-2026-1042 for October');
	}, 60_000);

	it('Search: folders and labels are chosen from lists', async () => {
		await openPanel('message', 'search', { filters: { folders: [], labels: [] } });
		expect(await openDropdown(browser.page, 'folders')).toEqual([
			'Inbox',
			'Sent',
			'Drafts',
			'Scheduled',
			'Trash',
			'Spam',
			'Archived',
		]);
		await chooseOptions(browser.page, ['Inbox']);
		expect(await openDropdown(browser.page, 'labels')).toContain('Flagged');
		await chooseOptions(browser.page, ['发票 Invoices']);
		const shown = await executeStep(browser.page);
		expect(shown).toContain('1 item');
		expect(shown).toContain('Invoice INV-2026-1042 for October');
	}, 60_000);

	it('Search: says that a label of Feishu’s own widens what is found in a folder', async () => {
		await openPanel('message', 'search', { filters: { folders: ['DRAFT'], labels: ['FLAGGED'] } });
		const shown = await executeStep(browser.page);
		expect(shown).toContain('2 items');
		expect(shown).toContain('folders to the search of Feishu');
	}, 60_000);

	it('all mails of Get Many get the labels that are chosen from the list', async () => {
		const { demo, sandbox } = running();
		const node = (name: string, type: string, x: number, parameters: INodeParameters) => ({
			id: name,
			name,
			type,
			typeVersion: 1,
			position: [x, 0] as [number, number],
			parameters,
		});
		const next = (name: string) => ({ main: [[{ node: name, type: 'main' as const, index: 0 }]] });
		const feishu = 'n8n-nodes-feishu-mail.feishuMail';
		const act = { authentication: 'tenantToken', resource: 'message' };
		const messageId = { __rl: true, mode: 'id', value: '={{ $json.message_id }}' };
		const workflow: Workflow = {
			name: 'Label mails',
			nodes: [
				node('Start', 'n8n-nodes-base.manualTrigger', 0, {}),
				node('Mails', feishu, 220, { ...act, operation: 'getAll' }),
				node('Label', feishu, 440, { ...act, operation: 'addLabels', messageId }),
			],
			connections: { Start: next('Mails'), Mails: next('Label') },
		};
		const { id } = await demo.client.createWorkflow(
			forSandbox(workflow, demo.credential, sandbox.mailbox.address),
		);
		await openNode(browser.page, `${demo.n8n.url}/workflow/${id}`, 'Label');
		expect(await openDropdown(browser.page, 'labelIds')).toEqual([
			'Flagged',
			'Important',
			'Other',
			'发票 Invoices',
		]);
		await chooseOptions(browser.page, ['Important', '发票 Invoices']);
		expect(await executeStep(browser.page)).toContain('6 items');
		const [invoices] = sandbox.mailbox.labels;
		for (const { folder_id, label_ids } of sandbox.mailbox.messages) {
			const isLabelled = ['IMPORTANT', invoices?.id ?? ''].every((label) => label_ids.has(label));
			expect(isLabelled).toBe(folder_id === 'INBOX');
		}
	}, 60_000);

	it('Download: n8n shows the file', async () => {
		const messageId = { __rl: true, mode: 'id', value: mail('Orders stuck').message_id };
		await openPanel('attachment', 'download', { messageId });
		const shown = await viewFile(browser.page);
		expect(shown.about).toContain('attachment_0');
		expect(shown.about).toContain('orders.png');
		const width = async () =>
			(await shown.image.evaluate((image: { naturalWidth?: number }) => image.naturalWidth)) || undefined;
		expect(await until('the image is loaded', width)).toBe(144);
	}, 60_000);

	it('had no error in its pages', () => {
		expect(browser.pageErrors).toEqual([]);
	});
});
