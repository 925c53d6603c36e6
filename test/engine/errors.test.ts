import type { INodeCredentialsDetails } from 'n8n-workflow';

import { issuedTo } from '../../nodes/FeishuMail/transport/tenantAccessToken';
import type { ApiName, Fault } from '../sandbox';
import { appWithout, credentialOf, engine, run, sandbox } from './stage';

const resources = { contact: 'mail.contact.create', label: 'mail.label.create' } as const;
type Resource = keyof typeof resources;

/** Creates one thing and gives the error. */
const failure = async (
	resource: Resource,
	change: {
		name?: string;
		userMailboxId?: string;
		credential?: INodeCredentialsDetails;
	} = {},
) => {
	const { credential, ...parameters } = change;
	const { error, record } = await run(resource, 'create', { name: 'Anna', ...parameters }, { credential });
	expect(error).toBeDefined();
	expect(record).not.toContain(sandbox.app.secret);
	return error!;
};

const failureWith = async (resource: Resource, fault: Fault) => {
	sandbox.fail({ api: resources[resource], with: fault });
	return await failure(resource);
};

describe.each<[Resource, number, number, string, string]>([
	[
		'contact',
		400,
		1230001,
		'parameter error',
		'Feishu does not know the mailbox, or does not accept a value of the contact',
	],
	['contact', 403, 1230002, 'no permission', 'data permission for mailbox contacts'],
	['label', 400, 1234000, 'invalid params', 'Feishu does not accept a value of the label'],
	['label', 403, 1234030, 'permission deny', 'mail:user_mailbox.message:modify'],
	[
		'label',
		400,
		1234013,
		'user mailbox not found',
		"Feishu finds no active mailbox with this address: check 'Mailbox'",
	],
	['label', 400, 1230101, 'label name already exists', 'A label with this name exists already'],
	['label', 400, 1230102, 'label count exceeds the limit', 'as many labels as Feishu allows'],
	['label', 400, 1230103, 'label name is reserved by system', 'Feishu uses this name for a label of its own'],
	[
		'contact',
		400,
		99991672,
		'Access denied',
		"add mail:user_mailbox.mail_contact:write under 'Permissions & Scopes'",
	],
	[
		'label',
		400,
		99991672,
		'Access denied',
		"add mail:user_mailbox.message:modify under 'Permissions & Scopes'",
	],
	['contact', 400, 99991676, 'no permission', 'The app lacks a permission'],
	['contact', 400, 99991679, 'no user permission', "see that 'Scopes' of the credential holds"],
	['contact', 400, 99991662, 'app stopped', 'The app is stopped'],
	['contact', 400, 99991673, 'app not installed', 'not installed in this organisation'],
	['contact', 400, 99991401, 'ip denied', 'IP allow list'],
	['contact', 400, 99991403, 'quota', 'monthly quota'],
	['contact', 400, 99992402, 'field validation failed', 'Feishu does not accept a value of the request'],
	['contact', 400, 1230005, 'tenant access token not support me', "'me' works with a user's credential only"],
	['contact', 400, 424242, 'tea break', 'its answer says why'],
])('%s create: HTTP %d with code %d', (resource, status, code, msg, words) => {
	it.each([status, 200])('says what to do, also with HTTP %d', async (httpCode) => {
		const error = await failureWith(resource, { status: httpCode, code, msg });
		expect(error.name).toBe('NodeApiError');
		expect(error.message).toContain(words);
		expect(error.description).toContain(`Feishu's answer: ${msg} (code ${code}, HTTP ${httpCode}, log id `);
		expect(error).toMatchObject({ httpCode: String(httpCode), context: { itemIndex: 0 } });
		expect(error.context.details).toMatchObject({ code, httpCode, logId: expect.stringMatching(/\w+/) });
	});
});

describe('an internal fault of Feishu’s', () => {
	it('in contact create says that the outcome is unknown and what to check, and Feishu’s advice', async () => {
		const error = await failureWith('contact', { status: 500, code: 1230003, msg: 'internal error' });
		expect(error.message).toContain('It is unknown whether Feishu carried out the request');
		expect(error.message).toContain('address book');
		expect(error.description).toContain('internal fault');
		expect(error.description).toContain('internal error (code 1230003, HTTP 500');
		expect(error.description).toContain('Retry On Fail');
		expect(sandbox.requestsTo(resources.contact)).toHaveLength(1);
	});

	it('each time in label create says that nothing was created, and Feishu’s advice', async () => {
		const fault = { status: 500, code: 1234017, msg: 'internal error' };
		sandbox.fail({ api: resources.label, on: () => true, with: fault });
		const error = await failure('label');
		expect(error.message).toBe(
			'Feishu could not process the request because of an internal fault, and nothing was created: run it again later',
		);
		expect(error.description).toContain('internal error (code 1234017, HTTP 500');
		expect(error.context.details).toMatchObject({ code: 1234017, httpCode: 500 });
		expect(sandbox.requestsTo(resources.label)).toHaveLength(3);
	});
});

