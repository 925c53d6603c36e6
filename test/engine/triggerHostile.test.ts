import { captureLog } from './capturedLog';

import { BinaryDataService } from 'n8n-core';
import { sleep } from 'n8n-workflow';

import type { Published } from './published';
import { keepFilesIn } from './engine';
import {
	active,
	addFolder,
	arrive,
	arriveMany,
	callsOf,
	FILE,
	GET,
	lastRead,
	LINKS,
	LIST,
	published,
	receive,
} from './watching';
import { until } from './until';
import { locate, sandbox, time } from './stage';

beforeAll(async () => await keepFilesIn('memory'));
beforeEach(() => captureLog());

/** Mails that Feishu cannot give, alone or with others. */
const poison = (
	ids: string[],
	isSick: () => boolean = () => true,
	fault = { status: 500, code: 1230004, msg: 'internal error' },
) => {
	const on = () => ids.some((id) => lastRead().message_ids.includes(id)) && isSick();
	sandbox.fail({ api: GET, on, with: fault });
};
const hasTexts = () => lastRead().format !== 'metadata';

describe('several mails that Feishu cannot give keep no other back', () => {
	it.each([
		['one in each half', [0, 3]],
		['two beside each other', [2, 3]],
		['three of four', [0, 1, 2]],
	])('%s', async (_, places) => {
		const trigger = await active();
		const mails = arrive('0', '1', '2', '3');
		poison(places.map((place) => mails[place]!.message_id));
		await trigger.ticks(6);
		expect(trigger.subjects).toEqual(['0', '1', '2', '3'].filter((__, place) => !places.includes(place)));
	});

	it('five whose texts it cannot give, before others', async () => {
		const trigger = await active();
		const mails = arrive('0', '1', '2', '3', '4');
		poison(
			mails.map(({ message_id }) => message_id),
			hasTexts,
		);
		await trigger.tick();
		arriveMany(2);
		await trigger.ticks(6);
		expect(trigger.subjects).toEqual(['New 0', 'New 1']);
	});

	it('two, with a limit of two', async () => {
		const trigger = await active({ options: { limit: 2 } });
		const mails = arrive('0', '1');
		poison(
			mails.map(({ message_id }) => message_id),
			hasTexts,
		);
		await trigger.tick();
		arriveMany(2);
		await trigger.ticks(6);
		expect(trigger.subjects).toEqual(['New 0', 'New 1']);
		arriveMany(1, 'Later');
		await trigger.tick();
		expect(trigger.subjects).toEqual(['New 0', 'New 1', 'Later 0']);
	});

	it('twenty, each of which takes long: the poll ends in time', async () => {
		const trigger = await active();
		arriveMany(20);
		poison(sandbox.mailbox.messages.slice(-20).map(({ message_id }) => message_id));
		sandbox.before(GET, () => time.pass(20_000), { on: () => true });
		const from = Date.now();
		await trigger.tick();
		expect(Date.now() - from).toBeLessThan(120_000);
	});
});

it('one that Feishu cannot give keeps none back that wait already', async () => {
	const trigger = await active({ options: { limit: 2 } });
	const subjects = arriveMany(3);
	await trigger.tick();
	const [sick] = arrive('Sick');
	poison([sick!.message_id]);
	await trigger.ticks(2);
	expect(trigger.subjects).toEqual(subjects);
	sandbox.clearFaults();
	await trigger.tick();
	expect(trigger.subjects).toEqual([...subjects, 'Sick']);
});

it('one that Feishu cannot give, the only new one of its page, keeps none of the other pages back', async () => {
	const trigger = await active();
	const [sick] = arrive('Sick');
	poison([sick!.message_id]);
	const subjects = arriveMany(20);
	await trigger.tick();
	expect(trigger.subjects).toEqual(subjects);
});

it('a look for more that fails halfway loses none of what it has met, and keeps none back that wait', async () => {
	const trigger = await active({ options: { limit: 30 } });
	const subjects = arriveMany(31, 'Before');
	await trigger.tick();
	subjects.push(...arriveMany(25));
	sandbox.fail({ api: LIST, on: (n) => n > 1, with: { status: 500, code: 1230003, msg: 'internal error' } });
	await trigger.tick();
	expect(trigger.subjects).toEqual(subjects.slice(0, 31));
	sandbox.clearFaults();
	await trigger.ticks(2);
	expect(trigger.subjects).toEqual(subjects);
});

