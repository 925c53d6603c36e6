/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- reads files of this repository */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { pages, readPage, withTables } from '../../docs/tables';
import { dependencies as newest } from '../real-n8n/package.json';
import { olderReleases } from '../versions/n8nCore';

const ROOT = join(__dirname, '..', '..');

/** A table's cells, whatever their width. */
const cells = (text: string) => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---');

const allOf = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found]) => found);

describe.each(Object.entries(pages))('%s', (page, say) => {
	it('holds the tables that the operations declare (npm run docs makes them)', () => {
		const text = readPage(page);
		expect(cells(text)).toBe(cells(withTables(text, say)));
	});

	it('has its tables, each once', () => {
		expect(allOf(readPage(page), /<!-- table: (\w+) -->/g)).toEqual(['operations', 'lostAnswers', 'codes']);
	});

	it('tells what a code means once for each resource', () => {
		const [, table = ''] = /<!-- table: codes -->([\s\S]*?)<!-- end of table -->/.exec(readPage(page)) ?? [];
		const rows = [...table.matchAll(/^\| (\d[\d, ]*?) *\| (.+?) *\|/gm)];
		const meanings = rows.flatMap(([, codes, resources]) =>
			codes!.split(', ').flatMap((code) => resources!.split(', ').map((resource) => `${code} ${resource}`)),
		);
		expect(meanings.length).toBeGreaterThan(30);
		expect(meanings).toEqual([...new Set(meanings)]);
	});

	it('names the versions of n8n that npm run test:versions takes, and promises none before', () => {
		const versions = [...olderReleases.map(({ n8n }) => n8n), newest.n8n];
		const text = readPage(page);
		const [claim] = allOf(text, /^(.*\bn8n 2\.0 .*)$/gm);
		expect(allOf(claim!, /(\d+\.\d+\.\d+)/g)).toEqual(versions);
		expect(text).not.toMatch(/n8n 1\./);
	});

	it('links only to files that exist and headings that it has', () => {
		const text = readPage(page);
		const anchors = allOf(text, /^#+ (.+)$/gm).map((heading) =>
			heading!
				.toLowerCase()
				.replace(/[^\p{L}\p{N} -]/gu, '')
				.replaceAll(' ', '-'),
		);
		for (const link of allOf(text, /\]\(([^)]+)\)/g)) {
			if (link!.startsWith('http')) continue;
			if (link!.startsWith('#')) expect(anchors).toContain(link!.slice(1));
			else expect([link, existsSync(join(ROOT, dirname(page), link!))]).toEqual([link, true]);
		}
	});
});

describe('the READMEs tell the same', () => {
	// Links of each begin where it lies.
	const [english, chinese] = Object.keys(pages).map((page) =>
		readPage(page).replace(
			/\]\((?!#|https?:)([^)]+)\)/g,
			(_, link: string) => `](${join(dirname(page), link)})`,
		),
	) as [string, string];
	const other = /^((docs\/)?README.*|#.*|https:\/\/semver\.org.*)$/;
	const aspects: Record<string, (text: string) => Array<string | undefined>> = {
		'levels of headings': (text) => allOf(text, /^(#+) /gm),
		commands: (text) => allOf(text, /^(npm [^#\n]*|cd [^#\n]*)/gm).map((command) => command?.trim()),
		'links and pictures': (text) =>
			allOf(text, /\]\(([^)]+)\)/g)
				.filter((link) => !other.test(link!))
				.sort(),
		scopes: (text) => allOf(text, /(mail:[\w.:]+)/g),
		'columns of tables, row by row': (text) =>
			allOf(text, /^(\|.*)$/gm).map((row) => String(row!.split(/(?<!\\)\|/).length)),
	};

	it.each(Object.entries(aspects))('%s', (_, aspect) => {
		expect(aspect(chinese)).toEqual(aspect(english));
		expect(aspect(english).length).toBeGreaterThan(0);
	});
});
