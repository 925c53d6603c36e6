import { readSpan } from '../../fields/dates';
import { limitFields, readLimit } from '../../fields/limit';
import type { Operation } from '../../run/operation';
import { listFolders } from '../folder/mailFolder';
import { listLabels } from '../label/label';
import { downloadOptions, shownMails } from './files';
import { dateOf, formatOf, listMails, readMails, simplifyField, type Mail } from './message';
import { mailsOf } from './reading';
import { chosenSource, readStatusFilter, sourceFields } from './source';

/** The ids of mails of a span of time, in milliseconds since 1970, no more than are wanted. */
async function* idsWithin(mails: AsyncIterable<Mail>, from: number, to: number, limit: number) {
	let left = limit;
	for await (const mail of mails) {
		const date = dateOf(mail);
		if (date < from || date >= to) continue;
		yield mail.message_id;
		if (--left <= 0) return;
	}
}

export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many messages',
	description: 'List the mails of a folder or of a label, such as the unread ones of the inbox',
	endpoints: [listMails, readMails],
	lookUps: [listFolders, listLabels],
	fields: [
		...sourceFields,
		...limitFields,
		simplifyField,
		{
			displayName: 'Filters',
			name: 'filters',
			type: 'collection',
			placeholder: 'Add Filter',
			default: {},
			options: [
				readStatusFilter,
				{
					displayName: 'Received After',
					name: 'receivedAfter',
					type: 'dateTime',
					default: '',
					description:
						'Only mails of this time or later. Feishu cannot filter by date: the node reads the dates of the mails until it has enough, about 200 a second.',
				},
				{
					displayName: 'Received Before',
					name: 'receivedBefore',
					type: 'dateTime',
					default: '',
					description: 'Only mails from before this time',
				},
			],
		},
	],
	options: downloadOptions,
	async execute(item) {
		const limit = readLimit(item);
		const { from = -Infinity, to = Infinity } = readSpan(item);
		const isAnyDate = from === -Infinity && to === Infinity;
		const query = await chosenSource(item);
		const extent = { query, limit: isAnyDate ? limit : undefined, complete: limit === Infinity };
		const listed = item.list(listMails, {}, extent);
		// Dates first: of mails that do not fit, nothing else is read.
		const wanted = isAnyDate
			? listed
			: idsWithin(mailsOf(item, listed, { format: 'metadata' }), from, to, limit);
		const mails: Mail[] = [];
		for await (const mail of mailsOf(item, wanted, formatOf(item))) mails.push(mail);
		return await shownMails(item, mails);
	},
};
