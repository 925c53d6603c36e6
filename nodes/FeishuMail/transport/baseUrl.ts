import type { ICredentialDataDecryptedObject } from 'n8n-workflow';

import { RefusedInput } from './refusedInput';

/** API hosts of the two public platforms. An app exists on one of them only. Docs: "Hosts". */
const regionHosts = new Map([
	['feishu', 'https://open.feishu.cn'],
	['lark', 'https://open.larksuite.com'],
]);

/** Hosts that plain http may reach: nothing leaves the machine. */
export const isLoopback = (hostname: string) =>
	hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);

/**
 * The address that every path of the Open API is appended to, without a trailing slash.
 *
 * Computed on each use: n8n keeps resolved expression fields of a credential, and they go stale.
 *
 * @param credential holds `region` (`feishu`, `lark` or `custom`) and, for `custom`, `baseUrl`
 * @throws RefusedInput for an unknown region or a base URL that must not receive the app secret
 */
export function apiBaseUrl(credential: ICredentialDataDecryptedObject): string {
	const region = String(credential.region);
	if (region !== 'custom') {
		const host = regionHosts.get(region);
		if (!host) throw new RefusedInput(`'Region' of the credential is unknown: choose Feishu, Lark or Custom`);
		return host;
	}

	const text = String(credential.baseUrl ?? '').trim();
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (!url || !['http:', 'https:'].includes(url.protocol)) {
		throw new RefusedInput(
			"'Base URL' of the credential is not an address: enter one like https://open.example.com",
		);
	}
	if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
		throw new RefusedInput(
			"'Base URL' of the credential starts with http://, which would send the App Secret unencrypted: use https://",
		);
	}
	if (url.username || url.password || url.search || url.hash) {
		throw new RefusedInput(
			"'Base URL' of the credential holds more than an address: remove user name, password, '?' and '#' parts",
		);
	}
	const prefix = url.pathname
		.replace(/\/+$/, '')
		.replace(/\/open-apis$/, '')
		.replace(/\/+$/, '');
	return url.origin + prefix;
}
