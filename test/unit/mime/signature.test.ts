import { fillInVariables, languageOf, withSignature } from '../../../nodes/FeishuMail/mime/signature';

const variable = (meta: object, content = '{text}') =>
	`<span data-variable-meta-props='${JSON.stringify(meta)}'>${content}</span>`;

const escaped = (meta: object) =>
	`<span class="x" data-variable-meta-props="${JSON.stringify(meta).replace(/"/g, '&quot;')}" id="y">{text}</span>`;

const values: Record<string, string> = {
	NAME: '张三 <R&D>',
	SITE: 'https://example.com/?a=1&b="2"',
	LOGO: 'cid:logo',
	EMPTY: '',
};

const filled = (html: string) =>
	fillInVariables(html, (name) => (Object.hasOwn(values, name) ? values[name]! : ''));

describe('variables of a signature', () => {
	it.each([
		['a text', variable({ id: 'NAME', type: 'text' }), '张三 &lt;R&amp;D&gt;'],
		[
			'a text in an escaped attribute among others',
			escaped({ id: 'NAME', type: 'text' }),
			'张三 &lt;R&amp;D&gt;',
		],
		[
			'a text with a style',
			variable({ id: 'NAME', type: 'text', style: 'color: "red"' }),
			'<span style="color: &quot;red&quot;">张三 &lt;R&amp;D&gt;</span>',
		],
		[
			'an address of the web, which becomes a link',
			variable({ id: 'SITE', type: 'text' }),
			'<a href="https://example.com/?a=1&amp;b=&quot;2&quot;">https://example.com/?a=1&amp;b=&quot;2&quot;</a>',
		],
		[
			'an image',
			variable(
				{ id: 'LOGO', type: 'image', width: '40', circle: true, style: 'margin: 0' },
				'<img src="cid:old"/>',
			),
			'<img src="cid:logo" width="40" style="margin: 0; border-radius: 100%">',
		],
		['an image without style', variable({ id: 'LOGO', type: 'image' }), '<img src="cid:logo">'],
		['one without value', variable({ id: 'EMPTY', type: 'text' }), ''],
		['an image without value', variable({ id: 'EMPTY', type: 'image' }), ''],
		['one that nobody knows', variable({ id: 'constructor', type: 'text' }), ''],
		[
			'one with elements of its kind in it, as a whole',
			variable({ id: 'NAME' }, '<span>a<span>b</span></span>') + '<span>after</span>',
			'张三 &lt;R&amp;D&gt;<span>after</span>',
		],
		[
			'one with another one in it, once',
			variable({ id: 'LOGO', type: 'text' }, variable({ id: 'NAME' })),
			'cid:logo',
		],
		[
			'one that is not closed, to the end',
			'<p>A</p><span data-variable-meta-props=\'{"id":"NAME"}\'>x',
			'<p>A</p>张三 &lt;R&amp;D&gt;',
		],
	])('%s', (_, html, expected) => {
		expect(filled(`<div>${html}`)).toBe(`<div>${expected}`);
	});

	it.each([
		'<span>no variable</span>',
		"<span data-variable-meta-props='no JSON'>x</span>",
		"<span data-variable-meta-props='null'>x</span>",
		"<span data-variable-meta-props='{}'>x</span>",
		'data-variable-meta-props="{}"',
	])('what is none stays: %s', (html) => {
		expect(filled(html)).toBe(html);
	});

	it.each([
		'<span ',
		'<span data-variable-meta-props=',
		"<span data-variable-meta-props='",
		'<span a="',
		'&#',
		'<br',
	])('take no time where there are many of %j', (part) => {
		const html = part.repeat(200_000 / part.length);
		const start = performance.now();
		filled(html);
		withSignature({ text: '' }, { id: '1', html });
		expect(performance.now() - start).toBeLessThan(1000);
	});
});

describe('the language of a text', () => {
	it.each([
		['Hello', 'en_us'],
		['', 'en_us'],
		['您好 Hello', 'zh_cn'],
		['お問い合わせ', 'ja_jp'],
		['見積書について', 'ja_jp'],
		['안녕하세요', 'en_us'],
	])('%s', (text, language) => {
		expect(languageOf(text)).toBe(language);
	});
});

describe('a text with a signature', () => {
	const html =
		'<div><b>Jane</b> &amp; Co.<br>Tel.&nbsp;1</div>\n<p>&#20320;&#x597d;</p><p><img src="cid:a"></p><table><tr><td>a</td><td>b</td></tr></table>';

	it('of HTML has it in an element that Feishu knows', () => {
		expect(withSignature({ html: '<p>Hi</p>' }, { id: '1"', html: '<b>Jane</b>' })).toEqual({
			html: '<p>Hi</p><div><br></div><div id="1&quot;" class="lark-mail-signature"><b>Jane</b></div>',
		});
	});

	it('of plain text has it in lines', () => {
		expect(withSignature({ text: 'Hi' }, { id: '1', html })).toEqual({
			text: 'Hi\n\nJane & Co.\nTel. 1\n\n你好\n\na b',
		});
	});

	it('of plain text begins as it does without, and ends so where the signature is an image', () => {
		expect(withSignature({ text: '  1. Plan' }, { id: '1', html: 'Jane' }).text).toBe('  1. Plan\n\nJane');
		expect(withSignature({ text: 'Plan' }, { id: '1', html: '<img src="cid:a">' }).text).toBe('Plan');
	});

	it('that is empty is the signature', () => {
		expect(withSignature({ text: '' }, { id: '1', html: 'Jane' })).toEqual({ text: 'Jane' });
	});
});
