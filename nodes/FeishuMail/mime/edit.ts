import { findAddresses, type Address } from './addresses';
import { hashOf } from './headers';
import { cidsIn } from './inlineImages';
import { decidedFields, LARGE_FILES, largeFileIds, type Mail } from './mail';
import {
	cidOf,
	decodedContent,
	dispositionOf,
	fieldOf,
	isField,
	isNamed,
	leavesOf,
	parseMail,
	typeOf,
} from './parse';
import {
	attachmentPart,
	imagePart,
	isMultipart,
	line,
	multipart,
	textsPart,
	writePart,
	type InlineImage,
	type Leaf,
	type MailFile,
	type Multipart,
	type Part,
	type Texts,
} from './parts';

/** What is to change in a mail. What is absent stays; an empty text or list takes away what there was. */
export interface MailChanges extends Partial<
	Pick<Mail, 'bcc' | 'cc' | 'from' | 'importance' | 'readReceipt' | 'replyTo' | 'subject' | 'to'>
> {
	/** The name of the sender, where the address stays. */
	senderName?: string;
	/** All that the mail says from now on: HTML alone takes a text away, and a text HTML. */
	texts?: Texts;
	/** Come to those that there are. */
	attachments?: MailFile[];
	/** Come to those that there are; one with the same `cid` is replaced. */
	inlineImages?: InlineImage[];
}

/** A mail after a change. */
export interface EditedMail {
	eml: Buffer;
	/** Its HTML, in the bytes of its charset as Latin-1, and the Content-IDs of its parts: for `compareInlineImages`. */
	html: string;
	cids: string[];
}

/**
 * Changes a mail and leaves all else as it is, byte by byte, but for line ends and folded fields (see `parseMail`).
 *
 * @param source the mail as a file, of whatever program
 */
export function editMail(source: Buffer, changes: MailChanges): EditedMail {
	const { texts, attachments = [], inlineImages = [] } = changes;
	const id = newId(source);
	const original = parseMail(source);
	let mail: Part = original;
	if (texts) mail = withTexts(mail, texts, id);
	if (inlineImages.length > 0) mail = withImages(mail, inlineImages, id);
	if (attachments.length > 0) {
		mail = layered(mail, 'mixed', id, (parts) => [...parts, ...attachments.map(attachmentPart)]);
	}
	if (mail !== original && fieldOf(mail, 'MIME-Version') === undefined) {
		mail = withField(mail, 'MIME-Version', line('MIME-Version', '1.0'));
	}
	mail = withFields(mail, changes);
	return {
		eml: writePart(mail),
		html: htmlOf(mail),
		cids: leavesOf(mail).flatMap((part) => cidOf(part) ?? []),
	};
}

/** Whether a mail has files with the bytes of these. */
export function holdsFiles(source: Buffer, files: MailFile[]): boolean {
	const contents = new Set(leavesOf(parseMail(source)).map(decodedContent));
	return files.every(({ content }) => contents.has(content.toString('latin1')));
}

/** What new boundaries end with: nothing in the mail may look like one. */
function newId(source: Buffer): string {
	let id = hashOf([source.subarray(0, 4096), String(source.length)]);
	while (source.includes(id.slice(0, 16))) id = hashOf([id]);
	return id.slice(0, 16);
}

/** What says how important a mail is: other programs' fields would contradict Feishu's. */
const priorityFields = ['X-Priority', 'X-MSMail-Priority', 'Importance', 'Priority'];

/** What Feishu gives of large files, which it takes in another form. Source: its official client. */
const LARGE_FILES_READ = 'X-Lark-Large-Attachment';

const RECEIPT = 'Disposition-Notification-To';

function withFields(mail: Part, changes: MailChanges): Part {
	const decided: Record<string, string | undefined> = decidedFields({
		...changes,
		from: sender(mail, changes),
	});
	if (changes.importance) for (const name of priorityFields) decided[name] = '';
	if (fieldOf(mail, LARGE_FILES_READ) !== undefined) Object.assign(decided, largeFileFields(mail));
	const changed = Object.entries(decided).reduce(
		(part, [name, value]) => (value === undefined ? part : withField(part, name, value && line(name, value))),
		mail,
	);
	if (changes.readReceipt === undefined) return changed;
	// It goes to the sender, in the bytes that stand there.
	const receiver = changes.readReceipt && fieldOf(changed, 'From');
	return withField(changed, RECEIPT, receiver ? `${RECEIPT}: ${receiver}\n` : '');
}

/** Who sends the mail from now on; undefined where that stays. */
function sender(mail: Part, { from, senderName }: MailChanges): Address | undefined {
	if (from !== undefined || senderName === undefined) return from;
	const bytes = Buffer.from(fieldOf(mail, 'From') ?? '', 'latin1');
	const [old] = findAddresses(bytes.toString());
	return old && { ...old, name: senderName };
}

/** The mail with a line for a field, in the place of those that it had or before those of its content; empty is none. */
function withField(mail: Part, name: string, text: string): Part {
	const isIt = isField(name);
	const place = mail.header.findIndex(mail.header.some(isIt) ? isIt : isContentField);
	const header = mail.header.filter((other) => !isIt(other));
	if (text) header.splice(place === -1 ? header.length : place, 0, text);
	return { ...mail, header };
}

