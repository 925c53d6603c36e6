import type { Message } from '../sandbox';
import {
	active,
	addFolder,
	addLabel,
	arrive,
	arriveMany,
	callsOf,
	GET,
	LIST,
	MODIFY,
	receive,
} from './watching';
import { appWithout, bodies, locate, sandbox, time } from './stage';

const isUnread = ({ label_ids }: Message) => label_ids.has('UNREAD');

const MARKS = { options: { markAsRead: true } };
const MARKS_UNREAD = { ...MARKS, filters: { readStatus: 'unread' } };

const internal = { status: 500, code: 1230002, msg: 'internal error' };

describe('Mark as Read', () => {
	it('marks what was delivered, and nothing else', async () => {
		const trigger = await active({ ...MARKS, filters: { subject: 'plan' } });
		const mails = arrive('Plan A', 'Other', 'Plan B');
		await trigger.tick();
		expect(mails.map(isUnread)).toEqual([false, true, false]);
		expect(sandbox.mailbox.messages.filter(isUnread)).toHaveLength(6);
		expect(bodies(MODIFY)).toEqual([
			{ message_ids: [mails[0]!.message_id, mails[2]!.message_id], remove_label_ids: ['UNREAD'] },
		]);
	});

	it('is off unless it is wanted', async () => {
		const trigger = await active();
		const mails = arrive('One');
		await trigger.ticks(2);
		expect(mails.map(isUnread)).toEqual([true]);
	});

	it('comes after all has been read, and the mails come as they were', async () => {
		const trigger = await active(MARKS);
		arriveMany(25);
		await trigger.tick();
		const apis = sandbox.requests.map(({ api }) => api);
		expect(apis.slice(-2)).toEqual([MODIFY, MODIFY]);
		expect(trigger.items.map(({ label_ids }) => label_ids)).toEqual(Array(25).fill(['UNREAD']));
		await trigger.tick();
		expect(sandbox.requestsTo(MODIFY)).toHaveLength(2);
	});

	it('is left to the next poll where the time of one is over', async () => {
		const trigger = await active(MARKS);
		const [mail] = arrive('New');
		sandbox.before(GET, () => time.pass(50_000));
		await trigger.tick();
		expect([trigger.subjects, isUnread(mail!), bodies(MODIFY)]).toEqual([['New'], true, []]);
		await trigger.tick();
		expect([trigger.subjects, isUnread(mail!)]).toEqual([['New'], false]);
	});

	it('that n8n loses together with the execution: the mail comes all the same', async () => {
		const trigger = await active(MARKS);
		const [mail] = arrive('New');
		await trigger.tickInVain();
		expect(isUnread(mail!)).toBe(false);
		await trigger.restart();
		expect(trigger.subjects).toEqual(['New']);
	});

	it('of unread mails is done by the next poll, when n8n has stored the execution', async () => {
		const trigger = await active(MARKS_UNREAD);
		const [mail] = arrive('New');
		await trigger.tick();
		expect([trigger.subjects, isUnread(mail!)]).toEqual([['New'], true]);
		await trigger.tick();
		expect([trigger.subjects, isUnread(mail!)]).toEqual([['New'], false]);
		expect(await callsOf(async () => await trigger.tick())).toEqual({ [LIST]: 1 });
	});

	it('of unread mails: n8n killed before it has stored the execution loses none', async () => {
		const trigger = await active(MARKS_UNREAD);
		const [mail] = arrive('New');
		await trigger.tickInVain();
		await trigger.restart();
		expect(trigger.subjects).toEqual(['New']);
		await trigger.tick();
		expect(isUnread(mail!)).toBe(false);
	});

	it('of unread mails: n8n killed between two polls marks them afterwards', async () => {
		const trigger = await active(MARKS_UNREAD);
		const [mail] = arrive('New');
		await trigger.tick();
		await trigger.restart();
		expect(isUnread(mail!)).toBe(false);
		expect(trigger.subjects).toEqual(['New']);
	});

	it.each([
		['all', MARKS],
		['unread', MARKS_UNREAD],
	])('that fails for now is made up for, and no mail comes again (%s)', async (_, parameters) => {
		const trigger = await active(parameters);
		const mails = arrive('One', 'Two');
		sandbox.fail({ api: MODIFY, on: () => true, with: internal });
		await trigger.ticks(3);
		expect(mails.map(isUnread)).toEqual([true, true]);
		const later = arrive('Three');
		await trigger.ticks(2);
		sandbox.clearFaults();
		await trigger.ticks(2);
		expect([...mails, ...later].map(isUnread)).toEqual([false, false, false]);
		expect(trigger.subjects).toEqual(['One', 'Two', 'Three']);
		expect(trigger.errors).toEqual([]);
	});

	it.each([
		['all', MARKS],
		['unread', MARKS_UNREAD],
	])('that Feishu refuses is told once, and no mail is lost or comes again (%s)', async (_, parameters) => {
		const credential = await appWithout('message:modify');
		const trigger = await active(parameters, { credential });
		arrive('One');
		await trigger.ticks(4);
		expect(trigger.errors.map(({ message }) => message)).toEqual([
			expect.stringMatching(
				/^Mails were delivered, but could not be marked as read: .*mail:user_mailbox.message:modify/,
			),
		]);
		expect(trigger.subjects).toEqual(['One']);
		arrive('Two');
		await trigger.ticks(3);
		expect(trigger.subjects).toEqual(['One', 'Two']);
	});

	it('of a mail that is deleted meanwhile does not matter', async () => {
		const trigger = await active(MARKS);
		const mails = arrive('One', 'Gone', 'Two');
		sandbox.before(MODIFY, () => sandbox.mailbox.remove(mails[1]!));
		await trigger.ticks(3);
		expect(mails.map(isUnread)).toEqual([false, true, false]);
		expect(trigger.subjects).toEqual(['One', 'Gone', 'Two']);
		expect(trigger.errors).toEqual([]);
	});

	it('of the only mail, which is deleted meanwhile, does not matter either', async () => {
		const trigger = await active(MARKS);
		const [mail] = arrive('Gone');
		sandbox.before(MODIFY, () => sandbox.mailbox.remove(mail!));
		await trigger.tick();
		expect(await callsOf(async () => await trigger.ticks(2))).toEqual({ [LIST]: 2 });
		expect(trigger.errors).toEqual([]);
	});

	it('that is switched off leaves what is left', async () => {
		const trigger = await active(MARKS_UNREAD);
		const [mail] = arrive('New');
		await trigger.tick();
		await trigger.change({ parameters: { options: {} } });
		await trigger.tick();
		expect(isUnread(mail!)).toBe(true);
		expect(sandbox.requestsTo(MODIFY)).toEqual([]);
	});
});

