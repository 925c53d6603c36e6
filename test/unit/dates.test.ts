import { tryToParseDateTime } from 'n8n-workflow';

import { readDate } from '../../nodes/FeishuMail/fields/dates';
import type { Item } from '../../nodes/FeishuMail/run/item';

const momentOf = (value: unknown, timezone = 'Asia/Shanghai') => {
	const moment = readDate(
		{ read: () => ({ value, displayName: 'Received After' }), run: { timezone } } as unknown as Item,
		'receivedAfter',
	);
	return moment === undefined ? undefined : new Date(moment).toISOString();
};

describe('a moment', () => {
	it.each<[unknown, string, string]>([
		['2026-11-24T09:00:00', 'Asia/Shanghai', '2026-11-24T01:00:00.000Z'],
		['2026-11-24T09:00:00', 'America/New_York', '2026-11-24T14:00:00.000Z'],
		['2026-07-01T09:00:00', 'America/New_York', '2026-07-01T13:00:00.000Z'],
		['2026-11-24T09:00', 'UTC', '2026-11-24T09:00:00.000Z'],
		['2026-11-24 09:00:00', 'Asia/Shanghai', '2026-11-24T01:00:00.000Z'],
		['2026-11-24', 'Asia/Shanghai', '2026-11-23T16:00:00.000Z'],
		[' 2026-11-24 ', 'UTC', '2026-11-24T00:00:00.000Z'],
		['2026-11-24T09:00:00Z', 'Asia/Shanghai', '2026-11-24T09:00:00.000Z'],
		['2026-11-24T09:00:00.123Z', 'Asia/Shanghai', '2026-11-24T09:00:00.123Z'],
		['2026-11-24T09:00:00+09:00', 'Asia/Shanghai', '2026-11-24T00:00:00.000Z'],
		['2026-11-24T23:30:00-10:00', 'Asia/Shanghai', '2026-11-25T09:30:00.000Z'],
		['2028-02-29', 'UTC', '2028-02-29T00:00:00.000Z'],
		['Tue, 24 Nov 2026 09:00:00 +0800', 'UTC', '2026-11-24T01:00:00.000Z'],
		['Tue, 24 Nov 2026 09:00:00 GMT', 'Asia/Shanghai', '2026-11-24T09:00:00.000Z'],
		[new Date('2026-11-24T09:00:00Z'), 'Asia/Shanghai', '2026-11-24T09:00:00.000Z'],
		[tryToParseDateTime('2026-11-24T09:00:00Z'), 'Asia/Shanghai', '2026-11-24T09:00:00.000Z'],
		[1795510800, 'Asia/Shanghai', '2026-11-24T09:00:00.000Z'],
		[1795510800000, 'Asia/Shanghai', '2026-11-24T09:00:00.000Z'],
		['1795510800000', 'Asia/Shanghai', '2026-11-24T09:00:00.000Z'],
		[' 1795510800 ', 'Asia/Shanghai', '2026-11-24T09:00:00.000Z'],
		[0, 'Asia/Shanghai', '1970-01-01T00:00:00.000Z'],
	])('%p in %s', (value, timezone, expected) => {
		expect(momentOf(value, timezone)).toBe(expected);
	});

	it.each([undefined, null, ''])('is none where nothing is entered: %p', (value) => {
		expect(momentOf(value)).toBeUndefined();
	});

	it.each<unknown>([
		'soon',
		'24.11.2026',
		'11/24/2026',
		'Nov 24, 2026',
		'2026-02-29',
		'2026-02-30',
		'2026-13-01',
		'2026-11-24T25:00:00',
		'2026-11-24nonsense',
		'12',
		'2026',
		'-5',
		-5,
		NaN,
		Infinity,
		1e15,
		true,
		false,
		{},
		[],
		new Date(NaN),
	])('%p is refused', (value) => {
		expect(() => momentOf(value)).toThrow("'Received After' must be a date");
	});
});
