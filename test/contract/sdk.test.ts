import { Client, Domain, withUserAccessToken } from '@larksuiteoapi/node-sdk';
import fc from 'fast-check';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { labelColors } from '../../nodes/FeishuMail/actions/label/label';
import { apiBaseUrl } from '../../nodes/FeishuMail/transport/baseUrl';
import { Engine } from '../engine/engine';
import { Sandbox, type ApiName } from '../sandbox';

/** Generated inputs are the same in every run, so that a difference can be looked at. */
const SEED = 20261122;
const COUNT = 60;

/** The SDK prints refusals, which are expected here. */
const silent = () => undefined;
const logger = { error: silent, warn: silent, info: silent, debug: silent, trace: silent };

let sandbox: Sandbox;
let engine: Engine;
let sdk: Client;

beforeAll(async () => {
	sandbox = await Sandbox.start();
	engine = new Engine(sandbox);
	sdk = new Client({
		appId: sandbox.app.id,
		appSecret: sandbox.app.secret,
		domain: sandbox.url,
		logger,
	});
});

beforeEach(() => {
	sandbox.requests.length = 0;
	sandbox.mailbox.contacts.length = 0;
	sandbox.mailbox.labels.length = 0;
});

afterAll(async () => await sandbox.close());

/**
 * What a server can tell of a request; the path decoded, because the SDK does not encode it. Where there is nothing to
 * send, the SDK sends `{}`, also with GET and DELETE.
 */
const seenBy = (api: ApiName) =>
	sandbox.requestsTo(api).map(({ method, path, query, body, rawBody, headers }) => ({
		method,
		path: decodeURIComponent(path),
		query,
		...(['', '{}'].includes(rawBody) ? {} : { body, contentType: headers['content-type'] }),
	}));

const withSortedKeys = (_: string, value: unknown) =>
	typeof value === 'object' && value !== null && !Array.isArray(value)
		? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
		: value;

/** Several requests may be under way at a time, so they may arrive in another order. */
const inInputOrder = (requests: ReturnType<typeof seenBy>) =>
	requests.map((request) => JSON.stringify(request, withSortedKeys)).sort();

const text = (maxLength: number, minLength = 1) =>
	fc
		.oneof(
			fc.string({ unit: 'grapheme', minLength, maxLength }),
			fc.string({ unit: 'binary', minLength, maxLength }),
			fc.constantFrom('张三', '😀👩‍👩‍👧', 'Ä"\\/\n\t', '{{ $json }}', '=1+1', '\u0000', 'null', '0'),
		)
		.map((value) => Array.from(value).slice(0, maxLength).join(''));

/** Addresses as Feishu hands them out, and with the characters that mail allows before the @. */
const mailbox = fc.constantFrom(
	'anna@example.com',
	'anna+crm@example.com',
	"o'neil@example.com",
	'张三@例子.公司',
);

const contact = fc.record(
	{
		mailbox,
		name: text(64),
		company: text(64),
		mail_address: fc.emailAddress(),
		phone: text(40),
		position: text(64),
		remark: text(1000),
		tag: text(64),
	},
	{ requiredKeys: ['mailbox', 'name'] },
);

const label = fc.record(
	{
		mailbox,
		name: text(255),
		background_color: fc.constantFrom(...labelColors.map(({ value }) => String(value))),
	},
	{ requiredKeys: ['mailbox', 'name'] },
);

const sample = <T>(arbitrary: fc.Arbitrary<T>) => fc.sample(arbitrary, { seed: SEED, numRuns: COUNT });

