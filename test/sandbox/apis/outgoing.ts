import { composeMail } from '../composedMail';
import type { MailAddress, Message } from '../mails';
import { parseMail } from '../parsedMail';
import type { ParsedFile, Source } from '../parsedMail';
import { fieldRefused, refusal } from '../platform';
import type { DocumentedError, MailboxCall } from '../platform';
import { recipientsOf } from '../post';
import { unknownMailbox } from './mailList';

export const sendScopes = ['mail:user_mailbox.message:send'];

export const outgoingErrors = {
	mailboxNotFound: unknownMailbox,
	noDataPermission: { status: 403, code: 1234017, msg: 'permission deny' },
};

/** [docs] of everything that is sent or drafted. */
export const wrongParameter = { status: 400, code: 1234008, msg: 'request parameter error' };

const maxRecipients = 500;
const maxFiles = 500;

const refusals = {
	size: { status: 400, code: 1236001, msg: 'raw size over limit' },
	mime: { status: 400, code: 1236002, msg: 'invalid mime format' },
	recipients: { status: 400, code: 1236003, msg: 'the number of recipients exceeds the limit' },
	files: { status: 400, code: 1236004, msg: 'the number of attachments exceeds the limit' },
	repeated: { status: 409, code: 1236005, msg: 'send mail repeatedly' },
	dailyMails: {
		status: 429,
		code: 1236007,
		msg: 'the daily number of emails sent by the user exceeds the limit',
	},
	externalOfUser: {
		status: 429,
		code: 1236008,
		msg: 'the number of external recipients the user sends messages to each day exceeds the limit',
	},
	externalOfTenant: {
		status: 429,
		code: 1236009,
		msg: 'the number of external recipients the tenant sends messages to each day exceeds the limit',
	},
	frequency: { status: 429, code: 1236010, msg: 'mail quota limit' },
	threshold: { status: 429, code: 1236012, msg: 'reach send mail restriction' },
	storage: { status: 429, code: 1236013, msg: 'tenant storage limit' },
	risk: { status: 400, code: 1236014, msg: 'content risk' },
	sender: { status: 400, code: 1236017, msg: 'sender check failed' },
	receiver: { status: 400, code: 1236018, msg: 'receiver check failed' },
	extension: { status: 400, code: 1236020, msg: 'file extension is not allowed as a mail attachment' },
	image: {
		status: 400,
		code: 1236021,
		msg: 'inline image content type does not match an allowed image format; supported: image/jpeg, image/png, image/gif, image/webp',
	},
} satisfies Record<string, DocumentedError>;

/** [cli] what the server blocks; the documents have no list. */
const blockedExtensions = new Set(
	`action apk app applescript asp awk bash bat bin cdxml chm cmd coffee com command cpl csh dart dll es exe fish gadget
	go hta inf1 ins inx ipa isu jar job js jse ksh lnk lua msc msh msh1 msh1xml msh2 msh2xml mshxml msi msp mst msu osx out
	paf php pif pl plist pls pm prg ps ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psdm1 psm1 pssc py pyc pyo pyw pyz pyzw rb reg
	rgs run scf scr sct sh shb shs tcsh terminal ts tsx u3p vb vbe vbs vbscript ws wsc wsf wsh zsh`.split(/\s+/),
);

/** How the files of images begin, in Latin-1, that may stand in a mail; dots are any bytes. */
const imageBeginnings: Record<string, string[]> = {
	'image/jpeg': ['\xff\xd8\xff'],
	'image/png': ['\x89PNG\r\n\x1a\n'],
	'image/gif': ['GIF87a', 'GIF89a'],
	'image/webp': ['RIFF....WEBP'],
};

function isImage({ content_type, content }: ParsedFile): boolean {
	const beginnings = Object.hasOwn(imageBeginnings, content_type) ? imageBeginnings[content_type] : undefined;
	const start = [...content.subarray(0, 12).toString('latin1')];
	return (
		beginnings?.some((beginning) =>
			[...beginning].every((byte, index) => byte === '.' || byte === start[index]),
		) === true
	);
}

