import { limitFields, readLimit } from '../../fields/limit';
import type { Operation } from '../../run/operation';
import { listTemplates } from './template';

export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many templates',
	description: "List a mailbox's templates with their names and IDs",
	endpoints: [listTemplates],
	inFlight: 6,
	fields: limitFields,
	async execute(item) {
		const limit = readLimit(item);
		return await item.all(listTemplates, {}, { limit });
	},
};
