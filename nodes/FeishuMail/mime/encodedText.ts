/** Characters of the longest word that may be a whole text. */
const LONGEST_WORD = 64;

/**
 * A text of a mail as Feishu's answers hold it: UTF-8 in base64url (RFC 4648, section 5), with or without padding. A text
 * that is not encoded is given as it is.
 */
export function decodeText(encoded: string): string {
	const bytes = Buffer.from(encoded, 'base64url');
	const isEncoded =
		bytes.toString('base64url') ===
		encoded
			.replace(/(?<!=)=+$/, '')
			.replace(/\+/g, '-')
			.replace(/\//g, '_');
	if (!isEncoded) return encoded;
	const text = bytes.toString('utf8');
	// A single word may look encoded; what it would decode to is hardly ever UTF-8.
	const isWord = !Buffer.from(text).equals(bytes) && encoded.length <= LONGEST_WORD;
	return isWord ? encoded : text;
}
