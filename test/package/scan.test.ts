/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- runs n8n's scanner on files */
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { extract } from 'tar';

import { packPackage } from '../real-n8n/package-tarball';
import { distDirectory } from './packed';

/** What n8n's scanner of published packages says about a folder; empty when it finds nothing. */
function scan(kind: 'source' | 'packed', directory: string): string {
	// Jest's NODE_ENV, "test", makes eslint-plugin-n8n-nodes-base take every file for a node; and inside a test runner,
	// say the scanner's own tests, its rules find nothing.
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[join(__dirname, 'scan.mjs'), kind, directory],
		{ encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } },
	);
	return status === 0 ? '' : `${stdout}${stderr}The scanner ended with ${status}`;
}

const folder = mkdtempSync(join(tmpdir(), 'feishu-mail-scan-'));
const directories = { source: join(folder, 'source'), packed: join(folder, 'packed', 'package') };

beforeAll(async () => {
	for (const name of ['package.json', 'nodes', 'credentials', 'icons']) {
		cpSync(join(distDirectory, name), join(directories.source, name), { recursive: true });
	}
	mkdirSync(join(folder, 'packed'));
	await extract({ file: await packPackage(folder), cwd: join(folder, 'packed') });
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Changes a file for as long as `look` takes. */
function withChange<T>(file: string, change: (path: string) => void, look: () => T): T {
	const before = readFileSync(file);
	try {
		change(file);
		return look();
	} finally {
		writeFileSync(file, before);
	}
}

const append = (code: string) => (path: string) => appendFileSync(path, code);

describe("n8n's scanner of community packages", () => {
	it.each(['source', 'packed'] as const)('finds nothing in the %s files', (kind) => {
		expect(scan(kind, directories[kind])).toBe('');
	});

	it.each([
		{
			what: 'a forbidden import, whatever a comment allows',
			kind: 'source',
			file: 'nodes/FeishuMail/transport/client.ts',
			change: append("\n/* eslint-disable */\nimport { readFileSync } from 'fs';\nreadFileSync('x');\n"),
			rule: '@n8n/community-nodes/no-restricted-imports',
		},
		{
			what: "a break of the conventions of n8n's own nodes",
			kind: 'source',
			file: 'nodes/FeishuMail/FeishuMail.node.ts',
			change: (path: string) =>
				writeFileSync(path, readFileSync(path, 'utf8').replace("name: 'feishuMail'", "name: 'FeishuMail'")),
			rule: 'n8n-nodes-base/node-class-description-name-miscased',
		},
		{
			what: 'what package.json must not hold',
			kind: 'source',
			file: 'package.json',
			change: (path: string) =>
				writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), overrides: {} })),
			rule: '@n8n/community-nodes/no-overrides-field',
		},
		{
			what: 'a forbidden import',
			kind: 'packed',
			file: 'dist/nodes/FeishuMail/transport/client.js',
			change: append("\nrequire('fs').readFileSync('x');\n"),
			rule: '@n8n/community-nodes/no-restricted-imports',
		},
	] as const)('would find $what in the $kind files', ({ kind, file, change, rule }) => {
		const directory = directories[kind];
		const findings = withChange(join(directory, file), change, () => scan(kind, directory));
		expect(findings).toContain('ESLint violations found');
		expect(findings).toContain(rule);
	});
});
