import { withUserAccessToken } from '@larksuiteoapi/node-sdk';

import { Sandbox } from './index';
import type { Contact, User } from './index';
import { connect, connectSdk, mailboxPath, outcome, signIn } from './client';
import { mailboxApi, success } from './platform';
import { Downloads } from './downloads';
import { Post } from './post';
import { Quotas } from './quota';

let sandbox: Sandbox;

beforeEach(async () => {
	sandbox = await Sandbox.start({ clock: { now: () => 1_700_000_000_000 } });
});
afterEach(async () => await sandbox.close());

const as = (user: User = sandbox.user, scopes?: string[]) =>
	connect(sandbox, sandbox.issueUserTokens({ user, scopes }).access_token);
const userInfoPath = '/open-apis/authen/v1/user_info';
const modify = 'mail:user_mailbox.message:modify';
const readonly = 'mail:user_mailbox.message:readonly';

describe('a user access token', () => {
	const list = async (token: string) =>
		outcome(await connect(sandbox, token).get(mailboxPath('labels', 'me')));

	it('ends after its lifetime with HTTP 401, 99991677', async () => {
		sandbox.app.userTokenLifetime = 60;
		const { access_token: token, expires_in: lifetime } = sandbox.issueUserTokens();
		expect(lifetime).toBe(60);
		sandbox.clock.advance(59_999);
		expect(await list(token)).toEqual([200, 0]);
		sandbox.clock.advance(1);
		const { status, data, headers } = await connect(sandbox, token).get(mailboxPath('labels', 'me'));
		expect(status).toBe(401);
		expect(data).toMatchObject({
			code: 99991677,
			msg: 'Authentication token expired. Please request a new one.',
			error: { log_id: headers['x-tt-logid'] },
		});
	});

	it('can be refused in another form when it expired', async () => {
		const { access_token: token } = sandbox.issueUserTokens();
		sandbox.clock.advance(7_200_000);
		sandbox.expiredUserTokenAnswer = { status: 400, code: 99991668, msg: 'no' };
		expect(await list(token)).toEqual([400, 99991668]);
	});

	it('is unknown after it was revoked, and refresh tokens go on', async () => {
		const { access_token: token } = sandbox.issueUserTokens();
		sandbox.app.revokeUserTokens();
		expect(await list(token)).toEqual([400, 99991668]);
		expect([...sandbox.app.authorizations.refreshTokens.values()]).toMatchObject([{ revoked: false }]);
	});

	it('is not a tenant access token: revoking those leaves it alone', async () => {
		const { access_token: token } = sandbox.issueUserTokens();
		sandbox.app.revokeTokens();
		expect(await list(token)).toEqual([200, 0]);
	});

	it('stops with its app', async () => {
		const { access_token: token } = sandbox.issueUserTokens();
		sandbox.app.enabled = false;
		expect(await list(token)).toEqual([400, 99991662]);
	});

	it('draws on the same quota as the app itself', async () => {
		sandbox.setQuota('mail.label.list', { limit: 1, window: 60 });
		const app = await signIn(sandbox);
		expect(outcome(await as().get(mailboxPath('labels', 'me')))).toEqual([200, 0]);
		expect(outcome(await app.get(mailboxPath('labels')))).toEqual([429, 99991400]);
	});
});

