import { NodeApiError, type IDataObject, type INodeProperties } from 'n8n-workflow';

import { comparable } from '../../fields/comparable';
import { messageId as messageIdOf } from '../../mime/headers';
import { contentHash, rawMail, type Mail } from '../../mime/mail';
import type { Item } from '../../run/item';
import { asText } from '../../run/requestBody';
import { LongText } from '../../transport/body';
import { clock } from '../../transport/clock';
import { TRIES } from '../../transport/delivery';
import type { Findable, Hints, Keyed } from '../../transport/endpoint';
import { failureCode, isOutcomeUnknown, unlessApiError } from '../../transport/failure';
import { RefusedInput } from '../../transport/refusedInput';
import {
	deleteDraft,
	draftEndpoints,
	DRAFT_GONE,
	mailHints,
	makeDraft,
	noSuchDraft,
	pathOf,
	readDraft,
	stateOf,
} from './drafts';
import type { Content } from './letter';
import { findSent } from './sentMails';
import { senderEndpoints } from './sender';

type Sent = {
	message_id?: string;
	thread_id?: string;
	recall_status?: string;
	/** Says that nothing was sent: the user has switched off sending by programs. */
	automation_send_disable?: { reason?: string; reference?: string };
	/** Never in an answer: the answer was lost, and a look shows that it was sent. */
	wasSent?: boolean;
};

/** Never in an answer: Feishu has refused the mail because it was sent before. */
type SentBefore = { doneBefore?: true };

/** A mail with this Message-ID has been sent before. */
export const SENT_BEFORE = 1236005;

/** Of `send_time` among others. Docs: "request parameter error". */
const TOO_NEAR = 1234008;

/** Limits that no other mail of the mailbox passes today, either. */
const lastingLimits = [1236007, 1236008, 1236009, 1236010, 1236012, 1236013];

