import { readLocator } from '../../fields/locator';
import { mailbox, mailboxFields } from '../../fields/mailbox';
import type { Repeatable } from '../../transport/endpoint';
import type { Operation } from '../../run/operation';
import { contactHints, contactLocator } from './mailContact';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-mail_contact/delete */
const deleteContact: Repeatable = {
	method: 'DELETE',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/mail_contacts/:mail_contact_id',
	tokens: ['tenant', 'user'],
	scopes: ['mail:user_mailbox.mail_contact:write'],
	quota: '20 contact deletions a minute',
	write: 'repeatable',
	doneCodes: [1230001],
	verify: 'whether the contact is still in the address book',
	hints: {
		...contactHints,
		1230001:
			"Feishu does not find the contact: it may have been deleted already; check 'Mailbox' and 'Contact'",
	},
};

export const deleteOperation: Operation = {
	value: 'delete',
	name: 'Delete',
	action: 'Delete a contact',
	description: "Remove a person from a mailbox's address book",
	endpoints: [deleteContact],
	inFlight: 1,
	fields: [...mailboxFields, contactLocator],
	async execute(item) {
		const contactId = readLocator(item, 'contactId');
		await item.call(deleteContact, { user_mailbox_id: mailbox(item), mail_contact_id: contactId });
		return { deleted: true, id: contactId.value };
	},
};
