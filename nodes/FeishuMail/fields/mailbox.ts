import type { INodeProperties } from 'n8n-workflow';

import type { Item } from '../run/item';
import type { PathParameter } from '../transport/endpoint';
import { RefusedInput } from '../transport/refusedInput';
import { comparable } from './comparable';

const field = {
	displayName: 'Mailbox',
	name: 'userMailboxId',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. anna@example.com',
} satisfies Partial<INodeProperties>;

/** The mailbox an operation works on; a user's own one unless another is entered. */
export const mailboxFields: INodeProperties[] = [
	{
		...field,
		description:
			'Address of the Feishu mailbox, personal or public. The app needs the data permission for it: in the developer console, set the mailboxes it may reach and release a new version.',
		displayOptions: { show: { authentication: ['tenantToken'] } },
	},
	{
		...field,
		default: 'me',
		description:
			"Address of the Feishu mailbox, or 'me' for the own mailbox of the user who connected the credential. Public mailboxes work for their members.",
		displayOptions: { show: { authentication: ['oAuth2'] } },
	},
];

/**
 * The `user_mailbox_id` of a path.
 *
 * @throws RefusedInput for `me` with an app's credential: docs, "tenant access token not support me"
 */
export function mailbox(item: Pick<Item, 'actsAsApp' | 'pathParameter'>): PathParameter {
	const parameter = item.pathParameter(field.name);
	if (parameter.value.toLowerCase() !== 'me') return parameter;
	if (!item.actsAsApp) return { ...parameter, value: 'me' };
	throw new RefusedInput(
		`'${parameter.displayName}' cannot be 'me': an app has no mailbox of its own`,
		'Enter the address of the mailbox, for example anna@example.com.',
	);
}

/** The same for all ways to write the address of a mailbox: a key for what is known of it. Errors: see `mailbox`. */
export const mailboxKey = (item: Parameters<typeof mailbox>[0]): string => comparable(mailbox(item).value);
