import { imageType } from '../../mime/inlineImages';
import type { Mail as BuiltMail } from '../../mime/mail';
import type { Item } from '../../run/item';
import { isLarge, type Fetched } from '../message/files';
import type { Attachment } from '../message/message';

/** What comes into a mail from elsewhere. */
export type Passed = Required<Pick<BuiltMail, 'attachments' | 'inlineImages' | 'largeFiles'>>;

/** A text of Feishu's; undefined for anything else. */
export const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** The Content-ID of an attachment, without the `<>` of its header. */
export const cidOf = ({ cid }: Pick<Attachment, 'cid'>) => textOf(cid)?.trim().replace(/^<|>$/g, '');

const notShown =
	'Images of a quoted mail or of a template that are no JPEG, PNG, GIF or WebP were left out: Feishu does not embed others.';

/**
 * The files of another mail or of a template that go into a mail: the images that its HTML shows, and others.
 *
 * @param cids of the images that the HTML shows: as they were called, and as they are called now
 * @param isFile which attachments go along as files, unless they are shown
 * @throws what `fetch` throws
 */
export async function passOn(
	item: Item,
	attachments: Attachment[],
	cids: Map<string, string>,
	{
		isFile,
		fetch,
	}: { isFile: (attachment: Attachment) => boolean; fetch: (wanted: Attachment[]) => Promise<Fetched[]> },
): Promise<Passed> {
	const shown = new Map<Attachment, string>();
	const given = new Set<string>();
	for (const attachment of attachments) {
		const cid = cids.get(cidOf(attachment) ?? '');
		if (cid === undefined || given.has(cid) || isLarge(attachment)) continue;
		given.add(cid);
		shown.set(attachment, cid);
	}
	const wanted = attachments.filter(
		(attachment) => shown.has(attachment) || (isFile(attachment) && !isLarge(attachment)),
	);
	const large = attachments.filter((attachment) => isLarge(attachment) && isFile(attachment));
	const files: Passed = {
		attachments: [],
		inlineImages: [],
		largeFiles: large.flatMap(({ id }) => id ?? []),
	};
	for (const { attachment, content } of await fetch(wanted)) {
		const filename = textOf(attachment.filename) || 'attachment';
		const cid = shown.get(attachment);
		if (cid !== undefined && imageType(content)) files.inlineImages.push({ filename, content, cid });
		else if (isFile(attachment)) files.attachments.push({ filename, content });
		else item.run.note(notShown);
	}
	return files;
}
