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

const each = <N extends string, M>(names: readonly N[], method: (name: N) => M) =>
	Object.fromEntries(names.map((name) => [name, method(name)])) as Record<N, M>;

/** One for each `searchListMethod`. */
export const listSearch: Record<keyof Lists['listSearch'], ReturnType<typeof search>> = each(
	[
		'searchAliases',
		'searchContacts',
		'searchDrafts',
		'searchFolders',
		'searchLabels',
		'searchMailLabels',
		'searchMessages',
		'searchOwnFolders',
		'searchParentFolders',
		'searchRules',
		'searchScheduledMessages',
		'searchSentMessages',
		'searchSignatures',
		'searchTemplates',
		'searchThreads',
	],
	search,
);

/** One for each `loadOptionsMethod`. */
export const loadOptions: Record<keyof Lists['loadOptions'], ReturnType<typeof options>> = each(
	['getMailLabels', 'getRules', 'getSearchedFolders', 'getSenders'],
	options,
);
