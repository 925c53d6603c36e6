import { comparable } from '../../fields/comparable';
import { limitFields, readLimit } from '../../fields/limit';
import type { Page, Read } from '../../transport/endpoint';
import type { Item } from '../../run/item';
import type { Operation } from '../../run/operation';
import { parameterName } from '../../run/requestBody';
import { hiddenFields, refusalOfHidden } from './fieldPermissions';
import { contactHints, fieldScopes, type ContactField, type MailContact } from './mailContact';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-mail_contact/list */
export const listContacts: Read<Page<MailContact>> = {
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/mail_contacts',
	scopes: ['mail:user_mailbox.mail_contact:read', 'mail:user_mailbox.mail_contact:write'],
	fieldScopes,
	quota: '20 contact lists a minute',
	pageSize: 20,
	hints: { ...contactHints, 1230001: "Feishu does not accept the request: check 'Mailbox'" },
};

const contains = (value: string, wanted: string) => value.includes(wanted);
const equals = (value: string, wanted: string) => value.trim() === wanted;

/** How the fields are compared that contacts can be filtered by. */
const comparisons = {
	company: contains,
	mail_address: contains,
	name: contains,
	tag: equals,
} satisfies Partial<Record<ContactField, typeof equals>>;

/** The filters that are set: which field, and whether a contact passes. */
function readFilters(item: Item) {
	return Object.entries(comparisons).flatMap(([key, matches]) => {
		const field = key as keyof typeof comparisons;
		const wanted = comparable(item.text(parameterName(field))?.trim() ?? '');
		const passes = (contact: MailContact) => matches(comparable(contact[field] ?? ''), wanted);
		return wanted ? [{ field, passes }] : [];
	});
}

export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many contacts',
	description: "List the contacts of a mailbox's address book",
	endpoints: [listContacts],
	fields: [
		...limitFields,
		{
			displayName: 'Filters',
			name: 'filters',
			type: 'collection',
			placeholder: 'Add Filter',
			default: {},
			description:
				'Only contacts that pass all filters. Feishu cannot filter contacts itself, so the node reads page after page until it has enough.',
			options: [
				{
					displayName: 'Company',
					name: 'company',
					type: 'string',
					default: '',
					placeholder: 'e.g. Example Ltd.',
					description: 'Only contacts whose company contains this text, in upper or lower case',
				},
				{
					displayName: 'Email',
					name: 'mailAddress',
					type: 'string',
					default: '',
					placeholder: 'e.g. @example.com',
					description: 'Only contacts whose email address contains this text, in upper or lower case',
				},
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					placeholder: 'e.g. Smith',
					description: 'Only contacts whose name contains this text, in upper or lower case',
				},
				{
					displayName: 'Tag',
					name: 'tag',
					type: 'string',
					default: '',
					placeholder: 'e.g. Customer',
					description: 'Only contacts with exactly this tag, in upper or lower case',
				},
			],
		},
	],
	async execute(item) {
		const limit = readLimit(item);
		const filters = readFilters(item);
		const found: MailContact[] = [];
		const seen: MailContact[] = [];
		// Without filters, no page is asked for more than is wanted.
		const extent = { limit: filters.length > 0 ? undefined : limit, complete: limit === Infinity };
		for await (const contact of item.list(listContacts, {}, extent)) {
			seen.push(contact);
			if (filters.every(({ passes }) => passes(contact))) found.push(contact);
			if (found.length >= limit) return found;
		}
		const [hidden] = await hiddenFields(
			item,
			seen,
			filters.map(({ field }) => field),
		);
		if (hidden) {
			throw refusalOfHidden(
				hidden,
				'The filter looks at',
				'If no contact has a value there, leave the filter out.',
			);
		}
		return found;
	},
};
