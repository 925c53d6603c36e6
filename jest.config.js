const project = (displayName, directory) => ({
	displayName,
	rootDir: __dirname,
	testMatch: [`<rootDir>/test/${directory}/**/*.test.ts`],
	testEnvironment: 'node',
	transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: 'test/tsconfig.json', diagnostics: false }] },
	modulePathIgnorePatterns: ['<rootDir>/dist/package.json', '<rootDir>/test/real-n8n/node_modules'],
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
