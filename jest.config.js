// test/versions has the engine tests run on another n8n. LangChain before 1.2, in n8n-core up to 2.?, requires ESM modules.
const otherN8n = process.env.N8N_MODULES;
const esModules = '/node_modules/(p-retry|is-network-error)/';
const onOtherN8n = otherN8n
	? {
			moduleNameMapper: { '^(n8n-core|n8n-workflow)$': `${otherN8n}/$1` },
			transformIgnorePatterns: [`/node_modules/(?!(p-retry|is-network-error)/)`],
		}
	: {};

const project = (displayName, directory) => ({
	displayName,
	rootDir: __dirname,
	testMatch: [`<rootDir>/test/${directory}/**/*.test.ts`],
	testEnvironment: 'node',
	transform: {
		'^.+\\.ts$': ['ts-jest', { tsconfig: 'test/tsconfig.json', diagnostics: false }],
		[`${esModules}.+\\.js$`]: ['ts-jest', { tsconfig: { allowJs: true, module: 'CommonJS', target: 'ES2022', isolatedModules: true }, diagnostics: false }],
	},
	modulePathIgnorePatterns: ['<rootDir>/dist/package.json', '<rootDir>/test/real-n8n/node_modules'],
	...onOtherN8n,
});

module.exports = {
	testTimeout: 30_000,
	projects: [
		project('unit', 'unit'),
		project('sandbox', 'sandbox'),
		project('engine', 'engine'),
		project('contract', 'contract'),
		project('package', 'package'),
		project('live', 'live'),
		project('e2e', 'e2e'),
		project('queue', 'e2e-queue'),
	],
};
