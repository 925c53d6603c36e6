import type { IDataObject, INodeProperties } from 'n8n-workflow';

import {
	bccField,
	ccField,
	checkRecipients,
	eachOnce,
	readAddressList,
	type Recipients,
} from '../../fields/recipients';
import { distinct, findAddresses, type Address } from '../../mime/addresses';
import { besideImages } from '../../mime/inlineImages';
import { ROOM, type Answer } from '../../mime/mail';
import { withQuote } from '../../mime/quote';
import { answerSubject, answerTo, type Original } from '../../mime/reply';
import type { Item } from '../../run/item';
import { RefusedInput } from '../../transport/refusedInput';
import { fetchAttachments, mailHolder } from '../message/files';
import {
	ADDRESS_SCOPE,
	attachmentsIn,
	BODY_SCOPE,
	chosenMail,
	decodedMail,
	readChosenMailAlone,
	readMails,
	requireShown,
	SUBJECT_SCOPE,
	type Mail,
} from '../message/message';
import { createDraft } from './drafts';
import {
	checkInlineImages,
	cidsOf,
	contentOf,
	readExtras,
	readSendAt,
	sendAtField,
	type Letter,
} from './letter';
import { passOn, textOf } from './passedOn';
import { addressOfMailbox, senderOf } from './sender';
import { doneBefore, made, sendByDraftEndpoints, sendOut, unlessClosed, type Departure } from './sending';
import { readSignature, sign } from './signing';

export const quoteOriginalOption: INodeProperties = {
	displayName: 'Quote Original',
	name: 'quoteOriginal',
	type: 'boolean',
	default: true,
	description: 'Whether the mail itself stands below the message, with its images, as in Feishu Mail',
};

export const saveAsDraftOption: INodeProperties = {
	displayName: 'Save as Draft',
	name: 'saveAsDraft',
	type: 'boolean',
	default: false,
	description: 'Whether to keep the mail as a draft in its conversation instead of sending it',
};

/** What reading a mail and sending another one in its conversation asks for. */
export const answerEndpoints = [...sendByDraftEndpoints, readMails];

/** In what a reply and a forwarded mail differ. */
interface Kind {
	type: Answer['type'];
	/** Whom the item names besides CC and BCC. */
	to: Address[];
	/**
	 * Who gets the answer besides whom the item names.
	 *
	 * @param own addresses of the mailbox
	 * @throws RefusedInput where there is nobody
	 */
	recipients?: (original: Original, own: string[]) => Pick<Recipients, 'to' | 'cc'>;
	/** Whether the files of the mail go along. */
	withFiles: boolean;
}

/**
 * Sends a mail in the conversation of the one that an item chooses, or keeps it as a draft.
 *
 * @throws RefusedInput for what Feishu would not send, and for a mail that cannot be answered
 * @throws NodeApiError
 */
export async function answerMail(item: Item, kind: Kind): Promise<IDataObject> {
	chosenMail(item);
	const departure = readDeparture(item);
	const isQuoting = item.isOn(quoteOriginalOption.name);
	const extras = readExtras(item);
	readSignature(item);
	checkInlineImages(extras);
	const named: Recipients = {
		to: kind.to,
		cc: readAddressList(item, ccField.name),
		bcc: readAddressList(item, bccField.name),
	};
	if (!kind.recipients && !departure.asDraft) checkRecipients(named);
	await item.app(createDraft);
	const done = doneBefore(item);
	if (done) return done;
	const address = await addressOfMailbox(item);
	return await unlessClosed(item, address, async () => {
		const content = await made(item, async () => {
			const mail = await readChosenMailAlone(item, { format: 'full' });
			await requireAnswerable(item, mail, kind, isQuoting);
			const original = originalOf(mail);
			const sending = await senderOf(item, findAddresses([original.head_from, original.to, original.cc]));
			const own = [...sending.own, sending.from.mail_address];
			const answered = kind.recipients?.(original, own) ?? { to: [], cc: [] };
			const recipients = eachOnce({
				to: [...answered.to, ...named.to],
				cc: distinct([...answered.cc, ...named.cc]),
				bcc: named.bcc,
			});
			if (!departure.asDraft) checkRecipients(recipients);
			const subject = answerSubject(original, kind.type);
			const cids = cidsOf(extras.inlineImages);
			const signed = await sign(item, { texts: extras, subject, cids, sending, kind: 'reply' });
			const taken = [...cids, ...signed.images.map(({ cid }) => cid)];
			const quoted = quotedIn(signed.texts, taken, original, isQuoting);
			const advice = doWithout(kind.withFiles);
			const files = await passOn(item, attachmentsIn(mail), quoted.cids, {
				isFile: () => kind.withFiles,
				fetch: async (wanted) =>
					await fetchAttachments(item, mailHolder(mail.message_id), wanted, ROOM, advice),
			});
			const letter = {
				...extras,
				...recipients,
				subject,
				...signed.texts,
				...(isQuoting && withQuote(signed.texts, quoted.original, kind.type, item.run.timezone)),
			};
			const others = {
				answers: answerTo(original, kind.type),
				...files,
				inlineImages: [...signed.images, ...files.inlineImages],
			};
			return await contentOf(letter, sending.from, others);
		});
		return await sendOut(item, address, content, departure);
	});
}

