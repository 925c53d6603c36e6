/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals, no-console -- for commands in a terminal */
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';

/** Where `npm start` and `npm run sandbox` have the sandbox unless they are told otherwise. */
export const defaultPort = 3900;

/** Ends the command with one line. */
export function fail(message: string): never {
	console.error(message);
	process.exit(1);
}

/** The options of the command. Ends it where they are others. */
export function readOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(options: Options) {
	try {
		return parseArgs({ options }).values;
	} catch (error) {
		return fail(`${(error as Error).message.split('. ')[0]}. See --help.`);
	}
}

/** What --port says. */
export function portOf(text = String(defaultPort)): number {
	const port = Number(text);
	if (/^\d+$/.test(text) && port <= 65_535) return port;
	return fail(`--port needs a number from 0 to 65535, not "${text}".`);
}

/** The command that drops a mail into the sandbox with that URL. */
export function mailCommand(url: string): string {
	const { port } = new URL(url);
	return port === String(defaultPort) ? 'npm run mail' : `npm run mail -- --port ${port}`;
}
