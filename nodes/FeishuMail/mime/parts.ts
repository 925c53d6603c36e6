import { header, quotedFileName } from './headers';
import { imageType } from './inlineImages';

export interface MailFile {
	filename: string;
	content: Buffer;
}

/** An image that HTML shows as `cid:<cid>`. */
export interface InlineImage extends MailFile {
	cid: string;
}

/** A part of a mail, or the whole (RFC 2045, section 2.4). */
export type Part = Leaf | Multipart;

/** A part with a content. */
export interface Leaf {
	/** Lines with their line ends, one for each field. They hold bytes, as Latin-1: whatever charset they are in, it stays. */
	header: string[];
	content: Buffer;
	/** The content is to be written in base64; else it is written as it is. */
	encode?: true;
}

/** A part with parts in it (RFC 2046, section 5.1). */
export interface Multipart {
	header: string[];
	boundary: string;
	parts: Part[];
	/** What stands before the first part, and from the last boundary on. */
	before?: Buffer;
	after?: Buffer;
}

export const isMultipart = (part: Part): part is Multipart => 'parts' in part;

/** A line of a header. */
export const line = (name: string, value: string): string =>
	Buffer.from(header(name, value)).toString('latin1');

/** All content is base64: Feishu refuses other bytes than ASCII. */
const leaf = (content: Buffer, fields: Record<string, string>): Leaf => ({
	header: Object.entries({ ...fields, 'Content-Transfer-Encoding': 'base64' }).map((field) => line(...field)),
	content,
	encode: true,
});

const textPart = (subtype: 'plain' | 'html', text: string) =>
	leaf(Buffer.from(text), { 'Content-Type': `text/${subtype}; charset=UTF-8` });

/** Feishu keeps attachments without their type. */
export function attachmentPart({ filename, content }: MailFile): Leaf {
	const name = quotedFileName(filename);
	return leaf(content, {
		'Content-Type': `application/octet-stream; name=${name}`,
		'Content-Disposition': `attachment; filename=${name}`,
	});
}

export function imagePart({ filename, content, cid }: InlineImage): Leaf {
	const name = quotedFileName(filename);
	return leaf(content, {
		'Content-Type': `${imageType(content) ?? 'application/octet-stream'}; name=${name}`,
		'Content-Disposition': `inline; filename=${name}`,
		'Content-Id': `<${cid}>`,
		'X-Attachment-Id': cid,
		'X-Image-Id': cid,
	});
}

/**
 * Several parts as one; a single part stays as it is.
 *
 * @param id tells the boundary from those of other mails. It has a hyphen, which base64 has not, and no header field begins
 * with one.
 */
export function multipart(subtype: string, id: string, parts: Part[]): Part {
	if (parts.length === 1) return parts[0]!;
	const boundary = `${subtype}-${id}`;
	return { header: [line('Content-Type', `multipart/${subtype}; boundary=${boundary}`)], boundary, parts };
}

/** What a mail says: HTML, which stands alone without a text, or a text. */
export interface Texts {
	text?: string;
	html?: string;
}

export function textsPart({ text, html }: Texts, id: string): Part {
	return multipart('alternative', id, [
		...(text !== undefined || html === undefined ? [textPart('plain', text ?? '')] : []),
		...(html !== undefined ? [textPart('html', html)] : []),
	]);
}

/** What is written one after the other: text, which stands for bytes as Latin-1, bytes, or what is to be in base64. */
type Piece = string | Buffer | { encode: Buffer };

function piecesOf(part: Part): Piece[] {
	const head = `${part.header.join('')}\n`;
	if (!isMultipart(part)) return [head, part.encode ? { encode: part.content } : part.content];
	const { boundary, parts, before = '', after = `--${boundary}--\n` } = part;
	return [head, before, ...parts.flatMap((child) => [`--${boundary}\n`, ...onLines(piecesOf(child))]), after];
}

/** A boundary stands at the beginning of a line. */
function onLines(pieces: Piece[]): Piece[] {
	const last = pieces.filter((piece) => !(Buffer.isBuffer(piece) && piece.length === 0)).at(-1);
	const isOpen = Buffer.isBuffer(last)
		? last.at(-1) !== 0x0a
		: typeof last === 'string' && !last.endsWith('\n');
	return isOpen ? [...pieces, '\n'] : pieces;
}

/** Bytes that give a line of base64 (RFC 2045, section 6.8), and those of the line with its end. */
const LINE_BYTES = 57;
const LINE = 77;

/** Lines of base64 that are written at a time. */
const LINES = 192;

function sizeOf(piece: Piece): number {
	if (typeof piece === 'string' || Buffer.isBuffer(piece)) return piece.length;
	const { length } = piece.encode;
	return Math.ceil(length / 3) * 4 + Math.max(1, Math.ceil(length / LINE_BYTES));
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

/** Bytes that a part will have when it is written. */
export const partSize = (part: Part): number => sum(piecesOf(part).map(sizeOf));

/** What tells a part from others, without being written. */
export const partFacts = (part: Part): Array<string | Buffer> =>
	piecesOf(part).map((piece) => (typeof piece === 'object' && 'encode' in piece ? piece.encode : piece));

/** A part as bytes. */
export function writePart(part: Part): Buffer {
	const bytes = Buffer.allocUnsafe(partSize(part));
	let end = 0;
	for (const chunk of chunksOf(part)) end += chunk.copy(bytes, end);
	return bytes;
}

/** A text that is too long to be held besides what it is written into: how many bytes it has, all ASCII, and what writes it. */
export interface WrittenText {
	size: number;
	write: (bytes: Buffer, start: number) => void;
}

/** A part in base64url, without padding. It is encoded while it is written, so that it is nowhere whole before. */
export function encodedPart(part: Part): WrittenText {
	const write = (bytes: Buffer, start: number) => {
		let end = start;
		let rest = Buffer.alloc(0);
		for (const chunk of chunksOf(part)) {
			const open = Buffer.concat([rest, chunk]);
			const whole = open.length - (open.length % 3);
			end += bytes.write(open.toString('base64url', 0, whole), end, 'latin1');
			rest = open.subarray(whole);
		}
		bytes.write(rest.toString('base64url'), end, 'latin1');
	};
	return { size: Math.ceil((partSize(part) * 4) / 3), write };
}

/** The bytes of a part one after the other. Each chunk is to be used before the next one is asked for. */
function* chunksOf(part: Part): Generator<Buffer, void> {
	for (const piece of piecesOf(part)) {
		if (typeof piece === 'string') yield Buffer.from(piece, 'latin1');
		else if (Buffer.isBuffer(piece)) yield piece;
		else yield* linesOf(piece.encode);
	}
}

/** Lines of base64. A content without bytes is an empty line. */
function* linesOf(content: Buffer): Generator<Buffer, void> {
	const chunk = Buffer.allocUnsafe(LINES * LINE);
	let from = 0;
	do {
		let end = 0;
		while (end + LINE <= chunk.length && from < content.length) {
			end += chunk.write(`${content.toString('base64', from, from + LINE_BYTES)}\n`, end, 'latin1');
			from += LINE_BYTES;
		}
		if (content.length === 0) end += chunk.write('\n');
		yield chunk.subarray(0, end);
	} while (from < content.length);
}
