import type { IDataObject } from 'n8n-workflow';

import { wantsFiles, withFiles } from '../actions/message/files';
import {
	dateOf,
	decodedMail,
	noteHidden,
	readMails,
	simplifiedMail,
	type Mail,
} from '../actions/message/message';
import type { Item } from '../run/item';
import type { ItemWithFiles } from '../run/output';
import { isAboutOne } from '../run/readAll';
import { isAboutRequest, isOutOfTime, isPassing } from '../transport/failure';
import { RefusedInput } from '../transport/refusedInput';
import type { MailReader, Reading } from './mailReader';
import { formats, type Wanted } from './newMail';
import { MOST_TRIES, type Found } from './scan';
import type { Pending, State } from './state';

/** How many mails are read at a time with their texts, which may be long. */
const AT_A_TIME = 5;

/** How many are read at a time without. Docs: "batch_get". */
const METADATA_AT_A_TIME = 20;

/** Puts found mails among those that are to be delivered, the oldest first; of one moment, as they came. */
export function enqueue(state: State, { unreadable }: Found, mails: Mail[]): void {
	const added = mails.map((mail): Pending => {
		const id = mail.message_id;
		return { id, date: dateOf(mail) || state.since, tries: unreadable.has(id) ? MOST_TRIES : 0 };
	});
	state.pending = [...state.pending, ...added.reverse()].sort((one, other) => one.date - other.date);
}

/** A mail as the workflow gets it. */
export interface Delivered {
	id: string;
	output: IDataObject | ItemWithFiles;
}

/** Makes of mails what the workflow gets. */
export class Delivery {
	readonly delivered: Delivered[] = [];

	/** Mails that could not be read now: why. */
	private readonly failures = new Map<string, unknown>();

	/** Mails that Feishu gives nothing of. */
	private readonly missing = new Set<string>();

	/** Mails that are not there any more. */
	private readonly gone = new Set<string>();

	/** @param known metadata that was read already */
	constructor(
		private readonly item: Item,
		private readonly reader: MailReader,
		private readonly wanted: Wanted,
		private readonly known: Map<string, Mail>,
	) {}

	/**
	 * Delivers the oldest mails that wait, as many as an execution gets and there is time for. One that cannot be read
	 * now waits on; after many polls in which others could, it is delivered as it is known, and says so.
	 *
	 * @param isWell whether others could be read before
	 * @throws where none can be read now
	 */
	async deliver(state: Pick<State, 'pending'>, isWell = false): Promise<void> {
		await this.work(state.pending).catch((error: unknown) => {
			if (this.delivered.length === 0) throw error;
		});
		const [failure] = this.failures.values();
		if (this.failures.size > 0 && this.delivered.length === 0 && !isWell) throw failure;
		const done = new Set(this.delivered.map(({ id }) => id));
		state.pending = state.pending
			.filter(({ id }) => !done.has(id) && !this.gone.has(id))
			.map((one) =>
				this.failures.has(one.id) || this.missing.has(one.id) ? { ...one, tries: one.tries + 1 } : one,
			);
	}

	private async work(waiting: Pending[]): Promise<void> {
		const isMetadata = this.wanted.output === 'metadata';
		const size = isMetadata ? METADATA_AT_A_TIME : AT_A_TIME;
		const left = [...waiting];
		while (left.length > 0 && this.delivered.length < this.wanted.limit) {
			if (left.length < waiting.length && !this.reader.mayGoOn) return;
			// One that cannot be read takes nobody's place.
			const some = left.splice(0, Math.min(size, this.wanted.limit - this.delivered.length));
			const toRead = some.filter(({ id }) => !isMetadata || !this.known.has(id)).map(({ id }) => id);
			const { mails, failed, gone } = await this.read(toRead);
			await noteHidden(this.item, [...mails.values()]);
			for (const { id, tries } of some) {
				const mail = mails.get(id) ?? (isMetadata ? this.known.get(id) : undefined);
				const error = failed.get(id);
				if (mail) await this.add(mail, tries);
				else if (gone.has(id) || (error === undefined && tries >= MOST_TRIES)) this.gone.add(id);
				// It was there when it was found.
				else if (error === undefined) this.missing.add(id);
				else if (tries < MOST_TRIES) this.failures.set(id, error);
				else this.addUnreadable(this.known.get(id) ?? { message_id: id }, error);
				if (this.delivered.length > 0 && !this.reader.mayGoOn) return;
			}
		}
	}

	/** Mails that all fail keep none of those back that come after them. */
	private async read(ids: string[]): Promise<Reading> {
		const none = { mails: new Map(), failed: new Map(), gone: new Set<string>() };
		if (ids.length === 0) return none;
		return await this.reader.read(ids, formats[this.wanted.output]).catch((error: unknown) => {
			if (isOutOfTime(error) || !(isPassing(error) || isAboutOne(readMails)(error))) throw error;
			return { ...none, failed: new Map(ids.map((id) => [id, error])) };
		});
	}

	private async add(mail: Mail, tries: number): Promise<void> {
		const shown = this.shown(mail);
		if (!wantsFiles(this.item)) return this.push(mail, shown);
		const made = await withFiles(this.item, mail, shown).then(
			(output) => ({ output }),
			(error: unknown) => {
				// What there is no time for is no fault of the mail; what is about none, such as a permission, somebody mends.
				const isAboutMail =
					error instanceof RefusedInput || isAboutRequest(error) || (isPassing(error) && !isOutOfTime(error));
				if (!isAboutMail) throw error;
				return { error };
			},
		);
		if ('output' in made) return this.push(mail, made.output);
		// What Feishu refuses, it would refuse each time: the mail comes without its files, and says so.
		if (isPassing(made.error) && tries < MOST_TRIES) this.failures.set(mail.message_id, made.error);
		else this.addUnreadable(mail, made.error);
	}

	private addUnreadable(mail: Mail, error: unknown): void {
		this.push(mail, { ...this.shown(mail), error: (error as Error).message });
	}

	private push({ message_id: id }: Mail, output: IDataObject | ItemWithFiles): void {
		this.delivered.push({ id, output });
	}

	private shown(mail: Mail): IDataObject {
		return this.wanted.output === 'simplified' ? simplifiedMail(mail) : decodedMail(mail);
	}
}