describe('scopes of a user', () => {
	it('that were not granted are named, with all alternatives', async () => {
		const { status, data } = await as(sandbox.user, ['offline_access']).get(mailboxPath('labels', 'me'));
		expect(status).toBe(400);
		expect(data).toMatchObject({
			code: 99991679,
			msg: expect.stringContaining(`privileges under the user identity: [${modify}, ${readonly}]`) as string,
			error: {
				permission_violations: [modify, readonly].map((subject) => ({
					type: 'action_privilege_required',
					subject,
				})),
			},
		});
	});

	it.each<[string, string[], string[], number]>([
		['one granted and held', [modify], [modify], 0],
		['none granted, one held', [modify], ['offline_access'], 99991679],
		['one granted, none held any more', [], [modify], 99991672],
		['one granted, another one held', [readonly], [modify], 99991679],
		['none granted, none held', [], [], 99991672],
	])('%s', async (_case, held, granted, code) => {
		const client = as(sandbox.user, granted);
		for (const scope of [modify, readonly]) sandbox.app.userScopes.delete(scope);
		for (const scope of held) sandbox.app.userScopes.add(scope);
		const answer = await client.get(mailboxPath('labels', 'me'));
		expect(outcome(answer)).toEqual([code === 0 ? 200 : 400, code]);
		if (code === 99991672) {
			expect((answer.data as { msg: string }).msg).toMatch(/用户身份权限.*token_type=user$/);
		}
	});

	it('are other ones than those of the app', async () => {
		sandbox.app.scopes.clear();
		expect(outcome(await as().get(mailboxPath('labels', 'me')))).toEqual([200, 0]);
		expect(outcome(await (await signIn(sandbox)).get(mailboxPath('labels')))).toEqual([400, 99991672]);
	});

	it('decide about sensitive fields', async () => {
		sandbox.mailbox.contacts.push({ id: '1', name: 'Ann', phone: '1', mail_address: 'ann@example.com' });
		const path = `${mailboxPath('mail_contacts', 'me')}?page_size=1`;
		const read = 'mail:user_mailbox.mail_contact:read';
		const seen = [];
		for (const scopes of [[read], [read, 'mail:user_mailbox.mail_contact.phone:read']]) {
			sandbox.app.authorizations.forget(sandbox.user);
			const { data } = await as(sandbox.user, scopes).get(path);
			seen.push((data as { data: { items: Contact[] } }).data.items);
		}
		expect(seen).toEqual([[{ id: '1', name: 'Ann' }], [{ id: '1', name: 'Ann', phone: '1' }]]);
	});
});

describe('mailboxes of a user', () => {
	it.each([
		['mail_contacts', 1230002],
		['labels', 1234030],
	] as const)(
		'%s: the own one, by address and as me, and public ones as a member',
		async (resource, code) => {
			const ann = sandbox.tenant.addUser({ mailbox: sandbox.tenant.addMailbox('ann@example.com') });
			const team = sandbox.tenant.addMailbox('team@example.com');
			const client = as(ann);
			const open = async (mailbox: string) =>
				outcome(await client.get(mailboxPath(resource, mailbox), { params: { page_size: 1 } }));
			expect(await open('me')).toEqual([200, 0]);
			expect(await open('ANN@example.com')).toEqual([200, 0]);
			expect(await open('user@example.com')).toEqual([403, code]);
			expect(await open('team@example.com')).toEqual([403, code]);
			team.members.add(ann);
			expect(await open('team@example.com')).toEqual([200, 0]);
		},
	);

	it('me is the own one of whoever the token stands for', async () => {
		const mailbox = sandbox.tenant.addMailbox('ann@example.com');
		const ann = sandbox.tenant.addUser({ mailbox });
		await as(ann).post(mailboxPath('mail_contacts', 'me'), { name: 'of Ann' });
		await as().post(mailboxPath('mail_contacts', 'me'), { name: 'of the default user' });
		expect(mailbox.contacts).toMatchObject([{ name: 'of Ann' }]);
		expect(sandbox.mailbox.contacts).toMatchObject([{ name: 'of the default user' }]);
	});

	it('do not depend on the data permission of the app', async () => {
		sandbox.app.dataPermission = new Set();
		expect(outcome(await as().get(mailboxPath('labels', 'me')))).toEqual([200, 0]);
		expect(outcome(await (await signIn(sandbox)).get(mailboxPath('labels')))).toEqual([403, 1234030]);
	});

	it.each<[string, () => User | undefined]>([
		['a user without one', () => sandbox.tenant.addUser()],
		[
			'a user whose mailbox is not active',
			() =>
				sandbox.tenant.addUser({
					mailbox: sandbox.tenant.addMailbox('off@example.com', { active: false }),
				}),
		],
	])('are not found as me for %s', async (_case, user) => {
		const client = as(user());
		expect(outcome(await client.get(mailboxPath('labels', 'me')))).toEqual([400, 1234013]);
		const profile = await client.get(mailboxPath('profile', 'me'));
		expect(profile.data).toMatchObject({ code: 1230002, msg: 'user does not have email' });
	});
});

