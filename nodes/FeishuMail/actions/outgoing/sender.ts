import type { INodeProperties } from 'n8n-workflow';

import { comparable } from '../../fields/comparable';
import { mailbox, mailboxKey } from '../../fields/mailbox';
import { readAddressList } from '../../fields/recipients';
import type { Address } from '../../mime/addresses';
import type { Item } from '../../run/item';
import { isLasting } from '../../transport/failure';
import { RefusedInput } from '../../transport/refusedInput';
import type { Address as OwnAddress } from '../mailbox/addresses';
import { readOwnMailbox, readProfile } from '../mailbox/get.operation';
import { listSenders } from '../mailbox/getSenders.operation';

export const fromField: INodeProperties = {
	displayName: 'From Name or ID',
	name: 'from',
	type: 'options',
	typeOptions: { loadOptionsMethod: 'getSenders' },
	default: '',
	description:
		'The address the mail comes from: one of those that Get Senders of the mailbox gives. Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>.',
};

export const senderNameField: INodeProperties = {
	displayName: 'Sender Name',
	name: 'senderName',
	type: 'string',
	default: '',
	placeholder: 'e.g. Support Team',
	description: 'The name beside the address the mail comes from, if not the one that Feishu knows',
};

/** What finding out who sends asks for. */
export const senderEndpoints = [readProfile, listSenders];

/** An address that a mailbox may send from. Newer servers mark the one that is used where none is chosen. */
type Sender = OwnAddress & { is_default?: boolean };

/** Who sends: the mailbox, the address in From, and all addresses that are one's own. */
export interface Sending {
	/** The address of the mailbox, also of one's own. */
	mailbox: string;
	from: Address;
	own: string[];
}

/**
 * The address of the mailbox that an item chooses. Of one's own, the list of senders tells it; the profile, which Feishu
 * lets an app read 20 times a minute, where the list does not.
 */
export async function addressOfMailbox(item: Item): Promise<string> {
	const { value } = mailbox(item);
	if (value !== 'me') return value;
	const primary = (await sendersOf(item)).find(({ email_type }) => email_type === 'USER_PRIMARY');
	if (primary) return primary.email_address;
	const profile = await item.run.readOnce('profile', async () => await readOwnMailbox(item));
	return profile.primary_email_address;
}

/** The addresses that a mailbox may send from, read once in a run; none where Feishu does not tell. */
async function sendersOf(item: Item): Promise<Sender[]> {
	const read = async () => await item.all<Sender>(listSenders);
	return await item.run.readOnce(
		`senders of ${mailboxKey(item)}`,
		// What is only good to know does not keep a mail from being sent.
		async () => await read().catch(unlessLasting),
	);
}

function unlessLasting(error: unknown): [] {
	if (!isLasting(error)) throw error;
	return [];
}

/** The address that an item wants the mail to come from, if it wants one. Errors: see `readAddressList`. */
export function readFrom(item: Item): Address | undefined {
	const { displayName } = item.read(fromField.name);
	const [from, another] = readAddressList(item, fromField.name);
	if (!another) return from;
	throw new RefusedInput(
		`'${displayName}' has more than one address`,
		'Choose the one address that the mail comes from.',
	);
}

/**
 * Who sends an item's mail: whom the item names; or the mailbox, of one's own the address that Feishu takes itself.
 *
 * @param received the addresses that a mail was written to that is answered: an own one of them answers it
 * @throws what reading the profile and the senders throws
 */
export async function senderOf(item: Item, received: Address[] = []): Promise<Sending> {
	const chosen = readFrom(item);
	const senderName = item.text(senderNameField.name);
	const address = await addressOfMailbox(item);
	const senders = await sendersOf(item);
	const own = [address, ...senders.map(({ email_address }) => email_address)];
	const written = received.find((to) => own.some((one) => isSame(one, to.mail_address)));
	const isOwn = mailbox(item).value === 'me';
	const preset =
		(isOwn && (written?.mail_address ?? senders.find((one) => one.is_default)?.email_address)) || address;
	const mail_address = chosen?.mail_address ?? preset;
	const known = senders.find(({ email_address }) => isSame(email_address, mail_address));
	const name = senderName ?? chosen?.name ?? known?.name;
	return { mailbox: address, from: name ? { mail_address, name } : { mail_address }, own };
}

const isSame = (one: string, other: string) => comparable(one) === comparable(other);
