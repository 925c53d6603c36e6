import type { AxiosInstance } from 'axios';

import type { Fault } from './index';
import { Sandbox } from './index';
import { mailboxPath, outcome, signIn } from './client';

let sandbox: Sandbox;
let client: AxiosInstance;

beforeEach(async () => {
	sandbox = await Sandbox.start();
	client = await signIn(sandbox);
});
afterEach(async () => await sandbox.close());

const create = async (name = 'Ann') => await client.post(mailboxPath('mail_contacts'), { name });
const list = async () => await client.get(mailboxPath('labels'));
const errorCode = async (request: Promise<unknown>) =>
	await request.then(
		() => 'answered',
		(error: { code?: string }) => error.code,
	);

describe('which requests a fault meets', () => {
	const fault: Fault = { code: 1230003, status: 500 };
	const pattern = async (requests: number) => {
		const statuses: number[] = [];
		for (let n = 0; n < requests; n += 1) statuses.push((await create()).status);
		return statuses.map((status) => (status === 500 ? 'x' : '.')).join('');
	};

	it.each<[string, Omit<Parameters<Sandbox['fail']>[0], 'with'>, string]>([
		['the next one by default', {}, 'x....'],
		['the next two', { times: 2 }, 'xx...'],
		['the third', { on: 3 }, '..x..'],
		['the second and the fourth', { on: [2, 4] }, '.x.x.'],
		['every odd one', { on: (n) => n % 2 === 1 }, 'x.x.x'],
		['every odd one, twice', { on: (n) => n % 2 === 1, times: 2 }, 'x.x..'],
		['all', { times: Infinity }, 'xxxxx'],
		['those of one API', { api: 'mail.contact.create', on: 2 }, '.x...'],
		['none of another API', { api: 'mail.label.create' }, '.....'],
		['those of one mailbox', { mailbox: 'user@example.com' }, 'x....'],
		['none of another mailbox', { mailbox: 'other@example.com' }, '.....'],
	])('%s', async (_case, options, expected) => {
		const handle = sandbox.fail({ ...options, with: fault });
		expect(await pattern(5)).toBe(expected);
		expect(handle.fired).toBe([...expected].filter((mark) => mark === 'x').length);
	});

	it('queues faults for the next request', async () => {
		sandbox.fail({ with: { code: 1 } });
		sandbox.fail({ with: { code: 2 } });
		expect([(await list()).data, (await list()).data, (await list()).data]).toMatchObject([
			{ code: 1 },
			{ code: 2 },
			{ code: 0 },
		]);
	});

	it('ends with clearFaults and cancel', async () => {
		sandbox.fail({ times: Infinity, with: fault });
		sandbox.clearFaults();
		sandbox.fail({ times: Infinity, with: fault }).cancel();
		expect(await pattern(2)).toBe('..');
	});
});

describe('answers in place of the real one', () => {
	it.each<[string, Fault, number, unknown]>([
		['a code', { code: 1230003, msg: 'm', status: 500 }, 500, { code: 1230003, msg: 'm' }],
		['a code with the usual status', { code: 1230001 }, 400, { code: 1230001 }],
		['a rate limit', { code: 99991400, msg: 'slow' }, 429, { code: 99991400, msg: 'slow' }],
		['success without data', { code: 0, data: {} }, 200, { code: 0, msg: 'success', data: {} }],
		['a verbatim body', { status: 503, body: '{"a":1}' }, 503, { a: 1 }],
		['bytes', { body: Buffer.from('[1]') }, 200, [1]],
		['an empty body', { body: '' }, 200, ''],
		['a status alone', { status: 504 }, 504, 504],
		['a page', { kind: 'html' }, 502, expect.stringContaining('<html>')],
		['a page with a status', { kind: 'html', status: 200 }, 200, expect.stringContaining('<html>')],
		['no code', { kind: 'drop-code', after: false }, 200, { msg: 'success', data: {} }],
	])('%s', async (_case, fault, status, body) => {
		sandbox.fail({ with: fault });
		const answer = await create();
		expect(answer.status).toBe(status);
		if (typeof body === 'object' && body !== null && 'code' in body) expect(answer.data).toMatchObject(body);
		else expect(answer.data).toEqual(body);
		expect(sandbox.mailbox.contacts).toEqual([]);
		expect(sandbox.requests.at(-1)).toMatchObject({ status, executed: false });
	});

	it('carry headers, content type and error as asked', async () => {
		sandbox.fail({
			with: { status: 302, headers: { location: '/x' }, contentType: 'text/x', body: 'moved' },
		});
		const moved = await list();
		expect([moved.status, moved.headers.location, moved.headers['content-type']]).toEqual([
			302,
			'/x',
			'text/x',
		]);
		sandbox.fail({ with: { code: 5, error: { log_id: 'mine' } } });
		expect((await list()).data).toEqual({ code: 5, msg: 'fault', error: { log_id: 'mine' } });
		sandbox.fail({ with: { code: 5, error: null } });
		expect((await list()).data).toEqual({ code: 5, msg: 'fault' });
		sandbox.fail({ with: { code: 5 } });
		const usual = await list();
		expect(usual.data).toMatchObject({ error: { log_id: usual.headers['x-tt-logid'] } });
	});

	it.each<[string, Fault]>([
		['an answer', { status: 500, code: 1230003, after: true }],
		['a page', { kind: 'html', after: true }],
		['a lost code', { kind: 'drop-code' }],
	])('%s can come after the work was done', async (_case, fault) => {
		sandbox.fail({ with: fault });
		expect((await create()).data).not.toHaveProperty('code', 0);
		expect(sandbox.mailbox.contacts).toHaveLength(1);
		expect(sandbox.requests.at(-1)?.executed).toBe(true);
	});

	it('a lost code leaves the rest of the real answer', async () => {
		sandbox.fail({ with: { kind: 'drop-code' } });
		const { data } = await create();
		expect(data).toEqual({ msg: 'success', data: { mail_contact: sandbox.mailbox.contacts[0] } });
	});
});

