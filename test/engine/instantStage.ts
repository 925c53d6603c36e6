import '../webSocket';

import type { INodeCredentials, INodeParameters } from 'n8n-workflow';

import type { NewMessage } from '../sandbox';
import { Listening, type Listener } from './listening';
import { connected, engine, sandbox, time } from './stage';
import { SteeredTime } from './steeredTime';
import { until } from './until';

/** Time that passes when the test lets it. */
export let steered: SteeredTime;

let all: Listening[];

beforeEach(() => {
	time.end();
	steered = new SteeredTime(() => {
		const { deliveries, connections } = sandbox.events;
		const pings = connections.reduce((count, connection) => count + connection.pings.length, 0);
		return sandbox.requests.length + deliveries.length + pings;
	});
	all = [];
});

afterEach(async () => {
	for (const one of all) await one.deactivate();
	await until(() => sandbox.events.connections.length === 0);
});

/** The credentials of the app and of a user who is connected through it. */
export const bothCredentials = async (app = sandbox.app): Promise<INodeCredentials> => ({
	feishuMailApi: await engine.addCredential({ appId: app.id, appSecret: app.secret }),
	feishuMailOAuth2Api: await connected({ app }),
});

/** A workflow with the instant trigger that watches the user's own mailbox. */
export async function instant(
	parameters: INodeParameters = {},
	listener: Partial<Listener> = {},
): Promise<Listening> {
	const listening = new Listening(engine, {
		credentials: listener.credentials ?? (await bothCredentials()),
		...listener,
		parameters,
	});
	all.push(listening);
	return listening;
}

/** One that is active. */
export async function active(...options: Parameters<typeof instant>): Promise<Listening> {
	const listening = await instant(...options);
	await listening.activate();
	await steered.pass(1000);
	return listening;
}

/** A mail comes in. */
export const receive = (fields: NewMessage = {}) => sandbox.mailbox.receive(fields);

/** Waits until executions were started for mails of these subjects, in any order, and for no others. */
export async function started(listening: Listening, ...subjects: string[]): Promise<void> {
	await until(() => listening.executions.length >= subjects.length);
	await steered.settle();
	expect([...listening.subjects].sort()).toEqual([...subjects].sort());
}
