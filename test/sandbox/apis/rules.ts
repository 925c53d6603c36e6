import { fieldRefused, lengthOf, mailboxApi, refusal, success } from '../platform';
import type { FieldTypes, FieldViolation, MailboxCall } from '../platform';
import { newId } from '../tenants';
import type { Mailbox, Rule } from '../tenants';

const path = '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/rules';

const writeScope = 'mail:user_mailbox.rule:write';

/** The only HTTP 400 that the rule pages document: as with folders, it stands for all that cannot be done. */
const invalidParam = { status: 400, code: 1230001, msg: 'param invalid' };

const errors = {
	mailboxNotFound: invalidParam,
	noDataPermission: { status: 403, code: 1230002, msg: 'no permission' },
};

/** [docs: user_mailbox-rule/create] */
const conditionNames: Record<number, string> = {
	1: 'sender',
	2: 'recipient',
	3: 'cc',
	4: 'recipient or cc',
	6: 'subject',
	7: 'body',
	8: 'attachment name',
	9: 'attachment type',
	10: 'any address',
	12: 'all mails',
	13: 'external',
	14: 'spam',
	15: 'not spam',
	16: 'with attachment',
};

/** [docs] */
const operatorNames: Record<number, string> = {
	1: 'contains',
	2: 'does not contain',
	3: 'begins with',
	4: 'ends with',
	5: 'is',
	6: 'is not',
	7: 'contains oneself',
	10: 'is empty',
};

/** [docs] */
const actionNames: Record<number, string> = {
	1: 'archive',
	2: 'delete',
	3: 'mark as read',
	4: 'move to spam',
	5: 'never spam',
	8: 'label',
	9: 'flag',
	10: 'no notification',
	11: 'move to',
	12: 'forward',
	13: 'share to chat',
};

/** [docs] "not supported yet". */
const unsupported = [8, 12, 13];

const maxNameLength = 255;

const maxItems = 32;

/** A rule in words, for the page. */
export function wordsOf({ condition, action }: Rule): { conditions: string; actions: string } {
	const conditions = condition.items.map(({ type, operator, input }) =>
		[conditionNames[type], operator === undefined ? undefined : operatorNames[operator], input]
			.filter((part) => part !== undefined)
			.join(' '),
	);
	return {
		conditions: conditions.join(condition.match_type === 1 ? ' and ' : ' or '),
		actions: action.items.map(({ type, input = '' }) => `${actionNames[type]} ${input}`.trim()).join(', '),
	};
}

const bodyTypes: FieldTypes = {
	name: 'string',
	is_enable: 'boolean',
	ignore_the_rest_of_rules: 'boolean',
	condition: 'object',
	'condition.match_type': 'integer',
	'condition.items': 'objects',
	action: 'object',
	'action.items': 'objects',
};

type Item = Record<string, unknown>;

/** Checks the conditions. That a comparison needs an operator, and a value except 7 and 10: the sandbox's choice. */
function conditionViolations(items: Item[]): FieldViolation[] {
	return items.flatMap(({ type, operator, input }, index) => {
		const at = `condition.items[${index}]`;
		if (!(String(type) in conditionNames)) return [{ field: `${at}.type`, description: 'unknown type' }];
		if (Number(type) >= 12) return [];
		if (!(String(operator) in operatorNames)) {
			return [{ field: `${at}.operator`, description: 'unknown operator' }];
		}
		const isAlone = operator === 7 || operator === 10;
		return isAlone || (typeof input === 'string' && input !== '')
			? []
			: [{ field: `${at}.input`, description: 'input is required' }];
	});
}

/**
 * Checks the actions. What is not supported may stay in a rule that has it already, as the official client sends it back;
 * a folder has to be one of the user's: the sandbox's choices.
 */
function actionViolations(items: Item[], { folders }: Mailbox, before?: Rule): FieldViolation[] {
	return items.flatMap(({ type, input }, index) => {
		const at = `action.items[${index}]`;
		const hasIt = before?.action.items.some((action) => action.type === type && action.input === input);
		if (!(String(type) in actionNames) || (unsupported.includes(Number(type)) && !hasIt)) {
			return [{ field: `${at}.type`, description: 'unsupported type' }];
		}
		return type !== 11 || folders.some(({ id }) => id === input)
			? []
			: [{ field: `${at}.input`, value: String(input), description: 'no such folder' }];
	});
}

