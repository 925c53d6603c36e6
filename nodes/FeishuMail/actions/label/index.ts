import type { Resource } from '../operation';
import { create } from './create.operation';

export const label: Resource = {
	value: 'label',
	name: 'Label',
	operations: [create],
};