it.each([1230001, 1230007])('a mail that Feishu refuses alone with %d keeps no other back', async (code) => {
	const trigger = await active();
	const [, sick] = arrive('Before', 'Sick', 'After');
	poison([sick!.message_id], undefined, { status: 400, code, msg: 'invalid' });
	await trigger.ticks(6);
	expect(trigger.subjects).toEqual(['Before', 'After']);
});

it('a success without the mails that were there a moment ago loses none', async () => {
	const trigger = await active();
	arrive('One', 'Two');
	sandbox.fail({ api: GET, on: hasTexts, with: { code: 0, data: { messages: null } } as never });
	await trigger.tick();
	sandbox.clearFaults();
	await trigger.ticks(3);
	expect(trigger.subjects).toEqual(['One', 'Two']);
});

describe('the beginning', () => {
	it('a mail that is dated in the future hides none that comes later', async () => {
		const trigger = published();
		receive({ subject: 'Old' });
		const ahead = receive({ subject: 'Ahead' });
		ahead.internal_date = Date.now() + 30 * 24 * 3_600_000;
		await trigger.activate();
		time.pass(1000);
		arrive('New');
		await trigger.tick();
		expect(trigger.subjects).toEqual(['New']);
	});

	it('nor where Include Moved Mails is switched off', async () => {
		const trigger = await active({ options: { includeMoved: true } });
		const ahead = receive({ subject: 'Ahead' });
		ahead.internal_date = Date.now() + 30 * 24 * 3_600_000;
		await trigger.tick();
		await trigger.change({ parameters: { options: { includeMoved: false } } });
		arrive('New');
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['Ahead', 'New']);
	});

	it('an older mail that is moved into a folder of still older ones is none that came in', async () => {
		const folder = addFolder('Archive');
		receive({ subject: 'Oldest', folder_id: folder });
		time.pass(24 * 3_600_000);
		const older = receive({ subject: 'Older' });
		time.pass(24 * 3_600_000);
		const trigger = published({ parameters: { folderId: locate('id', folder) } });
		await trigger.activate();
		time.pass(1000);
		older.folder_id = folder;
		receive({ subject: 'New', folder_id: folder });
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['New']);
	});
});

describe('time', () => {
	it('a Feishu that gives no answer ends a poll before the next one but one', async () => {
		const trigger = await active();
		arrive('New');
		let waited = 0;
		sandbox.fail({
			api: LIST,
			on: () => {
				// The timeout of a request goes by.
				waited++;
				time.pass(45_000);
				return true;
			},
			with: { kind: 'reset', when: 'before' },
		});
		const from = Date.now();
		await trigger.tick();
		expect(waited).toBe(1);
		expect(Date.now() - from).toBeLessThan(60_000);
	});

	it('a request at the end of a poll has time enough for its answer', async () => {
		const trigger = await active();
		arrive('New');
		sandbox.before(GET, () => time.pass(44_900), { on: 1 });
		sandbox.before(GET, async () => await sleep(500), { on: 2 });
		await trigger.tick();
		expect(trigger.subjects).toEqual(['New']);
	});

	it('a poll that takes longer than the next ones wait for it delivers nothing that these have delivered', async () => {
		const trigger = await active({ options: { downloadAttachments: true } });
		receive({ subject: 'New', attachments: [{ filename: 'a.txt', content: Buffer.from('a') }] });
		let release = () => {};
		const released = new Promise<void>((resolve) => (release = resolve));
		sandbox.before(FILE, async () => await released, { on: 1 } as never);
		const slow = trigger.tick();
		await until(() => sandbox.requestsTo(FILE).length > 0);
		time.pass(11 * 60_000);
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['New']);
		release();
		await slow;
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['New']);
	});

	it('a poll that ends after all lets none begin beside the one that is under way', async () => {
		const trigger = await active();
		const releases: Array<() => void> = [];
		const held = async () => await new Promise<void>((resolve) => releases.push(resolve));
		for (const on of [1, 2]) sandbox.before(LIST, held as never, { on });
		const slow = trigger.tick();
		await until(() => releases.length === 1);
		time.pass(11 * 60_000);
		await trigger.tick();
		const next = trigger.tick();
		await until(() => releases.length === 2);
		releases[0]!();
		await slow;
		expect(await callsOf(async () => await trigger.tick())).toEqual({});
		releases[1]!();
		await next;
	});

	it('a poll that never ends is told', async () => {
		const trigger = await active();
		sandbox.fail({ api: LIST, on: () => true, with: { kind: 'hang' } });
		void trigger.tick();
		await until(() => sandbox.requestsTo(LIST).length > 1);
		for (let minute = 0; minute < 15; minute++) {
			time.pass(60_000);
			await Promise.race([trigger.tick(), sleep(100)]);
		}
		expect(trigger.errors.map(({ message }) => message)).toEqual([expect.stringContaining('10 minutes')]);
	});
});

