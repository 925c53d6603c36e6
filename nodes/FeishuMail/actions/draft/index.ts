import type { Resource } from '../../run/operation';
import { create } from './create.operation';
import { send } from './send.operation';

export const draft: Resource = {
	value: 'draft',
	name: 'Draft',
	operations: [create, send],
};
