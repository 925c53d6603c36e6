/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import type { Locator, Page } from 'playwright-core';
import type { Execution, Owner } from './client';

/** n8n's test ids are in the attribute `data-test-id`, not in Playwright's `data-testid`. */
function byTestId(page: Page, id: string): Locator {
	return page.locator(`[data-test-id="${id}"]`);
}

/** Signs in on n8n's own page. */
export async function signIn(page: Page, url: string, owner: Owner): Promise<void> {
	await page.goto(`${url}/signin`);
	await page.locator('input[name="emailOrLdapLoginId"]').fill(owner.email);
	await page.locator('input[name="password"]').fill(owner.password);
	await byTestId(page, 'form-submit-button').click();
	await page.waitForURL((address) => !address.pathname.startsWith('/signin'));
}

/** Opens a workflow in the editor and the panel of one of its nodes. */
export async function openNode(page: Page, workflowUrl: string, node: string): Promise<Locator> {
	await page.goto(workflowUrl);
	await page.locator(`[data-test-id="canvas-node"][data-node-name="${node}"]`).dblclick();
	const panel = byTestId(page, 'ndv');
	await panel.waitFor();
	return panel;
}

/** Runs the node of the open panel and returns what its output shows. */
export async function executeStep(page: Page): Promise<string> {
	await byTestId(page, 'node-execute-button').click();
	const output = byTestId(page, 'output-panel');
	await output.locator('table, [data-test-id="node-error-message"]').first().waitFor();
	return await output.innerText();
}

/** Runs the node of the open panel, which fails, and returns what its output says. */
export async function errorOfStep(page: Page): Promise<string> {
	await byTestId(page, 'node-execute-button').click();
	const error = byTestId(page, 'output-panel').locator('[data-test-id="node-error-message"]');
	await error.waitFor();
	return await byTestId(page, 'output-panel').innerText();
}

/** Drags the parameters of the open panel to the left, so that the output has most of its width. */
export async function widenOutput(page: Page): Promise<void> {
	const handle = byTestId(page, 'panel-drag-button');
	await handle.hover();
	await page.mouse.down();
	await page.mouse.move(0, 0, { steps: 5 });
	await page.mouse.up();
}

/** Opens the panel of nodes of a new workflow. */
export async function openNodesPanel(
	page: Page,
	url: string,
): Promise<{ element: Locator; search(text: string): Promise<Locator> }> {
	await page.goto(`${url}/workflow/new`);
	await byTestId(page, 'canvas-add-button').or(byTestId(page, 'node-creator-plus-button')).first().click();
	const element = byTestId(page, 'node-creator');
	return {
		element,
		async search(text) {
			await byTestId(page, 'node-creator-search-bar').fill(text);
			return byTestId(page, 'node-creator-item-name').filter({ hasText: 'Feishu Mail' });
		},
	};
}

/** Opens the dropdown of a parameter in the open panel, once it is loaded, and returns its choices. */
export async function openDropdown(page: Page, parameter: string): Promise<string[]> {
	await byTestId(page, `parameter-input-${parameter}`).locator('input:enabled').first().click();
	const choices = page.locator('.el-select-dropdown:visible .el-select-dropdown__item');
	await choices.first().waitFor();
	return (await choices.allInnerTexts()).map((text) => text.split('\n')[0]?.trim() ?? '');
}

/** Chooses several things in the open dropdown of a parameter, and closes it. */
export async function chooseOptions(page: Page, names: string[]): Promise<void> {
	for (const name of names) {
		await page
			.locator('.el-select-dropdown:visible .el-select-dropdown__item')
			.getByText(name, { exact: true })
			.click();
	}
	await page.keyboard.press('Escape');
	// It fades: meanwhile, its choices would be taken for those of the next one.
	await page.locator('.el-select-dropdown:visible').waitFor({ state: 'detached' });
}

