import type { INodeProperties } from 'n8n-workflow';

import { readList } from '../../fields/list';
import { onlyOne } from '../../fields/locator';
import type { Repeatable } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';
import type { Operation } from '../../run/operation';
import { listedRules, listRules, ruleHints, rulesNamed } from './mailRule';
import type { MailRule } from './ruleWords';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-rule/reorder */
const reorderRules: Repeatable = {
	method: 'POST',
	path: `${listRules.path}/reorder`,
	scopes: ['mail:user_mailbox.rule:write'],
	quota: '1 rule reordering a second',
	write: 'repeatable',
	verify: 'in which order the rules are',
	hints: {
		...ruleHints,
		1230001:
			"Feishu does not accept the order: check 'Mailbox'. If somebody has created or deleted a rule meanwhile, run it again",
	},
};

const rulesField: INodeProperties = {
	displayName: 'Rule Names or IDs',
	name: 'ruleIds',
	type: 'multiOptions',
	typeOptions: {
		loadOptionsMethod: 'getRules',
		loadOptionsDependsOn: ['authentication', 'userMailboxId'],
	},
	required: true,
	default: [],
	description:
		'The rules that are to come first, in their new order; those that are not chosen follow in the order that they have. An expression may give names such as Invoices as well. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
};

/** The rules that texts name. A text holds the name or ID of one, or several with commas between. */
function rulesIn(rules: MailRule[], { displayName, values }: ReturnType<typeof readList>): MailRule[] {
	const named = (text: string) => {
		const known = rules.filter(({ id }) => id === text);
		return known.length > 0 ? known : rulesNamed(rules, text);
	};
	const names = rules.map(({ name }) => name).join(', ');
	return values
		.flatMap((text) => (named(text).length > 0 ? [text] : text.split(',').map((part) => part.trim())))
		.filter(Boolean)
		.map((value) =>
			onlyOne(
				named(value),
				{ by: 'name', displayName, value },
				'rule',
				`Its rules are ${names}. Choose from these.`,
			),
		);
}

export const reorder: Operation = {
	value: 'reorder',
	name: 'Reorder',
	action: 'Reorder the rules of a mailbox',
	description: 'Set the order in which Feishu applies the rules',
	endpoints: [reorderRules, listRules],
	fields: [rulesField],
	async execute(item) {
		const chosen = readList(item, rulesField.name);
		if (chosen.values.length === 0) {
			throw new RefusedInput(
				`'${chosen.displayName}' is empty`,
				'Choose rules from the list, or enter their names.',
			);
		}
		const rules = await listedRules(item);
		// Feishu takes the order of all rules only.
		const ordered = [...new Set([...rulesIn(rules, chosen), ...rules])];
		const rule_ids = ordered.map(({ id }) => id);
		await item.call(reorderRules, {}, { body: { rule_ids } });
		return { rule_ids, rule_names: ordered.map(({ name }) => name) };
	},
};
