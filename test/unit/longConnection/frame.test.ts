import fc from 'fast-check';
import protobuf from 'protobufjs';

import { decodeFrame, encodeFrame, type Frame } from '../../../nodes/FeishuMail/trigger/longConnection/frame';
import { asJudged, frames, judge } from './judge';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A field that Feishu may add one day. */
const unknownFields = fc
	.record({
		number: fc.oneof(fc.integer({ min: 10, max: 200 }), fc.constant(2 ** 29 - 1)),
		value: fc.oneof(
			fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
			fc.uint8Array({ maxLength: 20 }),
			fc.float(),
			fc.tuple(fc.double()),
		),
	})
	.map(({ number, value }) => {
		const writer = protobuf.Writer.create();
		if (typeof value === 'bigint') writer.uint32(number * 8).uint64(String(value));
		else if (typeof value === 'number') writer.uint32(number * 8 + 5).float(value);
		else if (value instanceof Uint8Array) writer.uint32(number * 8 + 2).bytes(value);
		else writer.uint32(number * 8 + 1).double(value[0]);
		return writer.finish();
	});

const vectors: Array<[string, string, Frame]> = [
	[
		'a ping',
		'0800100018f681801020002a0c0a0474797065120470696e67',
		{ sequenceId: 0n, logId: 0n, service: 33554678, method: 0, headers: [['type', 'ping']] },
	],
	[
		'an answer',
		`080110fb80e0d5b495eb8e6918f681801020012a0d0a047479706512056576656e742a180a0a6d6573736167655f6964120a62396433663064322d312a080a0373756d120132
		2a080a037365711201302a100a0874726163655f6964120474722d312a1a0a0974696d657374616d70120d313736343030303030303132332a150a0b696e7374616e63655f69
		641206696e73743d3d2a0b0a0662697a5f7274120133420c7b22636f6465223a3230307d4a1330323137363430303030303030303030303030`,
		{
			sequenceId: 1n,
			logId: 7574400000000000123n,
			service: 33554678,
			method: 1,
			headers: [
				['type', 'event'],
				['message_id', 'b9d3f0d2-1'],
				['sum', '2'],
				['seq', '0'],
				['trace_id', 'tr-1'],
				['timestamp', '1764000000123'],
				['instance_id', 'inst=='],
				['biz_rt', '3'],
			],
			payload: Buffer.from('{"code":200}'),
			logIdNew: '0217640000000000000',
		},
	],
];

it.each(vectors)('%s is written and read as by the SDK', (_, written, frame) => {
	const bytes = written.replace(/\s/g, '');
	expect(hex(encodeFrame(frame))).toBe(bytes);
	expect(decodeFrame(Buffer.from(bytes, 'hex'))).toEqual(frame);
});

it('a frame is written as by protobufjs', () => {
	fc.assert(
		fc.property(frames, (frame) => {
			expect(hex(encodeFrame(frame))).toBe(hex(judge.encode(asJudged(frame)).finish()));
		}),
	);
});

it('a frame of protobufjs is read as it was meant, with fields that are not known yet', () => {
	fc.assert(
		fc.property(frames, fc.array(unknownFields), fc.boolean(), (frame, unknown, isBefore) => {
			const written = judge.encode(asJudged(frame)).finish();
			const bytes = Buffer.concat(isBefore ? [...unknown, written] : [written, ...unknown]);
			expect(decodeFrame(bytes)).toEqual(frame);
		}),
	);
});

it('bytes that stand within larger memory are read alone', () => {
	const bytes = encodeFrame(vectors[1]![2]);
	const memory = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('after')]);
	expect(decodeFrame(new Uint8Array(memory.buffer, memory.byteOffset + 6, bytes.length))).toEqual(
		vectors[1]![2],
	);
});

it('of a frame that is cut off anywhere, only whole fields are read', () => {
	const [, , whole] = vectors[1]!;
	const bytes = encodeFrame(whole);
	const readable = Array.from({ length: bytes.length }, (_, length) => length).filter((length) => {
		try {
			decodeFrame(bytes.subarray(0, length));
			return true;
		} catch {
			return false;
		}
	});
	// After the four required fields: before each header, before the payload and before the last field.
	const headers = whole.headers.map((_, index) =>
		encodeFrame({ ...whole, headers: whole.headers.slice(0, index + 1) }),
	);
	const rest = encodeFrame({ ...whole, headers: [] }).length;
	const required = encodeFrame({ ...whole, headers: [], payload: undefined, logIdNew: undefined }).length;
	expect(readable).toEqual([
		required,
		...headers.map((frame) => frame.length - (rest - required)),
		encodeFrame({ ...whole, logIdNew: undefined }).length,
	]);
});

it.each([
	['nothing', ''],
	['a frame without a required field', '080010001800'],
	['a length beyond the end', '0800100018002000' + '42ffffffff0f'],
	['a length beyond all numbers', '0800100018002000' + '42ffffffffffffffffff01'],
	['a number that does not end', '0800100018002000' + '08' + 'ff'.repeat(11)],
	['a group', '0800100018002000' + '5b5c'],
	['a form that does not exist', '0800100018002000' + '5f'],
	['field 0', '0800100018002000' + '0200'],
	['a field number of more than 29 bits', '0800100018002000' + '8080808080' + '0200'],
	['a header that is cut off within', '0800100018002000' + '2a020a05'],
])('%s is refused', (_, bytes) => {
	expect(() => decodeFrame(Buffer.from(bytes, 'hex'))).toThrow('Not a frame');
});

it('any bytes at all are read or refused, at once', () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
			try {
				decodeFrame(bytes);
			} catch (error) {
				expect((error as Error).message).toContain('Not a frame');
			}
		}),
		{ numRuns: 2000 },
	);
});
