import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { sendStatuses, type Fault, type SentMail } from '../sandbox';
import type { Run, RunOptions } from './engine';
import {
	appWithout,
	connected,
	continues,
	engine,
	locate,
	onRequest,
	run as runNode,
	sandbox,
	time,
} from './stage';

const CANCEL = 'mail.message.cancelScheduledSend';
const RECALL = 'mail.message.recall';

const HOUR = 3_600_000;

/** Runs an operation on messages as the user who owns the mailbox. */
const run = async (
	operation: string,
	parameters: INodeParameters = {},
	options: Partial<RunOptions> = {},
): Promise<Run> =>
	await runNode('message', operation, parameters, { credential: await connected(), ...options });

const on = (messageId: string) => ({ messageId: locate('id', messageId) });

let letters = 0;

const send = async (to: string, additionalFields: INodeParameters = {}): Promise<IDataObject> => {
	const { jsons, error } = await run('send', {
		to,
		subject: 'Plan',
		message: `Letter ${++letters}`,
		additionalFields,
	});
	expect(error?.message).toBeUndefined();
	return jsons[0]!;
};

/** A mail that has just left. */
const sent = async (to = 'bob@example.org'): Promise<SentMail> => {
	await send(to);
	return sandbox.sentMails.at(-1)!;
};

/** A mail that waits for an hour. */
const scheduled = async () =>
	(await send('bob@example.org', { sendAt: new Date(Date.now() + HOUR).toISOString() })) as {
		message_id: string;
		draft_id: string;
	};

const inFolder = (folder: string) => sandbox.mailbox.messages.filter(({ folder_id }) => folder_id === folder);

describe('delivery status', () => {
	it('one item for each recipient, the status in a word and its time readable', async () => {
		const mail = await sent('"Bob, B." <bob@example.org>, eve@example.org');
		mail.setStatus('eve@example.org', sendStatuses.bounced);
		const { jsons } = await run('getSendStatus', on(mail.message_id));
		const seconds = Math.floor(mail.at / 1000);
		expect(jsons).toEqual([
			{
				message_id: mail.message_id,
				recipient: { mail_address: 'bob@example.org', name: 'Bob, B.' },
				status: 4,
				status_text: 'delivered',
				last_updated_time: seconds,
				date: new Date(seconds * 1000).toISOString(),
			},
			expect.objectContaining({
				recipient: { mail_address: 'eve@example.org' },
				status: 3,
				status_text: 'bounced',
			}),
		]);
	});

	it.each([
		['unknown', 'unknown'],
		['delivering', 'delivering'],
		['retrying', 'retrying'],
		['bounced', 'bounced'],
		['delivered', 'delivered'],
		['waitingForApproval', 'awaitingApproval'],
		['rejected', 'rejected'],
	] as const)('%s is called %s', async (status, word) => {
		const mail = await sent();
		mail.setStatus('bob@example.org', sendStatuses[status]);
		const { jsons } = await run('getSendStatus', on(mail.message_id));
		expect(jsons).toMatchObject([{ status: sendStatuses[status], status_text: word }]);
	});

	it('one that Feishu has not had yet is unknown; a time that it does not tell is no date', async () => {
		const details = [{ recipient: { mail_address: 'bob@example.org' }, status: 99 }];
		sandbox.fail({ api: 'mail.message.sendStatus', with: { code: 0, data: { details } } });
		const { jsons } = await run('getSendStatus', on('any'));
		expect(jsons).toEqual([{ message_id: 'any', ...details[0], status_text: 'unknown' }]);
	});

	it('where nothing is known yet, says so, and the other items go on', async () => {
		const mail = await sent();
		const items = [{ id: sandbox.mailbox.receive().message_id }, { id: mail.message_id }];
		const { jsons } = await run('getSendStatus', { messageId: '={{ $json.id }}' }, { items, ...continues });
		expect(jsons).toMatchObject([
			{
				error: expect.stringContaining('Feishu knows nothing of the delivery of this mail'),
				details: { code: 1236010, httpCode: 404 },
			},
			{ status_text: 'delivered' },
		]);
	});

	it('an answer without recipients is no silent success', async () => {
		sandbox.fail({ api: 'mail.message.sendStatus', with: { code: 0, data: { message_id: 'any' } } });
		const { error } = await run('getSendStatus', on('any'));
		expect(error?.message).toContain('Feishu knows nothing of the delivery');
	});

	it('is for users only: an app is refused before any request', async () => {
		const { error } = await runNode('message', 'getSendStatus', on('any'));
		expect(error?.message).toContain('Feishu offers this operation to users only');
		expect(sandbox.requests).toEqual([]);
	});

	it('many mails keep the order of their items and do not wait for one another', async () => {
		const mails = [await sent(), await sent('eve@example.org'), await sent('joe@example.org')];
		const items = mails.map(({ message_id }) => ({ id: message_id }));
		const { jsons, outputs } = await run('getSendStatus', { messageId: '={{ $json.id }}' }, { items });
		expect(jsons.map(({ message_id }) => message_id)).toEqual(items.map(({ id }) => id));
		expect(outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }]);
	});
});

