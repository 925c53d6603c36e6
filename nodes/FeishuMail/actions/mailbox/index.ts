import type { Resource } from '../../run/operation';
import { checkAccess } from './checkAccess.operation';

/** @param resources everything the node can do */
export const mailbox = (resources: readonly Resource[]): Resource => ({
	value: 'mailbox',
	name: 'Mailbox',
	operations: [checkAccess(resources)],
});
