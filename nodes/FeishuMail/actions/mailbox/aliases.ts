import { locator } from '../../fields/locator';
import type { Item } from '../../run/item';
import type { Hints, Page, Read } from '../../transport/endpoint';

/** Another address of a mailbox. */
export type Alias = { primary_email?: string; email_alias: string };

/** What the endpoints of aliases declare: they are for apps, as they belong to the administration of mailboxes. */
export const ofAliases = {
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/aliases',
	tokens: ['tenant'],
	scopes: ['mail:user_mailbox'],
} as const;

/** Codes that the endpoints of aliases share. */
export const aliasHints: Hints = {
	1234008: "Feishu does not accept the request: check 'Mailbox' and 'Alias'",
	1235013: "Feishu finds no mailbox with this address: check 'Mailbox'",
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-alias/list */
export const listAliases: Read<Page<Alias>> = {
	...ofAliases,
	method: 'GET',
	scopes: ['mail:user_mailbox', 'mail:user_mailbox:readonly'],
	quota: '50 alias lists a second',
	id: 'email_alias',
	hints: { ...aliasHints, 1234008: "Feishu does not accept the request: check 'Mailbox'" },
};

/** The aliases of an item's mailbox as they are now. */
export async function listedAliases(item: Item): Promise<Alias[]> {
	return await item.all(listAliases);
}

export const aliasLocator = locator({
	displayName: 'Alias',
	name: 'aliasId',
	description: 'The other address of the mailbox',
	searchListMethod: 'searchAliases',
	idName: 'By Address',
	placeholder: 'e.g. sales@example.com',
});
