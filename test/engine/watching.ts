import type { INodeParameters } from 'n8n-workflow';

import type { ApiName, Message, NewMessage } from '../sandbox';
import { Published, type Publishing } from './published';
import { bodies, engine, sandbox, time } from './stage';

export const LIST = 'mail.message.list';
export const GET = 'mail.message.batchGet';
export const MODIFY = 'mail.message.batchModify';
export const LINKS = 'mail.message.attachmentDownloadUrl';
export const FILE = 'file.download';

/** A workflow with a trigger that watches the sandbox's own mailbox. */
export const published = ({ parameters, ...rest }: Publishing = {}) =>
	new Published(engine, {
		parameters: { userMailboxId: sandbox.mailbox.address, ...parameters },
		...rest,
	});

/** A published workflow that is active, in a mailbox with a few mails. */
export async function active(
	parameters: INodeParameters = {},
	{ older = 5, ...publishing }: Publishing & { older?: number } = {},
): Promise<Published> {
	for (let number = 0; number < older; number++) receive({ subject: `Older ${number}` });
	time.pass(1000);
	const trigger = published({ ...publishing, parameters: { ...parameters, ...publishing.parameters } });
	await trigger.activate();
	time.pass(1000);
	return trigger;
}

/** A mail comes in, a little after the last one. */
export const receive = (fields: NewMessage = {}): Message => {
	time.pass(10);
	return sandbox.mailbox.receive(fields);
};

/** Mails of these subjects come in, one after the other. */
export const arrive = (...subjects: string[]): Message[] => subjects.map((subject) => receive({ subject }));

/** So many mails come in; gives their subjects. */
export const arriveMany = (count: number, word = 'New'): string[] => {
	const subjects = Array.from({ length: count }, (_, index) => `${word} ${index}`);
	arrive(...subjects);
	return subjects;
};

/** How many requests of each API something takes. */
export async function callsOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
	const from = sandbox.requests.length;
	await work();
	const calls: Record<string, number> = {};
	for (const { api = 'none' } of sandbox.requests.slice(from)) calls[api] = (calls[api] ?? 0) + 1;
	return calls;
}

/** What was asked for of mails: the format and the ids of each request. */
export const reads = () => bodies(GET) as Array<{ format: string; message_ids: string[] }>;

/** What the request was about that has just arrived at `batch_get`. */
export const lastRead = () => reads().at(-1)!;

export const addFolder = (name: string, id = `70${sandbox.mailbox.folders.length}`): string => {
	sandbox.mailbox.folders.push({
		id,
		name,
		parent_folder_id: '0',
		folder_type: 2,
		unread_message_count: 0,
		unread_thread_count: 0,
	});
	return id;
};

export const addLabel = (name: string): string => {
	const id = `80${sandbox.mailbox.labels.length}`;
	sandbox.mailbox.labels.push({ id, name, background_color: 'blue', messages_unread: 0 });
	return id;
};

/** An API fails until `sandbox.clearFaults`. */
export const breakDown = (api: ApiName, fault: Parameters<typeof sandbox.fail>[0]['with']) =>
	sandbox.fail({ api, on: () => true, with: fault });
