import { parse, Reader } from 'protobufjs';

/** The messages of the long connection, as both SDKs have them. The first four fields are there even when they are 0. */
export const definition = `syntax = "proto2";
	package pbbp2;
	message Header {
		required string key = 1;
		required string value = 2;
	}
	message Frame {
		required uint64 SeqID = 1;
		required uint64 LogID = 2;
		required int32 service = 3;
		required int32 method = 4;
		repeated Header headers = 5;
		optional string payload_encoding = 6;
		optional string payload_type = 7;
		optional bytes payload = 8;
		optional string LogIDNew = 9;
	}`;

const schema = parse(definition, { keepCase: true })
	// Only then are required fields asked for.
	.root.resolveAll()
	.lookupType('pbbp2.Frame');

export interface FrameHeader {
	key: string;
	value: string;
}

/** What `method` says. */
export const methods = { control: 0, data: 1 } as const;

/** One binary message of the long connection, with the names of its fields. */
export interface Frame {
	SeqID: bigint;
	/** Above 2^53. */
	LogID: bigint;
	service: number;
	method: number;
	headers: FrameHeader[];
	payload_encoding?: string;
	payload_type?: string;
	payload?: Buffer;
	LogIDNew?: string;
}

/** Reads numbers of 64 bits exactly. The official SDK, once it is loaded, takes that from protobufjs. */
class ExactReader extends Reader {
	override uint64(): ReturnType<Reader['uint64']> {
		let value = 0n;
		for (let shift = 0n; shift < 70n; shift += 7n) {
			const byte = this.buf[this.pos];
			if (byte === undefined || this.pos >= this.len) throw new RangeError('The frame ends in a number');
			this.pos += 1;
			value |= BigInt(byte & 0x7f) << shift;
			if (byte < 0x80) return value as unknown as ReturnType<Reader['uint64']>;
		}
		throw new RangeError('A number is too long');
	}
}

/** The halves of a number of 64 bits, which are written exactly. */
function bitsOf(value: bigint) {
	return { low: Number(value & 0xffff_ffffn), high: Number(value >> 32n), unsigned: true };
}

/** The bytes of a frame. */
export function encodeFrame({ SeqID, LogID, ...rest }: Frame): Buffer {
	return Buffer.from(schema.encode({ ...rest, SeqID: bitsOf(SeqID), LogID: bitsOf(LogID) }).finish());
}

/** The frame of these bytes. Throws when they are none, or lack a field that is required. */
export function decodeFrame(bytes: Uint8Array): Frame {
	const frame = schema.decode(new ExactReader(bytes)) as unknown as Frame;
	return { ...frame, headers: frame.headers.map(({ key, value }) => ({ key, value })) };
}

/** The value of a header; undefined when it has none of that name. */
export function headerOf({ headers }: Pick<Frame, 'headers'>, name: string): string | undefined {
	return headers.find(({ key }) => key === name)?.value;
}
