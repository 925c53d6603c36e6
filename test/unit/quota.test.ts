import type { Answer } from '../../nodes/FeishuMail/transport/answer';
import { clock } from '../../nodes/FeishuMail/transport/clock';
import { isQuotaRefusal, Quota } from '../../nodes/FeishuMail/transport/quota';

let now = 0;

beforeEach(() => {
	now = 1_000_000;
	jest.spyOn(clock, 'elapsed').mockImplementation(() => now);
});

afterEach(() => jest.restoreAllMocks());

/** A quota that is refused by an answer which came after so many milliseconds, and says so many seconds. */
async function refusedQuota({ seconds, travel }: { seconds: string; travel: number }): Promise<Quota> {
	const quota = new Quota();
	const sentAt = now;
	const answer: Answer = { httpCode: 429, code: 99991400, body: {}, quotaReset: seconds };
	now += travel;
	await quota.follow(Promise.resolve({ answer, sentAt, token: '' }), 0);
	return quota;
}

/** When the next request is sent. */
const nextSending = (quota: Quota) => now + quota.opensIn;

describe('the wait for a quota', () => {
	it('ends at another moment for each of the executions that were refused together', async () => {
		const quotas = await Promise.all(
			Array.from({ length: 10 }, async () => await refusedQuota({ seconds: '60', travel: 0 })),
		);
		expect(new Set(quotas.map(nextSending)).size).toBe(10);
	});

	it('is long enough where the next request is on its way for a little less time than the fastest', async () => {
		jest.spyOn(Math, 'random').mockReturnValue(0);
		const answered = now + 500;
		const quota = await refusedQuota({ seconds: '10', travel: 1000 });
		expect(nextSending(quota) + 0.985 * 500).toBeGreaterThan(answered + 10_000);
	});

	it('is not longer than the way allows: far-away servers get the whole quota', async () => {
		jest.spyOn(Math, 'random').mockReturnValue(0);
		const answered = now + 500;
		const quota = await refusedQuota({ seconds: '10', travel: 1000 });
		expect(nextSending(quota) + 500).toBeLessThan(answered + 10_000 + 30);
	});

	it('reckons with the fastest request so far, not with the slow one that was refused', async () => {
		jest.spyOn(Math, 'random').mockReturnValue(0);
		const quota = new Quota();
		const passed: Answer = { httpCode: 200, code: 0, body: {} };
		await quota.follow(Promise.resolve({ answer: passed, sentAt: now - 600, token: '' }), 0);
		const refusal: Answer = { httpCode: 429, code: 99991400, body: {}, quotaReset: '10' };
		await quota.follow(Promise.resolve({ answer: refusal, sentAt: now - 5000, token: '' }), 0);
		expect(quota.opensIn).toBeGreaterThanOrEqual(10_000 - 600);
	});

	it('is long enough for a server whose clock and header are cut to whole milliseconds', async () => {
		jest.spyOn(Math, 'random').mockReturnValue(0);
		// The window really ends at ...10_000.9; the server sees only whole milliseconds of its clock.
		const windowEnd = now + 10_000.9;
		const quota = await refusedQuota({ seconds: (Math.floor(windowEnd - now) / 1000).toFixed(3), travel: 0 });
		expect(Math.floor(nextSending(quota))).toBeGreaterThanOrEqual(windowEnd);
	});
});

describe('a quota that let five requests through and refused the sixth', () => {
	const reply = (answer: Partial<Answer>) => ({
		answer: { httpCode: 200, body: {}, ...answer },
		sentAt: now,
		token: '',
	});
	const pass = async (quota: Quota) => await quota.follow(Promise.resolve(reply({ code: 0 })), 0);
	const refuse = async (quota: Quota) =>
		await quota.follow(Promise.resolve(reply({ code: 99991400, quotaReset: '1' })), 0);
	const send = (quota: Quota) => void quota.follow(new Promise<never>(() => {}), 0);
	let quota: Quota;

	beforeEach(async () => {
		quota = new Quota();
		for (let sent = 0; sent < 5; sent++) await pass(quota);
		await refuse(quota);
	});

	/** How many requests may be under way until one must be waited for. */
	const room = () => {
		let sent = 0;
		for (; !quota.isFull && sent < 100; sent++) send(quota);
		return sent;
	};

	it('is full when six are under way', () => {
		expect(room()).toBe(6);
	});

	it('takes as many again and one more once six have passed', async () => {
		for (let sent = 0; sent < 6; sent++) await pass(quota);
		expect(room()).toBe(7);
	});

	it('is full again when six are under way, although all of the next opening was refused', async () => {
		await refuse(quota);
		expect(room()).toBe(6);
	});

	it('is full when six are under way, also where the refusal of an older one comes late', async () => {
		quota = new Quota();
		let refuseLate: (late: ReturnType<typeof reply>) => void = () => {};
		const late = quota.follow(new Promise<ReturnType<typeof reply>>((resolve) => (refuseLate = resolve)), 0);
		for (let sent = 0; sent < 5; sent++) await pass(quota);
		await refuse(quota);
		for (let sent = 0; sent < 4; sent++) send(quota);
		refuseLate(reply({ code: 99991400, quotaReset: '1' }));
		await late;
		expect(room()).toBe(2);
	});

	it('opens no earlier because a request that was refused later is told a shorter wait', async () => {
		const reset = (quotaReset: string) => Promise.resolve(reply({ code: 99991400, quotaReset }));
		await quota.follow(reset('60'), 0);
		await quota.follow(reset('1'), 0);
		expect(quota.opensIn).toBeGreaterThan(59_000);
	});

	it('is full earlier when others leave less of it', async () => {
		for (let sent = 0; sent < 2; sent++) await pass(quota);
		await refuse(quota);
		expect(room()).toBe(3);
	});
});

describe('isQuotaRefusal', () => {
	it.each<[string, Partial<Answer>, boolean]>([
		['the quota of an API', { code: 99991400, httpCode: 400 }, true],
		['calls of one user, one by one', { code: 1236006, httpCode: 200 }, true],
		['HTTP 429 without a code', { httpCode: 429 }, true],
		['HTTP 429 with a code nobody knows', { code: 11232, httpCode: 429 }, true],
		['success', { code: 0, httpCode: 429 }, false],
		['the quota of a day', { code: 1236007, httpCode: 429 }, false],
		['the quota of a month, HTTP 429', { code: 99991403, httpCode: 429 }, false],
		['the quota of a month, HTTP 400', { code: 99991403, httpCode: 400 }, false],
		['a missing permission', { code: 99991672, httpCode: 429 }, false],
	])('%s: %o is %s', (_, answer, expected) => {
		expect(isQuotaRefusal({ httpCode: 200, body: {}, ...answer })).toBe(expected);
	});
});
