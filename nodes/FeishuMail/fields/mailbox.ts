import type { INodeProperties } from 'n8n-workflow';

import type { Item } from '../run/item';
import type { PathParameter } from '../transport/endpoint';
import { RefusedInput } from '../transport/refusedInput';
import { comparable } from './comparable';

const field = {
	displayName: 'Mailbox',
	name: 'userMailboxId',
	type: 'string',
	default: '',
	placeholder: 'e.g. anna@example.com',
} satisfies Partial<INodeProperties>;

/** The mailbox an operation works on; a user's own one unless another is entered. */
export const mailboxFields: INodeProperties[] = [
	{
		...field,
		required: true,
		description:
			'Address of the Feishu mailbox, personal or public. The app needs the data permission for it: in the developer console, set the mailboxes it may reach and release a new version.',
		displayOptions: { show: { authentication: ['tenantToken'] } },
	},
	{
		...field,
		default: 'me',
		placeholder: 'Own mailbox, or e.g. team@example.com',
		description:
			"Address of the Feishu mailbox. 'me', or nothing, is the own mailbox of the user who connected the credential. Public mailboxes work for their members.",
		displayOptions: { show: { authentication: ['oAuth2'] } },
	},
];

/**
 * The `user_mailbox_id` of a path. A user's own one where none is entered: n8n keeps the app's empty field when the
 * authentication is changed.
 *
 * @throws RefusedInput for `me` with an app's credential: docs, "tenant access token not support me"; and for what is no
 * address
 */
export function mailbox(item: Pick<Item, 'actsAsApp' | 'pathParameter'>): PathParameter {
	const parameter = item.pathParameter(field.name);
	const { displayName, value } = parameter;
	const isOwn = value.toLowerCase() === 'me' || (value === '' && !item.actsAsApp);
	if (isOwn && !item.actsAsApp) return { displayName, value: 'me' };
	if (value.includes('@') || value === '') return parameter;
	throw new RefusedInput(
		isOwn
			? `'${displayName}' cannot be 'me': an app has no mailbox of its own`
			: `'${displayName}' must be the address of a mailbox, but its value is '${value}'`,
		'Enter the address of the mailbox, for example anna@example.com.',
	);
}

/** What the paths of all requests have that are about the mailbox. Errors: see `mailbox`. */
export const inMailbox = (item: Parameters<typeof mailbox>[0]) => ({ user_mailbox_id: mailbox(item) });

/** The same for all ways to write the address of a mailbox: a key for what is known of it. Errors: see `mailbox`. */
export const mailboxKey = (item: Parameters<typeof mailbox>[0]): string => comparable(mailbox(item).value);
