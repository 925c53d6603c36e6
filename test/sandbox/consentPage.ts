import { html, htmlDocument } from './markup';
import type { Piece } from './markup';
import type { App, User } from './tenants';

/** What the consent page asks the user. */
export interface ConsentQuestion {
	app: App;
	user: User;
	/** The scopes asked for, in the order of the request. */
	scopes: readonly string[];
	/** Those that the user allowed earlier. */
	allowed: ReadonlySet<string>;
	/** Where the form goes to, and what it carries besides the decision. */
	action: string;
	fields: Record<string, string>;
}

const style = `
	body { font: 15px/1.5 system-ui, sans-serif; color: #1f2329; background: #f5f6f7; margin: 0; display: grid; place-items: center; min-height: 100vh; }
	main { background: #fff; border: 1px solid #dee0e3; border-radius: 12px; padding: 2rem; margin: 1rem; width: min(28rem, 100% - 6rem); overflow-wrap: anywhere; }
	h1 { font-size: 1.3rem; margin: 0 0 .75rem; } p { margin: 0 0 1rem; } ul { margin: 0 0 1.5rem; padding-left: 1.25rem; }
	code { font: 13px/1.7 ui-monospace, monospace; } .quiet { color: #646a73; font-size: .85rem; }
	button { font: inherit; padding: .5rem 1.5rem; border-radius: 6px; border: 1px solid #d0d3d6; background: #fff; cursor: pointer; margin-right: .5rem; }
	button.primary { background: #3370ff; border-color: #3370ff; color: #fff; }
`;

const sandboxNote = html`<p class="quiet">This is the Feishu sandbox, not Feishu.</p>`;

/** The page that asks the signed-in user whether an app may act in the user's name. */
export function renderConsent({ app, user, scopes, allowed, action, fields }: ConsentQuestion): string {
	const hidden = Object.entries(fields).map(
		([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
	);
	const items = scopes.map((scope) => {
		const known: Piece = allowed.has(scope) ? html` <span class="quiet">allowed before</span>` : '';
		return html`<li><code>${scope}</code>${known}</li>`;
	});
	const asked =
		items.length === 0
			? html`<p>It asks for nothing beyond what you allowed before.</p>`
			: html`<p>It asks for:</p>
					<ul>
						${items}
					</ul>`;
	const body = html`<main>
		<h1>Allow ${app.name} to act for you?</h1>
		<p>
			You are signed in as <b>${user.name}</b>${user.mailbox ? ` (${user.mailbox.address})` : ''} of tenant
			<b>${user.tenant.name}</b>.
		</p>
		${asked}
		<form method="post" action="${action}">
			${hidden}
			<button class="primary" name="decision" value="allow">Allow</button>
			<button name="decision" value="deny">Deny</button>
		</form>
		<p></p>
		${sandboxNote}
	</main>`;
	return htmlDocument(`Allow ${app.name}?`, style, body);
}

/** The page that says why the user cannot be asked. */
export function renderAuthorizeError(code: number, message: string): string {
	const body = html`<main>
		<h1>This app cannot be authorized</h1>
		<p>${message}</p>
		<p class="quiet">Error code ${code}</p>
		${sandboxNote}
	</main>`;
	return htmlDocument(`Error ${code}`, style, body);
}
