import type { INodeProperties } from 'n8n-workflow';

import { dateIn } from '../../fields/dates';
import { attachmentsField, inlineImagesField, readFiles, type ChosenFile } from '../../fields/files';
import {
	bccField,
	ccField,
	checkRecipients,
	eachOnce,
	readAddressList,
	replyToField,
	toField,
	type Recipients,
} from '../../fields/recipients';
import type { Address } from '../../mime/addresses';
import { compareInlineImages, imageType } from '../../mime/inlineImages';
import {
	attachmentsWithoutRoom,
	LARGEST_MAIL,
	mailSize,
	ROOM,
	type Mail,
	type MailFile,
} from '../../mime/mail';
import type { InlineImage } from '../../mime/parts';
import type { Item } from '../../run/item';
import { clock } from '../../transport/clock';
import { RefusedInput } from '../../transport/refusedInput';
import { startsFromTemplate } from '../template/template';
import { fromField, readFrom, senderNameField } from './sender';

export const subjectField: INodeProperties = {
	displayName: 'Subject',
	name: 'subject',
	type: 'string',
	default: '',
	placeholder: 'e.g. Your order 4711',
	description: 'What the mail is about, on one line',
};

const emailTypes = [
	{ name: 'HTML', value: 'html' },
	{ name: 'Text', value: 'text' },
];

/** The kind of a message, and the message. */
export const messageFields: INodeProperties[] = [
	{
		displayName: 'Email Type',
		name: 'emailType',
		type: 'options',
		options: emailTypes,
		default: 'html',
		description: 'Whether the message is HTML or plain text',
	},
	{
		displayName: 'Message',
		name: 'message',
		type: 'string',
		typeOptions: { rows: 5 },
		default: '',
		placeholder: 'e.g. <p>Dear Jane, ...</p>',
		description: 'The text of the mail. As HTML, it needs &lt;br&gt; or &lt;p&gt; for new lines.',
	},
];

const importances = [
	{ name: 'High', value: 'high' },
	{ name: 'Low', value: 'low' },
	{ name: 'Normal', value: 'normal' },
];

export const importanceField: INodeProperties = {
	displayName: 'Importance',
	name: 'importance',
	type: 'options',
	options: importances,
	default: 'normal',
	description: 'How mail programs mark the mail',
};

export const readReceiptField: INodeProperties = {
	displayName: 'Read Receipt',
	name: 'readReceipt',
	type: 'boolean',
	default: false,
	description: 'Whether to ask for a receipt when the mail is read',
};

export const sendAtField: INodeProperties = {
	displayName: 'Send At',
	name: 'sendAt',
	type: 'dateTime',
	default: '',
	description:
		'When Feishu sends the mail: at least five minutes ahead, in the time zone of the workflow. Without it, the mail is sent at once.',
};

/** What a mail has that is to be sent or kept as a draft, besides what each operation asks for by itself. */
export const letterFields: INodeProperties[] = [
	attachmentsField,
	bccField,
	ccField,
	fromField,
	importanceField,
	inlineImagesField,
	readReceiptField,
	replyToField,
	senderNameField,
];

/** A collection of fields that may be added, in the order of their names. */
export const additionalFields = (...fields: INodeProperties[]): INodeProperties => ({
	displayName: 'Additional Fields',
	name: 'additionalFields',
	type: 'collection',
	placeholder: 'Add Field',
	default: {},
	options: [...fields].sort((one, other) => (one.displayName < other.displayName ? -1 : 1)),
});

/** What an item wants to write, checked, and nothing of it read from elsewhere yet. */
export interface Letter extends Recipients {
	replyTo: Address[];
	subject: string;
	text?: string;
	html?: string;
	importance: Mail['importance'];
	readReceipt: boolean;
	attachments: ChosenFile[];
	inlineImages: ChosenFile[];
}

/** An item's message as the kind of text that it is. */
export function readMessage(item: Item): Pick<Letter, 'text' | 'html'> {
	const message = item.text(
		'message',
		'The mail would go out without its text. See that the expression gives one, or an empty text for a mail without any.',
	);
	const isText = item.choice('emailType', emailTypes, 'html') === 'text';
	return isText ? { text: message ?? '' } : { html: message ?? '' };
}

/** How HTML and images fit together. */
type Fit = ReturnType<typeof compareInlineImages>;

/** Images by the names that the HTML calls them. */
export const cidsOf = (images: ChosenFile[]) => images.map(({ field }) => field);

