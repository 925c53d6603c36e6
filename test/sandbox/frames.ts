import { parse } from 'protobufjs';

/** The messages of the long connection, as both SDKs have them. The first four fields are there even when they are 0. */
const schema = parse(
	`syntax = "proto2";
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
	}`,
	{ keepCase: true },
).root.lookupType('pbbp2.Frame');

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

/** The bytes of a frame. */
export function encodeFrame({ SeqID, LogID, ...rest }: Frame): Buffer {
	const ids = { SeqID: SeqID.toString(), LogID: LogID.toString() };
	return Buffer.from(schema.encode(schema.fromObject({ ...rest, ...ids })).finish());
}

/** The frame of these bytes. Throws when they are none, or lack a field that is required. */
export function decodeFrame(bytes: Uint8Array): Frame {
	const options = { longs: String, bytes: Buffer, arrays: true };
	const { SeqID, LogID, ...rest } = schema.toObject(schema.decode(bytes), options) as Omit<
		Frame,
		'SeqID' | 'LogID'
	> & { SeqID: string; LogID: string };
	return { ...rest, SeqID: BigInt(SeqID), LogID: BigInt(LogID) };
}

/** The value of a header; undefined when it has none of that name. */
export function headerOf({ headers }: Pick<Frame, 'headers'>, name: string): string | undefined {
	return headers.find(({ key }) => key === name)?.value;
}
