/* eslint-disable @n8n/community-nodes/no-restricted-imports -- reads the built package from the disk */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { PackageDirectoryLoader } from 'n8n-core';
import type { ICredentialType, INodeProperties, INodePropertyCollection, INodeType } from 'n8n-workflow';
import {
	createSourceFile,
	isImportDeclaration,
	isLiteralExpression,
	isTemplateLiteralToken,
	isTypeNode,
	ScriptTarget,
	type Node,
} from 'typescript';

import { FeishuMail } from '../../nodes/FeishuMail/FeishuMail.node';
import { resources } from '../../nodes/FeishuMail/actions';
import type { Task } from '../../nodes/FeishuMail/run/operation';
import { newMail } from '../../nodes/FeishuMail/trigger/newMail';
import { distDirectory } from './packed';

const source = join(distDirectory, 'nodes', 'FeishuMail');
const built = join(distDirectory, 'dist', 'nodes', 'FeishuMail');

const builtModule = async <T>(path: string) => (await import(join(built, path))) as T;

/** What the code reads of a field, and of one that holds others, of these. */
function fieldAsRead({ type, options = [], ...field }: INodeProperties): object {
	// Without a default, it is an empty text.
	const { name, displayName, default: preset = '', required, displayOptions } = field;
	const read = { name, displayName, default: preset, required, displayOptions };
	const groups = options as INodePropertyCollection[];
	if (type === 'collection')
		return { ...read, type, options: (options as INodeProperties[]).map(fieldAsRead) };
	if (type !== 'fixedCollection') return read;
	return { ...read, options: groups.map((group) => ({ ...group, values: group.values.map(fieldAsRead) })) };
}

/** An operation, or what the trigger waits for, with what the code reads of its fields. */
const asRead = <T extends Task>({ fields, options, patience, ...task }: T) => ({
	...(JSON.parse(JSON.stringify({ ...task, description: undefined })) as object),
	fields: fields.map(fieldAsRead),
	options: options?.map(fieldAsRead),
	patience: patience?.map(fieldAsRead),
});

/** The texts in a value, at any depth. */
function* textsIn(value: unknown): Generator<string> {
	if (typeof value === 'string') yield value;
	if (typeof value === 'object' && value !== null)
		for (const one of Object.values(value)) yield* textsIn(one);
}

/** The texts that a script holds, and the pieces of those with values in them. */
function wordsOf(file: string): string[] {
	const words: string[] = [];
	const visit = (node: Node) => {
		if (isImportDeclaration(node) || isTypeNode(node)) return;
		if (isLiteralExpression(node) || isTemplateLiteralToken(node)) words.push(node.text);
		node.forEachChild(visit);
	};
	visit(createSourceFile('', readFileSync(file, 'utf8'), ScriptTarget.ES2022, true));
	return words;
}

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

	it('with operations that lack nothing of what the code reads of them', async () => {
		const { resources: built } = await builtModule<{ resources: typeof resources }>('actions/index.js');
		const ofAll = (all: typeof resources) =>
			all.map(({ operations, ...resource }) => ({ ...resource, operations: operations.map(asRead) }));
		expect(ofAll(built)).toEqual(ofAll(resources));
		const { newMail: builtTask } = await builtModule<{ newMail: typeof newMail }>('trigger/newMail.js');
		expect(asRead(builtTask)).toEqual(asRead(newMail));
	});

	it('with all texts of the source: in its scripts, or in the panel', () => {
		const panel = JSON.parse(readFileSync(join(built, 'panel.json'), 'utf8')) as unknown;
		const shown = [...textsIn(panel)].join('\n');
		const lost = readdirSync(source, { recursive: true, encoding: 'utf8' })
			.filter((name) => name.endsWith('.ts') && name !== 'panel.ts')
			.flatMap((name) => {
				const kept = new Set(wordsOf(join(built, name.replace(/\.ts$/, '.js'))));
				return [...wordsOf(join(source, name))]
					.filter((text) => !kept.has(text) && !shown.includes(text))
					.map((text) => `${name}: ${text}`);
			});
		expect(lost).toEqual([]);
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
