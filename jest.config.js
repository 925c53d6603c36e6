/** The engine tests on another n8n than the installed one; see test/versions. */
const onAnotherN8n = (modules) => ({
	moduleNameMapper: {
		'^(n8n-core|n8n-workflow|@n8n/di)$': `${modules}/$1`,
		'^(n8n-core/dist/.+)$': `${modules}/$1`,
	},
	setupFilesAfterEnv: ['<rootDir>/test/versions/shutDown.ts'],
	// LangChain 1.1, in n8n-core up to 2.20 at least, requires these ES modules, which Jest cannot on every Node.js.
	transformIgnorePatterns: ['/node_modules/(?!(p-retry|is-network-error)/)'],
});

const project = (displayName, directory) => ({
	displayName,
	rootDir: __dirname,
	testMatch: [`<rootDir>/test/${directory}/**/*.test.ts`],
	testEnvironment: 'node',
	transform: {
		'^.+\\.ts$': ['ts-jest', { tsconfig: 'test/tsconfig.json', diagnostics: false }],
		'/(p-retry|is-network-error)/.+\\.js$': [
			'ts-jest',
			{ tsconfig: { allowJs: true, module: 'CommonJS', target: 'ES2022' }, diagnostics: false },
		],
	},
	modulePathIgnorePatterns: ['<rootDir>/dist/package.json', '<rootDir>/test/real-n8n/node_modules'],
	...(process.env.N8N_MODULES ? onAnotherN8n(process.env.N8N_MODULES) : {}),
});

module.exports = {
	testTimeout: 30_000,
	// Each file loads n8n-core anew: a worker that has run many stands still for seconds to collect them.
	workerIdleMemoryLimit: '600MB',
	projects: [
		project('unit', 'unit'),
		project('sandbox', 'sandbox'),
		project('engine', 'engine'),
		project('event-loop', 'event-loop'),
		project('contract', 'contract'),
		project('package', 'package'),
		project('live', 'live'),
		project('e2e', 'e2e'),
		project('queue', 'e2e-queue'),
	],
};
