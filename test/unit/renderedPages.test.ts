import MarkdownIt from 'markdown-it';

import { pages, readPage } from '../../docs/tables';

type Token = ReturnType<InstanceType<typeof MarkdownIt>['parse']>[number];

/** A paragraph, heading or cell as people see it: a line, with a sign where code stands and without comments. */
const seen = (token: Token) =>
	(token.children ?? [])
		.map(({ type, content }) =>
			type === 'text' ? content : type === 'code_inline' ? '\u2423' : type.endsWith('break') ? '\n' : '',
		)
		.join('');

const lines = (text: string) =>
	new MarkdownIt({ html: true })
		.parse(text, {})
		.filter(({ type }) => type === 'inline')
		.map(seen);

const cjk = String.raw`[\p{Script=Han}，。：；、？！（）“”]`;

/** What a page must not show, and how it is written by mistake. */
const stray: Record<string, [seen: RegExp, example: string]> = {
	'marks of emphasis': [/[_*`]/, '企业的一个_自建应用_。'],
	'marks of links': [/\]\(|\[[^\]]*\]/, '[安装] (#安装)'],
	'marks of tables': [/^\s*\||\|\s*-{3}/m, 'text\n| a | b |\n| - |'],
	'half-width punctuation between Chinese characters': [
		new RegExp(String.raw`${cjk} *[,;:!?()] *${cjk}`, 'u'),
		'应用, 用户',
	],
	'blanks between Chinese characters': [new RegExp(`${cjk} +${cjk}`, 'u'), '里添加 报错信息中写明的权限'],
};

describe.each(Object.keys(pages))('%s, rendered,', (page) => {
	it('has its tables and text', () => {
		const html = new MarkdownIt({ html: true }).render(readPage(page));
		expect(html.match(/<table>/g)?.length).toBeGreaterThan(5);
		expect(lines(readPage(page)).length).toBeGreaterThan(300);
	});

	it.each(Object.entries(stray))('shows no %s', (_, [mistake]) => {
		expect(lines(readPage(page)).filter((line) => mistake.test(line))).toEqual([]);
	});
});

it.each(Object.entries(stray))('%s are found where they are', (_, [mistake, example]) => {
	expect(lines(example).some((line) => mistake.test(line))).toBe(true);
});
