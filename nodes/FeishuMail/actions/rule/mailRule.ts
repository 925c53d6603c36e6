import { NodeApiError, type IDataObject, type INodeProperties } from 'n8n-workflow';

import { findByName, locator, onlyOne, type Choice } from '../../fields/locator';
import { mailboxKey } from '../../fields/mailbox';
import type { Hints, Page, Read } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';
import type { Item } from '../../run/item';
import { mailboxHints, notAccepted } from '../mailboxHints';
import { summaryOf, type MailRule } from './ruleWords';

/** Codes of the rule endpoints. They have none of their own for a rule or a folder that is not there. */
export const ruleHints = mailboxHints(
	'rule',
	"'Mailbox', 'Name', 'Conditions' and 'Actions', and that the folder of 'Move to Folder' still exists",
);

/** The same where a rule is chosen and nothing is said about it. */
export const ruleIdHints: Hints = {
	...ruleHints,
	1230001: "Feishu does not find the rule: it may have been deleted already; check 'Mailbox' and 'Rule'",
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-rule/list */
export const listRules: Read<Page<MailRule>> = {
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/rules',
	scopes: ['mail:user_mailbox.rule:read', 'mail:user_mailbox.rule:write'],
	quota: '5 rule lists a second',
	hints: { ...ruleHints, 1230001: notAccepted },
};

export const ruleLocator: INodeProperties = locator({
	displayName: 'Rule',
	name: 'ruleId',
	description: 'The rule of the mailbox',
	searchListMethod: 'searchRules',
	placeholder: 'e.g. 7012345678901234567',
	modes: [{ displayName: 'By Name', name: 'name', placeholder: 'e.g. Invoices' }],
});

/** The rules of an item's mailbox as they are now, in the order in which Feishu applies them. */
export async function listedRules(item: Item): Promise<MailRule[]> {
	return await item.all(listRules);
}

const rulesKey = (item: Item) => `rules of ${mailboxKey(item)}`;

/** The same, listed once in a run. */
export async function rulesOf(item: Item): Promise<MailRule[]> {
	return await item.run.readOnce(rulesKey(item), async () => await listedRules(item));
}

/** The same; undefined where they cannot be listed. */
export async function rulesIfListed(item: Item): Promise<MailRule[] | undefined> {
	return await rulesOf(item).catch((error: unknown) => {
		if (error instanceof NodeApiError) return undefined;
		throw error;
	});
}

/** Notes a rule that the run has created. */
export async function addRule(item: Item, rule: MailRule): Promise<void> {
	(await item.run.known<MailRule[]>(rulesKey(item)))?.push(rule);
}

/** The rules of a name. */
export const rulesNamed = (rules: MailRule[], wanted: string): MailRule[] =>
	findByName(rules, wanted, ({ name }) => name);

/**
 * The rule that is chosen, among those of the mailbox.
 *
 * @throws RefusedInput where there is none, or more than one of the name
 */
export function ruleAmong(rules: MailRule[], choice: Choice): MailRule {
	const { by, displayName, value } = choice;
	if (by !== 'id') return onlyOne(rulesNamed(rules, value), choice, 'rule', 'Choose one from the list.');
	const rule = rules.find(({ id }) => id === value);
	if (rule) return rule;
	throw new RefusedInput(
		`'${displayName}': the mailbox has no rule with the ID '${value}'`,
		'It may have been deleted. Choose one from the list.',
	);
}

/** A rule as it comes out: what its numbers mean is told besides. */
export const shownRule = (rule: MailRule): IDataObject => ({ ...rule, summary: summaryOf(rule) });
