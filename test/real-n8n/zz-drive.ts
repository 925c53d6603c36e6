import { readFileSync } from 'node:fs';
import { startBrowser } from './browser';
import { signIn } from './editor-page';
(async () => {
	const s = JSON.parse(readFileSync('/tmp/explore/state.json', 'utf8'));
	const b = await startBrowser('/usr/bin/chromium', { height: 1000 });
	const { page } = b;
	try {
		page.context().on('response', (r) => { if (/oauth2-credential|consent|authorize/.test(r.url())) void r.text().catch((e) => 'ERR ' + e.message).then((t) => console.log(r.status(), r.url().slice(0, 300), t.slice(0, 1500))); });
		await signIn(page, s.url, s.owner);
		for (const [name, decision] of [['Feishu Mail Anna', 'Allow'], ['Feishu Mail Deny', 'Deny']] as const) {
			await page.goto(`${s.url}/home/credentials`);
			await page.locator('[data-test-id="resources-list-item"]').filter({ hasText: name }).locator('[data-test-id="card-content"]').first().click().catch(async (e) => { console.log(e.message.slice(0, 300)); await page.locator('[data-test-id="resources-list-item"]').filter({ hasText: name }).click(); });
			const dialog = page.locator('[data-test-id="credential-edit-dialog"]').first();
			await dialog.waitFor();
			await page.waitForTimeout(1500);
			console.log(await dialog.innerText());
			await page.screenshot({ path: `/tmp/explore/${decision}-1.png` });
			const [popup] = await Promise.all([page.waitForEvent('popup'), dialog.locator('[data-test-id="quick-connect-button"]:visible').first().click()]);
			popup.on('close', () => console.log('popup closed'));
			await popup.getByRole('button', { name: decision }).waitFor();
			await popup.screenshot({ path: `/tmp/explore/${decision}-popup.png` });
			await popup.getByRole('button', { name: decision }).click();
			await page.waitForTimeout(1500);
			console.log('popup is closed:', popup.isClosed(), popup.isClosed() ? '' : await popup.locator('body').innerText());
			if (!popup.isClosed()) await popup.screenshot({ path: `/tmp/explore/${decision}-popup2.png` });
			await page.screenshot({ path: `/tmp/explore/${decision}-2.png` });
			console.log(await dialog.innerText());
			console.log('toast', await page.locator('.el-notification').allInnerTexts());
		}
		console.log(b.pageErrors);
	} catch (e) { console.log(e); await page.screenshot({ path: '/tmp/explore/fail.png' }); } finally { await b.close(); }
})();