describe('recall', () => {
	it.each([
		['an app', async () => await engine.addCredential()],
		['a user', async () => await connected()],
	] as const)('by %s takes the mail back', async (_, who) => {
		const ann = sandbox.tenant.addMailbox('ann@example.com');
		const { message_id } = await sent('ann@example.com');
		const { jsons } = await run('recall', on(message_id), { credential: await who() });
		expect(jsons).toEqual([{ message_id, recall_status: 'available' }]);
		expect(ann.messages).toEqual([]);
	});

	it.each([
		['recall_not_enabled', 'switched off in the organisation'],
		['migration_domain', 'another mail service'],
		['sender_address_not_owned', "check 'Mailbox' and 'Message'"],
		['already_recalled', "'Get Recall Status' tells"],
		['not_delivered', "'Get Delivery Status' tells"],
		['exceeded_time_limit', 'within 24 hours'],
		['a_new_reason', "Feishu's reason: a_new_reason."],
	])('%s is a failure with what to do', async (reason, advice) => {
		const { message_id } = await sent();
		sandbox.mailbox.sending.recallRestriction = reason;
		const failed = await run('recall', on(message_id), continues);
		expect(failed.jsons).toEqual([
			{
				error: 'Feishu does not recall the mail',
				details: { description: expect.stringContaining(advice) },
			},
		]);
	});

	it('a success that does not say that the recall has begun is none', async () => {
		sandbox.fail({ api: RECALL, with: { code: 0, data: {} } });
		const { error } = await run('recall', on('any'));
		expect(error?.message).toBe('Feishu does not recall the mail');
	});

	it('a mail that is not there is named', async () => {
		const { error } = await run('recall', on('nowhere'));
		expect(error?.message).toContain('The mailbox has no such mail');
	});

	it('one that was recalled by our own lost try is recalled; one that was recalled before is not', async () => {
		const [lost, before] = [await sent(), await sent('eve@example.org')];
		await run('recall', on(before.message_id));
		sandbox.fail({ api: RECALL, with: { kind: 'reset', when: 'after' } });
		const items = [{ id: lost.message_id }, { id: before.message_id }];
		const parameters = { messageId: '={{ $json.id }}' };
		const first = await run('recall', parameters, { items: items.slice(0, 1), ...continues });
		expect(first.jsons).toEqual([{ message_id: lost.message_id, recall_status: 'available' }]);
		const second = await run('recall', parameters, { items: items.slice(1), ...continues });
		expect(second.jsons[0]!.error).toBe('Feishu does not recall the mail');
	});

	it('Retry On Fail goes on where the first try has ended', async () => {
		const [done, lost, other] = [await sent(), await sent('eve@example.org'), await sent('joe@example.org')];
		await run('recall', on(other.message_id));
		sandbox.requests.length = 0;
		const after: Fault = { kind: 'reset', when: 'after' };
		// The three tries of the second item are lost.
		sandbox.fail({ api: RECALL, on: [2, 3, 4], with: after });
		const items = [done, lost].map(({ message_id }) => ({ id: message_id }));
		const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
		const retried = await run('recall', { messageId: '={{ $json.id }}' }, { items, settings });
		expect(retried.error?.message).toBeUndefined();
		expect(retried.jsons).toEqual(items.map(({ id }) => ({ message_id: id, recall_status: 'available' })));
		// What others have recalled is no work of ours, however often it is tried.
		const failed = await run('recall', on(other.message_id), { settings });
		expect(failed.error?.message).toBe('Feishu does not recall the mail');
	});

	it('what an earlier try has recalled does not count for another mail', async () => {
		const [done, other] = [await sent(), await sent('eve@example.org')];
		await run('recall', on(other.message_id));
		const items = [{ id: done.message_id }, { id: 'nowhere' }];
		const failed = await run('recall', { messageId: '={{ $json.id }}' }, { items, executionId: '1' });
		const again = { items, executionId: '2', retryOf: failed };
		const { error } = await run('recall', on(other.message_id), again);
		expect(error?.message).toBe('Feishu does not recall the mail');
	});

	it('where all answers are lost, says that it can be run again', async () => {
		const { message_id } = await sent();
		sandbox.fail({ api: RECALL, on: () => true, with: { kind: 'reset', when: 'before' } });
		const { error } = await run('recall', on(message_id));
		expect(error?.message).toContain('which does nothing twice');
		expect(sandbox.requestsTo(RECALL)).toHaveLength(3);
	});
});