describe('for the same input, the node and the official SDK send the same request', () => {
	// Refused answers do not matter here: what was sent is compared.
	const ignoreRefusal = () => undefined;

	it('contact create', async () => {
		const inputs = sample(contact);
		await engine.run({
			parameters: {
				resource: 'contact',
				operation: 'create',
				userMailboxId: '={{ $json.mailbox }}',
				name: '={{ $json.name }}',
				additionalFields: {
					company: '={{ $json.company }}',
					mailAddress: '={{ $json.mail_address }}',
					phone: '={{ $json.phone }}',
					position: '={{ $json.position }}',
					remark: '={{ $json.remark }}',
					tag: '={{ $json.tag }}',
				},
			},
			items: inputs,
			onError: 'continueRegularOutput',
		});
		const sentByNode = seenBy('mail.contact.create');
		sandbox.requests.length = 0;
		for (const { mailbox: user_mailbox_id, ...data } of inputs) {
			await sdk.mail.v1.userMailboxMailContact
				.create({ path: { user_mailbox_id }, data })
				.catch(ignoreRefusal);
		}
		expect(sentByNode).toHaveLength(COUNT);
		expect(sentByNode).toEqual(seenBy('mail.contact.create'));
	});

	it('label create', async () => {
		const inputs = sample(label);
		await engine.run({
			parameters: {
				resource: 'label',
				operation: 'create',
				userMailboxId: '={{ $json.mailbox }}',
				name: '={{ $json.name }}',
				backgroundColor: '={{ $json.background_color }}',
			},
			items: inputs,
			onError: 'continueRegularOutput',
		});
		const sentByNode = seenBy('mail.label.create');
		sandbox.requests.length = 0;
		for (const { mailbox: user_mailbox_id, ...data } of inputs) {
			await sdk.mail.v1.userMailboxLabel
				.create({ path: { user_mailbox_id }, data: { label: data } })
				.catch(ignoreRefusal);
		}
		expect(sentByNode).toHaveLength(COUNT);
		expect(inInputOrder(sentByNode)).toEqual(inInputOrder(seenBy('mail.label.create')));
	});

	const id = fc.oneof(
		fc.stringMatching(/^7\d{18}$/),
		fc.constantFrom('INBOX', 'a b', 'x+y', 'a&b=c', '标签'),
	);

	/** What a change may hold: an empty text clears the field. */
	const cleared = (maxLength: number) => fc.oneof(fc.constant(''), text(maxLength));

	const contactFields = {
		company: cleared(64),
		mail_address: fc.emailAddress(),
		phone: cleared(40),
		position: cleared(64),
		remark: cleared(1000),
		tag: cleared(64),
	};

	interface Case {
		api: ApiName;
		/** By the API's names; `mailbox` besides. */
		input: fc.Arbitrary<{ mailbox: string } & Record<string, unknown>>;
		/** The node's parameters, which read the input. */
		node: INodeParameters;
		sdk: (
			path: { user_mailbox_id: string },
			input: { id: string } & Record<string, never>,
		) => Promise<unknown>;
	}

	const mail = () => sdk.mail.v1;

	const cases: Record<string, Case> = {
		'contact get many': {
			api: 'mail.contact.list',
			input: fc.record({ mailbox, page_size: fc.integer({ min: 1, max: 20 }) }),
			node: { resource: 'contact', operation: 'getAll', limit: '={{ $json.page_size }}' },
			sdk: async (path, params) =>
				await mail().userMailboxMailContact.list({ path, params: params as never }),
		},
		'contact update': {
			api: 'mail.contact.patch',
			input: fc.record(
				{ mailbox, id, name: text(64), ...contactFields },
				{ requiredKeys: ['mailbox', 'id', 'name'] },
			),
			node: {
				resource: 'contact',
				operation: 'update',
				contactId: '={{ $json.id }}',
				name: '={{ $json.name }}',
				updateFields: {
					company: '={{ $json.company }}',
					mailAddress: '={{ $json.mail_address }}',
					phone: '={{ $json.phone }}',
					position: '={{ $json.position }}',
					remark: '={{ $json.remark }}',
					tag: '={{ $json.tag }}',
				},
				options: { keepOtherFields: false },
			},
			sdk: async (path, { id: mail_contact_id, ...data }) =>
				await mail().userMailboxMailContact.patch({
					path: { ...path, mail_contact_id },
					data: data as never,
				}),
		},
		'contact delete': {
			api: 'mail.contact.delete',
			input: fc.record({ mailbox, id }),
			node: { resource: 'contact', operation: 'delete', contactId: '={{ $json.id }}' },
			sdk: async (path, { id: mail_contact_id }) =>
				await mail().userMailboxMailContact.delete({ path: { ...path, mail_contact_id } }),
		},
		'label get': {
			api: 'mail.label.get',
			input: fc.record({ mailbox, id }),
			node: { resource: 'label', operation: 'get', labelId: '={{ $json.id }}' },
			sdk: async (path, { id: label_id }) =>
				await mail().userMailboxLabel.get({ path: { ...path, label_id } }),
		},
		'label get many': {
			api: 'mail.label.list',
			input: fc.record({ mailbox }),
			node: { resource: 'label', operation: 'getAll', returnAll: true },
			sdk: async (path) => await mail().userMailboxLabel.list({ path }),
		},
		'label update': {
			api: 'mail.label.patch',
			input: fc.record(
				{ mailbox, id, name: text(255), background_color: fc.constantFrom('red', 'wathet') },
				{ requiredKeys: ['mailbox', 'id', 'name'] },
			),
			node: {
				resource: 'label',
				operation: 'update',
				labelId: '={{ $json.id }}',
				updateFields: { name: '={{ $json.name }}', backgroundColor: '={{ $json.background_color }}' },
			},
			sdk: async (path, { id: label_id, ...data }) =>
				await mail().userMailboxLabel.patch({ path: { ...path, label_id }, data: { label: data } }),
		},
		'label delete': {
			api: 'mail.label.delete',
			input: fc.record({ mailbox, id }),
			node: { resource: 'label', operation: 'delete', labelId: '={{ $json.id }}' },
			sdk: async (path, { id: label_id }) =>
				await mail().userMailboxLabel.delete({ path: { ...path, label_id } }),
		},
		'folder create': {
			api: 'mail.folder.create',
			input: fc.record({ mailbox, name: text(250), parent_folder_id: fc.oneof(fc.constant('0'), id) }),
			node: {
				resource: 'folder',
				operation: 'create',
				name: '={{ $json.name }}',
				parentFolderId: { __rl: true, mode: 'id', value: '={{ $json.parent_folder_id }}' },
			},
			sdk: async (path, data) => await mail().userMailboxFolder.create({ path, data: data as never }),
		},
		'folder get': {
			api: 'mail.folder.get',
			input: fc.record({ mailbox, id }),
			node: { resource: 'folder', operation: 'get', folderId: '={{ $json.id }}' },
			sdk: async (path, { id: folder_id }) =>
				await mail().userMailboxFolder.get({ path: { ...path, folder_id } }),
		},
		'folder get many': {
			api: 'mail.folder.list',
			input: fc.record({ mailbox, folder_type: fc.constantFrom(1, 2) }),
			node: {
				resource: 'folder',
				operation: 'getAll',
				returnAll: true,
				filters: { folderType: '={{ $json.folder_type === 1 ? "system" : "user" }}' },
			},
			sdk: async (path, params) => await mail().userMailboxFolder.list({ path, params: params as never }),
		},
		'folder update': {
			api: 'mail.folder.patch',
			input: fc.record({
				mailbox,
				id: fc.stringMatching(/^7\d{18}$/),
				name: text(250),
				parent_folder_id: id,
			}),
			node: {
				resource: 'folder',
				operation: 'update',
				folderId: '={{ $json.id }}',
				updateFields: {
					name: '={{ $json.name }}',
					parentFolderId: { __rl: true, mode: 'id', value: '={{ $json.parent_folder_id }}' },
				},
			},
			sdk: async (path, { id: folder_id, ...data }) =>
				await mail().userMailboxFolder.patch({ path: { ...path, folder_id }, data: data as never }),
		},
		'folder delete': {
			api: 'mail.folder.delete',
			input: fc.record({ mailbox, id: id.filter((value) => value !== 'INBOX') }),
			node: { resource: 'folder', operation: 'delete', folderId: '={{ $json.id }}' },
			sdk: async (path, { id: folder_id }) =>
				await mail().userMailboxFolder.delete({ path: { ...path, folder_id } }),
		},
	};

	it.each(Object.entries(cases))('%s', async (_, { api, input, node, sdk: call }) => {
		const inputs = sample(input);
		await engine.run({
			parameters: { userMailboxId: '={{ $json.mailbox }}', ...node },
			items: inputs as IDataObject[],
			onError: 'continueRegularOutput',
		});
		const sentByNode = seenBy(api);
		sandbox.requests.length = 0;
		for (const { mailbox: user_mailbox_id, ...rest } of inputs) {
			await call({ user_mailbox_id }, rest as never).catch(ignoreRefusal);
		}
		expect(sentByNode).toHaveLength(COUNT);
		expect(inInputOrder(sentByNode)).toEqual(inInputOrder(seenBy(api)));
	});

	it('label create as a user, on the own mailbox', async () => {
		const tokens = sandbox.issueUserTokens();
		const credential = await engine.credentials.add('feishuMailOAuth2Api', {
			region: 'custom',
			baseUrl: sandbox.url,
			clientId: sandbox.app.id,
			clientSecret: sandbox.app.secret,
			oauthTokenData: { ...tokens },
		});
		const inputs = sample(label).map(({ name, background_color }) => ({ name, background_color }));
		await engine.run({
			parameters: {
				authentication: 'oAuth2',
				resource: 'label',
				operation: 'create',
				userMailboxId: 'me',
				name: '={{ $json.name }}',
				backgroundColor: '={{ $json.background_color }}',
			},
			items: inputs,
			credential,
			onError: 'continueRegularOutput',
		});
		const authorization = () =>
			sandbox.requestsTo('mail.label.create').map(({ headers }) => headers.authorization);
		const sentByNode = { requests: seenBy('mail.label.create'), authorization: authorization() };
		sandbox.requests.length = 0;
		for (const data of inputs) {
			await sdk.mail.v1.userMailboxLabel
				.create(
					{ path: { user_mailbox_id: 'me' }, data: { label: data } },
					withUserAccessToken(tokens.access_token),
				)
				.catch(ignoreRefusal);
		}
		expect(sentByNode.requests).toHaveLength(COUNT);
		expect(sentByNode.authorization).toEqual(authorization());
		expect(inInputOrder(sentByNode.requests)).toEqual(inInputOrder(seenBy('mail.label.create')));
	});

	it('token exchange', async () => {
		await engine.run({
			parameters: {
				resource: 'label',
				operation: 'create',
				userMailboxId: sandbox.mailbox.address,
				name: 'Exchange',
			},
		});
		const [sentByNode] = seenBy('auth.tenantAccessToken');
		sandbox.requests.length = 0;
		const { appId, appSecret, domain } = {
			appId: sandbox.app.id,
			appSecret: sandbox.app.secret,
			domain: sandbox.url,
		};
		await new Client({ appId, appSecret, domain, logger }).auth.v3.tenantAccessToken.internal({
			data: { app_id: appId, app_secret: appSecret },
		});
		const sentBySdk = seenBy('auth.tenantAccessToken').at(-1)!;
		expect(sentByNode).toEqual(sentBySdk);
	});
});

