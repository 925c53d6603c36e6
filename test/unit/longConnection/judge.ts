import fc from 'fast-check';
import protobuf from 'protobufjs';

import type { Frame } from '../../../nodes/FeishuMail/trigger/longConnection/frame';
import { definition } from '../../sandbox/frames';

/** The schema of Feishu's long connection, for a library that others have written. */
const { root } = protobuf.parse(definition, { keepCase: true });

export const judge = root.lookupType('pbbp2.Frame');

/** A frame in the judge's terms. */
export const asJudged = (frame: Frame) =>
	judge.fromObject({
		SeqID: String(frame.sequenceId),
		LogID: String(frame.logId),
		service: frame.service,
		method: frame.method,
		headers: frame.headers.map(([key, value]) => ({ key, value })),
		payload_encoding: frame.payloadEncoding,
		payload_type: frame.payloadType,
		payload: frame.payload,
		LogIDNew: frame.logIdNew,
	});

const text = fc.string({ unit: 'grapheme', maxLength: 40 });

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const int32 = fc.oneof(fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 33554678), fc.integer());

const uint64 = fc.oneof(
	fc.constantFrom(0n, 127n, 128n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n),
	fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);

export const frames: fc.Arbitrary<Frame> = fc.record({
	sequenceId: uint64,
	logId: uint64,
	service: int32,
	method: int32,
	headers: fc.array(fc.tuple(fc.oneof(text, fc.constantFrom('type', 'sum', '')), text), { maxLength: 9 }),
	payloadEncoding: optional(text),
	payloadType: optional(text),
	payload: optional(fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))),
	logIdNew: optional(text),
});
