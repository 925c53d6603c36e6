import type { Operation } from '../../run/operation';
import type { Repeatable } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';
import {
	chosenTemplate,
	givesTemplate,
	listTemplates,
	noteTemplate,
	readTemplate,
	readTemplateExtras,
	templateFields,
	templateLocator,
	templateMessageField,
	templateNameField,
	templateSubjectField,
	templateTexts,
	templateWrite,
	type Template,
} from './template';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-template/update */
const updateTemplate: Repeatable<Template> = {
	...templateWrite,
	...givesTemplate,
	method: 'PUT',
	path: readTemplate.path,
	quota: '5 template updates a second',
	write: 'repeatable',
	verify: 'what the template looks like now',
};

/** What Feishu tells of a template and does not take with a change. */
const told: Array<keyof Template> = ['template_id', 'create_time'];

export const update: Operation = {
	value: 'update',
	name: 'Update',
	action: 'Update a template',
	description: 'Change parts of a template; all else in it stays as it is, its files as well',
	endpoints: [readTemplate, updateTemplate, listTemplates],
	bottleneck: updateTemplate,
	// Another item may change the same template.
	fields: [
		templateLocator,
		{
			displayName: 'Update Fields',
			name: 'updateFields',
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
			options: [
				...templateFields,
				templateMessageField,
				{ ...templateNameField, required: undefined },
				templateSubjectField,
			].sort((one, other) => (one.displayName < other.displayName ? -1 : 1)),
		},
	],
	async execute(item) {
		const changes = { ...item.changes(templateTexts), ...readTemplateExtras(item) };
		if (Object.keys(changes).length === 0) {
			throw new RefusedInput(
				'There is nothing to change',
				"Add a field under 'Update Fields', and see that its expression gives a value.",
			);
		}
		const path = { template_id: await chosenTemplate(item) };
		// What a change leaves out, Feishu clears.
		const kept = { ...(await item.call(readTemplate, path)) };
		for (const field of told) delete kept[field];
		const template = await item.call(updateTemplate, path, { body: { template: { ...kept, ...changes } } });
		await noteTemplate(item, template);
		return template;
	},
};