/** @throws RefusedInput where HTML and images do not fit together */
export function checkFit({ missing, unused, unusable }: Fit): void {
	const first = (names: string[]) => `'${names[0] ?? ''}'`;
	if (unusable.length > 0) {
		throw new RefusedInput(
			`'Inline Images': ${first(unusable)} cannot be the name of an image in a mail`,
			'Let the binary field have a name of ASCII letters, digits, dots and hyphens, without blanks.',
		);
	}
	if (unused.length > 0) {
		throw new RefusedInput(
			`'Inline Images': the message does not show the image ${first(unused)}`,
			`Write <img src="cid:${unused[0] ?? ''}"> where the image belongs, with 'Email Type' HTML; or give the file under 'Attachments' instead.`,
		);
	}
	if (missing.length > 0) {
		throw new RefusedInput(
			`'Message' shows an image ${first(missing)} that 'Inline Images' does not hold`,
			`Enter the name of the binary field that holds it under 'Inline Images', or take cid:${missing[0] ?? ''} out of the message.`,
		);
	}
}

/** The same for a mail of which the item says all. */
export const checkInlineImages = ({ html = '', inlineImages }: Pick<Letter, 'html' | 'inlineImages'>): void =>
	checkFit(compareInlineImages(html, cidsOf(inlineImages)));

/** The same for a mail that may show images from elsewhere. */
export const checkOwnImages = ({ html = '', inlineImages }: Pick<Letter, 'html' | 'inlineImages'>): void =>
	checkFit({ ...compareInlineImages(html, cidsOf(inlineImages)), missing: [] });

/** How important an item's mail is; undefined where nothing is said. */
export function readImportance(item: Item): Mail['importance'] {
	return item.choice(importanceField.name, importances) as Mail['importance'];
}

/** How much of a mail is needed: to be sent, somebody to send it to. */
export interface Needs {
	recipients: boolean;
}

/**
 * What an item wants to write.
 *
 * @throws RefusedInput for what Feishu would not send
 */
export function readLetter(item: Item, needs: Needs): Letter {
	const recipients = eachOnce({
		to: readAddressList(item, toField.name),
		cc: readAddressList(item, ccField.name),
		bcc: readAddressList(item, bccField.name),
	});
	// The rest is known once the template is read.
	const isWhole = !startsFromTemplate(item);
	const isNamed = Object.values(recipients).some(({ length }) => length > 0);
	if (needs.recipients && (isWhole || isNamed)) checkRecipients(recipients);
	const subject = item.text(
		subjectField.name,
		'The mail would go out without a subject. See that the expression gives one, or an empty text for a mail without a subject.',
	);
	const letter = { ...recipients, subject: subject ?? '', ...readExtras(item) };
	if (isWhole) checkInlineImages(letter);
	else if (letter.text || letter.html) checkOwnImages(letter);
	return letter;
}

/** @throws RefusedInput for what is no address, and where its expression gives nothing */
function readReplyTo(item: Item): Address[] {
	item.readEntered(
		replyToField.name,
		'Answers would go to the sender. See that the expression gives an address, or an empty text for that.',
	);
	return readAddressList(item, replyToField.name);
}

/** What an answer to a mail has, too: all but recipients and subject. Errors: see `readLetter`. */
export function readExtras(item: Item): Omit<Letter, 'subject' | keyof Recipients> {
	// To be in order before the first request.
	item.readEntered(
		fromField.name,
		"The mail would come from another address than the one that was meant. See that the expression gives an address, or an empty text for the mailbox's own.",
	);
	readFrom(item);
	return {
		replyTo: readReplyTo(item),
		importance: readImportance(item) ?? 'normal',
		readReceipt: item.isOn(readReceiptField.name),
		attachments: readFiles(item, attachmentsField.name),
		inlineImages: readFiles(item, inlineImagesField.name),
		...readMessage(item),
	};
}

/** A moment as people in a time zone write it, such as `2026-11-26 09:30 (Asia/Shanghai)`. */
const localTime = (moment: number, timeZone: string) =>
	`${new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(moment)} (${timeZone})`;

/** Milliseconds that a mail is to be sent ahead at least. Docs: `send_time`. */
const LEAST_AHEAD = 5 * 60_000;

/**
 * When a mail is to be sent, in milliseconds since 1970; undefined for at once.
 *
 * @throws RefusedInput for a moment that is too near
 */
