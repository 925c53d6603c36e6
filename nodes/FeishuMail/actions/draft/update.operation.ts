import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { attachmentsField, inlineImagesField, readFiles, type ChosenFile } from '../../fields/files';
import { bccField, ccField, eachOnce, readAddressList, replyToField, toField } from '../../fields/recipients';
import { editMail, holdsFiles, type EditedMail, type MailChanges } from '../../mime/edit';
import { hashOf } from '../../mime/headers';
import { compareInlineImages } from '../../mime/inlineImages';
import { LARGEST_MAIL, type MailFile } from '../../mime/mail';
import type { Item } from '../../run/item';
import type { Operation } from '../../run/operation';
import type { Read, Repeatable } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';
import type { Mail } from '../message/message';
import { DRAFT_GONE, mailHints, noSuchDraft, pathOf, readDraft, type Draft } from '../outgoing/drafts';
import {
	checkFit,
	cidsOf,
	filesOf,
	imagesOf,
	importanceField,
	messageFields,
	readImportance,
	readMessage,
	readReceiptField,
	refuseTooLarge,
	subjectField,
	tooLarge,
} from '../outgoing/letter';
import { fromField, readFrom, senderEndpoints, senderNameField, senderOf } from '../outgoing/sender';
import { chosenDraft, draftLocator } from './draft';

/** Docs: `draft.message.raw`; other clients have met it at the other places. */
type Source = IDataObject & { draft?: Partial<Draft>; message?: Mail };

/** The same endpoint as `readDraft`, where the source is asked for. */
const readSource: Read<Source> = { ...readDraft, returns: undefined };

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-draft/update */
const updateDraft: Repeatable = {
	method: 'PUT',
	path: readDraft.path,
	tokens: ['user'],
	scopes: ['mail:user_mailbox.message:modify'],
	quota: '5 draft updates a second',
	write: 'repeatable',
	verify: 'what the draft looks like now',
	hints: { ...mailHints, [DRAFT_GONE]: noSuchDraft },
};

const addedTo = (field: INodeProperties): INodeProperties => ({
	...field,
	description: `${field.description}. They come to those that the draft has.`,
});

const fields = [
	addedTo(attachmentsField),
	bccField,
	ccField,
	fromField,
	importanceField,
	addedTo(inlineImagesField),
	...messageFields,
	readReceiptField,
	replyToField,
	senderNameField,
	subjectField,
	toField,
];

/** What an item wants to change, checked, and nothing of it read from elsewhere yet. */
interface Wishes extends Omit<MailChanges, 'attachments' | 'from' | 'inlineImages'> {
	attachments: ChosenFile[];
	inlineImages: ChosenFile[];
}

const isGiven = (item: Item, parameter: string) => {
	const { value } = item.read(parameter);
	return value !== undefined && value !== null;
};

/** What a field holds. An empty text is something, an expression without a value is nothing. */
const ifGiven = <T>(
	item: Item,
	parameter: string,
	read: (item: Item, parameter: string) => T,
): T | undefined => (isGiven(item, parameter) ? read(item, parameter) : undefined);

const readText = (item: Item, parameter: string) => item.text(parameter) ?? '';

const withoutUndefined = <T extends object>(values: T): Partial<T> =>
	Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;

/** Those of the recipients that are given, each once. */
function readRecipients(item: Item): Pick<MailChanges, 'bcc' | 'cc' | 'to'> {
	const to = ifGiven(item, toField.name, readAddressList);
	const cc = ifGiven(item, ccField.name, readAddressList);
	const bcc = ifGiven(item, bccField.name, readAddressList);
	const once = eachOnce({ to: to ?? [], cc: cc ?? [], bcc: bcc ?? [] });
	return { to, cc: cc && once.cc, bcc: bcc && once.bcc };
}

/** @throws RefusedInput for what Feishu would not take, and where there is nothing to change */
function readWishes(item: Item): Wishes {
	const wishes = withoutUndefined({
		...readRecipients(item),
		replyTo: ifGiven(item, replyToField.name, readAddressList),
		subject: ifGiven(item, subjectField.name, readText),
		texts: ifGiven(item, 'message', readMessage),
		senderName: ifGiven(item, senderNameField.name, readText),
		importance: readImportance(item),
		readReceipt: ifGiven(item, readReceiptField.name, () => item.isOn(readReceiptField.name)),
	});
	const attachments = readFiles(item, attachmentsField.name);
	const inlineImages = readFiles(item, inlineImagesField.name);
	const isAny = Object.keys(wishes).length > 0 || attachments.length > 0 || inlineImages.length > 0;
	if (!isAny && !readFrom(item)) {
		throw new RefusedInput(
			'There is nothing to change',
			"Add a field under 'Update Fields', and see that its expression gives a value.",
		);
	}
	const { texts } = wishes;
	// Images that are in the draft may be shown as well.
	if (texts) checkFit({ ...compareInlineImages(texts.html ?? '', cidsOf(inlineImages)), missing: [] });
	return { ...wishes, attachments, inlineImages };
}

