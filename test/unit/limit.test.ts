import type { Item } from '../../nodes/FeishuMail/run/item';
import { limitFields, readLimit } from '../../nodes/FeishuMail/fields/limit';

const limitOf = (values: { returnAll?: unknown; limit?: unknown }) =>
	readLimit({
		read: (parameter: keyof typeof values) => ({
			value: values[parameter],
			displayName: limitFields.find(({ name }) => name === parameter)!.displayName,
		}),
	} as Item);

describe('the limit of a list', () => {
	it.each<[unknown, number]>([
		[1, 1],
		[50, 50],
		['7', 7],
		[' 7 ', 7],
		['7.0', 7],
		[1_000_000, 1_000_000],
	])('%j is %d', (limit, number) => {
		expect(limitOf({ returnAll: false, limit })).toBe(number);
	});

	it.each([0, -1, 1.5, NaN, Infinity, '', ' ', 'many', '-3', null, undefined, true, [7], {}])(
		'%p is refused',
		(limit) => {
			expect(() => limitOf({ returnAll: false, limit })).toThrow("'Limit' must be a whole number above 0");
		},
	);

	it.each([1, 0, undefined, 'many'])('is none with Return All, whatever the limit: %p', (limit) => {
		expect(limitOf({ returnAll: true, limit })).toBe(Infinity);
	});

	it('is asked for only without Return All', () => {
		expect(limitFields.map(({ name, displayOptions }) => [name, displayOptions])).toEqual([
			['returnAll', undefined],
			['limit', { show: { returnAll: [false] } }],
		]);
	});
});