it('a mail that cannot be read passes a filter that cannot tell, with its error', async () => {
	const trigger = await active({ filters: { sender: 'example.com' } });
	const [sick] = arrive('Sick');
	poison([sick!.message_id]);
	for (let round = 0; round < 9; round++) {
		arriveMany(1, `Round ${round}`);
		await trigger.tick();
	}
	await trigger.ticks(3);
	expect(trigger.errors.map(({ message }) => message)).toEqual([]);
	expect(trigger.items.filter(({ message_id }) => message_id === sick!.message_id)).toEqual([
		expect.objectContaining({ error: expect.any(String) }),
	]);
});

it.each(['pending', 'unread'])('a state of which %s is spoilt is none', async (list) => {
	const trigger = await active();
	const state = JSON.parse(trigger.state) as {
		'node:Feishu Mail Trigger': { newMail: Record<string, unknown> };
	};
	state['node:Feishu Mail Trigger'].newMail[list] = [null, 5];
	trigger.state = JSON.stringify(state);
	await trigger.restart();
	await trigger.tick();
	arrive('New');
	await trigger.tick();
	expect(trigger.errors).toEqual([]);
	expect(trigger.subjects).toEqual(['New']);
});

describe('where n8n makes the context of each poll anew', () => {
	it('what passes is quiet through three polls, as elsewhere', async () => {
		const trigger = await active();
		sandbox.fail({ api: LIST, on: () => true, with: { kind: 'html' } });
		for (let poll = 0; poll < 3; poll++) await trigger.activate('update');
		await expect(trigger.activate('update')).rejects.toThrow();
	});
});

describe('what is about no mail keeps all of them, with their files, until it is mended:', () => {
	const withFile = async () => {
		const trigger = await active({ options: { downloadAttachments: true } });
		receive({ subject: 'New', attachments: [{ filename: 'a.txt', content: Buffer.from('a') }] });
		return trigger;
	};
	const delivered = (trigger: Published) =>
		trigger.executions
			.flat()
			.map(({ json, binary }) => [json.subject, json.error, Object.keys(binary ?? {})]);

	it.each([99991672, 99991662, 99991403])('code %d', async (code) => {
		const trigger = await withFile();
		sandbox.fail({ api: LINKS, on: () => true, with: { status: 400, code, msg: 'no' } });
		await trigger.tick();
		expect([trigger.errors.length, delivered(trigger)]).toEqual([1, []]);
		sandbox.clearFaults();
		await trigger.tick();
		expect(delivered(trigger)).toEqual([['New', undefined, ['attachment_0']]]);
	});

	it('a disk that is full', async () => {
		const trigger = await withFile();
		const store = jest.spyOn(BinaryDataService.prototype, 'store').mockRejectedValue(new Error('ENOSPC'));
		await trigger.ticks(5);
		expect([trigger.errors.length > 0, delivered(trigger)]).toEqual([true, []]);
		store.mockRestore();
		await trigger.tick();
		expect(delivered(trigger)).toEqual([['New', undefined, ['attachment_0']]]);
	});

	it('a prefix that is none', async () => {
		const trigger = published({
			parameters: { options: { downloadAttachments: true, attachmentsPrefix: '={{ { a: 1 } }}' } },
		});
		await expect(trigger.activate()).rejects.toThrow('Attachments Prefix');
	});
});
