import { formatAddress, type Address } from './addresses';
import { hashOf, header, headerText, mailDate, quotedFileName } from './headers';
import { imageType } from './inlineImages';

export interface MailFile {
	filename: string;
	content: Buffer;
}

/** What makes a mail an answer to another one. */
export interface Answer {
	type: 'REPLY' | 'FORWARD';
	/** Feishu's id of the other mail: joins its conversation. */
	messageId: string;
	/** The other mail's Message-ID in `<>`: joins the conversation outside of Feishu. */
	inReplyTo?: string;
	/** Message-IDs in `<>`, from the first mail of the conversation to the other mail. */
	references: string[];
}

/** All that a mail is made of. The same mail is built the same way each time. */
export interface Mail {
	from: Address;
	to?: Address[];
	cc?: Address[];
	bcc?: Address[];
	replyTo?: Address[];
	subject: string;
	date: Date;
	/** In `<>`. */
	messageId: string;
	/** Without it, HTML stands alone, as Feishu's official client sends it. */
	text?: string;
	html?: string;
	/** The images that the HTML shows as `cid:<cid>`. */
	inlineImages?: Array<MailFile & { cid: string }>;
	attachments?: MailFile[];
	importance?: 'high' | 'normal' | 'low';
	/** Asks for a receipt, to the sender. */
	readReceipt?: boolean;
	answers?: Answer;
	/** Ids of large files that lie in Feishu. */
	largeFiles?: string[];
}

/** A piece of a mail: lines that are ready, or what is to be encoded in base64. */
type Piece = string | Buffer;

/** `X-Cli-Priority`, as Feishu's official client sets it. */
const priority = { high: '1', normal: '', low: '5' };

const addresses = (list: Address[] = []) => list.map(formatAddress).join(', ');

/** The header of a mail, in the order of Feishu's official client; fields without a value are left out. */
function mailHeader(mail: Mail): string {
	const { answers, largeFiles = [] } = mail;
	const sender = formatAddress(mail.from);
	const fields = [
		['From', sender],
		['MIME-Version', '1.0'],
		['Date', mailDate(mail.date)],
		['Message-ID', mail.messageId],
		['To', addresses(mail.to)],
		['Cc', addresses(mail.cc)],
		['Bcc', addresses(mail.bcc)],
		['Reply-To', addresses(mail.replyTo)],
		['Disposition-Notification-To', mail.readReceipt ? sender : ''],
		['In-Reply-To', answers?.inReplyTo ?? ''],
		['X-LMS-Reply-To-Message-Id', answers?.messageId ?? ''],
		['X-LMS-Reply-Type', answers?.type ?? ''],
		['References', (answers?.references ?? []).join(' ')],
		['X-Cli-Priority', priority[mail.importance ?? 'normal']],
		['X-Lms-Large-Attachment-Ids', largeFiles.length > 0 ? largeFileIds(largeFiles) : ''],
	] as const;
	const lines = fields.map(([name, value]) => (value ? header(name, value) : ''));
	return header('Subject', headerText(mail.subject)) + lines.join('');
}

const largeFileIds = (ids: string[]) =>
	Buffer.from(JSON.stringify(ids.map((id) => ({ id })))).toString('base64');

/** A part that is no multipart (RFC 2045). All content is base64: Feishu refuses other bytes than ASCII. */
function part(content: Buffer, fields: Record<string, string>): Piece[] {
	const all = Object.entries({ ...fields, 'Content-Transfer-Encoding': 'base64' });
	return [`${all.map(([name, value]) => header(name, value)).join('')}\n`, content];
}

const textPart = (subtype: 'plain' | 'html', text: string) =>
	part(Buffer.from(text), { 'Content-Type': `text/${subtype}; charset=UTF-8` });

/** Feishu keeps attachments without their type. */
function attachmentPart({ filename, content }: MailFile): Piece[] {
	const name = quotedFileName(filename);
	return part(content, {
		'Content-Type': `application/octet-stream; name=${name}`,
		'Content-Disposition': `attachment; filename=${name}`,
	});
}

