import { createHash } from 'crypto';

import { NodeOperationError, type ITriggerFunctions } from 'n8n-workflow';

import { dateOf } from '../actions/message/message';
import { mailboxKey } from '../fields/mailbox';
import type { Item } from '../run/item';
import { asOutputItem } from '../run/output';
import { Poll } from '../run/poll';
import { asShownError } from '../run/shownError';
import { clock } from '../transport/clock';
import { RefusedInput } from '../transport/refusedInput';
import { readAnnounced, type Announced } from './announced';
import { Announcements } from './announcements';
import { Failures, isUnattended } from './failures';
import { instantMail, readInterval, wantsToUnsubscribe } from './instantMail';
import { askForAddress } from './longConnection/endpoint';
import { join, type Member, type Membership } from './longConnection/connection';
import { webSocket, within } from './longConnection/socket';
import { look, rehearse, type Activation, type Look } from './look';
import { readApp } from './sameApp';
import { scan, type Found } from './scan';
import { noteStarted, storedState } from './state';
import { hasEvent, MESSAGE_RECEIVED, requireUser, subscribeTo, unsubscribeFrom } from './subscription';

/** Milliseconds after which a mail is asked for again that was announced and is not there. */
const NOT_YET = 2000;

/** Milliseconds after which all is looked through again where something is left to be done. */
const SOON = 60_000;

/** Milliseconds after which the subscription is renewed: Feishu does not say how long one lasts. */
const RENEWAL = 24 * 60 * 60 * 1000;

/** Milliseconds after which a mail counts as not announced. */
const LATE = 2 * 60 * 1000;

/** Milliseconds that the end of a workflow may take: n8n waits for it. */
const LAST = 5000;

/** Parameters of `emit` where n8n starts no two executions with the same key: 2.20 does, 2.0 takes no key. */
const WITH_KEY = 4;

/** The workflows of this process that wait for mails. */
const watches = new Set<Watch>();

/** A published workflow that waits for mails. All that it does to its state, it does one after the other. */
export class Watch {
	private readonly ending = new AbortController();

	private readonly activation: Activation = {
		task: instantMail,
		ended: this.ending.signal,
		told: new Set(),
	};

	private readonly failures = new Failures();

	private membership?: Membership;

	/** Who has Feishu announce the mails of which mailbox. */
	private subscription?: string;

	/** Whether that ends with the workflow. */
	private unsubscribes = false;

	private subscribedAt = -Infinity;

	private interval = 15 * 60_000;

	/** Whether what is announced is looked at; before, it waits. */
	private isActive = false;

	/** Whether nothing was looked through yet. */
	private isFirst = true;

	private readonly announcements = new Announcements();

	/** Whether all is to be looked through, at once or in a minute. */
	private due?: 'now' | 'soon';

	private work?: Promise<void>;

	/** When all was looked through last: by `clock.elapsed`, and in milliseconds since 1970 by Feishu's clock. */
	private last = { begun: Infinity, readAt: NaN };

	/** How many mails were not announced although the connection was up. */
	private missed = 0;

	/** When a look through all has first found the connection down, by `clock.elapsed`. */
	private downAt = Infinity;

	/** Whether somebody was told that Feishu announces nothing. */
	private isTold = false;

	constructor(private readonly context: ITriggerFunctions) {
		watches.add(this);
	}

	/**
	 * Begins to wait. When n8n starts, an error would keep the workflow from being active at all: what fails then is told
	 * like all that fails later.
	 *
	 * @throws where somebody publishes the workflow and it would not work
	 */
	async begin(): Promise<void> {
		if (!isUnattended(this.context)) {
			webSocket();
			await rehearse(this.context, instantMail);
			await this.prepare();
			const failure = await this.membership?.first;
			if (failure instanceof RefusedInput) throw failure;
			await this.lookThrough();
		} else this.due = 'now';
		this.isActive = true;
		this.goOn();
		this.lookNowAndThen().catch(() => {});
	}

	/** Ends all that is under way. Never fails, and takes seconds at most. */
	async end(): Promise<void> {
		watches.delete(this);
		this.ending.abort();
		this.membership?.leave();
		const late = new AbortController();
		const end = Promise.all([this.work, this.unsubscribe(late.signal)]);
		await within(end, LAST, 'Feishu did not end the subscription in time').catch((error: Error) =>
			this.log(error.message),
		);
		// It would end that of the workflow when it is published again.
		late.abort();
	}

	private get isOver(): boolean {
		return this.ending.signal.aborted;
	}

	private log(message: string): void {
		this.context.logger.info(`${this.context.getNode().name}: ${message}`);
	}

