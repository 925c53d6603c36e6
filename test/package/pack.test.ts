/* eslint-disable @n8n/community-nodes/no-restricted-imports -- reads the built package from the disk */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { resources } from '../../nodes/FeishuMail/actions';
import manifest from '../../package.json';
import { distDirectory, packedTarball } from './packed';

const { size, files } = packedTarball();
const paths = files.map(({ path }) => path);

describe('the packed tarball', () => {
	it('holds dist and the documents, nothing else', () => {
		expect(paths.filter((path) => !path.startsWith('dist/')).sort()).toEqual([
			'CHANGELOG.md',
			'LICENSE',
			'README.md',
			'package.json',
		]);
		for (const path of paths) expect(path).toMatch(/\.(js|json|svg|md)$|^LICENSE$/);
	});

	it('is below 60 kB, for the documents, and 2 kB for each operation', () => {
		const operations = resources.flatMap((resource) => resource.operations);
		expect(size).toBeLessThan(60_000 + 2_000 * operations.length);
	});

	it('holds every file that package.json names', () => {
		for (const path of [...manifest.n8n.nodes, ...manifest.n8n.credentials]) expect(paths).toContain(path);
		expect(paths).toEqual(
			expect.arrayContaining([
				'dist/nodes/FeishuMail/FeishuMail.node.json',
				'dist/icons/feishuMail.svg',
				'dist/icons/feishuMail.dark.svg',
			]),
		);
	});

	it('needs nothing at run time but n8n-workflow', () => {
		const required = paths
			.filter((path) => path.endsWith('.js'))
			.flatMap((path) => {
				const code = readFileSync(join(distDirectory, path), 'utf8');
				return [...code.matchAll(/\b(?:require|import)\(\s*["']([^"']+)["']\s*\)/g)].map(([, name]) => name!);
			})
			.filter((name) => !name.startsWith('.'));
		expect(required).toContain('n8n-workflow');
		expect(
			[...new Set(required)].filter((name) => !['n8n-workflow', 'crypto', 'node:crypto'].includes(name)),
		).toEqual([]);
	});

	it('touches neither environment, files nor timers', () => {
		for (const path of paths.filter((name) => name.endsWith('.js'))) {
			const code = readFileSync(join(distDirectory, path), 'utf8');
			expect(code).not.toMatch(/\bprocess\.|\bsetTimeout\b|\bglobalThis\b|\bconsole\./);
		}
	});
});

describe('package.json', () => {
	it('follows the rules for verified community nodes', () => {
		expect(manifest).toMatchObject({
			name: 'n8n-nodes-feishu-mail',
			license: 'MIT',
			files: ['dist', 'CHANGELOG.md'],
			n8n: { strict: true, n8nNodesApiVersion: 1 },
			peerDependencies: { 'n8n-workflow': '*' },
			author: { name: 'n8n-nodes-feishu-mail contributors' },
		});
		expect(manifest).not.toHaveProperty('dependencies');
		expect(manifest.keywords).toContain('n8n-community-node-package');
	});
});
