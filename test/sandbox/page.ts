import { wordsOf } from './apis/rules';
import { foldersForArrivals, mailsPath } from './droppedMails';
import type { Events } from './events';
import { isUnread, latestFirst, previewOf } from './mails';
import type { MailAddress, Message } from './mails';
import { html, htmlDocument, Markup } from './markup';
import type { ReceivedRequest } from './platform';
import type { Delivery, SentMail } from './post';
import { sampleMail } from './sampleMails';
import type { Clock, Contact, Folder, Label, Mailbox, Rule, Signature, Template, Tenant } from './tenants';

/** What the page shows. */
export interface View {
	readonly url: string;
	readonly clock: Clock;
	readonly tenants: readonly Tenant[];
	readonly requests: readonly ReceivedRequest[];
	/** Those that left, the oldest first. */
	readonly sentMails: readonly SentMail[];
	readonly events: Pick<Events, 'connections'>;
}

/** The page of buttons, and where they post to: the sandbox's own. */
export const accessPath = '/sandbox/access';

const shownEntries = 50;
const shownRequests = 100;
const moreRequests = 1000;

/** The colours of Feishu's own palette, by label colour name. */
const swatches: Record<string, string> = {
	blue: '#3370ff',
	indigo: '#4954e6',
	purple: '#7f3bf5',
	violet: '#d136d1',
	carmine: '#f01d94',
	red: '#f54a45',
	orange: '#ff8800',
	yellow: '#ffc60a',
	lime: '#b3d600',
	green: '#34c724',
	turquoise: '#00d6b9',
	wathet: '#14c0ff',
};

function time(at: number): string {
	return new Date(at).toISOString().slice(11, 19);
}

function date(at: number): string {
	return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}

function newestFirst<Entry>(entries: readonly Entry[], count: number): Entry[] {
	return entries.slice(-count).reverse();
}

function contactRow(contact: Contact): Markup {
	return html`<tr>
		<td>${contact.name}</td>
		<td>${contact.mail_address}</td>
		<td>${contact.phone}</td>
		<td>${contact.company}</td>
		<td>${contact.position}</td>
		<td>${contact.tag}</td>
		<td>${contact.remark}</td>
		<td class="id">${contact.id}</td>
	</tr>`;
}

function labelRow(label: Label): Markup {
	return html`<tr>
		<td>
			<span class="swatch" style="background:${swatches[label.background_color] ?? '#8f959e'}"></span
			>${label.name}
		</td>
		<td>${label.background_color}</td>
		<td>${label.messages_unread}</td>
		<td class="id">${label.id}</td>
	</tr>`;
}

function folderRow(folder: Folder, mailbox: Mailbox): Markup {
	return html`<tr>
		<td>${mailbox.pathOf(folder)}</td>
		<td>${folder.folder_type === 1 ? 'system' : 'user'}</td>
		<td>${folder.unread_message_count}</td>
		<td class="id">${folder.id}</td>
	</tr>`;
}

function ruleRow(rule: Rule): Markup {
	const { conditions, actions } = wordsOf(rule);
	return html`<tr>
		<td>${rule.name}</td>
		<td>${conditions}</td>
		<td>${actions}</td>
		<td>${rule.is_enable ? 'on' : 'off'}${rule.ignore_the_rest_of_rules ? ', then no other' : ''}</td>
		<td class="id">${rule.id}</td>
	</tr>`;
}

function person({ name, mail_address }: MailAddress): string {
	return name === undefined ? mail_address : `${name} <${mail_address}>`;
}

function mailRow(message: Message, mailbox: Mailbox): Markup {
	const { labels, folders, systemFolders } = mailbox;
	const { internal_date, head_from, subject, folder_id, label_ids, attachments, message_id } = message;
	const { to, cc, bcc, scheduled } = message;
	const folder = [...systemFolders, ...folders].find(({ id }) => id === folder_id);
	const names = [...label_ids]
		.filter((id) => id !== 'UNREAD')
		.map((label) => labels.find(({ id }) => id === label)?.name ?? label);
	return html`<tr class="${isUnread(message) ? 'unread' : ''}">
		<td class="id">${date(internal_date)}</td>
		<td>${person(head_from)}</td>
		<td>${[...to, ...cc, ...bcc].map(person).join(', ')}</td>
		<td>${subject}</td>
		<td class="words">
			${folder === undefined ? folder_id : mailbox.pathOf(folder)}${
				scheduled === undefined ? '' : `, for ${date(scheduled.send_time)}`
			}
		</td>
		<td class="words">${names.join(', ')}</td>
		<td class="words">${isUnread(message) ? 'unread' : ''}</td>
		<td>${attachments.map(({ filename }) => filename).join(', ')}</td>
		<td class="id">${message_id}</td>
	</tr>`;
}

