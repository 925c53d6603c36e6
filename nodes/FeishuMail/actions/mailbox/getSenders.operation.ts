import type { Operation } from '../../run/operation';
import type { Page, Read } from '../../transport/endpoint';
import { addressList, type Address } from './addresses';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-setting/send_as */
export const listSenders: Read<Page<Address>> = {
	...addressList,
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/settings/send_as',
	quota: '10 sender lists a second',
	lists: 'sendable_addresses',
};

export const getSenders: Operation = {
	value: 'getSenders',
	name: 'Get Senders',
	action: 'Get the senders of a mailbox',
	description: 'List the addresses that mails of a mailbox can be sent from',
	endpoints: [listSenders],
	inFlight: 11,
	fields: [],
	execute: async (item) => await item.all(listSenders),
};
