import { Client, Domain, LoggerLevel, withUserAccessToken } from '@larksuiteoapi/node-sdk';
import fc from 'fast-check';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { labelColors } from '../../nodes/FeishuMail/actions/label/label';
import { apiBaseUrl } from '../../nodes/FeishuMail/transport/baseUrl';
import { connected, continues, engine, locate, run, sandbox } from '../engine/stage';
import type { ApiName } from '../sandbox';
import { connectSdk } from '../sandbox/client';

/** Generated inputs are the same in every run, so that a difference can be looked at. */
const SEED = 20261122;
const COUNT = 60;

/** How many inputs an operation gets that sends little besides an id. */
const FEW = 30;

let sdk: Client;

beforeEach(() => {
	sdk = connectSdk(sandbox);
});

/**
 * What a server can tell of a request. The path is decoded, because the SDK does not encode it; and the SDK sends an
 * empty object with every GET and DELETE, which take no body.
 */
const seenBy = (api: ApiName) =>
	sandbox.requestsTo(api).map(({ method, path, query, body, rawBody, headers }) => ({
		method,
		path: decodeURIComponent(path),
		query,
		...(['GET', 'DELETE'].includes(method)
			? { sendsBody: !['', '{}'].includes(rawBody) }
			: { body, contentType: headers['content-type'] }),
	}));

/** Labels are sent several at a time, so they may arrive in another order; keys of a body may have any. */
const inInputOrder = (requests: ReturnType<typeof seenBy>) =>
	requests.map((request) => JSON.stringify(request, sortKeys)).sort();

const sortKeys = (_: string, value: unknown) =>
	typeof value === 'object' && value !== null
		? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
		: value;

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

const colour = fc.constantFrom(...labelColors.map(({ value }) => String(value)));

const label = fc.record(
	{
		mailbox,
		name: text(255),
		background_color: colour,
	},
	{ requiredKeys: ['mailbox', 'name'] },
);

const sample = <T>(arbitrary: fc.Arbitrary<T>) => fc.sample(arbitrary, { seed: SEED, numRuns: COUNT });

/** Ids as Feishu hands them out, and what somebody may put into the field. */
const id = fc.oneof(
	fc.bigInt({ min: 10n ** 18n, max: 10n ** 19n - 1n }).map(String),
	fc.constantFrom('a/b', 'a?b#c', '50%', '标签 1', "o'neil+x", 'a%2Fb', ':label_id', '0'),
	text(40).filter(
		(value) => value.trim() === value && !/^\.\.?$/m.test(value.replace(/[\s/\\]+/g, '\n')) && value !== '',
	),
);

/** The SDK leaves it to its user to encode what goes into a path. */
const encoded = encodeURIComponent;

const byId = (value = '={{ $json.id }}') => locate('id', value);

const anyOf = <T extends object>(fields: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) =>
	fc.record(fields, { requiredKeys: [] }).filter((value) => Object.keys(value).length > 0) as fc.Arbitrary<
		Partial<T>
	>;

/** One request of the node, and how the SDK makes it. */
interface Contract<Input extends IDataObject> {
	/** Begins with the resource. */
	title: string;
	api: ApiName;
	/** Of the node; expressions read the input. */
	parameters: INodeParameters;
	inputs: fc.Arbitrary<Input>;
	send(input: Input): Promise<unknown>;
}

/** The table does not care what each input looks like. */
const contract = <Input extends IDataObject>(declaration: Contract<Input>) =>
	declaration as unknown as Contract<IDataObject>;

