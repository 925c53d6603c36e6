import type { AxiosInstance } from 'axios';

import { Sandbox } from './index';
import { connect, mailboxPath, outcome, signIn, exchangePath } from './client';

let sandbox: Sandbox;
let client: AxiosInstance;

beforeEach(async () => {
	sandbox = await Sandbox.start();
	client = await signIn(sandbox);
});
afterEach(async () => await sandbox.close());

const contact = { name: 'Ann' };

describe('authorization', () => {
	it.each([
		['no header', undefined, 99991661],
		['a token without "Bearer"', 't-1234', 99991661],
		['"Bearer" without a token', 'Bearer ', 99991661],
		['an unknown tenant token', 'Bearer t-1234', 99991663],
		['a made-up user token', 'Bearer u-1234', 99991668],
		['a made-up user token of the new form', 'Bearer eyJhbGciOi', 99991668],
		['a made-up app token', 'Bearer a-1234', 99991664],
		['a token of no known form', 'Bearer secret', 99991671],
	])('is refused for %s', async (_case, header, code) => {
		const headers = header === undefined ? {} : { Authorization: header };
		const answer = await connect(sandbox).post(mailboxPath('mail_contacts'), contact, { headers });
		expect(outcome(answer)).toEqual([400, code]);
		const logId = String(answer.headers['x-tt-logid']);
		expect(answer.data).toMatchObject({
			error: { log_id: logId, troubleshooter: expect.stringContaining(logId) as string },
		});
		expect(sandbox.mailbox.contacts).toEqual([]);
	});

	it('refuses an invalid tenant token in the form that was chosen', async () => {
		sandbox.invalidTokenAnswer = { status: 401, code: 99991665, msg: 'no' };
		const answer = await connect(sandbox, 't-1').get(mailboxPath('labels'));
		expect(outcome(answer)).toEqual([401, 99991665]);
		expect(answer.data).toMatchObject({ msg: 'no' });
	});

	it('comes before everything else about a request', async () => {
		const answer = await connect(sandbox).post(mailboxPath('labels', 'nobody@example.com'), {});
		expect(outcome(answer)).toEqual([400, 99991661]);
	});
});

describe('scopes', () => {
	it('names the alternatives when none of them is held', async () => {
		sandbox.app.scopes.clear();
		const answer = await client.get(mailboxPath('mail_contacts'));
		expect(outcome(answer)).toEqual([400, 99991672]);
		const scopes = ['mail:user_mailbox.mail_contact:read', 'mail:user_mailbox.mail_contact:write'];
		expect(answer.data).toMatchObject({
			msg: expect.stringContaining(
				`One of the following scopes is required: [${scopes.join(', ')}]`,
			) as string,
			error: {
				log_id: answer.headers['x-tt-logid'],
				permission_violations: scopes.map((subject) => ({ type: 'action_scope_required', subject })),
			},
		});
	});

	it.each([
		['mail:user_mailbox.mail_contact:read', 200, 400],
		['mail:user_mailbox.mail_contact:write', 200, 200],
	])('%s lists contacts with HTTP %i and creates one with HTTP %i', async (scope, listed, created) => {
		sandbox.app.scopes.clear();
		sandbox.app.scopes.add(scope);
		const list = await client.get(mailboxPath('mail_contacts'), { params: { page_size: 1 } });
		const create = await client.post(mailboxPath('mail_contacts'), contact);
		expect([list.status, create.status]).toEqual([listed, created]);
	});
});

describe('mailboxes', () => {
	it.each([
		['mail_contacts', 'nobody@example.com', 1230001],
		['labels', 'nobody@example.com', 1234013],
		['mail_contacts', 'asleep@example.com', 1230001],
		['labels', 'asleep@example.com', 1234013],
		['mail_contacts', 'foreign@example.com', 1230001],
		['labels', 'foreign@example.com', 1234013],
		['mail_contacts', 'me', 1230005],
		['labels', 'me', 1230005],
		['labels', 'a/b', 1234013],
	] as const)('%s of %s answers HTTP 400, %i', async (resource, mailbox, code) => {
		sandbox.tenant.addMailbox('asleep@example.com', { active: false });
		sandbox.addTenant().addMailbox('foreign@example.com');
		const answer = await client.post(mailboxPath(resource, mailbox), { ...contact, label: contact });
		expect(outcome(answer)).toEqual([400, code]);
		expect(sandbox.requests.at(-1)).toMatchObject({ executed: false, code });
	});

	it('are shut without data permission, with the code of the endpoint', async () => {
		const other = sandbox.tenant.addMailbox('other@example.com');
		sandbox.app.dataPermission = new Set([other.address]);
		expect(outcome(await client.post(mailboxPath('mail_contacts'), contact))).toEqual([403, 1230002]);
		expect(outcome(await client.post(mailboxPath('labels'), { label: contact }))).toEqual([403, 1234030]);
		const allowed = await client.post(mailboxPath('mail_contacts', other.address), contact);
		expect(outcome(allowed)).toEqual([200, 0]);
		expect([sandbox.mailbox.contacts.length, other.contacts.length]).toEqual([0, 1]);
	});

	it('belong to the tenant of the app that asks', async () => {
		const tenant = sandbox.addTenant();
		const mailbox = tenant.addMailbox('foreign@example.com');
		const foreigner = await signIn(sandbox, tenant.addApp());
		await foreigner.post(mailboxPath('mail_contacts', mailbox.address), contact);
		expect(mailbox.contacts).toMatchObject([contact]);
		expect(outcome(await foreigner.get(mailboxPath('labels')))).toEqual([400, 1234013]);
	});

	it('are found by the decoded path, and the raw path is what is recorded', async () => {
		const mailbox = sandbox.tenant.addMailbox('a+b/ü@example.com');
		const path = mailboxPath('mail_contacts', mailbox.address);
		expect((await client.post(path, contact)).status).toBe(200);
		expect(mailbox.contacts).toHaveLength(1);
		expect(sandbox.requests.at(-1)).toMatchObject({ path, api: 'mail.contact.create', executed: true });
	});
});

