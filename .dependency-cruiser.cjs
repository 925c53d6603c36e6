/** The rooms of the node, from the street to the cellar: each may use what stands below it. */
const rooms = [
	'FeishuMail\\w*\\.node\\.ts',
	'panel',
	'methods',
	'trigger',
	'actions',
	'fields',
	'run',
	'transport',
	'mime',
];

const room = (name) => `^nodes/FeishuMail/${name}`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
	forbidden: [
		...rooms.slice(1).map((name, index) => ({
			name: `nothing-above-${name}`,
			comment: `${name} uses none of: ${rooms.slice(0, index + 1).join(', ')}`,
			severity: 'error',
			from: { path: room(name) },
			to: { path: rooms.slice(0, index + 1).map(room) },
		})),
		{
			name: 'long-connection-knows-no-mail',
			comment: 'The long connection brings events of any kind: it uses transport only',
			severity: 'error',
			from: { path: room('trigger/longConnection/') },
			to: { path: '^nodes', pathNot: [room('trigger/longConnection/'), room('transport')] },
		},
		{
			name: 'credentials-use-transport-only',
			severity: 'error',
			from: { path: '^credentials' },
			to: { path: '^nodes', pathNot: room('transport') },
		},
		{
			name: 'shipped-code-alone',
			comment:
				'Shipped code uses neither tests nor packages other than n8n-workflow, nor Node.js beyond crypto',
			severity: 'error',
			from: { path: '^(nodes|credentials)' },
			to: { pathNot: ['^(nodes|credentials)', 'node_modules/n8n-workflow/', '^crypto$'] },
		},
		{
			name: 'no-circle',
			severity: 'error',
			from: {},
			to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
		},
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.json' },
	},
};