describe('an answer that is not Feishu’s', () => {
	it.each<[string, Fault, string[]]>([
		['HTML with HTTP 200', { kind: 'html', status: 200 }, ['unknown whether', 'not in its JSON form']],
		['HTML with HTTP 502', { kind: 'html', status: 502 }, ['unknown whether', 'HTTP 502']],
		['HTML with HTTP 403', { kind: 'html', status: 403 }, ["did not come from Feishu's API (HTTP 403"]],
		[
			'HTML with HTTP 413',
			{ kind: 'html', status: 413 },
			['does not let through so much at a time', 'send fewer or smaller files'],
		],
		[
			'plain text with HTTP 404',
			{ status: 404, body: '404 page not found' },
			['does not know this address', "'Base URL'"],
		],
		['JSON cut off', { kind: 'truncated' }, ['unknown whether']],
		['cut off before its length', { kind: 'truncated', how: 'length' }, ['unknown whether']],
		['JSON without a code', { kind: 'drop-code' }, ['unknown whether']],
		['JSON with a code in quotes', { body: '{"code":"0","data":{}}' }, ['unknown whether']],
		['empty', { body: '' }, ['unknown whether']],
		['a list', { body: '[]' }, ['unknown whether']],
		[
			'a redirect',
			{ status: 302, headers: { location: 'https://example.com/' }, body: '' },
			['redirects', 'HTTP 302'],
		],
	])('%s is never a success', async (_, fault, words) => {
		const error = await failureWith('contact', fault);
		const text = `${error.message} ${error.description ?? ''}`;
		for (const part of words) expect(text).toContain(part);
	});

	it.each([
		'{"code":0}',
		'{"code":0,"data":{}}',
		'{"code":0,"data":null}',
		'{"code":0,"data":{"mail_contact":null}}',
		'{"code":0,"data":{"mail_contact":"x"}}',
	])('%s reports success without the contact, which is named as such', async (body) => {
		const error = await failureWith('contact', { body });
		expect(error.description).toContain('Feishu reports success, but its answer holds no mail_contact');
		expect(error.message).toContain('address book');
	});
});

describe('no answer', () => {
	it.each<[string, Fault, number]>([
		['a reset before the request was carried out', { kind: 'reset', when: 'before' }, 0],
		['a reset after the request was carried out', { kind: 'reset', when: 'after' }, 1],
	])('%s: the outcome is unknown, and the request is not sent again', async (_, fault, created) => {
		const error = await failureWith('contact', fault);
		expect(error.message).toContain(
			'It is unknown whether Feishu carried out the request: check whether the contact',
		);
		expect(error.description).toContain('The connection was closed before an answer came');
		expect(sandbox.requestsTo('mail.contact.create')).toHaveLength(1);
		expect(sandbox.mailbox.contacts).toHaveLength(created);
	});

	it('a refused connection: nothing was sent', async () => {
		const credential = await engine.addCredential();
		await run('label', 'create', { name: 'x' }, { credential });
		const stored = { ...(await engine.credentials.read(credential)), baseUrl: 'http://127.0.0.1:9' };
		await engine.credentials.change(credential, { baseUrl: stored.baseUrl, issuedTo: issuedTo(stored) });
		const error = await failure('contact', { credential });
		expect(error.message).toContain('The server refused the connection');
		expect(error.description).toContain('The request was not sent.');
	});
});

describe('what Feishu itself finds', () => {
	it('a mailbox of another organisation is not found', async () => {
		const error = await failure('label', {
			userMailboxId: sandbox.addTenant().addMailbox('far@example.com').address,
		});
		expect(error.message).toContain('no active mailbox with this address');
	});

	it('a mailbox that is not active is not found', async () => {
		const { address } = sandbox.tenant.addMailbox('asleep@example.com', { active: false });
		expect((await failure('label', { userMailboxId: address })).context.details).toMatchObject({
			code: 1234013,
		});
	});

	it.each<[Resource, string, ApiName]>([
		['contact', 'mail:user_mailbox.mail_contact:write', 'mail.contact.create'],
		['label', 'mail:user_mailbox.message:modify', 'mail.label.create'],
	])('%s create without its scope names the scope', async (resource, scope) => {
		const error = await failure(resource, { credential: await appWithout(scope) });
		expect(error.context.details).toMatchObject({ code: 99991672 });
		expect(error.message).toContain(scope);
		expect(error.description).toContain(`Missing permission: ${scope}`);
	});

	it('is short in the description, and whole where n8n shows details: the addresses alone', async () => {
		const app = sandbox.tenant.addApp({ scopes: [] });
		const { description, context } = await failure('contact', { credential: await credentialOf(app) });
		const scope = 'mail:user_mailbox.mail_contact:write';
		const { logId } = context.details as { logId: string };
		expect(description).toBe(
			`Feishu's answer: Access denied. One of the following scopes is required: [${scope}] (code 99991672, HTTP 400, log id ${logId}).\nMissing permission: ${scope}.`,
		);
		expect(context.data).toEqual({
			code: 99991672,
			httpCode: 400,
			logId,
			message: expect.stringMatching(/^Access denied.*应用尚未开通.*：\.\.\.$/),
			troubleshooter: `https://open.feishu.cn/search?from=openapi&log_id=${logId}&code=99991672`,
			links: [`https://open.feishu.cn/app/${app.id}/auth?q=${scope}&op_from=openapi&token_type=tenant`],
		});
	});

	it.each<[Resource, number]>([
		['contact', 1230002],
		['label', 1234030],
	])('%s create without the data permission says where to grant it', async (resource, code) => {
		const app = sandbox.tenant.addApp({ dataPermission: new Set() });
		const error = await failure(resource, { credential: await credentialOf(app) });
		expect(error.context.details).toMatchObject({ code, httpCode: 403 });
		expect(error.message).toContain('data permission');
		expect(error.message).toContain('developer console');
	});

	it('a label name that exists already', async () => {
		await run('label', 'create', { name: 'Twice' });
		expect((await failure('label', { name: 'Twice' })).context.details).toMatchObject({ code: 1230101 });
	});

	it('a credential that was never chosen', async () => {
		const credential = { id: null, name: 'none' };
		const { error } = await run('contact', 'create', { name: 'Anna' }, { credential });
		expect(error).toBeDefined();
	});
});
