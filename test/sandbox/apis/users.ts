import { admit, refusal, success } from '../platform';
import type { Api, Call } from '../platform';

const emailScope = 'contact:user.email:readonly';
const userIdScope = 'contact:user.employee_id:readonly';

const userOnly = ['user'] as const;

/** GET user_info: who the token stands for. No scope needed; its request limit is not published. [docs] */
export const userInfo: Api<'auth.userInfo'> = {
	name: 'auth.userInfo',
	method: 'GET',
	path: '/open-apis/authen/v1/user_info',
	tokenTypes: userOnly,
	scopes: [],
	fieldScopes: [emailScope, userIdScope],
	answer(call: Call) {
		const { app, user, holds } = admit(call, userInfo);
		if (user === undefined) throw new Error('admit lets users through only');
		const avatar = `https://example.com/avatars/${user.userId}.png`;
		return success({
			name: user.name,
			en_name: user.name,
			avatar_url: avatar,
			avatar_thumb: avatar,
			avatar_middle: avatar,
			avatar_big: avatar,
			open_id: user.openIdIn(app),
			union_id: user.unionId,
			tenant_key: user.tenant.key,
			...(holds(emailScope) ? { email: user.mailbox?.address ?? '' } : {}),
			...(holds(userIdScope) ? { user_id: user.userId } : {}),
		});
	},
};

/** GET profile: the user's own address. */
export const mailboxProfile: Api<'mail.mailbox.profile'> = {
	name: 'mail.mailbox.profile',
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/profile',
	tokenTypes: userOnly,
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