export function readSendAt(item: Item): number | undefined {
	const entered = item.readEntered(
		sendAtField.name,
		'The mail would be sent at once. See that the expression gives a time, or an empty text to send the mail at once.',
	);
	const moment = dateIn(item, entered);
	if (moment === undefined || moment - clock.now() >= LEAST_AHEAD) return moment;
	throw new RefusedInput(
		`'Send At' must be at least five minutes ahead, but it is ${localTime(moment, item.run.timezone)}`,
		"Enter a later time, or leave 'Send At' out to send the mail at once. A time without a zone is that of the workflow.",
	);
}

/** Docs: 1236004. */
const MOST_FILES = 500;

/** A mail without what tells it from others like it. */
export type Content = Omit<Mail, 'date' | 'messageId'>;

/**
 * The mail that an item wants, with the bytes of its files.
 *
 * @param others files that come from elsewhere, such as those of a mail that is passed on
 * @throws RefusedInput for an image that Feishu does not embed, and for more than a mail may hold
 */
export async function contentOf(
	{ attachments, inlineImages, ...letter }: Letter,
	from: Address,
	others: Pick<Mail, 'answers' | 'attachments' | 'inlineImages' | 'largeFiles'> = {},
): Promise<Content> {
	const content: Content & Required<Pick<Content, 'attachments' | 'inlineImages'>> = {
		...letter,
		...others,
		from,
		attachments: [...(others.attachments ?? [])],
		inlineImages: [...(others.inlineImages ?? [])],
	};
	await refuseTooLarge([...inlineImages, ...attachments]);
	content.inlineImages.push(...(await imagesOf(inlineImages)));
	content.attachments.push(...(await filesOf(attachments)));
	checkSize(content);
	return content;
}

/** @throws RefusedInput for files that no mail has room for, before they are read into memory */
export async function refuseTooLarge(files: ChosenFile[]): Promise<void> {
	let all = 0;
	let fitting = 0;
	const left: string[] = [];
	for (const { field, size } of files) {
		const bytes = (await size()) ?? 0;
		all += bytes;
		if (fitting + bytes > ROOM) left.push(`${field} (${megabytes(bytes)})`);
		else fitting += bytes;
	}
	if (all > ROOM) throw tooLarge(Math.ceil(all / 57) * 77, `There is no room for: ${left.join(', ')}.`);
}

/** @throws RefusedInput for an image that Feishu does not embed */
export async function imagesOf(chosenImages: ChosenFile[]): Promise<InlineImage[]> {
	const images: InlineImage[] = [];
	for (const { field, read } of chosenImages) {
		const image = await read();
		if (!imageType(image.content)) {
			throw new RefusedInput(
				`'Inline Images': '${field}' (${image.filename}) is no image that Feishu shows in a mail`,
				"It must be a JPEG, PNG, GIF or WebP image. Give other files under 'Attachments'.",
			);
		}
		images.push({ ...image, cid: field });
	}
	return images;
}

/** The files that an item chooses, with their bytes. */
export async function filesOf(chosenFiles: ChosenFile[]): Promise<MailFile[]> {
	const files: MailFile[] = [];
	for (const { read } of chosenFiles) files.push(await read());
	return files;
}

const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

function checkSize(content: Content): void {
	const mail: Mail = { ...content, date: new Date(0), messageId: '' };
	const files = [...(content.attachments ?? []), ...(content.inlineImages ?? [])];
	if (files.length > MOST_FILES) {
		throw new RefusedInput(
			`The mail has ${files.length} files; Feishu takes at most ${MOST_FILES}`,
			'Put them into an archive, or send several mails.',
		);
	}
	const size = mailSize(mail);
	if (size <= LARGEST_MAIL) return;
	const left = attachmentsWithoutRoom(mail);
	const sizeOf = ({ filename, content: bytes }: MailFile) => `${filename} (${megabytes(bytes.length)})`;
	throw tooLarge(size, left.length > 0 && `There is no room for: ${left.map(sizeOf).join(', ')}.`);
}

/** The refusal of a mail of so many bytes. */
export const tooLarge = (size: number, which: string | false = false) =>
	new RefusedInput(
		`The mail would be ${megabytes(size)} large; Feishu takes at most ${megabytes(LARGEST_MAIL)}`,
		[
			'Files grow by a third on their way, so that about 18 MB of them fit.',
			which,
			'Send fewer or smaller files, or a link to them.',
		]
			.filter(Boolean)
			.join(' '),
	);
