import { Client, Domain, LoggerLevel, withUserAccessToken } from '@larksuiteoapi/node-sdk';
import fc from 'fast-check';
import type { IDataObject } from 'n8n-workflow';

import { resources } from '../../nodes/FeishuMail/actions';
import { apiBaseUrl } from '../../nodes/FeishuMail/transport/baseUrl';
import { connected, continues, engine, run, sandbox } from '../engine/stage';
import type { ApiName, Mailbox } from '../sandbox';
import { apis } from '../sandbox/apis';
import { connectSdk } from '../sandbox/client';
import type { Caller } from './contract';
import { contracts } from './contracts';
import { colour, COUNT, inputsOf, mailboxes, sample, text } from './generated';
import { composed, readMail } from './mails';

let sdk: Client;

beforeEach(() => {
	sdk = connectSdk(sandbox);
});

/**
 * What a server can tell of a request. The path is decoded, because both encode it, each in its way; and an empty object
 * counts as no body: the SDK sends one with every request that has nothing to say.
 */
const seenBy = (api: ApiName) =>
	sandbox.requestsTo(api).map(({ method, path, query, body, rawBody, headers }) => ({
		method,
		path: decodeURIComponent(path),
		query,
		authorization: headers.authorization,
		...(!['', '{}'].includes(rawBody) && { body, contentType: headers['content-type'] }),
	}));

/** The same, with what a reader finds in the mails that they hold. */
const readBy = async (api: ApiName) =>
	await Promise.all(
		seenBy(api).map(async (request) => {
			const { raw, ...others } = (request.body ?? {}) as { raw?: unknown };
			return typeof raw === 'string'
				? { ...request, body: { ...others, mail: await readMail(raw) } }
				: request;
		}),
	);

/** Several are sent at a time, so they may arrive in another order; keys of a body may have any. */
const inInputOrder = (requests: ReturnType<typeof seenBy>) =>
	requests
		.map((request) => JSON.stringify(request, sortKeys))
		.sort()
		.map((text) => JSON.parse(text) as unknown);

const sortKeys = (_: string, value: unknown) =>
	typeof value === 'object' && value !== null
		? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
		: value;

/** Both ways to present the token of a caller. */
async function signIn(caller: Caller) {
	if (caller === 'app') return {};
	const tokens = sandbox.issueUserTokens();
	return {
		credential: await connected({}, { oauthTokenData: { ...tokens } }),
		as: withUserAccessToken(tokens.access_token),
	};
}

/** The mailbox that a caller calls so; it is open to both. */
function openMailbox(name: string): Mailbox {
	if (name === 'me') return sandbox.mailbox;
	const mailbox = sandbox.tenant.addMailbox(name);
	mailbox.members.add(sandbox.user);
	return mailbox;
}

/** The items that lead to one request. */
const itemsOf = ({ ids, ...input }: { ids?: string[]; mailbox: string }): IDataObject[] =>
	ids ? ids.map((id) => ({ ...input, id })) : [input];

/** Refused answers do not matter here: what was sent is compared. */
function ignoreRefusal(error: object) {
	if (!('response' in error)) throw error;
}

const callers = ['app', 'user'] as const;

describe.each(callers)(
	'for the same input, the node and the official SDK send the same request as %s:',
	(caller) => {
		const offered = contracts.filter(({ callers: some = callers }) => some.includes(caller));

		it.each(offered)('$title', async ({ api, parameters, fields, given, send, callers: some = callers }) => {
			// What a user sends differs by its token only from what the app has sent.
			const count = caller === 'user' && some.includes('app') ? COUNT / 3 : COUNT;
			const inputs = inputsOf(mailboxes[caller], fields, count);
			for (const input of inputs) {
				const mailbox = openMailbox(input.mailbox);
				given?.(mailbox, input);
			}
			const { credential, as } = await signIn(caller);
			await engine.run({
				parameters: { userMailboxId: '={{ $json.mailbox }}', ...parameters },
				items: inputs.flatMap(itemsOf),
				credential,
				...continues,
			});
			const sentByNode = await readBy(api);
			sandbox.requests.length = 0;
			await Promise.all(
				inputs.map(async ({ mailbox, ...input }) => {
					const path = { user_mailbox_id: encodeURIComponent(mailbox) };
					await send(sdk.mail.v1, { ...input, path }, as).catch(ignoreRefusal);
				}),
			);
			expect(sentByNode).toHaveLength(count);
			expect(inInputOrder(sentByNode)).toEqual(inInputOrder(await readBy(api)));
		});
	},
);

