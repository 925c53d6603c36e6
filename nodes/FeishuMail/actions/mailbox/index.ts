import type { Resource } from '../../run/operation';
import { checkAccess } from './checkAccess.operation';
import { createAlias } from './createAlias.operation';
import { deleteAlias } from './deleteAlias.operation';
import { get } from './get.operation';
import { getAliases } from './getAliases.operation';
import { getAll } from './getAll.operation';
import { getSenders } from './getSenders.operation';

/** @param resources everything the node can do */
export const mailbox = (resources: readonly Resource[]): Resource => ({
	value: 'mailbox',
	name: 'Mailbox',
	operations: [checkAccess(resources), createAlias, deleteAlias, get, getAliases, getAll, getSenders],
});
