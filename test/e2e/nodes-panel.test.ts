/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { findChromium, startBrowser, type Browser } from '../real-n8n/browser';
import { openCredential, openNodesPanel, signIn } from '../real-n8n/editor-page';
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

	it.each(['feishu', 'lark', '飞书', 'mail contact'])(
		'finds the node by "%s"',
		async (text) => {
			const panel = await openNodesPanel(browser.page, running().demo.n8n.url);
			const found = await panel.search(text);
			await found.first().waitFor();
			expect(await found.count()).toBe(1);
		},
		60_000,
	);

	it('finds the way from the credential to its documentation', async () => {
		const { demo } = running();
		const dialog = await openCredential(browser.page, demo.n8n.url, demo.credential.name);
		const links = await dialog
			.locator('a')
			.evaluateAll((found) => found.map((link) => link.getAttribute('href')));
		expect(links).toContainEqual(expect.stringMatching(/n8n-nodes-feishu-mail.*#make-a-feishu-app$/));
	}, 60_000);
});
