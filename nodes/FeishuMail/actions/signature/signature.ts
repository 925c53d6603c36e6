import type { IDataObject } from 'n8n-workflow';

import { mailboxKey } from '../../fields/mailbox';
import type { Item } from '../../run/item';
import type { Page, Read } from '../../transport/endpoint';
import { addressList } from '../mailbox/addresses';
import { objectsIn } from '../message/message';

/** An image of a signature, which its HTML shows as `cid:<cid>`. */
export type SignatureImage = IDataObject & {
	image_name?: string;
	cid?: string;
	download_url?: string;
};

/** What stands for a variable of a signature, and what does in other languages: by `zh_cn`, `en_us`, `ja_jp`. */
export type UserField = { default_val?: string; i18n_vals?: Record<string, string> };

/** A signature of a mailbox, or one that the company makes of what it knows of its people. */
export type Signature = IDataObject & {
	id: string;
	name?: string;
	/** HTML. */
	content?: string;
	signature_type?: 'USER' | 'TENANT';
	images?: SignatureImage[];
	user_fields?: Record<string, UserField>;
};

/** Which signatures Feishu's clients take for an address. */
export type Usage = IDataObject & {
	email_address?: string;
	send_mail_signature_id?: string;
	reply_signature_id?: string;
};

/**
 * Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-setting/get_signatures
 *
 * The page has no codes: those of the other settings stand here.
 */
export const listSignatures: Read<Page<Signature> & { signatures?: Signature[]; usages?: Usage[] }> = {
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/settings/signatures',
	tokens: ['user'],
	scopes: ['mail:user_mailbox:readonly'],
	quota: '5 signature lists a second',
	lists: 'signatures',
	hints: addressList.hints,
};

/** The signatures of an item's mailbox as they are now, and for which addresses they are taken. */
export async function signaturesNow(item: Item): Promise<{ signatures: Signature[]; usages: Usage[] }> {
	const { signatures, usages } = await item.call(listSignatures);
	return { signatures: objectsIn(signatures), usages: objectsIn(usages) };
}

/** The same, read once in a run. */
export const signaturesOf = async (item: Item) =>
	await item.run.readOnce(`signatures of ${mailboxKey(item)}`, async () => await signaturesNow(item));