	/** A failed execution, which n8n shows and hands to the error workflow; a line of the log where it cannot yet. */
	private tell(error: unknown): void {
		const shown = asShownError(this.context, error, 0);
		const { saveFailedExecution: save } = this.context as Partial<ITriggerFunctions>;
		try {
			if (save) return save(shown as NodeOperationError);
		} catch {
			// n8n does not take it. Thrown from the background, an error would end n8n.
		}
		this.context.logger.error(`${this.context.getNode().name}: ${shown.message}`);
	}

	private item(ended: AbortSignal): Item {
		return new Poll(this.context, instantMail, ended).item(0);
	}

	/** Joins the connection of the app, and has Feishu announce the mails, where that is still to be done. */
	private async prepare(): Promise<void> {
		const item = this.item(this.ending.signal);
		item.requireAll();
		this.interval = readInterval(item);
		this.unsubscribes = wantsToUnsubscribe(item);
		const { key } = await readApp(this.context);
		await requireUser(item);
		if (this.isOver) return;
		const { id } = this.context.getNode().credentials!.feishuMailOAuth2Api!;
		const subscription = JSON.stringify([key, id, mailboxKey(item)]);
		// Somebody may have changed the credentials.
		if (this.subscription !== subscription) {
			this.membership?.leave();
			this.membership = join(key, this.asMember(key));
			this.subscription = subscription;
			this.subscribedAt = -Infinity;
		}
		if (clock.elapsed() - this.subscribedAt < RENEWAL) return;
		await subscribeTo(item);
		this.subscribedAt = clock.elapsed();
	}

	/** Other workflows may be of the same user and mailbox: Feishu does not count them. */
	private async unsubscribe(late: AbortSignal): Promise<void> {
		const isShared = [...watches].some(({ subscription }) => subscription === this.subscription);
		if (this.subscription && this.unsubscribes && !isShared) await unsubscribeFrom(this.item(late));
	}

	private asMember(app: string): Member {
		return {
			ask: async () => {
				const { key, credential } = await readApp(this.context);
				if (key === app) return await askForAddress(this.context.helpers, credential);
				// Then another connection is the right one.
				this.due = 'now';
				this.goOn();
				throw new Error('The credentials are of another app now');
			},
			received: (event) => {
				if (this.announcements.receive(event)) this.due = 'now';
				this.goOn();
			},
			connected: () => {
				this.due = 'now';
				this.goOn();
			},
			// Whoever publishes the workflow is told by an error.
			refused: (error) => {
				this.isTold = true;
				if (this.isActive) this.tell(error);
			},
			log: (message) => this.log(message),
		};
	}

	/** Does what is to be done, unless it is under way. */
	private goOn(): void {
		if (!this.isActive || this.work || !this.hasWork) return;
		this.work = this.workOff().finally(() => {
			this.work = undefined;
			this.goOn();
		});
	}

	private get hasWork(): boolean {
		return !this.isOver && (this.due === 'now' || this.announcements.any);
	}

	private async workOff(): Promise<void> {
		while (this.hasWork) {
			const isAll = this.due === 'now';
			if (isAll) this.due = undefined;
			await (isAll ? this.lookThrough() : this.lookAtAnnounced()).catch((error: unknown) => {
				if (this.isOver) return;
				// What was looked up may not be there any more.
				this.activation.listed = undefined;
				const shown = asShownError(this.context, error, 0);
				if (!isAll || this.failures.areQuiet(this.context, shown)) this.lookSoon();
				else this.tell(shown);
			});
		}
	}

	/** Looks at mails that were announced. What fails is left to a look through all. */
	private async lookAtAnnounced(): Promise<void> {
		const ids = this.announcements.next();
		let announced: Announced | undefined;
		try {
			const looked = await look(this.context, this.activation, false, async (state, reader, query) => {
				announced = await readAnnounced(ids, state, reader, query);
				return announced;
			});
			// Other mails that wait had to go first.
			if (!announced || announced.isOpen) this.due = 'now';
			this.activation.isWell = looked.delivered.length > 0;
			await this.deliver(looked);
		} finally {
			const { again, lost } = this.announcements.settle(ids, announced);
			for (const id of again) this.after(NOT_YET, () => this.announcements.lookAgain(id));
			if (lost) this.lookSoon();
		}
	}

