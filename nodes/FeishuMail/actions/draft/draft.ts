import type { INodeProperties } from 'n8n-workflow';

import { locator } from '../../fields/locator';

export const draftLocator: INodeProperties = locator({
	displayName: 'Draft',
	name: 'draftId',
	description: 'The draft. The list shows the newest ones of the mailbox.',
	searchListMethod: 'searchDrafts',
	idPlaceholder: 'e.g. tfuh9N4WnzU6jdDw=',
});
