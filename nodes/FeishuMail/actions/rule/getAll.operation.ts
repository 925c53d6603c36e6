import { limitFields, readLimit } from '../../fields/limit';
import type { Operation } from '../../run/operation';
import { listRules, shownRule } from './mailRule';

export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many rules',
	description: "List a mailbox's rules in their order, and in words what each does",
	endpoints: [listRules],
	inFlight: 6,
	fields: limitFields,
	async execute(item) {
		const limit = readLimit(item);
		return (await item.all(listRules, {}, { limit })).map(shownRule);
	},
};
