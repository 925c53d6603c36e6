import type { Resource } from '../../run/operation';
import { create } from './create.operation';
import { deleteOperation } from './delete.operation';
import { get } from './get.operation';
import { getAll } from './getAll.operation';
import { update } from './update.operation';
import { upsert } from './upsert.operation';

export const label: Resource = {
	value: 'label',
	name: 'Label',
	operations: [create, upsert, deleteOperation, get, getAll, update],
};
