/** Why n8n cannot be installed or started here, in words that say what to do; shown without a stack trace. */
export class CannotStart extends Error {
	override name = 'CannotStart';
}

/** Receives one line for each step. */
export type Report = (line: string) => void;
