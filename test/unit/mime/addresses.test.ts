import fc from 'fast-check';
import PostalMime from 'postal-mime';

import {
	distinct,
	findAddresses,
	formatAddress,
	InvalidAddress,
	readAddresses,
	without,
} from '../../../nodes/FeishuMail/mime/addresses';

/** `Jane Doe <jane@example.com>`, or the address alone. */
const shown = (value: unknown) =>
	readAddresses(value).map(({ mail_address, name }) => (name ? `${name} <${mail_address}>` : mail_address));

describe('an address list', () => {
	it.each<[string, unknown, string[]]>([
		['one address', 'jane@example.com', ['jane@example.com']],
		['a name', 'Jane Doe <jane@example.com>', ['Jane Doe <jane@example.com>']],
		['no blank before <>', 'Jane<jane@example.com>', ['Jane <jane@example.com>']],
		[
			'a quoted name with a comma',
			'"Doe, Jane" <jane@x.com>, bob@x.com',
			['Doe, Jane <jane@x.com>', 'bob@x.com'],
		],
		['escaped quotation marks', String.raw`"Jane \"JD\" Doe" <jane@x.com>`, ['Jane "JD" Doe <jane@x.com>']],
		['a name of quoted and other words', 'Dr. "Jane" O\'Neil <jane@x.com>', ["Dr. Jane O'Neil <jane@x.com>"]],
		['an address as name', 'jane@x.com <jane@x.com>', ['jane@x.com <jane@x.com>']],
		['a name in <>', '<jane@x.com>', ['jane@x.com']],
		[
			'comments',
			'jane@x.com (Jane (the) Doe), Bob (home) <bob@x.com>',
			['Jane (the) Doe <jane@x.com>', 'Bob <bob@x.com>'],
		],
		['a group', 'Team: a@x.com, B <b@x.com>; c@x.com', ['a@x.com', 'B <b@x.com>', 'c@x.com']],
		['a group without members', 'undisclosed-recipients:;', []],
		['semicolons, as in Outlook', 'a@x.com; b@x.com;', ['a@x.com', 'b@x.com']],
		[
			'Chinese punctuation',
			'张三 <z@x.cn>，李四 <l@x.cn>；w@x.cn、v@x.cn',
			['张三 <z@x.cn>', '李四 <l@x.cn>', 'w@x.cn', 'v@x.cn'],
		],
		['lines of a text area', 'a@x.com\nb@x.com\r\n\r\nc@x.com\n', ['a@x.com', 'b@x.com', 'c@x.com']],
		['folded lines', 'Jane\r\n Doe <jane@x.com>,\r\n\tbob@x.com', ['Jane Doe <jane@x.com>', 'bob@x.com']],
		['empty entries', ' , a@x.com,, ;b@x.com,', ['a@x.com', 'b@x.com']],
		['a link', 'mailto:jane@x.com', ['jane@x.com']],
		['a route', 'Jane <@relay.example,@other.example:jane@x.com>', ['Jane <jane@x.com>']],
		['other scripts', '用户@例子。中国, jürgen@bücher.example', ['用户@例子。中国', 'jürgen@bücher.example']],
		['quoted local parts', '"john doe"@x.com, "a,b"@x.com', ['"john doe"@x.com', '"a,b"@x.com']],
		[
			'odd local parts',
			"a..b.@docomo.example, o'neil+tag@x.com",
			['a..b.@docomo.example', "o'neil+tag@x.com"],
		],
		['domain literals', 'a@[192.0.2.1], b@[IPv6:2001:db8::1]', ['a@[192.0.2.1]', 'b@[IPv6:2001:db8::1]']],
		['invisible characters of a copied address', '\u202ajane@x.com\u202c\u200b', ['jane@x.com']],
		['repeats in other letter case', 'Jane@X.com, jane@x.COM, Jane <JANE@x.com>', ['Jane@X.com']],
		['a domain in both of its forms', 'a@例子.cn, A@xn--fsqu00a.CN', ['a@例子.cn']],
		['a list of texts', ['a@x.com, b@x.com', 'Jane <j@x.com>'], ['a@x.com', 'b@x.com', 'Jane <j@x.com>']],
		[
			'objects',
			[{ mail_address: 'j@x.com', name: 'Doe, Jane' }, { mail_address: 'b@x.com' }],
			['Doe, Jane <j@x.com>', 'b@x.com'],
		],
		['an object', { mail_address: 'j@x.com', name: 'J\r\nBcc: x@y.com' }, ['J Bcc: x@y.com <j@x.com>']],
		['an empty text', ' ', []],
		['nothing', undefined, []],
		['null', null, []],
	])('%s', (_, value, addresses) => {
		expect(shown(value)).toEqual(addresses);
	});

	it('holds the 500 recipients that Feishu takes', () => {
		const list = Array.from({ length: 500 }, (_, number) => `"Doe, ${number}" <p${number}@x.com>`);
		expect(readAddresses(list.join(', '))).toHaveLength(500);
	});
});

