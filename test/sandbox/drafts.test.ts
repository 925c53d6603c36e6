import type { AxiosInstance, AxiosResponse } from 'axios';

import { Sandbox } from './index';
import { connect, dataOf, decoded, mailboxPath, outcome } from './client';
import { addDemoMails } from './demoMails';
import { pngOf } from './sampleFiles';
import { attached, eml, header, inline, multipart, rawOf, text } from './testMails';

const noon = Date.parse('2026-06-15T12:00:00Z');
const minute = 60_000;

let sandbox: Sandbox;
let client: AxiosInstance;

beforeEach(async () => {
	sandbox = await Sandbox.start({ clock: { now: () => noon } });
	sandbox.app.userTokenLifetime = 30 * 24 * 60 * 60;
	client = connect(sandbox, sandbox.issueUserTokens().access_token);
});
afterEach(async () => await sandbox.close());

type Message = Record<string, unknown>;
interface Sent {
	message_id: string;
	thread_id: string;
}

const path = mailboxPath('drafts', 'me');
const pathOf = (id: string, action?: string) => mailboxPath('drafts', 'me', id, action);
const create = async (mail = eml()) => {
	const answer = await client.post(path, { raw: rawOf(mail) });
	return dataOf<{ draft: { id: string } }>(answer).draft.id;
};
const get = async (id: string, format?: string) => await client.get(pathOf(id), { params: { format } });
const shown = async (id: string, format?: string) =>
	dataOf<{ draft: { message: Message } }>(await get(id, format)).draft.message;
const send = async (id: string, body?: object) => await client.post(pathOf(id, 'send'), body);
const folders = () => sandbox.mailbox.messages.map(({ folder_id }) => folder_id);
const gone = [404, 1234050];

