/* eslint-disable @n8n/community-nodes/no-restricted-globals -- n8n's logger takes its level from the environment */
import { LoggerProxy } from 'n8n-workflow';

process.env.N8N_LOG_LEVEL = 'info';

/** What n8n logs, in the test files that import this before the stage. */
export const logged: string[] = [];

const log = (...words: unknown[]) => {
	logged.push(words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word))).join(' '));
};

/**
 * From here to the end of the test everything is logged that n8n does, also what it logs for debugging. When it sends
 * its first request, n8n puts its own logger in the place of this one.
 */
export const captureLog = () => {
	// n8n's reporter of errors writes to these, whatever is put in the place of console.log.
	const { _stdout, _stderr } = console as unknown as Record<
		'_stdout' | '_stderr',
		{ write(text: string): void }
	>;
	for (const stream of [_stdout, _stderr]) jest.spyOn(stream, 'write').mockImplementation(log);
	LoggerProxy.init({ debug: log, info: log, warn: log, error: log });
	logged.length = 0;
};
