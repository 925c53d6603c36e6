import {
	NodeOperationError,
	type ILoadOptionsFunctions,
	type INodeListSearchItems,
	type INodeListSearchResult,
} from 'n8n-workflow';

import { listContacts } from '../actions/contact/getAll.operation';
import { listFolders, pathsOf, ROOT, type MailFolder } from '../actions/folder/mailFolder';
import { listLabels } from '../actions/label/label';
import { comparable } from '../fields/comparable';
import { mailbox } from '../fields/mailbox';
import { Client } from '../transport/client';
import type { Endpoint, Page } from '../transport/endpoint';
import { failureCode } from '../transport/failure';
import { REQUEST_QUOTA } from '../transport/quota';
import { identityOf } from '../transport/session';

/** Milliseconds that somebody who opens a list waits for Feishu's quota, and for an answer. */
const PATIENCE = { maxWait: 10_000, timeout: 20_000 };

/** A list of the mailbox that the node's panel shows. */
class EditorList {
	private readonly client: Client;

	constructor(private readonly context: ILoadOptionsFunctions) {
		this.client = new Client(context, identityOf(context.getNodeParameter('authentication', '')));
	}

	/** One page, or all where the endpoint has no pages. */
	async page<A extends object>(endpoint: Endpoint<Page<A>>, token?: string): Promise<Page<A>> {
		const { pageSize } = endpoint;
		return await this.client.call(endpoint, {
			itemIndex: 0,
			path: { user_mailbox_id: this.mailbox() },
			query: pageSize ? { page_size: pageSize, ...(token && { page_token: token }) } : {},
			...PATIENCE,
		});
	}

	private mailbox() {
		return mailbox({
			actsAsApp: this.client.identity === 'tenant',
			pathParameter: (name) => ({
				displayName: 'Mailbox',
				value: String(this.context.getNodeParameter(name, '') ?? '').trim(),
			}),
		});
	}
}

/** @throws NodeOperationError with what to do: the panel has room for no more, least of all for Feishu's long links */
async function load<T>(context: ILoadOptionsFunctions, work: (list: EditorList) => Promise<T>): Promise<T> {
	return await work(new EditorList(context)).catch((error: Error) => {
		const message =
			failureCode(error) === REQUEST_QUOTA
				? "Feishu's quota for this list is used up for the moment: open it again in a minute, or enter an ID"
				: error.message;
		throw new NodeOperationError(context.getNode(), message);
	});
}

const searcher = (filter = '') => {
	const wanted = comparable(filter.trim());
	return ({ name }: INodeListSearchItems) => comparable(name).includes(wanted);
};

async function searchContacts(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	return await load(this, async (list) => {
		let token = paginationToken;
		// Feishu cannot search contacts: pages are read until one has a contact that was looked for.
		for (;;) {
			const { items = [], has_more, page_token } = await list.page(listContacts, token);
			const results = items
				.map(({ id, name, mail_address, company }) => ({
					name: [name, mail_address ?? company].filter(Boolean).join(' - '),
					value: id,
				}))
				.filter(searcher(filter));
			const next = has_more && page_token !== token ? page_token : undefined;
			if (results.length > 0 || !next) return { results, paginationToken: next };
			token = next;
		}
	});
}

async function searchLabels(this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
	return await load(this, async (list) => {
		const { items = [] } = await list.page(listLabels);
		return { results: items.map(({ id, name }) => ({ name, value: id })).filter(searcher(filter)) };
	});
}

/** @param isOffered which folders can be chosen */
const folderSearch = (isOffered: (folder: MailFolder) => boolean, first: INodeListSearchItems[] = []) =>
	async function (this: ILoadOptionsFunctions, filter?: string): Promise<INodeListSearchResult> {
		return await load(this, async (list) => {
			const { items = [] } = await list.page(listFolders);
			const paths = pathsOf(items);
			const folders = items
				.filter(isOffered)
				.map((folder) => ({ name: paths.get(folder) ?? folder.name, value: folder.id }));
			return { results: [...first, ...folders].filter(searcher(filter)) };
		});
	};

const isOwn = ({ folder_type }: MailFolder) => folder_type !== 1;

/** The lists behind the fields of which something is chosen: one for each `searchListMethod`. */
export const listSearch = {
	searchContacts,
	searchLabels,
	searchFolders: folderSearch(() => true),
	searchOwnFolders: folderSearch(isOwn),
	searchParentFolders: folderSearch(isOwn, [{ name: ROOT.name, value: ROOT.id }]),
};
