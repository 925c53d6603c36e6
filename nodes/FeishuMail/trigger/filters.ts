import type { INodeProperties } from 'n8n-workflow';

import { chosenLabels, labelsField } from '../actions/message/labels';
import {
	ADDRESS_SCOPE,
	attachmentsIn,
	BODY_SCOPE,
	scopesThatHide,
	SUBJECT_SCOPE,
	type Mail,
} from '../actions/message/message';
import { readStatusFilter } from '../actions/message/source';
import { comparable } from '../fields/comparable';
import { readCommaList, readList } from '../fields/list';
import type { Item } from '../run/item';
import { asText } from '../run/requestBody';
import { RefusedInput } from '../transport/refusedInput';

const hasAttachmentsFilter: INodeProperties = {
	displayName: 'Has Attachments',
	name: 'hasAttachments',
	type: 'boolean',
	default: true,
	description:
		'Whether a mail must have attachments; off, it must have none. Images within its text do not count.',
};

const senderFilter: INodeProperties = {
	displayName: 'Sender',
	name: 'sender',
	type: 'string',
	default: '',
	placeholder: 'e.g. ann@example.com, @acme.example',
	description:
		'Text that the address or the name of the sender must contain. Of several, with commas between, any one suffices.',
};

const subjectFilter: INodeProperties = {
	displayName: 'Subject',
	name: 'subject',
	type: 'string',
	default: '',
	placeholder: 'e.g. invoice',
	description: 'Text that the subject must contain, in upper or lower case',
};

/** Which mails are wanted. All but the read status is compared by the node, before it reads their contents. */
export const filtersField: INodeProperties = {
	displayName: 'Filters',
	name: 'filters',
	type: 'collection',
	placeholder: 'Add Filter',
	default: {},
	options: [
		hasAttachmentsFilter,
		{
			...labelsField,
			required: undefined,
			description:
				'Labels of which a mail must have one when it is found. Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
		},
		{
			...readStatusFilter,
			description:
				'Whether all mails count, or unread ones only: then one that somebody reads before the node has looked is left out',
		},
		senderFilter,
		subjectFilter,
	],
};

/** What a mail must be. */
interface Filter {
	/** What it is called on screen, and the scope without which Feishu hides what it compares. */
	displayName: string;
	scope?: string;
	fits: (mail: Mail) => boolean;
}

const LOST = 'Without it, mails would be delivered that are not wanted: correct the expression.';

/**
 * The filters that are entered.
 *
 * @throws RefusedInput for an expression that gives nothing, and for a label that the mailbox does not have
 */
export async function readFilters(item: Item): Promise<Filter[]> {
	const filters: Filter[] = [];
	item.readEntered(readStatusFilter.name, LOST);
	const { value: has, displayName } = item.readEntered(hasAttachmentsFilter.name, LOST);
	if (has !== undefined && has !== null) {
		const wanted = item.isOn(hasAttachmentsFilter.name);
		filters.push({ displayName, scope: BODY_SCOPE, fits: (mail) => hasFiles(mail) === wanted });
	}

	item.readEntered(senderFilter.name, LOST);
	const senders = readCommaList(item, senderFilter.name);
	if (senders.values.length > 0) {
		const wanted = senders.values.map(comparable);
		const isFrom = ({ head_from: from }: Mail) =>
			wanted.some((text) => [from?.mail_address, from?.name].some((part) => comparable(part).includes(text)));
		filters.push({ displayName: senders.displayName, scope: ADDRESS_SCOPE, fits: isFrom });
	}

	const { value: entered, displayName: subjectName } = item.readEntered(subjectFilter.name, LOST);
	const text = comparable((asText(entered, subjectName) ?? '').trim());
	if (text !== '') {
		const isAbout = ({ subject }: Mail) => comparable(subject ?? '').includes(text);
		filters.push({ displayName: subjectName, scope: SUBJECT_SCOPE, fits: isAbout });
	}

	item.readEntered(labelsField.name, LOST);
	const labels = readList(item, labelsField.name);
	if (labels.values.length > 0) {
		const ids = new Set(await chosenLabels(item));
		const hasOne = ({ label_ids }: Mail) => Array.isArray(label_ids) && label_ids.some((id) => ids.has(id));
		filters.push({ displayName: labels.displayName, fits: hasOne });
	}
	return filters;
}

const hasFiles = (mail: Mail) => attachmentsIn(mail).some(({ is_inline }) => is_inline !== true);

/**
 * The mails that pass all filters.
 *
 * @throws RefusedInput where Feishu hides what a filter compares
 */
export async function passing(item: Item, filters: Filter[], mails: Mail[]): Promise<Mail[]> {
	if (filters.some(({ scope }) => scope !== undefined)) {
		const hidden = await scopesThatHide(item, mails);
		const blind = filters.find(({ scope }) => scope !== undefined && hidden.includes(scope));
		if (blind) {
			throw new RefusedInput(
				`The filter '${blind.displayName}' cannot work: Feishu hides what it compares, because the permission ${blind.scope} is missing`,
				"Add it under 'Permissions & Scopes' of the app in the developer console and release a new version; with a user's credential, reconnect it. No mail is lost meanwhile.",
			);
		}
	}
	return mails.filter((mail) => filters.every(({ fits }) => fits(mail)));
}
