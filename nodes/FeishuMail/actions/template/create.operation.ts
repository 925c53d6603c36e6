import type { IDataObject } from 'n8n-workflow';

import type { Item } from '../../run/item';
import type { Operation } from '../../run/operation';
import type { Findable } from '../../transport/endpoint';
import { createOnce } from '../createOnce';
import { additionalFields } from '../outgoing/letter';
import {
	givesTemplate,
	listedTemplates,
	listTemplates,
	noteTemplate,
	readTemplate,
	readTemplateExtras,
	templateFields,
	templateMessageField,
	templateNameField,
	templatesIfListed,
	templateSubjectField,
	templateTexts,
	templateWrite,
	type Template,
} from './template';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-template/create */
const createTemplate: Findable<Template> = {
	...templateWrite,
	...givesTemplate,
	method: 'POST',
	path: listTemplates.path,
	quota: '5 template creations a second',
	write: 'findable',
	verify: 'whether the template is in the mailbox',
};

/** Creates a template, once in all tries of an item. */
async function newTemplate(item: Item, template: IDataObject): Promise<Template> {
	const name = String(template.name);
	return await createOnce<Template>(item, {
		thing: 'template',
		name,
		listIds: async () => (await templatesIfListed(item))?.map(({ template_id }) => template_id),
		findIds: async () =>
			(await listedTemplates(item))
				.filter((one) => String(one.name).trim() === name.trim())
				.map(({ template_id }) => template_id),
		async read(value) {
			const id = { by: 'id', displayName: 'Template', value } as const;
			return await item.call(readTemplate, { template_id: id });
		},
		create: async (find) => await item.create(createTemplate, {}, { body: { template } }, find),
	});
}

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Create a template',
	description: 'Add a template for mails, without files: these are added in Feishu Mail',
	endpoints: [createTemplate, listTemplates, readTemplate],
	bottleneck: createTemplate,
	// What an item has created is not taken for what another one has lost.
	fields: [
		templateNameField,
		templateSubjectField,
		templateMessageField,
		additionalFields(...templateFields),
	],
	async execute(item) {
		const texts = item.body({ ...templateTexts, name: { ...templateTexts.name, required: true } });
		const template = await newTemplate(item, { ...texts, ...readTemplateExtras(item) });
		await noteTemplate(item, template);
		return template;
	},
};
