import type { IBinaryKeyData, IDataObject, INodeProperties } from 'n8n-workflow';

import type { Item } from '../../run/item';
import { ItemWithFiles, type Output } from '../../run/output';
import type { PathParameter, Read } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';
import {
	attachmentsIn,
	objectsIn,
	noAccess,
	noSuchMail,
	noteHidden,
	shownMail,
	BODY_SCOPE,
	type Attachment,
	type Mail,
} from './message';

export type Links = {
	download_urls?: Array<{ attachment_id?: string; download_url?: string }>;
	failed_ids?: string[];
	failed_reasons?: Array<{ attachment_id?: string; reason?: string }>;
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-message-attachment/download_url */
export const linkAttachments: Read<Links> = {
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/messages/:message_id/attachments/download_url',
	scopes: [BODY_SCOPE],
	quota: '1 download a second',
	hints: {
		1230001: noSuchMail,
		// The page of the endpoint has the texts of these two swapped; their HTTP statuses are as here.
		1230002: noAccess,
		1230003: 'Feishu could not process the request because of an internal fault',
	},
};

/** How many attachments one request gives links for. Docs: `attachment_ids`. */
const LINKS_AT_ONCE = 20;

export const prefixOption: INodeProperties = {
	displayName: 'Attachments Prefix',
	name: 'attachmentsPrefix',
	type: 'string',
	default: 'attachment_',
	description: 'What the names of the binary fields begin with; a number follows, from 0',
};

export const downloadOptions: INodeProperties[] = [
	prefixOption,
	{
		displayName: 'Download Attachments',
		name: 'downloadAttachments',
		type: 'boolean',
		default: false,
		description: 'Whether to download the attachments of each mail, one mail a second, into binary fields',
	},
];

/** Names that are devices on Windows, whatever their extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/** Bytes that a name has at most: file systems take 255, and people put something before it. */
const LONGEST_NAME = 200;

/** A name that no system takes for a path. Mails come from anywhere. */
export function safeName(name: string | undefined): string {
	const safe = (name ?? '')
		.toWellFormed()
		.replace(/[\p{Cc}\p{Cf}/\\:*?"<>|]/gu, '_')
		// Looking behind, it takes no time where there are many blanks within.
		.replace(/^[.\s]+|(?<![.\s])[.\s]+$/g, '')
		.replace(DEVICE, '_$&');
	if (safe === '') return 'attachment';
	const [extension = ''] = /\.[^.]{1,20}$/.exec(safe) ?? [];
	const stem = Buffer.from(safe.slice(0, safe.length - extension.length));
	const room = LONGEST_NAME - Buffer.byteLength(extension);
	// Cut within a character, its rest is none.
	return (
		(stem.length > room ? stem.toString('utf8', 0, room).replace(/\uFFFD$/, '') : String(stem)) + extension
	);
}

/** What has attachments, and what gives links to them. */
export interface Holder {
	endpoint: Read<Links>;
	path: Record<string, PathParameter>;
	kind: 'mail' | 'template';
}

/** A mail by its id. */
export const mailHolder = (id: string): Holder => ({
	endpoint: linkAttachments,
	path: { message_id: { displayName: 'Message', value: id } },
	kind: 'mail',
});

/** Feishu's links to attachments, by their ids. `advice` says how to do without one that has no link. */
async function linksTo(
	item: Item,
	{ endpoint, path, kind }: Holder,
	attachments: Attachment[],
	advice?: string,
): Promise<Map<string, string>> {
	const query = { attachment_ids: attachments.map(({ id }) => id ?? '') };
	const answer = await item.call(endpoint, path, { query });
	const links = new Map<string, string>();
	for (const { attachment_id, download_url } of objectsIn(answer.download_urls)) {
		if (attachment_id && download_url) links.set(attachment_id, download_url);
	}
	const lacking = attachments.find(({ id }) => !links.has(id ?? ''));
	if (!lacking) return links;
	const reason = objectsIn(answer.failed_reasons).find(
		({ attachment_id }) => attachment_id === lacking.id,
	)?.reason;
	throw new RefusedInput(
		`Feishu gives no link to the attachment '${lacking.filename ?? lacking.id ?? ''}' of the ${kind}`,
		[
			reason ? `Its reason: ${reason}.` : 'It may have been deleted, or Feishu holds it back as unsafe.',
			advice,
		]
			.filter(Boolean)
			.join(' '),
	);
}

/** An attachment, and a way to a link to it for each try to fetch it. */
interface Linked {
	attachment: Attachment;
	linkOf: (tried: number) => Promise<string>;
}

/** Attachments in their order, each with a way to links. Parameters and errors: see `linksTo`. */
async function* linked(
	...[item, holder, attachments, advice]: Parameters<typeof linksTo>
): AsyncGenerator<Linked, void> {
	for (let start = 0; start < attachments.length; start += LINKS_AT_ONCE) {
		const some = attachments.slice(start, start + LINKS_AT_ONCE);
		const links = await linksTo(item, holder, some, advice);
		for (const attachment of some) {
			const linkOf = async (tried: number) => {
				// A link works twice.
				const current = tried === 0 ? links : await linksTo(item, holder, [attachment], advice);
				return current.get(attachment.id ?? '') ?? '';
			};
			yield { attachment, linkOf };
		}
	}
}

/** An attachment with its bytes. */
export type Fetched = { attachment: Attachment; content: Buffer };

/**
 * Attachments of a mail or a template with their bytes, in their order, one after the other in the whole run.
 *
 * @param most how many bytes all of them may have
 * @param advice says how to do without them
 * @throws RefusedInput for an attachment that Feishu gives no link to, and for the first one beyond `most`
 */
export async function fetchAttachments(
	item: Item,
	holder: Holder,
	attachments: Attachment[],
	most: number,
	advice: string,
): Promise<Fetched[]> {
	if (attachments.length === 0) return [];
	return await item.run.inTurn(['downloads'], async () => {
		const fetched: Fetched[] = [];
		let left = most;
		for await (const { attachment, linkOf } of linked(item, holder, attachments, advice)) {
			const name = attachment.filename || 'attachment';
			const content = await item.fetch(name, linkOf, left);
			if (!content) {
				throw new RefusedInput(
					`There is no room in a mail for the attachment '${name}' of the ${holder.kind === 'mail' ? 'other one' : holder.kind}`,
					advice,
				);
			}
			left -= content.length;
			fetched.push({ attachment, content });
		}
		return fetched;
	});
}

/** Attachments in binary fields, by the names of these, and what is known of each with the name of its field. */
interface Downloaded {
	binary: IBinaryKeyData;
	attachments: IDataObject[];
}

/**
 * Downloads attachments of a mail into binary fields, one after the other in the whole run.
 *
 * @throws RefusedInput for an attachment that Feishu gives no link to
 */
export async function downloaded(item: Item, mail: string, attachments: Attachment[]): Promise<Downloaded> {
	if (attachments.length === 0) return { binary: {}, attachments: [] };
	return await item.run.inTurn(['downloads'], async () => await download(item, mail, attachments));
}

/** @throws RefusedInput for what is no text */
export function chosenPrefix(item: Item): string {
	return item.text(prefixOption.name) ?? String(prefixOption.default);
}

async function download(item: Item, mail: string, attachments: Attachment[]): Promise<Downloaded> {
	const prefix = chosenPrefix(item);
	const binary: IBinaryKeyData = {};
	const named: IDataObject[] = [];
	for await (const { attachment, linkOf } of linked(item, mailHolder(mail), attachments)) {
		const field = `${prefix}${named.length}`;
		binary[field] = await item.download(safeName(attachment.filename), linkOf);
		named.push({ ...attachment, binary_field: field });
	}
	return { binary, attachments: named };
}

/** An attachment too large for a mail: its body links to it. Docs: `attachment_type`. */
export const isLarge = ({ attachment_type }: Attachment) => attachment_type === 2;

export const largeNote =
	'Attachments that are too large for a mail are not downloaded: Feishu keeps them in its cloud, and the text of the mail links to them.';

/** Mails as they come out, with their attachments where the item wants them. */
export async function shownMails(item: Item, mails: Mail[]): Promise<Output> {
	await noteHidden(item, mails);
	if (!wantsFiles(item)) return mails.map((mail) => shownMail(item, mail));
	const output: ItemWithFiles[] = [];
	for (const mail of mails) output.push(await withFiles(item, mail, shownMail(item, mail)));
	return output;
}

/** Whether an item wants the attachments of mails. */
export const wantsFiles = (item: Item) => item.isOn('downloadAttachments');

/** A mail as it comes out, with its attachments. Errors: see `downloaded`. */
export async function withFiles(item: Item, mail: Mail, shown: IDataObject): Promise<ItemWithFiles> {
	const all = attachmentsIn(mail);
	const wanted = all.filter((attachment) => !isLarge(attachment));
	if (wanted.length < all.length) item.run.note(largeNote);
	const { binary, attachments } = await downloaded(item, mail.message_id, wanted);
	if (all.length > 0) shown.attachments = [...attachments, ...all.filter(isLarge)];
	return new ItemWithFiles(shown, binary);
}
