import type { Operation } from '../../run/operation';
import { deleteDraft, pathOf } from '../outgoing/drafts';
import { chosenDraft, draftLocator } from './draft';

export const deleteOperation: Operation = {
	value: 'delete',
	name: 'Delete',
	action: 'Delete a draft',
	description: 'Remove a draft for good: Feishu does not put drafts into the trash',
	endpoints: [deleteDraft],
	fields: [draftLocator],
	async execute(item) {
		const draft_id = chosenDraft(item);
		await item.call(deleteDraft, pathOf(draft_id));
		return { deleted: true, draft_id };
	},
};
