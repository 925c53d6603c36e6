/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { findChromium, startBrowser, type Browser } from '../real-n8n/browser';
import { createSingleLabel } from '../real-n8n/demo';
import { errorOfStep, executeStep, openDropdown, openNode, signIn } from '../real-n8n/editor-page';
import { useSandboxAndN8n } from './sandbox-and-n8n';

const chromium = findChromium();
if (!chromium) {
	process.stderr.write(
		'Skipped: no Chromium is installed (Debian: apt-get install chromium), nor named by CHROMIUM_PATH\n',
	);
}

(chromium ? describe : describe.skip)('n8n in a browser', () => {
	const running = useSandboxAndN8n();
	let browser: Browser;

	beforeAll(async () => {
		browser = await startBrowser(chromium ?? '');
	}, 60_000);

	afterAll(async () => {
		await browser?.close();
	}, 60_000);

	it('shows the form, creates the contact and says so', async () => {
		const { sandbox, demo } = running();
		await fillForm('王小明', 'xiaoming@example.com');
		expect(await resultOfForm()).toContain('The contact was created.');
		expect(sandbox.mailbox.contacts).toMatchObject([
			{ name: '王小明', mail_address: 'xiaoming@example.com' },
		]);
		expect((await demo.client.latestExecution(demo.contactForm)).status).toBe('success');
	}, 60_000);

	it('shows a problem, not success, when Feishu refuses the contact', async () => {
		const { sandbox } = running();
		sandbox.mailbox.active = false;
		try {
			await fillForm('Nobody', '');
			const result = await resultOfForm();
			expect(result).toContain('Problem submitting response');
			expect(result).not.toContain('The contact was created.');
		} finally {
			sandbox.mailbox.active = true;
		}
	}, 60_000);

	it('shows the node’s panel and the colours to choose from', async () => {
		const { sandbox, demo } = running();
		const workflow = await createSingleLabel(demo, sandbox);
		await signIn(browser.page, demo.n8n.url, demo.owner);
		const panel = await openNode(browser.page, `${demo.n8n.url}/workflow/${workflow.id}`, 'Create label');
		expect(await panel.innerText()).toContain('Mailbox');
		const choices = await openDropdown(browser.page, 'backgroundColor');
		expect(choices[0]).toBe('Chosen by Feishu');
		expect(choices).toHaveLength(13);
		await browser.page.keyboard.press('Escape');
	}, 60_000);

	it('creates a label when the node is executed from its panel', async () => {
		const { sandbox } = running();
		expect(await executeStep(browser.page)).toContain('Customers/Asia');
		expect(sandbox.mailbox.labels).toMatchObject([{ name: 'Customers/Asia', background_color: 'wathet' }]);
	}, 60_000);

	it('shows Feishu’s links whole among the details of a refusal, and its words in a box that cuts nothing', async () => {
		const { sandbox, demo } = running();
		const { page } = browser;
		const { id } = await createSingleLabel(demo, sandbox);
		await openNode(page, `${demo.n8n.url}/workflow/${id}`, 'Create label');
		expect(await errorOfStep(page)).toContain('A label with this name exists already');
		const box = page.locator('[data-test-id="node-error-description"]');
		expect(await box.innerText()).toMatch(/^Feishu's answer: .* \(code 1230101, HTTP 400, log id \w+\)\.$/);
		expect(await box.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
		const details = page.locator('.node-error-view__info');
		await details.getByText('From Feishu Mail').click();
		expect(await details.innerText()).toMatch(
			/"troubleshooter": "https:\/\/open\.feishu\.cn\/search\?from=openapi&log_id=\w+&code=1230101"/,
		);
	}, 60_000);

	it('had no error in its pages', () => {
		expect(browser.pageErrors).toEqual([]);
	});

	async function fillForm(name: string, email: string): Promise<void> {
		const { page } = browser;
		await page.goto(running().demo.formUrl);
		await page.getByLabel('Name').fill(name);
		await page.getByLabel('Email').fill(email);
		await page.getByRole('button', { name: 'Create contact' }).click();
	}

	async function resultOfForm(): Promise<string> {
		const result = browser.page.locator('#submitted-form');
		await result.waitFor();
		return await result.innerText();
	}
});
