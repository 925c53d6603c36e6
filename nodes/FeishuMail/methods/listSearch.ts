import { createHash } from 'crypto';

import {
	NodeOperationError,
	type ILoadOptionsFunctions,
	type INodeListSearchItems,
	type INodeListSearchResult,
	type INodePropertyOptions,
} from 'n8n-workflow';

import { listContacts } from '../actions/contact/getAll.operation';
import type { MailContact } from '../actions/contact/mailContact';
import { listFolders, pathsOf, ROOT, type MailFolder } from '../actions/folder/mailFolder';
import { listLabels, type Label } from '../actions/label/label';
import { systemMailLabels } from '../actions/message/labels';
import type { Address as SenderAddress } from '../actions/mailbox/addresses';
import { listAliases, type Alias } from '../actions/mailbox/aliases';
import { listSenders } from '../actions/mailbox/getSenders.operation';
import { listMails, readMails, type Mail } from '../actions/message/message';
import { listRules } from '../actions/rule/mailRule';
import type { MailRule } from '../actions/rule/ruleWords';
import { signatureChoices } from '../actions/outgoing/signing';
import { listSignatures, type Signature } from '../actions/signature/signature';
import { listTemplates, type Template } from '../actions/template/template';
import { comparable } from '../fields/comparable';
import { mailbox } from '../fields/mailbox';
import { readAll } from '../run/readAll';
import { Client, type Call } from '../transport/client';
import type { Endpoint, Page, PathParameter } from '../transport/endpoint';
import { failureCode } from '../transport/failure';
import { RefusedInput } from '../transport/refusedInput';
import { REQUEST_QUOTA } from '../transport/quota';
import type { ReadPage } from '../transport/returned';
import { identityOf } from '../transport/session';
import { KnownList } from './knownList';

/** Milliseconds that somebody who opens a list waits for its answer, and for Feishu's quota while there is nothing to show. */
const PATIENCE = { timeout: 20_000, maxWait: 10_000 };

/** How many pages one call of the editor reads at most: running workflows draw on the same quota. */
const PAGES_PER_CALL = 5;

/** Entries that fill the list, so that the editor can scroll. It asks for a further page only when somebody scrolls. */
const SCREENFUL = 10;

/** What a list is read from. */
interface Source<A> {
	/** Tells lists of a mailbox apart. */
	key: string;
	page: (client: Client, call: Call, token: string) => Promise<ReadPage<A>>;
}

const listOf = <A>(endpoint: Endpoint<Page<A>>): Source<A> => ({
	key: endpoint.path,
	page: async (client, call, token) => await client.page(endpoint, call, token),
});

/** The mails of a folder, the newest first, with sender and subject. */
const mailsIn = (folder_id: string): Source<Mail> => ({
	key: `mails of ${folder_id}`,
	async page(client, call, token) {
		const query = { folder_id };
		const { items: ids, ...page } = await client.page(listMails, { ...call, query }, token);
		if (ids.length === 0) return { items: [], ...page };
		return {
			items: await readAll(client, readMails, { ...call, body: { format: 'metadata' } }, ids),
			...page,
		};
	},
});

const inbox = mailsIn('INBOX');

/** What a list shows. */
interface Entries<A> {
	entriesOf: (items: A[]) => INodeListSearchItems[];
	/** What is shown where there is nothing to choose. */
	whenEmpty: string;
}

/** A list of the mailbox that the node's panel shows. */
class EditorList<A extends object> {
	private readonly client: Client;

	private readonly mailbox: PathParameter;

	private pagesLeft = PAGES_PER_CALL;

	constructor(
		private readonly context: ILoadOptionsFunctions,
		private readonly source: Source<A>,
	) {
		this.client = new Client(context, identityOf(context.getNodeParameter('authentication', '')));
		this.mailbox = mailbox({
			actsAsApp: this.client.identity === 'tenant',
			pathParameter: (name) => ({
				displayName: 'Mailbox',
				value: String(context.getNodeParameter(name, '') ?? '').trim(),
			}),
		});
	}

