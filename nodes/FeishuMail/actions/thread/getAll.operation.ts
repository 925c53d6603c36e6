import { limitFields, readLimit } from '../../fields/limit';
import { decodeText } from '../../mime/encodedText';
import type { Operation } from '../../run/operation';
import { listFolders } from '../folder/mailFolder';
import { listLabels } from '../label/label';
import { chosenSource, readStatusFilter, sourceFields } from '../message/source';
import { listThreads } from './thread';

export const getAll: Operation = {
	value: 'getAll',
	name: 'Get Many',
	action: 'Get many threads',
	description: 'List the threads of a folder or of a label, each with the beginning of its newest mail',
	endpoints: [listThreads],
	lookUps: [listFolders, listLabels],
	fields: [
		...sourceFields,
		...limitFields,
		{
			displayName: 'Filters',
			name: 'filters',
			type: 'collection',
			placeholder: 'Add Filter',
			default: {},
			options: [readStatusFilter],
		},
	],
	async execute(item) {
		const limit = readLimit(item);
		const query = await chosenSource(item);
		return (await item.all(listThreads, {}, { query, limit })).map(
			({ body_preview: preview, ...thread }) => ({
				...thread,
				...(preview && { body_preview: decodeText(preview) }),
			}),
		);
	},
};
