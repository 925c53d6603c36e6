import type { Operation } from '../../run/operation';
import { listAliases, listedAliases } from './aliases';

export const getAliases: Operation = {
	value: 'getAliases',
	name: 'Get Aliases',
	action: 'Get the aliases of a mailbox',
	description: 'List the other addresses that belong to a mailbox',
	endpoints: [listAliases],
	inFlight: 11,
	fields: [],
	execute: listedAliases,
};
