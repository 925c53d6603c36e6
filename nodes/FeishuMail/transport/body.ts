import type { IDataObject, IHttpRequestOptions } from 'n8n-workflow';

/**
 * A value of a body that is a long text, such as a mail with its files. It is written into the body when that is sent: as
 * a text, it would be in memory three times, with the JSON that axios makes of it and the bytes of that.
 */
export class LongText {
	/** @param text how many bytes it has, and what puts them there: ASCII that stands in JSON as it is */
	constructor(readonly text: { size: number; write: (bytes: Buffer, start: number) => void }) {}
}

/** A body for n8n: as it is, or, with a long text in it, as the bytes of its JSON. */
export function bodyOf(body?: IDataObject): Pick<IHttpRequestOptions, 'body' | 'headers'> {
	const isLong = body && Object.values(body).some((value) => value instanceof LongText);
	if (!isLong) return { body };
	// Axios takes bytes for a form unless they are said to be something else.
	return { body: jsonBytes(body), headers: { 'Content-Type': 'application/json' } };
}

function jsonBytes(body: IDataObject): Buffer {
	const fields = Object.entries(body).filter(([, value]) => value !== undefined);
	const pieces = fields.flatMap(([name, value], index) => [
		`${index ? ',' : '{'}${JSON.stringify(name)}:`,
		...(value instanceof LongText ? ['"', value.text, '"'] : [JSON.stringify(value)]),
	]);
	pieces.push('}');
	const sizeOf = (piece: (typeof pieces)[number]) =>
		typeof piece === 'string' ? Buffer.byteLength(piece) : piece.size;
	const bytes = Buffer.allocUnsafe(pieces.reduce((size, piece) => size + sizeOf(piece), 0));
	let end = 0;
	for (const piece of pieces) {
		if (typeof piece === 'string') bytes.write(piece, end);
		else piece.write(bytes, end);
		end += sizeOf(piece);
	}
	return bytes;
}
