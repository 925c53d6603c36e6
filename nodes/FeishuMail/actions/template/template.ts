import { NodeApiError, type IDataObject, type INodeProperties } from 'n8n-workflow';

import {
	findByName,
	locator,
	onlyOne,
	readLocator,
	readOptionalLocator,
	type Choice,
} from '../../fields/locator';
import { mailboxKey } from '../../fields/mailbox';
import { bccField, ccField, readAddressList, toField } from '../../fields/recipients';
import type { Address } from '../../mime/addresses';
import type { Item } from '../../run/item';
import type { TextRule } from '../../run/requestBody';
import type { Hints, Page, Read } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';
import { mailboxHints } from '../mailboxHints';
import type { Attachment } from '../message/message';

/** A template of a mailbox. A list gives its id, its name and when it was created. */
export type Template = IDataObject & {
	template_id: string;
	name: string;
	subject?: string;
	template_content?: string;
	is_plain_text_mode?: boolean;
	tos?: Address[];
	ccs?: Address[];
	bccs?: Address[];
	attachments?: Attachment[];
};

const path = '/open-apis/mail/v1/user_mailboxes/:user_mailbox_id/templates';

/** There is no such template. */
export const TEMPLATE_GONE = 1230007;

/** Codes of the template endpoints. */
export const templateHints: Hints = {
	...mailboxHints('template', "'Mailbox' and the fields of the template"),
	1230002:
		"The app may not reach the templates of this mailbox: in the developer console, check under 'Permissions & Scopes' that {scopes} and the data permission for the mails of this mailbox are granted, and release a new version. With a user's credential, the user must own the mailbox or be a member of it",
	1230004: "Feishu does not accept the name of the template, which may be in use: enter another 'Name'",
	1230005: 'The mailbox has as many templates as Feishu allows: delete one first',
	1230006: "'Message' is too large for a template, which takes 3 MB: shorten it",
	[TEMPLATE_GONE]: 'The mailbox has no such template: it may have been deleted, or belong to another mailbox',
	1230008: 'The template is too large with its files: remove some of them in Feishu, or shorten its message',
	1230009: "Feishu does not accept a value of the template: check 'Template' and its fields",
	1230010: 'A file of the template is gone: remove it from the template in Feishu, or add it again',
	1230011: 'A file of the template may not be read: remove it from the template in Feishu, or add it again',
};

/** What the endpoints declare that answer with a template. */
export const givesTemplate = { returns: 'template', id: 'template_id' } as const;

/** What reading templates needs. */
const readScopes = ['mail:user_mailbox.message:modify', 'mail:user_mailbox.message:readonly'];

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-template/list */
export const listTemplates: Read<Page<Template>> = {
	hints: templateHints,
	method: 'GET',
	path,
	scopes: readScopes,
	quota: '5 template lists a second',
	id: givesTemplate.id,
};

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-template/get */
export const readTemplate: Read<Template> = {
	hints: templateHints,
	...givesTemplate,
	method: 'GET',
	path: `${path}/:template_id`,
	scopes: readScopes,
	quota: '5 template reads a second',
};

/** What the endpoints declare that change templates. */
export const templateWrite = { hints: templateHints, scopes: ['mail:user_mailbox.message:modify'] } as const;

export const templateLocator: INodeProperties = locator({
	displayName: 'Template',
	name: 'templateId',
	description: 'The template of the mailbox',
	searchListMethod: 'searchTemplates',
	placeholder: 'e.g. 7012345678901234567',
	modes: [{ displayName: 'By Name', name: 'name', placeholder: 'e.g. Welcome' }],
});

export const templateNameField: INodeProperties = {
	displayName: 'Name',
	name: 'name',
	type: 'string',
	required: true,
	default: '',
	placeholder: 'e.g. Welcome',
	description: 'Name of the template, at most 100 characters',
};

export const templateSubjectField: INodeProperties = {
	displayName: 'Subject',
	name: 'subject',
	type: 'string',
	default: '',
	placeholder: 'e.g. Welcome to Acme',
	description: 'What the mail is about, at most 1000 characters',
};