/** The bytes of a text in base64url, or why there are none. */
function decodedRaw(raw: string, strict: boolean): Buffer {
	const alphabet = strict ? /^[\w-]*={0,2}$/ : /^[\w+/-]*={0,2}$/;
	if (!alphabet.test(raw)) throw fieldRefused(refusals.mime, 'raw', 'base64url expected');
	return Buffer.from(raw, 'base64url');
}

/** The header of a mail and those of its parts. A part begins after the boundary that a header has named. */
function headersOf(text: string): string[] {
	const [head = '', ...body] = text.split(/\r?\n\r?\n/);
	const headers = [head];
	const boundaries = () =>
		headers.flatMap((header) => [...header.matchAll(/boundary="?([^\s";]+)/gi)].map(([, name]) => name));
	for (const block of body) {
		const lines = block.split(/\r?\n/);
		const named = boundaries().map((name) => `--${name}`);
		const start = Math.max(...named.map((boundary) => lines.lastIndexOf(boundary)), -1);
		if (start !== -1) headers.push(lines.slice(start + 1).join('\n'));
	}
	return headers;
}

/** Refuses what is not written as Feishu wants it. */
function checkForm(raw: Buffer, { world: { mailChoices } }: MailboxCall): void {
	const refuse = (reason: string) => fieldRefused(refusals.mime, 'raw', reason);
	if (mailChoices.refusesCarriageReturns && raw.includes('\r')) throw refuse('line ends other than LF');
	const text = raw.toString('latin1');
	if (mailChoices.refusesOtherThanAscii && /[\x80-\xff]/.test(text)) {
		throw refuse('other bytes than ASCII, not in base64');
	}
	const headers = headersOf(text);
	if (!/^[!-9;-~]+:/.test(headers[0] ?? '')) throw refuse('no header');
	if (mailChoices.refusesFoldedHeaders && headers.some((header) => /\n[ \t]/.test(header))) {
		throw refuse('a header field of several lines');
	}
}

/** The mail of a request's `raw`, taken apart. Throws when it cannot be sent as a mail. */
export async function sourceFrom(raw: unknown, call: MailboxCall): Promise<Source> {
	const { mailChoices } = call.world;
	if (typeof raw !== 'string' || raw === '') throw fieldRefused(wrongParameter, 'raw', 'raw is required');
	const bytes = decodedRaw(raw, mailChoices.refusesOtherThanBase64url);
	if (bytes.length > mailChoices.mailSize) {
		throw fieldRefused(refusals.size, 'raw', `the max size is ${mailChoices.mailSize}`, String(bytes.length));
	}
	checkForm(bytes, call);
	const source = { raw: bytes, mail: await parseMail(bytes) };
	checkNumbers(source);
	return source;
}

/** What a draft was made from. One that a test has put there gets a mail of its own. */
export async function sourceOf(message: Message): Promise<Source> {
	if (message.source !== undefined) return message.source;
	const raw = composeMail(message);
	return { raw, mail: await parseMail(raw) };
}

export function checkNumbers({ mail }: Source): void {
	const { to, cc, bcc, attachments } = mail;
	const recipients = to.length + cc.length + bcc.length;
	if (recipients > maxRecipients) {
		throw fieldRefused(refusals.recipients, 'raw', `the max is ${maxRecipients}`, String(recipients));
	}
	if (attachments.length > maxFiles) {
		throw fieldRefused(refusals.files, 'raw', `the max is ${maxFiles}`, String(attachments.length));
	}
}

/** [docs] of drafts. */
export function checkFiles({ mail }: Source): void {
	for (const { filename } of mail.attachments) {
		const extension = filename.includes('.') ? (filename.split('.').at(-1) ?? '') : '';
		if (blockedExtensions.has(extension.toLowerCase())) {
			throw fieldRefused(refusals.extension, 'attachments', 'file extension not allowed', filename);
		}
	}
	const strange = mail.attachments.find((file) => file.is_inline && !isImage(file));
	if (strange !== undefined) {
		throw fieldRefused(refusals.image, 'attachments', 'no image that is allowed', strange.filename);
	}
}

const isAddress = (text: string) => /^\S.*@[^\s@]+\.[^\s@]+$/.test(text);