	/** Looks for all new mails. */
	private async lookThrough(): Promise<void> {
		// What is not announced can be found all the same.
		const unprepared = await this.prepare().catch((error: unknown) => ({ error }));
		const begun = clock.elapsed();
		let found: Found | undefined;
		const looked = await look(this.context, this.activation, this.isFirst, async (state, reader) => {
			found = await scan(state, reader, clock.now(), this.activation.isWell);
			return found;
		}).finally(() => (this.activation.isWell = false));
		this.isFirst = false;
		await this.deliver(looked);
		this.announcements.settle([], { present: found?.mails.map(({ message_id }) => message_id) });
		if (unprepared) throw unprepared.error;
		if (found) await this.noteMissed(found, begun);
		this.failures.end();
		await this.checkEvent();
	}

	/**
	 * Starts an execution for each mail, and sees to what is left. What n8n stores with each tells of the others that they
	 * are still to come.
	 */
	private async deliver({ delivered, state }: Look): Promise<void> {
		const keepFrom = (index: number) => {
			const rest = delivered.slice(index).map(({ id }) => ({
				id,
				date: state.seen.get(id) ?? state.since,
				tries: 0,
			}));
			const kept = storedState({ ...state, pending: [...rest, ...state.pending] });
			this.context.getWorkflowStaticData('node').newMail = kept;
		};
		for (const [index, { id, output }] of delivered.entries()) {
			if (this.isOver) return keepFrom(index);
			if (this.context.emit.length >= WITH_KEY) state.started = noteStarted(state, id, clock.now());
			keepFrom(index + 1);
			const facts = JSON.stringify([this.context.getWorkflow().id, this.context.getNode().id, id]);
			const key = createHash('sha256').update(facts).digest('hex');
			try {
				this.context.emit([[asOutputItem(output)]], undefined, undefined, key);
			} catch (error) {
				keepFrom(index);
				throw asShownError(this.context, error, 0);
			}
			await clock.pause();
		}
		const { pending, doubtful, unread, incomplete } = state;
		if (pending.some(({ tries }) => tries === 0)) this.due = 'now';
		else if (pending.length + doubtful.size + unread.length > 0 || incomplete) this.lookSoon();
	}

	/** Notes which mails came in after the last look through all, and were not announced although the connection was up. */
	private async noteMissed({ mails, readAt }: Found, begun: number): Promise<void> {
		const { last, membership } = this;
		this.last = { begun, readAt };
		this.downAt = membership?.upSince === undefined ? Math.min(this.downAt, begun) : Infinity;
		if (begun - this.downAt >= this.interval) this.tellSilence();
		if (!(Number(membership?.upSince) <= last.begun)) return;
		const missed = mails.filter((mail) => {
			const date = dateOf(mail);
			return date > last.readAt && readAt - date > LATE && !this.announcements.has(mail.message_id);
		});
		if (missed.length === 0) return;
		this.missed += missed.length;
		this.context.logger.warn(
			`${this.context.getNode().name}: Feishu has not announced ${missed.length} mails although the connection was up, ${this.missed} since the workflow is active. They were found all the same. The mailbox is subscribed to again.`,
		);
		if (!this.announcements.isHeard) this.tellSilence();
		this.subscribedAt = -Infinity;
		await this.prepare();
	}

	/**
	 * Tells where the published version of the app does not have the event. That is no reason not to publish the workflow:
	 * the developer console takes the connection as the way of events only while it is up, and events after that.
	 */
	private async checkEvent(): Promise<void> {
		if (this.isTold || this.announcements.isHeard) return;
		const { id } = await readApp(this.context);
		if ((await hasEvent(this.context, id)) === false) this.tellSilence();
	}

	private tellSilence(): void {
		if (this.isTold) return;
		this.isTold = true;
		this.tell(
			new NodeOperationError(this.context.getNode(), 'Feishu announces no mails to the app', {
				description: `Mails start the workflow all the same, but only every ${this.interval / 60_000} minutes. See that n8n may open a connection to Feishu: its log says when it is lost. While the workflow is published, open the app in the developer console: under 'Events & Callbacks', choose to receive events through a persistent connection, add the event 'Message received' (${MESSAGE_RECEIVED}), and release a new version.`,
			}),
		);
	}

	/** Looks through all in a minute. */
	private lookSoon(): void {
		if (this.due) return;
		this.due = 'soon';
		this.after(SOON, () => {
			if (this.due === 'soon') this.due = 'now';
		});
	}

	private async lookNowAndThen(): Promise<void> {
		for (;;) {
			await clock.wait(this.interval, this.ending.signal);
			this.due = 'now';
			this.goOn();
		}
	}

	/** Does something later, unless the workflow is unpublished first. */
	private after(milliseconds: number, action: () => void): void {
		clock.wait(milliseconds, this.ending.signal).then(
			() => {
				action();
				this.goOn();
			},
			() => {},
		);
	}
}
