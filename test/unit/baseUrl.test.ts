import { apiBaseUrl } from '../../nodes/FeishuMail/transport/baseUrl';

describe('apiBaseUrl', () => {
	it.each([
		['feishu', 'https://open.feishu.cn'],
		['lark', 'https://open.larksuite.com'],
	])('region %s is %s, whatever base URL was typed before', (region, url) => {
		expect(apiBaseUrl({ region, baseUrl: 'https://elsewhere.example' })).toBe(url);
	});

	it.each([
		['https://open.example.com', 'https://open.example.com'],
		['https://open.example.com/', 'https://open.example.com'],
		['  https://open.example.com//  ', 'https://open.example.com'],
		['https://open.example.com/open-apis', 'https://open.example.com'],
		['https://open.example.com/open-apis/', 'https://open.example.com'],
		['https://open.example.com:8443/feishu/open-apis/', 'https://open.example.com:8443/feishu'],
		['https://open.example.com/gate/way', 'https://open.example.com/gate/way'],
		['HTTPS://Open.Example.com', 'https://open.example.com'],
		['http://localhost:3000', 'http://localhost:3000'],
		['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
		['http://127.1.2.3', 'http://127.1.2.3'],
		['http://[::1]:3000', 'http://[::1]:3000'],
	])('custom base URL %j becomes %s', (baseUrl, url) => {
		expect(apiBaseUrl({ region: 'custom', baseUrl })).toBe(url);
	});

	it.each([
		['http://open.example.com', 'unencrypted'],
		['http://127.0.0.1.example.com', 'unencrypted'],
		['http://localhost.example.com', 'unencrypted'],
		['http://192.168.1.2', 'unencrypted'],
		['https://user@open.example.com', 'user name'],
		['https://user:pass@open.example.com', 'user name'],
		['https://open.example.com?x=1', "'?'"],
		['https://open.example.com#x', "'#'"],
		['ftp://open.example.com', 'not an address'],
		['file:///etc/passwd', 'not an address'],
		['open.example.com', 'not an address'],
		['', 'not an address'],
		['   ', 'not an address'],
	])('custom base URL %j is refused: %s', (baseUrl, reason) => {
		expect(() => apiBaseUrl({ region: 'custom', baseUrl })).toThrow(reason);
	});

	it('a custom region without a base URL is refused', () => {
		expect(() => apiBaseUrl({ region: 'custom' })).toThrow('not an address');
	});

	it('an unknown region is refused', () => {
		expect(() => apiBaseUrl({ region: 'toString' })).toThrow("'Region'");
	});
});
