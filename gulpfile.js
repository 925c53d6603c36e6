const { readdir, readFile, rm, writeFile } = require('node:fs/promises');
const { join } = require('node:path');

const { dest, parallel, series, src } = require('gulp');
const prettier = require('prettier');
const ts = require('typescript');

/** Icons, where the nodes' and credentials' `file:` references find them. */
const icons = () => src('icons/*.svg', { encoding: false }).pipe(dest('dist/icons'));

/** Codex files: n8n reads each one beside its node. */
const codex = () => src('nodes/**/*.node.json').pipe(dest('dist/nodes'));

/**
 * An ES module of tsc as the CommonJS that n8n loads, in the words of the source: tsc itself would write
 * `(0, files_1.readFiles)(item)` for `readFiles(item)`. It knows named imports, declarations exported where they stand,
 * and `await import()`, which is what nodes/ and credentials/ use. Names are taken when a file is loaded: imports may
 * form no circle (`npm run rooms`).
 */
const commonJs = (code) => {
	const exported = [];
	const { statements } = ts.createSourceFile('', code, ts.ScriptTarget.ES2022, true);
	const lines = statements.map((statement) => {
		const text = statement.getText();
		if (ts.isImportDeclaration(statement)) {
			const names = statement.importClause.namedBindings.getText().replaceAll(' as ', ': ');
			return `const ${names} = require(${statement.moduleSpecifier.getText()});`;
		}
		if (!text.startsWith('export ')) return text;
		const declarations = statement.declarationList?.declarations ?? [statement];
		exported.push(...declarations.map(({ name }) => name.getText()));
		return text.slice('export '.length);
	});
	const body = lines.join('\n').replaceAll('await import(', 'await require(');
	if (/\bimport\(/.test(body)) throw new Error('import() without await');
	return `'use strict';\n${body}\nmodule.exports = { ${exported.join(', ')} };`;
};

/** What is done to the text of each of some scripts. */
const rewrite = async (folder, change) => {
	const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'));
	for (const file of files.map((name) => join(folder, name))) {
		await writeFile(file, await change(await readFile(file, 'utf8'), file));
	}
};

const modules = () =>
	rewrite('dist', (code, file) => {
		try {
			return commonJs(code);
		} catch (cause) {
			throw new Error(`${file} has an import or export that commonJs() in gulpfile.js does not know`, {
				cause,
			});
		}
	});

/** What n8n shows of the nodes, worked out once here instead of at every start of n8n: panel.json takes panel.js's place. */
const panel = async () => {
	const file = require.resolve('./dist/nodes/FeishuMail/panel.js');
	await writeFile(file.replace(/\.js$/, '.json'), JSON.stringify(require(file)));
	await rm(file);
};

/** A script without the descriptions of fields, options and operations: only the panel has them, in panel.json. */
const withoutDescriptions = (code) => {
	const texts = [];
	const visit = (node) => {
		const properties = node.properties ?? [];
		const has = (name) => properties.some((property) => property.name?.getText() === name);
		if (ts.isObjectLiteralExpression(node) && (has('displayName') || (has('name') && has('value')))) {
			texts.push(...properties.filter(({ name }) => name?.getText() === 'description'));
		}
		node.forEachChild(visit);
	};
	visit(ts.createSourceFile('', code, ts.ScriptTarget.ES2022, true));
	const lastFirst = texts.sort((one, other) => other.pos - one.pos);
	return lastFirst.reduce(
		(rest, { pos, end }) => rest.slice(0, pos) + rest.slice(end).replace(/^,/, ''),
		code,
	);
};

const rooms = async () => {
	const entries = await readdir('dist/nodes/FeishuMail', { withFileTypes: true });
	for (const { name } of entries.filter((entry) => entry.isDirectory())) {
		await rewrite(join('dist/nodes/FeishuMail', name), withoutDescriptions);
	}
};

/** The scripts in the style of the source. */
const style = async () => {
	const options = { ...(await prettier.resolveConfig(__filename)), parser: 'babel' };
	await rewrite('dist', (code) => prettier.format(code, options));
};

exports.build = parallel(icons, codex, series(modules, panel, rooms, style));
