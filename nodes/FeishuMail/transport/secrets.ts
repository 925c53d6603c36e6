/** Every secret that a run has known, to keep them out of what is shown: a server may repeat an old one late. */
export class Secrets {
	private readonly values = new Set<string>();

	private forms: string[] = [];

	/** @param values what must not be shown; empty texts and other types are ignored */
	add(...values: unknown[]): void {
		for (const value of values) {
			if (typeof value !== 'string' || value.trim() === '' || this.values.has(value)) continue;
			this.values.add(value);
			// The longest first: a secret may be a part of another one.
			this.forms = [...new Set([...this.forms, ...formsOf(value)])].sort((a, b) => b.length - a.length);
		}
	}

	/** A text, or a list or an object with texts in it, with every secret struck out. */
	strikeOut<T>(shown: T): T {
		if (typeof shown === 'string') {
			return this.forms.reduce<string>((text, form) => text.replaceAll(form, '***'), shown) as T;
		}
		if (Array.isArray(shown)) return shown.map((value: unknown) => this.strikeOut(value)) as T;
		if (typeof shown !== 'object' || shown === null) return shown;
		return Object.fromEntries(
			Object.entries(shown).map(([key, value]) => [key, this.strikeOut<unknown>(value)]),
		) as T;
	}
}

/** A secret, without its outer blanks, as a server may repeat it: as it is, in a URL, in a form, in JSON. */
function formsOf(secret: string): string[] {
	const text = secret.trim();
	const inUrl = encodeURIComponent(text.toWellFormed());
	return [
		text,
		inUrl,
		inUrl.replace(/%../g, (octet) => octet.toLowerCase()),
		new URLSearchParams([[text, '']]).toString().slice(0, -1),
		JSON.stringify(text).slice(1, -1),
	];
}
