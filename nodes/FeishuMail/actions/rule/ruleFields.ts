import type { INodeProperties } from 'n8n-workflow';

import { addition, entriesField, readEntries, type Entry } from '../../fields/entries';
import { readLocator } from '../../fields/locator';
import type { Item } from '../../run/item';
import { asText, chosen } from '../../run/requestBody';
import { RefusedInput } from '../../transport/refusedInput';
import { folderOf, isSystemFolder, ownFolderLocator } from '../folder/mailFolder';
import {
	actionTypes,
	conditionTypes,
	INCLUDES_ME,
	matchTypes,
	MOVE_TO_FOLDER,
	operators,
	type MailRule,
	type Word,
} from './ruleWords';

/** How many conditions, and how many actions, a rule has. Docs: request body of "Create a rule". */
const MOST_ENTRIES = 32;

/** What Feishu takes as the name of a rule. Docs: request body of "Create a rule". */
const ruleName = { minLength: 1, maxLength: 255 };

const optionsOf = (words: Word[]) => words.map(({ name, value }) => ({ name, value }));

const valuesOf = (words: Word[]) => words.map(({ value }) => value);

const withoutComparison = valuesOf(conditionTypes.filter(({ takes }) => !takes));

export const ruleNameField: INodeProperties = {
	displayName: 'Name',
	name: 'name',
	type: 'string',
	default: '',
	placeholder: 'e.g. Invoices',
	description: 'Name of the rule, at most 255 characters',
};

export const matchField: INodeProperties = {
	displayName: 'Match',
	name: 'matchType',
	type: 'options',
	options: optionsOf(matchTypes),
	default: 'all',
	description: 'Which of the conditions a mail has to meet',
};

export const conditionsField: INodeProperties = entriesField(
	{
		displayName: 'Conditions',
		name: 'condition',
		description: 'What a mail has to be like for the rule to act',
		entry: 'Condition',
	},
	[
		{
			displayName: 'Type',
			name: 'type',
			type: 'options',
			options: optionsOf(conditionTypes),
			default: 'from',
			description: 'What of the mail is looked at',
		},
		{
			displayName: 'Operator',
			name: 'operator',
			type: 'options',
			options: optionsOf(operators),
			default: 'contains',
			description: "How it is compared. 'Includes Me' is for addresses only.",
			displayOptions: { hide: { type: withoutComparison } },
		},
		{
			displayName: 'Value',
			name: 'input',
			type: 'string',
			default: '',
			placeholder: 'e.g. @example.com',
			description: 'What it is compared with',
			displayOptions: {
				hide: { type: withoutComparison, operator: valuesOf(operators.filter(({ alone }) => alone)) },
			},
		},
	],
);

const folderField: INodeProperties = {
	...ownFolderLocator,
	required: undefined,
	description: 'The folder for the mail. A path names all folders down to it, with slashes between.',
	displayOptions: { show: { type: [MOVE_TO_FOLDER] } },
};

export const actionsField: INodeProperties = entriesField(
	{
		displayName: 'Actions',
		name: 'action',
		description: 'What the rule does with a mail',
		entry: 'Action',
	},
	[
		{
			displayName: 'Type',
			name: 'type',
			type: 'options',
			options: optionsOf(actionTypes),
			default: 'markAsRead',
			description: 'What is done',
		},
		folderField,
	],
);

export const enabledField: INodeProperties = {
	displayName: 'Enabled',
	name: 'isEnable',
	type: 'boolean',
	default: true,
	description: 'Whether the rule acts on mails that arrive',
};

export const stopField: INodeProperties = {
	displayName: 'Stop Processing More Rules',
	name: 'ignoreTheRestOfRules',
	type: 'boolean',
	default: false,
	description: 'Whether the rules after this one leave the mails alone that it acts on',
};

/** What an item says of a rule. */
export type RuleParts = Partial<Pick<MailRule, 'name' | 'is_enable' | 'ignore_the_rest_of_rules'>> & {
	match_type?: number;
	conditions?: MailRule['condition']['items'];
	actions?: MailRule['action']['items'];
};

/**
 * What an item says of a rule, checked before anything is sent; folders are looked up.
 *
 * @param isNew whether there is no rule without all of it; otherwise, what is left out is absent
 * @throws RefusedInput for what Feishu could not take
 */