const has = (addresses: readonly string[], { mail_address }: MailAddress) =>
	addresses.some((address) => address.toLowerCase() === mail_address.toLowerCase());

/** [cli] the mailbox, its aliases, and the public mailboxes of the user with theirs. */
function mayBeFrom({ mailbox, caller: { user } }: MailboxCall, from: MailAddress): boolean {
	const public_ = user?.tenant.mailboxes.filter(({ active, members }) => active && members.has(user)) ?? [];
	return [mailbox, ...public_].some(({ address, aliases }) => has([address, ...aliases], from));
}

const day = 24 * 60 * 60 * 1000;

/** The limits of the mailbox and its tenant. Those of the product that have no number do not apply. */
function checkLimits(
	{ mailbox, world }: MailboxCall,
	{ mail }: Source,
	{ threshold }: { threshold: boolean },
): void {
	const { post, clock } = world;
	const tenant = post.tenantOf(mailbox);
	if (tenant?.storageFull === true) throw refusal(refusals.storage);
	const { sending } = mailbox;
	const now = clock.now();
	const ofTenant = post.sent.filter((sent) => tenant?.mailboxes.includes(sent.mailbox));
	const today = ofTenant.filter(({ at }) => Math.floor(at / day) === Math.floor(now / day));
	const own = ofTenant.filter((sent) => sent.mailbox === mailbox);
	if (threshold && own.length >= sending.threshold) throw refusal(refusals.threshold);
	if (own.filter(({ at }) => at > now - 60_000).length >= sending.mailsPerMinute) {
		throw refusal(refusals.frequency);
	}
	const ownToday = today.filter((sent) => sent.mailbox === mailbox);
	if (ownToday.length >= sending.dailyMails) throw refusal(refusals.dailyMails);
	const isOutside = (address: string) => !tenant || post.mailboxOf(address, [tenant]) === undefined;
	const fresh = recipientsOf(mail).map(({ mail_address }) => mail_address);
	const outside = (mails: typeof today) =>
		new Set(
			[...mails.flatMap(({ recipients }) => recipients), ...fresh]
				.filter(isOutside)
				.map((address) => address.toLowerCase()),
		).size;
	// A mail to nobody outside is never refused for the number of those.
	if (!fresh.some(isOutside)) return;
	if (outside(ownToday) > sending.dailyExternalRecipients) throw refusal(refusals.externalOfUser);
	if (outside(today) > (tenant?.dailyExternalRecipients ?? Number.POSITIVE_INFINITY)) {
		throw refusal(refusals.externalOfTenant);
	}
}

/**
 * Refuses a mail that may not be sent. The order is the sandbox's choice: first whether it was sent already, last what
 * would pass tomorrow.
 *
 * @param threshold - whether the endpoint has the threshold of 1236012
 */
export function checkSending(call: MailboxCall, source: Source, options: { threshold: boolean }): void {
	const { mailbox, world } = call;
	const { mail } = source;
	checkNumbers(source);
	if (mail.smtp_message_id !== undefined && mailbox.sentMessageIds.has(mail.smtp_message_id)) {
		throw refusal(refusals.repeated);
	}
	// [cli] a mail must say whom it is from.
	if (mail.head_from === undefined || !mayBeFrom(call, mail.head_from)) {
		throw fieldRefused(refusals.sender, 'from', 'no address to send from', mail.head_from?.mail_address);
	}
	const recipients = recipientsOf(mail);
	// [cli] one is needed; the code for none is the sandbox's choice.
	if (recipients.length === 0) throw fieldRefused(refusals.receiver, 'to', 'no recipient');
	const bad = recipients.find(
		(recipient) => !isAddress(recipient.mail_address) || has(world.mailChoices.refusedRecipients, recipient),
	);
	if (bad !== undefined) throw fieldRefused(refusals.receiver, 'to', 'no such recipient', bad.mail_address);
	const text = [mail.subject, mail.body_html ?? '', mail.body_plain_text ?? ''].join('\n').toLowerCase();
	if (world.mailChoices.riskyWords.some((word) => text.includes(word.toLowerCase()))) {
		throw refusal(refusals.risk);
	}
	checkLimits(call, source, options);
}