/** The rule that a body describes, with an id. All of it has to be there. [docs] */
function ruleFrom(body: Record<string, unknown>, mailbox: Mailbox, id: string, before?: Rule): Rule {
	const { name, is_enable, ignore_the_rest_of_rules } = body;
	const { match_type, items: conditions } = (body.condition ?? {}) as { match_type?: number; items?: Item[] };
	const { items: actions } = (body.action ?? {}) as { items?: Item[] };
	const violations: FieldViolation[] = [];
	const demand = (field: string, isGood: boolean, description = `${field} is required`) => {
		if (!isGood) violations.push({ field, description });
	};
	demand('name', typeof name === 'string' && name !== '');
	demand('name', lengthOf(String(name)) <= maxNameLength, `the max len is ${maxNameLength}`);
	demand('is_enable', typeof is_enable === 'boolean');
	demand('ignore_the_rest_of_rules', typeof ignore_the_rest_of_rules === 'boolean');
	demand('condition.match_type', match_type === 1 || match_type === 2);
	for (const [field, items = []] of [
		['condition.items', conditions],
		['action.items', actions],
	] as const) {
		demand(field, items.length >= 1 && items.length <= maxItems, `the len is 1 to ${maxItems}`);
	}
	violations.push(
		...conditionViolations(conditions ?? []),
		...actionViolations(actions ?? [], mailbox, before),
	);
	if (violations.length > 0) throw refusal(invalidParam, { field_violations: violations });
	return { id, ...body } as unknown as Rule;
}

/** The rule of the path. */
function ruleOf({ mailbox, parameters }: MailboxCall): Rule {
	const { rule_id: id } = parameters;
	const rule = mailbox.rules.find((one) => one.id === id);
	if (rule === undefined) throw fieldRefused(invalidParam, 'rule_id', 'no such rule', id);
	return rule;
}

// [docs] rules act on mails that arrive. The sandbox keeps them and does not apply them.

export const ruleCreate = mailboxApi({
	name: 'mail.rule.create',
	method: 'POST',
	path,
	scopes: [writeScope],
	documentedQuota: { limit: 1, window: 1 },
	body: bodyTypes,
	errors,
	// Two rules of the same name: nothing is documented against it. A new one comes last: the sandbox's choice.
	handle({ mailbox, body }) {
		const rule = ruleFrom(body, mailbox, newId());
		mailbox.rules.push(rule);
		return success({ rule });
	},
});

export const ruleList = mailboxApi({
	name: 'mail.rule.list',
	method: 'GET',
	path,
	scopes: ['mail:user_mailbox.rule:read', writeScope],
	documentedQuota: { limit: 5, window: 1 },
	errors,
	// [docs] no paging.
	handle: ({ mailbox }) => success({ items: mailbox.rules }),
});

export const ruleUpdate = mailboxApi({
	name: 'mail.rule.update',
	method: 'PUT',
	path: `${path}/:rule_id`,
	scopes: [writeScope],
	documentedQuota: { limit: 5, window: 1 },
	body: bodyTypes,
	errors,
	handle(call) {
		const { mailbox, body } = call;
		const before = ruleOf(call);
		mailbox.rules[mailbox.rules.indexOf(before)] = ruleFrom(body, mailbox, before.id, before);
		return success({});
	},
});

export const ruleDelete = mailboxApi({
	name: 'mail.rule.delete',
	method: 'DELETE',
	path: `${path}/:rule_id`,
	scopes: [writeScope],
	documentedQuota: { limit: 1, window: 1 },
	errors,
	handle(call) {
		const { rules } = call.mailbox;
		rules.splice(rules.indexOf(ruleOf(call)), 1);
		return success({});
	},
});

export const ruleReorder = mailboxApi({
	name: 'mail.rule.reorder',
	method: 'POST',
	path: `${path}/reorder`,
	scopes: [writeScope],
	documentedQuota: { limit: 1, window: 1 },
	body: { rule_ids: 'strings' },
	errors,
	// [docs] all rules have to be named.
	handle({ mailbox: { rules }, body }) {
		const ids = (body.rule_ids ?? []) as string[];
		const ordered = ids.map((id) => rules.find((rule) => rule.id === id));
		if (rules.length === 0 || ids.length !== rules.length || new Set(ordered).size !== rules.length) {
			throw fieldRefused(invalidParam, 'rule_ids', 'all rules are required', ids.join(','));
		}
		if (ordered.includes(undefined)) throw fieldRefused(invalidParam, 'rule_ids', 'no such rule');
		rules.splice(0, rules.length, ...(ordered as Rule[]));
		return success({});
	},
});
