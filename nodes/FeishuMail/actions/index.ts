import { attachment } from './attachment';
import { contact } from './contact';
import { draft } from './draft';
import { folder } from './folder';
import { label } from './label';
import { mailbox } from './mailbox';
import { message } from './message';
import { rule } from './rule';
import { signature } from './signature';
import { template } from './template';
import { thread } from './thread';
import { inMailbox, mailboxFields } from '../fields/mailbox';
import type { Operation, Resource } from '../run/operation';

/** Everything the node can do. */
export const resources: Resource[] = [];

/** An operation on a mailbox that is chosen, unless it is about another. */
const withMailbox = (operation: Operation): Operation => ({
	path: inMailbox,
	...operation,
	fields: operation.path ? operation.fields : [...mailboxFields, ...operation.fields],
});

resources.push(
	...[
		attachment,
		contact,
		draft,
		folder,
		label,
		mailbox(resources),
		message,
		rule,
		signature,
		template,
		thread,
	].map(({ operations, ...resource }) => ({ ...resource, operations: operations.map(withMailbox) })),
);

/** @throws Error for names that no dropdown offers */
export function findOperation(resource: unknown, operation: unknown): Operation {
	const found = resources
		.find(({ value }) => value === resource)
		?.operations.find(({ value }) => value === operation);
	if (!found) throw new Error(`There is no operation '${String(operation)}' on '${String(resource)}'`);
	return found;
}
