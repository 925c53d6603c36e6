import type { IDataObject } from 'n8n-workflow';

import { messageIds } from '../../mime/headers';
import type { Item } from '../../run/item';
import type { LongText } from '../../transport/body';
import type { Findable, Hints, Page, Read, Repeatable } from '../../transport/endpoint';
import { failureCode, unlessApiError } from '../../transport/failure';
import { RefusedInput } from '../../transport/refusedInput';
import type { Mail } from '../message/message';
import { fault, noSuchMailbox, notAccepted } from '../mailboxHints';

const path = '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/drafts';

const noAccess =
	"The user may not write mails from this mailbox: check 'Mailbox', that the user owns it or is a member of it, and that {scopes} is granted; then reconnect the credential";

/** What all endpoints of drafts and of sending have in common. */
export const commonHints: Hints = {
	1234008: 'Feishu does not accept a value of the mail: its answer names it',
	1234013: noSuchMailbox,
	1234017: noAccess,
	1236006: 'Something else is working on the mailbox: run it again later',
	1236019: fault,
};

/** Of a draft that is not there. */
export const DRAFT_GONE = 1234050;

export const noSuchDraft =
	'The mailbox has no such draft: it may have been sent or deleted, or belong to another mailbox';

/** What Feishu does not take as a mail. */
export const mailHints: Hints = {
	...commonHints,
	1236001: 'The mail is too large for Feishu: send fewer or smaller files, or a link to them',
	1236002: 'Feishu cannot read the mail that the node has built: please report this with the log id',
	1236003: 'The mail has too many recipients: send it to some of them at a time, or to a mail group',
	1236004: 'The mail has too many files: put them into an archive, or send several mails',
	1236020:
		'Feishu does not take files of this kind, such as programs and scripts: put them into an archive, or send a link to them',
	1236021: "Feishu shows JPEG, PNG, GIF and WebP images only: give other files under 'Attachments'",
};

/** Where a draft is chosen and nothing is said about it. */
const draftHints: Hints = {
	...commonHints,
	1234008: "Feishu does not accept the request: check 'Mailbox' and the ID of the draft",
	[DRAFT_GONE]: noSuchDraft,
};

/** A draft as Feishu's answers hold it. */
export type Draft = { id: string; message?: Mail };

/** Docs: `draft.id`; other clients have met it at the other places. */
type Drafted = IDataObject & {
	draft?: Partial<Draft>;
	draft_id?: string;
	id?: string;
	/** A link that opens the draft. */
	reference?: string;
};

const common = { tokens: ['user'] } as const;

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-draft/list */
export const listDrafts: Read<Page<{ id: string }>> = {
	...common,
	method: 'GET',
	path,
	scopes: ['mail:user_mailbox.message:readonly'],
	quota: '10 draft lists a second',
	pageSize: 100,
	hints: { ...commonHints, 1234008: notAccepted },
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-draft/get */
export const readDraft: Read<Draft> = {
	...common,
	method: 'GET',
	path: `${path}/:draft_id`,
	scopes: ['mail:user_mailbox.message:readonly'],
	quota: '10 draft reads a second',
	returns: 'draft',
	hints: draftHints,
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-draft/create */
export const createDraft: Findable<Drafted> = {
	...common,
	method: 'POST',
	path,
	scopes: ['mail:user_mailbox.message:modify'],
	quota: '5 draft creations a second',
	write: 'findable',
	verify: "in 'Drafts' whether the draft is there",
	hints: mailHints,
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-draft/delete */
export const deleteDraft: Repeatable = {
	...common,
	method: 'DELETE',
	path: `${path}/:draft_id`,
	scopes: ['mail:user_mailbox.message:modify'],
	quota: '5 draft removals a second',
	write: 'repeatable',
	verify: 'whether the draft is there',
	doneCodes: [DRAFT_GONE],
	hints: draftHints,
};

/** What making a draft asks for. */
export const draftEndpoints = [createDraft, listDrafts, readDraft];

/** The path of a draft. */
export const pathOf = (id: string) => ({
	draft_id: { displayName: 'Draft', value: id },
});

/** What has become of a draft: it is there, waits for its time, or is gone. */
export async function stateOf(item: Item, draftId: string): Promise<'draft' | 'scheduled' | 'gone'> {
	const draft = await item
		.call(readDraft, pathOf(draftId), { query: { format: 'metadata' } })
		.catch((error: unknown) => {
			if (failureCode(error) === DRAFT_GONE) return undefined;
			throw error;
		});
	if (!draft) return 'gone';
	return draft.message?.folder_id === 'SCHEDULED' ? 'scheduled' : 'draft';
}

/** How many drafts are looked at for one whose id is not known. */
const LOOKED_AT = 100;

/** The draft of a mail by its Message-ID in `<>`. */
export async function findDraft(item: Item, messageId: string): Promise<Draft | undefined> {
	for await (const { id } of item.list(listDrafts, {}, { limit: LOOKED_AT, complete: true })) {
		const draft = await item.call(readDraft, pathOf(id), { query: { format: 'metadata' } });
		if (messageIds(draft.message?.smtp_message_id as string | undefined)[0] === messageId) return draft;
	}
	return undefined;
}

const isId = (value: unknown) => (typeof value === 'string' && value !== '') || typeof value === 'number';

/**
 * Keeps a mail as a draft.
 *
 * @param messageId of the mail, in `<>`: by it the draft is found again where the answer is lost
 * @returns its id, and a link that opens it where Feishu gives one
 */
export async function makeDraft(
	item: Item,
	raw: LongText,
	messageId: string,
): Promise<{ draft_id: string; reference?: string }> {
	const find = async (): Promise<Drafted | undefined> => {
		const draft = await findDraft(item, messageId);
		return draft && { draft };
	};
	const { draft, reference, ...drafted } = await item.create(createDraft, {}, { body: { raw } }, find);
	const told = [draft?.id, drafted.draft_id, drafted.id].find(isId);
	const draft_id = told ?? (await find().catch(unlessApiError))?.draft?.id;
	if (draft_id !== undefined) return { draft_id: String(draft_id), ...(reference && { reference }) };
	throw new RefusedInput(
		"Feishu reports success, but its answer holds no ID of the draft: look in 'Drafts' whether it is there",
		`Nothing was sent. The Message-ID of the mail is ${messageId}`,
	);
}