	/**
	 * The entries that hold a text, from a page on. Feishu searches none of these lists: pages are read until the list is
	 * full. What is not searched is told in a last entry.
	 *
	 * @param from the token of the page to begin with; empty for the first
	 */
	async search(
		wanted: string,
		from: string,
		{ entriesOf, whenEmpty }: Entries<A>,
	): Promise<INodeListSearchResult> {
		if (this.mailbox.value === '') {
			throw new RefusedInput(
				"'Mailbox' is empty: enter the address of the mailbox there, then open this list again",
			);
		}
		const known = await this.known();
		const seen = await known.tokensBefore(from);
		// A thread may have mails on several pages.
		const shown = new Set<unknown>();
		const newOf = (items: A[]) =>
			entriesOf(items).filter(
				({ name, value }) => comparable(name).includes(wanted) && !shown.has(value) && shown.add(value),
			);
		for (const token of seen) newOf((await known.page(token))?.items ?? []);
		const results: INodeListSearchItems[] = [];
		const upTo = (reason: string) => ({ results: [...results, notice(reason)] });
		for (let token = from; ;) {
			if (!known.page(token)) {
				if (known.isFull) return upTo('These are too many to search all: enter an ID');
				if (this.pagesLeft === 0) return upTo('Not all is searched yet: type a space to search on');
			}
			const reading = known.page(token) ?? known.read(token, async () => await this.read(token));
			// Where there is nothing to show, the failure is.
			const page = await (token === '' ? reading : reading.catch(inWords));
			if (typeof page === 'string') return upTo(page);
			results.push(...newOf(page.items));
			const { next, brokenOff } = page;
			seen.add(token);
			if (brokenOff ?? (next !== undefined && seen.has(next))) {
				return upTo('Feishu broke the list off here: more may follow');
			}
			if (next === undefined) {
				return results.length === 0 && wanted === '' ? upTo(whenEmpty) : { results };
			}
			if (results.length >= SCREENFUL) return { results, paginationToken: next };
			token = next;
		}
	}

	private async read(token: string): Promise<ReadPage<A>> {
		this.pagesLeft--;
		const path = { user_mailbox_id: this.mailbox };
		const maxWait = token === '' ? PATIENCE.maxWait : 0;
		return await this.source.page(this.client, { itemIndex: 0, path, ...PATIENCE, maxWait }, token);
	}

	/** What was lately read of the list by the same app or user. */
	private async known(): Promise<KnownList<A>> {
		const { identity } = this.client;
		const { region, baseUrl, appId, appSecret, clientId, oauthTokenData } = await this.context.getCredentials(
			identity === 'user' ? 'feishuMailOAuth2Api' : 'feishuMailApi',
		);
		const whose = [identity, region, baseUrl, appId, appSecret, clientId, oauthTokenData];
		const key = JSON.stringify([...whose, this.mailbox.value, this.source.key]);
		return KnownList.of<A>(createHash('sha256').update(key).digest('hex'));
	}
}

/**
 * An entry that the editor shows and does not let anybody choose: it ignores values that are true or false. It shows one
 * line, which has room for about 55 characters.
 */
const notice = (reason: string): INodeListSearchItems => ({ name: `[${reason}]`, value: false });

const inWords = (error: Error) =>
	failureCode(error) === REQUEST_QUOTA ? "Feishu's quota is used up: try again in a minute" : error.message;

/** @throws NodeOperationError with what to do: the panel has room for no more, least of all for Feishu's long links */
const searchOf = <A extends object>(
	source: Source<A>,
	whenEmpty: string,
	entriesOf: (items: A[]) => INodeListSearchItems[],
) =>
	async function (
		this: ILoadOptionsFunctions,
		filter = '',
		paginationToken = '',
	): Promise<INodeListSearchResult> {
		try {
			const list = new EditorList(this, source);
			return await list.search(comparable(filter.trim()), paginationToken, { entriesOf, whenEmpty });
		} catch (error) {
			throw new NodeOperationError(this.getNode(), inWords(error as Error));
		}
	};

const contactEntries = (contacts: MailContact[]) =>
	contacts.map(({ id, name, mail_address, company }) => ({
		name: [name, mail_address ?? company].filter(Boolean).join(' - '),
		value: id,
	}));

const namedEntries = (things: Array<Label | MailRule>) => things.map(({ id, name }) => ({ name, value: id }));

const aliasEntries = (aliases: Alias[]) =>
	aliases.map(({ email_alias }) => ({ name: email_alias, value: email_alias }));

/** @param isOffered which folders can be chosen */
const folderEntries =
	(isOffered: (folder: MailFolder) => boolean, first: INodeListSearchItems[] = []) =>
	(folders: MailFolder[]) => {
		const paths = pathsOf(folders);
		const offered = folders
			.filter(isOffered)
			.map((folder) => ({ name: paths.get(folder) ?? folder.name, value: folder.id }));
		return [...first, ...offered];
	};

