import type { Operation } from '../../run/operation';
import type { Page, Read } from '../../transport/endpoint';
import { addressList, type Address } from './addresses';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox/accessible_mailboxes */
const listMailboxes: Read<Page<Address>> = {
	...addressList,
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/accessible_mailboxes',
	quota: '10 mailbox lists a second',
	lists: 'accessible_mailboxes',
};

export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many mailboxes',
	description: 'List the mailboxes that the owner of a mailbox can open: their own and public ones',
	endpoints: [listMailboxes],
	inFlight: 11,
	fields: [],
	execute: async (item) => await item.all(listMailboxes),
};