export const templateMessageField: INodeProperties = {
	displayName: 'Message',
	name: 'templateContent',
	type: 'string',
	typeOptions: { rows: 5 },
	default: '',
	placeholder: 'e.g. <p>Dear Jane, ...</p>',
	description: 'The text of the mail, at most 3 MB. As HTML, it needs &lt;br&gt; or &lt;p&gt; for new lines.',
};

/** What a template has besides its name, subject and message. */
export const templateFields: INodeProperties[] = [
	{ ...bccField, name: 'bccs' },
	{ ...ccField, name: 'ccs' },
	{
		displayName: 'Plain Text',
		name: 'isPlainTextMode',
		type: 'boolean',
		default: false,
		description: 'Whether the message is plain text instead of HTML',
	},
	{ ...toField, name: 'tos' },
];

/** What Feishu takes as texts of a template. Docs: request body of "Create a template". */
export const templateTexts = {
	name: { minLength: 1, maxLength: 100 },
	subject: { maxLength: 1000 },
	template_content: { maxLength: 3 * 1024 * 1024 },
} satisfies Record<string, TextRule>;

/** How many addresses each list of a template holds at most. Docs: `tos`, `ccs`, `bccs`. */
const MOST_ADDRESSES = 100;

/**
 * What an item says of a template besides its texts; nothing of what it leaves out.
 *
 * @throws RefusedInput for what Feishu does not take
 */
export function readTemplateExtras(item: Item): Partial<Template> {
	const isGiven = (parameter: string) => {
		const { value } = item.read(parameter);
		return value !== undefined && value !== null;
	};
	const extras: Partial<Template> = {};
	for (const list of ['tos', 'ccs', 'bccs'] as const) {
		if (!isGiven(list)) continue;
		const addresses = readAddressList(item, list);
		if (addresses.length > MOST_ADDRESSES) {
			throw new RefusedInput(
				`'${item.read(list).displayName}' has ${addresses.length} addresses; a template takes at most ${MOST_ADDRESSES}`,
				'Use a mail group, or enter the others where a mail is sent from the template.',
			);
		}
		extras[list] = addresses;
	}
	if (isGiven('isPlainTextMode')) extras.is_plain_text_mode = item.isOn('isPlainTextMode');
	return extras;
}

const templatesKey = (item: Item) => `templates of ${mailboxKey(item)}`;

/** The templates of an item's mailbox as they are now, with their ids and names. */
export const listedTemplates = async (item: Item): Promise<Template[]> => await item.all(listTemplates);

/** The same, listed once in a run. */
const templatesOf = async (item: Item): Promise<Template[]> =>
	await item.run.readOnce(templatesKey(item), async () => await listedTemplates(item));

/** The same; undefined where they cannot be listed. */
export const templatesIfListed = async (item: Item): Promise<Template[] | undefined> =>
	await templatesOf(item).catch((error: unknown) => {
		if (error instanceof NodeApiError) return undefined;
		throw error;
	});

/** Notes what the run has created or renamed, so that later items find it by its name. */
export async function noteTemplate(item: Item, { template_id, name }: Template): Promise<void> {
	const templates = await item.run.known<Template[]>(templatesKey(item));
	const known = templates?.find((one) => one.template_id === template_id);
	if (known) known.name = name;
	else templates?.push({ template_id, name });
}

/**
 * The template that an item chooses, by its id.
 *
 * @throws RefusedInput for a name that no template has, or more than one
 */
export async function chosenTemplate(item: Item): Promise<Choice> {
	const choice = readLocator(item, templateLocator.name);
	if (choice.by === 'id') return choice;
	const templates = (await templatesOf(item)).map(({ template_id: id, name }) => ({ id, name }));
	const { id } = onlyOne(
		findByName(templates, choice.value, ({ name }) => name),
		choice,
		'template',
		'Enter the name as Feishu Mail shows it, or choose the template from the list.',
	);
	return { ...choice, by: 'id', value: id };
}

/**
 * Whether an item starts a mail from a template. An empty text by expression says that it does not.
 *
 * @throws RefusedInput where its expression gives nothing, and where none is chosen from the list
 */
export const startsFromTemplate = (item: Item): boolean =>
	readOptionalLocator(
		item,
		templateLocator.name,
		'The mail would go out without what the template holds. See that the expression gives a template, or an empty text for a mail without one.',
	) !== undefined;
