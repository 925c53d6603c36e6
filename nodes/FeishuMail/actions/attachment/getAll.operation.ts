import type { Operation } from '../../run/operation';
import { messageLocator, readMails } from '../message/message';
import { attachmentsOf } from './attachments';

export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many attachments',
	description: 'List the attachments of a mail, one item each, without their contents',
	endpoints: [readMails],
	inFlight: Infinity,
	fields: [messageLocator],
	async execute(item) {
		const { mail, attachments } = await attachmentsOf(item);
		return attachments.map((attachment) => ({ message_id: mail.message_id, ...attachment }));
	},
};
