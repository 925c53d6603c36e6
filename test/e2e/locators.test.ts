/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import type { INodeParameters } from 'n8n-workflow';

import { findChromium, startBrowser, type Browser } from '../real-n8n/browser';
import { createSingleNode, NODE } from '../real-n8n/demo';
import {
	chooseOptions,
	executeStep,
	LocatorList,
	openDropdown,
	openNode,
	signIn,
} from '../real-n8n/editor-page';
import { until } from '../real-n8n/until';
import { useSandboxAndN8n } from './sandbox-and-n8n';

const running = useSandboxAndN8n();

const folder = (id: string, name: string, parent_folder_id = '0') =>
	({ id, name, parent_folder_id, folder_type: 2, unread_message_count: 0, unread_thread_count: 0 }) as const;

beforeAll(() => {
	const { contacts, folders, labels } = running().sandbox.mailbox;
	for (let index = 0; index < 45; index++) {
		contacts.push({ id: `id-${index}`, name: `联系人 ${index}`, mail_address: `p${index}@example.com` });
	}
	folders.push(folder('f1', '项目'), folder('f2', '2026', 'f1'));
	labels.push({ id: 'l1', name: '客户/亚洲', background_color: 'blue', messages_unread: 0 });
});

describe('over REST, as the editor asks', () => {
	const listOf = async (method: string, parameters: INodeParameters = {}, filter?: string) => {
		const { sandbox, demo } = running();
		const { id, name } = demo.credential;
		return await demo.client.request<{ results: Array<{ name: string; value: string }> }>(
			'POST',
			'/rest/dynamic-node-parameters/resource-locator-results',
			{
				path: 'parameters.any',
				nodeTypeAndVersion: { name: 'n8n-nodes-feishu-mail.feishuMail', version: 1 },
				currentNodeParameters: {
					authentication: 'tenantToken',
					userMailboxId: sandbox.mailbox.address,
					...parameters,
				},
				methodName: method,
				credentials: { feishuMailApi: { id, name } },
				filter,
			},
		);
	};

	it.each([
		['searchLabels', undefined, [['客户/亚洲', 'l1']]],
		['searchLabels', '欧洲', []],
		[
			'searchFolders',
			'项目',
			[
				['项目', 'f1'],
				['项目/2026', 'f2'],
			],
		],
		['searchFolders', 'inbox', [['Inbox', 'INBOX']]],
		[
			'searchOwnFolders',
			undefined,
			[
				['项目', 'f1'],
				['项目/2026', 'f2'],
			],
		],
		[
			'searchParentFolders',
			undefined,
			[
				['Top Level', '0'],
				['项目', 'f1'],
				['项目/2026', 'f2'],
			],
		],
		['searchContacts', 'P44@', [['联系人 44 - p44@example.com', 'id-44']]],
		['searchContacts', 'nobody', []],
	])('%s, looking for %s', async (method, filter, entries) => {
		const { results } = await listOf(method, {}, filter);
		expect(results.map(({ name, value }) => [name, value])).toEqual(entries);
	});

	it.each([
		['me, which an app has not', 'me', "'Mailbox' cannot be 'me'"],
		['no mailbox', '', "'Mailbox' is empty"],
		['an unknown mailbox', 'nobody@example.com', "check 'Mailbox'"],
	])('%s: refused in words', async (_, userMailboxId, words) => {
		await expect(listOf('searchLabels', { userMailboxId })).rejects.toThrow(words);
	});
});

const chromium = findChromium();
if (!chromium) {
	process.stderr.write(
		'Skipped: no Chromium is installed (Debian: apt-get install chromium), nor named by CHROMIUM_PATH\n',
	);
}

