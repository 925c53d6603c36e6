import { readLocator } from '../../fields/locator';
import type { Operation } from '../../run/operation';
import { dateOf, formatOf, noteHidden, shownMail, simplifyField, type Mail } from '../message/message';
import { decodeText } from '../../mime/encodedText';
import { readThread, threadLocator } from './thread';

const byDate = (one: Mail, other: Mail) => (dateOf(one) || 0) - (dateOf(other) || 0);

export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get a thread',
	description: 'Read a thread with all its mails, the oldest first',
	endpoints: [readThread],
	inFlight: 11,
	fields: [threadLocator, simplifyField],
	options: [
		{
			displayName: 'Include Spam and Trash',
			name: 'includeSpamTrash',
			type: 'boolean',
			default: false,
			description: 'Whether to return its mails in the spam folder and in the trash as well',
		},
	],
	async execute(item) {
		const { displayName, value } = readLocator(item, threadLocator.name);
		const path = { thread_id: { displayName, value } };
		const includesAll = item.read('includeSpamTrash').value === true;
		const query = { ...formatOf(item), ...(includesAll && { include_spam_trash: true }) };
		const { messages, body_preview: preview, ...thread } = await item.call(readThread, path, { query });
		const mails = messages ?? [];
		await noteHidden(item, mails);
		return {
			...thread,
			...(preview && { body_preview: decodeText(preview) }),
			messages: mails.sort(byDate).map((mail) => shownMail(item, mail)),
		};
	},
};