describe('paths', () => {
	it.each([
		['GET', exchangePath],
		['POST', '/open-apis/nonexistent/v1/foo'],
		['PUT', mailboxPath('labels')],
		['OPTIONS', mailboxPath('labels')],
		['POST', `${mailboxPath('labels')}/`],
		['POST', mailboxPath('labels').toUpperCase()],
		['POST', '/open-apis/mail/v1/user_mailboxes//labels'],
	])('%s %s is a plain 404', async (method, url) => {
		const answer = await client.request({ method, url, data: { label: contact } });
		expect([answer.status, answer.data]).toEqual([404, '404 page not found']);
		expect(answer.headers['content-type']).toBe('text/plain');
		expect(sandbox.requests.at(-1)).toMatchObject({ method, path: url, api: undefined, status: 404 });
	});

	it('that cannot be decoded are refused', async () => {
		const answer = await client.post('/open-apis/mail/v1/user_mailboxes/%zz/labels', { label: contact });
		expect([answer.status, answer.data]).toEqual([400, '400 Bad Request']);
		expect(sandbox.requests.at(-1)).toMatchObject({ status: 400, executed: false });
	});
});

describe('bodies', () => {
	it.each([
		['another content type', 'text/plain', '{"name":"Ann"}', 'Content-Type'],
		['a content type that only begins like JSON', 'application/jsonp', '{"name":"Ann"}', 'Content-Type'],
		['broken JSON', 'application/json', '{"name":', 'body'],
		['an empty body', 'application/json', '', 'body'],
		['an array', 'application/json', '[]', 'body'],
	])('are refused: %s', async (_case, contentType, body, field) => {
		const answer = await client.post(mailboxPath('mail_contacts'), body, {
			headers: { 'Content-Type': contentType },
			transformRequest: [(text: string) => text],
		});
		expect(outcome(answer)).toEqual([400, 99992402]);
		expect(answer.data).toMatchObject({ error: { field_violations: [{ field }] } });
	});

	it('are taken as JSON with and without a charset', async () => {
		for (const type of [
			'application/json',
			'application/json; charset=utf-8',
			'Application/JSON;charset=UTF-8',
		]) {
			const headers = { 'Content-Type': type };
			expect((await client.post(mailboxPath('mail_contacts'), contact, { headers })).status).toBe(200);
		}
	});
});

describe('request log', () => {
	it('holds what was sent and what became of it', async () => {
		const url = `${mailboxPath('labels')}?a=1&b=2&b=3`;
		await client.post(url, { label: { name: 'Büro' } });
		const [, record] = sandbox.requests;
		expect(record).toMatchObject({
			api: 'mail.label.create',
			method: 'POST',
			path: mailboxPath('labels'),
			query: { a: '1', b: ['2', '3'] },
			headers: { authorization: expect.stringMatching(/^Bearer t-/) as string },
			rawBody: '{"label":{"name":"Büro"}}',
			body: { label: { name: 'Büro' } },
			status: 200,
			code: 0,
			executed: true,
		});
		expect(sandbox.requestsTo('mail.label.create')).toEqual([record]);
		expect(sandbox.requestsTo('mail.label.list')).toEqual([]);
	});

	it('forgets the oldest requests beyond its limit', async () => {
		sandbox.requestLimit = 10;
		for (let n = 0; n < 15; n += 1) await client.get(`/${n}`);
		expect(sandbox.requests.length).toBeLessThanOrEqual(11);
		expect(sandbox.requests.at(-1)?.path).toBe('/14');
	});
});
