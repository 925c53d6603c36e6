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
import type { Operation, Resource } from '../run/operation';

/** Everything the node can do. */
export const resources: Resource[] = [attachment, contact, draft, folder, label];
resources.push(mailbox(resources), message, rule, signature, template, thread);

/** @throws Error for names that no dropdown offers */
export function findOperation(resource: unknown, operation: unknown): Operation {
	const found = resources
		.find(({ value }) => value === resource)
		?.operations.find(({ value }) => value === operation);
	if (!found) throw new Error(`There is no operation '${String(operation)}' on '${String(resource)}'`);
	return found;
}
