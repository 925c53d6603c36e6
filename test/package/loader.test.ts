/* eslint-disable @n8n/community-nodes/no-restricted-imports -- reads the built package from the disk */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { PackageDirectoryLoader } from 'n8n-core';
import type { ICredentialType, INodeType } from 'n8n-workflow';

import { FeishuMail } from '../../nodes/FeishuMail/FeishuMail.node';
import { resources } from '../../nodes/FeishuMail/actions';
import { distDirectory } from './packed';

/** What n8n does with an installed package. */
let loader: PackageDirectoryLoader;

beforeAll(async () => {
	loader = new PackageDirectoryLoader(distDirectory);
	await loader.loadAll();
});

describe('n8n loads the built package', () => {
	it('with its node, version 1, and the codex', () => {
		const { description } = loader.nodeTypes.feishuMail!.type as INodeType;
		expect(description).toMatchObject({
			displayName: 'Feishu Mail',
			name: 'feishuMail',
			version: 1,
			codex: { categories: ['Communication'] },
		});
		expect(description.codex!.alias).toEqual(
			expect.arrayContaining(['Lark', '飞书', '邮箱', 'Contact', 'Label', 'Lark Mail', 'Feishu Contact']),
		);
		// n8n appends a query, which a fragment would swallow.
		expect(JSON.stringify(description.codex!.resources)).not.toContain('#');
	});

	it('with the panel that the build has worked out', () => {
		const { properties, hints } = (loader.nodeTypes.feishuMail!.type as INodeType).description;
		const { description } = new FeishuMail();
		expect({ properties, hints }).toEqual(
			JSON.parse(JSON.stringify({ properties: description.properties, hints: description.hints })),
		);
	});

	it('with what is loaded when the node runs, each script whole', async () => {
		const dist = join(distDirectory, 'dist');
		const scripts = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) =>
			name.endsWith('.js'),
		);
		expect(scripts).toContain(join('nodes', 'FeishuMail', 'actions', 'router.js'));
		for (const script of scripts) {
			const exported = (await import(join(dist, script))) as Record<string, unknown>;
			expect([script, ...Object.values(exported)]).not.toContain(undefined);
		}
	});

	it('with operations that lack nothing but the descriptions that the panel has', async () => {
		const built = (await import(
			join(distDirectory, 'dist', 'nodes', 'FeishuMail', 'actions', 'index.js')
		)) as {
			resources: typeof resources;
		};
		const withoutDescriptions = (all: typeof resources) =>
			JSON.parse(
				JSON.stringify(all, (key, value: unknown) => (key === 'description' ? undefined : value)),
			) as unknown;
		expect(withoutDescriptions(built.resources)).toEqual(withoutDescriptions(resources));
	});

	it('with its credential, which the node uses', () => {
		const { type } = loader.credentialTypes.feishuMailApi! as { type: ICredentialType };
		expect(type.displayName).toBe('Feishu Mail API');
		expect(loader.known.credentials.feishuMailApi!.supportedNodes).toEqual([
			'feishuMail',
			'feishuMailInstantTrigger',
			'feishuMailTrigger',
		]);
	});

	it('with icons that exist for light and dark', () => {
		const shown = [
			loader.types.nodes.find(({ name }) => name === 'feishuMail')!,
			loader.types.credentials.find(({ name }) => name === 'feishuMailApi')!,
		];
		for (const { iconUrl } of shown) {
			const { light, dark } = iconUrl as { light: string; dark: string };
			expect(light).not.toBe(dark);
			for (const url of [light, dark]) {
				const file = url.replace('icons/n8n-nodes-feishu-mail/', '');
				expect(existsSync(join(distDirectory, file))).toBe(true);
			}
		}
	});

	it('whose credential can be used in the HTTP Request node', () => {
		const { type } = loader.credentialTypes.feishuMailApi! as { type: ICredentialType };
		expect(type).toMatchObject({
			authenticate: expect.any(Function),
			preAuthentication: expect.any(Function),
		});
		expect(type).not.toHaveProperty('restrictToSupportedNodes');
	});
});