describe('an entry that is no address is refused by its text', () => {
	const noAddress = 'is not an email address';
	const noComma = 'has more than one address, without a comma between them';
	it.each([
		['Doe, Jane <jane@x.com>', `'Doe' ${noAddress}`],
		['a@x.com, bob', `'bob' ${noAddress}`],
		['jane@', `'jane@' ${noAddress}`],
		['@x.com', `'@x.com' ${noAddress}`],
		['jane@@x.com', `'jane@@x.com' ${noAddress}`],
		['jane@x..com', `'jane@x..com' ${noAddress}`],
		['jane@x.com.', `'jane@x.com.' ${noAddress}`],
		['jane@x_y!.com', `'jane@x_y!.com' ${noAddress}`],
		['jane doe@x.com', `'jane doe@x.com' ${noAddress}`],
		['Jane jane@x.com', `'Jane jane@x.com' ${noAddress}`],
		['Jane <>', `'Jane <>' ${noAddress}`],
		['<a@x.com> Jane', `'<a@x.com> Jane' ${noAddress}`],
		['a@x.com b@x.com', `'a@x.com b@x.com' ${noComma}`],
		['A <a@x.com> B <b@x.com>', `'A <a@x.com> B <b@x.com>' ${noComma}`],
		['a@x.com: b@x.com', `'a@x.com: b@x.com' ${noComma}`],
		['"Jane <jane@x.com>', `'"Jane <jane@x.com>' has a quotation mark or bracket that is not closed`],
		['Jane <jane@x.com', `'Jane <jane@x.com' has a quotation mark or bracket that is not closed`],
		[
			'Jane <jane@x.com\r\nBcc: eve@x.com>',
			`'Jane <jane@x.com' has a quotation mark or bracket that is not closed`,
		],
		[{ email: 'jane@x.com' }, `'{"email":"jane@x.com"}' ${noAddress}`],
		[{ mail_address: 'jane' }, `'jane' ${noAddress}`],
		[['a@x.com', 7], `'7' ${noAddress}`],
		[`${'x'.repeat(150)}`, `'${'x'.repeat(100)}…' ${noAddress}`],
	])('%j', (value, message) => {
		expect(() => readAddresses(value)).toThrow(InvalidAddress);
		expect(() => readAddresses(value)).toThrow(expect.objectContaining({ message }));
	});

	it('with what to enter instead', () => {
		expect(new InvalidAddress('Doe', noAddress).description).toContain('"Doe, Jane" <jane@example.com>');
	});
});

it.each([
	[
		'undisclosed-recipients:;, First <first@x.com>, not-an-address, second@x.com',
		['first@x.com', 'second@x.com'],
	],
	['Doe, Jane <jane@x.com>', ['jane@x.com']],
	['"not closed, jane@x.com', []],
	[[{ mail_address: '' }, { mail_address: 'jane@x.com' }], ['jane@x.com']],
])('of %j in the mail of somebody else the addresses are found', (value, addresses) => {
	expect(findAddresses(value).map(({ mail_address }) => mail_address)).toEqual(addresses);
});

