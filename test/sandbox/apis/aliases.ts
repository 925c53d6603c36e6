import { fieldRefused, mailboxApi, refusal, success } from '../platform';
import type { MailboxCall } from '../platform';

const path = '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/aliases';

/** [docs] for apps alone, and without a data permission: they belong to the administration of the organisation. */
const forApps = {
	tokenTypes: ['tenant'] as const,
	scopes: ['mail:user_mailbox'],
	documentedQuota: { limit: 50, window: 1 },
	errors: { mailboxNotFound: { status: 404, code: 1235013, msg: 'user not found' } },
};

const parameterError = { status: 400, code: 1234008, msg: 'request parameter error' };

const domainOf = (address: string) => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

const shown = ({ mailbox }: MailboxCall, email_alias: string) => ({
	primary_email: mailbox.address,
	email_alias,
});

export const aliasCreate = mailboxApi({
	...forApps,
	name: 'mail.alias.create',
	method: 'POST',
	path,
	body: { email_alias: 'string' },
	// The tenant's domains are those of its mailboxes: the sandbox's choice.
	handle(call) {
		const { caller, mailbox } = call;
		const { tenant } = caller.app;
		const alias = call.body.email_alias;
		if (typeof alias !== 'string' || !/^[^\s@]+@[^\s@]+$/.test(alias)) {
			throw fieldRefused(parameterError, 'email_alias', 'an address expected', String(alias ?? ''));
		}
		if (!tenant.mailboxes.some(({ address }) => domainOf(address) === domainOf(alias))) {
			throw refusal({ status: 404, code: 1234019, msg: "mail address's domain not found" });
		}
		if (tenant.findMailbox(alias) !== undefined) {
			throw refusal({ status: 409, code: 1234006, msg: 'email address has been used' });
		}
		if (tenant.mailboxes.some(({ aliases }) => aliases.some((other) => isSame(other, alias)))) {
			throw refusal({ status: 409, code: 1235002, msg: 'email alias address has been used' });
		}
		mailbox.aliases.push(alias);
		return success({ user_mailbox_alias: shown(call, alias) });
	},
});

export const aliasList = mailboxApi({
	...forApps,
	name: 'mail.alias.list',
	method: 'GET',
	path,
	scopes: ['mail:user_mailbox', 'mail:user_mailbox:readonly'],
	// [docs] all at once, whatever page is asked for.
	handle: (call) => success({ items: call.mailbox.aliases.map((alias) => shown(call, alias)) }),
});

export const aliasDelete = mailboxApi({
	...forApps,
	name: 'mail.alias.delete',
	method: 'DELETE',
	path: `${path}/:alias_id`,
	handle({ mailbox: { aliases }, parameters }) {
		const index = aliases.findIndex((alias) => isSame(alias, parameters.alias_id ?? ''));
		if (index === -1) throw refusal({ status: 404, code: 1234012, msg: 'alias not found' });
		aliases.splice(index, 1);
		return success({});
	},
});
