import type { IDataObject } from 'n8n-workflow';

import { limitFields, readLimit } from '../../fields/limit';
import type { Operation } from '../../run/operation';
import { simplifyField } from '../message/message';
import { listDrafts, readDraft } from '../outgoing/drafts';
import { draftsOf, shownDraft } from './draft';

export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many drafts',
	description: 'List the drafts of a mailbox, each with its text and its recipients',
	endpoints: [listDrafts, readDraft],
	fields: [...limitFields, simplifyField],
	async execute(item) {
		const limit = readLimit(item);
		const extent = { limit, complete: limit === Infinity };
		const ids = item.list(listDrafts, {}, extent);
		const drafts: IDataObject[] = [];
		for await (const draft of draftsOf(item, ids)) drafts.push(shownDraft(item, draft));
		return drafts;
	},
};
