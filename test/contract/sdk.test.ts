import { Client, Domain, withUserAccessToken } from '@larksuiteoapi/node-sdk';
import fc from 'fast-check';

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

/** What a server can tell of a request; the path decoded, because the SDK does not encode it. */
const seenBy = (api: ApiName) =>
	sandbox.requestsTo(api).map(({ method, path, query, body, headers }) => ({
		method,
		path: decodeURIComponent(path),
		query,
		body,
		contentType: headers['content-type'],
	}));

/** Labels are sent several at a time, so they may arrive in another order. */
const inInputOrder = (requests: ReturnType<typeof seenBy>) =>
	requests.map((request) => JSON.stringify(request)).sort();

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
