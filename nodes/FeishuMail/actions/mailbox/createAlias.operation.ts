import { comparable } from '../../fields/comparable';
import { RefusedInput } from '../../transport/refusedInput';
import type { Findable } from '../../transport/endpoint';
import type { Operation } from '../../run/operation';
import { aliasHints, listAliases, listedAliases, ofAliases, type Alias } from './aliases';

const IN_USE = "The address is in use already: enter another 'Alias'";

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-alias/create */
const createAliasOf: Findable<Alias> = {
	...ofAliases,
	method: 'POST',
	quota: '50 alias creations a second',
	write: 'findable',
	doneCodes: [1234006, 1235002],
	verify: 'whether the mailbox has the alias',
	returns: 'user_mailbox_alias',
	id: 'email_alias',
	hints: {
		...aliasHints,
		1234006: IN_USE,
		1234019: "The organisation does not have the domain of the address: check 'Alias'",
		1234033: "The address is the login account of another member: enter another 'Alias'",
		1235002: IN_USE,
		1235003: "Feishu's service is not available at the moment: run it again later",
	},
};

export const createAlias: Operation = {
	value: 'createAlias',
	name: 'Create Alias',
	action: 'Create an alias of a mailbox',
	description: 'Give a mailbox another address, at which it receives mails, too',
	endpoints: [createAliasOf, listAliases],
	inFlight: 6,
	fields: [
		{
			displayName: 'Alias',
			name: 'emailAlias',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'e.g. sales@example.com',
			description: 'The other address. Its domain has to belong to the organisation.',
		},
	],
	async execute(item) {
		const { value: email_alias, displayName } = item.pathParameter('emailAlias');
		if (!email_alias.includes('@')) {
			throw new RefusedInput(
				email_alias
					? `'${displayName}' must be an address, but its value is '${email_alias}'`
					: `'${displayName}' is empty`,
				'Enter the whole address, for example sales@example.com.',
			);
		}
		const find = async () =>
			(await listedAliases(item)).find((alias) => comparable(alias.email_alias) === comparable(email_alias));
		// What a try has created, a later one does not find in use.
		const tried: { done?: Alias } = item.memory;
		tried.done ??= await item.create(createAliasOf, {}, { body: { email_alias } }, find);
		return tried.done;
	},
};
