import type { IDataObject, INodeProperties } from 'n8n-workflow';

import { readSpan } from '../../fields/dates';
import { readCommaList } from '../../fields/list';
import { limitFields, readLimit } from '../../fields/limit';
import type { Item } from '../../run/item';
import type { Operation } from '../../run/operation';
import type { Page, Read } from '../../transport/endpoint';
import { clock } from '../../transport/clock';
import { RefusedInput } from '../../transport/refusedInput';
import { listFolders } from '../folder/mailFolder';
import { listLabels } from '../label/label';
import { downloadOptions, shownMails } from './files';
import { formatOf, readMails, simplifyField, type Mail } from './message';
import { mailsOf } from './reading';
import { searchedPlaces } from './searchedPlaces';
import { isOnlyUnread, readStatusFilter } from './source';

type Hit = { id: string; meta_data?: { message_biz_id?: string } };

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox/search */
const searchMails: Read<Page<Hit>> = {
	method: 'POST',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/search',
	write: 'none',
	tokens: ['user'],
	scopes: ['mail:user_mailbox.message:readonly'],
	quota: '50 searches a second',
	pageSize: 15,
	refusals: [1231030, 1232501],
	hints: {
		1231020: 'The list of hits has changed while it was read: run it again',
		1231022: "The search has more hits than Feishu lists: narrow it with 'Filters'",
		1231030: "Only a user can search: choose a 'Feishu Mail OAuth2 API' credential under 'Credential'",
		1231040: "Feishu's search does not work for the moment: run it again later",
		1232501: "The user may not open this mailbox: check 'Mailbox'",
	},
};

/** Characters that Feishu searches for; it cuts the rest. Docs: `query`. */
const LONGEST_QUERY = 50;

/** Milliseconds that one search covers at most, where a leap day is among them one day more. Docs: `create_time`. */
const DAY = 24 * 3_600_000;
const YEAR = 365 * DAY;

const textFilter = (
	field: Pick<INodeProperties, 'displayName' | 'name' | 'placeholder' | 'description'>,
): INodeProperties => ({ ...field, type: 'string', default: '' });

const people = (who: string) => `Names or addresses ${who}, with commas between; one of them is enough`;

const filters: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	options: [
		textFilter({
			displayName: 'BCC',
			name: 'bcc',
			placeholder: 'e.g. anna@example.com',
			description: people('in Bcc'),
		}),
		textFilter({
			displayName: 'CC',
			name: 'cc',
			placeholder: 'e.g. anna@example.com',
			description: people('in Cc'),
		}),
		{
			displayName: 'Folder Names or IDs',
			name: 'folders',
			type: 'multiOptions',
			typeOptions: {
				loadOptionsMethod: 'getSearchedFolders',
				loadOptionsDependsOn: ['authentication', 'userMailboxId'],
			},
			default: [],
			description:
				'Only mails in one of these folders. An expression may give paths such as Projects/2026 as well. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
		},
		textFilter({
			displayName: 'From',
			name: 'from',
			placeholder: 'e.g. anna@example.com',
			description: people('of the sender'),
		}),
		{
			displayName: 'Has Attachment',
			name: 'hasAttachment',
			type: 'boolean',
			default: true,
			description: 'Whether only mails with attachments are found',
		},
		{
			displayName: 'Label Names or IDs',
			name: 'labels',
			type: 'multiOptions',
			typeOptions: {
				loadOptionsMethod: 'getMailLabels',
				loadOptionsDependsOn: ['authentication', 'userMailboxId'],
			},
			default: [],
			description:
				'Only mails with one of these labels; Important, Other and Flagged are further folders to the search. An expression may give names such as Customers/Asia as well. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
		},
		readStatusFilter,
		{
			displayName: 'Received After',
			name: 'receivedAfter',
			type: 'dateTime',
			default: '',
			description: 'Only mails of this time or later. Feishu searches one year at a time.',
		},
		{
			displayName: 'Received Before',
			name: 'receivedBefore',
			type: 'dateTime',
			default: '',
			description:
				'Only mails from before this time. Without Received After, the year before it is searched.',
		},
		textFilter({
			displayName: 'Subject',
			name: 'subject',
			placeholder: 'e.g. Invoice',
			description: 'Words of the subject',
		}),
		textFilter({
			displayName: 'To',
			name: 'to',
			placeholder: 'e.g. anna@example.com',
			description: people('in To'),
		}),
	],
};

