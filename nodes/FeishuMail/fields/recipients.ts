import type { INodeProperties } from 'n8n-workflow';

import { InvalidAddress, readAddresses, without, type Address } from '../mime/addresses';
import type { Item } from '../run/item';
import { RefusedInput } from '../transport/refusedInput';

const field = {
	type: 'string',
	default: '',
	placeholder: 'e.g. jane@example.com, joe@example.com',
} satisfies Partial<INodeProperties>;

export const toField: INodeProperties = {
	...field,
	displayName: 'To',
	name: 'to',
	description:
		'Who gets the mail: addresses, separated by commas, also with names: Jane Doe &lt;jane@example.com&gt;',
};

export const ccField: INodeProperties = {
	...field,
	displayName: 'CC',
	name: 'cc',
	description: 'Who gets a copy',
};

export const bccField: INodeProperties = {
	...field,
	displayName: 'BCC',
	name: 'bcc',
	description: 'Who gets a copy without the others knowing',
};

export const replyToField: INodeProperties = {
	...field,
	displayName: 'Reply To',
	name: 'replyTo',
	placeholder: 'e.g. support@example.com',
	description: 'Where answers to the mail go, if not to its sender',
};

/** Docs: 1236003. */
const MOST_RECIPIENTS = 500;

/** Whom a mail goes to. */
export interface Recipients {
	to: Address[];
	cc: Address[];
	bcc: Address[];
}

/**
 * The addresses in a field: a text, an object `{ mail_address, name }`, or a list of these.
 *
 * @throws RefusedInput for the first entry that is no address
 */
export function readAddressList(item: Item, parameter: string): Address[] {
	const { value, displayName } = item.read(parameter);
	return addressesIn(value, displayName);
}

/**
 * The same of what lies elsewhere.
 *
 * @param displayName of the field that it comes from
 * @param advice what to do instead of entering an address
 */
export function addressesIn(value: unknown, displayName: string, advice?: string): Address[] {
	try {
		return readAddresses(value);
	} catch (error) {
		throw error instanceof InvalidAddress
			? new RefusedInput(`'${displayName}': ${error.message}`, advice ?? error.description)
			: error;
	}
}

/** Each of them once: nobody is to get the same mail twice. */
export function eachOnce({ to, cc, bcc }: Recipients): Recipients {
	return { to, cc: without(cc, to), bcc: without(bcc, [...to, ...cc]) };
}

/**
 * @param also what is empty besides, where recipients come from elsewhere, too: a clause
 * @throws RefusedInput for more recipients than Feishu takes, and where there are none
 */
export function checkRecipients({ to, cc, bcc }: Recipients, also?: string): void {
	const count = to.length + cc.length + bcc.length;
	if (count === 0) {
		throw new RefusedInput(
			["'To' is empty", also].filter(Boolean).join(', '),
			'Enter the address of who gets the mail.',
		);
	}
	if (count <= MOST_RECIPIENTS) return;
	throw new RefusedInput(
		`The mail has ${count} recipients; Feishu takes at most ${MOST_RECIPIENTS}`,
		"'To', 'CC' and 'BCC' count together. Send it to some of them in one item and to the others in another, or to a mail group.",
	);
}
