import type { AxiosInstance } from 'axios';

import { Sandbox } from './index';
import type { Mailbox } from './index';
import { connect, dataOf, mailboxPath, outcome, signIn } from './client';
import { eml, rawOf } from './testMails';

const hour = 60 * 60 * 1000;

let sandbox: Sandbox;
let client: AxiosInstance;
let ann: Mailbox;

beforeEach(async () => {
	sandbox = await Sandbox.start({ clock: { now: () => 1_700_000_000_000 } });
	sandbox.app.userTokenLifetime = 30 * 24 * 60 * 60;
	client = connect(sandbox, sandbox.issueUserTokens().access_token);
	ann = sandbox.tenant.addMailbox('ann@example.com');
});
afterEach(async () => await sandbox.close());

const send = async (To = 'ann@example.com') => {
	const answer = await client.post(mailboxPath('messages', 'me', 'send'), { raw: rawOf(eml({ To })) });
	return dataOf<{ message_id: string }>(answer).message_id;
};
const recallPath = (id: string, mailbox = 'me') => mailboxPath('messages', mailbox, id, 'recall');
const recall = async (id: string) => dataOf<object>(await client.post(recallPath(id)));
const detail = async (id: string) => dataOf<object>(await client.get(recallPath(id)));
const unavailable = (recall_restriction_reason: string) => ({
	recall_status: 'unavailable',
	recall_restriction_reason,
});

describe('a recall', () => {
	it('takes a mail back from those who have not read it, and says so after a while', async () => {
		sandbox.addTenant().addMailbox('boss@example.net');
		const reader = sandbox.tenant.addMailbox('carl@example.com');
		const id = await send('Ann <ann@example.com>, carl@example.com, boss@example.net, bob@example.org');
		reader.messages[0]?.label_ids.delete('UNREAD');
		expect(await recall(id)).toEqual({ recall_status: 'available' });
		expect([ann.messages, reader.messages].map(({ length }) => length)).toEqual([0, 1]);
		expect(await detail(id)).toMatchObject({
			...{ recall_status: 'in_progress', recall_result: 'processing' },
			...{ success_count: 0, failure_count: 0, processing_count: 4 },
			items: [
				{ recipient_address: 'ann@example.com', recipient_name: 'Ann', status: 'processing' },
				{},
				{},
				{},
			],
		});
		sandbox.clock.advance(1000);
		const failed = (recipient_address: string, fail_reason: string) => ({
			...{ recipient_address, status: 'fail', fail_reason },
			is_mailing_list: false,
		});
		expect(await detail(id)).toEqual({
			...{ recall_status: 'done', recall_result: 'some_fail' },
			...{ success_count: 1, failure_count: 3, processing_count: 0 },
			items: [
				{
					...{ recipient_address: 'ann@example.com', recipient_name: 'Ann' },
					...{ status: 'success', is_mailing_list: false },
				},
				failed('carl@example.com', 'message_has_been_read'),
				failed('boss@example.net', 'not_in_the_same_tenant'),
				failed('bob@example.org', 'not_using_lark_mail'),
			],
		});
	});

	it.each([
		['ann@example.com', 'all_success'],
		['bob@example.org', 'all_fail'],
	])('has, of a mail to %s, the result %s', async (to, recall_result) => {
		sandbox.mailChoices.recallTime = 0;
		const id = await send(to);
		await recall(id);
		expect(await detail(id)).toMatchObject({ recall_status: 'done', recall_result });
	});

	it('ends as a test wants it to, before and after it was asked for', async () => {
		sandbox.mailChoices.recallTime = 0;
		const id = await send('ann@example.com, team@example.com');
		sandbox.sentMails[0]?.setRecallItem('Ann@example.com', { status: 'fail', fail_reason: 'unknown' });
		await recall(id);
		const group = { is_mailing_list: true, mailing_list_success_count: 3, mailing_list_finish_percent: 75 };
		sandbox.sentMails[0]?.setRecallItem('team@example.com', { status: 'success', ...group });
		expect(await detail(id)).toMatchObject({
			items: [
				{ status: 'fail', fail_reason: 'unknown' },
				{ status: 'success', ...group },
			],
		});
		expect(ann.messages).toHaveLength(1);
	});

	it('is for the app, too', async () => {
		const id = await send();
		const app = await signIn(sandbox);
		const path = recallPath(id, 'user@example.com');
		expect(dataOf(await app.post(path))).toEqual({ recall_status: 'available' });
		expect(dataOf(await app.get(path))).toMatchObject({ recall_status: 'in_progress' });
	});

	it('is not to be had twice', async () => {
		const id = await send();
		await recall(id);
		expect(await recall(id)).toEqual(unavailable('already_recalled'));
	});

	it('is to be had for 24 hours', async () => {
		const [early, late] = [await send(), await send()];
		sandbox.clock.advance(24 * hour);
		expect(await recall(early)).toEqual({ recall_status: 'available' });
		sandbox.clock.advance(1);
		expect(await recall(late)).toEqual(unavailable('exceeded_time_limit'));
	});

	it('is to be had of mails that were delivered', async () => {
		sandbox.mailChoices.deliveryTime = hour;
		const id = await send();
		expect(await recall(id)).toEqual(unavailable('not_delivered'));
		sandbox.clock.advance(hour);
		expect(await recall(id)).toEqual({ recall_status: 'available' });
	});

	it('is not to be had of mails from others, nor where a test forbids it', async () => {
		const { message_id } = sandbox.mailbox.receive();
		expect(await recall(message_id)).toEqual(unavailable('sender_address_not_owned'));
		const id = await send();
		sandbox.mailbox.sending.recallRestriction = 'recall_not_enabled';
		expect(await recall(id)).toEqual(unavailable('recall_not_enabled'));
		expect(sandbox.requestsTo('mail.message.recall').at(-1)).toMatchObject({ code: 0, executed: false });
		const raw = rawOf(eml());
		const made = dataOf<{ draft: { id: string } }>(await client.post(mailboxPath('drafts', 'me'), { raw }));
		const answer = await client.post(mailboxPath('drafts', 'me', made.draft.id, 'send'));
		expect(dataOf(answer)).toMatchObject({ recall_status: 'unavailable' });
	});

	it('is not known of mails that are not there, or were not recalled', async () => {
		expect(outcome(await client.post(recallPath('unknown')))).toEqual([404, 1234034]);
		expect(outcome(await client.get(recallPath(await send())))).toEqual([404, 1234034]);
	});
});
