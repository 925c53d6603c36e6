import { fillPath } from '../../nodes/FeishuMail/transport/endpoint';

const path = '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/labels';
const fill = (value: string) => fillPath(path, { user_mailbox_id: { displayName: 'Mailbox', value } });

describe('fillPath', () => {
	it.each([
		['anna@example.com', 'anna%40example.com'],
		['a+b@example.com', 'a%2Bb%40example.com'],
		['a/b@example.com', 'a%2Fb%40example.com'],
		['50%@example.com', '50%25%40example.com'],
		['%2e%2e', '%252e%252e'],
		['张三@例子.公司', encodeURIComponent('张三@例子.公司')],
		['😀@example.com', encodeURIComponent('😀@example.com')],
		['a?b#c', 'a%3Fb%23c'],
		['a b', 'a%20b'],
		['..a', '..a'],
		['...', '...'],
	])('encodes %j as one segment', (value, segment) => {
		expect(fill(value)).toBe(`/open-apis/mail/v1/user_mailboxes/${segment}/labels`);
		expect(decodeURIComponent(segment)).toBe(value);
	});

	it.each(['..', '.', 'a/../b', '../b', 'a/..', './b', 'a\\..\\b', ' .. ', 'a/ .. /b', '\ud800'])(
		'refuses %j, which would change the path',
		(value) => {
			expect(() => fill(value)).toThrow("'Mailbox' cannot be part of an address");
		},
	);

	it.each(['', ' ', '\t\n'])('refuses %j as empty', (value) => {
		expect(() => fill(value)).toThrow("'Mailbox' is empty");
	});

	it('fills several parameters', () => {
		const parameter = (value: string) => ({ displayName: 'Id', value });
		expect(fillPath('/a/:one/b/:two', { one: parameter('1'), two: parameter('2') })).toBe('/a/1/b/2');
	});
});