describe('Include Moved Mails', () => {
	const MOVED = { options: { includeMoved: true } };

	/** Mails of before, in another folder. */
	const elsewhere = (...subjects: string[]): Message[] => {
		const folder_id = sandbox.mailbox.folders[0]?.id ?? addFolder('Projects');
		return subjects.map((subject) => receive({ subject, folder_id }));
	};

	const move = (...mails: Message[]) => {
		for (const mail of mails) mail.folder_id = 'INBOX';
	};

	it('off: an older mail that is moved in starts nothing, now and later', async () => {
		const old = elsewhere('Old');
		const trigger = await active();
		move(...old);
		arrive('New');
		await trigger.ticks(2);
		time.pass(2 * 3_600_000);
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['New']);
	});

	it('on: an older mail that is moved in starts the workflow, once', async () => {
		const old = elsewhere('Old', 'Older still');
		const trigger = await active(MOVED, { older: 30 });
		await trigger.tick();
		expect(trigger.executions).toEqual([]);
		move(old[0]!);
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['Old']);
		arrive('New');
		move(old[1]!);
		await trigger.ticks(2);
		await trigger.restart();
		expect(trigger.subjects).toEqual(['Old', 'Older still', 'New']);
	});

	it('on: a mail that was here is no new one when it comes back', async () => {
		const trigger = await active(MOVED);
		const [mail] = arrive('New');
		await trigger.tick();
		for (const folder of ['ARCHIVED', 'INBOX']) {
			mail!.folder_id = folder;
			sandbox.mailbox.messages[0]!.folder_id = folder;
			await trigger.tick();
		}
		expect(trigger.subjects).toEqual(['New']);
	});

	it('on, of an empty folder', async () => {
		const old = elsewhere('Old');
		const trigger = await active(MOVED, { older: 0 });
		move(...old);
		await trigger.tick();
		expect(trigger.subjects).toEqual(['Old']);
	});

	it('on, of a label: an older mail that gets it', async () => {
		const label = addLabel('VIP');
		const parameters = { source: 'label', labelId: locate('id', label), ...MOVED };
		receive({ label_ids: [label], subject: 'Had it' });
		const [old] = arrive('Gets it');
		const trigger = await active(parameters);
		old!.label_ids.add(label);
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['Gets it']);
	});

	it('on, with filters: what does not pass stays out', async () => {
		const old = elsewhere('Plan', 'Other');
		const trigger = await active({ ...MOVED, filters: { subject: 'plan' } });
		move(...old);
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['Plan']);
	});

	it('switched on later: what is there starts nothing, what is moved in then does', async () => {
		const [before, after] = elsewhere('Before', 'After');
		const trigger = await active({}, { older: 45 });
		arrive('New');
		await trigger.tick();
		move(before!);
		await trigger.change({ parameters: MOVED });
		await trigger.tick();
		move(after!);
		arrive('Newer');
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['New', 'After', 'Newer']);
	});

	it('switched on while new mails have come: they start the workflow', async () => {
		const trigger = await active({}, { older: 45 });
		const subjects = arriveMany(25);
		await trigger.change({ parameters: MOVED });
		await trigger.tick();
		expect(trigger.subjects).toEqual(subjects);
	});

	it('switched off later: what is moved in starts nothing any more, new mails do', async () => {
		const [before, after] = elsewhere('Before', 'After');
		const trigger = await active(MOVED);
		move(before!);
		await trigger.tick();
		arrive('Meanwhile');
		await trigger.change({ parameters: { options: {} } });
		move(after!);
		arrive('New');
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['Before', 'Meanwhile', 'New']);
	});

	it('switched off while many mails are still to be found: they start the workflow', async () => {
		const trigger = await active(MOVED);
		const subjects = arriveMany(70);
		// Each page takes so long that one poll cannot read all of them.
		sandbox.before(GET, () => time.pass(30_000), { times: 2, on: () => true });
		await trigger.tick();
		expect(trigger.subjects.length).toBeLessThan(20);
		await trigger.change({ parameters: { options: {} } });
		await trigger.ticks(4);
		expect([...trigger.subjects].sort()).toEqual([...subjects].sort());
	});

	it('finds it within an hour, where it lies below the newest hundred', async () => {
		const old = elsewhere('Old');
		const trigger = await active(MOVED, { older: 120 });
		move(...old);
		await trigger.tick();
		expect(trigger.executions).toEqual([]);
		time.pass(3_600_000);
		await trigger.tick();
		expect(trigger.subjects).toEqual(['Old']);
	});

	it('costs as many lists as there are pages, five at most', async () => {
		const trigger = await active(MOVED, { older: 130 });
		expect(await callsOf(async () => await trigger.tick())).toEqual({ [LIST]: 5 });
		const few = await active(MOVED, { older: 0 });
		sandbox.mailbox.messages.splice(30);
		expect(await callsOf(async () => await few.tick())).toEqual({ [LIST]: 2 });
	});
});
