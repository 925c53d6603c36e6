const { readdir, readFile, rm, writeFile } = require('node:fs/promises');
const { join } = require('node:path');

const { dest, parallel, series, src } = require('gulp');
const prettier = require('prettier');
const ts = require('typescript');

/** Icons, where the nodes' and credentials' `file:` references find them. */
const icons = () => src('icons/*.svg', { encoding: false }).pipe(dest('dist/icons'));

/** Codex files: n8n reads each one beside its node. */
const codex = async () => {
	const files = (await readdir('nodes', { recursive: true })).filter((name) => name.endsWith('.node.json'));
	for (const name of files) {
		const content = JSON.parse(await readFile(join('nodes', name), 'utf8'));
		await writeFile(join('dist/nodes', name), JSON.stringify(content));
	}
};

/** A text without some of its parts, such as properties of objects with the commas behind them. */
const without = (text, parts) => {
	const lastFirst = parts.sort((one, other) => other.pos - one.pos);
	return lastFirst.reduce(
		(rest, { pos, end }) => rest.slice(0, pos) + rest.slice(end).replace(/^,/, ''),
		text,
	);
};

/** A statement; a class without the fields that are named only, which exist from when they are set. */
const withoutBareFields = (statement) => {
	const start = statement.getStart();
	const members = ts.isClassDeclaration(statement) ? statement.members : [];
	const bare = members.filter((member) => ts.isPropertyDeclaration(member) && !member.initializer);
	return without(
		statement.getText(),
		bare.map(({ pos, end }) => ({ pos: pos - start, end: end - start })),
	);
};

/**
 * An ES module of tsc as the CommonJS that n8n loads, in the words of the source: tsc itself would write
 * `(0, files_1.readFiles)(item)` for `readFiles(item)`. It knows named imports, declarations exported where they stand,
 * and `await import()`, which is what nodes/ and credentials/ use. Names are taken when a file is loaded: imports may
 * form no circle (`npm run rooms`).
 */
const commonJs = (code) => {
	const exported = [];
	const { statements } = ts.createSourceFile('', code, ts.ScriptTarget.ES2022, true);
	const imports = statements.filter(ts.isImportDeclaration).map(({ importClause, moduleSpecifier }) => {
		const names = importClause.namedBindings.getText().replaceAll(' as ', ': ');
		return `${names} = require(${moduleSpecifier.getText()})`;
	});
	const others = statements.filter((statement) => !ts.isImportDeclaration(statement));
	const lines = others.map((statement) => {
		const text = withoutBareFields(statement);
		if (!text.startsWith('export ')) return text;
		const declarations = statement.declarationList?.declarations ?? [statement];
		exported.push(...declarations.map(({ name }) => name.getText()));
		return text.slice('export '.length);
	});
	if (imports.length > 0) lines.unshift(`const ${imports.join(',\n')};`);
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

/** What only the panel reads, whatever has it: how a field looks, and what fills its list. */
const PANEL_KEYS = ['modes', 'noDataExpression', 'placeholder', 'searchListMethod', 'typeOptions'];

/** Types of fields that are one value: the code reads only the types of fields that hold others. */
const VALUE = /^'(boolean|dateTime|hidden|multiOptions|number|options|resourceLocator|string)'$/;

/**
 * A script without what it says of fields, options and operations for the panel only, which has it in panel.json. The code
 * reads of a field its names, its default unless that is an empty text, when it is shown and needed, and the fields in it.
 * What is an error's stays: its `description` stands beside a `message`, or goes to the error's constructor.
 */
const withoutPanel = (code) => {
	const cuts = [];
	const visit = (node) => {
		const properties = ts.isObjectLiteralExpression(node) ? node.properties : [];
		const text = (name) =>
			properties.find((property) => property.name?.getText() === name)?.initializer?.getText();
		const isOfError = text('message') !== undefined || ts.isNewExpression(node.parent);
		const isForPanel = ({ name, initializer }) => {
			const key = name?.getText();
			if (!initializer) return false;
			if (key === 'description') return !isOfError;
			if (key === 'type') return VALUE.test(initializer.getText());
			if (key === 'default') return initializer.getText() === "''";
			if (key === 'options') return /^'(multiO|o)ptions'$/.test(text('type'));
			return PANEL_KEYS.includes(key);
		};
		const cut = properties.filter(isForPanel);
		cuts.push(...cut);
		node.forEachChild((child) => (cut.includes(child) ? undefined : visit(child)));
	};
	ts.createSourceFile('', code, ts.ScriptTarget.ES2022, true).forEachChild(visit);
	return without(code, cuts);
};

const rooms = async () => {
	const entries = await readdir('dist/nodes/FeishuMail', { withFileTypes: true });
	for (const { name } of entries.filter((entry) => entry.isDirectory())) {
		await rewrite(join('dist/nodes/FeishuMail', name), withoutPanel);
	}
};

/** The scripts in a denser style than the source: with longer lines, and without what lines can do without. */
const dense = {
	...{ objectWrap: 'collapse', printWidth: 140 },
	...{ arrowParens: 'avoid', bracketSpacing: false, trailingComma: 'none', semi: false },
};

const style = async () => {
	const options = { ...(await prettier.resolveConfig(__filename)), ...dense, parser: 'babel' };
	await rewrite('dist', (code) => prettier.format(code, options));
};

exports.build = parallel(icons, codex, series(modules, panel, rooms, style));
