import type { IDataObject } from 'n8n-workflow';

import { listMails, readMails, type Mail } from '../actions/message/message';
import { mailbox } from '../fields/mailbox';
import type { Item } from '../run/item';
import type { Poll } from '../run/poll';
import { isOutOfTime, isPassing } from '../transport/failure';
import type { ReadPage } from '../transport/returned';
import type { Port } from './scan';

/** What could be read of several mails; those in neither are not there any more. */
export interface Reading {
	mails: Map<unknown, Mail>;
	/** Why others could not be read at the moment. */
	failed: Map<string, unknown>;
}

/** The mails of a mailbox that a poll looks through. */
export class MailReader implements Port {
	/** @param query of the list: which mails */
	constructor(
		private readonly poll: Poll,
		private readonly item: Item,
		private readonly query: IDataObject,
	) {}

	get mayGoOn(): boolean {
		return this.poll.mayGoOn;
	}

	async list(token?: string): Promise<ReadPage<string>> {
		return await this.item.page(listMails, this.path, { query: this.query }, token);
	}

	/**
	 * Reads mails, in one request where it succeeds. Where it fails for now and one half of them can be read, only what
	 * is left then has failed: one mail that Feishu cannot give keeps none of the others back.
	 *
	 * @param format how much of each is asked for
	 * @throws where none of several can be read, no time is left, or Feishu refuses
	 */
	async read(ids: string[], format = 'metadata'): Promise<Reading> {
		const first = await this.tryToRead(ids, format);
		if (!('error' in first)) return first;
		const reading: Reading = { mails: new Map(), failed: new Map() };
		await this.readHalves(ids, format, first.error, reading);
		return reading;
	}

	private async readHalves(ids: string[], format: string, error: unknown, into: Reading): Promise<void> {
		if (ids.length === 1) {
			into.failed.set(ids[0]!, error);
			return;
		}
		const middle = Math.ceil(ids.length / 2);
		const halves = [ids.slice(0, middle), ids.slice(middle)];
		const readings: Array<Reading | { error: unknown }> = [];
		for (const half of halves) readings.push(await this.tryToRead(half, format));
		if (readings.every((reading) => 'error' in reading)) throw error;
		for (const [index, reading] of readings.entries()) {
			if ('error' in reading) await this.readHalves(halves[index]!, format, reading.error, into);
			else for (const [id, mail] of reading.mails) into.mails.set(id, mail);
		}
	}

	private async tryToRead(ids: string[], format: string): Promise<Reading | { error: unknown }> {
		return await this.item.readEach(readMails, this.path, ids, { format }).then(
			(mails) => ({ mails, failed: new Map() }),
			(error: unknown) => {
				if (isPassing(error) && !isOutOfTime(error)) return { error };
				throw error;
			},
		);
	}

	private get path() {
		return { user_mailbox_id: mailbox(this.item) };
	}
}
