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

/** References in attributes and style sheets (RFC 2392); elsewhere "cid:" is text. */
const reference =
	/=\s*"\s*cid:([^"]*)"|=\s*'\s*cid:([^']*)'|=\s*cid:([^\s>]*)|url\(\s*["']?\s*cid:([^"')]*)/gi;

/** A URL's text without its percent signs (RFC 2392, section 2). */
function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** The Content-IDs that an HTML text refers to. */
export function cidsIn(html: string): Set<string> {
	const found = [...html.matchAll(reference)].map(([, ...groups]) =>
		groups.find((group) => group !== undefined),
	);
	return new Set(found.map((cid = '') => decoded(cid.trim())));
}

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
		unusable: cids.filter((cid) => !/^[!-~]+$/.test(cid) || /[<>]/.test(cid)),
	};
}