function templateRow(template: Template): Markup {
	const { name, subject, tos, ccs, bccs, attachments, template_id } = template;
	return html`<tr>
		<td>${name}</td>
		<td>${subject}</td>
		<td>${[...tos, ...ccs, ...bccs].map(person).join(', ')}</td>
		<td>${attachments.map(({ filename }) => filename).join(', ')}</td>
		<td class="id">${template_id}</td>
	</tr>`;
}

function signatureRow({ id, name, signature_type, images }: Signature, mailbox: Mailbox): Markup {
	const uses = mailbox.signatureUsages.flatMap((usage) => [
		...(usage.send_mail_signature_id === id ? [`new mails of ${usage.email_address}`] : []),
		...(usage.reply_signature_id === id ? [`answers of ${usage.email_address}`] : []),
	]);
	return html`<tr>
		<td>${name}</td>
		<td class="words">${signature_type === 'TENANT' ? 'company' : 'user'}</td>
		<td>${uses.join(', ')}</td>
		<td>${images.map(({ filename }) => filename).join(', ')}</td>
		<td class="id">${id}</td>
	</tr>`;
}

const shares = { to: '', cc: 'Cc ', bcc: 'Bcc ' };

function deliveryText({ kind, mailbox, ...address }: Delivery): string {
	return `${shares[kind]}${person(address)} (${mailbox === undefined ? 'outside' : 'arrived'})`;
}

function sentRow({ at, mailbox, message, deliveries, recall, mail }: SentMail): Markup {
	return html`<tr>
		<td class="id">${date(at)}</td>
		<td>${mailbox.address}</td>
		<td>${deliveries.map(deliveryText).join(', ')}${recall === undefined ? '' : ', recalled'}</td>
		<td>${message.subject}</td>
		<td>${previewOf(message)}</td>
		<td>${message.attachments.map(({ filename }) => filename).join(', ')}</td>
		<td class="id">${mail.smtp_message_id}</td>
	</tr>`;
}

function table(title: string, headings: string[], total: number, rows: Markup[]): Markup {
	const heading = html`<h3>${title} <span class="count">${total}</span></h3>`;
	if (total === 0)
		return html`${heading}
			<p class="empty">None yet.</p>`;
	const more = total > rows.length ? html`<p class="empty">The newest ${rows.length} are shown.</p>` : '';
	return html`${heading}
		<table>
			<tr>
				${headings.map((name) => html`<th>${name}</th>`)}
			</tr>
			${rows}
		</table>
		${more}`;
}

/** What drops mails into a mailbox: a mail at a press, or one that is written. */
function dropForms(mailbox: Mailbox): Markup {
	const { address, messages } = mailbox;
	const { from, subject, text } = sampleMail(messages.length + 1);
	const folders = foldersForArrivals(mailbox).map(
		(folder) => html`<option value="${folder.id}">${mailbox.pathOf(folder)}</option>`,
	);
	const line = (name: string, field: Markup) => html`<label><span>${name}</span> ${field}</label>`;
	const hidden = html`<input type="hidden" name="mailbox" value="${address}" />`;
	return html`<div class="drop">
		<form method="post" action="${mailsPath}" enctype="multipart/form-data">
			${hidden}
			<button>Drop in a mail</button>
			<button name="sampleFiles" value="yes">Drop in a mail with files</button>
		</form>
		<details>
			<summary>Write one</summary>
			<form class="mail" method="post" action="${mailsPath}" enctype="multipart/form-data">
				${hidden} ${line('From', html`<input name="from" value="${person(from)}" required />`)}
				${line('Subject', html`<input name="subject" value="${subject}" required />`)}
				${line('Text', html`<textarea name="text" rows="5" required>${text}</textarea>`)}
				${line(
					'Folder',
					html`<select name="folder">
						${folders}
					</select>`,
				)}
				${line('Files', html`<input type="file" name="file" multiple />`)}
				${line('Read already', html`<input type="checkbox" name="read" value="yes" />`)}
				<button>Drop it in</button>
			</form>
		</details>
	</div>`;
}

