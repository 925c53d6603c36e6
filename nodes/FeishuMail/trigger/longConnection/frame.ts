/** A message of the long connection, in either direction. Protobuf (proto2), as `Frame` in Feishu's own SDKs. */
export interface Frame {
	/** Unsigned 64 bits, as the log id. */
	sequenceId: bigint;
	logId: bigint;
	service: number;
	/** `CONTROL` or `DATA`. */
	method: number;
	/** In their order; a key may come again. */
	headers: Array<[key: string, value: string]>;
	payloadEncoding?: string;
	payloadType?: string;
	payload?: Uint8Array;
	logIdNew?: string;
}

/** The method of pings and pongs. */
export const CONTROL = 0;

/** The method of events and cards, and of what answers them. */
export const DATA = 1;

/** The first value of a header. */
export const headerOf = ({ headers }: Frame, wanted: string) => headers.find(([key]) => key === wanted)?.[1];

function varint(value: bigint): Buffer {
	const bytes: number[] = [];
	// A negative number is written as one of 64 bits.
	let left = BigInt.asUintN(64, value);
	for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
	return Buffer.from([...bytes, Number(left)]);
}

const number = (tag: number, value: number | bigint) =>
	Buffer.concat([varint(BigInt(tag)), varint(BigInt(value))]);

function bytes(tag: number, value?: string | Uint8Array): Buffer {
	const written = Buffer.from((value ?? '') as string);
	return value === undefined ? written : Buffer.concat([number(tag, written.length), written]);
}

/**
 * A frame as it is sent: each field with its tag, which is its number and how it is written (0 a number, 2 bytes with
 * their length). The four numbers are required fields: they are written also when they are 0.
 */
export function encodeFrame(frame: Frame): Uint8Array {
	return Buffer.concat([
		number(0x08, frame.sequenceId),
		number(0x10, frame.logId),
		number(0x18, frame.service),
		number(0x20, frame.method),
		...frame.headers.map(([key, value]) =>
			bytes(0x2a, Buffer.concat([bytes(0x0a, key), bytes(0x12, value)])),
		),
		bytes(0x32, frame.payloadEncoding),
		bytes(0x3a, frame.payloadType),
		bytes(0x42, frame.payload),
		bytes(0x4a, frame.logIdNew),
	]);
}

/** Bytes of values of a fixed length, by the form of the field. */
const fixedLengths: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/** How many fields a message may have: each takes its time to be read. */
const MOST_FIELDS = 200;

const malformed = () => new Error('Not a frame of the long connection');

/**
 * The fields of a message one after the other, with their tags. Known ones and others are read alike.
 *
 * @throws where the bytes end too early, or cannot be a message
 */
function* fieldsOf(message: Buffer): Generator<[tag: number, value: bigint | Buffer]> {
	let position = 0;
	const readVarint = () => {
		let value = 0n;
		for (let shift = 0n; shift < 70n; shift += 7n) {
			const byte = message[position++];
			if (byte === undefined) break;
			value |= BigInt(byte & 127) << shift;
			if (byte < 128) return BigInt.asUintN(64, value);
		}
		throw malformed();
	};
	for (let count = 0; position < message.length; count++) {
		const tag = Number(readVarint());
		// Field 0 does not exist, and numbers have 29 bits.
		if (tag < 8 || tag > 0xffffffff || count === MOST_FIELDS) throw malformed();
		const form = tag % 8;
		if (form === 0) yield [tag, readVarint()];
		else {
			const length = form === 2 ? Number(readVarint()) : (fixedLengths[form] ?? Infinity);
			if (length > message.length - position) throw malformed();
			yield [tag, message.subarray(position, (position += length))];
		}
	}
}

/**
 * Reads a frame. Its payload is a view of the bytes.
 *
 * @throws where they are no whole frame
 */
export function decodeFrame({ buffer, byteOffset, byteLength }: Uint8Array): Frame {
	const headers: Frame['headers'] = [];
	const fields = new Map<number, bigint | Buffer>();
	for (const [tag, value] of fieldsOf(Buffer.from(buffer, byteOffset, byteLength))) {
		fields.set(tag, value);
		if (tag !== 0x2a) continue;
		const header = new Map(fieldsOf(value as Buffer));
		headers.push([String(header.get(0x0a) ?? ''), String(header.get(0x12) ?? '')]);
	}
	const numberOf = (tag: number) => {
		const value = fields.get(tag);
		if (value === undefined) throw malformed();
		return value as bigint;
	};
	const int32Of = (tag: number) => Number(BigInt.asIntN(32, numberOf(tag)));
	const textOf = (tag: number) => fields.get(tag)?.toString();
	return {
		sequenceId: numberOf(0x08),
		logId: numberOf(0x10),
		service: int32Of(0x18),
		method: int32Of(0x20),
		headers,
		payloadEncoding: textOf(0x32),
		payloadType: textOf(0x3a),
		payload: fields.get(0x42) as Buffer | undefined,
		logIdNew: textOf(0x4a),
	};
}
