import type { Operation } from '../../run/operation';
import { simplifyField } from '../message/message';
import { readDraft } from '../outgoing/drafts';
import { chosenDraft, draftLocator, draftOf, IN_FLIGHT, shownDraft } from './draft';

export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get a draft',
	description: 'Read one draft with its text, its recipients and the names of its attachments',
	endpoints: [readDraft],
	inFlight: IN_FLIGHT,
	fields: [draftLocator, simplifyField],
	execute: async (item) => shownDraft(item, await draftOf(item, chosenDraft(item))),
};