function imagePart({ filename, content, cid }: MailFile & { cid: string }): Piece[] {
	const name = quotedFileName(filename);
	return part(content, {
		'Content-Type': `${imageType(content) ?? 'application/octet-stream'}; name=${name}`,
		'Content-Disposition': `inline; filename=${name}`,
		'Content-Id': `<${cid}>`,
		'X-Attachment-Id': cid,
		'X-Image-Id': cid,
	});
}

/**
 * Several parts as one (RFC 2046, section 5.1); a single part stays as it is. The boundary has a hyphen, which base64 has
 * not, and no header field begins with one.
 */
function multipart(subtype: string, id: string, parts: Piece[][]): Piece[] {
	if (parts.length === 1) return parts[0]!;
	const boundary = `${subtype}-${id}`;
	return [
		`${header('Content-Type', `multipart/${subtype}; boundary=${boundary}`)}\n`,
		...parts.flatMap((pieces) => [`--${boundary}\n`, ...pieces]),
		`--${boundary}--\n`,
	];
}

/** mixed( related( alternative( plain, html ), inline images ), attachments ), without the layers that hold one part. */
function piecesOf(mail: Mail): Piece[] {
	const { text, html, inlineImages = [], attachments = [] } = mail;
	const id = hashOf([mail.messageId]).slice(0, 16);
	const texts = [
		...(text !== undefined || html === undefined ? [textPart('plain', text ?? '')] : []),
		...(html !== undefined ? [textPart('html', html)] : []),
	];
	const body = multipart('alternative', id, texts);
	const shown = multipart('related', id, [body, ...inlineImages.map(imagePart)]);
	return [mailHeader(mail), ...multipart('mixed', id, [shown, ...attachments.map(attachmentPart)])];
}

/** Bytes that give a line of 76 characters in base64 (RFC 2045, section 6.8). */
const LINE_BYTES = 57;

const sizeOf = (piece: Piece) =>
	typeof piece === 'string'
		? Buffer.byteLength(piece)
		: Math.ceil(piece.length / 3) * 4 + Math.max(1, Math.ceil(piece.length / LINE_BYTES));

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

/** Bytes that a mail will have when it is built. */
export const mailSize = (mail: Mail): number => sum(piecesOf(mail).map(sizeOf));

/** Bytes of the largest mail that Feishu's official client sends. Documented are 37.5 MB (1236001). */
export const LARGEST_MAIL = 25 * 1024 * 1024;

/** The attachments for which a mail has no room, when they are added in their order. */
export function attachmentsWithoutRoom(mail: Mail): MailFile[] {
	const fitting: MailFile[] = [];
	return (mail.attachments ?? []).filter((file) => {
		const fits = mailSize({ ...mail, attachments: [...fitting, file] }) <= LARGEST_MAIL;
		if (fits) fitting.push(file);
		return !fits;
	});
}

/** What tells the content of a mail from that of others, whenever it is sent. */
export const contentHash = (content: Omit<Mail, 'date' | 'messageId'>): string =>
	hashOf(piecesOf({ ...content, date: new Date(0), messageId: '' }));

/** A mail as a file (EML), with LF line ends, as Feishu wants them. */
export function buildMail(mail: Mail): Buffer {
	const pieces = piecesOf(mail);
	const eml = Buffer.allocUnsafe(sum(pieces.map(sizeOf)));
	let end = 0;
	for (const piece of pieces) {
		if (typeof piece === 'string') end += eml.write(piece, end);
		else end += writeBase64(piece, eml, end);
	}
	return eml;
}

/** Writes lines of base64. A content without bytes is an empty line. */
function writeBase64(content: Buffer, eml: Buffer, start: number): number {
	let end = start;
	let line = 0;
	do {
		end += eml.write(`${content.toString('base64', line, line + LINE_BYTES)}\n`, end, 'latin1');
		line += LINE_BYTES;
	} while (line < content.length);
	return end - start;
}

/**
 * A mail as Feishu takes it in `raw`: base64url of the whole.
 *
 * Memory beside the files themselves: the mail (4/3 of their size) and its text (16/9), so for 20 MB of files 27 and 36
 * MB. Each is written once, in one piece.
 */
export const rawMail = (mail: Mail): string => buildMail(mail).toString('base64url');
