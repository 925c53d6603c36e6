import {
	header,
	headerText,
	mailDate,
	messageId,
	messageIds,
	phrase,
	quotedFileName,
} from '../../../nodes/FeishuMail/mime/headers';

describe('a header field', () => {
	it.each([
		['Hello\r\nBcc: eve@example.net', 'Hello Bcc: eve@example.net'],
		['Hello\n\n<html>', 'Hello <html>'],
		['a\u0000b\u0007c\u0085d\u2028e\u2029f', 'a b c d e f'],
		['in\u200bvis\u200dible\ufeff', 'invisible'],
		['gpj.\u202eexe.photo\u202c \u2066x\u2069', 'gpj.exe.photo x'],
		['  around  ', 'around'],
		['half a character: \ud83d', 'half a character: \ufffd'],
		['a tab\tis a blank', 'a tab is a blank'],
	])('%j is one visible line', (value, line) => {
		expect(header('Subject', value)).toBe(`Subject: ${line}\n`);
	});

	it('is one line, however long', () => {
		expect(header('References', '<a@b> '.repeat(500)).split('\n')).toHaveLength(2);
	});
});

describe('a text', () => {
	it.each([
		['Plan for Q3: 50% "off" <now>', 'Plan for Q3: 50% "off" <now>'],
		['计划', '=?UTF-8?B?6K6h5YiS?='],
		['=?UTF-8?Q?not_meant?=', '=?UTF-8?B?PT9VVEYtOD9RP25vdF9tZWFudD89?='],
		['', ''],
	])('%j is written as %j', (text, written) => {
		expect(headerText(text)).toBe(written);
	});

	it('is encoded in words of at most 75 characters, none of which splits a character', () => {
		const text = '😀张x'.repeat(40);
		const words = headerText(text).split(' ');
		expect(words.length).toBeGreaterThan(5);
		for (const word of words) expect(word.length).toBeLessThanOrEqual(75);
		const decoded = words.map((word) => Buffer.from(word.slice(10, -2), 'base64').toString());
		expect(decoded.join('')).toBe(text);
		expect(decoded.join('')).not.toContain('\ufffd');
	});
});

it.each([
	['Ann Example', '"Ann Example"'],
	['Doe, Jane (Sales)', '"Doe, Jane (Sales)"'],
	['Jane "JD" Doe', '=?UTF-8?B?SmFuZSAiSkQiIERvZQ==?='],
	['back\\slash', '=?UTF-8?B?YmFja1xzbGFzaA==?='],
	['张三', '=?UTF-8?B?5byg5LiJ?='],
	['Ann"\r\nBcc: eve@example.net', '=?UTF-8?B?QW5uIiBCY2M6IGV2ZUBleGFtcGxlLm5ldA==?='],
])('the name %j is written as %s', (name, written) => {
	expect(phrase(name)).toBe(written);
});

it.each([
	['report.pdf', '"report.pdf"'],
	['a; b="c".txt', '"=?UTF-8?B?YTsgYj0iYyIudHh0?="'],
	['发票.pdf', '"=?UTF-8?B?5Y+R56WoLnBkZg==?="'],
])('the file name %j is written as %s', (filename, written) => {
	expect(quotedFileName(filename)).toBe(written);
});

it('a date has a numeric zone', () => {
	expect(mailDate(new Date('2026-11-24T09:00:00.123Z'))).toBe('Tue, 24 Nov 2026 09:00:00 +0000');
});

describe('a Message-ID', () => {
	it('is the same for the same facts, and an address in form', () => {
		expect(messageId(['mailbox', 'execution'])).toBe(messageId(['mailbox', 'execution']));
		expect(messageId(['mailbox'])).toMatch(/^<[0-9a-f]{40}@n8n-nodes-feishu-mail>$/);
	});

	it('is another one for other facts, and where facts are divided differently', () => {
		const ids = [['ab', 'c'], ['a', 'bc'], ['abc'], ['c', 'ab'], ['ab', 'c', '']].map(messageId);
		expect(new Set(ids).size).toBe(ids.length);
	});
});

it.each([
	['<a@b> <c@d>', ['<a@b>', '<c@d>']],
	['a@b c@d', ['<a@b>', '<c@d>']],
	['<a@b>,<c@d>, e@f', ['<a@b>', '<c@d>', '<e@f>']],
	['<a@b>\r\n\t<c@d>', ['<a@b>', '<c@d>']],
	['<a@b><c@d>', ['<a@b>', '<c@d>']],
	['<a@b> <a@b>', ['<a@b>']],
	[
		['<a@b>', 'c@d e@f'],
		['<a@b>', '<c@d>', '<e@f>'],
	],
	['<a@b>\r\nBcc:eve@example.net', ['<a@b>', '<Bcc:eve@example.net>']],
	['', []],
	[undefined, []],
])('%j holds the Message-IDs %j', (text, ids) => {
	expect(messageIds(text)).toEqual(ids);
});
