import { lengthOf, mailboxApi, refusal, success } from '../platform';
import type { FieldViolation, MailboxCall } from '../platform';
import { newId } from '../tenants';
import type { Label, Mailbox } from '../tenants';

const path = '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/labels';

const oneLabel = `${path}/:label_id`;

const invalidParams = { status: 400, code: 1234000, msg: 'invalid params' };

const errors = {
	mailboxNotFound: {
		status: 400,
		code: 1234013,
		msg: 'user mailbox not found or user mailbox not active',
	},
	noDataPermission: { status: 403, code: 1234030, msg: 'permission deny' },
};

/** [docs: user_mailbox-label/create] */
export const labelColors = [
	'blue',
	'indigo',
	'purple',
	'violet',
	'carmine',
	'red',
	'orange',
	'yellow',
	'lime',
	'green',
	'turquoise',
	'wathet',
] as const;

/** What a label gets when it names no colour. The documents do not say: the sandbox's choice. */
const defaultColor = 'blue';

/**
 * [docs] labels IMPORTANT, OTHER, FLAGGED, SCHEDULED and UNREAD are built in; search calls IMPORTANT "priority".
 * That the names are reserved in any letter case is the sandbox's choice.
 */
const reservedNames = new Set(['important', 'priority', 'other', 'flagged', 'scheduled', 'unread']);

const maxNameLength = 255;

/** Checks a name or colour that is there. `null` counts as absent, "" does not: the sandbox's choice. */
function violationsOf(name: unknown, color: unknown): FieldViolation[] {
	const violations: FieldViolation[] = [];
	if (name === '') {
		violations.push({ field: 'label.name', value: name, description: 'the min len is 1' });
	} else if (typeof name === 'string' && lengthOf(name) > maxNameLength) {
		violations.push({
			field: 'label.name',
			value: name,
			description: `the max len is ${maxNameLength}`,
		});
	}
	if (typeof color === 'string' && !labelColors.some((known) => known === color)) {
		violations.push({
			field: 'label.background_color',
			value: color,
			description: `one of ${labelColors.join(', ')} expected`,
		});
	}
	return violations;
}

function invalid(violations: FieldViolation[]) {
	return refusal(invalidParams, { field_violations: violations });
}

/** Throws when a label cannot be called that. `self`: the label that has or gets the name. */
function checkName(name: string, mailbox: Mailbox, self?: Label): void {
	if (reservedNames.has(name.toLowerCase())) {
		throw refusal({ status: 400, code: 1230103, msg: 'label name is reserved by system' });
	}
	if (mailbox.labels.some((existing) => existing !== self && existing.name === name)) {
		throw refusal({ status: 400, code: 1230101, msg: 'label name already exists' });
	}
}

/** The label of the path. Built-in labels are not found: the sandbox's choice. */
function labelOf({ mailbox, parameters }: MailboxCall): Label {
	const found = mailbox.labels.find(({ id }) => id === parameters.label_id);
	if (found === undefined) throw refusal({ status: 400, code: 1230100, msg: 'label not found' });
	return found;
}

export const labelCreate = mailboxApi({
	name: 'mail.label.create',
	method: 'POST',
	path,
	scopes: ['mail:user_mailbox.message:modify'],
	documentedQuota: { limit: 5, window: 1 },
	body: { label: 'object', 'label.name': 'string', 'label.background_color': 'string' },
	errors,
	handle({ mailbox, body }) {
		const { name, background_color: color } = (body.label ?? {}) as Record<string, unknown>;
		const violations = violationsOf(name, color);
		if (name === undefined || name === null) {
			violations.push({ field: 'label.name', description: 'label.name is required' });
		}
		if (violations.length > 0) throw invalid(violations);
		const label = {
			id: newId(),
			// [docs] the full path: "a/b/c" is one name. Whether the parents must exist is not documented: they need not.
			name: name as string,
			background_color: (color as string | null | undefined) ?? defaultColor,
			messages_unread: 0,
		};
		checkName(label.name, mailbox);
		if (mailbox.labels.length >= mailbox.labelLimit) {
			throw refusal({ status: 400, code: 1230102, msg: 'label count exceeds the limit' });
		}
		mailbox.labels.push(label);
		return success({ label });
	},
});

export const labelList = mailboxApi({
	name: 'mail.label.list',
	method: 'GET',
	path,
	scopes: ['mail:user_mailbox.message:modify', 'mail:user_mailbox.message:readonly'],
	documentedQuota: { limit: 10, window: 1 },
	errors,
	// [docs] no paging. [cli] built-in labels are not listed.
	handle: ({ mailbox }) => success({ items: mailbox.labels.map((label) => mailbox.countedLabel(label)) }),
});

export const labelGet = mailboxApi({
	name: 'mail.label.get',
	method: 'GET',
	path: oneLabel,
	scopes: ['mail:user_mailbox.message:modify', 'mail:user_mailbox.message:readonly'],
	documentedQuota: { limit: 10, window: 1 },
	errors,
	handle: (call) => success({ label: call.mailbox.countedLabel(labelOf(call)) }),
});

export const labelPatch = mailboxApi({
	name: 'mail.label.patch',
	method: 'PATCH',
	path: oneLabel,
	scopes: ['mail:user_mailbox.message:modify'],
	documentedQuota: { limit: 5, window: 1 },
	body: { label: 'object', 'label.name': 'string', 'label.background_color': 'string' },
	errors,
	handle(call) {
		const { mailbox, body } = call;
		const { name, background_color: color } = (body.label ?? {}) as Partial<
			Record<keyof Label, string | null>
		>;
		const violations = violationsOf(name, color);
		// [docs] at least one of the two.
		if ((name ?? color) == null) {
			violations.push({ field: 'label', description: 'name or background_color is required' });
		}
		if (violations.length > 0) throw invalid(violations);
		const label = labelOf(call);
		if (name != null) checkName(name, mailbox, label);
		label.name = name ?? label.name;
		label.background_color = color ?? label.background_color;
		return success({ label: mailbox.countedLabel(label) });
	},
});

export const labelDelete = mailboxApi({
	name: 'mail.label.delete',
	method: 'DELETE',
	path: oneLabel,
	scopes: ['mail:user_mailbox.message:modify'],
	documentedQuota: { limit: 5, window: 1 },
	errors,
	// Labels below it, whose names begin with its own, stay, and mails lose it: the sandbox's choice.
	handle(call) {
		const { labels, messages } = call.mailbox;
		const label = labelOf(call);
		labels.splice(labels.indexOf(label), 1);
		for (const { label_ids } of messages) label_ids.delete(label.id);
		return success({});
	},
});
