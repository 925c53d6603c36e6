import type { Leaf, Multipart, Part } from './parts';

/** Whether a line of a header has a field (RFC 5322, section 2.2; blanks before the colon are obsolete). */
export const isField = (name: string) => {
	const wanted = name.toLowerCase();
	return (text: string) => /^([!-9;-~]+)[ \t]*:/.exec(text)?.[1]?.toLowerCase() === wanted;
};

/** The value of a field, in the bytes that stand in the mail. Undefined where a part has none. */
export function fieldOf({ header }: Part, name: string): string | undefined {
	const found = header.find(isField(name));
	return found?.slice(found.indexOf(':') + 1).trim();
}

/** The type of a part, without its parameters (RFC 2045, section 5.2). */
export const typeOf = (part: Part): string => wordOf(part, 'Content-Type') || 'text/plain';

/** What is to be done with a part, such as `attachment` (RFC 2183); empty where it does not say. */
export const dispositionOf = (part: Part): string => wordOf(part, 'Content-Disposition');

/** How the content of a part is encoded (RFC 2045, section 6.1). */
const encodingOf = (part: Part): string => wordOf(part, 'Content-Transfer-Encoding');

const wordOf = (part: Part, name: string) =>
	(/^[^\s;]*/.exec(fieldOf(part, name) ?? '')?.[0] ?? '').toLowerCase();

/** Whether a part has the name of a file. */
export const isNamed = (part: Part): boolean =>
	/;\s*(?:file)?name[*\d]*\s*=/i.test(
		`${fieldOf(part, 'Content-Type')} ${fieldOf(part, 'Content-Disposition')}`,
	);

/** The Content-ID of a part, without `<>`. */
export const cidOf = (part: Part): string | undefined =>
	fieldOf(part, 'Content-ID')?.replace(/^<\s*|\s*>$/g, '');

/** What stands between the parts of a multipart (RFC 2046, section 5.1). */
function boundaryOf(part: Part): string | undefined {
	const [, quoted, plain] =
		/;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(fieldOf(part, 'Content-Type') ?? '') ?? [];
	return (quoted?.replace(/\\(.)/g, '$1') ?? plain)?.trimEnd();
}

const LINE_END = 0x0a;

/** How deep parts are taken apart. No mail program puts more than five into each other; what is deeper stays as it is. */
const DEEPEST = 50;

/**
 * A mail that somebody else may have written, as its parts. Lines end in LF then, whatever they ended in, and fields
 * stand on one line each: Feishu dislikes all else. The rest stays byte by byte.
 *
 * @param depth how many parts it is within
 */
export function parseMail(source: Buffer, depth = 0): Part {
	const end = headerEnd(source);
	const header = linesOf(source.subarray(0, end));
	const body = source.subarray(source.indexOf('\n', end) + 1 || source.length);
	const part: Leaf = { header, content: body };
	const isMultipart = typeOf(part).startsWith('multipart/') && depth < DEEPEST;
	const boundary = isMultipart ? boundaryOf(part) : undefined;
	const parts = boundary && divided(body, boundary, depth + 1);
	if (parts) return { header, boundary, ...parts };
	return encodingOf(part) === 'binary' ? part : { header, content: withLf(body) };
}

/** Where the empty line is that ends a header. */
function headerEnd(source: Buffer): number {
	for (let start = 0; start < source.length;) {
		const end = source.indexOf('\n', start);
		if (end === -1) break;
		if (end === start || (end === start + 1 && source[start] === 0x0d)) return start;
		start = end + 1;
	}
	return source.length;
}

/** Fields, one to a line (RFC 5322, section 2.2.3). */
const linesOf = (header: Buffer): string[] =>
	header
		.toString('latin1')
		.replace(/\r?\n[ \t]/g, ' ')
		.split(/\r?\n/)
		.filter((text) => text !== '')
		.map((text) => `${text}\n`);

function withLf(bytes: Buffer): Buffer {
	if (!bytes.includes('\r\n')) return bytes;
	return Buffer.from(bytes.toString('latin1').replace(/\r\n/g, '\n'), 'latin1');
}

/** The parts of a multipart; undefined where its boundary does not occur. */
function divided(
	body: Buffer,
	boundary: string,
	depth: number,
): Omit<Multipart, 'header' | 'boundary'> | undefined {
	const mark = `--${boundary}`;
	const parts: Part[] = [];
	let before: Buffer | undefined;
	let start = 0;
	for (let at = body.indexOf(mark, 0, 'latin1'); at !== -1; at = body.indexOf(mark, at + 1, 'latin1')) {
		if (at > 0 && body[at - 1] !== LINE_END) continue;
		const lineEnd = body.indexOf('\n', at);
		const end = lineEnd === -1 ? body.length : lineEnd + 1;
		const rest = body.toString('latin1', at + mark.length, end).trimEnd();
		if (rest !== '' && rest !== '--') continue;
		const piece = body.subarray(start, at);
		if (before) parts.push(parseMail(piece, depth));
		else before = withLf(piece);
		if (rest === '--') return { parts, before, after: withLf(body.subarray(at)) };
		start = end;
	}
	if (!before) return undefined;
	// A mail that was cut off.
	return { parts: [...parts, parseMail(body.subarray(start), depth)], before };
}

/** The parts that have contents, in their order. */
export const leavesOf = (part: Part): Leaf[] => ('parts' in part ? part.parts.flatMap(leavesOf) : [part]);

/** The bytes that a part's content stands for, as Latin-1 (RFC 2045, section 6). */
export function decodedContent(part: Leaf): string {
	const text = part.content.toString('latin1');
	if (part.encode) return text;
	if (encodingOf(part) === 'base64') return Buffer.from(text, 'base64').toString('latin1');
	if (encodingOf(part) !== 'quoted-printable') return text;
	return text
		.replace(/=[ \t]*\r?\n/g, '')
		.replace(/=([\dA-F]{2})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}
