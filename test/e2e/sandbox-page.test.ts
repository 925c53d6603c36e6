import { findChromium, startBrowser, type Browser } from '../real-n8n/browser';
import { Sandbox } from '../sandbox';

const chromium = findChromium();

(chromium ? describe : describe.skip)("the sandbox's page in a browser", () => {
	let sandbox: Sandbox;
	let browser: Browser;

	beforeAll(async () => {
		sandbox = await Sandbox.start();
		sandbox.tenant.addMailbox('team@example.com');
		browser = await startBrowser(chromium as string);
	});
	afterAll(async () => {
		await browser?.close();
		await sandbox?.close();
	});

	it('shows what arrives, leaves alone the mail that is being written, and drops it in', async () => {
		const { page, pageErrors } = browser;
		await page.goto(sandbox.url);
		const team = page.locator('section').filter({ has: page.getByRole('heading', { name: 'team@' }) });
		await team.getByText('Write one').click();
		const subject = team.getByLabel('Subject');
		await subject.fill('周报 Weekly report');

		sandbox.mailbox.receive({ subject: 'Arrived meanwhile' });
		await page.getByText('Arrived meanwhile').waitFor();
		expect(await subject.inputValue()).toBe('周报 Weekly report');

		await team.getByLabel('Files').setInputFiles({
			name: '报告.csv',
			mimeType: 'text/csv',
			buffer: Buffer.from('a,b\n'),
		});
		await team.getByRole('button', { name: 'Drop it in' }).click();
		const row = team.locator('tr').filter({ hasText: '周报 Weekly report' });
		await row.waitFor();
		expect(await row.innerText()).toContain('报告.csv');
		expect(await team.isVisible()).toBe(true);

		await team.getByRole('button', { name: 'Drop in a mail with files' }).click();
		await team.getByText('order-1002.pdf').waitFor();
		expect(pageErrors).toEqual([]);
	});
});
