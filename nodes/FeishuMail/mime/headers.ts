import { createHash } from 'crypto';

/**
 * Characters that steer text in one direction or have no width: they can make a header look like what it is not. Emojis
 * that are joined of several come apart.
 */
const invisible = /[\p{Bidi_Control}\u00ad\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f\ufeff]/gu;

/** Line ends and all other control characters. */
const control = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** A text on one line, without invisible characters: the only kind of text that gets into a header. */
export function visibleText(text: string): string {
	return text.toWellFormed().replace(invisible, '').replace(control, ' ').trim();
}

/**
 * A header field (RFC 5322, section 2.2) on one line, however long: Feishu's parser dislikes folded ones. Whatever the
 * value is, it adds no second field.
 */
export function header(name: string, value: string): string {
	return `${name}: ${visibleText(value)}\n`;
}

/** Bytes whose base64 fits an encoded word: with `=?UTF-8?B?` and `?=` 72 characters, of at most 75. */
const WORD_BYTES = 45;

/** A text as encoded words (RFC 2047, section 2): readers leave out the blanks between them. No character is split. */
function encodedWords(text: string): string {
	const words = [''];
	for (const character of text) {
		if (Buffer.byteLength(words.at(-1) + character) > WORD_BYTES) words.push('');
		words[words.length - 1] += character;
	}
	return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join(' ');
}

/** Printable ASCII that no reader takes for an encoded word. */
const isPlain = (text: string) => /^[ -~]*$/.test(text) && !text.includes('=?');

/** Readers do not agree on quotation marks and backslashes in quotation marks: a text with one is encoded. */
const isQuotable = (text: string) => isPlain(text) && !/["\\]/.test(text);

/** A text such as a subject as the value of a header (unstructured, RFC 5322, section 2.2.1). */
export function headerText(text: string): string {
	const visible = visibleText(text);
	return isPlain(visible) ? visible : encodedWords(visible);
}

/** A name before an address (phrase, RFC 5322, section 3.2.5; RFC 2047, section 5.3). */
export function phrase(name: string): string {
	const visible = visibleText(name);
	return isQuotable(visible) ? `"${visible}"` : encodedWords(visible);
}

/**
 * A file name as a parameter of a header. RFC 2231 has its own way for other scripts; encoded words in quotation marks
 * are what Feishu's official client writes and what every reader understands.
 */
export function quotedFileName(filename: string): string {
	const visible = visibleText(filename);
	return `"${isQuotable(visible) ? visible : encodedWords(visible)}"`;
}

/** A moment as RFC 5322, section 3.3, writes it, with a numeric zone. */
export function mailDate(date: Date): string {
	return date.toUTCString().replace('GMT', '+0000');
}

/** SHA-256 of facts, each of them kept apart from its neighbours, in hexadecimal digits. */
export function hashOf(facts: Iterable<string | Uint8Array>): string {
	const hash = createHash('sha256');
	for (const fact of facts) hash.update(`${Buffer.byteLength(fact)}:`).update(fact);
	return hash.digest('hex');
}

/** The Message-ID (RFC 5322, section 3.6.4) of the mail that these facts tell from all others: the same each time. */
export function messageId(facts: Iterable<string | Uint8Array>): string {
	return `<${hashOf(facts).slice(0, 40)}@n8n-nodes-feishu-mail>`;
}

/**
 * The Message-IDs in a text or list of texts, each as `<id>`, no one twice. Feishu gives them with and without `<>`,
 * separated by blanks, commas or a line end and a tab.
 */
export function messageIds(value: string | readonly string[] | undefined): string[] {
	const ids = visibleText([value ?? []].flat().join(' ')).match(/[!-~]+/g) ?? [];
	return [...new Set(ids.flatMap((text) => text.match(/[^<>,]+/g) ?? []))].map((id) => `<${id}>`);
}
