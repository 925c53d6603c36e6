const { rm, writeFile } = require('node:fs/promises');

const { dest, parallel, src } = require('gulp');

/** Icons, where the nodes' and credentials' `file:` references find them. */
const icons = () => src('icons/*.svg', { encoding: false }).pipe(dest('dist/icons'));

/** Codex files: n8n reads each one beside its node. */
const codex = () => src('nodes/**/*.node.json').pipe(dest('dist/nodes'));

/** What n8n shows of the node, worked out once here instead of at every start of n8n: panel.json takes panel.js's place. */
const panel = async () => {
	const file = require.resolve('./dist/nodes/FeishuMail/panel.js');
	await writeFile(file.replace(/\.js$/, '.json'), JSON.stringify(require(file)));
	await rm(file);
};

exports.build = parallel(icons, codex, panel);
