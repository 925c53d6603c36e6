/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { Sandbox } from '../sandbox';
import { findChromium, startBrowser } from './browser';
import { CannotStart } from './cannot-start';
import { createSingleLabel, createUserCredential, startDemo, type Demo } from './demo';
import {
	connectAccount,
	connectionBanner,
	executeStep,
	openCredential,
	openDropdown,
	openNode,
	signIn,
} from './editor-page';
import { killGroups } from './process-groups';

const PICTURES = resolve(__dirname, '..', '..', 'docs', 'images');
const print = (text: string) => void process.stdout.write(`${text}\n`);

async function save(target: Page | Locator, file: string): Promise<void> {
	await target.screenshot({ path: join(PICTURES, file), animations: 'disabled' });
	print(`Saved ${join(PICTURES, file)}`);
}

async function closeNotification(page: Page): Promise<void> {
	await page.locator('.el-notification__closeBtn').click();
}

/** The node's panel with the colour dropdown open. */
async function takeColours(page: Page, demo: Demo, sandbox: Sandbox): Promise<void> {
	const workflow = await createSingleLabel(demo, sandbox);
	await openNode(page, `${demo.n8n.url}/workflow/${workflow.id}`, 'Create label');
	await executeStep(page);
	await closeNotification(page);
	// n8n shows eight choices and scrolls; the picture shows all.
	await page.addStyleTag({ content: '.el-select-dropdown__wrap { max-height: none !important; }' });
	await openDropdown(page, 'backgroundColor');
	await save(page, 'label-colours.png');
}

/** The dialog of a user's credential, connected. */
async function takeCredential(page: Page, demo: Demo, sandbox: Sandbox): Promise<void> {
	const { name } = await createUserCredential(demo, sandbox, 'Feishu Mail (user)');
	// High enough for the dialog, which takes four fifths, to show all of its fields.
	await page.setViewportSize({ width: 1280, height: 1600 });
	await openCredential(page, demo.n8n.url, name);
	await page.addStyleTag({ content: '.el-dialog { max-height: none !important; }' });
	const consent = await connectAccount(page);
	await consent.getByRole('button', { name: 'Allow' }).click();
	await connectionBanner(page, 'connect-success');
	await closeNotification(page);
	await page.mouse.move(0, 0);
	await save(page.locator('.el-dialog').filter({ visible: true }), 'oauth2-credential.png');
}

/** Takes the pictures of the documentation. `npx tsx test/real-n8n/screenshot.ts` */
async function takeScreenshots(): Promise<void> {
	const chromium = findChromium();
	if (!chromium) throw new CannotStart('A Chromium is needed: install it, or name it with CHROMIUM_PATH.');
	const sandbox = await Sandbox.start({ port: 0 });
	const demo = await startDemo(sandbox, { report: print });
	const browser = await startBrowser(chromium, { height: 1000, deviceScaleFactor: 1.5 });
	try {
		const { page } = browser;
		await mkdir(PICTURES, { recursive: true });
		await signIn(page, demo.n8n.url, demo.owner);
		await takeColours(page, demo, sandbox);
		await takeCredential(page, demo, sandbox);
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
