import { createHash } from 'crypto';

import { isOutOfSight, isUnread, latestFirst, previewOf } from '../mails';
import type { MailAddress, Message } from '../mails';
import { fieldRefused, fieldValidationFailed, mailboxApi, success } from '../platform';
import type { DocumentedError, MailboxCall } from '../platform';
import type { Folder, Mailbox } from '../tenants';
import { pageOf } from './mailList';
import { readScopes } from './mailView';

const maxQueryLength = 50;
const maxPageSize = 15;
const maxNames = 100;

/** [docs] one year; a leap year's days are the sandbox's choice. */
const maxRange = 366 * 24 * 60 * 60 * 1000;

const refusals = {
	pageToken: {
		status: 400,
		code: 1231020,
		msg: 'page_token is invalid or expired, please start a new search',
	},
	pageSize: { status: 400, code: 1231021, msg: 'page size is over the limit' },
	depth: {
		status: 400,
		code: 1231022,
		msg: 'page_token is over the limit, please refine your query with more specific keywords or filters',
	},
	/** The page says nothing of an unknown mailbox. */
	mailbox: { status: 500, code: 1232501, msg: 'no permission to access mailbox' },
} satisfies Record<string, DocumentedError>;

/** [docs] what search calls system folders, and the labels that are folders here. */
const systemFolders = new Map([
	['inbox', 'INBOX'],
	['sent', 'SENT'],
	['draft', 'DRAFT'],
	['trash', 'TRASH'],
	['spam', 'SPAM'],
	['archive', 'ARCHIVED'],
	['scheduled', 'SCHEDULED'],
]);

const systemLabels = new Map([
	['priority', 'IMPORTANT'],
	['flagged', 'FLAGGED'],
	['other', 'OTHER'],
]);

interface Filter {
	from?: string[];
	to?: string[];
	cc?: string[];
	bcc?: string[];
	subject?: string;
	folder?: string[];
	label?: string[];
	has_attachment?: boolean;
	is_unread?: boolean;
	create_time?: { start_time?: string; end_time?: string };
}

const lists = ['from', 'to', 'cc', 'bcc', 'folder', 'label'] as const;

/** [docs] with seconds and a zone. */
function momentOf(text: string | undefined, field: string): number {
	const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/.test(text ?? '')
		? Date.parse(text ?? '')
		: Number.NaN;
	if (!Number.isNaN(moment)) return moment;
	throw fieldValidationFailed([
		{
			field: `filter.create_time.${field}`,
			value: text,
			description: 'YYYY-MM-DDTHH:MM:SS and a zone expected',
		},
	]);
}

/** The moments between which mails are wanted. A wrong one has no code of its own: the sandbox's choice, as with lists. */
function rangeOf({ create_time: range }: Filter): [number, number] {
	if (range == null) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
	const [start, end] = [momentOf(range.start_time, 'start_time'), momentOf(range.end_time, 'end_time')];
	if (end - start <= maxRange) return [start, end];
	throw fieldValidationFailed([{ field: 'filter.create_time', description: 'more than one year' }]);
}

/** [docs] the names from the root down. */
function pathOf({ name, parent_folder_id }: Folder, all: readonly Folder[]): string {
	const parent = all.find(({ id }) => id === parent_folder_id);
	return parent === undefined ? name : `${pathOf(parent, all)}/${name}`;
}

/** Words of a text, in small letters. */
function wordsOf(text: string | null | undefined): string[] {
	return (text ?? '').toLowerCase().split(/\s+/).filter(Boolean);
}

function holdsAll(text: string, words: string[]): boolean {
	const small = text.toLowerCase();
	return words.every((word) => small.includes(word));
}

const textOf = ({ name = '', mail_address }: MailAddress) => `${name} ${mail_address}`;

/**
 * Whether a mail fits the filter. Of a list of names one suffices, and a folder or label that there is none of holds
 * nothing: both the sandbox's choice.
 */