export async function readRule(item: Item, isNew = false): Promise<RuleParts> {
	const has = ({ name }: INodeProperties) => isNew || (item.read(name).value ?? '') !== '';
	const { name } = isNew
		? item.body({ name: { ...ruleName, required: true } })
		: item.changes({ name: ruleName });
	const conditions = entriesOf(item, conditionsField, isNew)?.map(conditionIn);
	const actions = entriesOf(item, actionsField, isNew)?.map(actionIn);
	return {
		...(name !== undefined && { name: String(name) }),
		...(has(matchField) && { match_type: wordIn(item, matchField.name, matchTypes).code }),
		...(conditions && { conditions }),
		...(has(enabledField) && { is_enable: item.isOn(enabledField.name) }),
		...(has(stopField) && { ignore_the_rest_of_rules: item.isOn(stopField.name) }),
		...(actions && { actions: await Promise.all(actions.map(async (action) => await action(item))) }),
	};
}

/** The whole rule that Feishu takes. Docs: "Update a rule": what is left out of it is lost. */
export function ruleBody(
	{ match_type, conditions, actions, ...others }: RuleParts,
	before: Partial<MailRule> = {},
): Omit<MailRule, 'id'> {
	const { name = '', is_enable = false, ignore_the_rest_of_rules = false, condition, action } = before;
	return {
		...{ name, is_enable, ignore_the_rest_of_rules, ...others },
		condition: {
			...condition,
			match_type: match_type ?? condition?.match_type ?? 1,
			items: conditions ?? condition?.items ?? [],
		},
		action: { ...action, items: actions ?? action?.items ?? [] },
	};
}

/** The entries of a field, at least one; undefined where the item does not have the field and need not. */
function entriesOf(item: Item, field: INodeProperties, isNew: boolean): Entry[] | undefined {
	const entries = readEntries(item, field) ?? (isNew ? [] : undefined);
	const { displayName } = field;
	if (entries?.length === 0) {
		throw new RefusedInput(
			`'${displayName}' is empty`,
			`A rule needs one at least: choose '${addition(field)}'.`,
		);
	}
	if (entries && entries.length > MOST_ENTRIES) {
		throw new RefusedInput(
			`'${displayName}' has ${entries.length} entries; Feishu takes at most ${MOST_ENTRIES}`,
			'Make several rules of them.',
		);
	}
	return entries;
}

/** @throws RefusedInput for what is none of the words */
function wordIn<W extends Word>(entry: Entry, field: string, words: W[]): W {
	const { value, displayName } = entry.read(field);
	const wanted = chosen(asText(value, displayName) ?? '', words, displayName);
	return words.find((word) => word.value === wanted)!;
}

/** @throws RefusedInput for a comparison that the condition does not take, or without a value */
function conditionIn(entry: Entry): MailRule['condition']['items'][number] {
	const { code: type, name, takes } = wordIn(entry, 'type', conditionTypes);
	if (!takes) return { type };
	const operator = wordIn(entry, 'operator', operators);
	if (operator.value === INCLUDES_ME && takes !== 'addresses') {
		throw new RefusedInput(
			`'${entry.read('operator').displayName}' cannot be 'Includes Me' where the type is '${name}'`,
			'It is for addresses: choose another operator, or a type such as To.',
		);
	}
	if (operator.alone) return { type, operator: operator.code };
	const { value, displayName } = entry.read('input');
	const input = asText(value, displayName);
	if (input !== undefined) return { type, operator: operator.code, input };
	throw new RefusedInput(
		`'${displayName}' is empty`,
		`'${name}' '${operator.name}' needs a value: enter it, and see that its expression gives one.`,
	);
}

/** What gives the action once its folder is looked up. Errors: RefusedInput where no folder is chosen. */
function actionIn(entry: Entry): (item: Item) => Promise<MailRule['action']['items'][number]> {
	const { code: type, value } = wordIn(entry, 'type', actionTypes);
	if (value !== MOVE_TO_FOLDER) return async () => ({ type });
	const choice = readLocator(entry, folderField.name);
	return async (item) => {
		const { value: input, displayName } = await folderOf(item, choice);
		if (!isSystemFolder(input)) return { type, input };
		throw new RefusedInput(
			`'${displayName}': ${input} belongs to Feishu, and no rule moves mails there`,
			"Choose a folder that somebody has created, or another action: 'Archive', 'Delete' or 'Move to Spam'.",
		);
	};
}
