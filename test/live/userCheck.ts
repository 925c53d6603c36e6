/* eslint-disable @n8n/community-nodes/no-restricted-imports -- runs on Node, not inside n8n */
import { setTimeout as wait } from 'node:timers/promises';

import { messageId, messageIds } from '../../nodes/FeishuMail/mime/headers';
import { buildMail, type Mail } from '../../nodes/FeishuMail/mime/mail';
import { answerTo } from '../../nodes/FeishuMail/mime/reply';
import type { Row } from './report';
import { entriesOf, Steps, success, type Entry } from './steps';
import { isObject, type Answer, type TenantClient } from './tenant';

/** The smallest PNG: one pixel. */
const pixel = Buffer.from(
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
	'base64',
);

/** How often something is looked at that takes its time, and milliseconds in between. */
const looks = 20;
const pause = 1500;

/** How a delivery ends. Docs: send_status. */
const ends: Record<number, string> = { 3: 'bounced', 4: 'delivered', 6: 'rejected' };

const unknownDraft = '404 1234050';

/** How a list is asked for the mails of a folder. */
type Place = 'folder_id' | 'label_id';

/** A mail as the node would send it. */
interface Written {
	mail: Mail;
	raw: string;
}

/** What only a user may do, in the own mailbox: the mails are built by the node's own code, and go to the mailbox itself. */
export class UserCheck extends Steps {
	/** Whether something may be in the mailbox because of this run. */
	private hasWritten = false;

	/** @param name stands in the subject of all that is written */
	constructor(
		private readonly user: TenantClient,
		private readonly mailbox: string,
		private readonly name: string,
		signal: AbortSignal,
		rows: Row[],
	) {
		super(signal, rows);
	}

	/** Changes nothing. Answers with whether the mailbox is the user's own. */
	async look(): Promise<boolean> {
		const ask = async (path: string, mailbox?: string) =>
			await this.user.mail('GET', path, undefined, mailbox);
		const profile = await this.step('profile', success, async () => await ask('profile', 'me'));
		const address = String(profile.envelope.data?.primary_email_address).toLowerCase();
		const isIt = address === this.mailbox.toLowerCase();
		this.compare('profile: address', 'the mailbox', isIt ? 'the mailbox' : 'another one');
		const search = { query: this.name };
		await this.step(
			'mails: search',
			success,
			async () => await this.user.mail('POST', 'search?page_size=15', search),
		);
		const list = await this.step('drafts: list', success, async () => await ask('drafts?page_size=100'));
		const items = list.envelope.data?.items ?? [];
		const hasIds = Array.isArray(items) && items.every((one) => isObject(one) && typeof one.id === 'string');
		this.compare('drafts: answer to list', 'ids', hasIds ? 'ids' : 'another form');
		await this.step('drafts: get an unknown one', unknownDraft, async () => await ask(this.draft(this.name)));
		await this.step(
			'delivery: an unknown mail',
			'404 1236010 (assumed)',
			async () => await ask(`messages/${encodeURIComponent(this.name)}/send_status`),
		);
		return isIt;
	}

	async write(): Promise<void> {
		this.hasWritten = true;
		const sent = this.written('', { html: `<p>${this.name} <img src="cid:pixel"></p>`, ...this.files });
		const { message_id, thread_id } = await this.sendOnce(sent);
		const received = await this.delivery(String(message_id), sent, thread_id);
		if (received) await this.reply(received);
		else this.skip('reply', 'the mail is not in the inbox');
		await this.drafts();
		await this.schedule();
		const { mails } = await this.own(['SENT', 'INBOX']);
		await this.step('sent: trash', success, async () => await this.trash(mails));
	}

	/** Takes away what the steps left. Answers with what it could not. */
	async cleanUp(): Promise<string[]> {
		if (!this.hasWritten) return [];
		const failures: string[] = [];
		const expect = (what: string, { outcome }: Answer) => {
			if (outcome !== success) failures.push(`Look for '${this.name}' among ${what} (${outcome})`);
		};
		// A mail that is not to be sent any more is a draft again.
		const scheduled = await this.own(['SCHEDULED']);
		expect('the scheduled mails', scheduled.answer);
		for (const { message_id } of scheduled.mails)
			expect('the scheduled mails', await this.cancel(message_id));
		const drafts = await this.own(['DRAFT']);
		expect('the drafts', drafts.answer);
		for (const { draft_id, message_id } of drafts.mails) {
			expect('the drafts', await this.user.mail('DELETE', this.draft(draft_id ?? message_id)));
		}
		const left = await this.own(['SENT', 'INBOX']);
		expect('the mails', left.answer);
		if (left.mails.length > 0) expect('the mails', await this.trash(left.mails));
		return failures;
	}

