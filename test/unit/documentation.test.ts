import { pages, readPage, withTables } from '../../docs/tables';

/** A table's cells, whatever their width. */
const cells = (text: string) => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---');

describe.each(Object.entries(pages))('%s', (page, say) => {
	it('holds the tables that the operations declare (npm run docs makes them)', () => {
		const text = readPage(page);
		expect(cells(text)).toBe(cells(withTables(text, say)));
	});

	it('has both tables, each once', () => {
		const names = [...readPage(page).matchAll(/<!-- table: (\w+) -->/g)].map(([, name]) => name);
		expect(names.sort()).toEqual(['codes', 'operations']);
	});
});
