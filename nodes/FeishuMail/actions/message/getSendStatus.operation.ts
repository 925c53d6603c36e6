import type { IDataObject } from 'n8n-workflow';

import { readLocator } from '../../fields/locator';
import type { Operation } from '../../run/operation';
import type { Read } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';
import { sentMailHints, sentMailLocator } from './sentMail';

/** How far a mail has got for one recipient. */
type Delivery = IDataObject & {
	recipient?: { mail_address: string; name?: string };
	status?: number;
	/** Seconds since 1970. */
	last_updated_time?: number | string;
};

const nothingKnown =
	'Feishu knows nothing of the delivery of this mail: ask again later if it was sent just now or is to be sent later; of a mail that was received, Feishu never knows';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-message/send_status */
const readSendStatus: Read<{ details?: Delivery[] }> = {
	method: 'GET',
	path: '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/messages/:message_id/send_status',
	tokens: ['user'],
	scopes: ['mail:user_mailbox.message:readonly'],
	quota: '10 delivery statuses a second',
	// As an answer to a mail that is sent, this code means a quota.
	hints: { ...sentMailHints, 1236010: nothingKnown },
};

/** By the number of the status. Docs: `details.status`. */
const statuses = [
	'unknown',
	'delivering',
	'retrying',
	'bounced',
	'delivered',
	'awaitingApproval',
	'rejected',
];

/** A delivery as it comes out: its status as a word as well, its time in ISO 8601 as well. */
function shownDelivery(delivery: Delivery): IDataObject {
	const { status, last_updated_time: time } = delivery;
	const date = new Date(Number(time || NaN) * 1000);
	return {
		...delivery,
		status_text: statuses[status ?? 0] ?? 'unknown',
		...(!Number.isNaN(date.getTime()) && { date: date.toISOString() }),
	};
}

export const getSendStatus: Operation = {
	value: 'getSendStatus',
	name: 'Get Delivery Status',
	action: 'Get the delivery status of a message',
	description: 'See for each recipient whether a mail that was sent has arrived',
	endpoints: [readSendStatus],
	inFlight: 11,
	fields: [sentMailLocator],
	async execute(item) {
		const chosen = readLocator(item, sentMailLocator.name);
		const { details = [] } = await item.call(readSendStatus, { message_id: chosen });
		if (details.length === 0) throw new RefusedInput(nothingKnown);
		return details.map((delivery) => ({ message_id: chosen.value, ...shownDelivery(delivery) }));
	},
};
