import { createHash } from 'crypto';

import { admit, fieldRefused, success } from '../platform';
import type { Api } from '../platform';
import type { App, AppVersion } from '../tenants';

/** [docs] 1 granted, 2 not granted. */
const granted = 1;
const notGranted = 2;

/**
 * GET scopes: what the app has asked the tenant for, and what of it was granted. Needs no scope; its request limit is
 * not published. [docs: application-v6/scope/list]
 */
export const applicationScopes: Api<'application.scopes'> = {
	name: 'application.scopes',
	method: 'GET',
	path: '/open-apis/application/v6/scopes',
	tokenTypes: ['tenant'],
	scopes: [],
	fieldScopes: [],
	answer(call) {
		const { app } = admit(call, applicationScopes);
		const scopesOf = (scope_type: 'tenant' | 'user', held: Set<string>, waiting: Set<string>) => [
			...[...held].map((scope_name) => ({ scope_name, grant_status: granted, scope_type })),
			...[...waiting]
				.filter((scope) => !held.has(scope))
				.map((scope_name) => ({ scope_name, grant_status: notGranted, scope_type })),
		];
		return success({
			scopes: [
				...scopesOf('tenant', app.scopes, app.requestedScopes),
				...scopesOf('user', app.userScopes, app.requestedScopes),
			],
		});
	},
};

const invalidParameter = { status: 400, code: 210001, msg: 'param is invalid' };

/** What a version holds, as far as the sandbox has it. [docs: application_app_version] */
function shownVersion(app: App, { version, status, publishedAt, events }: AppVersion, index: number) {
	const seconds = (ms: number | undefined) => (ms === undefined ? '' : String(Math.floor(ms / 1000)));
	return {
		app_id: app.id,
		version,
		version_id: `oav_${createHash('md5').update(`${app.id} ${version} ${index}`).digest('hex')}`,
		app_name: app.name,
		status,
		create_time: seconds(publishedAt ?? 0),
		publish_time: seconds(publishedAt),
		events,
		event_infos: events.map((event_type) => ({ event_type, event_name: event_type })),
	};
}

/**
 * GET app_versions: the versions of an app and the events that are in them. The app itself is `me` or its id; others
 * are refused, which takes a scope that the sandbox does not know. [docs]
 */
export const applicationVersions: Api<'application.versions'> = {
	name: 'application.versions',
	method: 'GET',
	path: '/open-apis/application/v6/applications/:app_id/app_versions',
	tokenTypes: ['tenant'],
	// [seen] in this order.
	scopes: ['application:application:self_manage', 'application:application.app_version:readonly'],
	fieldScopes: [],
	documentedQuota: { limit: 100, window: 60 },
	answer(call) {
		const { app } = admit(call, applicationVersions);
		const { lang, page_size = '20', page_token = '' } = call.request.query;
		if (!/^(zh_cn|en_us|ja_jp)$/.test(String(lang))) {
			throw fieldRefused(invalidParameter, 'lang', 'zh_cn, en_us or ja_jp');
		}
		const size = Number(page_size);
		if (!Number.isInteger(size) || size < 1 || size > 50) {
			throw fieldRefused(invalidParameter, 'page_size', '1 to 50', String(page_size));
		}
		const { app_id = '' } = call.parameters;
		if (app_id !== 'me' && app_id !== app.id) {
			throw fieldRefused(invalidParameter, 'app_id', 'the own app', app_id);
		}
		const from = Number(page_token);
		const end = from + size;
		const items = app.versions.map((version, index) => shownVersion(app, version, index)).slice(from, end);
		const has_more = end < app.versions.length;
		return success({ items, has_more, page_token: has_more ? String(end) : '' });
	},
};
