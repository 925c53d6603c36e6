import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { locator, readLocator, type Choice } from '../../fields/locator';
import { decodeText } from '../../mime/encodedText';
import type { Item } from '../../run/item';
import type { Batched, Hints, Page, Read } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';
import { fault, noSuchMailbox } from '../mailboxHints';

/** An attachment of a mail, as reading the mail tells of it. */
export type Attachment = {
	id?: string;
	filename?: string;
	/** 1: normal, 2: too large for a mail, so that the body links to it. */
	attachment_type?: 1 | 2;
	/** An image of the HTML body. */
	is_inline?: boolean;
	cid?: string;
};

/** A mail, as Feishu's answers hold it. */
export type Mail = IDataObject & {
	message_id: string;
	thread_id?: string;
	subject?: string;
	head_from?: { mail_address: string; name?: string };
	/** Milliseconds since 1970. */
	internal_date?: string;
	folder_id?: string;
	label_ids?: string[];
	attachments?: Attachment[];
};

/** The scopes without which Feishu leaves fields of a mail out. */
const READ = 'mail:user_mailbox.message';
export const SUBJECT_SCOPE = `${READ}.subject:read`;
export const ADDRESS_SCOPE = `${READ}.address:read`;
export const BODY_SCOPE = `${READ}.body:read`;

const fieldScopes = { subject: SUBJECT_SCOPE, head_from: ADDRESS_SCOPE, body_plain_text: BODY_SCOPE };

/** What an app may not do to the mails of a mailbox, and how it may. `{scopes}` becomes the endpoint's. */
export const noAccess =
	"The app may not reach the mails of this mailbox: in the developer console, check under 'Permissions & Scopes' that {scopes} and the data permission for the mails of this mailbox are granted, and release a new version. With a user's credential, the user must own the mailbox or be a member of it";

export const noSuchMail =
	'The mailbox has no such mail: it may have been deleted, or belong to another mailbox';

/** Codes of the endpoints that list mails and threads. */
export const listHints: Hints = {
	1230001: "Feishu does not accept the request: check 'Mailbox', and 'Folder' or 'Label'",
	1230002: noAccess,
	1230003: fault,
	1234008: fault,
	1234013: noSuchMailbox,
	1234017: noAccess,
	1234035: "The mailbox has no such folder: check 'Folder'",
	1234036: "The mailbox has no such label: check 'Label'",
	1234037: 'The list has changed while it was read: run it again',
	1234038: "Feishu does not accept the folder: check 'Folder'",
	1234039: "Feishu lists either a folder or a label: check 'Folder' or 'Label'",
	1234040: 'Feishu does not list mails for this kind of user',
	1235000: fault,
};

/** Codes of the endpoints that change mails and threads. */
export const changeHints: Hints = {
	1230001: "Feishu does not accept the request: check 'Mailbox', and that mails and labels belong to it",
	1230002: fault,
	1230007: noSuchMail,
	1230008: 'The mailbox has no such thread, label or folder: it may have been deleted',
	1230009: noAccess,
	1236006: 'Something else is changing the mailbox: run it again later',
	1236008: 'The mailbox has no such label or folder: it may have been deleted',
	1238008: 'The mailbox has no such thread, label or folder: it may have been deleted',
};

