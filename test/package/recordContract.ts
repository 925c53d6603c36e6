/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- a command for a terminal */
import { writeFileSync } from 'node:fs';

import { compareContracts, contractFile, presentContract, recordedContract } from './publicContract';

/**
 * `npm run contract`: adds what is new in nodes and credentials to publicContract.json. What is recorded stays as it
 * is; a line that no release ever held may be deleted by hand.
 */
async function main() {
	const recorded = recordedContract();
	const { broken, added } = compareContracts(recorded, await presentContract());
	const lines = Object.entries({ ...recorded, ...added }).sort(([one], [other]) => (one < other ? -1 : 1));
	writeFileSync(contractFile, `${JSON.stringify(Object.fromEntries(lines), null, 2)}\n`);
	console.log(`${Object.keys(added).length} lines added to ${contractFile}`);
	if (broken.length === 0) return;
	console.error(broken.join('\n'));
	process.exitCode = 1;
}

void main();