/** Fields for large files that lie in Feishu, as it takes them. What cannot be read stays. */
function largeFileFields({ header }: Part): Record<string, string> {
	const fields = [LARGE_FILES, LARGE_FILES_READ].flatMap((name) => header.filter(isField(name)));
	try {
		const ids = fields.flatMap((text) => largeFilesIn(text.slice(text.indexOf(':') + 1)));
		return { [LARGE_FILES]: largeFileIds([...new Set(ids)]), [LARGE_FILES_READ]: '' };
	} catch {
		return {};
	}
}

/** @throws Error for what is no base64 of JSON */
function largeFilesIn(value: string): string[] {
	const files = JSON.parse(Buffer.from(value, 'base64').toString()) as Array<Record<string, unknown>>;
	return files.map(({ id, file_key }) => String(id ?? file_key));
}

/** Whether a part is what the mail says, rather than a file in it. HTML may have a Content-ID, too. */
const isText = (part: Part) =>
	['text/plain', 'text/html'].includes(typeOf(part)) &&
	dispositionOf(part) !== 'attachment' &&
	!isNamed(part);

const isHtml = (part: Part) => isText(part) && typeOf(part) === 'text/html';

const htmlOf = (mail: Part) => leavesOf(mail).filter(isHtml).map(decodedContent).join('\n');

const isContentField = (text: string) => /^content-/i.test(text);

/** What tells of a text itself rather than of its place in the mail. */
const describesText = (text: string) => /^content-(?:type|transfer-encoding|language|md5)\s*:/i.test(text);

/** A part that stands where another one stood, with those of its fields that are about more than its content. */
const inPlaceOf = (old: Part, part: Part, isGone = isContentField): Part => ({
	...part,
	header: [...old.header.filter((text) => !isGone(text)), ...part.header],
});

/** A part with each of its contents changed, or left out. Layers do not stay for a single part that is left, nor for none. */
function withLeaves(part: Part, change: (leaf: Leaf) => Part | undefined): Part | undefined {
	if (!isMultipart(part)) return change(part);
	const parts = part.parts.flatMap((child) => withLeaves(child, change) ?? []);
	if (parts.length === part.parts.length || parts.length > 1) return { ...part, parts };
	return parts[0] && inPlaceOf(part, parts[0]);
}

/** Several parts in one of a type: in the part itself, where it is of that type, or around it. */
function layered(part: Part, subtype: string, id: string, arrange: (parts: Part[]) => Part[]): Part {
	if (isLayer(part, subtype)) return { ...part, parts: arrange(part.parts) };
	const inner = { ...part, header: part.header.filter(isContentField) };
	return inPlaceOf(part, multipart(subtype, id, arrange([inner])));
}

const isLayer = (part: Part, subtype: string): part is Multipart =>
	isMultipart(part) && typeOf(part) === `multipart/${subtype}`;

/**
 * A mail that says something else, where its HTML stood with its images, or else its text. Images that were in its HTML
 * and are not any more would be shown as files: they go with it.
 */
function withTexts(mail: Part, texts: Texts, id: string): Part {
	const part = textsPart(texts, id);
	const old = leavesOf(mail).filter(isText);
	const place = old.find(isHtml) ?? old[0];
	const gone = new Set<Leaf>(old);
	if (!place) return layered(mail, 'mixed', id, (parts) => [part, ...parts]);
	const shown = cidsIn(htmlOf(mail));
	for (const cid of cidsIn(texts.html ?? '')) shown.delete(cid);
	for (const leaf of leavesOf(mail)) {
		const cid = cidOf(leaf);
		if (cid !== undefined && shown.has(cid) && dispositionOf(leaf) !== 'attachment') gone.add(leaf);
	}
	const edited = withLeaves(mail, (leaf) => {
		if (leaf === place) return inPlaceOf(leaf, part, describesText);
		return gone.has(leaf) ? undefined : leaf;
	});
	return edited ?? mail;
}

const holdsHtml = (part: Part) => leavesOf(part).some(isHtml);

/** Whether a part has a layer for the HTML and its images. */
const holdsRelated = (part: Part): boolean =>
	isLayer(part, 'related') ? holdsHtml(part) : isMultipart(part) && part.parts.some(holdsRelated);

function withImages(mail: Part, images: InlineImage[], id: string): Part {
	const added = new Map(images.map((image) => [image.cid, imagePart(image)]));
	const replaced = withLeaves(mail, (leaf) => {
		const image = isText(leaf) ? undefined : added.get(cidOf(leaf) ?? '');
		if (image) added.delete(cidOf(leaf) ?? '');
		return image ?? leaf;
	});
	return added.size === 0 ? (replaced ?? mail) : besideHtml(replaced ?? mail, [...added.values()], id);
}

/** A part with images in the innermost layer for the HTML and its images, or else in a new one around all its texts. */
function besideHtml(part: Part, images: Leaf[], id: string): Part {
	const child = isMultipart(part) ? part.parts.find(holdsHtml) : undefined;
	const isInnermost = isLayer(part, 'related') || isLayer(part, 'alternative');
	if (!isMultipart(part) || !child || (isInnermost && !holdsRelated(child))) {
		return layered(part, 'related', id, (parts) => [...parts, ...images]);
	}
	const parts = part.parts.map((one) => (one === child ? besideHtml(child, images, id) : one));
	return { ...part, parts };
}
