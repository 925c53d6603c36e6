import type { Resource } from '../../run/operation';
import { create } from './create.operation';
import { deleteOperation } from './delete.operation';
import { get } from './get.operation';
import { getAll } from './getAll.operation';
import { send } from './send.operation';
import { update } from './update.operation';

export const draft: Resource = {
	value: 'draft',
	name: 'Draft',
	operations: [create, deleteOperation, get, getAll, send, update],
};
