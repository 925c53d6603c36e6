/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { resources } from '../nodes/FeishuMail/actions';
import { DIST } from './node-run';
import { median, type Part } from './report';

const PROCESSES = 15;

/** What `dist` may weigh, in kB: what all operations share, each operation, and what the panel shows of it. */
const HOUSE = 100;
const EACH = 5;
const PANEL_OF_EACH = 2;

/** Loads n8n-workflow, then what n8n loads of this package, in a process without tsx or anything else. */
const SCRIPT = `
	const [workflow, ...ours] = process.argv.slice(1);
	const time = (files) => {
		const start = performance.now();
		files.forEach(require);
		return performance.now() - start;
	};
	console.log(JSON.stringify([time([workflow]), time(ours)]));
`;

/** What the package adds to n8n's start. */
export async function coldStart(): Promise<Part> {
	const files = [
		require.resolve('n8n-workflow'),
		join(DIST, 'nodes', 'FeishuMail', 'FeishuMail.node.js'),
		join(DIST, 'credentials', 'FeishuMailApi.credentials.js'),
	];
	const times: Array<{ workflow: number; ours: number }> = [];
	for (let count = 0; count < PROCESSES; count++) {
		const { stdout } = await promisify(execFile)(process.execPath, ['-e', SCRIPT, ...files]);
		const [workflow = Number.NaN, ours = Number.NaN] = JSON.parse(stdout) as number[];
		times.push({ workflow, ours });
	}
	const workflow = median(times.map((each) => each.workflow));
	const ours = median(times.map((each) => each.ours));

	const shipped = readdirSync(DIST, { recursive: true, withFileTypes: true }).filter((entry) =>
		entry.isFile(),
	);
	const scripts = shipped.filter(({ name }) => name.endsWith('.js'));
	const panel = shipped.filter(({ name }) => name === 'panel.json');
	const kilobytes = (entries: typeof shipped) =>
		entries.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0) / 1000;
	const operations = resources.flatMap((resource) => resource.operations).length;
	const weight = kilobytes(shipped);
	return {
		title: '6. Cold start',
		text: `\`require\` of node and credential from \`dist\` where n8n-workflow is loaded already, as in n8n; median of ${PROCESSES} fresh processes. The package has ${operations} operations.`,
		columns: ['', 'time', 'files', 'size'],
		rows: [
			['n8n-workflow', `${workflow.toFixed(1)} ms`, '', ''],
			['node and credential', `${ours.toFixed(1)} ms`, '', ''],
			['scripts', '', String(scripts.length), `${kilobytes(scripts).toFixed(1)} kB`],
			['panel.json, which the build works out', '', '1', `${kilobytes(panel).toFixed(1)} kB`],
			['all of dist', '', String(shipped.length), `${weight.toFixed(1)} kB`],
		],
		targets: [
			{
				what: "share of n8n-workflow's time",
				value: (ours / workflow) * 100,
				atMost: 5,
				digits: 1,
				unit: ' %',
			},
			{
				what: 'size of panel.json',
				value: kilobytes(panel),
				atMost: PANEL_OF_EACH * operations,
				digits: 1,
				unit: ' kB',
			},
			{
				what: 'size of the rest of dist',
				value: weight - kilobytes(panel),
				atMost: HOUSE + EACH * operations,
				digits: 1,
				unit: ' kB',
			},
		],
	};
}
