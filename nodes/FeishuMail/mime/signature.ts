import { escapeHtml } from './quote';

/** What a company's signature says of a variable where it stands. Source: Feishu's official client. */
interface Variable {
	id: string;
	type?: string;
	style?: string;
	width?: string;
	/** Of an image: whether it is shown as a circle. */
	circle?: boolean;
}

/** The element that stands for a variable. Each of its parts ends where another element begins, so that it takes no time. */
const opening = /<span\s(?:[^<>]*?\s)?data-variable-meta-props=(?:"([^"]*)"|'([^']*)')[^<>]*>/gi;

const span = /<(\/?)span(?=[\s>])/gi;

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** A text without the entities that HTML writes most; others stay as they are. */
const unescapeHtml = (text: string) =>
	text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,4}));/gi, (whole, decimal, hex, name) => {
		const code = decimal ? Number(decimal) : parseInt(String(hex), 16);
		if (name) return entities[String(name)] ?? whole;
		return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
	});

function variableOf(json: string): Variable | undefined {
	try {
		const variable = JSON.parse(unescapeHtml(json)) as Partial<Variable> | null;
		return typeof variable?.id === 'string' ? (variable as Variable) : undefined;
	} catch {
		return undefined;
	}
}

const attributes = (values: Record<string, unknown>) =>
	Object.entries(values)
		.filter(([, value]) => value)
		.map(([name, value]) => ` ${name}="${escapeHtml(String(value))}"`)
		.join('');

/** A value as HTML, in the way that the variable asks for. */
function written(value: string, { type, style, width, circle }: Variable): string {
	if (value === '') return '';
	if (type === 'image') {
		const round = circle && 'border-radius: 100%';
		return `<img${attributes({ src: value, width, style: [style, round].filter(Boolean).join('; ') })}>`;
	}
	const text = escapeHtml(value);
	if (/^https?:\/\//i.test(value)) return `<a href="${text}">${text}</a>`;
	return style ? `<span${attributes({ style })}>${text}</span>` : text;
}

/** Where the element ends whose content begins at a place. */
function endOfSpan(html: string, start: number): number {
	let depth = 1;
	for (const { index, 1: slash } of html.slice(start).matchAll(span)) {
		depth += slash ? -1 : 1;
		if (depth > 0) continue;
		const end = html.indexOf('>', start + index);
		return end === -1 ? html.length : end + 1;
	}
	return html.length;
}

/**
 * A signature with its variables filled in.
 *
 * @param valueOf the value of a variable by its name; an empty text leaves it out
 */
export function fillInVariables(html: string, valueOf: (name: string) => string): string {
	let filled = '';
	let end = 0;
	for (const { index, 0: tag, 1: quoted, 2: other = '' } of html.matchAll(opening)) {
		const variable = index < end ? undefined : variableOf(quoted ?? other);
		if (!variable) continue;
		filled += html.slice(end, index) + written(valueOf(variable.id), variable);
		end = endOfSpan(html, index + tag.length);
	}
	return filled + html.slice(end);
}

/** In which language of Feishu's a text is, as far as its letters tell. */
export function languageOf(text: string): 'en_us' | 'ja_jp' | 'zh_cn' {
	if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'ja_jp';
	return /\p{Script=Han}/u.test(text) ? 'zh_cn' : 'en_us';
}

/** HTML as plain text: a line for each line that it shows. */
const plainText = (html: string) =>
	unescapeHtml(
		html
			.replace(/\s+/g, ' ')
			.replace(/ ?<(?:br|\/?(?:p|div|tr|li|ul|ol|table|h\d))\b[^<>]*> ?/gi, '\n')
			.replace(/<\/td>/gi, ' ')
			.replace(/<[^<>]*>/g, ''),
	)
		.split('\n')
		.map((line) => line.trim())
		.join('\n')
		.replace(/\n{3,}/g, '\n\n')
		.trim();

/** Texts with a signature below, marked as Feishu's clients mark it, so that they know it when the mail is edited. */
export function withSignature(
	{ text, html }: { text?: string; html?: string },
	signature: { id: string; html: string },
): { text?: string; html?: string } {
	return {
		text: text === undefined ? undefined : [text, plainText(signature.html)].filter(Boolean).join('\n\n'),
		html:
			html === undefined
				? undefined
				: `${html}<div><br></div><div${attributes({ id: signature.id, class: 'lark-mail-signature' })}>${signature.html}</div>`,
	};
}
