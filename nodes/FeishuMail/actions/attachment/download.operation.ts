import { readCommaList } from '../../fields/list';
import type { Item } from '../../run/item';
import type { Operation } from '../../run/operation';
import { ItemWithFiles } from '../../run/output';
import { RefusedInput } from '../../transport/refusedInput';
import { downloaded, isLarge, largeNote, linkAttachments, prefixOption } from '../message/files';
import { messageLocator, readMails, type Attachment } from '../message/message';
import { attachmentsOf } from './attachments';

/** Those that an item chooses; all that a mail holds itself where it chooses none. */
function chosenOf(item: Item, attachments: Attachment[]): Attachment[] {
	const { displayName, values } = readCommaList(item, 'attachmentIds');
	if (values.length === 0) {
		if (attachments.some(isLarge)) item.run.note(largeNote);
		return attachments.filter((attachment) => !isLarge(attachment));
	}
	return values.map((wanted) => {
		const found = attachments.find(({ id }) => id === wanted);
		if (found) return found;
		throw new RefusedInput(
			`'${displayName}': the mail has no attachment '${wanted}'`,
			"The operation Get Many gives the IDs of a mail's attachments. Leave the field empty to download all.",
		);
	});
}

export const download: Operation = {
	value: 'download',
	name: 'Download',
	action: 'Download attachments of a message',
	description: 'Fetch the attachments of a mail into binary fields',
	endpoints: [linkAttachments, readMails],
	inFlight: Infinity,
	fields: [
		messageLocator,
		{
			displayName: 'Attachment IDs',
			name: 'attachmentIds',
			type: 'string',
			default: '',
			placeholder: 'e.g. 4f2a91c6b0d3',
			description:
				'IDs of the attachments, with commas between or as a list. Leave empty to download all of them.',
		},
	],
	options: [prefixOption],
	async execute(item) {
		const { mail, attachments } = await attachmentsOf(item);
		const files = await downloaded(item, mail.message_id, chosenOf(item, attachments));
		return new ItemWithFiles({ message_id: mail.message_id, attachments: files.attachments }, files.binary);
	},
};
