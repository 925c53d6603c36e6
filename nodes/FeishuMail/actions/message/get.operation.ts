import type { Operation } from '../../run/operation';
import { downloadOptions, shownMails } from './files';
import { formatOf, messageLocator, readChosenMail, readMails, simplifyField } from './message';

export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get a message',
	description: 'Read one mail with its text and the names of its attachments',
	endpoints: [readMails],
	inFlight: Infinity,
	fields: [messageLocator, simplifyField],
	options: downloadOptions,
	execute: async (item) => await shownMails(item, [await readChosenMail(item, formatOf(item))]),
};