	private async sendOnce({ raw }: Written): Promise<Entry> {
		const send = async () => await this.user.mail('POST', 'messages/send', { raw });
		const { envelope } = await this.needed('send', success, send);
		const { message_id, thread_id } = envelope.data ?? {};
		const hasIds = typeof message_id === 'string' && typeof thread_id === 'string';
		this.compare('send: answer', 'message_id, thread_id', hasIds ? 'message_id, thread_id' : 'others');
		await this.step('send: the same again', '409 1236005', send);
		return { message_id, thread_id };
	}

	/**
	 * What has become of a mail, for its sender and in the inbox.
	 *
	 * @returns the mail as it was received
	 */
	private async delivery(id: string, { mail }: Written, thread_id: unknown): Promise<Entry | undefined> {
		const [copy = {}] = await this.read('sent: read', [id], 'full');
		this.compareMessageId('sent', copy, mail);
		this.compare('sent: text', 'readable', this.isReadable(copy) ? 'readable' : 'not readable');
		this.compare('sent: files', 'notes.txt, pixel.png inline', describeFiles(copy));
		const statusOf = async () => {
			const path = `messages/${encodeURIComponent(id)}/send_status`;
			const answer = await this.user.mail('GET', path);
			const [details] = entriesOf(answer.envelope.data?.details);
			return { answer, end: ends[Number(details?.status)] };
		};
		const status = await this.lookUntil(statusOf, ({ end }) => end !== undefined);
		this.add('delivery: status', success, status.answer);
		this.compare('delivery', 'delivered', status.end ?? 'not at an end');
		const inbox = await this.lookUntil(
			async () => (await this.own(['INBOX'])).mails[0],
			(found) => found !== undefined,
		);
		this.compare('received', 'in the inbox', inbox ? 'in the inbox' : 'not there');
		if (!inbox) return undefined;
		this.compareMessageId('received', inbox, mail);
		this.compareThread('received: thread', inbox, thread_id);
		return inbox;
	}

	/** A reply, by way of a draft, as the node and Feishu's own client send it. */
	private async reply(original: Entry): Promise<void> {
		const answers = answerTo(
			{ message_id: String(original.message_id), smtp_message_id: String(original.smtp_message_id) },
			'REPLY',
		);
		const reply = this.written('Re: ', { text: this.name, answers });
		const { id } = await this.createDraft('reply: draft', reply);
		const send = async (draft: string) => await this.user.mail('POST', `${this.draft(draft)}/send`, {});
		const { envelope } = await this.step('reply: send the draft', success, async () => await send(id));
		const { message_id, thread_id, automation_send_disable: disabled } = envelope.data ?? {};
		this.compare('reply: sending by programs', 'allowed', disabled ? 'switched off' : 'allowed');
		if (typeof message_id !== 'string') return this.skip('reply: its answer', 'it was not sent');
		this.compareThread('reply: thread', { thread_id }, original.thread_id);
		await this.step(
			'reply: get the draft after',
			unknownDraft,
			async () => await this.user.mail('GET', this.draft(id)),
		);
		const [copy = {}] = await this.read('reply: read', [message_id], 'full');
		this.compareMessageId('reply', copy, reply.mail);
		const [answered] = messageIds(String(copy.in_reply_to ?? ''));
		this.compare(
			'reply: in_reply_to',
			'kept (assumed)',
			answered === answers.inReplyTo ? 'kept' : 'not kept',
		);
		const [marked = {}] = await this.read('reply: the mail it answers', [original.message_id], 'metadata');
		const labels = Array.isArray(marked.label_ids) ? marked.label_ids : [];
		this.compare('reply: mark', 'replied (assumed)', labels.includes('-603') ? 'replied' : 'none');
		// By its Message-ID a mail is the same, whichever draft it comes from.
		const { id: again } = await this.createDraft('reply: the same in another draft', reply);
		await this.step('reply: send that', '409 1236005', async () => await send(again));
		await this.step(
			'reply: delete that',
			success,
			async () => await this.user.mail('DELETE', this.draft(again)),
		);
	}