/** What an item wants, with the bytes of its files. Errors: see `senderOf`. */
async function changesOf(item: Item, { attachments, inlineImages, ...wishes }: Wishes): Promise<MailChanges> {
	const from = readFrom(item) && (await senderOf(item)).from;
	await refuseTooLarge([...inlineImages, ...attachments]);
	return withoutUndefined({
		...wishes,
		from,
		attachments: await filesOf(attachments),
		inlineImages: await imagesOf(inlineImages),
	});
}

/** @throws RefusedInput where HTML and images do not fit together, and for more than a mail may hold */
function check(
	{ html, cids, eml }: EditedMail,
	{ texts, inlineImages = [], attachments = [] }: MailChanges,
): void {
	const { missing } = compareInlineImages(html, cids);
	const fit = compareInlineImages(
		html,
		inlineImages.map(({ cid }) => cid),
	);
	checkFit({ ...fit, missing: texts ? missing : [] });
	if (attachments.length + inlineImages.length > 0 && eml.length > LARGEST_MAIL) throw tooLarge(eml.length);
}

/** The source of a draft. */
async function sourceOf(item: Item, id: string): Promise<Buffer> {
	const { draft, message, raw } = await item.call(readSource, pathOf(id), { query: { format: 'raw' } });
	const source = draft?.message?.raw ?? message?.raw ?? raw;
	if (typeof source === 'string' && source !== '') return Buffer.from(source, 'base64url');
	throw new RefusedInput('Feishu gives the draft without its source: it was not changed. Run it again later');
}

const namesOf = (files: MailFile[] = []) =>
	files.length > 0 ? files.map(({ filename }) => filename) : undefined;

/** What was changed, by the API's field names where it has some. */
const shown = (changes: MailChanges): IDataObject => ({
	...withoutUndefined({
		from: changes.from,
		sender_name: changes.from ? undefined : changes.senderName,
		to: changes.to,
		cc: changes.cc,
		bcc: changes.bcc,
		reply_to: changes.replyTo,
		subject: changes.subject,
		body_html: changes.texts?.html,
		body_plain_text: changes.texts?.text,
		importance: changes.importance,
		read_receipt: changes.readReceipt,
		attachments: namesOf(changes.attachments),
		inline_images: namesOf(changes.inlineImages),
	}),
});

/** What tells whether an earlier try of an item may have added its files. */
const keyOf = (draftId: string, files: MailFile[] = []) =>
	hashOf([draftId, ...files.flatMap(({ filename, content }) => [filename, content])]);

export const update: Operation = {
	value: 'update',
	name: 'Update',
	action: 'Update a draft',
	description: 'Change parts of a draft; all else in it stays as it is',
	endpoints: [readDraft, updateDraft],
	lookUps: senderEndpoints,
	withoutLookUps: 'the sender of drafts cannot be changed',
	bottleneck: updateDraft,
	// Another item may change the same draft.
	fields: [
		draftLocator,
		{
			displayName: 'Update Fields',
			name: 'updateFields',
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
			options: fields,
		},
	],
	async execute(item) {
		const draft_id = chosenDraft(item);
		const wishes = readWishes(item);
		await item.app(readDraft, pathOf(draft_id));
		const changes = await changesOf(item, wishes);
		const { memory } = item;
		const added = keyOf(draft_id, changes.attachments);
		const source = await sourceOf(item, draft_id);
		const wasTried = memory.added === added;
		const isAdded = wasTried && holdsFiles(source, changes.attachments ?? []);
		const edited = editMail(source, { ...changes, attachments: isAdded ? [] : changes.attachments });
		check(edited, changes);
		const body = { raw: edited.eml.toString('base64url') };
		memory.added = added;
		await item.call(updateDraft, pathOf(draft_id), { body });
		return { draft_id, ...shown(changes) };
	},
};
