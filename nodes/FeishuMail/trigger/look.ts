import type { IDataObject } from 'n8n-workflow';

import { closedFolders } from '../actions/message/changes';
import { chosenPrefix, wantsFiles } from '../actions/message/files';
import { chosenSource } from '../actions/message/source';
import { mailbox, mailboxKey } from '../fields/mailbox';
import type { Item } from '../run/item';
import type { Task } from '../run/operation';
import { Poll } from '../run/poll';
import { REHEARSED } from '../transport/client';
import { clock } from '../transport/clock';
import { RefusedInput } from '../transport/refusedInput';
import type { TriggerContext } from '../transport/session';
import { Delivery, enqueue, type Delivered } from './delivery';
import { isUnattended } from './failures';
import { passing, readFilters } from './filters';
import { MailReader } from './mailReader';
import { markDelivered, markRest, noteDelivered } from './marking';
import { readWanted, type Wanted } from './newMail';
import { baseline, isDraft, lookAhead, lookBack, scan, type Found } from './scan';
import { prune, readState, startAgain, storedState, type State } from './state';

/** What holds as long as a workflow is active. */
export interface Activation {
	/** Which fields the node has. */
	readonly task: Task;
	/** Ends the requests and waits of a look. */
	readonly ended?: AbortSignal;
	/** Which mails are listed, once that is looked up, and for which values of the fields. */
	listed?: { fields: string; query: IDataObject };
	/** What the log was told already. */
	told: Set<string>;
	/** Whether mails could be read since all was looked through: one that cannot is an exception then. */
	isWell?: boolean;
}

/** How many pages a test looks through for a mail. */
const PAGES_OF_TEST = 3;

/** A poll, its parameters, and the mails that it is about. */
async function begin(context: TriggerContext, activation: Activation) {
	const run = new Poll(context, activation.task, activation.ended);
	const item = run.item(0);
	const wanted = readFields(item);
	const query = await chosenQuery(item, activation);
	return { run, item, wanted, query, reader: new MailReader(run, item, query) };
}

function readFields(item: Item): Wanted {
	item.requireAll();
	const wanted = readWanted(item);
	if (wantsFiles(item)) chosenPrefix(item);
	return wanted;
}

/** @throws RefusedInput for what is wrong with the fields, as far as that is found without a request */
export async function rehearse(context: TriggerContext, task: Task): Promise<void> {
	const item = new Poll(context, task).rehearsal().item(0);
	readFields(item);
	const work = [readFilters(item), chosenQuery(item, { task, told: new Set() })];
	const unlessRehearsed = (error: unknown) => {
		if (error !== REHEARSED) throw error;
	};
	await Promise.all(work.map(async (one: Promise<unknown>) => await one.catch(unlessRehearsed)));
}

/**
 * Which mails are listed. A folder or label of a name is looked up once.
 *
 * @throws RefusedInput for a folder into which no mails come
 */
async function chosenQuery(item: Item, activation: Activation): Promise<IDataObject> {
	const names = ['source', 'folderId', 'labelId', 'readStatus'];
	const fields = JSON.stringify([mailbox(item).value, ...names.map((name) => item.read(name).value)]);
	if (activation.listed?.fields === fields) return activation.listed.query;
	const query = await chosenSource(item);
	if (closedFolders.has(String(query.folder_id))) {
		throw new RefusedInput(
			`'Folder': no mails come into ${String(query.folder_id)}`,
			'Choose the inbox, the folder of sent mails, or one that somebody has created.',
		);
	}
	activation.listed = { fields, query };
	return query;
}

/** What tells the mails of this trigger from those of another folder, label or mailbox. */
function sourceOf(context: TriggerContext, item: Item, query: IDataObject): string {
	const key = mailboxKey(item);
	// Whose mailbox that is, the credential says.
	const { feishuMailOAuth2Api: credential } = context.getNode().credentials ?? {};
	return JSON.stringify([key, ...(key === 'me' ? [credential?.id] : []), query]);
}

/** Finds new mails, and makes them known. */
type Finding = (state: State, reader: MailReader, query: IDataObject) => Promise<Found>;

const scanned: Finding = async (state, reader) => await scan(state, reader, clock.now());

/** What a look has come to. */
export interface Look {
	delivered: Delivered[];
	/** What is known after it. */
	state: State;
}

/**
 * The mails that came in since the last look, the oldest first. What is known and what was delivered is kept at the end,
 * when all has succeeded; n8n saves it together with the execution.
 *
 * @param isFirst whether the workflow has just become active
 * @param find how new mails are found: all there are, unless something else is given
 */
