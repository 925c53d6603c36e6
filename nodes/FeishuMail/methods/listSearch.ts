import { createHash } from 'crypto';

import {
	NodeOperationError,
	type ILoadOptionsFunctions,
	type INodeListSearchItems,
	type INodeListSearchResult,
} from 'n8n-workflow';

import { listContacts } from '../actions/contact/getAll.operation';
import type { MailContact } from '../actions/contact/mailContact';
import { listFolders, pathsOf, ROOT, type MailFolder } from '../actions/folder/mailFolder';
import { listLabels, type Label } from '../actions/label/label';
import { comparable } from '../fields/comparable';
import { mailbox } from '../fields/mailbox';
import { Client } from '../transport/client';
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
		private readonly endpoint: Endpoint<Page<A>>,
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
		const results: INodeListSearchItems[] = [];
		const upTo = (reason: string) => ({ results: [...results, notice(reason)] });
		for (let token = from; ;) {
			if (!known.page(token)) {
				if (known.isFull) return upTo('These are too many to search all: enter an ID');
				if (this.pagesLeft === 0) return upTo('Not all is searched yet: add a blank to search on');
			}
			const reading = known.page(token) ?? known.read(token, async () => await this.read(token));
			// Where there is nothing to show, the failure is.
			const page = await (token === '' ? reading : reading.catch(inWords));
			if (typeof page === 'string') return upTo(page);
			results.push(...entriesOf(page.items).filter(({ name }) => comparable(name).includes(wanted)));
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
		return await this.client.page(this.endpoint, { itemIndex: 0, path, ...PATIENCE, maxWait }, token);
	}

	/** What was lately read of the list by the same app or user. */
	private async known(): Promise<KnownList<A>> {
		const { identity } = this.client;
		const { region, baseUrl, appId, appSecret, clientId, oauthTokenData } = await this.context.getCredentials(
			identity === 'user' ? 'feishuMailOAuth2Api' : 'feishuMailApi',
		);
		const whose = [identity, region, baseUrl, appId, appSecret, clientId, oauthTokenData];
		const key = JSON.stringify([...whose, this.mailbox.value, this.endpoint.path]);
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
	endpoint: Endpoint<Page<A>>,
	whenEmpty: string,
	entriesOf: (items: A[]) => INodeListSearchItems[],
) =>
	async function (
		this: ILoadOptionsFunctions,
		filter = '',
		paginationToken = '',
	): Promise<INodeListSearchResult> {
		try {
			const list = new EditorList(this, endpoint);
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

const labelEntries = (labels: Label[]) => labels.map(({ id, name }) => ({ name, value: id }));

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

const isOwn = ({ folder_type }: MailFolder) => folder_type !== 1;

/** The lists behind the fields of which something is chosen: one for each `searchListMethod`. */
export const listSearch = {
	searchContacts: searchOf(listContacts, 'The address book is empty', contactEntries),
	searchLabels: searchOf(listLabels, 'The mailbox has no labels yet', labelEntries),
	searchFolders: searchOf(
		listFolders,
		'The mailbox has no folders',
		folderEntries(() => true),
	),
	searchOwnFolders: searchOf(
		listFolders,
		"Feishu's own folders only, which cannot be changed",
		folderEntries(isOwn),
	),
	searchParentFolders: searchOf(
		listFolders,
		'The mailbox has no folders',
		folderEntries(isOwn, [{ name: ROOT.name, value: ROOT.id }]),
	),
};
