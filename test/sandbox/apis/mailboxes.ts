import { admit, mailboxApi, refusal, success } from '../platform';
import type { Api, Call, MailboxCall } from '../platform';
import type { User } from '../tenants';

/** GET profile: the user's own address. */
export const mailboxProfile: Api<'mail.mailbox.profile'> = {
	name: 'mail.mailbox.profile',
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/profile',
	tokenTypes: ['user'],
	scopes: ['mail:user_mailbox:readonly'],
	fieldScopes: [],
	documentedQuota: { limit: 20, window: 60 },
	answer(call: Call) {
		const { user } = admit(call, mailboxProfile);
		// [docs] only the literal `me` is taken.
		if (call.parameters.user_mailbox_id !== 'me') {
			throw refusal({ status: 400, code: 1230001, msg: 'param is invalid' });
		}
		// A mailbox that is not active counts as none: the sandbox's choice.
		if (user?.mailbox?.active !== true) {
			throw refusal({ status: 400, code: 1230002, msg: 'user does not have email' });
		}
		return success({ primary_email_address: user.mailbox.address });
	},
};

/** [docs] one code for a mailbox that is not there, of the wrong kind, or closed to the caller. */
export const denied = {
	status: 403,
	code: 1230004,
	msg: 'permission denied: mailbox not found, unsupported mailbox type, or no access to this mailbox',
};

const errors = { mailboxNotFound: denied, noDataPermission: denied };

/** Either suffices. [docs] */
const scopes = ['mail:user_mailbox', 'mail:user_mailbox:readonly'];

/** Whose mailbox it is; nobody's for a public one. */
function ownerOf({ mailbox, caller }: MailboxCall): User | undefined {
	return caller.app.tenant.users.find((user) => user.mailbox === mailbox);
}

export const accessibleMailboxes = mailboxApi({
	name: 'mail.mailbox.accessibleMailboxes',
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/accessible_mailboxes',
	scopes,
	documentedQuota: { limit: 10, window: 1 },
	errors,
	handle(call) {
		const owner = ownerOf(call);
		// [docs] a public mailbox is not accepted.
		if (owner === undefined) throw refusal(denied);
		const shared = owner.tenant.mailboxes.filter(({ active, members }) => active && members.has(owner));
		return success({
			accessible_mailboxes: [
				{ email_address: call.mailbox.address, email_type: 'USER_PRIMARY' },
				...shared.map(({ address }) => ({ email_address: address, email_type: 'PUBLIC_MAILBOX' })),
			],
		});
	},
});

export const mailboxSendAs = mailboxApi({
	name: 'mail.mailbox.sendAs',
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/settings/send_as',
	scopes,
	documentedQuota: { limit: 10, window: 1 },
	errors,
	handle(call) {
		const { address, aliases } = call.mailbox;
		const owner = ownerOf(call);
		const [type, alias] =
			owner === undefined ? ['PUBLIC_MAILBOX', 'PUBLIC_MAILBOX_ALIAS'] : ['USER_PRIMARY', 'USER_ALIAS'];
		// That a public mailbox has no name: the sandbox's choice.
		const name = owner?.name;
		return success({
			sendable_addresses: [
				{ email_address: address, email_type: type, name },
				...aliases.map((other) => ({ email_address: other, email_type: alias, name })),
			],
		});
	},
});