export async function look(
	context: TriggerContext,
	activation: Activation,
	isFirst: boolean,
	find = scanned,
): Promise<Look> {
	const { run, item, wanted, query, reader } = await begin(context, activation);
	const memory = context.getWorkflowStaticData('node');
	const before = memory.newMail;
	const keep = (state: State) => {
		memory.newMail = storedState(state);
	};
	const log = (message: string) => context.logger.info(`${context.getNode().name}: ${message}`);
	const source = sourceOf(context, item, query);
	// What is wrong with filters is found when the workflow is published, not when the first mail comes.
	const filters = isFirst ? await readFilters(item) : undefined;

	const state = readState(memory.newMail);
	const reason = !state
		? 'n8n has nothing of an earlier poll, which it keeps by the name of the node'
		: state.source !== source
			? 'another mailbox, folder, label or read status is chosen than before'
			: isFirst && context.getActivationMode() === 'activate' && !wanted.catchUp
				? "'Catch Up' is off"
				: undefined;
	if (!state || reason) {
		const begun = await baseline(reader, source, clock.now());
		if (wanted.includeMoved) await lookBack(begun, reader);
		keep(begun);
		log(`Mails that come in from now on start the workflow: ${reason}.`);
		return { delivered: [], state: begun };
	}

	if (isFirst && isUnattended(context)) startAgain(state, clock.now());
	if (!wanted.markAsRead) state.unread = [];
	await markRest(item, state).catch((error: unknown) => {
		keep(state);
		throw error;
	});
	if (wanted.includeMoved && !state.moved) await lookBack(state, reader);
	// What is still to be found of new mails may be older than what was found of them.
	if (!wanted.includeMoved && state.moved && !state.incomplete) lookAhead(state, clock.now());

	// Those that wait already fill the execution; what came in since is found when they are gone. Some may be in vain.
	const isBusy = state.pending.filter(({ tries }) => tries === 0).length >= wanted.limit;
	const found = isBusy ? undefined : await findOrLeave(state, () => find(state, reader, query));
	if (found && found.mails.length > 0) {
		// One of which nothing is known cannot be compared.
		const { mails, unreadable } = found;
		const readable = mails.filter(({ message_id }) => !unreadable.has(message_id));
		const wantedOnes = new Set(await passing(item, filters ?? (await readFilters(item)), readable));
		enqueue(
			state,
			found,
			mails.filter((mail) => wantedOnes.has(mail) || unreadable.has(mail.message_id)),
		);
	}
	if (found?.gaveUp) {
		context.logger.warn(
			`${context.getNode().name}: There are more mails than can be read: the oldest ones are left out.`,
		);
	}
	const known = new Map(found?.mails.map((mail) => [mail.message_id, mail]));
	const delivery = new Delivery(item, reader, wanted, known);
	await delivery.deliver(state, activation.isWell);

	if (memory.newMail !== before) {
		log(
			'A poll took so long that another one was done before it: what it has found is left to the next one.',
		);
		return { delivered: [], state: readState(memory.newMail) ?? state };
	}

	const ids = delivery.delivered.map(({ id }) => id);
	if (wanted.markAsRead) {
		// Of unread mails, one whose delivery n8n loses would not be listed any more: the next poll marks it.
		if (query.only_unread === true || !run.mayGoOn) noteDelivered(state, ids);
		else await markDelivered(item, state, ids);
	}
	prune(state);
	keep(state);
	for (const notice of run.notices()) {
		if (!activation.told.has(notice)) log(notice);
		activation.told.add(notice);
	}
	return { delivered: delivery.delivered, state };
}

/** Looks for new mails. Where that fails, those that wait already go their way: the next poll looks again. */
async function findOrLeave(state: State, find: () => Promise<Found>): Promise<Found | undefined> {
	const before = { ...state, seen: new Map(state.seen) };
	return await find().catch((error: unknown) => {
		if (state.pending.length === 0) throw error;
		Object.assign(state, before);
		return undefined;
	});
}

/** The newest mail that the trigger would have delivered, for a test of the workflow: nothing is kept of it. */
export async function newestOf(context: TriggerContext, task: Task): Promise<Delivered[]> {
	const { item, wanted, reader } = await begin(context, { task, told: new Set() });
	const filters = await readFilters(item);
	let token: string | undefined;
	for (let page = 1; page <= PAGES_OF_TEST && (page === 1 || token); page++) {
		const { items: ids, next } = await reader.list(token);
		const { mails } = ids.length > 0 ? await reader.read(ids) : { mails: new Map() };
		const listed = ids.map((id) => mails.get(id)).filter((mail) => mail && !isDraft(mail));
		const [newest] = await passing(item, filters, listed);
		if (newest) {
			const id = newest.message_id;
			const delivery = new Delivery(item, reader, wanted, new Map([[id, newest]]));
			await delivery.deliver({ pending: [{ id, date: 0, tries: 0 }] });
			return delivery.delivered;
		}
		token = next;
	}
	return [];
}