const contracts = [
	contract({
		title: 'contact list',
		api: 'mail.contact.list',
		parameters: { operation: 'getAll', limit: '={{ $json.limit }}' },
		inputs: fc.record({ mailbox, limit: fc.integer({ min: 1, max: 20 }) }),
		send: ({ mailbox: user_mailbox_id, limit: page_size }) =>
			sdk.mail.v1.userMailboxMailContact.list({ path: { user_mailbox_id }, params: { page_size } }),
	}),
	contract({
		title: 'contact patch',
		api: 'mail.contact.patch',
		parameters: {
			operation: 'update',
			contactId: byId(),
			name: '={{ $json.data.name }}',
			updateFields: {
				company: '={{ $json.data.company }}',
				mailAddress: '={{ $json.data.mail_address }}',
				phone: '={{ $json.data.phone }}',
				position: '={{ $json.data.position }}',
				remark: '={{ $json.data.remark }}',
				tag: '={{ $json.data.tag }}',
			},
			options: { keepOtherFields: false },
		},
		inputs: fc.record({
			mailbox,
			id,
			data: fc.record(
				{
					name: text(64),
					company: text(64, 0),
					mail_address: fc.oneof(fc.emailAddress(), fc.constant('')),
					phone: text(40, 0),
					position: text(64, 0),
					remark: text(1000, 0),
					tag: text(64, 0),
				},
				{ requiredKeys: ['name'] },
			),
		}),
		send: ({ mailbox: user_mailbox_id, id: contact_id, data }) =>
			sdk.mail.v1.userMailboxMailContact.patch({
				path: { user_mailbox_id, mail_contact_id: encoded(contact_id) },
				data,
			}),
	}),
	contract({
		title: 'contact delete',
		api: 'mail.contact.delete',
		parameters: { operation: 'delete', contactId: byId() },
		inputs: fc.record({ mailbox, id }),
		send: ({ mailbox: user_mailbox_id, id: contact_id }) =>
			sdk.mail.v1.userMailboxMailContact.delete({
				path: { user_mailbox_id, mail_contact_id: encoded(contact_id) },
			}),
	}),
	contract({
		title: 'label list',
		api: 'mail.label.list',
		parameters: { operation: 'getAll' },
		inputs: fc.record({ mailbox }),
		send: ({ mailbox: user_mailbox_id }) => sdk.mail.v1.userMailboxLabel.list({ path: { user_mailbox_id } }),
	}),
	contract({
		title: 'label get',
		api: 'mail.label.get',
		parameters: { operation: 'get', labelId: byId() },
		inputs: fc.record({ mailbox, id }),
		send: ({ mailbox: user_mailbox_id, id: label_id }) =>
			sdk.mail.v1.userMailboxLabel.get({ path: { user_mailbox_id, label_id: encoded(label_id) } }),
	}),
	contract({
		title: 'label patch',
		api: 'mail.label.patch',
		parameters: {
			operation: 'update',
			labelId: byId(),
			updateFields: {
				name: '={{ $json.label.name }}',
				backgroundColor: '={{ $json.label.background_color }}',
			},
		},
		inputs: fc.record({ mailbox, id, label: anyOf({ name: text(255), background_color: colour }) }),
		send: ({ mailbox: user_mailbox_id, id: label_id, label: change }) =>
			sdk.mail.v1.userMailboxLabel.patch({
				path: { user_mailbox_id, label_id: encoded(label_id) },
				data: { label: change },
			}),
	}),
	contract({
		title: 'label delete',
		api: 'mail.label.delete',
		parameters: { operation: 'delete', labelId: byId() },
		inputs: fc.record({ mailbox, id }),
		send: ({ mailbox: user_mailbox_id, id: label_id }) =>
			sdk.mail.v1.userMailboxLabel.delete({ path: { user_mailbox_id, label_id: encoded(label_id) } }),
	}),
	contract({
		title: 'folder create',
		api: 'mail.folder.create',
		parameters: {
			operation: 'create',
			name: '={{ $json.data.name }}',
			parentFolderId: byId('={{ $json.data.parent_folder_id }}'),
		},
		inputs: fc.record({ mailbox, data: fc.record({ name: text(250), parent_folder_id: id }) }),
		send: ({ mailbox: user_mailbox_id, data }) =>
			sdk.mail.v1.userMailboxFolder.create({ path: { user_mailbox_id }, data }),
	}),
	contract({
		title: 'folder list',
		api: 'mail.folder.list',
		parameters: { operation: 'getAll' },
		inputs: fc.record({ mailbox }),
		send: ({ mailbox: user_mailbox_id }) => sdk.mail.v1.userMailboxFolder.list({ path: { user_mailbox_id } }),
	}),
	contract({
		title: 'folder list of one type',
		api: 'mail.folder.list',
		parameters: {
			operation: 'getAll',
			filters: { folderType: "={{ { 1: 'system', 2: 'user' }[$json.folder_type] }}" },
		},
		inputs: fc.record({ mailbox, folder_type: fc.constantFrom(1, 2) }),
		send: ({ mailbox: user_mailbox_id, folder_type }) =>
			sdk.mail.v1.userMailboxFolder.list({ path: { user_mailbox_id }, params: { folder_type } }),
	}),
	contract({
		title: 'folder get',
		api: 'mail.folder.get',
		parameters: { operation: 'get', folderId: byId() },
		inputs: fc.record({ mailbox, id }),
		send: ({ mailbox: user_mailbox_id, id: folder_id }) =>
			sdk.mail.v1.userMailboxFolder.get({ path: { user_mailbox_id, folder_id: encoded(folder_id) } }),
	}),
	contract({
		title: 'folder patch',
		api: 'mail.folder.patch',
		parameters: {
			operation: 'update',
			folderId: byId(),
			updateFields: {
				name: '={{ $json.data.name }}',
				parentFolderId: byId('={{ $json.data.parent_folder_id }}'),
			},
		},
		inputs: fc.record({
			mailbox,
			id: id.filter((value) => value !== '0'),
			data: anyOf({ name: text(250), parent_folder_id: id }),
		}),
		send: ({ mailbox: user_mailbox_id, id: folder_id, data }) =>
			sdk.mail.v1.userMailboxFolder.patch({ path: { user_mailbox_id, folder_id: encoded(folder_id) }, data }),
	}),
	contract({
		title: 'folder delete',
		api: 'mail.folder.delete',
		parameters: { operation: 'delete', folderId: byId() },
		inputs: fc.record({ mailbox, id: id.filter((value) => value !== '0') }),
		send: ({ mailbox: user_mailbox_id, id: folder_id }) =>
			sdk.mail.v1.userMailboxFolder.delete({ path: { user_mailbox_id, folder_id: encoded(folder_id) } }),
	}),
];