const mailEntry = ({ subject, head_from: from }: Mail) =>
	[from?.name || from?.mail_address, subject].filter(Boolean).join(': ') || '(No Subject)';

const mailEntries = (mails: Mail[]) =>
	mails.map((mail) => ({ name: mailEntry(mail), value: mail.message_id }));

/** Of what one sends oneself, the first recipient tells more than the sender. */
const outgoingEntries = (mails: Mail[]) =>
	mails.map(({ message_id, to, subject }) => {
		const [first] = (to ?? []) as Array<{ mail_address: string; name?: string }>;
		const name = [first?.name || first?.mail_address, subject].filter(Boolean).join(': ');
		return { name: name || '(No Subject)', value: message_id };
	});

/** Feishu's own client takes the id of a mail among the drafts for that of the draft, too. */
const draftEntries = (mails: Mail[]) =>
	outgoingEntries(mails).map((entry, index) => ({
		...entry,
		value: String(mails[index]!.draft_id ?? entry.value),
	}));

/** Each thread once, by its newest mail. */
const threadEntries = (mails: Mail[]) => {
	const newest = new Map<string, string>();
	for (const mail of mails) {
		const { thread_id: id } = mail;
		if (id && !newest.has(id)) newest.set(id, mailEntry(mail));
	}
	return [...newest].map(([value, name]) => ({ name, value }));
};

const signatureEntries = (signatures: Signature[]) => [
	...signatureChoices,
	...signatures.map(({ id: value, name }) => ({ name: name || value, value })),
];

const templateEntries = (templates: Template[]) =>
	templates.map(({ template_id: value, name }) => ({ name, value }));

const isOwn = ({ folder_type }: MailFolder) => folder_type !== 1;

/** The lists behind the fields of which something is chosen: one for each `searchListMethod`. */
export const listSearch = {
	searchAliases: searchOf(listOf(listAliases), 'The mailbox has no aliases', aliasEntries),
	searchContacts: searchOf(listOf(listContacts), 'The address book is empty', contactEntries),
	searchLabels: searchOf(listOf(listLabels), 'The mailbox has no labels yet', namedEntries),
	searchMailLabels: searchOf(listOf(listLabels), 'The mailbox has no labels', (labels) => [
		...systemMailLabels,
		...namedEntries(labels),
	]),
	searchRules: searchOf(listOf(listRules), 'The mailbox has no rules yet', namedEntries),
	searchMessages: searchOf(inbox, 'The inbox is empty', mailEntries),
	searchThreads: searchOf(inbox, 'The inbox is empty', threadEntries),
	searchSentMessages: searchOf(mailsIn('SENT'), 'No mails have been sent', outgoingEntries),
	searchScheduledMessages: searchOf(mailsIn('SCHEDULED'), 'No mails wait to be sent', outgoingEntries),
	searchDrafts: searchOf(mailsIn('DRAFT'), 'There are no drafts', draftEntries),
	searchSignatures: searchOf(listOf(listSignatures), 'The mailbox has no signatures', signatureEntries),
	searchTemplates: searchOf(listOf(listTemplates), 'The mailbox has no templates', templateEntries),
	searchFolders: searchOf(
		listOf(listFolders),
		'The mailbox has no folders',
		folderEntries(() => true),
	),
	searchOwnFolders: searchOf(
		listOf(listFolders),
		"Feishu's own folders only, which cannot be changed",
		folderEntries(isOwn),
	),
	searchParentFolders: searchOf(
		listOf(listFolders),
		'The mailbox has no folders',
		folderEntries(isOwn, [{ name: ROOT.name, value: ROOT.id }]),
	),
};

/** The addresses that the mailbox may send from. */
const senderEntries = (senders: SenderAddress[]) =>
	senders.map(({ email_address, name }) => ({
		name: name ? `${name} <${email_address}>` : email_address,
		value: email_address,
	}));

/** The same lists for fields of which several things are chosen: one for each `loadOptionsMethod`. */
export const loadOptions = {
	getMailLabels: optionsOf(listSearch.searchMailLabels),
	getRules: optionsOf(listSearch.searchRules),
	getSearchedFolders: optionsOf(listSearch.searchFolders),
	getSenders: optionsOf(searchOf(listOf(listSenders), 'The mailbox may send from no address', senderEntries)),
};

/** What a field of several values offers: it shows no notices, and a name is enough where the list is incomplete. */
function optionsOf(search: ReturnType<typeof searchOf>) {
	return async function (this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
		const { results } = await search.call(this);
		return results.filter(({ value }) => typeof value === 'string');
	};
}
