import type { Resource } from '../../run/operation';
import { checkAccess } from './checkAccess.operation';
import { get } from './get.operation';
import { getAll } from './getAll.operation';
import { getSenders } from './getSenders.operation';

/** @param resources everything the node can do */
export const mailbox = (resources: readonly Resource[]): Resource => ({
	value: 'mailbox',
	name: 'Mailbox',
	operations: [checkAccess(resources), get, getAll, getSenders],
});
