import { besideImages, compareInlineImages, imageType } from '../../../nodes/FeishuMail/mime/inlineImages';

it.each([
	['89504e470d0a1a0a0000000d', 'image/png'],
	['ffd8ffe000104a4649460001', 'image/jpeg'],
	['474946383961010001008000', 'image/gif'],
	['474946383761010001008000', 'image/gif'],
	['524946461a000000574542505650', 'image/webp'],
	['524946461a00000057415645', undefined], // a sound
	['3c7376672078', undefined], // SVG
	['424d', undefined], // BMP
	['', undefined],
])('bytes that begin with %s are %s', (start, type) => {
	expect(imageType(Buffer.from(start, 'hex'))).toBe(type);
});

const fine = { missing: [], unused: [], unusable: [] };

describe('an image is used in the HTML', () => {
	it.each([
		['<img src="cid:logo">'],
		["<img src='cid:logo'>"],
		['<img src=cid:logo>'],
		['<IMG SRC = " CID:logo ">'],
		['<td background="cid:logo">'],
		['<p style="background: url(cid:logo)">'],
		['<p style="background: url( &quot;x&quot; ), url(\'cid:logo\')">'],
		['<img src="cid:l%6Fgo">'],
		['<img\nsrc="cid:logo"><img src="cid:logo">'],
	])('%s', (html) => {
		expect(compareInlineImages(html, ['logo'])).toEqual(fine);
	});
});

it.each([
	['<img src="cid:logo">', [], { ...fine, missing: ['logo'] }],
	['<img src="cid:image001.png@01D9A1B2.C3D4E5F0">', ['image001.png@01D9A1B2.C3D4E5F0'], fine],
	['<img src="cid:a b">', ['a b'], { ...fine, unusable: ['a b'] }],
	['<img src="cid:图片">', ['图片'], { ...fine, unusable: ['图片'] }],
	['<img src="cid:100%">', ['100%'], fine],
	['<img src="cid:%ff">', ['%ff'], fine],
	['<img src="cid:%e5%9b%be%2B1">', ['图+1'], { ...fine, unusable: ['图+1'] }],
	['<p>cid:logo is text</p>', ['logo'], { ...fine, unused: ['logo'] }],
	['<img src="https://example.com/logo.png">', ['logo'], { ...fine, unused: ['logo'] }],
	['<img src="cid:Logo">', ['logo'], { ...fine, missing: ['Logo'], unused: ['logo'] }],
	['', ['logo'], { ...fine, unused: ['logo'] }],
	['', [], fine],
])('%s with %j', (html, cids, compared) => {
	expect(compareInlineImages(html, cids)).toEqual(compared);
});

describe('beside other images', () => {
	it.each([
		['<img src="cid:logo">', [], '<img src="cid:logo">', { logo: 'logo' }],
		['<img src="cid:logo">', ['logo'], '<img src="cid:quoted-1">', { logo: 'quoted-1' }],
		['<img src="cid:Logo">', ['logo'], '<img src="cid:Logo">', { Logo: 'Logo' }],
		["<img src='cid:l%6Fgo'>", ['logo'], "<img src='cid:quoted-1'>", { logo: 'quoted-1' }],
		['<img src=cid:cid>', ['cid'], '<img src=cid:quoted-1>', { cid: 'quoted-1' }],
		['<p style="url( \'cid:a b\')">', [], '<p style="url( \'cid:quoted-1\')">', { 'a b': 'quoted-1' }],
		[
			'<img src="cid:quoted-1"><img src="cid:logo"><img src="cid: logo ">',
			['logo'],
			'<img src="cid:quoted-1"><img src="cid:quoted-2"><img src="cid:quoted-2">',
			{ 'quoted-1': 'quoted-1', logo: 'quoted-2' },
		],
		['<p>cid:logo</p><a href="logo">', ['logo'], '<p>cid:logo</p><a href="logo">', {}],
		['<img src="cid:"><img src=cid:>', ['logo'], '<img src="cid:"><img src=cid:>', {}],
	])('%s with %j', (html, others, expected, cids) => {
		const beside = besideImages(html, others);
		expect([beside.html, Object.fromEntries(beside.cids)]).toEqual([expected, cids]);
	});

	it.each([
		['blanks', `url(${' '.repeat(1_000_000)}`],
		['names', Array.from({ length: 100_000 }, (_, index) => `=cid:${index}< `).join('')],
		['quotation marks', '="cid:'.repeat(300_000)],
		['percent signs', '="cid:%'.repeat(300_000)],
		['bytes of no text', '="cid:%ff'.repeat(300_000)],
	])('many %s take no time', (_, html) => {
		const begin = performance.now();
		besideImages(html, ['logo']);
		expect(performance.now() - begin).toBeLessThan(2000);
	});
});