function fits(mailbox: Mailbox, filter: Filter): (message: Message) => boolean {
	const [start, end] = rangeOf(filter);
	const paths = new Map(mailbox.folders.map((folder) => [folder.id, pathOf(folder, mailbox.folders)]));
	const isIn = (message: Message, name: string) => {
		const label = systemLabels.get(name);
		if (label !== undefined) return message.label_ids.has(label) && !isOutOfSight(message);
		const system = systemFolders.get(name);
		return system === undefined ? paths.get(message.folder_id) === name : message.folder_id === system;
	};
	const inFolder = (message: Message) =>
		filter.folder?.length ? filter.folder.some((name) => isIn(message, name)) : !isOutOfSight(message);
	const hasLabel = ({ label_ids }: Message) =>
		!filter.label?.length ||
		mailbox.labels.some(({ id, name }) => label_ids.has(id) && filter.label?.includes(name));
	const among = (addresses: MailAddress[], names: string[] | undefined) =>
		!names?.length ||
		names.some((name) => addresses.some((address) => holdsAll(textOf(address), wordsOf(name))));
	return (message) =>
		inFolder(message) &&
		hasLabel(message) &&
		among([message.head_from], filter.from) &&
		among(message.to, filter.to) &&
		among(message.cc, filter.cc) &&
		among(message.bcc, filter.bcc) &&
		holdsAll(message.subject, wordsOf(filter.subject)) &&
		// [docs] false, the default, filters nothing.
		(!filter.has_attachment || message.attachments.some(({ is_inline }) => !is_inline)) &&
		(!filter.is_unread || isUnread(message)) &&
		message.internal_date >= start &&
		message.internal_date <= end;
}

/** All the words somewhere in a mail: the pages say nothing of how a query is taken. */
function holds({ subject, head_from, to, cc, body_plain_text }: Message, words: string[]): boolean {
	return holdsAll([subject, body_plain_text, ...[head_from, ...to, ...cc].map(textOf)].join('\n'), words);
}

/** The text with the words marked. */
function marked(text: string, words: string[]): string {
	if (words.length === 0) return text;
	const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
	return text.replace(new RegExp(escaped.join('|'), 'gi'), '<h>$&</h>');
}

/** A hit. Its own id is another one than the mail's: the sandbox's choice. */
function hitOf(message: Message, words: string[]) {
	const { message_id, thread_id, subject, head_from, internal_date } = message;
	return {
		id: createHash('md5').update(message_id).digest('hex'),
		display_info: marked(`${subject}\n${previewOf(message)}`, words),
		meta_data: {
			title: subject,
			thread_id,
			// [docs: sample] ISO 8601.
			create_time: new Date(internal_date).toISOString(),
			message_biz_id: message_id,
			from: head_from,
		},
	};
}

function pageSizeOf({ query }: MailboxCall): number {
	const size = Number(query.page_size ?? maxPageSize);
	if (size < 1) throw fieldValidationFailed([{ field: 'page_size', description: 'the min is 1' }]);
	if (size <= maxPageSize) return size;
	throw fieldRefused(refusals.pageSize, 'page_size', `the max is ${maxPageSize}`, String(size));
}

export const mailboxSearch = mailboxApi({
	name: 'mail.mailbox.search',
	method: 'POST',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/search',
	tokenTypes: ['user'],
	scopes: readScopes,
	// [docs] also 1000 a minute; this one bites first.
	documentedQuota: { limit: 50, window: 1 },
	query: { page_size: 'int', page_token: 'string' },
	body: {
		query: 'string',
		filter: 'object',
		...Object.fromEntries(lists.map((name) => [`filter.${name}`, 'strings' as const])),
		'filter.subject': 'string',
		'filter.has_attachment': 'boolean',
		'filter.is_unread': 'boolean',
		'filter.create_time': 'object',
		'filter.create_time.start_time': 'string',
		'filter.create_time.end_time': 'string',
	},
	errors: { mailboxNotFound: refusals.mailbox, noDataPermission: refusals.mailbox },
	handle(call) {
		const { mailbox, body, world } = call;
		const size = pageSizeOf(call);
		const filter = (body.filter ?? {}) as Filter;
		const long = lists.find((name) => (filter[name]?.length ?? 0) > maxNames);
		if (long !== undefined) {
			throw fieldValidationFailed([{ field: `filter.${long}`, description: `the max len is ${maxNames}` }]);
		}
		const characters = [...((body.query as string | null | undefined) ?? '')];
		const words = wordsOf(characters.slice(0, maxQueryLength).join(''));
		const suits = fits(mailbox, filter);
		const all = latestFirst(mailbox.messages);
		const hits = new Set(all.filter((message) => suits(message) && holds(message, words)));
		const { entries, rest } = pageOf(all, {
			call,
			// [cli] the order depends on the page size, so a token goes with it: the sandbox's choice.
			list: JSON.stringify(['search', words, filter, size]),
			size,
			wants: (message) => hits.has(message),
			idOf: ({ message_id }) => message_id,
			invalidToken: refusals.pageToken,
		});
		if (entries[0] && [...hits].indexOf(entries[0]) >= world.mailChoices.searchDepth) {
			throw fieldRefused(refusals.depth, 'page_token', 'paged too deep');
		}
		return success({
			items: entries.map((message) => hitOf(message, words)),
			total: hits.size,
			...rest,
			...(characters.length > maxQueryLength
				? { notice: `The query was cut to ${maxQueryLength} characters.` }
				: {}),
		});
	},
});