describe('recall status', () => {
	it('gives counts and recipients, the reasons in words', async () => {
		sandbox.tenant.addMailbox('ann@example.com');
		const { message_id } = await sent('ann@example.com, "Bob" <bob@example.org>');
		await run('recall', on(message_id));
		const early = await run('getRecallStatus', on(message_id));
		expect(early.jsons).toMatchObject([
			{ message_id, recall_status: 'in_progress', recall_result: 'processing', processing_count: 2 },
		]);
		sandbox.clock.advance(2000);
		const { jsons } = await run('getRecallStatus', on(message_id), {
			credential: await engine.addCredential(),
		});
		expect(jsons).toEqual([
			{
				message_id,
				recall_status: 'done',
				recall_result: 'some_fail',
				success_count: 1,
				failure_count: 1,
				processing_count: 0,
				items: [
					{ recipient_address: 'ann@example.com', is_mailing_list: false, status: 'success' },
					{
						recipient_address: 'bob@example.org',
						recipient_name: 'Bob',
						is_mailing_list: false,
						status: 'fail',
						fail_reason: 'not_using_lark_mail',
						fail_reason_text: 'The recipient uses another mail service',
					},
				],
			},
		]);
	});

	it.each([
		['message_has_been_read', 'The recipient has read the mail'],
		['not_in_the_same_tenant', 'The recipient belongs to another organisation'],
		['invalid_address', 'The address does not exist any more'],
		['unknown', 'Feishu gives no reason'],
		['a_new_reason', 'a_new_reason'],
	])('%s in words', async (fail_reason, fail_reason_text) => {
		const mail = await sent();
		mail.setRecallItem('bob@example.org', { status: 'fail', fail_reason: fail_reason as 'unknown' });
		await run('recall', on(mail.message_id));
		sandbox.clock.advance(2000);
		const { jsons } = await run('getRecallStatus', on(mail.message_id));
		expect(jsons).toMatchObject([{ recall_result: 'all_fail', items: [{ fail_reason, fail_reason_text }] }]);
	});

	it('of a mail that nobody has recalled there is none', async () => {
		const { error } = await run('getRecallStatus', on((await sent()).message_id));
		expect(error?.message).toContain('Feishu knows no recall of this mail');
	});

	it('waits for the quota of 20 a minute', async () => {
		const { message_id } = await sent();
		await run('recall', on(message_id));
		sandbox.setDocumentedQuotas();
		const items = Array.from({ length: 21 }, () => ({}));
		const { jsons, hints } = await run('getRecallStatus', on(message_id), { items });
		expect(jsons).toHaveLength(21);
		expect(hints.map(({ message }) => message).join()).toContain('20 recall statuses a minute');
	});
});

