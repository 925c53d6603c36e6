import fc from 'fast-check';
import { simpleParser, type Attachment, type HeaderValue } from 'mailparser';
import type { INodeParameters } from 'n8n-workflow';
import addressparser from 'nodemailer/lib/addressparser';
import MailComposer from 'nodemailer/lib/mail-composer';

import type { MailAddress } from '../sandbox';
import { address, body, file, headline, inlineImages } from '../unit/mime/anyMail';
import { inAscii } from '../unit/mime/judges';

/** A file as an expression gives it. */
export interface BinaryFile {
	fileName: string;
	mimeType: string;
	/** Base64. */
	data: string;
}

/** What a mail says, and the images that it shows. */
export interface Message {
	emailType: 'html' | 'text';
	message: string;
	/** By their Content-IDs; an empty text is none. */
	inlineImages: Record<string, BinaryFile> | '';
}

/** What items say of a mail, besides its recipients and its subject. */
export interface Extras extends Message {
	replyTo: MailAddress[];
	from?: MailAddress;
	senderName?: string;
	importance: 'high' | 'low' | 'normal';
	readReceipt: boolean;
	attachments: BinaryFile[];
}

export interface Recipients {
	to: MailAddress[];
	cc: MailAddress[];
	bcc: MailAddress[];
}

/** The parameters of the node that read these fields from an item, where they are not absent: `absent` else. */
export const expressions = (
	fields: string[],
	{ place = '$json.mail', absent = 'undefined' } = {},
): INodeParameters =>
	Object.fromEntries(fields.map((field) => [field, `={{ ${place}.${field} ?? ${absent} }}`]));

/** The same for a mail that is written: what an expression lacks, it must say. */
export const written = (fields: string[]): INodeParameters => expressions(fields, { absent: '""' });

/** Where nodemailer folds a line at several blanks, mailparser reads one. */
const withSingleBlanks = (line: string) => line.replace(/ {2,}/g, ' ');

const person: fc.Arbitrary<MailAddress> = address.map(({ mail_address, name = '' }) =>
	name ? { mail_address, name: withSingleBlanks(name) } : { mail_address },
);

/** People, no one of them twice. */
export const people = (minLength = 0, maxLength = 6): fc.Arbitrary<MailAddress[]> =>
	fc.uniqueArray(person, {
		minLength,
		maxLength,
		selector: ({ mail_address }) => inAscii(mail_address).toLowerCase(),
	});

/** A list cut into so many. */
export function cut<T>(list: T[], places: number[]): T[][] {
	const ends = [...places.map((place) => Math.min(place, list.length)), list.length].sort((a, b) => a - b);
	return ends.map((end, index) => list.slice(index === 0 ? 0 : ends[index - 1], end));
}

/** Recipients of every kind, at least so many in all. */
export const recipients = (minLength: number): fc.Arbitrary<Recipients> =>
	fc
		.tuple(people(minLength, 12), fc.array(fc.nat({ max: 12 }), { minLength: 2, maxLength: 2 }))
		.map(([list, places]) => {
			const [to = [], cc = [], bcc = []] = cut(list, places);
			return { to, cc, bcc };
		});

const binary = (fileName: string, content: Buffer, mimeType = 'application/octet-stream'): BinaryFile => ({
	fileName,
	mimeType,
	data: content.toString('base64'),
});

/** Files of at least one byte: the node takes no others. */
export const files: fc.Arbitrary<BinaryFile[]> = fc.array(
	file.map(({ filename, content }) => binary(filename, Buffer.concat([Buffer.of(0), content]))),
	{ maxLength: 4 },
);

const text = body.map((message) => ({ emailType: 'text' as const, message, inlineImages: '' as const }));

const html = fc.tuple(body, inlineImages).map(([message, images]) => ({
	emailType: 'html' as const,
	message: [message, ...images.map(({ cid }) => `<img src="cid:${encodeURIComponent(cid)}">`)].join(''),
	inlineImages:
		images.length > 0
			? Object.fromEntries(
					images.map(({ cid, filename, content }) => [cid, binary(filename, content, 'image/png')]),
				)
			: ('' as const),
}));

/** A message, with the images that it shows. */
export const message: fc.Arbitrary<Message> = fc.oneof(text, html);

export const subject = headline(200).map(withSingleBlanks);

/** Who sends, in a domain of their own: a reply does not go to the address that it comes from. */
export const sender = person.map(({ mail_address, ...others }) => ({
	...others,
	mail_address: mail_address.replace(/@[^@]*$/, '@senders.example'),
}));

export const senderName = headline().filter(Boolean).map(withSingleBlanks);

