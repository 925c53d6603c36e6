import type { Item } from '../../run/item';
import type { Operation } from '../../run/operation';
import type { Read } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';

type Profile = { primary_email_address?: string; not_found_reason?: string };

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox/profile */
export const readProfile: Read<Profile> = {
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/profile',
	tokens: ['user'],
	scopes: ['mail:user_mailbox:readonly'],
	quota: '20 profile reads a minute',
	hints: {
		1230002: 'The user has no mailbox of Feishu Mail: an administrator can give them one',
		1230003: 'Feishu could not process the request because of an internal fault',
		1230004:
			'The user may not see their own mailbox: check that {scopes} is granted, and reconnect the credential',
	},
};

const ownPath = { user_mailbox_id: { displayName: 'Mailbox', value: 'me' } };

/**
 * The profile of the user who connected the credential.
 *
 * @throws RefusedInput where they have no mailbox
 */
export async function readOwnMailbox(item: Item): Promise<Profile & { primary_email_address: string }> {
	const profile = await item.call(readProfile, ownPath);
	const { primary_email_address } = profile;
	if (typeof primary_email_address === 'string' && primary_email_address)
		return { ...profile, primary_email_address };
	throw new RefusedInput(
		'The user has no mailbox of Feishu Mail: an administrator can give them one',
		profile.not_found_reason && `Feishu's reason: ${profile.not_found_reason}.`,
	);
}

export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get the own mailbox',
	description: 'See the address of the mailbox of the user who connected the credential',
	endpoints: [readProfile],
	fields: [],
	path: () => ownPath,
	execute: readOwnMailbox,
};
