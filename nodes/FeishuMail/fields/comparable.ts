/**
 * What texts have in common that a person takes for the same: upper and lower case are alike, and so are `é` as one
 * character and as an `e` with an accent after it (Unicode normalisation), which macOS and some CRMs write.
 */
export const comparable = (text: unknown): string =>
	String(text ?? '')
		.toLowerCase()
		.normalize('NFC');
