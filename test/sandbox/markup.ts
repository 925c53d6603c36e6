/** HTML that is safe to put into HTML. */
export class Markup {
	constructor(readonly text: string) {}
}

export type Piece = string | number | undefined | Markup | Markup[];

const entities: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
};

function render(piece: Piece): string {
	if (piece instanceof Markup) return piece.text;
	if (Array.isArray(piece)) return piece.map(render).join('');
	return String(piece ?? '').replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** Template tag: whatever is put in is escaped, unless it was made by this tag. */
export function html(literals: TemplateStringsArray, ...pieces: Piece[]): Markup {
	return new Markup(literals.reduce((text, literal, index) => text + render(pieces[index - 1]) + literal));
}

/** A whole page. `head` goes behind what every page has. */
export function htmlDocument(title: string, style: string, body: Markup, head: Piece = ''): string {
	return html`<!doctype html>
		<html lang="en">
			<head>
				<meta charset="utf-8" />
				<meta name="viewport" content="width=device-width" />
				<title>${title}</title>
				<link rel="icon" href="data:," />
				<style>
					${new Markup(style)}
				</style>
				${head}
			</head>
			<body>
				${body}
			</body>
		</html> `.text;
}