function mailboxSection(mailbox: Mailbox): Markup {
	const { address, active, members, aliases, contacts, labels, rules } = mailbox;
	const { folders, systemFolders, messages, templates, signatures } = mailbox;
	const names = [...members].map(({ name }) => name).join(', ');
	const contactHeadings = ['Name', 'Mail address', 'Phone', 'Company', 'Position', 'Tag', 'Remark', 'ID'];
	const labelHeadings = ['Name', 'Colour', 'Unread', 'ID'];
	const folderHeadings = ['Name', 'Kind', 'Unread', 'ID'];
	const ruleHeadings = ['Name', 'Conditions', 'Actions', 'State', 'ID'];
	const mailHeadings = ['Date', 'From', 'To', 'Subject', 'Folder', 'Labels', 'Unread', 'Files', 'ID'];
	const templateHeadings = ['Name', 'Subject', 'Recipients', 'Files', 'ID'];
	const signatureHeadings = ['Name', 'Kind', 'Used for', 'Images', 'ID'];
	const templateRows = newestFirst(templates, shownEntries).map(templateRow);
	const signatureRows = signatures.map((signature) => signatureRow(signature, mailbox));
	const allFolders = [...systemFolders, ...folders];
	const folderRows = [...newestFirst(folders, shownEntries), ...systemFolders].map((folder) =>
		folderRow(mailbox.countedFolder(folder), mailbox),
	);
	const labelRows = newestFirst(labels, shownEntries).map((label) => labelRow(mailbox.countedLabel(label)));
	const mailRows = latestFirst(messages)
		.slice(0, shownEntries)
		.map((message) => mailRow(message, mailbox));
	return html`<section id="${address}">
		<h2>
			${address}${active ? '' : html` <span class="count">not active</span>`}${
				names === '' ? '' : html` <span class="count">public, of ${names}</span>`
			}${aliases.length === 0 ? '' : html` <span class="count">also ${aliases.join(', ')}</span>`}
		</h2>
		${active ? dropForms(mailbox) : ''}
		<div class="live">
			${table('Mails', mailHeadings, messages.length, mailRows)}
			${table('Contacts', contactHeadings, contacts.length, newestFirst(contacts, shownEntries).map(contactRow))}
			${table('Labels', labelHeadings, labels.length, labelRows)}
			${table('Folders', folderHeadings, allFolders.length, folderRows)}
			${table('Rules', ruleHeadings, rules.length, rules.slice(0, shownEntries).map(ruleRow))}
			${table('Templates', templateHeadings, templates.length, templateRows)}
			${table('Signatures', signatureHeadings, signatures.length, signatureRows)}
		</div>
	</section>`;
}

function tenantSection(tenant: Tenant): Markup {
	const apps = tenant.apps.map((app) => html`<code>${app.id}</code> `);
	const users = tenant.users.map(({ name, mailbox }) => `${name} (${mailbox?.address ?? 'no mailbox'})`);
	return html`<p>
			Tenant <b>${tenant.name}</b> · App ID
			${apps}${users.length === 0 ? '' : html`· Users ${users.join(', ')}`}
		</p>
		${tenant.mailboxes.map(mailboxSection)}`;
}

function requestRow({ at, method, path, api, status, code }: ReceivedRequest): Markup {
	const good = status === 200 && code === 0;
	return html`<tr>
		<td class="id">${time(at)}</td>
		<td>${api}</td>
		<td class="id">${method} ${path}</td>
		<td>${status ?? 'no answer'}</td>
		<td class="${good ? 'good' : 'bad'}">${code}</td>
	</tr>`;
}

/** How many there are of what the events of mails need. */
function eventsText({ events, tenants }: View): string {
	const many = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
	const subscriptions = tenants.flatMap(({ apps }) => apps.flatMap((app) => app.subscriptions));
	return `Events: ${many(events.connections.length, 'connection')}, ${many(subscriptions.length, 'subscription')}`;
}

