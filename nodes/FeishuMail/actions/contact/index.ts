import type { Resource } from '../../run/operation';
import { create } from './create.operation';
import { deleteOperation } from './delete.operation';
import { getAll } from './getAll.operation';
import { update } from './update.operation';
import { upsert } from './upsert.operation';

export const contact: Resource = {
	value: 'contact',
	name: 'Contact',
	operations: [create, upsert, deleteOperation, getAll, update],
};
