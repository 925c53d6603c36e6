/**
 * Text from a server with every known secret struck out, as it is and percent-encoded.
 *
 * @param secrets values that must not be shown; empty ones and other types are ignored
 */
export function redact(text: string, secrets: unknown[]): string {
	return secrets
		.filter((secret): secret is string => typeof secret === 'string' && secret !== '')
		.flatMap((secret) => [secret, encodeURIComponent(secret.toWellFormed())])
		.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}
