import { Connection, type Member, type Membership } from './connection';

export type { Member, Membership } from './connection';

/** The long connections of this process, by app. */
const connections = new Map<string, Connection>();

/**
 * Listens to the events of an app, by the long connection that all members of this process share: opened for the first
 * one, closed when the last one leaves.
 *
 * @param app tells apps apart: "<App ID> at <base URL>"
 */
export function join(app: string, member: Member): Membership {
	const connection = connections.get(app) ?? new Connection(() => connections.delete(app));
	connections.set(app, connection);
	return connection.join(member);
}