/** Codes of refusals that may be about one mail or thread of several. Docs: "batch_modify", "batch_get" and their like. */
export const doubtful = [1230001, 1230006, 1230007, 1230008, 1236008, 1238008];

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-message/list */
export const listMails: Read<Page<string>> = {
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/messages',
	scopes: ['mail:user_mailbox.message:readonly'],
	quota: '10 mail lists a second',
	pageSize: 20,
	id: null,
	hints: listHints,
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-message/batch_get */
export const readMails: Read<Page<Mail>> & Batched = {
	method: 'POST',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/messages/batch_get',
	write: 'none',
	scopes: ['mail:user_mailbox.message:readonly'],
	fieldScopes,
	quota: '10 mail reads a second',
	lists: 'messages',
	id: 'message_id',
	batch: { ids: 'message_ids', most: 20, doubtful, gone: [1230006] },
	hints: {
		1230001: "Feishu does not accept the request: check 'Mailbox' and the ID of the mail",
		1230003: noSuchMailbox,
		1230004: fault,
		1230005: noAccess,
		1230006: noSuchMail,
	},
};

export const messageLocator: INodeProperties = locator({
	displayName: 'Message',
	name: 'messageId',
	description: 'The mail. The list shows the newest ones of the inbox.',
	searchListMethod: 'searchMessages',
	placeholder: 'e.g. tfuh9N4WnzU6jdDw=',
});

export const simplifyField: INodeProperties = {
	displayName: 'Simplify',
	name: 'simple',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

/** The mail that an item chooses. */
export const chosenMail = (item: Item): Choice => readLocator(item, messageLocator.name);

const isSimple = (item: Item) => item.read(simplifyField.name).value !== false;

/** How much of a mail is asked for. */
export const formatOf = (item: Item) => ({ format: isSimple(item) ? 'plain_text_full' : 'full' });

/**
 * The mail that an item chooses, read together with those of other items.
 *
 * @throws RefusedInput where there is none
 */
export async function readChosenMail(item: Item, body: IDataObject): Promise<Mail> {
	const choice = chosenMail(item);
	const mail = await item.readTogether<Mail>(readMails, {}, choice.value, body);
	return mail ?? refuseMissing(choice);
}

/** The mail that an item chooses, read by itself: for items that go one after the other. Errors: see `readChosenMail`. */
export async function readChosenMailAlone(item: Item, body: IDataObject): Promise<Mail> {
	const choice = chosenMail(item);
	const [mail] = await item.readAll(readMails, {}, [choice.value], body);
	return mail ?? refuseMissing(choice);
}

function refuseMissing({ displayName, value: id }: Choice): never {
	throw new RefusedInput(
		`'${displayName}': the mailbox has no mail '${id}'`,
		'It may have been deleted, or belong to another mailbox. The ID of a mail is the message_id that Get Many and Search give.',
	);
}

/** Fields that hold encoded text. Docs: "Bodies come back base64url encoded". */
const encodedFields = ['body_html', 'body_plain_text', 'body_preview', 'body_calendar'];

/** What a simplified mail has, where Feishu gives it; the first ones are those that a table shows without scrolling. */
const simpleFields = [
	'message_id',
	'date',
	'subject',
	'head_from',
	'body_preview',
	'to',
	'cc',
	'folder_id',
	'label_ids',
	'attachments',
	'body_plain_text',
	'thread_id',
];

/** The objects of a list in an answer, whatever comes in its place. */
export const objectsIn = <T extends object>(list: T[] | null | undefined): T[] =>
	Array.isArray(list) ? list.filter((one) => typeof one === 'object' && one !== null) : [];

/** The attachments of a mail, where Feishu tells of any. */
export const attachmentsIn = ({ attachments }: Mail): Attachment[] => objectsIn(attachments);

/** When a mail was received or sent, in milliseconds since 1970; NaN where Feishu does not tell. */
export function dateOf({ internal_date }: Mail): number {
	const date = Number(internal_date || NaN);
	return Number.isFinite(date) ? date : NaN;
}

/** A mail with its texts decoded, and its date in ISO 8601 as well. */
export function decodedMail(mail: Mail): Mail {
	const decoded = { ...mail };
	for (const field of encodedFields) {
		const text = decoded[field];
		if (typeof text === 'string') decoded[field] = decodeText(text);
	}
	const date = new Date(dateOf(mail));
	return Number.isNaN(date.getTime()) ? decoded : { ...decoded, date: date.toISOString() };
}

/** A mail as it comes out. */
export const shownMail = (item: Item, mail: Mail): IDataObject =>
	isSimple(item) ? simplifiedMail(mail) : decodedMail(mail);

/** A mail with its texts decoded, of which only what is wanted most. */
export function simplifiedMail(mail: Mail): IDataObject {
	const decoded: IDataObject = decodedMail(mail);
	return Object.fromEntries(
		simpleFields.flatMap((field) => (field in decoded ? [[field, decoded[field]]] : [])),
	);
}

/** What each scope is for, as the user may call it. */
const hiddenParts: Record<string, { part: string; fields: string[] }> = {
	[SUBJECT_SCOPE]: { part: 'subjects', fields: ['subject'] },
	[ADDRESS_SCOPE]: { part: 'senders and recipients', fields: ['head_from', 'to', 'cc'] },
	[BODY_SCOPE]: {
		part: 'texts and attachments',
		fields: ['body_plain_text', 'body_html', 'attachments'],
	},
};

const partsOf = (scopes: string[]) => scopes.map((scope) => hiddenParts[scope]!.part).join(', ');

const isAnyShown = (mails: Mail[], { fields }: { fields: string[] }) =>
	mails.some((mail) => fields.some((field) => mail[field] !== undefined && mail[field] !== null));

/**
 * The scopes for the lack of which Feishu leaves fields out of mails: not granted, or, where that cannot be known, those
 * of fields that no mail shows while every mail has a sender.
 */
export async function scopesThatHide(item: Item, mails: Mail[]): Promise<string[]> {
	const absent = Object.keys(hiddenParts).filter((scope) => !isAnyShown(mails, hiddenParts[scope]!));
	if (mails.length === 0 || absent.length === 0) return [];
	const granted = await item.grantedScopes();
	return absent.filter((scope) => (granted ? !granted.has(scope) : absent.includes(ADDRESS_SCOPE)));
}

/**
 * @param needed scopes of fields of a mail that something is to be made of
 * @param advice says how to do without these fields
 * @throws RefusedInput where Feishu leaves one of these fields out for lack of its scope
 */
export async function requireShown(item: Item, mail: Mail, needed: string[], advice?: string): Promise<void> {
	const hidden = await scopesThatHide(item, [mail]);
	// A permission that was withdrawn is still among those that the token was granted.
	const isAbsent = (scope: string) =>
		[ADDRESS_SCOPE, BODY_SCOPE].includes(scope) && !isAnyShown([mail], hiddenParts[scope]!);
	const scopes = needed.filter((scope) => hidden.includes(scope) || isAbsent(scope));
	if (scopes.length === 0) return;
	throw new RefusedInput(
		`Feishu leaves ${partsOf(scopes)} out of the mail, which the answer needs: the permission ${scopes.join(', ')} is missing`,
		[
			"Add it under 'Permissions & Scopes' of the app in the developer console, release a new version, and reconnect the credential.",
			advice,
		]
			.filter(Boolean)
			.join(' '),
	);
}

/** Tells the user if mails come without fields that the app or the user may not see. */
export async function noteHidden(item: Item, mails: Mail[]): Promise<void> {
	const scopes = await scopesThatHide(item, mails);
	if (scopes.length === 0) return;
	item.run.note(
		`Feishu leaves ${partsOf(scopes)} out of the mails: the permission ${scopes.join(', ')} is missing. Add it under 'Permissions & Scopes' of the app in the developer console and release a new version; with a user's credential, reconnect it.`,
	);
}
