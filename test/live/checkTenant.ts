/* eslint-disable @n8n/community-nodes/require-node-api-error -- runs on Node, not inside n8n */
import { randomBytes } from 'node:crypto';

import { EventsCheck } from './eventsCheck';
import type { Row } from './report';
import { CannotGoOn, entriesOf, Steps, success, type Entry } from './steps';
import { isObject, TenantClient } from './tenant';
import type { Account, Answer } from './tenant';
import { UserCheck } from './userCheck';

interface Report {
	rows: Row[];
	/** Why steps are missing, and what could not be deleted. */
	remarks: string[];
}

type Collection = 'mail_contacts' | 'labels';

/** Fields that every mail has, and the scopes without which Feishu leaves them out. */
const fieldScopes = {
	subject: 'mail:user_mailbox.message.subject:read',
	head_from: 'mail:user_mailbox.message.address:read',
};

/** How far contacts are searched, in pages of 20: a minute's quota is 20 lists, and some other lists are needed. */
const pages = 12;

/**
 * Takes a mailbox through every step, contacts first, then labels, and deletes what it created. Mails that were there
 * before are read only.
 *
 * @param signal stops before the next step; what exists by then is deleted
 */
export async function checkTenant(account: Account, signal: AbortSignal): Promise<Report> {
	const check = new Check(account, signal);
	const remarks: string[] = [];
	try {
		await check.run();
	} catch (error) {
		if (!(error instanceof CannotGoOn)) throw error;
		remarks.push(error.message);
	} finally {
		remarks.push(...(await check.cleanUp()));
	}
	return { rows: check.rows, remarks };
}

class Check extends Steps {
	private readonly tenant: TenantClient;

	private readonly name = `n8n live check ${randomBytes(6).toString('hex')}`;

	/** What exists because of this run. */
	private readonly created: Record<Collection, Set<string>> = { mail_contacts: new Set(), labels: new Set() };

	/** The scopes that the app holds. */
	private readonly granted = new Set<unknown>();

	/** Where a creation may have happened although its answer does not say so. */
	private readonly uncertain = new Set<Collection>();

	private readonly user?: UserCheck;

	private readonly events?: EventsCheck;

	constructor(
		private readonly account: Account,
		signal: AbortSignal,
	) {
		super(signal);
		this.tenant = new TenantClient(account);
		const { userAccessToken } = account;
		if (userAccessToken) {
			const user = new TenantClient(account, userAccessToken);
			this.user = new UserCheck(user, account.mailbox, this.name, signal, this.rows);
			if (account.listens) this.events = new EventsCheck(this.tenant, user, this.name, signal, this.rows);
		}
	}

	async run(): Promise<void> {
		await this.step(
			'token exchange, wrong secret',
			'200 10014',
			async () => await this.tenant.signIn('wrong'),
		);
		await this.needed('token exchange', success, async () => await this.tenant.signIn());
		await this.scopes();
		await this.unknownMailbox();
		await this.contact();
		await this.label();
		await this.mails();
		await this.threads();
		await this.addresses();
		await this.recalls();
		await this.actAsUser();
	}

	/** Deletes what the steps left. Answers with what it could not delete. */
	async cleanUp(): Promise<string[]> {
		const failures = [...((await this.events?.cleanUp()) ?? []), ...((await this.user?.cleanUp()) ?? [])];
		for (const collection of this.uncertain) {
			const { answer, entries, more } = await this.search(collection);
			for (const { id } of entries) this.created[collection].add(String(id));
			if (entries.length === 0 && (more || answer.outcome !== success)) {
				failures.push(`Look for '${this.name}' in ${collection}: it is unknown whether it was created`);
			}
		}
		for (const collection of ['mail_contacts', 'labels'] as const) {
			for (const id of this.created[collection]) {
				const { outcome } = await this.tenant.mail('DELETE', `${collection}/${encodeURIComponent(id)}`);
				if (outcome === success) continue;
				failures.push(`Delete by hand: '${this.name}' in ${collection}, id ${id} (${outcome})`);
			}
		}
		return failures;
	}

