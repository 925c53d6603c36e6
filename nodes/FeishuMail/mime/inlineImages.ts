/** How images begin that Feishu embeds in a mail (1236021 for all others), as Latin-1. */
const beginnings = {
	'image/png': /^\x89PNG\r\n/,
	'image/jpeg': /^\xff\xd8\xff/,
	'image/gif': /^GIF8[79]a/,
	'image/webp': /^RIFF[^]{4}WEBP/,
};

/** The type of an image by its first bytes; undefined for what Feishu does not embed. */
export function imageType(content: Buffer): string | undefined {
	const start = content.toString('latin1', 0, 12);
	return Object.entries(beginnings).find(([, beginning]) => beginning.test(start))?.[0];
}

/**
 * References in attributes and style sheets (RFC 2392); elsewhere "cid:" is text. It takes no time where there are many
 * blanks: no two of its parts can hold the same ones.
 */
const reference =
	/=\s*"\s*cid:([^"]*)"|=\s*'\s*cid:([^']*)'|=\s*cid:([^\s>]*)|url\(\s*(?:["']\s*)?cid:([^"')]*)/gi;

/**
 * A URL's text without its percent signs (RFC 2392, section 2); as it is where they stand for no text. Whoever has written
 * it may have written a million of these, and each one that `decodeURIComponent` throws takes its time.
 */
function decoded(text: string): string {
	if (!text.includes('%') || /%(?![\da-f]{2})/i.test(text)) return text;
	const result = text.replace(/(?:%[\da-f]{2})+/gi, (bytes) =>
		Buffer.from(bytes.replaceAll('%', ''), 'hex').toString(),
	);
	return result.includes('\uFFFD') ? text : result;
}

/** What a reference calls an image, as it is written. */
const writtenCid = (groups: Array<string | undefined>) => groups.find((group) => group !== undefined) ?? '';

const cidOf = (written: string) => decoded(written.trim());

/** The Content-IDs that an HTML text refers to. */
export function cidsIn(html: string): Set<string> {
	return new Set([...html.matchAll(reference)].map(([, ...groups]) => cidOf(writtenCid(groups))));
}

const isContentId = (cid: string) => /^[!-~]+$/.test(cid) && !/[<>]/.test(cid);

/**
 * What is wrong between an HTML text and its inline images.
 *
 * @returns `missing`: referred to, but not there; `unused`: shown as a stray attachment; `unusable`: no Content-ID can be
 * like this (RFC 2045, section 7)
 */
export function compareInlineImages(html: string, cids: readonly string[]) {
	const used = cidsIn(html);
	return {
		missing: [...used].filter((cid) => !cids.includes(cid)),
		unused: cids.filter((cid) => !used.has(cid)),
		unusable: cids.filter((cid) => !isContentId(cid)),
	};
}

/**
 * An HTML text that is to stand in one mail with images of another text. Its own images keep their names, but for those
 * that the other ones have, and those that no Content-ID can be.
 *
 * @param others the Content-IDs of the other images
 * @returns the text, and of each Content-ID that it referred to the one that it refers to now
 */
export function besideImages(
	html: string,
	others: readonly string[],
): { html: string; cids: Map<string, string> } {
	const found = cidsIn(html);
	// A reference without a name refers to nothing.
	found.delete('');
	const taken = new Set([...others, ...found]);
	const cids = new Map<string, string>();
	let number = 0;
	for (const cid of found) {
		let name = cid;
		if (!isContentId(cid) || others.includes(cid)) {
			do name = `quoted-${++number}`;
			while (taken.has(name));
		}
		cids.set(cid, name);
	}
	return { html: html.replace(reference, renamed), cids };

	function renamed(whole: string, ...groups: Array<string | undefined>): string {
		const written = writtenCid(groups.slice(0, 4));
		const cid = cidOf(written);
		const name = cids.get(cid) ?? cid;
		if (name === cid) return whole;
		// Nothing but a quotation mark stands behind it.
		const start = whole.lastIndexOf(written);
		return whole.slice(0, start) + name + whole.slice(start + written.length);
	}
}
