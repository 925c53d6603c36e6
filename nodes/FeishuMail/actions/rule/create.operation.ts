import type { Item } from '../../run/item';
import type { Findable } from '../../transport/endpoint';
import type { Operation } from '../../run/operation';
import { createOnce } from '../createOnce';
import { listFolders } from '../folder/mailFolder';
import { addRule, listedRules, listRules, ruleHints, rulesIfListed, shownRule } from './mailRule';
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
import type { MailRule } from './ruleWords';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-rule/create */
const createRule: Findable<MailRule> = {
	method: 'POST',
	path: listRules.path,
	scopes: ['mail:user_mailbox.rule:write'],
	quota: '1 rule creation a second',
	write: 'findable',
	verify: 'whether the rule is in the mailbox',
	returns: 'rule',
	hints: ruleHints,
};

/** Creates a rule, once in all tries of an item. */
async function newRule(item: Item, body: Omit<MailRule, 'id'>): Promise<MailRule> {
	let listed: MailRule[] = [];
	return await createOnce<MailRule>(item, {
		thing: 'rule',
		name: body.name,
		listIds: async () => (await rulesIfListed(item))?.map(({ id }) => id),
		async findIds() {
			listed = await listedRules(item);
			return listed.filter(({ name }) => String(name).trim() === body.name.trim()).map(({ id }) => id);
		},
		read: async (wanted) => listed.find(({ id }) => id === wanted)!,
		create: async (find) => await item.create(createRule, {}, { body }, find),
	});
}

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Create a rule',
	description: 'Add a rule that files or marks mails when they arrive',
	endpoints: [createRule, listRules],
	lookUps: [listFolders],
	// Feishu applies rules in the order of their creation.
	fields: [
		{ ...ruleNameField, required: true },
		matchField,
		conditionsField,
		actionsField,
		enabledField,
		stopField,
	],
	async execute(item) {
		const body = ruleBody(await readRule(item, true));
		const rule = await newRule(item, body);
		await addRule(item, rule);
		return shownRule(rule);
	},
};
