import type { Resource } from '../operation';
import { create } from './create.operation';

export const contact: Resource = {
	value: 'contact',
	name: 'Contact',
	operations: [create],
};
