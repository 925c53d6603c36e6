import type { IDataObject } from 'n8n-workflow';

import { listMails, readMails, type Mail } from '../actions/message/message';
import type { Item } from '../run/item';
import type { Poll } from '../run/poll';
import { isAboutOne } from '../run/readAll';
import { isOutOfTime, isPassing } from '../transport/failure';
import type { ReadPage } from '../transport/returned';
import type { Port } from './scan';

/** What could be read of several mails. Feishu may also give nothing of one, without a word. */
export interface Reading {
	mails: Map<unknown, Mail>;
	/** Why others could not be read at the moment. */
	failed: Map<string, unknown>;
	/** Those of which Feishu says that they are not there. */
	gone: Set<string>;
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
		return await this.item.page(listMails, {}, { query: this.query }, token);
	}

	/**
	 * Reads mails, in one request where it succeeds. Where it fails, and that may pass or be about one of them, their
	 * halves are read, and the halves of these: mails that Feishu cannot give keep none of the others back.
	 *
	 * @param format how much of each is asked for
	 * @throws where none of several can be read, no time is left, or Feishu refuses all
	 */
	async read(ids: string[], format = 'metadata'): Promise<Reading> {
		const reading: Reading = { mails: new Map(), failed: new Map(), gone: new Set() };
		const failures: unknown[] = [];
		let hasRead = false;
		// The large parts first: where few cannot be read, one without any of these is soon among them.
		const parts = [ids];
		for (let part; (part = parts.shift());) {
			const { length } = part;
			const isLate = failures.length > 0 && !this.mayGoOn;
			const outcome = isLate ? { error: failures[0] } : await this.tryToRead(part, format);
			if (!('error' in outcome)) {
				hasRead = true;
				for (const [id, mail] of outcome.things) reading.mails.set(id, mail);
				for (const id of outcome.gone) reading.gone.add(id);
				continue;
			}
			failures.push(outcome.error);
			const middle = Math.ceil(length / 2);
			if (length > 1 && !isLate) parts.push(part.slice(0, middle), part.slice(middle));
			else for (const id of part) reading.failed.set(id, outcome.error);
		}
		if (ids.length > 1 && !hasRead) throw failures[0];
		return reading;
	}

	private async tryToRead(ids: string[], format: string) {
		return await this.item
			.readEach(readMails, {}, ids, { format })
			.catch((error: unknown): { error: unknown } => {
				if (isOutOfTime(error)) throw error;
				if (isPassing(error) || isAboutOne(readMails)(error)) return { error };
				throw error;
			});
	}
}
