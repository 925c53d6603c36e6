/** One step: what was expected, what came. */
export interface Row {
	step: string;
	expected: string;
	real: string;
	ok: boolean;
	/** The x-ogw-ratelimit-* headers of the answer, or of the refusal before it. */
	rateLimit: string;
	/** What Feishu said about a difference; why a step was skipped. */
	message: string;
}

/** The rows as lines for a terminal. */
export function tableOf(rows: Row[]): string {
	const lines = [
		['step', 'expected', 'real', '', 'x-ogw-ratelimit', 'message'],
		...rows.map(({ step, expected, real, ok, rateLimit, message }) => [
			step,
			expected,
			real,
			ok ? 'ok' : 'differs',
			rateLimit || '-',
			message,
		]),
	];
	const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
	return lines
		.map((line) =>
			line
				.map((cell, column) => cell.padEnd(widths[column]!))
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}
