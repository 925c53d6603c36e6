import { limitFields, readLimit } from '../../fields/limit';
import type { Operation } from '../../run/operation';
import { listLabels } from './label';

export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many labels',
	description: "List a mailbox's labels, without the ones that Feishu itself provides",
	endpoints: [listLabels],
	inFlight: 11,
	fields: limitFields,
	async execute(item) {
		const limit = readLimit(item);
		return await item.all(listLabels, {}, { limit });
	},
};
