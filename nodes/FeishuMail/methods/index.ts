import type { ILoadOptionsFunctions, INodeListSearchResult, INodePropertyOptions } from 'n8n-workflow';

type Lists = typeof import('./listSearch');

/*
 * The lists behind fields, by the names that fields give. They are loaded when one is opened, not when n8n starts.
 */

const search = (name: keyof Lists['listSearch']) =>
	async function (
		this: ILoadOptionsFunctions,
		filter?: string,
		paginationToken?: string,
	): Promise<INodeListSearchResult> {
		const lists = await import('./listSearch');
		return await lists.listSearch[name].call(this, filter, paginationToken);
	};

const options = (name: keyof Lists['loadOptions']) =>
	async function (this: ILoadOptionsFunctions): Promise<INodePropertyOptions[]> {
		const lists = await import('./listSearch');
		return await lists.loadOptions[name].call(this);
	};

/** One for each `searchListMethod`. */
export const listSearch = {
	searchAliases: search('searchAliases'),
	searchContacts: search('searchContacts'),
	searchDrafts: search('searchDrafts'),
	searchFolders: search('searchFolders'),
	searchLabels: search('searchLabels'),
	searchMailLabels: search('searchMailLabels'),
	searchMessages: search('searchMessages'),
	searchOwnFolders: search('searchOwnFolders'),
	searchParentFolders: search('searchParentFolders'),
	searchRules: search('searchRules'),
	searchScheduledMessages: search('searchScheduledMessages'),
	searchSentMessages: search('searchSentMessages'),
	searchSignatures: search('searchSignatures'),
	searchTemplates: search('searchTemplates'),
	searchThreads: search('searchThreads'),
} satisfies Record<keyof Lists['listSearch'], unknown>;

/** One for each `loadOptionsMethod`. */
export const loadOptions = {
	getMailLabels: options('getMailLabels'),
	getRules: options('getRules'),
	getSearchedFolders: options('getSearchedFolders'),
	getSenders: options('getSenders'),
} satisfies Record<keyof Lists['loadOptions'], unknown>;