describe('the SDK, used as a client, gets from the sandbox what its types promise', () => {
	it('contacts: created, then listed page by page', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		for (let number = 0; number < 45; number++) {
			const { code, data } = await sdk.mail.v1.userMailboxMailContact.create({
				path,
				data: { name: `联系人 ${number}`, mail_address: `${number}@example.com` },
			});
			expect(code).toBe(0);
			expect(data?.mail_contact).toMatchObject({
				name: `联系人 ${number}`,
				mail_address: `${number}@example.com`,
			});
		}
		const sizes: number[] = [];
		for await (const page of await sdk.mail.v1.userMailboxMailContact.listWithIterator({
			path,
			params: { page_size: 20 },
		})) {
			sizes.push(page?.items?.length ?? 0);
		}
		expect(sizes).toEqual([20, 20, 5]);
	});

	it('labels: created, then listed', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const { data } = await sdk.mail.v1.userMailboxLabel.create({
			path,
			data: { label: { name: '客户/亚洲', background_color: 'wathet' } },
		});
		expect(data?.label).toMatchObject({ name: '客户/亚洲', background_color: 'wathet', messages_unread: 0 });
		const list = await sdk.mail.v1.userMailboxLabel.list({ path });
		expect(list.data?.items).toEqual([data?.label]);
	});

	it('contacts, labels and folders: changed, read and deleted', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const contact = await sdk.mail.v1.userMailboxMailContact.create({ path, data: { name: '甲' } });
		const mail_contact_id = contact.data!.mail_contact!.id!;
		const contactPath = { ...path, mail_contact_id };
		expect(
			await sdk.mail.v1.userMailboxMailContact.patch({ path: contactPath, data: { name: '乙' } }),
		).toMatchObject({ code: 0, data: {} });
		expect(await sdk.mail.v1.userMailboxMailContact.delete({ path: contactPath })).toMatchObject({
			code: 0,
			data: {},
		});

		const label = await sdk.mail.v1.userMailboxLabel.create({ path, data: { label: { name: '甲' } } });
		const labelPath = { ...path, label_id: label.data!.label!.id! };
		const patched = await sdk.mail.v1.userMailboxLabel.patch({
			path: labelPath,
			data: { label: { name: '乙' } },
		});
		expect(patched.data?.label).toMatchObject({ id: labelPath.label_id, name: '乙' });
		expect((await sdk.mail.v1.userMailboxLabel.get({ path: labelPath })).data).toEqual(patched.data);
		expect(await sdk.mail.v1.userMailboxLabel.delete({ path: labelPath })).toMatchObject({
			code: 0,
			data: {},
		});

		const folder = await sdk.mail.v1.userMailboxFolder.create({
			path,
			data: { name: '甲', parent_folder_id: '0' },
		});
		const folderPath = { ...path, folder_id: folder.data!.folder!.id! };
		expect(
			await sdk.mail.v1.userMailboxFolder.patch({ path: folderPath, data: { name: '乙' } }),
		).toMatchObject({ code: 0, data: {} });
		const { data } = await sdk.mail.v1.userMailboxFolder.get({ path: folderPath });
		expect(data?.folder).toMatchObject({ name: '乙', parent_folder_id: '0', folder_type: 2 });
		const own = await sdk.mail.v1.userMailboxFolder.list({ path, params: { folder_type: 2 } });
		expect(own.data?.items).toEqual([data?.folder]);
		expect(await sdk.mail.v1.userMailboxFolder.delete({ path: folderPath })).toMatchObject({
			code: 0,
			data: {},
		});
	});

	it('a refusal with code and log id', async () => {
		const refused = sdk.mail.v1.userMailboxLabel.create({
			path: { user_mailbox_id: 'nobody@example.com' },
			data: { label: { name: 'x' } },
		});
		await expect(refused).rejects.toMatchObject({
			response: { status: 400, data: { code: 1234013, error: { log_id: expect.any(String) } } },
		});
	});
});

describe('the SDK and the node know the same addresses', () => {
	it.each([
		['feishu', Domain.Feishu],
		['lark', Domain.Lark],
	])('of %s', (region, domain) => {
		const { domain: url } = new Client({ appId: 'cli_x', appSecret: 'x', domain, logger });
		expect(url).toBe(apiBaseUrl({ region }));
	});
});
