import { readLocator } from '../../fields/locator';
import type { Repeatable } from '../../transport/endpoint';
import type { Operation } from '../../run/operation';
import { listRules, ruleAmong, ruleIdHints, ruleLocator, rulesOf } from './mailRule';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-rule/delete */
const deleteRule: Repeatable = {
	method: 'DELETE',
	path: `${listRules.path}/:rule_id`,
	scopes: ['mail:user_mailbox.rule:write'],
	quota: '1 rule deletion a second',
	write: 'repeatable',
	doneCodes: [1230001],
	verify: 'whether the rule is still in the mailbox',
	hints: ruleIdHints,
};

export const deleteOperation: Operation = {
	value: 'delete',
	name: 'Delete',
	action: 'Delete a rule',
	description: 'Remove a rule; the mails that it has filed stay where they are',
	endpoints: [deleteRule, listRules],
	fields: [ruleLocator],
	async execute(item) {
		const choice = readLocator(item, ruleLocator.name);
		const id = choice.by === 'id' ? choice.value : ruleAmong(await rulesOf(item), choice).id;
		await item.call(deleteRule, { rule_id: { ...choice, value: id } });
		return { deleted: true, id };
	},
};