describe('a draft', () => {
	it('lies in the folder of drafts, as the mail that it was made from', async () => {
		const id = await create(eml({ Subject: '=?UTF-8?B?5oql5Lu3?=', Bcc: 'carl@example.org' }));
		expect(sandbox.mailbox.messages).toMatchObject([
			{
				message_id: id,
				folder_id: 'DRAFT',
				message_state: 3,
				subject: '报价',
				to: [{ mail_address: 'bob@example.org' }],
				bcc: [{ mail_address: 'carl@example.org' }],
				label_ids: new Set(),
				internal_date: noon,
			},
		]);
		expect(sandbox.sentMails).toEqual([]);
		const list = mailboxPath('messages', 'me');
		const params = { folder_id: 'DRAFT', page_size: 20 };
		expect(dataOf(await client.get(list, { params }))).toMatchObject({ items: [id] });
	});

	it('needs neither recipients nor a sender', async () => {
		await create(eml({ To: undefined, From: undefined }));
		expect(sandbox.mailbox.messages).toMatchObject([
			{ to: [], head_from: { mail_address: 'user@example.com' } },
		]);
	});

	it.each([
		['draft', ({ draft }: { draft: { id: string } }) => draft.id],
		['draft_id', ({ draft_id }: { draft_id: string }) => draft_id],
		['id', ({ id }: { id: string }) => id],
	] as const)('has its id in the answer as %s, with a link or without', async (where, idOf) => {
		sandbox.mailChoices.draftIdIn = where;
		const data = dataOf<object>(await client.post(path, { raw: rawOf(eml()) }));
		expect(idOf(data as never)).toBe(sandbox.mailbox.messages[0]?.message_id);
		expect(Object.keys(data)).toEqual([where, 'reference']);
		sandbox.mailChoices.draftReference = false;
		expect(Object.keys(dataOf<object>(await client.post(path, { raw: rawOf(eml()) })))).toEqual([where]);
	});

	it('is read in three formats', async () => {
		const image = pngOf(1, 1, () => [0, 0, 0]);
		const mail =
			header({ 'X-LMS-Reply-Type': 'REPLY' }) +
			multipart('related', text('<img src="cid:a">', 'html'), inline('a', image));
		const id = await create(mail);
		const full = await shown(id);
		expect(full).toEqual(await shown(id, 'full'));
		expect(full).toMatchObject({ message_id: id, subject: 'Plan', attachments: [{ cid: 'a' }] });
		expect(decoded(full.body_html)).toBe('<img src="cid:a">');
		expect(await shown(id, 'metadata')).not.toHaveProperty('body_html');
		expect(decoded((await shown(id, 'raw')).raw)).toBe(mail);
		for (const format of ['plain_text_full', 'minimal']) {
			expect(outcome(await get(id, format))).toEqual([400, 1234008]);
		}
	});

	it('is read whole without the scopes of fields, which are for mails', async () => {
		const scopes = ['mail:user_mailbox.message:readonly'];
		const { access_token: token } = sandbox.issueUserTokens({ scopes });
		const id = await create();
		const answer = await connect(sandbox, token).get(pathOf(id));
		expect(dataOf(answer)).toMatchObject({ draft: { message: { subject: 'Plan', to: [{}] } } });
	});

	it('that was there before is read as a mail, and sent', async () => {
		addDemoMails(sandbox.mailbox, sandbox);
		const before = sandbox.mailbox.messages.find(({ folder_id }) => folder_id === 'DRAFT');
		const id = before?.message_id ?? '';
		const raw = decoded((await shown(id, 'raw')).raw);
		expect(raw).toContain('To: "Northwind Accounts" <accounts@northwind.example>\n');
		expect(decoded((await shown(id, 'raw')).raw)).toBe(raw);
		expect(outcome(await send(id))).toEqual([200, 0]);
		expect(sandbox.sentMails[0]?.mail).toMatchObject({
			subject: before?.subject,
			body_html: before?.body_html,
			head_from: { mail_address: 'user@example.com', name: 'Sandbox User' },
		});
	});

	it('is replaced whole, under the same id', async () => {
		const original = sandbox.mailbox.receive();
		const id = await create(
			header({ 'X-LMS-Reply-To-Message-Id': original.message_id, Cc: 'carl@example.org' }) +
				multipart('mixed', text('One'), attached('a.txt', '1')),
		);
		const draft = () => sandbox.mailbox.messages.filter(({ folder_id }) => folder_id === 'DRAFT');
		expect(draft()).toMatchObject([{ thread_id: original.thread_id }]);
		sandbox.clock.advance(minute);
		const mail = eml({ Subject: 'Other' }, 'Two');
		const answer = await client.put(pathOf(id), { raw: rawOf(mail) });
		expect(dataOf(answer)).toMatchObject({ draft: { id } });
		expect(draft()).toMatchObject([
			{
				...{ message_id: id, subject: 'Other', body_plain_text: 'Two', cc: [], attachments: [] },
				internal_date: noon + minute,
			},
		]);
		// The header that joined the conversation is gone.
		expect(draft()[0]?.thread_id).not.toBe(original.thread_id);
		expect(decoded((await shown(id, 'raw')).raw)).toBe(mail);
	});

	it('is as it was after a refused update', async () => {
		const mail = eml();
		const id = await create(mail);
		expect(outcome(await client.put(pathOf(id), { raw: rawOf('no mail') }))).toEqual([400, 1236002]);
		expect(outcome(await client.put(pathOf(id), {}))).toEqual([400, 1234008]);
		expect(decoded((await shown(id, 'raw')).raw)).toBe(mail);
	});

	it('is deleted for good', async () => {
		const id = await create();
		expect(outcome(await client.delete(pathOf(id)))).toEqual([200, 0]);
		expect(sandbox.mailbox.messages).toEqual([]);
		expect(outcome(await client.delete(pathOf(id)))).toEqual(gone);
	});

	it('is none if it is another mail or none at all', async () => {
		const { message_id } = sandbox.mailbox.receive();
		for (const id of [message_id, 'unknown']) {
			const answers: AxiosResponse[] = [
				await get(id),
				await client.put(pathOf(id), { raw: rawOf(eml()) }),
				await client.delete(pathOf(id)),
				await send(id),
			];
			expect(answers.map(outcome)).toEqual([gone, gone, gone, gone]);
		}
	});
});

