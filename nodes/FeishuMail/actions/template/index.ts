import type { Resource } from '../../run/operation';
import { create } from './create.operation';
import { deleteOperation } from './delete.operation';
import { get } from './get.operation';
import { getAll } from './getAll.operation';
import { update } from './update.operation';

export const template: Resource = {
	value: 'template',
	name: 'Template',
	operations: [create, deleteOperation, get, getAll, update],
};
