import type { INodeProperties } from 'n8n-workflow';

import { mailboxKey } from '../../fields/mailbox';
import {
	addressesIn,
	bccField,
	ccField,
	checkRecipients,
	eachOnce,
	toField,
	type Recipients,
} from '../../fields/recipients';
import { besideImages, compareInlineImages } from '../../mime/inlineImages';
import { ROOM } from '../../mime/mail';
import type { Item } from '../../run/item';
import type { Read } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';
import { fetchAttachments, type Fetched, type Links } from '../message/files';
import { objectsIn, type Attachment } from '../message/message';
import {
	chosenTemplate,
	listTemplates,
	readTemplate,
	startsFromTemplate,
	templateHints,
	templateLocator,
	type Template,
} from '../template/template';
import { checkOwnImages, cidsOf, type Letter, type Needs } from './letter';
import { cidOf, passOn, textOf, type Passed } from './passedOn';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-template/download_url */
const linkTemplateFiles: Read<Links> = {
	method: 'GET',
	path: `${readTemplate.path}/attachments/download_url`,
	// Feishu takes that of an app as well, which sends no mails.
	tokens: ['user'],
	scopes: ['mail:user_mailbox.message:readonly'],
	quota: '5 template downloads a second',
	hints: templateHints,
};

/** What starting from a template asks for. */
export const templateEndpoints = [readTemplate, listTemplates, linkTemplateFiles];

/** What a mail may start from. */
export const templateField: INodeProperties = {
	...templateLocator,
	required: undefined,
	description:
		"A template to start from. 'To', 'CC', 'BCC', 'Subject' and 'Message' each come from it where they are empty here; its files go along.",
};

const advice = 'Choose another template, or take the file out of it in Feishu Mail.';

/** A letter, and the files that come with it from elsewhere. */
export interface Filled {
	letter: Letter;
	passed?: Passed;
}

/**
 * What an item writes, filled in from the template that it starts from, if any.
 *
 * @throws RefusedInput where the template does not make it a mail that Feishu would send
 */
export async function fillIn(item: Item, letter: Letter, needs: Needs): Promise<Filled> {
	if (!startsFromTemplate(item)) return { letter };
	const choice = await chosenTemplate(item);
	const key = `template ${choice.value} of ${mailboxKey(item)}`;
	const template = await item.run.readOnce(
		key,
		async () => await item.call(readTemplate, { template_id: choice }),
	);
	const recipients = recipientsFrom(letter, template);
	if (needs.recipients) checkRecipients(recipients, 'and the template has no recipients');
	const { text, html } = textsFrom(letter, template);
	const shown = besideImages(html ?? '', []);
	const filled = {
		...letter,
		...recipients,
		subject: letter.subject || (textOf(template.subject) ?? ''),
		text,
		html: html === undefined ? undefined : shown.html,
	};
	const attachments = objectsIn(template.attachments);
	const own = cidsOf(letter.inlineImages);
	checkOwnImages(filled);
	checkImages(filled.html, [...own, ...attachments.map((one) => shown.cids.get(cidOf(one) ?? '') ?? '')]);
	for (const [cid, name] of shown.cids) if (own.includes(name)) shown.cids.delete(cid);
	const passed = await passOn(item, attachments, shown.cids, {
		// What no message can show is no image of one.
		isFile: (one) => !one.is_inline || !cidOf(one),
		fetch: async (wanted) => await filesOf(item, key, wanted),
	});
	return { letter: filled, passed };
}

/**
 * Each list of recipients as it is entered, or else as the template has it.
 *
 * @throws RefusedInput for a recipient of the template that is no address, whom the mail would miss
 */
function recipientsFrom({ to, cc, bcc }: Letter, { tos, ccs, bccs }: Template): Recipients {
	const or = (entered: Recipients['to'], list: unknown, { displayName }: INodeProperties) =>
		entered.length > 0
			? entered
			: addressesIn(
					list,
					templateField.displayName,
					`Correct the recipient in the template in Feishu Mail, or enter who gets the mail under '${displayName}'.`,
				);
	return eachOnce({ to: or(to, tos, toField), cc: or(cc, ccs, ccField), bcc: or(bcc, bccs, bccField) });
}

function textsFrom({ text, html }: Letter, template: Template): Pick<Letter, 'text' | 'html'> {
	if (text || html) return { text, html };
	const content = textOf(template.template_content) ?? '';
	return template.is_plain_text_mode ? { text: content } : { html: content };
}

/** @throws RefusedInput for an image that the HTML shows and nobody has */
function checkImages(html = '', held: string[]): void {
	const [first] = compareInlineImages(html, held).missing;
	if (first === undefined) return;
	throw new RefusedInput(
		`The message shows an image '${first}' that neither '${templateField.displayName}' nor 'Inline Images' holds`,
		`Add the image to the template in Feishu Mail, or give it under 'Inline Images' by a binary field that is called '${first}'.`,
	);
}

/** What a run knows of the files of the template that it met last: items hardly ever take turns with templates. */
interface Known {
	key?: string;
	fetched?: Fetched[];
}

/** Files of a template, fetched once for items that follow each other. */
async function filesOf(item: Item, template: string, wanted: Attachment[]): Promise<Fetched[]> {
	const known = item.run.once('files of a template', (): Known => ({}));
	const key = JSON.stringify([template, wanted.map(({ id }) => id)]);
	if (known.key !== key) {
		// Not the files of two templates at a time in memory.
		Object.assign(known, { key: undefined, fetched: undefined });
		const path = { template_id: await chosenTemplate(item) };
		const holder = { endpoint: linkTemplateFiles, path, kind: 'template' } as const;
		known.fetched = await fetchAttachments(item, holder, wanted, ROOM, advice);
		known.key = key;
	}
	return known.fetched ?? [];
}
