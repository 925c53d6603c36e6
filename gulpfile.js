const { dest, parallel, src } = require('gulp');

/** Icons, where the nodes' and credentials' `file:` references find them. */
const icons = () => src('icons/*.svg', { encoding: false }).pipe(dest('dist/icons'));

/** Codex files: n8n reads each one beside its node. */
const codex = () => src('nodes/**/*.node.json').pipe(dest('dist/nodes'));

exports.build = parallel(icons, codex);
