import type { IDataObject } from 'n8n-workflow';

import { mailbox, mailboxFields } from '../../fields/mailbox';
import type { Item } from '../../run/item';
import type { Operation, Resource } from '../../run/operation';
import { failureCode, isLasting } from '../../transport/failure';
import type { GrantedScopes } from '../../transport/grantedScopes';
import { missingScopeCodes, missingScopeHint, otherIdentityHint } from '../../transport/platformHints';
import { listContacts } from '../contact/getAll.operation';
import { listFolders } from '../folder/mailFolder';
import { listLabels } from '../label/label';

/** Reads of a mailbox, the one with the largest quota first. */
const reads = [listLabels, listFolders, listContacts];

/** In each line, any one scope is enough. */
const linesOf = (endpoints: Operation['endpoints'] = []) =>
	[...new Map(endpoints.map(({ scopes }) => [scopes.join(' or '), scopes]))].filter(
		([, scopes]) => scopes.length > 0,
	);

/** One operation of the node: what it needs, and what of it is missing. */
function accessTo(resource: Resource, operation: Operation, item: Item, granted: GrantedScopes): IDataObject {
	const { endpoints, lookUps } = operation;
	const needed = linesOf(endpoints);
	const fields = new Set(endpoints.flatMap(({ fieldScopes = {} }) => Object.values(fieldScopes)));
	const useful = [
		...linesOf(lookUps).filter(([line]) => !needed.some(([other]) => other === line)),
		...[...fields].map((scope) => [scope, [scope]] as const),
	];
	const lacking = (lines: ReadonlyArray<readonly [string, readonly string[]]>) =>
		lines.filter(([, scopes]) => !scopes.some((scope) => granted?.has(scope))).map(([line]) => line);
	const row = (access: string, missing: string[] = [], remedy = ''): IDataObject => ({
		resource: resource.name,
		operation: operation.name,
		access,
		remedy,
		missing,
		scopes: [...needed, ...useful].map(([line]) => line),
	});
	const { identity } = item.run.client;
	if (!endpoints.every(({ tokens }) => tokens.includes(identity))) {
		return row('not offered', [], otherIdentityHint[identity]);
	}
	if (!granted) return row('unknown');
	const missing = [...lacking(needed), ...lacking(useful)];
	if (missing.length === 0) return row('granted');
	const access = lacking(needed).length > 0 ? 'not granted' : 'partly granted';
	return row(access, missing, remedyFor(item, missing));
}

const remedyFor = (item: Item, scopes: string[]) =>
	missingScopeHint[item.run.client.identity].replace('{scopes}', scopes.join(', '));

/** Whether the mailbox can be reached, told by reading from it; its address stands where other rows have an operation. */
async function accessToMailbox(item: Item, granted: GrantedScopes): Promise<IDataObject> {
	const path = { user_mailbox_id: mailbox(item) };
	const told = { resource: 'Mailbox', operation: path.user_mailbox_id.value };
	const read = reads.find(({ scopes }) => !granted || scopes.some((scope) => granted.has(scope)));
	if (!read) {
		const scope = listLabels.scopes[listLabels.scopes.length - 1] ?? '';
		return {
			...told,
			access: 'unknown',
			remedy: `Nothing may be read yet, so it cannot be told whether the mailbox can be reached. ${remedyFor(item, [scope])}`,
		};
	}
	const request = read.pageSize ? { query: { page_size: 1 } } : {};
	return await item.call<object>(read, path, request).then(
		() => ({ ...told, access: 'granted', remedy: '' }),
		(error: Error) => {
			const code = failureCode(error);
			if (code === undefined) throw error;
			const isRefusal = isLasting(error) && code in read.hints && !missingScopeCodes.has(code);
			const access = isRefusal ? 'not granted' : 'unknown';
			return { ...told, access, remedy: error.message };
		},
	);
}

/**
 * Tells what the app or the user may do. It works before anything is granted, so that a set-up can be checked.
 *
 * @param resources everything the node can do
 */
export const checkAccess = (resources: readonly Resource[]): Operation => ({
	value: 'checkAccess',
	name: 'Check Access',
	action: 'Check access to a mailbox',
	description: 'See which operations the app or the user may use, and whether the mailbox can be reached',
	endpoints: [],
	inFlight: 1,
	fields: mailboxFields,
	async execute(item) {
		const granted = await item.grantedScopes();
		return [
			await accessToMailbox(item, granted),
			...resources.flatMap((resource) =>
				resource.operations
					.filter(({ endpoints }) => endpoints.length > 0)
					.map((operation) => accessTo(resource, operation, item, granted)),
			),
		];
	},
});
