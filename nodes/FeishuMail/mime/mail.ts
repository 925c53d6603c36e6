import { formatAddress, type Address } from './addresses';
import { hashOf, headerText, mailDate } from './headers';
import {
	attachmentPart,
	encodedPart,
	imagePart,
	line,
	multipart,
	partFacts,
	partSize,
	textsPart,
	writePart,
	type InlineImage,
	type MailFile,
	type Part,
	type Texts,
	type WrittenText,
} from './parts';

export type { MailFile } from './parts';

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
export interface Mail extends Texts {
	from: Address;
	to?: Address[];
	cc?: Address[];
	bcc?: Address[];
	replyTo?: Address[];
	subject: string;
	date: Date;
	/** In `<>`. */
	messageId: string;
	inlineImages?: InlineImage[];
	attachments?: MailFile[];
	importance?: 'high' | 'normal' | 'low';
	/** Asks for a receipt, to the sender. */
	readReceipt?: boolean;
	answers?: Answer;
	/** Ids of large files that lie in Feishu. */
	largeFiles?: string[];
}

/** `X-Cli-Priority`, as Feishu's official client sets it. */
const priority = { high: '1', normal: '', low: '5' };

const addresses = (list?: Address[]) => list?.map(formatAddress).join(', ');

/** What is decided of a mail's header: empty where a field is to have no value, undefined where nothing is said of it. */
export const decidedFields = ({ from, subject, importance, ...mail }: Partial<Mail>) => ({
	Subject: subject === undefined ? undefined : headerText(subject),
	From: from && formatAddress(from),
	To: addresses(mail.to),
	Cc: addresses(mail.cc),
	Bcc: addresses(mail.bcc),
	'Reply-To': addresses(mail.replyTo),
	'X-Cli-Priority': importance && priority[importance],
});

/** The header of a mail, in the order of Feishu's official client; fields without a value are left out. */
function mailHeader(mail: Mail): string[] {
	const { answers, largeFiles = [] } = mail;
	const { Subject, From, 'X-Cli-Priority': importance, ...recipients } = decidedFields(mail);
	const fields = {
		From,
		'MIME-Version': '1.0',
		Date: mailDate(mail.date),
		'Message-ID': mail.messageId,
		...recipients,
		'Disposition-Notification-To': mail.readReceipt ? From : '',
		'In-Reply-To': answers?.inReplyTo,
		'X-LMS-Reply-To-Message-Id': answers?.messageId,
		'X-LMS-Reply-Type': answers?.type,
		References: answers?.references.join(' '),
		'X-Cli-Priority': importance,
		[LARGE_FILES]: largeFiles.length > 0 ? largeFileIds(largeFiles) : '',
	};
	return [
		line('Subject', Subject ?? ''),
		...Object.entries(fields).flatMap(([name, value]) => (value ? [line(name, value)] : [])),
	];
}

/** The header field of large files that lie in Feishu. */
export const LARGE_FILES = 'X-Lms-Large-Attachment-Ids';

/** Its value. */
export const largeFileIds = (ids: string[]) =>
	Buffer.from(JSON.stringify(ids.map((id) => ({ id })))).toString('base64');

/** mixed( related( alternative( plain, html ), inline images ), attachments ), without the layers that hold one part. */
function partOf(mail: Mail): Part {
	const { inlineImages = [], attachments = [] } = mail;
	const id = hashOf([mail.messageId]).slice(0, 16);
	const shown = multipart('related', id, [textsPart(mail, id), ...inlineImages.map(imagePart)]);
	const all = multipart('mixed', id, [shown, ...attachments.map(attachmentPart)]);
	return { ...all, header: [...mailHeader(mail), ...all.header] };
}

/** Bytes that a mail will have when it is built. */
export const mailSize = (mail: Mail): number => partSize(partOf(mail));

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
	hashOf(partFacts(partOf({ ...content, date: new Date(0), messageId: '' })));

/** A mail as a file (EML), with LF line ends, as Feishu wants them. */
export const buildMail = (mail: Mail): Buffer => writePart(partOf(mail));

/** A mail as Feishu takes it in `raw`: base64url of the whole, 16/9 of the size of its files. */
export const rawMail = (mail: Mail): WrittenText => encodedPart(partOf(mail));