it('every endpoint of the node has its contract, for each token that it takes', () => {
	const addressOf = (method: string, path: string) => `${method} ${path.replace(/:\w+/g, ':')}`;
	const inContracts = contracts.flatMap(({ api, callers: some = callers }) => {
		const { method, path } = apis.find(({ name }) => name === api)!;
		return some.map((caller) => `${addressOf(method, String(path))} as ${caller}`);
	});
	const inNode = resources
		.flatMap(({ operations }) => operations)
		.flatMap(({ endpoints, lookUps = [] }) => [...endpoints, ...lookUps])
		.flatMap(({ method, path, tokens }) =>
			(tokens ?? ['tenant', 'user']).map(
				(token) => `${addressOf(method, path)} as ${token === 'tenant' ? 'app' : 'user'}`,
			),
		);
	expect([...new Set(inNode)].sort()).toEqual([...new Set(inContracts)].sort());
});

describe('for several requests of one run, the SDK in its place sends the same', () => {
	it('contact list of all pages', async () => {
		const user_mailbox_id = sandbox.mailbox.address;
		for (let number = 0; number < 45; number++) {
			sandbox.mailbox.contacts.push({ id: `id ${number}`, name: `联系人 ${number}` });
		}
		await run('contact', 'getAll', { returnAll: true });
		const sentByNode = seenBy('mail.contact.list');
		sandbox.requests.length = 0;
		let page_token: string | undefined;
		do {
			const params = { page_size: 20, ...(page_token && { page_token }) };
			const { data } = await sdk.mail.v1.userMailboxMailContact.list({ path: { user_mailbox_id }, params });
			page_token = data?.has_more ? data.page_token : undefined;
		} while (page_token);
		expect(sentByNode).toHaveLength(3);
		expect(sentByNode).toEqual(seenBy('mail.contact.list'));
	});

	it.each(callers)('mails of all pages, as %s, listed and read twenty at a time', async (caller) => {
		for (let number = 0; number < 45; number++) sandbox.mailbox.receive();
		const { credential, as } = await signIn(caller);
		await run('message', 'getAll', { returnAll: true }, { credential });
		const seen = () => [seenBy('mail.message.list'), inInputOrder(seenBy('mail.message.batchGet'))];
		const sentByNode = seen();
		sandbox.requests.length = 0;
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const pages = await sdk.mail.v1.userMailboxMessage.listWithIterator(
			{ path, params: { page_size: 20, folder_id: 'INBOX' } },
			as,
		);
		for await (const page of pages) {
			const data = { message_ids: page?.items, format: 'plain_text_full' as const };
			await sdk.mail.v1.userMailboxMessage.batchGet({ path, data }, as);
		}
		expect(sentByNode.map(({ length }) => length)).toEqual([3, 3]);
		expect(sentByNode).toEqual(seen());
	});

	it('mails found by search, fifteen a page, read twenty at a time', async () => {
		for (let number = 0; number < 40; number++) sandbox.mailbox.receive({ subject: `发票 ${number}` });
		const { credential, as } = await signIn('user');
		await run('message', 'search', { query: '发票', returnAll: true, simple: false }, { credential });
		const seen = () => [seenBy('mail.mailbox.search'), inInputOrder(seenBy('mail.message.batchGet'))];
		const sentByNode = seen();
		sandbox.requests.length = 0;
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const found: string[] = [];
		let page_token: string | undefined;
		do {
			const params = { page_size: 15, ...(page_token && { page_token }) };
			const body = { query: '发票' };
			const { data } = await sdk.mail.v1.userMailbox.search({ path, params, data: body }, as);
			for (const { meta_data } of data?.items ?? []) found.push(String(meta_data?.message_biz_id));
			page_token = data?.has_more ? data.page_token : undefined;
		} while (page_token);
		for (let start = 0; start < found.length; start += 20) {
			const data = { message_ids: found.slice(start, start + 20), format: 'full' as const };
			await sdk.mail.v1.userMailboxMessage.batchGet({ path, data }, as);
		}
		expect(sentByNode.map(({ length }) => length)).toEqual([3, 2]);
		expect(sentByNode).toEqual(seen());
	});

	it('label create or update: one list, then a creation or an update for each', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const inputs = sample(fc.record({ name: text(200), background_color: colour })).map((input, index) => ({
			...input,
			name: `${index} ${input.name}`,
		}));
		const isKnown = (index: number) => index % 2 === 0;
		const known = inputs
			.filter((_, index) => isKnown(index))
			.map(({ name, background_color }) => ({
				id: `id of ${name.split(' ')[0]}`,
				name,
				background_color: background_color === 'blue' ? 'red' : 'blue',
				messages_unread: 0,
			}));
		sandbox.mailbox.labels.push(...structuredClone(known));
		await run(
			'label',
			'upsert',
			{ name: '={{ $json.name }}', backgroundColor: '={{ $json.background_color }}' },
			{ items: inputs },
		);
		const seen = () =>
			(['mail.label.list', 'mail.label.create', 'mail.label.patch'] as const).map((api) =>
				inInputOrder(seenBy(api)),
			);
		const sentByNode = seen();
		sandbox.requests.length = 0;
		sandbox.mailbox.labels.splice(0, Infinity, ...known);
		await sdk.mail.v1.userMailboxLabel.list({ path });
		for (const [index, label] of inputs.entries()) {
			const { background_color } = label;
			if (!isKnown(index)) await sdk.mail.v1.userMailboxLabel.create({ path, data: { label } });
			else {
				await sdk.mail.v1.userMailboxLabel.patch({
					path: { ...path, label_id: encodeURIComponent(`id of ${index}`) },
					data: { label: { background_color } },
				});
			}
		}
		expect(sentByNode.map(({ length }) => length)).toEqual([1, COUNT / 2, COUNT / 2]);
		expect(sentByNode).toEqual(seen());
	});

	it('a mail that is sent later: a draft, which is then sent with the time', async () => {
		const { credential, as } = await signIn('user');
		const additionalFields = { sendAt: '2096-10-02T07:06:40Z' };
		const parameters = { userMailboxId: 'me', to: 'ann@example.com', subject: 'Plan', message: 'Hello' };
		await run('message', 'send', { ...parameters, additionalFields }, { credential });
		const idOf = (path: string) => path.replace(/^.*\/drafts\/(.*)\/send$/, '$1');
		const seen = async () => [
			await readBy('mail.draft.create'),
			seenBy('mail.draft.send').map(({ path, ...others }) => ({
				...others,
				path: path.replace(idOf(path), 'id'),
			})),
		];
		const sentByNode = await seen();
		const [scheduled] = sandbox.mailbox.messages;
		sandbox.requests.length = 0;
		const path = { user_mailbox_id: 'me' };
		const raw = await composed({
			from: { mail_address: sandbox.mailbox.address, name: sandbox.user.name },
			to: [{ mail_address: 'ann@example.com' }],
			replyTo: [],
			subject: 'Plan',
			html: 'Hello',
			importance: 'normal',
			readReceipt: false,
			attachments: [],
			inlineImages: '',
		});
		const { data } = await sdk.mail.v1.userMailboxDraft.create({ path, data: { raw } }, as);
		const draft_id = encodeURIComponent(data!.draft!.id!);
		const send_time = String(Date.parse(additionalFields.sendAt) / 1000);
		await sdk.mail.v1.userMailboxDraft.send({ path: { ...path, draft_id }, data: { send_time } }, as);
		expect(scheduled?.folder_id).toBe('SCHEDULED');
		expect(sentByNode.map(({ length }) => length)).toEqual([1, 1]);
		expect(sentByNode).toEqual(await seen());
	});

	it('token exchange', async () => {
		await run('label', 'create', { name: 'Exchange' });
		const [sentByNode] = seenBy('auth.tenantAccessToken');
		sandbox.requests.length = 0;
		const { id: app_id, secret: app_secret } = sandbox.app;
		await sdk.auth.v3.tenantAccessToken.internal({ data: { app_id, app_secret } });
		// The SDK fetches a token before it asks for one as it is told, and sends it along.
		const sentBySdk = { ...seenBy('auth.tenantAccessToken').at(-1), authorization: undefined };
		expect(sentByNode).toEqual(sentBySdk);
	});
});

it('asks for the scopes of the app as the SDK does', async () => {
	await run('mailbox', 'checkAccess');
	const ours = seenBy('application.scopes');
	sandbox.requests.length = 0;
	const { data } = await sdk.application.v6.scope.list();
	expect(ours).toEqual(seenBy('application.scopes'));
	expect(data?.scopes).toContainEqual({
		scope_name: 'mail:user_mailbox.message:modify',
		grant_status: 1,
		scope_type: 'tenant',
	});
});

describe('the SDK and the node know the same addresses', () => {
	it.each([
		['feishu', Domain.Feishu],
		['lark', Domain.Lark],
	])('of %s', (region, domain) => {
		const { domain: url } = new Client({
			appId: 'cli_x',
			appSecret: 'x',
			domain,
			loggerLevel: LoggerLevel.error,
		});
		expect(url).toBe(apiBaseUrl({ region }));
	});
});