describe('token types', () => {
	it.each([userInfoPath, mailboxPath('profile', 'me')])('%s refuses a tenant access token', async (path) => {
		expect(outcome(await (await signIn(sandbox)).get(path))).toEqual([400, 99991663]);
		expect(outcome(await as().get(path))).toEqual([200, 0]);
	});

	it('an API for apps only refuses a user access token', () => {
		const api = mailboxApi({
			name: 'test',
			method: 'GET',
			path: '/',
			tokenTypes: ['tenant'],
			scopes: [],
			documentedQuota: { limit: 1, window: 1 },
			errors: {
				mailboxNotFound: { status: 400, code: 1, msg: '' },
				noDataPermission: { status: 400, code: 2, msg: '' },
			},
			handle: () => success({}),
		});
		const call = (token: string) => () =>
			api.answer({
				request: {
					method: 'GET',
					path: '/',
					query: {},
					headers: { authorization: `Bearer ${token}` },
					rawBody: '',
					body: undefined,
					executed: false,
					at: 0,
				},
				parameters: { user_mailbox_id: 'user@example.com' },
				world: {
					clock: sandbox.clock,
					tenants: sandbox.tenants,
					quotas: new Quotas(sandbox.clock),
					invalidTokenAnswer: sandbox.invalidTokenAnswer,
					expiredUserTokenAnswer: sandbox.expiredUserTokenAnswer,
					signedInUser: sandbox.signedInUser,
					contactPatch: 'keep',
					mailChoices: sandbox.mailChoices,
					downloads: new Downloads(sandbox.clock),
					post: new Post(sandbox.clock, sandbox.tenants, sandbox.mailChoices),
					events: sandbox.events,
					url: sandbox.url,
				},
			});
		expect(call(sandbox.app.issueToken(sandbox.clock.now()).token)()).toMatchObject({ status: 200 });
		expect(call(sandbox.issueUserTokens().access_token)).toThrow('user access token not support');
	});
});

describe('who it is', () => {
	it('user_info tells, with the sensitive fields that were granted', async () => {
		const other = sandbox.tenant.addApp();
		const { data } = (await as(sandbox.user, [])
			.get(userInfoPath)
			.then((answer) => answer.data as { data: unknown })) as { data: Record<string, string> };
		expect(data).toMatchObject({
			name: 'Sandbox User',
			open_id: expect.stringMatching(/^ou_[0-9a-f]{32}$/) as string,
			union_id: sandbox.user.unionId,
			tenant_key: sandbox.tenant.key,
		});
		expect(data).not.toHaveProperty('email');
		expect(data).not.toHaveProperty('user_id');
		const { access_token: token } = sandbox.issueUserTokens({ app: other });
		const elsewhere = await connect(sandbox, token).get(userInfoPath);
		expect(elsewhere.data).toMatchObject({
			data: { email: 'user@example.com', user_id: sandbox.user.userId, union_id: data.union_id },
		});
		expect((elsewhere.data as { data: Record<string, string> }).data.open_id).not.toBe(data.open_id);
	});

	it('profile gives the own address, and takes nothing but me', async () => {
		const { data } = await as().get(mailboxPath('profile', 'me'));
		expect(data).toEqual({
			code: 0,
			msg: 'success',
			data: { primary_email_address: 'user@example.com' },
		});
		expect(outcome(await as().get(mailboxPath('profile')))).toEqual([400, 1230001]);
	});

	it('is the same for the official SDK', async () => {
		const sdk = connectSdk(sandbox);
		const { access_token: token } = sandbox.issueUserTokens();
		const path = { user_mailbox_id: 'me' };
		const profile = await sdk.mail.v1.userMailbox.profile({ path }, withUserAccessToken(token));
		expect(profile.data?.primary_email_address).toBe('user@example.com');
		const info = await sdk.authen.v1.userInfo.get({}, withUserAccessToken(token));
		expect(info.data?.open_id).toBe(sandbox.user.openIdIn(sandbox.app));
		expect(sandbox.requestsTo('auth.tenantAccessToken')).toEqual([]);
	});
});