describe('a scheduled mail', () => {
	it.each(['message_id', 'draft_id'] as const)('is cancelled by its %s and is a draft again', async (key) => {
		const mail = await scheduled();
		const { jsons } = await run('cancelScheduledSend', on(mail[key]));
		expect(jsons).toEqual([{ message_id: mail[key], draft_id: mail.draft_id, cancelled: true }]);
		expect(inFolder('SCHEDULED')).toEqual([]);
		expect(inFolder('DRAFT')).toMatchObject([{ message_id: mail.draft_id, subject: 'Plan' }]);
		sandbox.clock.advance(2 * HOUR);
		expect(sandbox.sentMails).toEqual([]);
	});

	it('where Feishu takes the id of the draft only, that is found', async () => {
		sandbox.mailChoices.cancelBy = 'draft_id';
		const mail = await scheduled();
		// Seen in answers, not documented.
		const messages = [{ message_id: mail.message_id, draft_id: mail.draft_id, folder_id: 'SCHEDULED' }];
		sandbox.fail({ api: 'mail.message.batchGet', with: { code: 0, data: { messages } } });
		const { jsons } = await run('cancelScheduledSend', on(mail.message_id));
		expect(jsons).toEqual([{ message_id: mail.message_id, draft_id: mail.draft_id, cancelled: true }]);
	});

	it('where it cannot be found, the other id is asked for', async () => {
		sandbox.mailChoices.cancelBy = 'draft_id';
		const { error } = await run('cancelScheduledSend', on((await scheduled()).message_id));
		expect(error?.message).toContain('the other one of the two IDs');
		expect(inFolder('SCHEDULED')).toHaveLength(1);
	});

	it('that has left is not cancelled', async () => {
		const { message_id } = await sent();
		const { error } = await run('cancelScheduledSend', on(message_id));
		expect(error?.message).toContain('does not wait to be sent');
	});

	it.each([
		['before', 2],
		['after', 1],
	] as const)('whose first answer is lost %s the work is cancelled once', async (when, requests) => {
		const mail = await scheduled();
		sandbox.fail({ api: CANCEL, with: { kind: 'reset', when } });
		const { jsons } = await run('cancelScheduledSend', on(mail.message_id));
		expect(jsons).toEqual([{ message_id: mail.message_id, draft_id: mail.draft_id, cancelled: true }]);
		expect(sandbox.requestsTo(CANCEL)).toHaveLength(requests);
	});

	it('that leaves while the answer is lost is not said to be cancelled', async () => {
		const mail = await scheduled();
		onRequest(CANCEL, 1, () => sandbox.clock.advance(2 * HOUR));
		sandbox.fail({ api: CANCEL, with: { kind: 'reset', when: 'before' } });
		const { jsons, error } = await run('cancelScheduledSend', on(mail.message_id));
		expect(jsons).toEqual([]);
		expect(error?.message).toContain('does not wait to be sent');
		expect(sandbox.sentMails).toHaveLength(1);
	});

	it('Retry On Fail cancels what is left, and what an earlier try has done stays done', async () => {
		const mails = [await scheduled(), await scheduled()];
		// The second item: lost, and nobody can tell.
		sandbox.fail({ api: CANCEL, on: 2, with: { kind: 'reset', when: 'after' } });
		sandbox.fail({ api: 'mail.draft.get', on: (n) => n > 2 && n < 6, with: { code: 1236019, status: 500 } });
		const items = mails.map(({ message_id }) => ({ id: message_id }));
		const settings = { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 };
		const { jsons, error } = await run(
			'cancelScheduledSend',
			{ messageId: '={{ $json.id }}' },
			{ items, settings },
		);
		expect(error?.message).toBeUndefined();
		expect(jsons).toEqual(
			mails.map(({ message_id, draft_id }) => ({ message_id, draft_id, cancelled: true })),
		);
	});

	describe('what an earlier try has done with another mail does not count', () => {
		it('where it was cancelled', async () => {
			const [first, other] = [await scheduled(), await scheduled()];
			const items = [{ id: first.message_id }, { id: 'nowhere' }];
			const messageId = '={{ $json.id }}';
			const failed = await run('cancelScheduledSend', { messageId }, { items, executionId: '1' });
			const again = { items, executionId: '2', retryOf: failed };
			await run('cancelScheduledSend', on(other.message_id), again);
			expect(inFolder('SCHEDULED')).toEqual([]);
		});

		it('where nobody knows', async () => {
			const [first, left] = [await scheduled(), await sent()];
			sandbox.fail({ api: CANCEL, with: { kind: 'reset', when: 'after' } });
			sandbox.fail({ api: 'mail.draft.get', on: [1, 2, 3], with: { code: 1236019, status: 500 } });
			const failed = await run('cancelScheduledSend', on(first.message_id), { executionId: '1' });
			expect(failed.error?.message).toContain('It is unknown');
			const again = { executionId: '2', retryOf: failed };
			const { error } = await run('cancelScheduledSend', on(left.message_id), again);
			expect(error?.message).toContain('does not wait to be sent');
		});
	});

	it('is cancelled without the permission to read, too', async () => {
		const mail = await scheduled();
		const app = sandbox.tenant.addApp({ userScopes: ['offline_access', 'mail:user_mailbox.message:send'] });
		const { jsons } = await run('cancelScheduledSend', on(mail.message_id), {
			credential: await connected({ app }),
		});
		expect(jsons).toEqual([{ message_id: mail.message_id, cancelled: true }]);
	});

	it('is for users only: an app is refused before any request', async () => {
		const { error } = await runNode('message', 'cancelScheduledSend', on('any'));
		expect(error?.message).toContain('Feishu offers this operation to users only');
		expect(sandbox.requests).toEqual([]);
	});
});