describe('for the same input, the node and the official SDK send the same request', () => {
	// Refused answers do not matter here: what was sent is compared.
	const ignoreRefusal = () => undefined;

	it('contact create', async () => {
		const inputs = sample(contact);
		await run(
			'contact',
			'create',
			{
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
			{ items: inputs, ...continues },
		);
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
		await run(
			'label',
			'create',
			{
				userMailboxId: '={{ $json.mailbox }}',
				name: '={{ $json.name }}',
				backgroundColor: '={{ $json.background_color }}',
			},
			{ items: inputs, ...continues },
		);
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

	it('label create as a user, on the own mailbox', async () => {
		const tokens = sandbox.issueUserTokens();
		const credential = await connected({}, { oauthTokenData: { ...tokens } });
		const inputs = sample(label).map(({ name, background_color }) => ({ name, background_color }));
		await run(
			'label',
			'create',
			{ userMailboxId: 'me', name: '={{ $json.name }}', backgroundColor: '={{ $json.background_color }}' },
			{ items: inputs, credential, ...continues },
		);
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

	it.each(contracts)('$title', async ({ title, api, parameters, inputs, send }) => {
		const items = fc.sample(inputs, { seed: SEED, numRuns: FEW });
		const [resource] = title.split(' ') as [string];
		await engine.run({
			parameters: { resource, userMailboxId: '={{ $json.mailbox }}', ...parameters },
			items,
			...continues,
		});
		const sentByNode = seenBy(api);
		sandbox.requests.length = 0;
		for (const input of items) await send(input).catch(ignoreRefusal);
		expect(sentByNode).toHaveLength(FEW);
		expect(inInputOrder(sentByNode)).toEqual(inInputOrder(seenBy(api)));
	});

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

	it('label create or update: one list, then a creation or an update for each', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const inputs = fc
			.sample(fc.record({ name: text(200), background_color: colour }), { seed: SEED, numRuns: COUNT })
			.map((input, index) => ({ ...input, name: `${index} ${input.name}` }));
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

	it('token exchange', async () => {
		await run('label', 'create', { name: 'Exchange' });
		const [sentByNode] = seenBy('auth.tenantAccessToken');
		sandbox.requests.length = 0;
		const { id: app_id, secret: app_secret } = sandbox.app;
		await sdk.auth.v3.tenantAccessToken.internal({ data: { app_id, app_secret } });
		const sentBySdk = seenBy('auth.tenantAccessToken').at(-1)!;
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

	it('contacts: changed, then deleted', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const created = await sdk.mail.v1.userMailboxMailContact.create({ path, data: { name: '张三' } });
		const contactPath = { ...path, mail_contact_id: created.data!.mail_contact!.id! };
		const data = { name: '张三丰', company: 'Wudang' };
		expect((await sdk.mail.v1.userMailboxMailContact.patch({ path: contactPath, data })).data).toEqual({});
		expect(sandbox.mailbox.contacts).toEqual([expect.objectContaining(data)]);
		expect((await sdk.mail.v1.userMailboxMailContact.delete({ path: contactPath })).data).toEqual({});
		expect(sandbox.mailbox.contacts).toEqual([]);
	});

	it('labels: changed, read, then deleted', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const created = await sdk.mail.v1.userMailboxLabel.create({ path, data: { label: { name: '客户' } } });
		const labelPath = { ...path, label_id: created.data!.label!.id! };
		const label = { name: '客户/亚洲', background_color: 'lime' };
		const changed = await sdk.mail.v1.userMailboxLabel.patch({ path: labelPath, data: { label } });
		expect(changed.data?.label).toEqual({ ...created.data?.label, ...label });
		expect((await sdk.mail.v1.userMailboxLabel.get({ path: labelPath })).data).toEqual(changed.data);
		expect((await sdk.mail.v1.userMailboxLabel.delete({ path: labelPath })).data).toEqual({});
		expect((await sdk.mail.v1.userMailboxLabel.list({ path })).data?.items).toEqual([]);
	});

	it('folders: created, listed, changed, read, then deleted', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const { userMailboxFolder: folders } = sdk.mail.v1;
		const top = await folders.create({ path, data: { name: '项目', parent_folder_id: '0' } });
		const nested = await folders.create({
			path,
			data: { name: '2026', parent_folder_id: top.data!.folder!.id! },
		});
		expect(nested.data?.folder).toMatchObject({ folder_type: 2, unread_message_count: 0 });
		const list = async (folder_type?: number) =>
			(await folders.list({ path, params: { folder_type } })).data?.items;
		expect(await list(2)).toEqual([top.data?.folder, nested.data?.folder]);
		expect((await list(1))?.map(({ id: folder }) => folder)).toContain('INBOX');
		expect(await list()).toHaveLength((await list(1))!.length + 2);

		const folderPath = { ...path, folder_id: nested.data!.folder!.id! };
		const data = { name: '2027', parent_folder_id: '0' };
		expect((await folders.patch({ path: folderPath, data })).data).toEqual({});
		const read = await folders.get({ path: folderPath });
		expect(read.data?.folder).toEqual({ ...nested.data?.folder, ...data });
		expect((await folders.delete({ path: folderPath })).data).toEqual({});
		expect(await list(2)).toEqual([top.data?.folder]);
	});

	const decoded = (value = '') => Buffer.from(value, 'base64url').toString();

	it('messages: listed page by page, then read', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const { userMailboxMessage: messages } = sdk.mail.v1;
		for (let number = 0; number < 45; number++) sandbox.mailbox.receive({ subject: `邮件 ${number}` });
		const ids: string[] = [];
		for await (const page of await messages.listWithIterator({
			path,
			params: { page_size: 20, folder_id: 'INBOX', only_unread: true },
		})) {
			ids.push(...(page?.items ?? []));
		}
		expect(ids).toHaveLength(45);
		const data = { message_ids: ids.slice(0, 20), format: 'full' as const };
		const read = (await messages.batchGet({ path, data })).data?.messages ?? [];
		expect(read.map(({ subject }) => subject).sort()).toEqual(
			Array.from({ length: 20 }, (_, index) => `邮件 ${44 - index}`).sort(),
		);
		const one = { ...path, message_id: encoded(ids[0]!) };
		const { data: got } = await messages.get({ path: one, params: { format: 'plain_text_full' } });
		expect(got?.message).toMatchObject({ message_id: ids[0], folder_id: 'INBOX', message_state: 1 });
		expect(got?.message?.body_html).toBeUndefined();
		expect(decoded(got?.message?.body_plain_text)).toBe('Text of mail 45');
	});

	it('messages: changed and trashed, one by one and several at once', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const { userMailboxMessage: messages } = sdk.mail.v1;
		const mails = Array.from({ length: 3 }, () => sandbox.mailbox.receive());
		const message_ids = mails.map(({ message_id }) => message_id);
		const one = { ...path, message_id: encoded(message_ids[0]!) };
		const state = () => mails.map(({ folder_id, label_ids }) => [folder_id, ...label_ids].join(' '));
		const flag = { add_label_ids: ['FLAGGED'], remove_label_ids: ['UNREAD'] };
		expect((await messages.modify({ path: one, data: flag })).data).toEqual({});
		expect(state()).toEqual(['INBOX FLAGGED', 'INBOX UNREAD', 'INBOX UNREAD']);
		const archive = { message_ids, remove_label_ids: ['UNREAD'], add_folder: 'ARCHIVED' };
		expect((await messages.batchModify({ path, data: archive })).data).toEqual({});
		expect(state()).toEqual(['ARCHIVED FLAGGED', 'ARCHIVED', 'ARCHIVED']);
		expect((await messages.trash({ path: one })).data).toEqual({});
		expect((await messages.batchTrash({ path, data: { message_ids } })).data).toEqual({});
		expect(state()).toEqual(['TRASH FLAGGED', 'TRASH', 'TRASH']);
	});

	it('attachments: links, which give the bytes', async () => {
		const content = Buffer.from([1, 2, 3]);
		const { message_id, attachments } = sandbox.mailbox.receive({
			attachments: [
				{ filename: '一.bin', content },
				{ filename: '二.bin', content },
			],
		});
		const ids = attachments.map(({ id: attachment }) => attachment);
		const { data } = await sdk.mail.v1.userMailboxMessageAttachment.downloadUrl({
			path: { user_mailbox_id: sandbox.mailbox.address, message_id: encoded(message_id) },
			params: { attachment_ids: [...ids, 'nowhere'] },
		});
		expect(data?.download_urls?.map(({ attachment_id }) => attachment_id)).toEqual(ids);
		expect(data?.failed_ids).toEqual(['nowhere']);
		for (const { download_url: url } of data?.download_urls ?? []) {
			const answer = await fetch(url!);
			expect(Buffer.from(await answer.arrayBuffer())).toEqual(content);
		}
		expect(sandbox.tokenLeaks).toEqual([]);
	});

	it('threads: listed, read, changed and trashed', async () => {
		const path = { user_mailbox_id: sandbox.mailbox.address };
		const { userMailboxThread: threads } = sdk.mail.v1;
		const first = sandbox.mailbox.receive();
		const answer = sandbox.mailbox.receive({ in_reply_to: first.smtp_message_id, folder_id: 'SENT' });
		const thread_id = first.thread_id;
		const one = { ...path, thread_id: encoded(thread_id) };
		const state = () =>
			[first, answer].map(({ folder_id, label_ids }) => [folder_id, ...label_ids].join(' '));
		const list = await threads.list({ path, params: { page_size: 20, folder_id: 'INBOX' } });
		expect(list.data?.items?.map(({ id: thread }) => thread)).toEqual([thread_id]);
		expect(decoded(list.data?.items?.[0]?.body_preview)).toBe('Text of mail 2');
		const read = await threads.get({ path: one, params: { format: 'metadata' } });
		expect(read.data?.thread).toMatchObject({
			id: thread_id,
			messages: expect.arrayContaining(
				[first, answer].map(({ message_id }) => expect.objectContaining({ message_id })),
			),
		});
		const changes = { add_label_ids: ['FLAGGED'], remove_label_ids: ['UNREAD'] };
		expect((await threads.modify({ path: one, data: changes })).data).toEqual({});
		expect(state()).toEqual(['INBOX FLAGGED', 'SENT FLAGGED']);
		const archive = { thread_ids: [thread_id], add_folder: 'ARCHIVED' };
		expect((await threads.batchModify({ path, data: archive })).data).toEqual({});
		expect(state()).toEqual(['ARCHIVED FLAGGED', 'ARCHIVED FLAGGED']);
		expect((await threads.trash({ path: one })).data).toEqual({});
		expect((await threads.batchTrash({ path, data: { thread_ids: [thread_id] } })).data).toEqual({});
		expect(state()).toEqual(['TRASH FLAGGED', 'TRASH FLAGGED']);
	});

	it('a user: the mails found by a search, page by page, and the addresses', async () => {
		const path = { user_mailbox_id: 'me' };
		const { userMailbox, userMailboxSetting } = sdk.mail.v1;
		const asUser = withUserAccessToken(sandbox.issueUserTokens().access_token);
		for (let number = 0; number < 20; number++) sandbox.mailbox.receive({ subject: `报价 ${number}` });
		sandbox.mailbox.receive({ subject: '发票' });
		const data = { query: '报价', filter: { folder: ['inbox'], is_unread: true } };
		const first = await userMailbox.search({ path, data, params: { page_size: 15 } }, asUser);
		const { items = [], total, has_more, page_token } = first.data ?? {};
		expect([items.length, total, has_more]).toEqual([15, 20, true]);
		const rest = await userMailbox.search({ path, data, params: { page_size: 15, page_token } }, asUser);
		expect([...items, ...rest.data!.items].map(({ meta_data }) => meta_data?.message_biz_id)).toEqual(
			sandbox.mailbox.messages
				.slice(0, 20)
				.map(({ message_id }) => message_id)
				.reverse(),
		);
		const profile = await userMailbox.profile({ path }, asUser);
		expect(profile.data?.primary_email_address).toBe(sandbox.mailbox.address);
		const accessible = await userMailbox.accessibleMailboxes({ path }, asUser);
		expect(accessible.data?.accessible_mailboxes).toEqual([
			{ email_address: sandbox.mailbox.address, email_type: 'USER_PRIMARY' },
		]);
		const sendable = await userMailboxSetting.sendAs({ path }, asUser);
		expect(sendable.data?.sendable_addresses).toEqual([
			{ email_address: sandbox.mailbox.address, email_type: 'USER_PRIMARY', name: sandbox.user.name },
		]);
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
		const { domain: url } = new Client({
			appId: 'cli_x',
			appSecret: 'x',
			domain,
			loggerLevel: LoggerLevel.error,
		});
		expect(url).toBe(apiBaseUrl({ region }));
	});
});