describe('broken connections', () => {
	it.each<['before' | 'after', number]>([
		['before', 0],
		['after', 1],
	])('reset %s the work: %i contacts', async (when, contacts) => {
		sandbox.fail({ with: { kind: 'reset', when } });
		expect(await errorCode(create())).toBe('ECONNRESET');
		expect(sandbox.mailbox.contacts).toHaveLength(contacts);
		expect(sandbox.requests.at(-1)).toMatchObject({ executed: contacts === 1, status: undefined });
		expect(outcome(await create())).toEqual([200, 0]);
	});

	it('truncated JSON arrives as a complete answer that does not parse', async () => {
		sandbox.fail({ with: { kind: 'truncated' } });
		const answer = await create();
		expect(answer.status).toBe(200);
		expect(answer.data).toMatch(/^\{"code":0,"msg":"success"[^]*[^}]$/);
		expect(sandbox.mailbox.contacts).toHaveLength(1);
		expect(sandbox.requests.at(-1)).toMatchObject({ status: 200, code: undefined, executed: true });
	});

	it('a truncated length breaks off in the middle of the answer', async () => {
		sandbox.fail({ with: { kind: 'truncated', how: 'length' } });
		expect(await errorCode(create())).toMatch(/ECONNRESET|ERR_BAD_RESPONSE/);
		expect(sandbox.mailbox.contacts).toHaveLength(1);
	});

	it.each([
		[undefined, 0],
		[true, 1],
	])('hang (after: %s) never answers: %i contacts', async (after, contacts) => {
		sandbox.fail({ with: { kind: 'hang', after } });
		const hanging = client.post(mailboxPath('mail_contacts'), { name: 'Ann' }, { timeout: 200 });
		expect(await errorCode(hanging)).toBe('ECONNABORTED');
		expect(sandbox.mailbox.contacts).toHaveLength(contacts);
	});

	it('close ends what hangs, waits and keeps alive', async () => {
		sandbox.fail({ with: { kind: 'hang' } });
		sandbox.fail({ with: { kind: 'delay', ms: 60_000 } });
		const broken = [errorCode(create()), errorCode(create())];
		while (sandbox.requestsTo('mail.contact.create').length < 2) await list();
		await sandbox.close();
		expect(await Promise.all(broken)).toEqual(['ECONNRESET', 'ECONNRESET']);
		expect(await errorCode(list())).toMatch(/ECONNREFUSED|ECONNRESET/);
		expect(sandbox.mailbox.contacts).toEqual([]);
		await sandbox.close();
	});
});

describe('slowness', () => {
	it.each([
		[false, 0],
		[true, 1],
	])('delay (after: %s) answers late; %i contacts meanwhile', async (after, contacts) => {
		sandbox.fail({ with: { kind: 'delay', ms: 300, after } });
		const started = Date.now();
		const answer = create();
		while (sandbox.requestsTo('mail.contact.create').length === 0) await list();
		await list();
		expect(sandbox.mailbox.contacts).toHaveLength(contacts);
		expect(outcome(await answer)).toEqual([200, 0]);
		expect(Date.now() - started).toBeGreaterThanOrEqual(295);
		expect(sandbox.mailbox.contacts).toHaveLength(1);
	});

	it('latency slows every request down', async () => {
		sandbox.latency = 100;
		const started = Date.now();
		await list();
		expect(Date.now() - started).toBeGreaterThanOrEqual(95);
	});
});
