import fc from 'fast-check';

import { clock } from '../../../nodes/FeishuMail/transport/clock';
import { Fragments } from '../../../nodes/FeishuMail/trigger/longConnection/fragments';
import { piecesOf } from './server';

let now: number;
let fragments: Fragments;

beforeEach(() => {
	now = 1000;
	jest.spyOn(clock, 'elapsed').mockImplementation(() => now);
	fragments = new Fragments();
});

afterEach(() => jest.restoreAllMocks());

const textOf = (bytes?: Uint8Array) => bytes && Buffer.from(bytes).toString();

it('an event of one piece is whole, also without the headers that count pieces', () => {
	const [frame] = piecesOf('m1', 'Grüße');
	expect(textOf(fragments.add(frame!))).toBe('Grüße');
	expect(textOf(fragments.add({ ...frame!, headers: [['type', 'event']] }))).toBe('Grüße');
	expect(textOf(fragments.add({ ...frame!, payload: undefined }))).toBe('');
});

it('pieces are put together in any order, mixed with those of others, some of them twice', () => {
	const event = fc.record({
		text: fc.string({ unit: 'grapheme', maxLength: 300 }),
		pieces: fc.integer({ min: 2, max: 12 }),
		twice: fc.nat(),
	});
	const events = fc.array(event, { minLength: 1, maxLength: 6 }).chain((some) => {
		const frames = some.flatMap(({ text, pieces, twice }, index) => {
			const all = piecesOf(`m${index}`, text, pieces);
			return all.map((frame, seq) => ({ frame, index, times: seq === twice % pieces ? 2 : 1 }));
		});
		return fc.tuple(
			fc.constant(some),
			fc.shuffledSubarray(frames, { minLength: frames.length, maxLength: frames.length }),
		);
	});
	fc.assert(
		fc.property(events, ([some, frames]) => {
			const collecting = new Fragments();
			const left = some.map(({ pieces }) => pieces);
			for (const { frame, index, times } of frames) {
				left[index]!--;
				// A repeated piece is one all the same; after the last one, nobody waits for it.
				for (let time = 0; time < times; time++) {
					const isLast = left[index] === 0 && time === 0;
					const whole = textOf(collecting.add(frame));
					expect(whole).toBe(isLast ? some[index]!.text : undefined);
				}
			}
		}),
	);
});

it.each([
	['0', '0'],
	['-1', '0'],
	['1001', '0'],
	['2', '2'],
	['2', '-1'],
	['2', '0.5'],
	['1.5', '0'],
	['two', '0'],
	['2', 'one'],
	['Infinity', '0'],
	['2', 'NaN'],
])('of %s pieces, there is no %s', (sum, seq) => {
	const [frame] = piecesOf('m1', 'text');
	const headers = [
		['sum', sum],
		['seq', seq],
	] as Array<[string, string]>;
	expect(() => fragments.add({ ...frame!, headers })).toThrow('cannot be');
});

it('1000 pieces are an event', () => {
	const frames = piecesOf('m1', 'x'.repeat(2000), 1000);
	expect(frames.map((frame) => textOf(fragments.add(frame))).at(-1)).toBe('x'.repeat(2000));
});

it('pieces that disagree about their number are not put together', () => {
	const [first] = piecesOf('m1', 'abcdef', 2);
	const [, second, third] = piecesOf('m1', 'abcdef', 3);
	expect([first, second, third].map((frame) => fragments.add(frame!))).toEqual([
		undefined,
		undefined,
		undefined,
	]);
});

it('pieces wait ten seconds for the others', () => {
	const [first, second] = piecesOf('m1', 'abcdef', 2);
	fragments.add(first!);
	now += 9999;
	expect(fragments.forgetLost()).toBe(false);
	expect(textOf(fragments.add(second!))).toBe('abcdef');

	fragments.add(first!);
	now += 10_000;
	expect(fragments.forgetLost()).toBe(true);
	expect(fragments.forgetLost()).toBe(false);
	expect(fragments.add(second!)).toBeUndefined();
});

it('of more than 100 events that wait, the oldest is forgotten', () => {
	const events = Array.from({ length: 101 }, (_, index) => piecesOf(`m${index}`, 'abcdef', 2));
	for (const [first] of events.slice(0, 100)) fragments.add(first!);
	expect(fragments.forgetLost()).toBe(false);
	fragments.add(events[100]![0]!);
	expect(fragments.forgetLost()).toBe(true);
	expect(textOf(fragments.add(events[1]![1]!))).toBe('abcdef');
	expect(fragments.add(events[0]![1]!)).toBeUndefined();
});

it('of more than 32 MiB that wait, the oldest is forgotten; a repeated piece counts once', () => {
	const large = 'x'.repeat(24 * 1024 * 1024);
	const [first, second] = piecesOf('m1', large, 2);
	for (let time = 0; time < 3; time++) fragments.add(first!);
	expect(fragments.forgetLost()).toBe(false);
	const [other, last] = piecesOf('m2', `${large}${large}`, 2);
	fragments.add(other!);
	expect(fragments.forgetLost()).toBe(true);
	expect(fragments.add(second!)).toBeUndefined();
	// What is whole, or forgotten, does not count any more.
	expect(fragments.add(first!)).toHaveLength(large.length);
	expect(fragments.add(last!)).toHaveLength(2 * large.length);
	fragments.add(first!);
	expect(fragments.forgetLost()).toBe(false);
});