	private async scopes(): Promise<void> {
		const { envelope } = await this.step(
			'scopes of the app',
			success,
			async () => await this.tenant.scopes(),
		);
		const scopes = envelope.data?.scopes;
		const isScope = (entry: unknown) =>
			isObject(entry) && typeof entry.scope_name === 'string' && [1, 2].includes(Number(entry.grant_status));
		const real =
			Array.isArray(scopes) && scopes.every(isScope) ? 'names, grant_status 1 or 2' : 'another form';
		this.compare('scopes: answer', 'names, grant_status 1 or 2', real);
		for (const { scope_name, scope_type, grant_status } of entriesOf(scopes)) {
			// The same name may be granted to users and not to the app.
			if (grant_status === 1 && scope_type !== 'user') this.granted.add(scope_name);
		}
	}

	private async unknownMailbox(): Promise<void> {
		const mailbox = `${this.name.replaceAll(' ', '-')}@example.com`;
		const ask = async (path: string) => await this.tenant.mail('GET', path, undefined, mailbox);
		await this.step('labels of an unknown mailbox', '400 1234013', async () => await ask('labels'));
		await this.step(
			'contacts of an unknown mailbox',
			'400 1230001 (assumed)',
			async () => await ask('mail_contacts?page_size=1'),
		);
		await this.step(
			'mails of an unknown mailbox',
			'404 1234013 (assumed)',
			async () => await ask('messages?page_size=1&folder_id=INBOX'),
		);
	}

	private async contact(): Promise<void> {
		const fields = { name: this.name, company: 'n8n', mail_address: 'live-check@example.com' };
		const { id, entry } = await this.create('contact: create', 'mail_contacts', fields);
		this.compare('contact: answer to create', describeFields(fields), describeFields(fields, entry));

		const listed = await this.search('mail_contacts');
		this.add('contact: list', success, listed.answer);
		const samePage = { from: listed.page, limit: 1 };
		const found = listed.entries.find((candidate) => candidate.id === id);
		const missing = listed.more ? `not on ${pages} pages` : 'not there';
		this.compare('contact: in the list', 'found', found ? 'found' : missing);

		const path = `mail_contacts/${encodeURIComponent(id)}`;
		const renamed = `${this.name} 2`;
		await this.step(
			'contact: update name alone',
			success,
			async () => await this.tenant.mail('PATCH', path, { name: renamed }),
		);
		if (found) {
			const { answer, entries } = await this.search('mail_contacts', samePage);
			this.add('contact: list after the update', success, answer);
			const updated = entries.find((candidate) => candidate.id === id) ?? {};
			this.compare('contact: name after the update', 'new', updated.name === renamed ? 'new' : 'old');
			// The documents do not say; the node sends all fields again unless told otherwise.
			const kept = updated.company === found.company && updated.mail_address === found.mail_address;
			this.compare('contact: fields an update leaves out', 'kept (assumed)', kept ? 'kept' : 'replaced');
		}
		await this.remove('contact: delete', 'mail_contacts', id);
		if (found) {
			const { answer, entries } = await this.search('mail_contacts', samePage);
			this.add('contact: list after delete', success, answer);
			this.compare(
				'contact: in the list after delete',
				'gone',
				entries.length === 0 ? 'gone' : 'still there',
			);
		}
		await this.step(
			'contact: delete again',
			'400 1230001 (assumed)',
			async () => await this.tenant.mail('DELETE', path),
		);
	}

	private async label(): Promise<void> {
		const label = { name: this.name, background_color: 'blue' };
		const { id, entry } = await this.create('label: create', 'labels', label);
		this.compare('label: answer to create', describeFields(label), describeFields(label, entry));
		await this.create('label: create, same name', 'labels', label, '400 1230101');

		const path = `labels/${encodeURIComponent(id)}`;
		const get = async () => await this.tenant.mail('GET', path);
		const got = await this.step('label: get', success, get);
		this.compare('label: answer to get', describeFields(label), describeFields(label, entryOf(got)));
		const red = { name: this.name, background_color: 'red' };
		await this.step(
			'label: update colour alone',
			success,
			async () => await this.tenant.mail('PATCH', path, { label: { background_color: 'red' } }),
		);
		const updated = await this.step('label: get after the update', success, get);
		this.compare('label: after the update', describeFields(red), describeFields(red, entryOf(updated)));
		const mails = await this.read(
			'label: list of its mails',
			`messages?page_size=20&label_id=${encodeURIComponent(id)}`,
		);
		this.compare(
			'label: its mails',
			'none',
			Array.isArray(mails.items) && mails.items.length > 0 ? 'some' : 'none',
		);
		await this.remove('label: delete', 'labels', id);
		await this.step('label: get after delete', '400 1230100', get);
	}