describe('the list of drafts', () => {
	interface Page {
		items: Array<{ id: string }>;
		has_more: boolean;
		page_token?: string;
	}
	const page = async (params: object = {}) => dataOf<Page>(await client.get(path, { params }));

	it('has ids only, the newest first, 20 a page or as many as asked for', async () => {
		const ids = Array.from(
			{ length: 130 },
			() => sandbox.mailbox.receive({ folder_id: 'DRAFT' }).message_id,
		).reverse();
		sandbox.mailbox.receive();
		sandbox.mailbox.receive({ folder_id: 'SCHEDULED' });
		expect((await page()).items).toHaveLength(20);
		const first = await page({ page_size: 100 });
		const { page_token } = first;
		const second = await page({ page_size: 100, page_token });
		expect([...first.items, ...second.items]).toEqual(ids.map((id) => ({ id })));
		expect([first.has_more, second.has_more]).toEqual([true, false]);
	});

	it.each([{ page_size: 0 }, { page_size: 101 }, { page_token: 'x' }])('refuses %j', async (params) => {
		expect(outcome(await client.get(path, { params }))).toEqual([400, 1234008]);
	});
});

describe('a draft that is sent', () => {
	it.each([
		['without a body', undefined],
		['with an empty one', {}],
		['with an empty time', { send_time: '' }],
	])('%s leaves, and is no draft any more', async (_how, body) => {
		const mail = eml();
		const id = await create(mail);
		const answer = await send(id, body);
		const { message_id, thread_id } = dataOf<Sent>(answer);
		expect(dataOf(answer)).toEqual({ message_id, thread_id, recall_status: 'available' });
		expect(sandbox.mailbox.messages).toMatchObject([{ message_id, thread_id, folder_id: 'SENT' }]);
		expect(sandbox.sentMails[0]?.eml).toBe(mail);
		expect([outcome(await get(id)), outcome(await send(id))]).toEqual([gone, gone]);
		expect(dataOf(await client.get(path))).toMatchObject({ items: [] });
	});

	it('is sent once, however many ask for it at the same time', async () => {
		const id = sandbox.mailbox.receive({ folder_id: 'DRAFT' }).message_id;
		const answers = await Promise.all([send(id), send(id), send(id)]);
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
		expect(sandbox.sentMails).toHaveLength(1);
	});

	it('marks the mail that it answers', async () => {
		const original = sandbox.mailbox.receive();
		const fields = { 'X-LMS-Reply-To-Message-Id': original.message_id, 'X-LMS-Reply-Type': 'REPLY' };
		const id = await create(eml(fields));
		expect(original.label_ids).toEqual(new Set(['UNREAD']));
		expect(dataOf<Sent>(await send(id)).thread_id).toBe(original.thread_id);
		expect(original.label_ids).toEqual(new Set(['UNREAD', '-603']));
	});

	it('stays, with a code of success, where automated sending is switched off', async () => {
		sandbox.mailbox.sending.automationDisabled = { reason: 'switched off' };
		const id = await create();
		const answer = await send(id);
		expect(outcome(answer)).toEqual([200, 0]);
		expect(dataOf(answer)).toEqual({
			automation_send_disable: { reason: 'switched off', reference: expect.any(String) as string },
		});
		expect(sandbox.requestsTo('mail.draft.send')).toMatchObject([{ executed: false }]);
		expect(folders()).toEqual(['DRAFT']);
		delete sandbox.mailbox.sending.automationDisabled;
		expect(outcome(await send(id))).toEqual([200, 0]);
	});

	it('stays when it is refused', async () => {
		const id = await create(eml({ To: undefined }));
		expect(outcome(await send(id))).toEqual([400, 1236018]);
		expect(folders()).toEqual(['DRAFT']);
	});
});

