import type { Item } from '../../run/item';
import { RefusedInput } from '../../transport/refusedInput';
import {
	attachmentsIn,
	readChosenMail,
	scopesThatHide,
	BODY_SCOPE,
	type Attachment,
	type Mail,
} from '../message/message';

/**
 * The attachments of the mail that an item chooses.
 *
 * @throws RefusedInput where Feishu leaves them out of its answers
 */
export async function attachmentsOf(item: Item): Promise<{ mail: Mail; attachments: Attachment[] }> {
	const mail = await readChosenMail(item, { format: 'metadata' });
	if (!mail.attachments && (await scopesThatHide(item, [mail])).includes(BODY_SCOPE)) {
		throw new RefusedInput(
			`Feishu does not show the attachments of mails: give the app the permission '${BODY_SCOPE}'`,
			"Without the permission, Feishu leaves them out of its answers. Add it under 'Permissions & Scopes' of the app in the developer console and release a new version; with a user's credential, reconnect it.",
		);
	}
	return { mail, attachments: attachmentsIn(mail) };
}
