import type { Resource } from '../../run/operation';
import { create } from './create.operation';
import { deleteOperation } from './delete.operation';
import { getAll } from './getAll.operation';
import { reorder } from './reorder.operation';
import { update } from './update.operation';

export const rule: Resource = {
	value: 'rule',
	name: 'Rule',
	operations: [create, deleteOperation, getAll, reorder, update],
};
