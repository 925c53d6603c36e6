/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- runs a program on files */
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROJECT = join(__dirname, '../..');

let copy: string;

beforeEach(() => {
	copy = mkdtempSync(join(tmpdir(), 'feishu-mail-rooms-'));
	for (const part of ['nodes', 'credentials', 'tsconfig.json', '.dependency-cruiser.cjs']) {
		cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
	}
	symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
});

afterEach(() => rmSync(copy, { recursive: true, force: true }));

/** What `npm run rooms` says of the copy. */
function check() {
	const program = join(PROJECT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
	const { status, stdout } = spawnSync(process.execPath, [program, 'nodes', 'credentials'], {
		cwd: copy,
		encoding: 'utf8',
	});
	return { status, stdout };
}

it('imports lead from each room to the ones below it, and nowhere else', () => {
	expect(check()).toMatchObject({ status: 0 });
});

it.each([
	['transport/quota.ts', "import type { Run } from '../run/run';", 'nothing-above-transport'],
	['run/item.ts', "import type { mailbox } from '../fields/mailbox';", 'nothing-above-run'],
	['fields/limit.ts', "import { contact } from '../actions/contact';", 'nothing-above-fields'],
	[
		'trigger/longConnection/frame.ts',
		"import type { mailbox } from '../../fields/mailbox';",
		'long-connection-knows-no-mail',
	],
	[
		'trigger/longConnection/frame.ts',
		"import type { Found } from '../scan';",
		'long-connection-knows-no-mail',
	],
	['run/item.ts', "import { readFileSync } from 'fs';", 'shipped-code-alone'],
])('in %s, %s is refused', (file, line, rule) => {
	appendFileSync(join(copy, 'nodes/FeishuMail', file), `\n${line}\n`);
	const { status, stdout } = check();
	expect(status).not.toBe(0);
	expect(stdout).toContain(rule);
});