	/** The newest mails of the inbox, without their texts: who runs this sees nothing of them. */
	private async mails(): Promise<void> {
		const { items } = await this.read('mails: list of the inbox', 'messages?page_size=20&folder_id=INBOX');
		const ids = Array.isArray(items) ? items : [];
		this.compare(
			'mails: answer to list',
			'ids',
			ids.every((id) => typeof id === 'string') ? 'ids' : 'another form',
		);
		await this.step(
			'mails: list, 21 a page',
			'400 1230001',
			async () => await this.tenant.mail('GET', 'messages?page_size=21&folder_id=INBOX'),
		);
		const read = async (message_ids: unknown[]) =>
			await this.tenant.mail('POST', 'messages/batch_get', { format: 'metadata', message_ids });
		// Some servers are said to answer with the other mails; the node takes both.
		await this.step(
			'mails: read with an unknown id',
			'400 1230006',
			async () => await read([...ids.slice(0, 1), this.name]),
		);
		if (ids.length === 0) this.skip('mails: read', 'the inbox is empty');
		else {
			const { envelope } = await this.step('mails: read up to 20', success, async () => await read(ids));
			this.compareMails(ids, entriesOf(envelope.data?.messages));
		}
	}

	private compareMails(ids: unknown[], mails: Entry[]): void {
		const byId = new Map(mails.map((mail) => [mail.message_id, mail]));
		const read = ids.map((id) => byId.get(id)).filter((mail) => mail !== undefined);
		this.compare(
			'mails: read',
			`all ${ids.length}`,
			read.length === ids.length ? `all ${ids.length}` : `${read.length}`,
		);
		const dates = read.map(({ internal_date }) => internal_date);
		const isDate = (date: unknown) => typeof date === 'string' && /^\d{13}$/.test(date);
		this.compare(
			'mails: dates',
			'milliseconds, as text',
			dates.every(isDate) ? 'milliseconds, as text' : 'another form',
		);
		const isInOrder = dates.every((date, index) => index === 0 || Number(date) <= Number(dates[index - 1]));
		this.compare(
			'mails: order of the list',
			'newest first (assumed)',
			isInOrder ? 'newest first' : 'another',
		);
		const isEncoded = ({ body_preview: preview }: Entry) => /^[\w-]*={0,2}$/.test(String(preview ?? ''));
		this.compare('mails: previews', 'base64url', read.every(isEncoded) ? 'base64url' : 'another form');
		for (const [field, scope] of Object.entries(fieldScopes)) {
			this.compare(
				`mails: ${field}`,
				this.granted.has(scope) ? 'shown' : 'left out',
				read.some((mail) => mail[field] !== undefined) ? 'shown' : 'left out',
			);
		}
	}

	private async threads(): Promise<void> {
		const listed = await this.read('threads: list of the inbox', 'threads?page_size=20&folder_id=INBOX');
		await this.step(
			'threads: get an unknown one',
			'404 1236022',
			async () => await this.tenant.mail('GET', `threads/${encodeURIComponent(this.name)}?format=metadata`),
		);
		const [first] = entriesOf(listed.items);
		if (!first) return this.skip('threads: get', 'the inbox is empty');
		const got = await this.read(
			'threads: get',
			`threads/${encodeURIComponent(String(first.id))}?format=metadata`,
		);
		const thread = isObject(got.thread) ? got.thread : {};
		const mails = entriesOf(thread.messages);
		const isWhole = mails.length > 0 && mails.every(({ thread_id }) => thread_id === first.id);
		this.compare('threads: answer to get', 'its mails', isWhole ? 'its mails' : 'others, or none');
	}