/** @throws RefusedInput for a moment at which a draft is to be sent that is not to be sent */
function readDeparture(item: Item): Departure {
	const sendAt = readSendAt(item);
	const asDraft = item.isOn(saveAsDraftOption.name);
	if (!asDraft || sendAt === undefined) return { sendAt, asDraft };
	throw new RefusedInput(
		`'${saveAsDraftOption.displayName}' and '${sendAtField.displayName}' exclude each other: a draft is not sent`,
		`Switch '${saveAsDraftOption.displayName}' off to have the mail sent at that time, or leave '${sendAtField.displayName}' out.`,
	);
}

/** @throws RefusedInput for a mail of which Feishu hides what its answer is made of */
async function requireAnswerable(
	item: Item,
	mail: Mail,
	{ recipients, withFiles }: Kind,
	isQuoting: boolean,
): Promise<void> {
	// The subject in any case: Feishu groups conversations by it.
	await requireShown(item, mail, recipients ? [SUBJECT_SCOPE, ADDRESS_SCOPE] : [SUBJECT_SCOPE]);
	const scopes = [...(isQuoting ? [ADDRESS_SCOPE] : []), ...(isQuoting || withFiles ? [BODY_SCOPE] : [])];
	await requireShown(item, mail, scopes, doWithout(withFiles));
}

/** How an answer does without text and files of the mail. */
const doWithout = (withFiles: boolean) =>
	`To do without, switch off ${withFiles ? "'Include Attachments' and 'Quote Original'" : "'Quote Original'"} under 'Options'.`;

/** A mail as it is answered. Without a plain text, its preview stands for it, as in Feishu's official client. */
function originalOf(mail: Mail): Original {
	const { message_id, head_from, reply_to, to, cc, ...others } = decodedMail(mail);
	const { references } = others;
	return {
		message_id,
		head_from,
		reply_to,
		to,
		cc,
		subject: textOf(others.subject),
		internal_date: textOf(others.internal_date),
		smtp_message_id: textOf(others.smtp_message_id),
		references: [references].flat().filter((ids) => typeof ids === 'string'),
		body_html: textOf(others.body_html),
		body_plain_text: textOf(others.body_plain_text) || textOf(others.body_preview),
	};
}

/**
 * A mail as it is quoted below an answer, with names for its images that those of the answer do not have.
 *
 * @param own the Content-IDs of the images of the answer
 * @returns also the Content-IDs of the images that the quote shows: as the mail has them, and as the quote has them
 */
function quotedIn(
	{ html }: Pick<Letter, 'html'>,
	own: string[],
	original: Original,
	isQuoting: boolean,
): { original: Original; cids: Map<string, string> } {
	if (!isQuoting || html === undefined || !original.body_html) return { original, cids: new Map() };
	const { html: body_html, cids } = besideImages(original.body_html, own);
	return { original: { ...original, body_html }, cids };
}
