import { objectsIn } from '../message/message';

/** A word of the panel for a number of the API. */
export interface Word {
	name: string;
	/** In saved workflows; never renamed. */
	value: string;
	code: number;
}

/** How the conditions of a rule go together. Docs: `condition.match_type` of "Create a rule". */
export const matchTypes = [
	{ name: 'All Conditions', value: 'all', code: 1 },
	{ name: 'Any Condition', value: 'any', code: 2 },
] satisfies Word[];

/** What a condition looks at, and what it is compared with. */
interface ConditionType extends Word {
	takes?: 'addresses' | 'text';
}

/** Docs: `condition.items.type` of "Create a rule". */
export const conditionTypes: ConditionType[] = [
	{ name: 'Any Address', value: 'anyAddress', code: 10, takes: 'addresses' },
	{ name: 'Attachment Name', value: 'attachmentName', code: 8, takes: 'text' },
	{ name: 'Attachment Type', value: 'attachmentType', code: 9, takes: 'text' },
	{ name: 'Body', value: 'body', code: 7, takes: 'text' },
	{ name: 'CC', value: 'cc', code: 3, takes: 'addresses' },
	{ name: 'Every Mail', value: 'everyMail', code: 12 },
	{ name: 'From', value: 'from', code: 1, takes: 'addresses' },
	{ name: 'Has Attachment', value: 'hasAttachment', code: 16 },
	{ name: 'Is External', value: 'isExternal', code: 13 },
	{ name: 'Is Not Spam', value: 'isNotSpam', code: 15 },
	{ name: 'Is Spam', value: 'isSpam', code: 14 },
	{ name: 'Subject', value: 'subject', code: 6, takes: 'text' },
	{ name: 'To', value: 'to', code: 2, takes: 'addresses' },
	{ name: 'To or CC', value: 'toOrCc', code: 4, takes: 'addresses' },
];

/** How a condition compares; `alone` without a value. */
interface Operator extends Word {
	alone?: true;
}

/** "Includes me": addresses among which the own one is. */
export const INCLUDES_ME = 'includesMe';

/** Docs: `condition.items.operator` of "Create a rule". */
export const operators: Operator[] = [
	{ name: 'Contains', value: 'contains', code: 1 },
	{ name: 'Does Not Contain', value: 'notContains', code: 2 },
	{ name: 'Does Not Equal', value: 'notEquals', code: 6 },
	{ name: 'Ends With', value: 'endsWith', code: 4 },
	{ name: 'Equals', value: 'equals', code: 5 },
	{ name: 'Includes Me', value: INCLUDES_ME, code: 7, alone: true },
	{ name: 'Is Empty', value: 'isEmpty', code: 10, alone: true },
	{ name: 'Starts With', value: 'startsWith', code: 3 },
];

/** Goes with a folder. */
export const MOVE_TO_FOLDER = 'moveToFolder';

/** Docs: `action.items.type` of "Create a rule". */
export const actionTypes: Word[] = [
	{ name: 'Archive', value: 'archive', code: 1 },
	{ name: 'Delete', value: 'delete', code: 2 },
	{ name: 'Flag', value: 'flag', code: 9 },
	{ name: 'Mark as Read', value: 'markAsRead', code: 3 },
	{ name: 'Move to Folder', value: MOVE_TO_FOLDER, code: 11 },
	{ name: 'Move to Spam', value: 'moveToSpam', code: 4 },
	{ name: 'Never Move to Spam', value: 'neverMoveToSpam', code: 5 },
	{ name: 'No Notification', value: 'noNotification', code: 10 },
];

/** Actions that rules have and the API cannot give them. Docs: "not supported yet". */
const otherActions = [
	{ name: 'Add Label', code: 8 },
	{ name: 'Forward', code: 12 },
	{ name: 'Share to Chat', code: 13 },
];

interface Condition {
	type: number;
	operator?: number;
	input?: string;
}

interface Action {
	type: number;
	input?: string;
}

/** A rule for the mails that a mailbox receives. */
export type MailRule = {
	id: string;
	name: string;
	is_enable: boolean;
	ignore_the_rest_of_rules: boolean;
	condition: { match_type: number; items: Condition[] };
	action: { items: Action[] };
};

const nameOf = (words: Array<Pick<Word, 'name' | 'code'>>, code: number | undefined) =>
	code === undefined ? undefined : (words.find((word) => word.code === code)?.name ?? `No. ${code}`);

/** What a rule does, in words: `All Conditions: Subject Contains "Invoice". Mark as Read, Archive`. */
export function summaryOf({ condition, action }: Partial<MailRule>): string {
	const conditions = objectsIn(condition?.items).map(({ type, operator, input }) =>
		[nameOf(conditionTypes, type), nameOf(operators, operator), input && `"${input}"`]
			.filter(Boolean)
			.join(' '),
	);
	const actions = objectsIn(action?.items).map(({ type, input }) =>
		[nameOf([...actionTypes, ...otherActions], type), input].filter(Boolean).join(' '),
	);
	return `${nameOf(matchTypes, condition?.match_type)}: ${conditions.join(', ')}. ${actions.join(', ')}`;
}
