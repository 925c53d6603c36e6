/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import '../webSocket';

import { setTimeout as wait } from 'node:timers/promises';

import { join, type Membership } from '../../nodes/FeishuMail/trigger/longConnection/connection';
import type { Row } from './report';
import { entriesOf, Steps, success, type Entry } from './steps';
import { isObject, type TenantClient } from './tenant';

const MESSAGE_RECEIVED = 'mail.user_mailbox.event.message_received_v1';

/** Milliseconds for a connection, and for the event of a mail. */
const patience = 60_000;

/** How a user's app is told of mails: the subscription, and the connection, by the node's own code. */
export class EventsCheck extends Steps {
	private readonly events: Array<{ event: Entry; at: number }> = [];

	private membership?: Membership;

	private wasSubscribed = true;

	constructor(
		private readonly app: TenantClient,
		private readonly user: TenantClient,
		private readonly name: string,
		signal: AbortSignal,
		rows: Row[],
	) {
		super(signal, rows);
	}

	/** Subscribes, and listens from then on. */
	async begin(): Promise<void> {
		const subscribed = async () => {
			const { envelope } = await this.user.mail('GET', 'event/subscription');
			const types = envelope.data?.event_types;
			return Array.isArray(types) && types.includes(1);
		};
		const subscribe = async () => await this.user.mail('POST', 'event/subscribe', { event_type: 1 });
		this.wasSubscribed = await subscribed();
		await this.needed('events: subscribe', success, subscribe);
		await wait(1100);
		await this.step('events: subscribe again', success, subscribe);
		this.compare('events: subscription', '1', (await subscribed()) ? '1' : 'none');
		const versions = await this.step(
			'events: versions of the app',
			success,
			async () => await this.app.versions(),
		);
		const published = entriesOf(versions.envelope.data?.items).find(({ publish_time: time }) => time);
		const types = entriesOf(published?.event_infos).map(({ event_type }) => event_type);
		this.compare(
			'events: in the version',
			'message received',
			types.includes(MESSAGE_RECEIVED) ? 'message received' : 'others',
		);
		const wrong = await this.app.address(this.name);
		this.compare('events: address, wrong secret', '514 (assumed)', String(wrong.body.code));
		let reason = 'no answer in time';
		this.membership = join(this.name, {
			ask: async () => await this.app.address(),
			received: (event) => {
				if (isObject(event)) this.events.push({ event, at: Date.now() });
			},
			connected: () => {},
			refused: (error) => {
				reason = error.message;
			},
			log: () => {},
		});
		const failure = await Promise.race([
			this.membership.first,
			wait(patience, undefined, { ref: false }).then(() => new Error(reason)),
		]);
		this.compare('events: connection', 'up', failure ? failure.message : 'up');
	}

	/** @param arrived whether a mail has come into the mailbox meanwhile */
	async end(arrived: boolean): Promise<void> {
		if (!arrived) return this.skip('events: of a mail', 'no mail was sent to the mailbox');
		const until = Date.now() + patience;
		while (this.mails.length === 0 && Date.now() < until && !this.signal.aborted) await wait(200);
		const [mail] = this.mails;
		this.compare('events: of a mail', 'announced', mail ? 'announced' : 'not announced');
		if (!mail) return;
		const { header, event } = mail as { header: Entry; event: Entry };
		this.compare('events: schema', '2.0', String(mail.schema));
		this.compare('events: id', 'text', typeof header.event_id === 'string' ? 'text' : 'another form');
		this.compare('events: mail', 'id', typeof event.message_id === 'string' ? 'id' : 'none');
		const address = String(event.mail_address ?? '').toLowerCase();
		this.compare(
			'events: address',
			'the mailbox',
			address === this.user.mailbox.toLowerCase() ? 'the mailbox' : address ? 'another one' : 'none',
		);
		const delays = this.events.map(({ event: { header: sent }, at }) =>
			Math.round((at - Number((sent as Entry).create_time)) / 1000),
		);
		this.skip('events: delays', `seconds from event to here: ${delays.join(', ')}`);
	}

	/** Closes the connection, and leaves the subscription as it was. Answers with what it could not do. */
	async cleanUp(): Promise<string[]> {
		this.membership?.leave();
		if (this.wasSubscribed) return [];
		await wait(1100);
		const { outcome } = await this.user.mail('POST', 'event/unsubscribe', { event_type: 1 });
		return outcome === success ? [] : [`End the subscription to the mailbox's mails (${outcome})`];
	}

	private get mails(): Entry[] {
		return this.events
			.map(({ event }) => event)
			.filter(({ header }) => isObject(header) && header.event_type === MESSAGE_RECEIVED);
	}
}
