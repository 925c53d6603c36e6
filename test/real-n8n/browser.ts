/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

const INSTALLED = [
	process.env.CHROMIUM_PATH,
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/usr/bin/google-chrome-stable',
	'/Applications/Chromium.app/Contents/MacOS/Chromium',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
/** Without them Chromium asks its maker's hosts for updates and lists, on every start. */
const OFFLINE = [
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

export interface Browser {
	page: Page;
	/** What went wrong inside the pages: uncaught errors, with their message. */
	pageErrors: string[];
	close(): Promise<void>;
}

/** The path of a Chromium or Chrome on this machine; CHROMIUM_PATH names another. */
export function findChromium(): string | undefined {
	return INSTALLED.find((path) => path && existsSync(path));
}

/**
 * Starts a headless Chromium with a new profile and one empty page, which reaches this machine only: n8n's form
 * asks a font server, and would wait for it where the network swallows requests.
 */
export async function startBrowser(
	executablePath: string,
	{ height = 800, deviceScaleFactor = 1 } = {},
): Promise<Browser> {
	const profile = await mkdtemp(join(tmpdir(), 'n8n-nodes-feishu-mail-chromium-'));
	const context: BrowserContext = await chromium.launchPersistentContext(profile, {
		executablePath,
		headless: true,
		// Chromium's own sandbox does not work for root.
		chromiumSandbox: process.getuid?.() !== 0,
		args: OFFLINE,
		viewport: { width: 1280, height },
		deviceScaleFactor,
		locale: 'en-US',
	});
	const pageErrors: string[] = [];
	context.on('weberror', (webError) => pageErrors.push(webError.error().message));
	await context.route(
		({ hostname }) => !['', 'localhost', '127.0.0.1'].includes(hostname),
		async (route) => await route.abort(),
	);
	return {
		page: context.pages()[0] ?? (await context.newPage()),
		pageErrors,
		close: async () => {
			await context.close();
			await rm(profile, { recursive: true, force: true, maxRetries: 3 });
		},
	};
}
