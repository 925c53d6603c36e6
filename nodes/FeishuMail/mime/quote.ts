import { findAddresses, type Address } from './addresses';
import type { Answer } from './mail';
import { wordsFor, type Original } from './reply';

type DateParts = Partial<Record<Intl.DateTimeFormatPartTypes, string>>;

/** How Feishu's clients quote a date, by locale. */
const dates = {
	'en-US': {
		options: { month: 'short', day: '2-digit', timeZoneName: 'short' },
		text: (date: DateParts) =>
			`${date.weekday}, ${date.day} ${date.month} ${date.year} ${date.hour}:${date.minute} ${date.timeZoneName}`,
	},
	'zh-CN': {
		options: { month: 'numeric', day: 'numeric' },
		text: (date: DateParts) =>
			`${date.year}年${date.month}月${date.day}日 (${date.weekday}) ${date.hour}:${date.minute}`,
	},
} as const;

function quotedDate(original: Original, timeZone: string): string {
	const date = new Date(Number(original.internal_date ?? NaN));
	if (Number.isNaN(date.getTime())) return '';
	const { locale } = wordsFor(original);
	const { options, text } = dates[locale];
	const parts = new Intl.DateTimeFormat(locale, {
		timeZone,
		weekday: 'short',
		year: 'numeric',
		hour: '2-digit',
		minute: '2-digit',
		hourCycle: 'h23',
		...options,
	}).formatToParts(date);
	return text(Object.fromEntries(parts.map(({ type, value }) => [type, value])));
}

/** How texts and addresses are written into a quote. */
interface Writing {
	text: (text: string) => string;
	address: (address: Address) => string;
}

const named = ({ name }: Address, address: string) => (name ? `"${name}" ` : '') + address;

const plain: Writing = {
	text: (text) => text,
	address: (address) => named(address, `<${address.mail_address}>`),
};

const escapes: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character]!);

const html: Writing = {
	text: escapeHtml,
	address: ({ mail_address, name }) => {
		// Encoded (RFC 6068, section 2), so that no address brings along a subject or further recipients.
		const link = `<a href="mailto:${encodeURIComponent(mail_address)}">${escapeHtml(mail_address)}</a>`;
		return named({ mail_address, name: name && escapeHtml(name) }, `&lt;${link}&gt;`);
	},
};

/** What a quote tells of the mail, a line for each fact that there is. */
function factLines(original: Original, timeZone: string, { text, address }: Writing): string[] {
	const words = wordsFor(original);
	const addresses = (value: unknown) => findAddresses(value).map(address).join(', ');
	const facts = [
		[words.from, addresses(original.head_from)],
		[words.date, text(quotedDate(original, timeZone))],
		[words.subject, text(original.subject ?? '')],
		[words.to, addresses(original.to)],
		[words.cc, addresses(original.cc)],
	];
	return facts.filter(([, value]) => value).map(([name, value]) => `${name}${words.colon}${value}`);
}

function plainQuote(original: Original, type: Answer['type'], timeZone: string): string {
	const facts = factLines(original, timeZone, plain);
	const body = (original.body_plain_text ?? '').split(/\r\n|\r|\n/);
	if (type === 'FORWARD') return [wordsFor(original).title, ...facts, '', ...body].join('\n');
	return [...facts, '', ...body].map((line) => `> ${line}`.trimEnd()).join('\n');
}

/** The classes by which Feishu's clients fold the quote of a reply, and show that of a forwarded mail. */
const blocks = {
	REPLY: { block: 'collapsed', facts: 'attr' },
	FORWARD: { block: 'header', facts: 'header' },
};

/** The HTML of the mail stays as it is: mail clients show it in the quote as they have shown it in the mail. */
function htmlQuote(original: Original, type: Answer['type'], timeZone: string): string {
	const facts = factLines(original, timeZone, html).map((line) => `<div>${line}</div>`);
	const body = original.body_html
		? `<div>${original.body_html}</div>`
		: `<pre style="white-space: pre-wrap">${escapeHtml(original.body_plain_text ?? '')}</pre>`;
	return [
		'<div class="history-quote-wrapper"><div data-html-block="quote" data-mail-html-ignore="">',
		`<div class="adit-html-block adit-html-block--${blocks[type].block}"><div>`,
		type === 'FORWARD' ? `<div class="history-quote-forward-title">${wordsFor(original).title}</div>` : '',
		`<div class="adit-html-block__${blocks[type].facts} history-quote-meta-wrapper">${facts.join('')}</div>`,
		`${body}</div></div></div></div>`,
	].join('');
}

/** The texts of an answer, each with the mail below that it answers. The date is given in a time zone's local time. */
export function withQuote(
	texts: { text?: string; html?: string },
	original: Original,
	type: Answer['type'],
	timeZone: string,
): { text?: string; html?: string } {
	const quoted: { text?: string; html?: string } = {};
	if (texts.text !== undefined) quoted.text = `${texts.text}\n\n${plainQuote(original, type, timeZone)}`;
	if (texts.html !== undefined) quoted.html = texts.html + htmlQuote(original, type, timeZone);
	return quoted;
}
