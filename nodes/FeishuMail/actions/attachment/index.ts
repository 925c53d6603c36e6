import type { Resource } from '../../run/operation';
import { download } from './download.operation';
import { getAll } from './getAll.operation';

export const attachment: Resource = {
	value: 'attachment',
	name: 'Attachment',
	operations: [download, getAll],
};