/** The span of time that is searched, both ends in ISO 8601; undefined where any time is. */
function searchedSpan(item: Item): IDataObject | undefined {
	const { from, to } = readSpan(item);
	if (from === undefined && to === undefined) return undefined;
	const end = to ?? clock.now();
	const start = from ?? end - YEAR;
	if (end - start > YEAR + DAY) {
		throw new RefusedInput(
			`'Received After' and 'Received Before' are more than a year apart`,
			to === undefined
				? "Feishu searches one year at a time, up to now where 'Received Before' is empty: enter it as well."
				: 'Feishu searches one year at a time: use several searches.',
		);
	}
	const text = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
	return { start_time: text(Math.floor(start / 1000)), end_time: text(Math.ceil(end / 1000)) };
}

/** Feishu's filter from those that are set. */
async function readFilter(item: Item): Promise<IDataObject> {
	const subject = item.text('subject')?.trim();
	const span = searchedSpan(item);
	const lists = {
		from: readCommaList(item, 'from').values,
		to: readCommaList(item, 'to').values,
		cc: readCommaList(item, 'cc').values,
		bcc: readCommaList(item, 'bcc').values,
		...(await searchedPlaces(item)),
	};
	return {
		...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
		...(subject && { subject }),
		...(item.read('hasAttachment').value === true && { has_attachment: true }),
		...(isOnlyUnread(item) && { is_unread: true }),
		...(span && { create_time: span }),
	};
}

/** The text to search for, as long as Feishu takes it. */
function readQuery(item: Item): string {
	const { value, displayName } = item.pathParameter('query');
	const characters = Array.from(value);
	if (characters.length > LONGEST_QUERY) {
		item.run.note(
			`'${displayName}' was cut: Feishu searches for the first ${LONGEST_QUERY} characters of it.`,
		);
	}
	return characters.slice(0, LONGEST_QUERY).join('');
}

/** The ids of the mails that were found, each once and no more than are wanted: a mail may be several hits. */
async function* idsOf(hits: AsyncIterable<Hit>, limit: number) {
	const given = new Set<string>();
	let left = limit;
	for await (const { id, meta_data } of hits) {
		const mail = meta_data?.message_biz_id || id;
		if (given.has(mail)) continue;
		given.add(mail);
		yield mail;
		if (--left <= 0) return;
	}
}

export const search: Operation = {
	value: 'search',
	name: 'Search',
	action: 'Search messages',
	description: 'Find mails by words, people, subject, folder, label or date',
	endpoints: [searchMails, readMails],
	lookUps: [listFolders, listLabels],
	fields: [
		{
			displayName: 'Search',
			name: 'query',
			type: 'string',
			default: '',
			placeholder: 'e.g. invoice',
			description:
				'Words to look for in the mails; Feishu takes the first 50 characters. Mails of the last minutes may not be found yet.',
		},
		...limitFields,
		simplifyField,
		filters,
	],
	options: downloadOptions,
	async execute(item) {
		const limit = readLimit(item);
		const query = readQuery(item);
		const filter = await readFilter(item);
		// n8n sends no body where it is an empty object, and Feishu wants one: to search for everything, the query is empty.
		const body = Object.keys(filter).length === 0 ? { query } : { ...(query && { query }), filter };
		// Pages of another size have another order, so that the last one is not made smaller.
		const hits = item.list(searchMails, {}, { body, complete: limit === Infinity });
		const mails: Mail[] = [];
		for await (const mail of mailsOf(item, idsOf(hits, limit), formatOf(item))) mails.push(mail);
		return await shownMails(item, mails);
	},
};