const sentHeadings = ['Date', 'Mailbox', 'Recipients', 'Subject', 'Text', 'Files', 'Message-ID'];

/** Of the sandbox's pages for whoever watches it. */
export const style = `
	body { font: 14px/1.5 system-ui, sans-serif; color: #1f2329; background: #f5f6f7; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
	h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 0; } h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
	section { background: #fff; border: 1px solid #dee0e3; border-radius: 8px; padding: 1rem 1.25rem; margin: 1rem 0; overflow-x: auto; }
	table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 500; color: #646a73; }
	th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #eff0f1; vertical-align: top; overflow-wrap: anywhere; }
	.id, code { font: 12px/1.5 ui-monospace, monospace; } .id, .count, .empty { color: #646a73; }
	.count { font-weight: 400; } .good { color: #2ea121; } .bad { color: #d83931; }
	button { font: inherit; padding: 0 .75rem; border-radius: 6px; border: 1px solid #d0d3d6; background: #fff; cursor: pointer; } form { margin: 0; }
	th, .words { overflow-wrap: break-word; } .unread td:not(.id) { font-weight: 600; }
	.drop { display: flex; flex-wrap: wrap; gap: .5rem; align-items: start; margin-top: .75rem; }
	summary { cursor: pointer; } details[open] { flex-basis: 100%; }
	.mail { display: grid; gap: .5rem; max-width: 40rem; margin: .5rem 0; } .mail label { display: grid; grid-template-columns: 7rem minmax(0, 1fr); color: #646a73; } .mail span { padding: .25rem 0; }
	.mail input, .mail textarea, .mail select { font: inherit; padding: .25rem .5rem; border: 1px solid #d0d3d6; border-radius: 6px; background: #fff; }
	.mail input[type=file] { padding: .25rem 0; border: 0; } .mail input[type=checkbox], .mail button, .mail select { justify-self: start; } .mail button { margin-left: 7rem; }
	.swatch { display: inline-block; width: .8em; height: .8em; border-radius: 50%; margin-right: .5em; }
`;

/** Shows anew what changes, and leaves alone what is being written. While the sandbox is stopped, all stays as it is. */
const liveScript = `
	const show = async () => {
		try {
			const text = await (await fetch(location.href)).text();
			const newer = new DOMParser().parseFromString(text, 'text/html').querySelectorAll('.live');
			const shown = document.querySelectorAll('.live');
			if (newer.length !== shown.length) return location.reload();
			shown.forEach((part, index) => {
				if (part.innerHTML !== newer[index].innerHTML) part.innerHTML = newer[index].innerHTML;
			});
		} catch {}
		setTimeout(show, 2000);
	};
	setTimeout(show, 2000);
`;

/**
 * The page for humans: tenants, what their mailboxes hold, and the last requests. No secrets.
 *
 * @param long - shows as many requests as a browser can easily take
 */
export function renderPage(view: View, long = false): string {
	const { url, clock, tenants, requests, sentMails } = view;
	const rows = newestFirst(requests, long ? moreRequests : shownRequests).map(requestRow);
	const more =
		requests.length > shownRequests && !long ? html`<p><a href="/?requests=more">Show more</a></p>` : '';
	const body = html`<h1>Feishu sandbox</h1>
		<p>
			<span class="live">${url} · sandbox clock ${time(clock.now())} UTC · ${eventsText(view)}</span> ·
			<a href="${accessPath}">Revoke access, withdraw and grant scopes</a>
		</p>
		<section class="live">
			${table('Mails that left', sentHeadings, sentMails.length, newestFirst(sentMails, shownEntries).map(sentRow))}
		</section>
		${tenants.map(tenantSection)}
		<section class="live">
			${table('Requests', ['Time', 'API', 'Request', 'HTTP', 'Code'], requests.length, rows)} ${more}
		</section>
		<script>
			${new Markup(liveScript)};
		</script>`;
	return htmlDocument('Feishu sandbox', style, body);
}

/** The page that says why no mail was dropped in. Going back leads to the form as it was filled in. */
export function renderNotDropped(message: string): string {
	const body = html`<h1>No mail was dropped in</h1>
		<p>${message}</p>
		<p>Go back to change it, or on to <a href="/">mailboxes and requests</a>.</p>`;
	return htmlDocument('Feishu sandbox', style, body);
}
