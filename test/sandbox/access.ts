import { html, htmlDocument } from './markup';
import type { Markup } from './markup';
import { accessPath, style } from './page';
import type { View } from './page';
import type { App, Tenant } from './tenants';

/** What the buttons do to an app, by the name that they post. */
const changes = {
	rejectTokens: (app: App) => app.revokeTokens(),
	rejectUserTokens: (app: App) => app.revokeUserTokens(),
	revokeUserAccess: (app: App) => app.revokeUserAccess(),
	withdrawFromApp: (app: App, scope: string) => app.scopes.delete(scope),
	withdrawFromUsers: (app: App, scope: string) => app.userScopes.delete(scope),
	grantToApp: (app: App, scope: string) => app.scopes.add(scope),
	grantToUsers: (app: App, scope: string) => app.userScopes.add(scope),
} satisfies Record<string, (app: App, scope: string) => unknown>;

type Change = keyof typeof changes;

/** Does what a button of the page asks for; anything else is left alone. */
export function changeAccess(tenants: readonly Tenant[], form: Record<string, unknown>): void {
	const { change, app: id, scope } = form;
	const app = tenants.flatMap(({ apps }) => apps).find((candidate) => candidate.id === id);
	if (app && Object.hasOwn(changes, String(change))) changes[change as Change](app, String(scope));
}

function button(app: App, text: string, change: Change, scope = ''): Markup {
	return html`<form method="post" action="${accessPath}">
		<input type="hidden" name="app" value="${app.id}" />
		<input type="hidden" name="scope" value="${scope}" />
		<button name="change" value="${change}">${text}</button>
	</form>`;
}

function tokenRows(app: App, now: number): Markup {
	const { accessTokens, refreshTokens } = app.authorizations;
	const valid = (ends: Array<{ end: number }>) => ends.filter(({ end }) => end > now).length;
	const appTokens = valid([...app.tokens.values()].map((end) => ({ end })));
	const renewals = valid([...refreshTokens.values()].filter(({ used, revoked }) => !used && !revoked));
	return html`<tr>
			<td>Tokens of the app (tenant_access_token)</td>
			<td>${appTokens} valid</td>
			<td>${button(app, 'Reject them', 'rejectTokens')}</td>
			<td class="empty">The node gets a new one by itself.</td>
		</tr>
		<tr>
			<td>Tokens of users (user_access_token)</td>
			<td>${valid([...accessTokens.values()])} valid</td>
			<td>${button(app, 'Reject them', 'rejectUserTokens')}</td>
			<td class="empty">n8n renews them with its refresh token.</td>
		</tr>
		<tr>
			<td>Access of users (refresh_token)</td>
			<td>${renewals} valid</td>
			<td>${button(app, 'Revoke access', 'revokeUserAccess')}</td>
			<td class="empty">The users have to connect again.</td>
		</tr>`;
}

function scopeCells(app: App, scope: string, identity: 'tenant' | 'user'): Markup {
	if (!app.tenant.everyScope[identity].includes(scope)) return html`<td colspan="2"></td>`;
	const ofApp = identity === 'tenant';
	return (ofApp ? app.scopes : app.userScopes).has(scope)
		? html`<td class="good">held</td>
				<td>${button(app, 'Withdraw', ofApp ? 'withdrawFromApp' : 'withdrawFromUsers', scope)}</td>`
		: html`<td class="bad">not held</td>
				<td>${button(app, 'Grant', ofApp ? 'grantToApp' : 'grantToUsers', scope)}</td>`;
}

function appSection(app: App, now: number): Markup {
	const { tenant, user } = app.tenant.everyScope;
	const scopes = [...new Set([...tenant, ...user])].sort().map(
		(scope) =>
			html`<tr>
				<td class="id">${scope}</td>
				${scopeCells(app, scope, 'tenant')} ${scopeCells(app, scope, 'user')}
			</tr>`,
	);
	return html`<section>
		<h2>${app.name} <code>${app.id}</code></h2>
		<h3>Tokens</h3>
		<table>
			${tokenRows(app, now)}
		</table>
		<h3>Scopes</h3>
		<table>
			<tr>
				<th>Scope</th>
				<th colspan="2">As the app</th>
				<th colspan="2">As a user</th>
			</tr>
			${scopes}
		</table>
	</section>`;
}

/** The page on which a human takes away and gives back what apps may do, as a developer console does. No secrets. */
export function renderAccess({ clock, tenants }: Pick<View, 'clock' | 'tenants'>): string {
	const apps = tenants.flatMap((tenant) => tenant.apps);
	const body = html`<h1>Access to the Feishu sandbox</h1>
		<p><a href="/">Mailboxes and requests</a></p>
		${apps.map((app) => appSection(app, clock.now()))}`;
	return htmlDocument('Access · Feishu sandbox', style, body);
}
