import { admit, success } from '../platform';
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
