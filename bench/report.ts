/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

import { format, resolveConfig } from 'prettier';

const PROJECT = join(__dirname, '..');
const FILE = join(PROJECT, 'docs', 'benchmarks.md');

const INTRODUCTION = `# Benchmarks

\`npm run bench\` writes parts 1 to 4 and 6 to 10, \`npm run bench:n8n\` parts 5, 11 and 12. Everything runs on one machine, against the local Feishu sandbox in a process of its own. Compare numbers within a part only: they were measured in one run.`;

/** One table of the report. */
export interface Part {
	/** "1. Quota" */
	title: string;
	/** What was measured and how. */
	text: string;
	columns: string[];
	rows: string[][];
	targets: Target[];
}

/** A number that has to be small enough. */
export interface Target {
	what: string;
	value: number;
	atMost: number;
	/** Decimals and unit, as in " ms". */
	digits: number;
	unit: string;
}

export function median(values: number[]): number {
	const sorted = [...values].sort((one, other) => one - other);
	const middle = sorted.length >> 1;
	return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The version of an installed package, or of the n8n in a folder. */
export function versionOf(name: string, modules = join(PROJECT, 'node_modules')): string {
	return (JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')) as { version: string })
		.version;
}

const isMet = ({ value, atMost }: Target) => value <= atMost;

/**
 * Puts parts into docs/benchmarks.md, in the place of their earlier numbers, and prints them.
 *
 * @param versions what the parts were measured with
 * @returns whether all targets are met
 */
export async function publish(parts: Part[], versions: Record<string, string>): Promise<boolean> {
	const measured = `Measured on ${new Date().toISOString().slice(0, 10)} with ${Object.entries(versions)
		.map(([name, version]) => `${name} ${version}`)
		.join(', ')}; ${cpus().length} cores, ${process.platform} ${process.arch}.`;
	const sections = new Map<number, string>();
	if (existsSync(FILE)) {
		for (const section of readFileSync(FILE, 'utf8')
			.split(/^(?=## )/m)
			.slice(1)) {
			sections.set(numberOf(section), section);
		}
	}
	const printed = await Promise.all(parts.map(async (part) => await layOut(sectionOf(part, measured))));
	for (const section of printed) sections.set(numberOf(section), section);
	const ordered = [...sections].sort(([one], [other]) => one - other).map(([, section]) => section);
	writeFileSync(FILE, await layOut([INTRODUCTION, ...ordered].join('\n\n')));
	process.stdout.write(`${printed.join('\n')}\n`);
	return parts.every(({ targets }) => targets.every(isMet));
}

/** The number that a section's heading begins with. */
const numberOf = (section: string) => Number.parseInt(section.replace('## ', ''), 10);

/**
 * The measures that the arguments of the command name; all without.
 *
 * @throws for a name that there is not
 */
export function chosen<T>(measures: Record<string, T>): T[] {
	const names = process.argv.slice(2);
	const unknown = names.find((name) => !(name in measures));
	if (unknown) throw new Error(`No part is called ${unknown}; there are ${Object.keys(measures).join(', ')}`);
	return Object.entries(measures).flatMap(([name, measure]) =>
		names.length === 0 || names.includes(name) ? [measure] : [],
	);
}

function sectionOf({ title, text, columns, rows, targets }: Part, measured: string): string {
	const judged = targets.map((target) => {
		const show = (value: number) => value.toFixed(target.digits) + target.unit;
		return [
			target.what,
			show(target.value),
			`<= ${show(target.atMost)}`,
			isMet(target) ? 'met' : '**missed**',
		];
	});
	return [
		`## ${title}`,
		text,
		measured,
		table(columns, rows),
		...(judged.length ? [table(['', 'measured', 'target', ''], judged)] : []),
	].join('\n\n');
}

const table = (columns: string[], rows: string[][]) =>
	[columns, columns.map((_, index) => (index ? '--:' : '---')), ...rows]
		.map((cells) => `| ${cells.join(' | ')} |`)
		.join('\n');

const layOut = async (markdown: string) =>
	await format(markdown, { ...(await resolveConfig(FILE)), parser: 'markdown' });
