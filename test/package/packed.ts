/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-dangerous-functions -- runs npm pack on Node */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

/** The project, as n8n finds an installed package: package.json and the built dist. */
export const distDirectory = resolve(__dirname, '../..');

interface PackedFile {
	path: string;
	size: number;
}

/** What `npm pack` would put into the tarball; sizes in bytes. */
export function packedTarball(): { size: number; files: PackedFile[] } {
	const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--loglevel=silent'], {
		cwd: distDirectory,
		encoding: 'utf8',
	});
	const parsed = JSON.parse(output) as unknown;
	// npm prints a list of packages, newer versions an object by name.
	const [tarball] = Object.values(parsed as Record<string, { size: number; files: PackedFile[] }>);
	return tarball!;
}