(chromium ? describe : describe.skip)('in the panel', () => {
	let browser: Browser;

	const openPanel = async (resource: string, operation: string, parameters: INodeParameters = {}) => {
		const { demo, sandbox } = running();
		const address = await createSingleNode(demo, sandbox, { resource, operation, ...parameters });
		await openNode(browser.page, address, NODE);
	};

	beforeAll(async () => {
		browser = await startBrowser(chromium ?? '', { height: 1000 });
		const { demo } = running();
		await signIn(browser.page, demo.n8n.url, demo.owner);
	}, 60_000);

	afterAll(async () => {
		await browser?.close();
	}, 60_000);

	it('45 contacts come page by page, can be searched and chosen', async () => {
		await openPanel('contact', 'delete');
		const list = new LocatorList(browser.page, 'contactId');
		await list.open();
		expect(await list.entries.first().innerText()).toBe('联系人 0 - p0@example.com');
		expect(await list.entries.count()).toBeLessThan(45);
		await until('all contacts are loaded', async () => {
			await list.entries.last().scrollIntoViewIfNeeded();
			return (await list.entries.count()) === 45 || undefined;
		});
		await list.search('联系人 43');
		await until('one is left', async () => (await list.entries.count()) === 1 || undefined);
		await list.entries.first().click();
		expect(await list.chosen()).toBe('联系人 43 - p43@example.com');
	}, 60_000);

	it('a folder’s parent is chosen inside of Update Fields', async () => {
		const parentFolderId = { __rl: true, mode: 'list', value: '0', cachedResultName: 'Top Level' };
		await openPanel('folder', 'update', { updateFields: { parentFolderId } });
		const list = new LocatorList(browser.page, 'parentFolderId');
		expect(await list.chosen()).toBe('Top Level');
		await list.open();
		// Before the list is loaded it has what is chosen.
		await until('the folders are loaded', async () => (await list.entries.count()) === 3 || undefined);
		expect(await list.entries.allInnerTexts()).toEqual(['Top Level', '项目', '项目/2026']);
		await list.entries.last().click();
		expect(await list.chosen()).toBe('项目/2026');
	}, 60_000);

	it('a rule’s folder is chosen inside of its action, and what an entry does not need is not asked for', async () => {
		await openPanel('rule', 'create', {
			name: 'Invoices',
			condition: { items: [{ type: 'hasAttachment' }, { type: 'to', operator: 'includesMe' }] },
			action: {
				items: [
					{ type: 'moveToFolder', folderId: { __rl: true, mode: 'list', value: '' } },
					{ type: 'flag' },
				],
			},
		});
		const list = new LocatorList(browser.page, 'folderId');
		await list.open();
		await until('the folders are loaded', async () => (await list.entries.count()) === 2 || undefined);
		await list.entries.last().click();
		expect(await list.chosen()).toBe('项目/2026');
		expect(await executeStep(browser.page)).toContain('Move to Folder');
		expect(running().sandbox.mailbox.rules).toMatchObject([
			{
				condition: { items: [{ type: 16 }, { type: 2, operator: 7 }] },
				action: { items: [{ type: 11, input: 'f2' }, { type: 9 }] },
			},
		]);
	}, 60_000);

	it('rules are put in the order in which they are chosen', async () => {
		const { rules } = running().sandbox.mailbox;
		rules.length = 0;
		for (const name of ['A', 'B', 'C']) {
			rules.push({
				...{ id: `id of ${name}`, name, is_enable: true, ignore_the_rest_of_rules: false },
				...{ condition: { match_type: 1, items: [{ type: 12 }] }, action: { items: [{ type: 9 }] } },
			});
		}
		await openPanel('rule', 'reorder', { ruleIds: [] });
		expect(await openDropdown(browser.page, 'ruleIds')).toEqual(['A', 'B', 'C']);
		await chooseOptions(browser.page, ['C', 'B']);
		expect(await executeStep(browser.page)).toContain('id of C');
		expect(rules.map(({ name }) => name)).toEqual(['C', 'B', 'A']);
	}, 60_000);

	it('a contact is chosen by its email', async () => {
		await openPanel('contact', 'delete', {
			contactId: { __rl: true, mode: 'mailAddress', value: 'P7@example.com' },
		});
		expect(await new LocatorList(browser.page, 'contactId').chosen()).toBe('P7@example.com');
		expect(await executeStep(browser.page)).toContain('true');
		const left = running().sandbox.mailbox.contacts.map(({ mail_address }) => mail_address);
		expect(left).not.toContain('p7@example.com');
	}, 60_000);

	it.each([
		['={{ "mailAddress" }}', ['Email']],
		['mailAddress', ['Email']],
		['phone', ['Phone']],
		['name', []],
		['={{ $json.by }}', ['Email', 'Phone']],
	])(
		'contacts matched by %s: %j is asked for right under Match By',
		async (matchBy, asked) => {
			await openPanel('contact', 'upsert', { matchBy });
			const fields = browser.page.locator('.node-parameters-wrapper .parameter-item:visible');
			await fields.filter({ hasText: 'Match By' }).waitFor();
			const names = (await fields.allInnerTexts()).map((text) => text.trim().split('\n')[0]);
			const below = names.slice(names.indexOf('Match By') + 1);
			expect(below.slice(0, below.indexOf('Name'))).toEqual(asked);
		},
		60_000,
	);

	it('a mailbox that the app may not reach: the list says why', async () => {
		const { app, tenant } = running().sandbox;
		const { dataPermission } = app;
		app.dataPermission = new Set();
		try {
			// Lists of the other mailbox may still be kept.
			const userMailboxId = tenant.addMailbox('closed@example.com').address;
			await openPanel('contact', 'update', { userMailboxId });
			const list = new LocatorList(browser.page, 'contactId');
			await list.open();
			const said = await list.error.innerText();
			expect(said).toContain('data permission');
			expect(said).not.toContain('https://');
		} finally {
			app.dataPermission = dataPermission;
		}
	}, 60_000);

	it('had no error in its pages', () => {
		expect(browser.pageErrors).toEqual([]);
	});
});
