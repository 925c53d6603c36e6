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

/** A field's tag: its number, and how its value is written (0 a number, 2 bytes with their length). */
const tag = {
	key: 0x0a,
	value: 0x12,
	sequenceId: 0x08,
	logId: 0x10,
	service: 0x18,
	method: 0x20,
	header: 0x2a,
	payloadEncoding: 0x32,
	payloadType: 0x3a,
	payload: 0x42,
	logIdNew: 0x4a,
};

function varint(value: bigint): Buffer {
	const bytes: number[] = [];
	// A negative number is written as one of 64 bits.
	let left = BigInt.asUintN(64, value);
	for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
	return Buffer.from([...bytes, Number(left)]);
}

const number = (field: number, value: number | bigint) =>
	Buffer.concat([Buffer.from([field]), varint(BigInt(value))]);

function bytes(field: number, value: string | Uint8Array | undefined): Buffer {
	if (value === undefined) return Buffer.alloc(0);
	const written = Buffer.from(value as string);
	return Buffer.concat([number(field, written.length), written]);
}

/** A frame as it is sent. The four numbers are required fields: they are written also when they are 0. */
export function encodeFrame(frame: Frame): Uint8Array {
	return Buffer.concat([
		number(tag.sequenceId, frame.sequenceId),
		number(tag.logId, frame.logId),
		number(tag.service, frame.service),
		number(tag.method, frame.method),
		...frame.headers.map(([key, value]) =>
			bytes(tag.header, Buffer.concat([bytes(tag.key, key), bytes(tag.value, value)])),
		),
		bytes(tag.payloadEncoding, frame.payloadEncoding),
		bytes(tag.payloadType, frame.payloadType),
		bytes(tag.payload, frame.payload),
		bytes(tag.logIdNew, frame.logIdNew),
	]);
}

/** Bytes of values of a fixed length, by the form of the field. */
const fixedLengths: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

const malformed = () => new Error('Not a frame of the long connection');

/**
 * The fields of a message one after the other, with their tags. Known ones and others are read alike.
 *
 * @throws where the bytes end too early, or cannot be a message
 */
function* fieldsOf(message: Buffer): Generator<[field: number, value: bigint | Buffer]> {
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
	while (position < message.length) {
		const field = Number(readVarint());
		// Field 0 does not exist, and numbers have 29 bits.
		if (field < 8 || field > 0xffffffff) throw malformed();
		const form = field % 8;
		if (form === 0) yield [field, readVarint()];
		else {
			const length = form === 2 ? Number(readVarint()) : (fixedLengths[form] ?? Infinity);
			if (length > message.length - position) throw malformed();
			yield [field, message.subarray(position, (position += length))];
		}
	}
}

/**
 * Reads a frame. Its payload is a view of the bytes.
 *
 * @throws where they are no whole frame
 */
export function decodeFrame(received: Uint8Array): Frame {
	const message = Buffer.from(received.buffer, received.byteOffset, received.byteLength);
	const headers: Frame['headers'] = [];
	const fields = new Map<number, bigint | Buffer>();
	for (const [field, value] of fieldsOf(message)) {
		if (field === tag.header) {
			const parts = new Map(fieldsOf(value as Buffer));
			headers.push([String(parts.get(tag.key) ?? ''), String(parts.get(tag.value) ?? '')]);
		} else fields.set(field, value);
	}
	const numberOf = (field: number) => {
		const value = fields.get(field);
		if (value === undefined) throw malformed();
		return value as bigint;
	};
	const bytesOf = (field: number) => fields.get(field) as Buffer | undefined;
	return {
		sequenceId: numberOf(tag.sequenceId),
		logId: numberOf(tag.logId),
		service: Number(BigInt.asIntN(32, numberOf(tag.service))),
		method: Number(BigInt.asIntN(32, numberOf(tag.method))),
		headers,
		payloadEncoding: bytesOf(tag.payloadEncoding)?.toString(),
		payloadType: bytesOf(tag.payloadType)?.toString(),
		payload: bytesOf(tag.payload),
		logIdNew: bytesOf(tag.logIdNew)?.toString(),
	};
}
