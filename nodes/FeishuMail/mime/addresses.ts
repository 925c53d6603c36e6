import { phrase, visibleText } from './headers';

/** An address of a mail, by the API's field names. */
export interface Address {
	mail_address: string;
	name?: string;
}

/** An entry of an address list that cannot be written to. `message` says which and why, `description` what to enter. */
export class InvalidAddress extends Error {
	override readonly name = 'InvalidAddress';

	readonly description =
		'Enter addresses such as jane@example.com or Jane Doe <jane@example.com>, separated by commas. A name with a comma needs quotation marks: "Doe, Jane" <jane@example.com>.';

	constructor(entry: string, reason: string) {
		const text = visibleText(entry);
		super(`'${text.length > 100 ? `${text.slice(0, 100)}…` : text}' ${reason}`);
	}
}

const NO_ADDRESS = 'is not an email address';
const NO_COMMA = 'has more than one address, without a comma between them';
const NOT_CLOSED = 'has a quotation mark or bracket that is not closed';

/** What separates addresses: as RFC 5322 and Outlook write it, and as Chinese keyboards do. */
const separators = ',;，；、';

// RFC 5322, sections 3.2 and 3.4.1, with the characters beyond ASCII that RFC 6532 adds. An atom here may have dots
// anywhere, as some Japanese addresses do.
const quotedString = String.raw`"(?:[^"\\]|\\.)*"`;
const atom = String.raw`[^\s"():<>@\[\\\]${separators}]+`;
const domain = String.raw`(?:[\w.-]|[^\x00-\x7f\s${separators}])+`;
const domainLiteral = String.raw`\[[!-Z^-~]*\]`;
const addrSpec = `(?:${quotedString}|${atom})@(?:${domain}|${domainLiteral})`;

const isAddrSpec = new RegExp(`^${addrSpec}$`, 'u');
const isAsciiDomain = new RegExp(String.raw`^(?:[\w-]+(?:\.[\w-]+)*|${domainLiteral})$`);

/** What an address list consists of. `unclosed` is a quotation mark or bracket without its end, and all that follows. */
const token = new RegExp(
	[
		String.raw`(?<blank>\s+)`,
		`(?<separator>[${separators}])`,
		'(?<colon>:)',
		String.raw`\((?<comment>(?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*)\)`,
		`<(?<angle>(?:${quotedString}|[^<>"])*)>`,
		`(?<address>${addrSpec})`,
		`(?<quoted>${quotedString})`,
		'(?<unclosed>["(<].*)',
		String.raw`(?<word>[^\s"(:<${separators}]+)`,
	].join('|'),
	'gu',
);

interface Token {
	kind: string;
	/** What the kind's name stands for in the pattern. */
	text: string;
	/** The whole. */
	source: string;
}

function tokensOf(line: string): Token[] {
	return [...line.matchAll(token)].map(({ 0: source, groups = {} }) => {
		const kind = Object.keys(groups).find((name) => groups[name] !== undefined) ?? '';
		return { kind, text: groups[kind] ?? '', source };
	});
}

/** A domain as mail servers know it: international ones in ASCII (RFC 5891). Undefined for what is none. */
function asciiDomain(name: string): string | undefined {
	// The host of a URL becomes ASCII in the same way; full-width dots are dots.
	const url = `http://${name}`;
	const ascii = /^[!-~]*$/.test(name) || !URL.canParse(url) ? name : new URL(url).hostname;
	return isAsciiDomain.test(ascii) ? ascii : undefined;
}

/** An address as a header holds it, with the domain in ASCII. Undefined for what is none. */
function asciiAddress(mail_address: string): string | undefined {
	if (!isAddrSpec.test(mail_address) || mail_address !== visibleText(mail_address)) return undefined;
	const domainStart = mail_address.lastIndexOf('@') + 1;
	const ascii = asciiDomain(mail_address.slice(domainStart));
	return ascii && mail_address.slice(0, domainStart) + ascii;
}

const isBlank = ({ kind }: Token) => kind === 'blank' || kind === 'comment';

const holdsAddress = ({ kind }: Token) => kind === 'angle' || kind === 'address';

/** Without quotation marks, and with what stands behind a backslash as it is (RFC 5322, section 3.2.4). */
const spoken = ({ kind, text }: Token) =>
	(kind === 'quoted' ? text.slice(1, -1) : text).replace(/\\(.)/gu, '$1');

/** An entry of an address list that cannot be read. */
interface Unreadable {
	entry: string;
	reason: string;
}

type Entry = Address | Unreadable;

const isAddress = (entry: Entry): entry is Address => 'mail_address' in entry;