it.each(['(', '"', '<', '"\\', '<"', 'a@', ':', '((a', 'a,'])('a long row of %s takes no time', (text) => {
	const started = performance.now();
	findAddresses(text.repeat(50_000));
	expect(performance.now() - started).toBeLessThan(5_000);
});

describe('in a header', () => {
	it.each([
		[{ mail_address: 'jane@x.com' }, '<jane@x.com>'],
		[{ mail_address: 'jane@x.com', name: 'Jane Doe' }, '"Jane Doe" <jane@x.com>'],
		[{ mail_address: 'jane@x.com', name: '\u200b' }, '<jane@x.com>'],
		[{ mail_address: 'z@例子.中国', name: '张三' }, '=?UTF-8?B?5byg5LiJ?= <z@xn--fsqu00a.xn--fiqs8s>'],
		[{ mail_address: '用户@例子。cn' }, '<用户@xn--fsqu00a.cn>'],
	])('%j is %s', (address, text) => {
		expect(formatAddress(address)).toBe(text);
	});

	it.each([
		'a@x.com>, <eve@x.com',
		'a@x.com\r\nBcc: eve@x.com',
		'a@x.com, eve@x.com',
		'a\u200b@x.com',
		'a',
		'',
	])('%j is refused', (mail_address) => {
		expect(() => formatAddress({ mail_address })).toThrow(InvalidAddress);
	});
});

it('lists are compared without regard to letter case', () => {
	const [a, b, c] = [
		{ mail_address: 'A@x.com', name: 'A' },
		{ mail_address: 'b@x.com' },
		{ mail_address: 'a@X.com' },
	];
	expect(without([a, b], [c])).toEqual([b]);
	expect(distinct([a, b, c])).toEqual([a, b]);
});

describe('a judge', () => {
	const word = fc
		.stringMatching(/^[A-Za-z0-9.'!#&*+/=?^_{}|~-]{1,12}$/)
		.filter((text) => !text.includes('=?'));
	const quoted = fc
		.string({ unit: fc.constantFrom(...'abc ,;:<>@()[].张é"\\'), minLength: 1, maxLength: 12 })
		.filter((text) => text.trim() === text && !/ {2}/.test(text))
		.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`);
	const address = fc
		.tuple(
			fc.stringMatching(/^[a-z0-9+_-]{1,10}$/),
			fc.constantFrom('example.com', 'x.example.org', '例子.中国'),
		)
		.map((parts) => parts.join('@'));
	const named = fc.tuple(fc.oneof(word, quoted), address).map(([name, spec]) => `${name} <${spec}>`);
	const entry = fc.oneof(address, named);
	// postal-mime ends a group at the first semicolon, in quotation marks as well.
	const member = entry.filter((text) => !text.includes(';'));
	const group = fc
		.tuple(fc.stringMatching(/^[A-Z][a-z]{1,8}$/), fc.array(member, { maxLength: 3 }))
		.map(([name, members]) => `${name}: ${members.join(', ')};`);

	it('reads 2,000 lists like us', () => {
		fc.assert(
			fc.property(fc.array(fc.oneof(entry, entry, group), { maxLength: 8 }), (list) => {
				const text = list.join(', ');
				const judged = PostalMime.addressParser(text, { flatten: true });
				const ours = readAddresses(text).map(({ mail_address, name = '' }) => ({
					address: mail_address,
					name,
				}));
				expect(ours).toEqual(
					judged
						.map(({ address: spec, name }) => ({ address: spec, name }))
						.filter(
							({ address: spec }, place, all) => all.findIndex((one) => one.address === spec) === place,
						),
				);
			}),
			{ numRuns: 2_000 },
		);
	});
});
