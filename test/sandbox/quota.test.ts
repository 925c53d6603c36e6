import type { AxiosInstance } from 'axios';

import { documentedQuotas, Sandbox } from './index';
import { mailboxPath, outcome, signIn } from './client';

let sandbox: Sandbox;
let client: AxiosInstance;

beforeEach(async () => {
	sandbox = await Sandbox.start({ clock: { now: () => 1_700_000_000_000 } });
	client = await signIn(sandbox);
});
afterEach(async () => await sandbox.close());

const create = async (from = client) => await from.post(mailboxPath('mail_contacts'), { name: 'Ann' });
const list = async (from = client) => await from.get(mailboxPath('labels'));

describe('quotas', () => {
	it('are off until they are set', async () => {
		const answers = await Promise.all(Array.from({ length: 40 }, async () => await create()));
		expect(answers.every(({ status }) => status === 200)).toBe(true);
	});

	it('refuse what goes over the limit, without executing it, until the window ends', async () => {
		sandbox.setQuota('mail.contact.create', { limit: 2, window: 60 });
		await create();
		sandbox.clock.advance(10_500);
		await create();
		const refused = await create();
		expect(outcome(refused)).toEqual([429, 99991400]);
		expect(refused.data).toEqual({ code: 99991400, msg: 'request trigger frequency limit' });
		expect(refused.headers).toMatchObject({
			'x-ogw-ratelimit-limit': '2',
			'x-ogw-ratelimit-reset': '49.5',
			'x-tt-logid': expect.any(String) as string,
		});
		expect(sandbox.requests.at(-1)).toMatchObject({ status: 429, code: 99991400, executed: false });
		expect(sandbox.mailbox.contacts).toHaveLength(2);

		// Refused requests do not move the window.
		sandbox.clock.advance(49_499);
		expect((await create()).headers['x-ogw-ratelimit-reset']).toBe('0.001');
		sandbox.clock.advance(1);
		expect((await create()).status).toBe(200);
		expect((await create()).status).toBe(200);
		expect((await create()).headers['x-ogw-ratelimit-reset']).toBe('60');
	});

	it('are counted for each API and each app by itself', async () => {
		sandbox.setQuota('mail.label.list', { limit: 1, window: 1 });
		const other = await signIn(sandbox, sandbox.tenant.addApp());
		expect([(await list()).status, (await list()).status, (await list(other)).status]).toEqual([
			200, 429, 200,
		]);
		expect((await create()).status).toBe(200);
	});

	it('count requests that the mail service refuses, but not those without a valid token', async () => {
		sandbox.setQuota('mail.label.list', { limit: 1, window: 1 });
		expect((await list(await signIn(sandbox))).status).toBe(200);
		sandbox.clock.advance(1000);
		sandbox.invalidTokenAnswer = { status: 401, code: 99991663 };
		const headers = { Authorization: 'Bearer t-1' };
		expect((await client.get(mailboxPath('labels'), { headers })).status).toBe(401);
		expect(outcome(await client.get(mailboxPath('labels', 'nobody@example.com')))).toEqual([400, 1234013]);
		expect((await list()).status).toBe(429);
	});

	it.each([
		['HTTP 400 as on older APIs', { style: 400 as const }, 400, '1'],
		['another reset', { header: '0.25' }, 429, '0.25'],
		['no reset', { header: null }, 429, undefined],
	])('can refuse with %s', async (_case, form, status, reset) => {
		sandbox.setQuota('mail.label.list', { limit: 1, window: 1, ...form });
		await list();
		const refused = await list();
		expect(outcome(refused)).toEqual([status, 99991400]);
		expect(refused.headers['x-ogw-ratelimit-reset']).toBe(reset);
	});

	it('are gone when they are taken away', async () => {
		sandbox.setQuota('mail.label.list', { limit: 0, window: 1 });
		expect((await list()).status).toBe(429);
		sandbox.setQuota('mail.label.list', null);
		expect((await list()).status).toBe(200);
	});

	it('have the documented values at hand', async () => {
		expect(documentedQuotas).toMatchObject({
			'mail.mailbox.profile': { limit: 20, window: 60 },
			'mail.contact.create': { limit: 20, window: 60 },
			'mail.label.create': { limit: 5, window: 1 },
		});
		sandbox.setDocumentedQuotas();
		for (let n = 0; n < 20; n += 1) expect((await create()).status).toBe(200);
		expect((await create()).status).toBe(429);
	});
});
