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

/** Bytes that give a line of 76 characters in base64 (RFC 2045, section 6.8). */
const LINE_BYTES = 57;

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
	const pieces = piecesOf(part);
	const bytes = Buffer.allocUnsafe(sum(pieces.map(sizeOf)));
	let end = 0;
	for (const piece of pieces) {
		if (typeof piece === 'string') end += bytes.write(piece, end, 'latin1');
		else if (Buffer.isBuffer(piece)) end += piece.copy(bytes, end);
		else end += writeBase64(piece.encode, bytes, end);
	}
	return bytes;
}

/** Writes lines of base64. A content without bytes is an empty line. */
function writeBase64(content: Buffer, bytes: Buffer, start: number): number {
	let end = start;
	let from = 0;
	do {
		end += bytes.write(`${content.toString('base64', from, from + LINE_BYTES)}\n`, end, 'latin1');
		from += LINE_BYTES;
	} while (from < content.length);
	return end - start;
}