	private async addresses(): Promise<void> {
		const lists = {
			senders: { path: 'settings/send_as', list: 'sendable_addresses' },
			'accessible mailboxes': { path: 'accessible_mailboxes', list: 'accessible_mailboxes' },
		};
		for (const [step, { path, list }] of Object.entries(lists)) {
			const data = await this.read(step, path);
			const addresses = entriesOf(data[list]).map(({ email_address }) => String(email_address).toLowerCase());
			const isThere = addresses.includes(this.account.mailbox.toLowerCase());
			this.compare(`${step}: the mailbox`, 'among them', isThere ? 'among them' : 'not there');
		}
	}

	/** Of no mail that there is: a recall leaves notices in mailboxes. */
	private async recalls(): Promise<void> {
		const path = `messages/${encodeURIComponent(this.name)}/recall`;
		const unknown = '404 1234034 (assumed)';
		await this.step('recall: an unknown mail', unknown, async () => await this.tenant.mail('POST', path, {}));
		await this.step('recall: detail of none', unknown, async () => await this.tenant.mail('GET', path));
	}

	/** What only users may do. */
	private async actAsUser(): Promise<void> {
		if (!this.user) return this.skip('profile, search, drafts', 'FEISHU_USER_ACCESS_TOKEN is not set');
		const isOwn = await this.user.look();
		await this.events?.begin();
		if (!this.account.sends) this.skip('drafts, sending', 'FEISHU_LIVE_SEND is not 1');
		else if (isOwn) await this.user.write();
		// A mail to it would reach other people.
		else this.skip('drafts, sending', 'the mailbox is not the own one of the user');
		await this.events?.end(Boolean(this.account.sends && isOwn));
	}

	/** What a read gives that is expected to succeed. */
	private async read(step: string, path: string): Promise<Entry> {
		const { envelope } = await this.step(step, success, async () => await this.tenant.mail('GET', path));
		return envelope.data ?? {};
	}

	/** Creates one entry; ends the run where one was expected and none is there. */
	private async create(
		step: string,
		collection: Collection,
		fields: object,
		expected = success,
	): Promise<{ id: string; entry: Entry }> {
		const body = collection === 'labels' ? { label: fields } : fields;
		if (this.signal.aborted) this.stop('interrupted');
		this.uncertain.add(collection);
		const answer = await this.step(
			step,
			expected,
			async () => await this.tenant.mail('POST', collection, body),
		);
		const entry = entryOf(answer);
		const { id } = entry;
		const created = typeof id === 'string';
		if (created) this.created[collection].add(id);
		if (created || /^4\d\d \d+$/.test(answer.outcome)) this.uncertain.delete(collection);
		if (expected === success && !created) this.stop(`'${step}' gave no id`);
		return { id: String(id), entry };
	}

	private async remove(step: string, collection: Collection, id: string): Promise<void> {
		const path = `${collection}/${encodeURIComponent(id)}`;
		const { outcome } = await this.step(step, success, async () => await this.tenant.mail('DELETE', path));
		if (outcome === success) this.created[collection].delete(id);
	}

	/**
	 * Entries that carry the name of this run. Contacts are listed from a page on, up to one with such an entry.
	 * `page` is the last page's token; `more` tells that pages were left.
	 */
	private async search(
		collection: Collection,
		{ from = '', limit = pages } = {},
	): Promise<{ answer: Answer; entries: Entry[]; page: string; more: boolean }> {
		let page = from;
		for (let count = 1; ; count++) {
			const query = page ? `&page_token=${encodeURIComponent(page)}` : '';
			const path = collection === 'labels' ? collection : `${collection}?page_size=20${query}`;
			const answer = await this.tenant.mail('GET', path);
			const { items, has_more: more, page_token: next } = answer.envelope.data ?? {};
			const entries = entriesOf(items).filter(({ name }) => String(name).startsWith(this.name));
			const ends = more !== true || typeof next !== 'string';
			if (entries.length > 0 || ends || count === limit) return { answer, entries, page, more: !ends };
			page = next;
		}
	}
}

/** The contact or label of an answer. */
function entryOf({ envelope: { data } }: Answer): Entry {
	const entry = data?.mail_contact ?? data?.label;
	return isObject(entry) ? entry : {};
}

/** The fields that agree with what was sent: all of them, unless something differs. */
const describeFields = (sent: Entry, entry: Entry = sent) =>
	Object.keys(sent)
		.map((field) => (entry[field] === sent[field] ? field : `not ${field}`))
		.join(', ');
