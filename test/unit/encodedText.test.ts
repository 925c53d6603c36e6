import { decodeText } from '../../nodes/FeishuMail/mime/encodedText';
import fc from 'fast-check';

const encode = (text: string) => Buffer.from(text).toString('base64url');

const padded = (encoded: string) => encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=');

describe('a text of a mail', () => {
	it.each([
		'',
		'a',
		'ab',
		'abc',
		'您好，世界',
		'😀 ~~~???>>>',
		'<p>Ünïcode &amp; more</p>',
		'line\r\nline\tend',
		'\u0000\u0001',
		'a broken \uFFFD letter',
		'\uFFFD',
		'x'.repeat(100_000),
	])('%# is decoded, with padding and without', (text) => {
		expect(decodeText(encode(text))).toBe(text);
		expect(decodeText(padded(encode(text)))).toBe(text);
		// The alphabet of plain base64.
		expect(decodeText(Buffer.from(text).toString('base64'))).toBe(text);
	});

	it('whatever it is', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme' }), (text) => {
				expect(decodeText(encode(text))).toBe(text.toWellFormed());
			}),
		);
	});

	it.each([
		'Hello',
		'Hello, world',
		'您好',
		'Quarterly report',
		'test',
		'Invoice',
		'OK',
		'a',
		'<p>Hi</p>',
		'a=b',
		'x==',
		'Re: hello',
		'12:30',
	])('%j, which is not encoded, stays as it is', (text) => {
		expect(decodeText(text)).toBe(text);
	});

	it('in another encoding than UTF-8 is decoded as far as it goes', () => {
		const bytes = Buffer.concat([Buffer.from('x'.repeat(80)), Buffer.from([0xc4, 0xe3])]);
		expect(decodeText(bytes.toString('base64url'))).toBe(`${'x'.repeat(80)}\uFFFD\uFFFD`);
	});

	it('is decoded once: what is base64 in the mail itself stays', () => {
		expect(decodeText(encode(encode('secret')))).toBe(encode('secret'));
	});

	it('of as many signs of padding as a mail can hold takes no time', () => {
		const text = `a${'='.repeat(200_000)}b`;
		const from = performance.now();
		expect(decodeText(text)).toBe(text);
		expect(performance.now() - from).toBeLessThan(500);
	});
});
