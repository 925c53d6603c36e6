import { mailboxKey } from '../../fields/mailbox';
import type { Operation } from '../../run/operation';
import type { Repeatable } from '../../transport/endpoint';
import {
	chosenTemplate,
	listTemplates,
	readTemplate,
	templateLocator,
	templateWrite,
	TEMPLATE_GONE,
} from './template';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-template/delete */
const deleteTemplate: Repeatable = {
	...templateWrite,
	method: 'DELETE',
	path: readTemplate.path,
	quota: '5 template deletions a second',
	write: 'repeatable',
	doneCodes: [TEMPLATE_GONE],
	verify: 'whether the template is still in the mailbox',
};

export const deleteOperation: Operation = {
	value: 'delete',
	name: 'Delete',
	action: 'Delete a template',
	description: 'Remove a template for good; mails that were sent from it stay',
	endpoints: [deleteTemplate, listTemplates],
	bottleneck: deleteTemplate,
	inFlight: 6,
	fields: [templateLocator],
	async execute(item) {
		const template_id = await chosenTemplate(item);
		// Items that choose the same template go in their order.
		return await item.run.inTurn([`template ${template_id.value} of ${mailboxKey(item)}`], async () => {
			await item.call(deleteTemplate, { template_id });
			return { deleted: true, template_id: template_id.value };
		});
	},
};
