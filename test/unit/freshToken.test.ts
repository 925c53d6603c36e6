import { hasFreshToken, issuedTo } from '../../nodes/FeishuMail/transport/tenantAccessToken';

const NOW = Date.UTC(2026, 10, 22);
const MINUTE = 60_000;

const app = { region: 'feishu', appId: 'cli_one', appSecret: 'secret' };

const credential = (change: Record<string, string | number> = {}) => ({
	...app,
	accessToken: 't-1',
	issuedAt: NOW,
	expiresAt: NOW + 120 * MINUTE,
	issuedTo: issuedTo(app),
	...change,
});

describe('hasFreshToken', () => {
	const at = (milliseconds: number) => jest.spyOn(Date, 'now').mockReturnValue(NOW + milliseconds);
	afterEach(() => jest.restoreAllMocks());

	it.each([
		['just issued', 0, true],
		['more than 5 minutes left', 114 * MINUTE, true],
		['5 minutes left', 115 * MINUTE, false],
		['over', 120 * MINUTE, false],
		['the clock was set back', -10 * MINUTE, true],
	])('two hours of lifetime, %s', (_, elapsed, fresh) => {
		at(elapsed);
		expect(hasFreshToken(credential())).toBe(fresh);
	});

	it.each([
		[0, true],
		[0.9, true],
		[1, false],
	])('a lifetime of 2 minutes, %d minutes later', (minutes, fresh) => {
		at(minutes * MINUTE);
		expect(hasFreshToken(credential({ expiresAt: NOW + 2 * MINUTE }))).toBe(fresh);
	});

	it.each<[string, Record<string, string | number>]>([
		['without a token', { accessToken: '' }],
		['of another app', { appId: 'cli_two' }],
		['of another region', { region: 'lark' }],
		['of another secret', { appSecret: 'changed' }],
		['that says nothing of its app', { issuedTo: '' }],
		['whose times were never stored', { issuedAt: '', expiresAt: '' }],
	])('a credential %s has none', (_, change) => {
		at(0);
		expect(hasFreshToken(credential(change))).toBe(false);
	});
});
