/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import type { Locator } from 'playwright-core';
import { findChromium, startBrowser, type Browser } from '../real-n8n/browser';
import { openCredential, openNode, openNodesPanel, signIn } from '../real-n8n/editor-page';
import { INSTANT_TRIGGER } from '../real-n8n/trigger-workflow';
import { useSandboxAndN8n } from './sandbox-and-n8n';

const chromium = findChromium();
if (!chromium) {
	process.stderr.write(
		'Skipped: no Chromium is installed (Debian: apt-get install chromium), nor named by CHROMIUM_PATH\n',
	);
}

(chromium ? describe : describe.skip)('a newcomer in the editor', () => {
	const running = useSandboxAndN8n();
	let browser: Browser;

	beforeAll(async () => {
		browser = await startBrowser(chromium ?? '');
		const { demo } = running();
		await signIn(browser.page, demo.n8n.url, demo.owner);
	}, 60_000);

	afterAll(async () => {
		await browser?.close();
	}, 60_000);

	describe('with the nodes panel', () => {
		let panel: Awaited<ReturnType<typeof openNodesPanel>>;

		beforeAll(async () => {
			panel = await openNodesPanel(browser.page, running().demo.n8n.url);
		}, 60_000);

		it.each([
			'feishu',
			'lark',
			'飞书',
			'mail contact',
			'Lark Mail',
			'larkmail',
			'lark suite',
			'feishu mailbox',
			'upsert contact',
			'feishu contact',
			'feishu label',
			'create contact',
			'mail label',
			'飞书联系人',
			'创建联系人',
			'new mail',
			'incoming mail',
			'feishu mail trigger',
			'收到邮件',
		])(
			'finds the node by "%s"',
			async (text) => {
				const found = await foundBy(text);
				expect(found.filter((name) => name !== INSTANT_TRIGGER)).toEqual(['Feishu Mail']);
			},
			60_000,
		);

		it.each(['feishu', '飞书', 'new mail', '收到邮件', 'instant', 'long connection', '长连接'])(
			'finds the instant trigger, which has an entry of its own, by "%s"',
			async (text) => {
				expect(await foundBy(text)).toContain(INSTANT_TRIGGER);
			},
			60_000,
		);

		/** The names of the nodes that a text finds. */
		async function foundBy(text: string): Promise<string[]> {
			const before = await panel.search('no node is called that');
			await before.first().waitFor({ state: 'detached' });
			const found = await panel.search(text);
			await found.first().waitFor();
			return (await found.allInnerTexts()).map((name) => name.trim());
		}
	});

	it('finds the trigger and the operations behind one entry', async () => {
		const panel = await openNodesPanel(browser.page, running().demo.n8n.url);
		await (await panel.search('feishu')).first().click();
		await panel.element.getByText('On message received').waitFor();
		const shown = await panel.element.innerText();
		expect(shown).toContain('Triggers (1)');
		expect(shown).toMatch(/Actions \(\d\d+\)/);
	}, 60_000);

	const addresses = async (element: Locator) =>
		await element
			.locator('a[href]')
			.evaluateAll((found) => found.map((link) => link.getAttribute('href') ?? ''));
	const readme = 'https://github.com/n8n-nodes-feishu-mail/n8n-nodes-feishu-mail';

	it('finds the way from the credentials to their chapters of the documentation', async () => {
		const { demo } = running();
		const app = await openCredential(browser.page, demo.n8n.url, demo.credential.name);
		expect(await addresses(app)).toContain(`${readme}#make-a-feishu-app`);
		const user = await openCredential(browser.page, demo.n8n.url, demo.userCredential.name);
		expect(await addresses(user)).toContain(`${readme}#connect-as-a-user`);
	}, 60_000);

	it('finds the way from the node to its documentation, whose address n8n lengthens by a query', async () => {
		const { demo } = running();
		const workflow = `${demo.n8n.url}/workflow/${demo.labelColours.id}`;
		const links = await addresses(await openNode(browser.page, workflow, 'Create label'));
		const documentation = links.find((link) => link.startsWith(readme)) ?? '';
		const { search, hash } = new URL(documentation);
		expect(search).toContain('utm_source=n8n_app');
		expect(hash).toBe('');
	}, 60_000);
});