	private async drafts(): Promise<void> {
		const draft = this.written('Draft: ', { to: [], html: `<p>${this.name}</p>` });
		const { id, place } = await this.createDraft('draft: create', draft);
		this.compare('draft: answer to create', 'draft.id', place);
		const get = async (format: string) => await this.user.mail('GET', `${this.draft(id)}?format=${format}`);
		const got = async (step: string, format: string) =>
			messageOf(await this.step(step, success, async () => await get(format)));
		const full = await got('draft: get', 'full');
		this.compareMessageId('draft', full, draft.mail);
		this.compare('draft: text', 'readable', this.isReadable(full) ? 'readable' : 'not readable');
		const subjectOf = async (step: string) => (await got(step, 'metadata')).subject;
		const subject = await subjectOf('draft: get its metadata');
		this.compare('draft: subject', 'as written', subject === draft.mail.subject ? 'as written' : 'another');
		const { raw } = await got('draft: get its source', 'raw');
		const source = Buffer.from(String(raw ?? ''), 'base64url').toString();
		const isWhole = source.includes(`Message-ID: ${draft.mail.messageId}`);
		this.compare('draft: source', 'as written (assumed)', isWhole ? 'as written' : 'another');
		const changed = this.written('Changed: ', { to: [], text: this.name });
		await this.step(
			'draft: update',
			success,
			async () => await this.user.mail('PUT', this.draft(id), { raw: changed.raw }),
		);
		const newer = await subjectOf('draft: get after the update');
		this.compare(
			'draft: after the update',
			'changed',
			newer === changed.mail.subject ? 'changed' : 'as before',
		);
		const remove = async () => await this.user.mail('DELETE', this.draft(id));
		await this.step('draft: delete', success, remove);
		await this.step('draft: delete again', unknownDraft, remove);
	}

	private async schedule(): Promise<void> {
		const later = this.written('Later: ', { text: this.name });
		const { id: draft_id } = await this.createDraft('schedule: draft', later);
		const send = async (seconds: number) => {
			const send_time = String(Math.ceil(Date.now() / 1000) + seconds);
			return await this.user.mail('POST', `${this.draft(draft_id)}/send`, { send_time });
		};
		const inADay = async () => await send(24 * 3600);
		await this.step('schedule: in a minute', '400 1234008 (assumed)', async () => await send(60));
		const { envelope } = await this.step('schedule: in a day', success, inADay);
		const { message_id } = envelope.data ?? {};
		const hasId = typeof message_id === 'string';
		this.compare('schedule: answer', 'message_id (assumed)', hasId ? 'message_id' : 'none');
		const list = async (place: Place) =>
			(await this.own(['SCHEDULED'], place)).mails.length > 0 ? 'found' : 'not found';
		this.compare('schedule: as a label', 'found (assumed)', await list('label_id'));
		this.compare('schedule: as a folder', 'found (assumed)', await list('folder_id'));
		// Which id it takes is not documented without contradictions.
		if (hasId) {
			await this.step(
				'schedule: cancel by message_id',
				`${success} (assumed)`,
				async () => await this.cancel(message_id),
			);
			await this.step('schedule: once more', `${success} (assumed)`, inADay);
		}
		const cancel = async () => await this.cancel(draft_id);
		await this.step('schedule: cancel by draft_id', `${success} (assumed)`, cancel);
		await this.step('schedule: cancel again', '400 1234051 (assumed)', cancel);
		await this.step(
			'schedule: the draft, again',
			`${success} (assumed)`,
			async () => await this.user.mail('GET', this.draft(draft_id)),
		);
		await this.step(
			'schedule: delete it',
			`${success} (assumed)`,
			async () => await this.user.mail('DELETE', this.draft(draft_id)),
		);
	}

	/** A mail from the mailbox to the mailbox, with a Message-ID by which it is the same each time. */
	private written(prefix: string, more: Partial<Mail>): Written {
		const self = { mail_address: this.mailbox };
		const subject = prefix + this.name;
		const mail = {
			from: self,
			to: [self],
			subject,
			date: new Date(),
			messageId: messageId([subject]),
			...more,
		};
		return { mail, raw: buildMail(mail).toString('base64url') };
	}

