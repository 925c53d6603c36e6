import type { Resource } from '../../run/operation';
import { getAll } from './getAll.operation';

export const signature: Resource = {
	value: 'signature',
	name: 'Signature',
	operations: [getAll],
};
