import type { INodeProperties } from 'n8n-workflow';

import { comparable } from '../../fields/comparable';
import { locator, readOptionalLocator, type Choice } from '../../fields/locator';
import { mailboxKey } from '../../fields/mailbox';
import { besideImages, imageType } from '../../mime/inlineImages';
import { ROOM } from '../../mime/mail';
import type { InlineImage, Texts } from '../../mime/parts';
import { fillInVariables, languageOf, withSignature } from '../../mime/signature';
import type { Item } from '../../run/item';
import { RefusedInput } from '../../transport/refusedInput';
import { objectsIn } from '../message/message';
import { signaturesNow, signaturesOf, type Signature, type Usage } from '../signature/signature';
import { cidOf, textOf } from './passedOn';
import type { Sending } from './sender';

/** What stands in place of an id; in saved workflows, never renamed. */
const DEFAULT = 'default';
const NONE = 'none';

/** What the list of signatures begins with. */
export const signatureChoices = [
	{ name: 'Default of the Sender', value: DEFAULT },
	{ name: 'None', value: NONE },
];

export const appendSignatureOption: INodeProperties = {
	...locator({
		displayName: 'Append Signature',
		name: 'appendSignature',
		description:
			"The signature below the message, above a quoted mail: the sender's default in Feishu Mail for new mails or for answers, or one of the mailbox",
		searchListMethod: 'searchSignatures',
		placeholder: 'e.g. 7012345678901234567, default or none',
		preset: { value: DEFAULT, cachedResultName: 'Default of the Sender' },
	}),
	required: undefined,
};

/**
 * The signature that an item wants; undefined for none. To be in order before the first request.
 *
 * @throws RefusedInput where its expression gives nothing, and where none is chosen from the list
 */
export function readSignature(item: Item): Choice | undefined {
	const choice = readOptionalLocator(
		item,
		appendSignatureOption.name,
		'The mail would go out without a signature. See that the expression gives the ID of one, or an empty text for a mail without.',
	);
	return choice?.value.toLowerCase() === NONE ? undefined : choice;
}

/** What a mail is like that is signed. */
interface Unsigned {
	texts: Texts;
	subject: string;
	/** The Content-IDs of its images. */
	cids: string[];
	sending: Sending;
	kind: 'send_mail' | 'reply';
}

/**
 * The texts of an item's mail with the signature that it wants below, and the images of that.
 *
 * @throws RefusedInput where there is no such signature, or no link to an image of it
 */
export async function sign(item: Item, mail: Unsigned): Promise<{ texts: Texts; images: InlineImage[] }> {
	const { texts, subject, cids: taken, sending, kind } = mail;
	const choice = readSignature(item);
	if (!choice) return { texts, images: [] };
	const { signatures, usages } = await signaturesOf(item);
	const isDefault = choice.value.toLowerCase() === DEFAULT;
	const id = isDefault ? defaultFor(sending, usages)?.[`${kind}_signature_id`] : choice.value;
	const signature = signatures.find((one) => one.id === id);
	if (!signature) {
		if (!isDefault) throw noSuchSignature(choice, signatures);
		item.run.note(
			`The sender has no default signature in Feishu Mail for ${kind === 'reply' ? 'answers' : 'new mails'}: mails left without one. Set it there, or choose one under '${appendSignatureOption.displayName}'.`,
		);
		return { texts, images: [] };
	}
	const html = filledIn(signature, sending.from, languageOf([subject, texts.text, texts.html].join(' ')));
	const beside = besideImages(html, taken);
	const signed = withSignature(texts, { id: signature.id, html: beside.html });
	return {
		texts: signed,
		images: texts.html === undefined ? [] : await imagesOf(item, signature, beside.cids),
	};
}

/** Which signatures Feishu's clients take for who sends: for the address, or else for the mailbox. */
const defaultFor = ({ from, mailbox }: Sending, usages: Usage[]) =>
	[from.mail_address, mailbox]
		.map((address) => usages.find((usage) => comparable(usage.email_address) === comparable(address)))
		.find((usage) => usage !== undefined);

const noSuchSignature = ({ displayName, value }: Choice, signatures: Signature[]) =>
	new RefusedInput(
		`'${displayName}': the mailbox has no signature '${value}'`,
		signatures.length > 0
			? `Choose one from the list. There are: ${signatures.map(({ id, name }) => (name ? `${name} (${id})` : id)).join(', ')}.`
			: `It has none at all: create one in the settings of Feishu Mail, or leave '${displayName}' out.`,
	);

/** The HTML of a signature. What a company says of its people stands in several languages; addresses in the one they send from. */
function filledIn(
	{ content, user_fields }: Signature,
	from: Sending['from'],
	language: ReturnType<typeof languageOf>,
): string {
	return fillInVariables(textOf(content) ?? '', (name) => {
		if (name === 'B-ENTERPRISE-EMAIL') return from.mail_address;
		const { default_val, i18n_vals } = user_fields?.[name] ?? {};
		return textOf(i18n_vals?.[language]) || textOf(default_val) || (name === 'B-NAME' && from.name) || '';
	});
}

const lost =
	'An image of the signature was left out: Feishu does not give it, a mail has no room for it, or it is no JPEG, PNG, GIF or WebP, and Feishu does not embed others. Look at the signature in the settings of Feishu Mail.';

/**
 * The images that a signature shows, each fetched once in a run.
 *
 * @param cids of the images: as the signature has them, and as the mail has them
 */
async function imagesOf(item: Item, signature: Signature, cids: Map<string, string>): Promise<InlineImage[]> {
	const images: InlineImage[] = [];
	for (const [cid, name] of cids) {
		const image = imageIn(signature, cid);
		const filename = image?.image_name || 'image';
		const key = `image ${cid} of signature ${signature.id} of ${mailboxKey(item)}`;
		const content =
			image && (await item.run.readOnce(key, async () => await fetched(item, signature, cid, filename)));
		if (content && imageType(content)) images.push({ filename, content, cid: name });
		else item.run.note(lost);
	}
	return images;
}

const imageIn = ({ images }: Signature, cid: string) => objectsIn(images).find((one) => cidOf(one) === cid);

async function fetched(item: Item, signature: Signature, cid: string, filename: string) {
	const linkOf = async (tried: number) => {
		// A link works for a while only.
		const { signatures } = tried === 0 ? { signatures: [signature] } : await signaturesNow(item);
		const current = signatures.find(({ id }) => id === signature.id);
		const link = current && imageIn(current, cid)?.download_url;
		if (link) return link;
		throw new RefusedInput(
			`Feishu gives no link to the image '${filename}' of the signature`,
			`Run it again later, or choose another one under '${appendSignatureOption.displayName}'.`,
		);
	};
	return await item.fetch(filename, linkOf, ROOM);
}