/** What keeps a mail from being sent. */
const sendHints: Hints = {
	1236007: 'The mailbox has sent as many mails as it may in a day: send the ones that are left tomorrow',
	1236008:
		'The mailbox has written to as many people outside of the organisation as it may in a day: send the ones that are left tomorrow',
	1236009:
		'The organisation has written to as many people outside as it may in a day: send the ones that are left tomorrow',
	1236010: 'Feishu limits how much this mailbox may send at the moment: send the ones that are left later',
	1236012: 'The mailbox has reached a limit of Feishu for senders: send the ones that are left later',
	1236013:
		"The organisation's storage for mails is full: an administrator can make room or extend it; then send the ones that are left",
	1236014: 'Feishu takes the content of the mail for risky: change its text, links or files',
	1236017:
		"The mail may not be sent from this address: choose one of 'Get Senders' of the mailbox under 'From', or leave it out",
	1236018: "Feishu does not accept a recipient: check the addresses in 'To', 'CC' and 'BCC'",
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-message/send */
export const sendMail: Keyed<Sent & SentBefore> = {
	method: 'POST',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/messages/send',
	tokens: ['user'],
	scopes: ['mail:user_mailbox.message:send'],
	quota: '100 mails a minute',
	write: 'keyed',
	verify: "in 'Sent' whether the mail went out",
	doneCodes: [SENT_BEFORE],
	hints: { ...mailHints, ...sendHints },
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-draft/send */
export const sendDraft: Findable<Sent> = {
	method: 'POST',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/drafts/:draft_id/send',
	tokens: ['user'],
	scopes: ['mail:user_mailbox.message:send'],
	quota: '20 drafts sent a minute',
	write: 'findable',
	undone: 'the draft was not sent',
	verify: "in 'Sent' whether the mail went out",
	doneCodes: [SENT_BEFORE, DRAFT_GONE],
	hints: {
		...mailHints,
		...sendHints,
		1234008:
			"Feishu does not send the draft: check that it has recipients, and that 'Send At' is not too near",
		[SENT_BEFORE]: 'The same mail has been sent before',
		[DRAFT_GONE]: noSuchDraft,
	},
};

/** What sending a draft asks for. */
export const draftSendEndpoints = [sendDraft, readDraft];

/** What sending a new mail at once asks for, and sending it by way of a draft. */
export const sendEndpoints = [sendMail, ...senderEndpoints];
export const sendByDraftEndpoints = [sendDraft, ...draftEndpoints, ...senderEndpoints];

/** How a mail leaves: at once, at a moment (milliseconds since 1970), or not yet. */
export interface Departure {
	sendAt?: number;
	asDraft?: boolean;
}

export const idempotencyKeyOption: INodeProperties = {
	displayName: 'Idempotency Key',
	name: 'idempotencyKey',
	type: 'string',
	default: '',
	placeholder: 'e.g. invoice-2026-0815',
	description:
		'A mail with the same key leaves the mailbox once, whatever it says and however often and in whichever workflow the node runs. Without it, that holds within one execution and its retries.',
};

/** What goes out, for the output. */
const envelope = ({ from, to, cc, bcc, subject }: Content, messageId: string): IDataObject => ({
	from,
	...Object.fromEntries(
		Object.entries({ to, cc, bcc }).flatMap(([field, list]) => (list?.length ? [[field, list]] : [])),
	),
	subject,
	smtp_message_id: bare(messageId),
});

/** A Message-ID as Feishu's answers hold it, without `<>`. */
export const bare = (messageId: string) => messageId.replace(/^<|>$/g, '');

/**
 * Sends an item's mail, or keeps it as a draft.
 *
 * The Message-ID keeps a mail from being sent twice: it is the same each time that the item is tried, so that Feishu
 * refuses the second one.
 *
 * @param address of the mailbox that sends
 * @throws NodeApiError; where nobody knows whether the mail was sent, with its Message-ID
 */
export async function sendOut(
	item: Item,
	address: string,
	content: Content,
	{ sendAt, asDraft }: Departure,
): Promise<IDataObject> {
	const before = doneBefore(item);
	if (before) return before;
	const tried: Tried = item.memory;
	const messageId = identify(item, address, content);
	if (!asDraft) noteRepeated(item, messageId);
	const mail: Mail = { ...content, date: new Date(clock.now()), messageId };
	const raw = new LongText(rawMail(mail));
	const outcome = await unlessClosed(item, address, async () => {
		if (asDraft) return { outcome: 'savedAsDraft', ...(await anewAsDraft(item, raw, messageId)) };
		const isNew = !content.answers;
		return isNew && sendAt === undefined
			? await sendAtOnce(item, raw, messageId)
			: await sendByDraft(item, raw, messageId, sendAt);
	}).catch((error: unknown) => {
		if (isOutcomeUnknown(error)) tried.lost ??= envelope(content, messageId);
		else if (tried.lost) addTo(error, earlierTry(messageId));
		throw error;
	});
	const done: IDataObject = { ...outcome, ...envelopeFor(outcome, tried, envelope(content, messageId)) };
	tried.done = asDraft || sendAt !== undefined ? done : { ...done, outcome: 'alreadySent' };
	return done;
}

/**
 * What went out with an item's mail. What another item has sent by the same key is told by the mail itself, if it was
 * found: it may have gone to others.
 */
function envelopeFor({ outcome }: IDataObject, { lost, messageId }: Tried, own: IDataObject): IDataObject {
	const { smtp_message_id } = own;
	if (outcome !== 'alreadySent') return own;
	if (lost && lost.smtp_message_id === smtp_message_id) return lost;
	const isOfItem = messageId !== undefined && bare(messageId) === smtp_message_id;
	return isOfItem ? own : { smtp_message_id };
}

/** Of a refusal, which tells nothing of an earlier try whose answer was lost. */
const earlierTry = (messageId: string) =>
	`It is unknown whether an earlier try has sent the mail: check in 'Sent' before running it again. Its Message-ID is ${messageId}`;

/** What an item's mail is made of. Where that cannot be had, an earlier try may have sent the mail all the same. */
export async function made<T>(item: Item, make: () => Promise<T>): Promise<T> {
	return await make().catch((error: unknown) => {
		const { lost }: Tried = item.memory;
		if (lost) addTo(error, earlierTry(`<${String(lost.smtp_message_id)}>`));
		throw error;
	});
}

/** What a try of an item has done, for a later one. */
type Tried = IDataObject & {
	messageId?: string;
	/** The draft by which it was to be sent. */
	draft?: string;
	/** What goes out with the first mail of which nobody knows what came of it; a later try may say something else. */
	lost?: IDataObject;
	/** What comes out of an item that has nothing left to do. */
	done?: IDataObject;
};

/** What comes out of an item of which an earlier try has left nothing to do. */
export const doneBefore = (item: Item): IDataObject | undefined => (item.memory as Tried).done;

/** The Message-ID of an item's mail: that of an earlier try, by the user's key, or by what tells the item from all others. */
function identify(item: Item, address: string, content: Content): string {
	const { value, displayName } = item.readEntered(
		idempotencyKeyOption.name,
		'The mail could leave twice. See that the expression gives a key, or an empty text for a mail without one.',
	);
	const key = asText(value, displayName)?.trim();
	if (key === '') {
		throw new RefusedInput(
			`'${displayName}' consists of blanks`,
			'The mail could leave twice. See that the expression gives a key, or an empty text for a mail without one.',
		);
	}
	if (key) return messageIdOf(['key', comparable(address), key]);
	const tried: Tried = item.memory;
	const facts = () => [comparable(address), ...item.run.factsOf(item.index), contentHash(content)];
	return (tried.messageId ??= messageIdOf(facts()));
}

/** Tells of items of a run that count as one mail by their key: what the other one says is not sent. */
function noteRepeated(item: Item, messageId: string): void {
	const first = item.run.once(`mail ${messageId}`, () => item.index);
	if (first === item.index) return;
	item.run.note(
		`Items ${first} and ${item.index} have the same '${idempotencyKeyOption.displayName}': they count as one mail, which leaves once. See that the key tells mails apart.`,
	);
}

async function sendAtOnce(item: Item, raw: LongText, messageId: string): Promise<IDataObject> {
	const sent = await told(messageId, async () => await item.call(sendMail, {}, { body: { raw } }));
	refuseIfDisabled(sent);
	if (sent.doneBefore) return { outcome: 'alreadySent', ...(await findSent(item, messageId)) };
	if (sent.message_id) return { outcome: 'sent', ...sent };
	throw new RefusedInput(
		"Feishu reports success, but its answer holds no ID of the mail: look in 'Sent' whether it is there before running it again",
		`The Message-ID of the mail is ${messageId}`,
	);
}

/** A draft of an item's mail, in place of one that an earlier try has left with what the mail was then. */
async function anewAsDraft(item: Item, raw: LongText, messageId: string) {
	const tried: Tried = item.memory;
	if (tried.draft) await discard(item, tried.draft);
	const made = await makeDraft(item, raw, messageId);
	tried.draft = made.draft_id;
	return made;
}

/** A mail that is scheduled, or an answer to another one, which Feishu's own client sends as a draft. */
async function sendByDraft(
	item: Item,
	raw: LongText,
	messageId: string,
	sendAt?: number,
): Promise<IDataObject> {
	const { draft }: Tried = item.memory;
	// An earlier try of which nobody knew what came of it.
	const state = draft && (await stateOf(item, draft));
	if (state === 'scheduled') return { outcome: 'scheduled', draft_id: draft };
	if (state === 'gone' && sendAt !== undefined) {
		// Feishu may refuse a second one only when the first one has left.
		const waiting = await findSent(item, messageId, 'SCHEDULED');
		if (waiting.message_id) return { outcome: 'scheduled', draft_id: draft, ...waiting };
	}
	const { draft_id } = await anewAsDraft(item, raw, messageId);
	const sending = told(messageId, async () => await sendOffDraft(item, draft_id, messageId, sendAt));
	return await sending.catch(async (error: unknown) => {
		const code = failureCode(error);
		const wasSent = code === SENT_BEFORE;
		if (wasSent || (code === TOO_NEAR && sendAt !== undefined)) await discard(item, draft_id);
		else if (code === DRAFT_GONE) addTo(error, goneSince(draft_id, messageId));
		else if (!isOutcomeUnknown(error)) addTo(error, `The mail is among the drafts, with the ID ${draft_id}.`);
		else addTo(error, `Its draft has the ID ${draft_id}: as long as it is there, the mail was not sent.`);
		if (!wasSent) throw error;
		return await sentBefore(item, messageId, { sendAt, draft });
	});
}

/** Of a draft that was made just now. */
const goneSince = (draftId: string, messageId: string) =>
	`The node had made the draft ${draftId}, which somebody has sent or deleted since: look in 'Sent' and 'Drafts'. The Message-ID of the mail is ${messageId}`;

/**
 * What comes out of a mail that Feishu refuses as one that it has.
 *
 * @param sendAt where it is to be sent later: then the one that Feishu has may be waiting, too
 * @param draft by which an earlier try has sent it
 */
async function sentBefore(
	item: Item,
	messageId: string,
	{ sendAt, draft }: { sendAt?: number; draft?: string },
): Promise<IDataObject> {
	const waiting = sendAt === undefined ? {} : await findSent(item, messageId, 'SCHEDULED');
	if (!waiting.message_id) return { outcome: 'alreadySent', ...(await findSent(item, messageId)) };
	return { outcome: 'scheduled', ...(draft && { draft_id: draft }), ...waiting };
}

/** Takes a draft away that nobody needs. What is gone is gone, and one that stays does no harm. */
async function discard(item: Item, draftId: string): Promise<void> {
	await item.call(deleteDraft, pathOf(draftId)).catch(unlessApiError);
}

/**
 * Sends a draft, at once or at a moment (milliseconds since 1970). Where the answer is lost, the draft is looked up: one
 * that is scheduled was sent. So was one that is gone, where the mail is found; else it is sent once more, which Feishu
 * refuses for a draft that is gone indeed: a look may be answered from a copy that is not up to date.
 */
export async function sendOffDraft(
	item: Item,
	draftId: string,
	messageId?: string,
	sendAt?: number,
): Promise<IDataObject> {
	const path = pathOf(draftId);
	const folder = sendAt === undefined ? 'SENT' : 'SCHEDULED';
	const body = sendAt === undefined ? {} : { send_time: String(Math.ceil(sendAt / 1000)) };
	let wasGone = false;
	let looks = 0;
	const find = async (): Promise<Sent | undefined> => {
		looks++;
		const state = await stateOf(item, draftId);
		if (state === 'draft') return undefined;
		const isSure = state === 'scheduled' || wasGone || looks === TRIES;
		wasGone = true;
		return isSure || (messageId && (await findSent(item, messageId, folder)).message_id)
			? { wasSent: true }
			: undefined;
	};
	const { wasSent, ...sent } = await item.create(sendDraft, path, { body }, find);
	refuseIfDisabled(sent);
	if (sendAt !== undefined) return { outcome: 'scheduled', draft_id: draftId, ...body, ...sent };
	if (!wasSent) return { outcome: 'sent', ...sent };
	return { outcome: 'alreadySent', ...(messageId && (await findSent(item, messageId))) };
}

/** Feishu sends nothing by programs from this mailbox. */
class SendingDisabled extends RefusedInput {
	constructor(private readonly disabled: NonNullable<Sent['automation_send_disable']>) {
		const [reason, reference] = [disabled.reason, disabled.reference].map((said) =>
			typeof said === 'string' ? said : '',
		);
		super(
			'The mail was not sent: the mailbox does not allow sending by programs. Its owner can allow it in the settings of Feishu Mail',
			[reason && `Feishu's reason: ${reason}.`, reference && `See ${reference}`].filter(Boolean).join(' '),
		);
	}

	/** The same of another mail, without what was added about the first one. */
	ofAnother(): SendingDisabled {
		return new SendingDisabled(this.disabled);
	}
}

/** @throws SendingDisabled for a success that says that nothing was sent */
function refuseIfDisabled({ automation_send_disable: disabled }: Sent): void {
	if (disabled) throw new SendingDisabled(disabled);
}

/** Adds a line to what an error tells. */
function addTo(error: unknown, line: string): void {
	if (error instanceof NodeApiError || error instanceof RefusedInput) {
		error.description = [error.description, line].filter(Boolean).join('\n');
	}
}

/** Tells with an unknown outcome which mail to look for. */
export async function told<T>(messageId: string, send: () => Promise<T>): Promise<T> {
	return await send().catch((error: unknown) => {
		if (isOutcomeUnknown(error)) addTo(error, `The Message-ID of the mail is ${messageId}`);
		throw error;
	});
}

/** Does not ask again what Feishu would refuse all mails of the mailbox for: the others fail with the same reason. */
export async function unlessClosed<T>(item: Item, address: string, send: () => Promise<T>): Promise<T> {
	const closed = item.run.once('closed mailboxes', () => new Map<string, unknown>());
	const key = comparable(address);
	if (closed.has(key)) throw item.run.client.failureOf(item.index, closed.get(key));
	return await send().catch((error: unknown) => {
		const isLimit = lastingLimits.includes(failureCode(error) ?? 0) && !isOutcomeUnknown(error);
		if (isLimit) closed.set(key, error);
		if (error instanceof SendingDisabled) closed.set(key, error.ofAnother());
		throw error;
	});
}
