import { readLocator } from '../../fields/locator';
import type { Repeatable } from '../../transport/endpoint';
import type { Operation } from '../../run/operation';
import { aliasHints, aliasLocator, ofAliases } from './aliases';

/** There is no such alias. */
const NO_ALIAS = 1234012;

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-alias/delete */
const deleteAliasOf: Repeatable = {
	...ofAliases,
	path: `${ofAliases.path}/:alias_id`,
	method: 'DELETE',
	quota: '50 alias deletions a second',
	write: 'repeatable',
	doneCodes: [NO_ALIAS],
	verify: 'whether the mailbox still has the alias',
	hints: {
		...aliasHints,
		[NO_ALIAS]: "The mailbox has no such alias: it may have been deleted already; check 'Alias'",
	},
};

export const deleteAlias: Operation = {
	value: 'deleteAlias',
	name: 'Delete Alias',
	action: 'Delete an alias of a mailbox',
	description: 'Take one of its other addresses from a mailbox',
	endpoints: [deleteAliasOf],
	inFlight: 6,
	fields: [aliasLocator],
	async execute(item) {
		const alias_id = readLocator(item, aliasLocator.name);
		await item.call(deleteAliasOf, { alias_id });
		return { deleted: true, email_alias: alias_id.value };
	},
};
