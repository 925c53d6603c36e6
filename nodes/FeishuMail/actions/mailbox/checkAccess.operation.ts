import { mailbox, mailboxFields } from '../../fields/mailbox';
import type { Item } from '../../run/item';
import { scopeLines, type Operation, type Resource } from '../../run/operation';
import { accepts } from '../../transport/endpoint';
import { failureCode, isLasting } from '../../transport/failure';
import type { GrantedScopes } from '../../transport/grantedScopes';
import { missingScopeCodes, missingScopeHint, otherIdentityHint } from '../../transport/platformHints';
import { listContacts } from '../contact/getAll.operation';
import { listFolders } from '../folder/mailFolder';
import { listLabels } from '../label/label';

/** Reads of a mailbox, the one with the largest quota first. */
const reads = [listLabels, listFolders, listContacts];

/** One row of the output; all have the same columns. */
type Row = {
	resource: string;
	operation: string;
	access: 'granted' | 'partly granted' | 'not granted' | 'not offered' | 'unknown';
	remedy: string;
	/** Each any one of several scopes, like `scopes`. */
	missing: string[];
	scopes: string[];
};

const NOTHING_TO_DO = 'none needed';

const OR = ' or ';

const anyOf = (scopes: readonly string[]) => scopes.join(OR);

/** One operation of the node: what it needs, and what of it is missing. */
function accessTo(resource: Resource, operation: Operation, item: Item, granted: GrantedScopes): Row {
	const { identity } = item.run.client;
	const { endpoints, lookUps = [], withoutLookUps = 'folders and labels are chosen by ID only' } = operation;
	const lines = scopeLines(endpoints).map(anyOf);
	const fieldLines = new Set(endpoints.flatMap(({ fieldScopes = {} }) => Object.values(fieldScopes)));
	const lookUpLines = scopeLines([...endpoints, ...lookUps]).map(anyOf);
	const all = [...new Set([...lines, ...fieldLines, ...lookUpLines])];
	const row = (access: Row['access'], remedy: string, missing: string[] = []): Row => ({
		resource: resource.name,
		operation: operation.name,
		access,
		remedy,
		missing,
		scopes: all,
	});
	if (!endpoints.every((endpoint) => accepts(endpoint, identity))) {
		return row('not offered', otherIdentityHint[identity]);
	}
	if (!granted) return row('unknown', 'It cannot be known here what is granted: try the operation');
	const lacking = all.filter((line) => !line.split(OR).some((scope) => granted.has(scope)));
	if (lacking.length === 0) return row('granted', NOTHING_TO_DO);
	const remedy = remedyFor(item, lacking);
	if (lacking.some((line) => lines.includes(line))) return row('not granted', remedy, lacking);
	const without = lacking.some((line) => fieldLines.has(line)) ? 'Feishu leaves fields out' : withoutLookUps;
	return row('partly granted', `It works, but ${without}. ${remedy}`, lacking);
}

const remedyFor = (item: Item, scopes: string[]) =>
	missingScopeHint[item.run.client.identity].replace('{scopes}', scopes.join(', '));

/** Whether the mailbox can be reached, told by reading from it; its address stands where other rows have an operation. */
async function accessToMailbox(item: Item, granted: GrantedScopes): Promise<Row> {
	const path = { user_mailbox_id: mailbox(item) };
	const read = reads.find(({ scopes }) => !granted || scopes.some((scope) => granted.has(scope)));
	const row = (access: Row['access'], remedy: string, missing: string[] = []): Row => ({
		resource: 'Mailbox',
		operation: path.user_mailbox_id.value,
		access,
		remedy,
		missing,
		scopes: [anyOf((read ?? listLabels).scopes)],
	});
	if (!read) {
		const missing = listLabels.scopes.slice(-1);
		return row(
			'unknown',
			`Nothing may be read yet, so it cannot be told whether the mailbox can be reached. ${remedyFor(item, missing)}`,
			missing,
		);
	}
	const request = read.pageSize ? { query: { page_size: 1 } } : {};
	return await item.call<object>(read, path, request).then(
		() => row('granted', NOTHING_TO_DO),
		(error: Error) => {
			const code = failureCode(error);
			if (code === undefined) throw error;
			const isRefusal = isLasting(error) && code in read.hints && !missingScopeCodes.has(code);
			return row(isRefusal ? 'not granted' : 'unknown', error.message);
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