/** An address, alone or in `<>` after a name. Without a name, a comment is one, as in mails of the eighties. */
function entryOf(tokens: Token[]): Entry {
	const invalid = (reason: string) => ({ entry: tokens.map(({ source }) => source).join(''), reason });
	if (tokens.some(({ kind }) => kind === 'unclosed')) return invalid(NOT_CLOSED);
	const parts = tokens.filter((part) => !isBlank(part));
	const last = parts.at(-1)!;
	const names = parts.slice(0, -1);
	if (!holdsAddress(last)) return invalid(NO_ADDRESS);
	// Before <>, what looks like an address is a name.
	const isSecond = ({ kind }: Token) => kind === 'angle' || (kind === 'address' && last.kind === 'address');
	if (names.some(isSecond)) return invalid(NO_COMMA);
	if (last.kind === 'address' && names.length > 0) return invalid(NO_ADDRESS);
	// Obsolete routes, RFC 5322, section 4.4: <@relay.example:jane@example.com>
	const mail_address = last.text.trim().replace(/^@[^:]*:/, '');
	if (asciiAddress(mail_address) === undefined) return invalid(NO_ADDRESS);
	const comments = tokens.filter(({ kind }) => kind === 'comment');
	const name = visibleText((names.length > 0 ? names : comments).map(spoken).join(' '));
	return name ? { mail_address, name } : { mail_address };
}

/** The entries of a line. Of a group (RFC 5322, section 3.4: `name: address, address;`) the members count. */
function entriesOfLine(line: string): Entry[] {
	const entries: Token[][] = [[]];
	for (const part of tokensOf(line)) {
		const entry = entries.at(-1)!;
		if (part.kind === 'separator') entries.push([]);
		else if (part.kind === 'colon' && !entry.some(holdsAddress)) entry.length = 0;
		else entry.push(part);
	}
	return entries.filter((entry) => !entry.every(isBlank)).map(entryOf);
}

function entriesOf(value: unknown): Entry[] {
	if (value === undefined || value === null) return [];
	if (Array.isArray(value)) return value.flatMap(entriesOf);
	if (typeof value === 'string') {
		// Folded lines belong together (RFC 5322, section 2.2.3); other lines are entries, as in a form's text area.
		const lines = value.replace(/\r?\n[ \t]+/g, ' ').split(/[\r\n]+/);
		return lines.flatMap((line) => entriesOfLine(visibleText(line)));
	}
	const { mail_address, name } = value as Partial<Record<keyof Address, unknown>>;
	if (typeof mail_address !== 'string') return [{ entry: JSON.stringify(value), reason: NO_ADDRESS }];
	const visible = typeof name === 'string' ? visibleText(name) : '';
	return entriesOf(mail_address).map((entry) =>
		isAddress(entry) && visible ? { ...entry, name: visible } : entry,
	);
}

/** What two ways to write the same address have in common. */
const keyOf = ({ mail_address }: Address) => (asciiAddress(mail_address) ?? mail_address).toLowerCase();

/** Those of a list that are not in the other one, in any letter case. */
export function without(addresses: readonly Address[], others: readonly Address[]): Address[] {
	const left = new Set(others.map(keyOf));
	return addresses.filter((address) => !left.has(keyOf(address)));
}

/** A list with each address once, in any letter case: the first one counts. */
export function distinct(addresses: readonly Address[]): Address[] {
	const all = new Map([...addresses].reverse().map((address) => [keyOf(address), address]));
	return addresses.filter((address) => all.get(keyOf(address)) === address);
}

/**
 * The addresses in a text, an object `{ mail_address, name }` or a list of these, each once: address lists of RFC 5322,
 * section 3.4, with names and addresses in every script (RFC 6532). An absent value has none.
 *
 * @throws InvalidAddress for the first entry that is no address
 */
export function readAddresses(value: unknown): Address[] {
	return distinct(
		entriesOf(value).map((entry) => {
			if (isAddress(entry)) return entry;
			throw new InvalidAddress(entry.entry, entry.reason);
		}),
	);
}

/** The same for a mail that somebody else has written: what is no address is left out. */
export function findAddresses(value: unknown): Address[] {
	return distinct(entriesOf(value).filter(isAddress));
}

/**
 * An address for a header: `"Jane Doe" <jane@example.com>`.
 *
 * @throws InvalidAddress for an address that would not stay one entry
 */
export function formatAddress({ mail_address, name = '' }: Address): string {
	const ascii = asciiAddress(mail_address);
	if (ascii === undefined) throw new InvalidAddress(mail_address, NO_ADDRESS);
	return visibleText(name) ? `${phrase(name)} <${ascii}>` : `<${ascii}>`;
}
