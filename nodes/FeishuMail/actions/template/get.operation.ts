import type { Operation } from '../../run/operation';
import { chosenTemplate, listTemplates, readTemplate, templateLocator } from './template';

export const get: Operation = {
	value: 'get',
	name: 'Get',
	action: 'Get a template',
	description: 'Read one template with its message, its recipients and the names of its files',
	endpoints: [readTemplate, listTemplates],
	inFlight: 6,
	fields: [templateLocator],
	execute: async (item) => await item.call(readTemplate, { template_id: await chosenTemplate(item) }),
};