	private get files(): Pick<Mail, 'attachments' | 'inlineImages'> {
		return {
			attachments: [{ filename: 'notes.txt', content: Buffer.from(this.name) }],
			inlineImages: [{ filename: 'pixel.png', content: pixel, cid: 'pixel' }],
		};
	}

	private readonly draft = (id: unknown) => `drafts/${encodeURIComponent(String(id))}`;

	/** The id of a new draft, and where in the answer it is; without one the run ends. */
	private async createDraft(step: string, { raw }: Written): Promise<{ id: string; place: string }> {
		const { envelope } = await this.needed(
			step,
			success,
			async () => await this.user.mail('POST', 'drafts', { raw }),
		);
		const { draft, draft_id, id } = envelope.data ?? {};
		const places = { 'draft.id': isObject(draft) ? draft.id : undefined, draft_id, id };
		const [found] = Object.entries(places).filter(([, value]) => typeof value === 'string');
		if (!found) this.stop(`'${step}' gave no id`);
		return { id: String(found[1]), place: found[0] };
	}

	private async cancel(id: unknown): Promise<Answer> {
		const path = `messages/${encodeURIComponent(String(id))}/cancel_scheduled_send`;
		return await this.user.mail('POST', path, {});
	}

	private async trash(mails: Entry[]): Promise<Answer> {
		const message_ids = mails.map(({ message_id }) => message_id);
		return await this.user.mail('POST', 'messages/batch_trash', { message_ids });
	}

	private async read(step: string, message_ids: unknown[], format: string): Promise<Entry[]> {
		const body = { format, message_ids };
		const read = async () => await this.user.mail('POST', 'messages/batch_get', body);
		return entriesOf((await this.step(step, success, read)).envelope.data?.messages);
	}

	/**
	 * The mails of this run among the newest 20 of folders.
	 *
	 * @param place how the folders are called: Feishu lists scheduled mails as a label
	 * @returns also the last answer, or the first one that is a failure
	 */
	private async own(
		folders: string[],
		place: Place = folders.includes('SCHEDULED') ? 'label_id' : 'folder_id',
	): Promise<{ answer: Answer; mails: Entry[] }> {
		const all: Entry[] = [];
		let answer: Answer | undefined;
		for (const folder of folders) {
			answer = await this.user.mail('GET', `messages?page_size=20&${place}=${folder}`);
			const message_ids = answer.envelope.data?.items;
			if (Array.isArray(message_ids) && message_ids.length > 0) {
				answer = await this.user.mail('POST', 'messages/batch_get', { format: 'metadata', message_ids });
				all.push(...entriesOf(answer.envelope.data?.messages));
			}
			if (answer.outcome !== success) break;
		}
		return { answer: answer!, mails: all.filter(({ subject }) => String(subject).includes(this.name)) };
	}

	/** Looks again and again, until it has come true or has taken too long. */
	private async lookUntil<T>(look: () => Promise<T>, isTrue: (seen: T) => boolean): Promise<T> {
		for (let count = 1; ; count++) {
			if (this.signal.aborted) this.stop('interrupted');
			const seen = await look();
			if (isTrue(seen) || count === looks) return seen;
			await wait(pause);
		}
	}

	private isReadable({ body_html, body_plain_text }: Entry): boolean {
		const texts = [body_html, body_plain_text].map((body) => Buffer.from(String(body ?? ''), 'base64url'));
		return Buffer.concat(texts).includes(this.name);
	}

	/** Whether Feishu keeps the Message-ID: by it the node finds mails again. */
	private compareMessageId(step: string, { smtp_message_id }: Entry, mail: Mail): void {
		const [found] = messageIds(String(smtp_message_id ?? ''));
		this.compare(`${step}: Message-ID`, 'kept (assumed)', found === mail.messageId ? 'kept' : 'not kept');
	}

	private compareThread(step: string, { thread_id }: Entry, expected: unknown): void {
		this.compare(step, 'the same (assumed)', thread_id === expected ? 'the same' : 'another');
	}
}

/** The mail of a draft. */
function messageOf({ envelope: { data } }: Answer): Entry {
	const draft = data?.draft;
	return isObject(draft) && isObject(draft.message) ? draft.message : {};
}

const describeFiles = ({ attachments }: Entry) =>
	entriesOf(attachments)
		.map(({ filename, is_inline: isInline }) => `${String(filename)}${isInline ? ' inline' : ''}`)
		.sort()
		.join(', ');