/** Enters a moment, as n8n's calendar writes it, into a field of the open panel that has one. */
export async function enterDate(page: Page, parameter: string, moment: string): Promise<void> {
	const input = byTestId(page, `parameter-input-${parameter}`).locator('input').first();
	await input.click();
	await input.fill(moment);
	await input.press('Enter');
}

/** Opens a failed execution and retries it with the workflow as it was. */
export async function retryExecution(
	page: Page,
	url: string,
	{ workflowId, id }: Pick<Execution, 'id' | 'workflowId'>,
): Promise<void> {
	await page.goto(`${url}/workflow/${workflowId}/executions/${id}`);
	await byTestId(page, 'execution-preview-retry-button').click();
	await page.getByText('Retry with original workflow').filter({ visible: true }).click();
}

/** Runs the node of the open panel, which puts out a file, and opens the file as n8n shows it: an image. */
export async function viewFile(page: Page): Promise<{ about: string; image: Locator }> {
	await byTestId(page, 'node-execute-button').click();
	const view = byTestId(page, 'ndv-view-binary-data').first();
	await view.waitFor();
	const about = await byTestId(page, 'output-panel').innerText();
	await view.click();
	const image = page.locator('.binary-data-window img');
	await image.waitFor();
	return { about, image };
}

/** Chooses a stored credential in the open panel. */
export async function chooseCredential(page: Page, name: string): Promise<void> {
	await byTestId(page, 'node-credentials-select').click();
	await page.locator('.el-popper:visible, [role="listbox"]:visible').getByText(name, { exact: true }).click();
}

/** Opens a stored credential from the list of credentials and returns its dialog. */
export async function openCredential(page: Page, url: string, name: string): Promise<Locator> {
	await page.goto(`${url}/home/credentials`);
	const card = byTestId(page, 'resources-list-item').filter({ hasText: name });
	await card.locator('[data-test-id="card-content"]').click();
	const dialog = byTestId(page, 'credential-edit-dialog');
	// Its fields come after the dialog.
	await byTestId(page, 'credential-connection-parameter').first().waitFor();
	return dialog;
}

/** Waits until the dialog of an OAuth2 credential shows whether it is connected, and returns what its banner says. */
export async function connectionBanner(
	page: Page,
	state: 'connect-success' | 'not-connected',
): Promise<string> {
	const banner = byTestId(page, `oauth-${state}-banner`);
	await banner.waitFor();
	return await banner.innerText();
}

/** Presses Connect in the dialog of an OAuth2 credential and returns the window that asks for consent. */
export async function connectAccount(page: Page): Promise<Page> {
	const popup = page.waitForEvent('popup');
	await byTestId(page, 'oauth-not-connected-banner').locator('button').filter({ visible: true }).click();
	return await popup;
}

/** Connects a stored OAuth2 credential: allows in the window that asks for consent. Its dialog stays open. */
export async function connect(page: Page, url: string, name: string): Promise<void> {
	await openCredential(page, url, name);
	const consent = await connectAccount(page);
	await consent.getByRole('button', { name: 'Allow' }).click();
	await connectionBanner(page, 'connect-success');
}

/** The list of a resource locator in the open panel. */
export class LocatorList {
	constructor(
		private readonly page: Page,
		private readonly parameter: string,
	) {}

	/** What can be chosen, as far as it is loaded. */
	get entries(): Locator {
		return byTestId(this.page, 'rlc-item');
	}

	/** What stands in the place of entries that cannot be loaded. */
	get error(): Locator {
		return byTestId(this.page, 'rlc-error-container');
	}

	/** What is chosen. */
	async chosen(): Promise<string> {
		return await this.input.inputValue();
	}

	async open(): Promise<void> {
		await this.input.click();
		await this.entries.or(this.error).first().waitFor();
	}

	async search(text: string): Promise<void> {
		await this.page.locator('[data-test-id="rlc-search"] input, input[data-test-id="rlc-search"]').fill(text);
	}

	private get input(): Locator {
		return byTestId(this.page, `resource-locator-${this.parameter}`).locator('input').last();
	}
}