describe('a draft that is sent later', () => {
	const seconds = (ms: number) => String(Math.floor(ms / 1000));
	const later = seconds(noon + 10 * minute);
	const schedule = async (mail = eml(), send_time = later) => {
		const draft_id = await create(mail);
		return { draft_id, ...dataOf<Sent>(await send(draft_id, { send_time })) };
	};
	const cancel = async (id: string) =>
		await client.post(mailboxPath('messages', 'me', id, 'cancel_scheduled_send'));

	it('waits among the scheduled mails, leaves when its time has come, and keeps its id', async () => {
		const mail = eml({ To: 'user@example.com' });
		const { draft_id, message_id, thread_id } = await schedule(mail);
		expect(sandbox.mailbox.messages).toMatchObject([{ message_id, thread_id, folder_id: 'SCHEDULED' }]);
		expect([outcome(await get(draft_id)), outcome(await send(draft_id))]).toEqual([gone, gone]);
		sandbox.clock.advance(10 * minute - 1);
		expect(sandbox.sentMails).toEqual([]);
		sandbox.clock.advance(1);
		expect(sandbox.sentMails).toMatchObject([{ at: noon + 10 * minute, message_id, eml: mail }]);
		expect(folders()).toEqual(['SENT', 'INBOX']);
		expect(sandbox.mailbox.messages[0]).toMatchObject({ message_id, thread_id });
	});

	it('leaves at its time, also if nobody has looked for long, the earlier one first', async () => {
		await schedule(eml({ Subject: 'Late' }), seconds(noon + 20 * minute));
		await schedule(eml({ Subject: 'Early' }), seconds(noon + 10 * minute));
		sandbox.clock.advance(60 * minute);
		expect(sandbox.sentMails).toMatchObject([
			{ at: noon + 10 * minute, mail: { subject: 'Early' } },
			{ at: noon + 20 * minute, mail: { subject: 'Late' } },
		]);
	});

	it('leaves by a clock that nobody moves, at the next request', async () => {
		await sandbox.close();
		let now = noon;
		sandbox = await Sandbox.start({ clock: { now: () => now } });
		client = connect(sandbox, sandbox.issueUserTokens().access_token);
		await schedule();
		now += 10 * minute;
		await client.get(path);
		expect(folders()).toEqual(['SENT']);
	});

	it('is told its ids, or not', async () => {
		sandbox.mailChoices.scheduledMessageId = false;
		expect(await schedule()).toEqual({ draft_id: expect.any(String) as string });
		expect(folders()).toEqual(['SCHEDULED']);
	});

	it.each([
		['299 seconds ahead', seconds(noon + 5 * minute - 1000)],
		['in the past', seconds(noon - minute)],
		['in milliseconds', String(noon + 10 * minute)],
		['as a date', '2026-06-16T12:00:00Z'],
	])('is refused %s', async (_when, send_time) => {
		const id = await create();
		expect(outcome(await send(id, { send_time }))).toEqual([400, 1234008]);
		expect(folders()).toEqual(['DRAFT']);
	});

	it('is taken 5 minutes ahead, and refused as a number', async () => {
		const id = await create();
		expect(outcome(await send(id, { send_time: Number(later) }))).toEqual([400, 99992402]);
		expect(outcome(await send(id, { send_time: seconds(noon + 5 * minute) }))).toEqual([200, 0]);
	});

	it('is refused at once for what it is refused for without a time, a known Message-ID too', async () => {
		const fields = { 'Message-ID': '<one@client.example>' };
		await schedule(eml(fields));
		const again = await create(eml(fields));
		expect(outcome(await send(again, { send_time: later }))).toEqual([409, 1236005]);
		const nobody = await create(eml({ To: undefined }));
		expect(outcome(await send(nobody, { send_time: later }))).toEqual([400, 1236018]);
	});

	it.each(['message_id', 'draft_id'] as const)(
		'is a draft again when it is cancelled by %s',
		async (name) => {
			const mail = eml();
			const ids = await schedule(mail);
			expect(outcome(await cancel(ids[name]))).toEqual([200, 0]);
			expect(sandbox.mailbox.messages).toMatchObject([{ message_id: ids.draft_id, folder_id: 'DRAFT' }]);
			expect(decoded((await shown(ids.draft_id, 'raw')).raw)).toBe(mail);
			sandbox.clock.advance(60 * minute);
			expect(sandbox.sentMails).toEqual([]);
			// Its Message-ID was not used up.
			expect(outcome(await send(ids.draft_id))).toEqual([200, 0]);
		},
	);

	it.each(['message_id', 'draft_id'] as const)('is cancelled by %s alone, if it is to be', async (name) => {
		sandbox.mailChoices.cancelBy = name;
		const ids = await schedule();
		const other = name === 'message_id' ? ids.draft_id : ids.message_id;
		expect(outcome(await cancel(other))).toEqual(gone);
		expect(outcome(await cancel(ids[name]))).toEqual([200, 0]);
	});

	it('cannot be cancelled when it has left, or was never scheduled, or is not there', async () => {
		const { message_id, draft_id } = await schedule();
		sandbox.clock.advance(10 * minute);
		expect(outcome(await cancel(message_id))).toEqual([400, 1234051]);
		expect(outcome(await cancel(draft_id))).toEqual(gone);
		expect(outcome(await cancel(await create()))).toEqual([400, 1234051]);
		expect(outcome(await cancel('unknown'))).toEqual(gone);
	});
});
