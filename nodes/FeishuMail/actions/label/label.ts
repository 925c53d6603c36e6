import type { INodePropertyOptions } from 'n8n-workflow';

import type { Hints } from '../../transport/endpoint';
import type { BodyRules } from '../requestBody';

/** A label of a mailbox. */
export type Label = {
	id: string;
	/** The whole path for a nested label: `a/b/c`. */
	name: string;
	background_color?: string;
	messages_unread?: number;
};

/** Feishu's twelve label colours. `wathet` is its name for light blue. */
export const labelColors: INodePropertyOptions[] = [
	{ name: 'Blue', value: 'blue' },
	{ name: 'Carmine (Deep Pink)', value: 'carmine' },
	{ name: 'Green', value: 'green' },
	{ name: 'Indigo', value: 'indigo' },
	{ name: 'Light Blue (Wathet)', value: 'wathet' },
	{ name: 'Lime', value: 'lime' },
	{ name: 'Orange', value: 'orange' },
	{ name: 'Purple', value: 'purple' },
	{ name: 'Red', value: 'red' },
	{ name: 'Turquoise', value: 'turquoise' },
	{ name: 'Violet', value: 'violet' },
	{ name: 'Yellow', value: 'yellow' },
];

/** What Feishu takes as `label`. Docs: request body of "Create a label". */
export const labelBody: BodyRules = {
	name: { minLength: 1, maxLength: 255 },
	background_color: { oneOf: labelColors.map(({ value }) => String(value)) },
};

/** Codes of the label endpoints. */
export const labelHints: Hints = {
	1234000: "Feishu does not accept a value of the label: check 'Mailbox', 'Name' and 'Background Color'",
	1234013: "Feishu finds no active mailbox with this address: check 'Mailbox'",
	1234017: 'Feishu could not process the request because of an internal fault',
	1234030:
		"The app may not reach the labels of this mailbox: in the developer console, check under 'Permissions & Scopes' that {scopes} and the data permission for this mailbox are granted, and release a new version",
	1230100: 'The mailbox has no such label: it may have been deleted or renamed',
	1230101: "A label with this name exists already: enter another 'Name'",
	1230102: 'The mailbox has as many labels as Feishu allows: delete one first',
	1230103: "Feishu uses this name for a label of its own: enter another 'Name'",
};
