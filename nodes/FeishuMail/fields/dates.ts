import { tryToParseDateTime } from 'n8n-workflow';

import type { Item } from '../run/item';
import { RefusedInput } from '../transport/refusedInput';

/** Seconds of time that are no milliseconds yet: the year 5138. */
const MOST_SECONDS = 1e11;

/**
 * A moment, in milliseconds since 1970; undefined where none is entered. A text without an offset, as n8n's date picker
 * gives, is local time in the workflow's time zone; a number is seconds or milliseconds.
 *
 * @throws RefusedInput for what is no date
 */
export function readDate(item: Item, parameter: string): number | undefined {
	return dateIn(item, item.read(parameter));
}

/**
 * The same for what is read already.
 *
 * @throws RefusedInput for what is no date
 */
export function dateIn(
	item: Item,
	{ value, displayName }: { value: unknown; displayName: string },
): number | undefined {
	if (value === undefined || value === null || value === '') return undefined;
	const number = typeof value === 'number' || /^\s*\d{9,13}\s*$/.test(String(value)) ? Number(value) : NaN;
	const moment =
		number >= 0 && number < 1000 * MOST_SECONDS
			? number * (number < MOST_SECONDS ? 1000 : 1)
			: parsed(value, item.run.timezone);
	if (moment !== undefined) return moment;
	throw new RefusedInput(
		`'${displayName}' must be a date`,
		`The value is '${String(value)}'. Enter a date such as 2026-11-24T09:00:00, or one with a time zone such as 2026-11-24T09:00:00Z.`,
	);
}

/**
 * The moments from which and up to which mails are wanted, each undefined where none is entered.
 *
 * @throws RefusedInput for what is no date, and for a span between whose ends no mail can be
 */
export function readSpan(item: Item): { from?: number; to?: number } {
	const from = readDate(item, 'receivedAfter');
	const to = readDate(item, 'receivedBefore');
	if (from === undefined || to === undefined || from <= to) return { from, to };
	throw new RefusedInput(
		"'Received After' is later than 'Received Before', so that no mail can be between them",
		'Exchange them, or leave one of them out.',
	);
}

/** The texts that are read: ISO 8601, also with a blank before the time, and what mails are sent with. */
const ISO =
	/^(\d{4}-\d\d-\d\d)((T\d\d| \d\d:\d\d)(:?\d\d){0,2}([.,]\d+)?( ?(Z|[+-]\d\d(:?\d\d)?))?(\[.+\])?)?$/;
const OF_MAILS = /^[A-Z][a-z]{2}, .+ (GMT|UTC?|[+-]\d{4})( \(.*\))?$/;

/** Of any other text, n8n makes a guess, in the time zone of its server; of 30 February, it makes another day. */
function parsed(value: unknown, timezone: string): number | undefined {
	const text = String(value).trim();
	const [, day] = ISO.exec(text) ?? [];
	// Date and luxon's DateTime, which $now gives.
	const isDate = typeof value === 'object' && value !== null && 'toJSON' in value;
	if (!isDate && day === undefined && !OF_MAILS.test(text)) return undefined;
	try {
		const moment = tryToParseDateTime(value, timezone);
		return isDate || day === undefined || moment.toISODate() === day ? moment.toMillis() : undefined;
	} catch {
		return undefined;
	}
}
