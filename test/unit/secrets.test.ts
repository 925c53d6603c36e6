import { Secrets } from '../../nodes/FeishuMail/transport/secrets';

const struckOut = (shown: unknown, ...secrets: unknown[]) => {
	const known = new Secrets();
	known.add(...secrets);
	return known.strikeOut(shown);
};

describe('a secret', () => {
	it.each<[string, string, string]>([
		['as it is', 't-token', 'bad t-token here'],
		['without the blanks it is stored with', ' t-token\n', 'bad t-token here'],
		['percent-encoded', 'a/b c+d', 'bad a%2Fb%20c%2Bd here'],
		['percent-encoded in small letters', 'a/b', 'bad a%2fb here'],
		['form-encoded', "a b'c", 'bad a+b%27c here'],
		['escaped as in JSON', 'a"b\\c', 'bad a\\"b\\\\c here'],
		['with half a character', 'a\ud83d', 'bad a\ud83d here'],
		['twice', 't-1', 'bad t-1 here'],
	])('is struck out %s', (_, secret, text) => {
		expect(struckOut(text, secret)).toBe('bad *** here');
	});

	it('is struck out wholly where another one is a part of it', () => {
		expect(struckOut('t-1-2 and t-1', 't-1', 't-1-2')).toBe('*** and ***');
	});

	it('is struck out anywhere in an object, of which all else stays', () => {
		const shown = { message: 'see t-1', details: { logId: 't-1', code: 5 }, outcomeUnknown: true };
		expect(struckOut(shown, 't-1')).toEqual({
			message: 'see ***',
			details: { logId: '***', code: 5 },
			outcomeUnknown: true,
		});
	});

	it('is struck out in a list, which stays one', () => {
		expect(struckOut({ links: ['https://t-1', 5] }, 't-1')).toEqual({ links: ['https://***', 5] });
	});

	it.each(['', ' ', undefined, null, 0, {}])('%p is none', (value) => {
		expect(struckOut('a b 0', value)).toBe('a b 0');
	});

	it('is still known after others', () => {
		const known = new Secrets();
		known.add('old');
		known.add('new');
		expect(known.strikeOut('old, new')).toBe('***, ***');
	});
});
