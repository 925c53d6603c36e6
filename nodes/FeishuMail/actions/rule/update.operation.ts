import { readLocator } from '../../fields/locator';
import type { Repeatable } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';
import type { Operation } from '../../run/operation';
import { listFolders } from '../folder/mailFolder';
import { listedRules, listRules, ruleAmong, ruleHints, ruleLocator, shownRule } from './mailRule';
import {
	actionsField,
	conditionsField,
	enabledField,
	matchField,
	readRule,
	ruleBody,
	ruleNameField,
	stopField,
} from './ruleFields';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-rule/update */
const putRule: Repeatable = {
	method: 'PUT',
	path: `${listRules.path}/:rule_id`,
	scopes: ['mail:user_mailbox.rule:write'],
	quota: '5 rule updates a second',
	write: 'repeatable',
	verify: 'what the rule looks like now',
	hints: {
		...ruleHints,
		1230001:
			"Feishu does not accept a value of the rule: check 'Name', 'Conditions' and 'Actions', and that the rule and its folder still exist. A rule that adds labels, forwards mails or shares them to a chat may have to be changed in Feishu itself",
	},
};

export const update: Operation = {
	value: 'update',
	name: 'Update',
	action: 'Update a rule',
	description: 'Change a rule, or switch it on or off; what is not set stays as it is',
	endpoints: [putRule, listRules],
	lookUps: [listFolders],
	// Each takes what there is, and an item may change what the next one is called.
	fields: [
		ruleLocator,
		{
			displayName: 'Update Fields',
			name: 'updateFields',
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
			options: [
				{ ...actionsField, description: 'All that the rule does with a mail, instead of what it did before' },
				{ ...conditionsField, description: 'All that a mail has to be like, instead of what it was before' },
				enabledField,
				matchField,
				ruleNameField,
				stopField,
			],
		},
	],
	async execute(item) {
		const choice = readLocator(item, ruleLocator.name);
		const changes = await readRule(item);
		if (Object.keys(changes).length === 0) {
			throw new RefusedInput(
				'There is nothing to change',
				"Add a field under 'Update Fields', and see that its expression gives a value.",
			);
		}
		const { id, ...before } = ruleAmong(await listedRules(item), choice);
		const body = ruleBody(changes, before);
		const rule_id = { ...choice, value: id };
		await item.call(putRule, { rule_id }, { body });
		return shownRule({ id, ...body });
	},
};
