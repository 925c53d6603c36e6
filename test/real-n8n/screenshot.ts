/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Sandbox } from '../sandbox';
import { findChromium, startBrowser } from './browser';
import { CannotStart } from './cannot-start';
import { createSingleLabel, startDemo } from './demo';
import { executeStep, openDropdown, openNode, signIn } from './editor-page';
import { killGroups } from './process-groups';

const PICTURES = resolve(__dirname, '..', '..', 'docs', 'images');
const print = (text: string) => void process.stdout.write(`${text}\n`);

/** Takes the picture of the README: the node's panel with the colour dropdown open. `npx tsx test/real-n8n/screenshot.ts` */
async function takeScreenshot(): Promise<void> {
	const chromium = findChromium();
	if (!chromium) throw new CannotStart('A Chromium is needed: install it, or name it with CHROMIUM_PATH.');
	const sandbox = await Sandbox.start({ port: 0 });
	const demo = await startDemo(sandbox, { report: print });
	const browser = await startBrowser(chromium, { height: 1000, deviceScaleFactor: 1.5 });
	try {
		const { page } = browser;
		const workflow = await createSingleLabel(demo, sandbox);
		await signIn(page, demo.n8n.url, demo.owner);
		await openNode(page, `${demo.n8n.url}/workflow/${workflow.id}`, 'Create label');
		await executeStep(page);
		await page.locator('.el-notification__closeBtn').click();
		// n8n shows eight choices and scrolls; the picture shows all.
		await page.addStyleTag({ content: '.el-select-dropdown__wrap { max-height: none !important; }' });
		await openDropdown(page, 'backgroundColor');
		await mkdir(PICTURES, { recursive: true });
		await page.screenshot({ path: join(PICTURES, 'label-colours.png'), animations: 'disabled' });
		print(`Saved ${join(PICTURES, 'label-colours.png')}`);
	} finally {
		await browser.close();
		await demo.n8n.stop();
		await sandbox.close();
	}
}

process.on('exit', killGroups);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
takeScreenshot().then(
	() => process.exit(0),
	(error: Error) => {
		process.stderr.write(`${error instanceof CannotStart ? error.message : error.stack}\n`);
		process.exit(1);
	},
);
