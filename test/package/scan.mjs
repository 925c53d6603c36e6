import { analyzePackage, SOURCE_FILE_PATTERNS } from '@n8n/scan-community-package/scanner/scanner.mjs';

// The second list is the one that `analyzePackageByName` of the scanner (0.32) gives to published files.
const patterns = { source: SOURCE_FILE_PATTERNS, packed: ['**/*.js', 'package.json'] };

const [, , kind, directory] = process.argv;
const { passed, message, details } = await analyzePackage(directory, patterns[kind]);
if (!passed) {
	console.log(`${message}\n${details ?? ''}`);
	process.exitCode = 1;
}
