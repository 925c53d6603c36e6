import { readOptions } from '../../nodes/FeishuMail/run/options';

describe('readOptions', () => {
	it.each([
		[{}, { maxWait: 1_800_000, timeout: 60_000 }],
		[
			{ maxWait: 0, timeout: 0.5 },
			{ maxWait: 0, timeout: 500 },
		],
		[
			{ maxWait: 0.0001, timeout: 1.0001 },
			{ maxWait: 1, timeout: 1001 },
		],
		[
			{ maxWait: '7', timeout: '' },
			{ maxWait: 7000, timeout: 60_000 },
		],
	])('%j is %j milliseconds', (values, milliseconds) => {
		expect(readOptions(values)).toEqual(milliseconds);
	});

	it.each([2_147_484, 1e12])('a timeout of %d seconds is as long as a timer can be', (timeout) => {
		expect(readOptions({ timeout }).timeout).toBe(2 ** 31 - 1);
	});
});