describe('lists to choose from', () => {
	const list = async (method: string) => {
		const parameters = { userMailboxId: sandbox.mailbox.address };
		const { results } = await engine.search(method, parameters, { credential: await connected() });
		return results;
	};

	it('sent mails and scheduled ones, the newest first, by recipient and subject', async () => {
		const first = await sent('"Bob" <bob@example.org>');
		time.pass(1000);
		const second = await sent('eve@example.org');
		const waiting = await scheduled();
		expect(await list('searchSentMessages')).toEqual([
			{ name: 'eve@example.org: Plan', value: second.message_id },
			{ name: 'Bob: Plan', value: first.message_id },
		]);
		expect(await list('searchScheduledMessages')).toEqual([
			{ name: 'bob@example.org: Plan', value: waiting.message_id },
		]);
	});

	it('say where there is nothing', async () => {
		expect(await list('searchSentMessages')).toEqual([{ name: '[No mails have been sent]', value: false }]);
		expect(await list('searchScheduledMessages')).toEqual([
			{ name: '[No mails wait to be sent]', value: false },
		]);
	});
});

it('an app that may not change mails is told the permission', async () => {
	const { message_id } = await sent();
	const { error } = await run('recall', on(message_id), { credential: await appWithout('message:modify') });
	expect(error?.message).toContain('mail:user_mailbox.message:modify');
});