export const extras: fc.Arbitrary<Extras> = fc
	.tuple(
		fc.record(
			{
				replyTo: people(0, 3),
				from: sender,
				senderName,
				importance: fc.constantFrom('high', 'low', 'normal'),
				readReceipt: fc.boolean(),
				attachments: files,
			},
			{ requiredKeys: ['replyTo', 'importance', 'readReceipt', 'attachments'] },
		),
		message,
	)
	.map(([others, said]) => ({ ...others, ...said }));

export const extraFields = [
	'attachments',
	'from',
	'importance',
	'inlineImages',
	'readReceipt',
	'replyTo',
	'senderName',
];

/** A whole mail, for somebody else than the node to write. */
export interface WholeMail
	extends Partial<Recipients>, Omit<Extras, 'from' | 'senderName' | 'emailType' | 'message'> {
	from: MailAddress;
	subject: string;
	text?: string;
	html?: string;
	/** Header fields of the conversation that it belongs to. */
	conversation?: { inReplyTo: string; references: string[]; headers: Record<string, string> };
}

const composerAddress = ({ mail_address, name = '' }: MailAddress) => ({ address: mail_address, name });

/** The header field that asks for a receipt: the address alone, as nodemailer encodes no names in it. */
const RECEIPT = 'Disposition-Notification-To';

const priorities = { high: '1', low: '5', normal: '' };

/** A mail as nodemailer writes it, with LF line ends, in base64url. */
export async function composed(mail: WholeMail): Promise<string> {
	const { from, to, cc, bcc, replyTo, importance, readReceipt, conversation } = mail;
	const headers = {
		...conversation?.headers,
		...(readReceipt && { [RECEIPT]: from.mail_address }),
		...(priorities[importance] && { 'X-Cli-Priority': priorities[importance] }),
	};
	const composer = new MailComposer({
		from: composerAddress(from),
		to: to?.map(composerAddress),
		cc: cc?.map(composerAddress),
		bcc: bcc?.map(composerAddress),
		replyTo: replyTo.map(composerAddress),
		subject: mail.subject,
		inReplyTo: conversation?.inReplyTo,
		references: conversation?.references,
		headers,
		// As bytes, because nodemailer takes an empty text for none.
		text: mail.text === undefined ? undefined : Buffer.from(mail.text),
		html: mail.html === undefined ? undefined : Buffer.from(mail.html),
		attachments: [
			...Object.entries(mail.inlineImages).map(([cid, image]) => ({
				...composerFile(image),
				cid,
				contentDisposition: 'inline',
				headers: { 'X-Attachment-Id': cid, 'X-Image-Id': cid },
			})),
			...mail.attachments.map(composerFile),
		],
		encoding: 'base64',
		newline: 'linux',
	});
	const whole = composer.compile();
	whole.keepBcc = true;
	return (await whole.build()).toString('base64url');
}

const composerFile = ({ fileName, mimeType, data }: BinaryFile) => ({
	filename: fileName,
	contentType: mimeType,
	content: Buffer.from(data, 'base64'),
});

/** What each writer chooses for itself: the identity of the mail, and how its content is written. */
const writersOwn = new Set(['date', 'message-id', 'content-type', 'content-transfer-encoding']);

/** What a reader finds in a mail, besides what its writer chooses for itself. */
export async function readMail(raw: string) {
	const eml = Buffer.from(raw, 'base64url');
	const {
		headers,
		text: plain,
		html: rich,
		attachments,
	} = await simpleParser(eml, {
		keepCidLinks: true,
		skipHtmlToText: true,
		skipTextToHtml: true,
		skipTextLinks: true,
	});
	return {
		isBase64url: /^[\w-]*={0,2}$/.test(raw),
		hasOnlyLineFeeds: !eml.includes('\r'),
		headers: Object.fromEntries(
			[...headers]
				// An empty field is none.
				.filter(([name, value]) => !writersOwn.has(name) && value !== '')
				.map(([name, value]) => [name, read(name, value)]),
		),
		// mailparser makes no difference between an empty text and none.
		text: plain || '',
		html: rich || '',
		files: attachments.map(readFile),
	};
}

function read(name: string, value: HeaderValue): unknown {
	if (name === RECEIPT.toLowerCase()) return addressparser(String(value)).map((one) => inAscii(one.address));
	if (typeof value !== 'object' || !('value' in value) || !Array.isArray(value.value)) return value;
	return value.value.map((one) => [one.name, inAscii(one.address)]);
}

const readFile = ({
	filename,
	contentType,
	contentDisposition,
	cid,
	related,
	headers,
	content,
}: Attachment) => ({
	filename,
	contentType,
	contentDisposition,
	cid,
	related,
	ids: [headers.get('x-attachment-id'), headers.get('x-image-id')],
	content: content.toString('hex'),
});
