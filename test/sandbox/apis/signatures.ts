import { bytesOf } from '../mails';
import { mailboxApi, success } from '../platform';
import type { Signature } from '../tenants';
import { linkTo } from './attachments';
import { denied } from './mailboxes';

export const mailboxSignatures = mailboxApi({
	name: 'mail.mailbox.signatures',
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/settings/signatures',
	tokenTypes: ['user'],
	scopes: ['mail:user_mailbox:readonly'],
	documentedQuota: { limit: 5, window: 1 },
	// The page has no table of codes: that of the other settings is the sandbox's choice.
	errors: { mailboxNotFound: denied, noDataPermission: denied },
	handle({ mailbox, world }) {
		const shown = ({ images, ...signature }: Signature) => ({
			...signature,
			images: images.map((image) => ({
				image_name: image.filename,
				file_key: image.id,
				cid: image.cid,
				// [docs] a text.
				file_size: String(bytesOf(image).length),
				download_url: linkTo(image, world),
			})),
		});
		return success({ signatures: mailbox.signatures.map(shown), usages: mailbox.signatureUsages });
	},
});
