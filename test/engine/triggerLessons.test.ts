import type { INodeParameters } from 'n8n-workflow';

import type { NewMessage } from '../sandbox';
import { active, addFolder, arrive, arriveMany, breakDown, GET, LIST, published, receive } from './watching';
import { locate, sandbox, time } from './stage';

/**
 * What users of n8n's triggers for other mail services met, by the numbers of their reports in n8n-io/n8n. None of it
 * may happen here.
 */

const MINUTE = 60_000;

describe('Gmail Trigger: mails that arrive together, of which some never fired (#4272)', () => {
	it.each([2, 25, 70])('%d of the same moment all come, each once', async (count) => {
		const trigger = await active({ options: { limit: 100 } });
		const now = sandbox.clock.now();
		const subjects = Array.from({ length: count }, (_, number) => `Same ${number}`);
		for (const subject of subjects) sandbox.mailbox.receive({ subject, internal_date: now });
		await trigger.ticks(3);
		expect(trigger.subjects).toEqual(subjects);
	});

	it('of the same moment as one that was delivered come, too', async () => {
		const trigger = await active();
		const internal_date = sandbox.clock.now();
		for (const subject of ['One', 'Two', 'Three']) {
			sandbox.mailbox.receive({ subject, internal_date });
			await trigger.tick();
		}
		expect(trigger.subjects).toEqual(['One', 'Two', 'Three']);
	});

	it('of the same moment as the newest of before come, too', async () => {
		const newest = receive({ subject: 'Before' });
		const trigger = await active({}, { older: 0 });
		receive({ subject: 'After', internal_date: newest.internal_date });
		await trigger.tick();
		expect(trigger.subjects).toEqual(['After']);
	});

	it('of the same moment that were there before do not, however many', async () => {
		const internal_date = sandbox.clock.now();
		for (let number = 0; number < 50; number++) sandbox.mailbox.receive({ internal_date });
		const trigger = await active({}, { older: 0 });
		arrive('New');
		await trigger.tick();
		time.pass(70 * MINUTE);
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['New']);
	});

	it('that the list shows late, with an earlier date, come when they are shown', async () => {
		const trigger = await active();
		time.pass(MINUTE);
		const date = sandbox.clock.now();
		time.pass(MINUTE);
		arrive('First');
		await trigger.tick();
		receive({ subject: 'Late', internal_date: date });
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['First', 'Late']);
	});

	describe('a mail that is dated in the future keeps no other back', () => {
		const future = () => receive({ subject: 'Future', internal_date: Date.parse('2036-01-01T00:00:00Z') });

		it.each([1, 19])('where it was there before, %d of them', async (count) => {
			for (let number = 0; number < count; number++) future();
			const trigger = await active();
			const subjects = arriveMany(3);
			await trigger.ticks(2);
			expect(trigger.subjects).toEqual(subjects);
			time.pass(70 * MINUTE);
			await trigger.tick();
			expect(trigger.executions).toHaveLength(1);
		});

		it('where it comes in', async () => {
			const trigger = await active();
			future();
			await trigger.tick();
			const subjects = arriveMany(25);
			await trigger.ticks(2);
			expect(trigger.subjects).toEqual(['Future', ...subjects]);
		});

		it("where 'Include Moved Mails' is switched off", async () => {
			const trigger = await active({ options: { includeMoved: true } });
			future();
			await trigger.tick();
			await trigger.change({ parameters: { options: {} } });
			arrive('New');
			await trigger.tick();
			expect(trigger.subjects).toEqual(['Future', 'New']);
		});
	});

	it('that are shown late below many known ones come within an hour', async () => {
		const trigger = await active();
		const date = sandbox.clock.now();
		arriveMany(45);
		await trigger.ticks(2);
		receive({ subject: 'Late', internal_date: date + 1 });
		await trigger.ticks(3);
		expect(trigger.subjects).toHaveLength(45);
		time.pass(60 * MINUTE);
		await trigger.ticks(2);
		expect(trigger.subjects.slice(45)).toEqual(['Late']);
	});
});

describe('Gmail Trigger: the same mail fires every minute (#5510, #10470)', () => {
	it.each<[string, NewMessage]>([
		['as it is', {}],
		['of the future', { internal_date: Date.parse('2036-01-01T00:00:00Z') }],
		['of long ago', { internal_date: 1 }],
	])('%s: at most once in many polls', async (_, fields) => {
		const trigger = await active({}, { older: 0 });
		receive({ subject: 'It', ...fields });
		for (let poll = 0; poll < 130; poll++) {
			time.pass(MINUTE);
			await trigger.tick();
		}
		expect(trigger.subjects).toEqual(fields.internal_date === 1 ? [] : ['It']);
	});

	it('a mail whose date Feishu does not tell comes once', async () => {
		sandbox.mailChoices.listOrder = 'lastArrivedFirst';
		const trigger = await active();
		const mail = receive({ subject: 'Undated' });
		Object.assign(mail, { internal_date: '' });
		await trigger.ticks(3);
		arrive('Later');
		await trigger.ticks(3);
		await trigger.restart();
		expect([...trigger.subjects].sort()).toEqual(['Later', 'Undated']);
	});

	it('that is read, flagged, moved away and back again does not fire again', async () => {
		const trigger = await active();
		const [mail] = arrive('It');
		await trigger.tick();
		mail!.label_ids.delete('UNREAD');
		await trigger.tick();
		mail!.label_ids.add('FLAGGED').add('UNREAD');
		await trigger.tick();
		for (const folder of ['ARCHIVED', 'INBOX']) {
			mail!.folder_id = folder;
			await trigger.tick();
		}
		expect(trigger.subjects).toEqual(['It']);
	});

	it('two triggers of one workflow know each of their own mails, also after a restart', async () => {
		addFolder('Projects', '700');
		const inbox = await active();
		const folderId = locate('id', '700');
		const projects = await active({ folderId }, { beside: inbox, settings: { name: 'Projects' } });
		await inbox.tick();
		const known = inbox.executions.length;
		for (let round = 0; round < 3; round++) {
			arrive(`Inbox ${round}`);
			receive({ subject: `Project ${round}`, folder_id: '700' });
			await inbox.tick();
			await projects.tick();
			if (round === 1) {
				await inbox.restart();
				await projects.restart();
			}
		}
		expect(
			inbox.executions
				.slice(known)
				.flat()
				.map(({ json }) => json.subject),
		).toEqual([0, 1, 2].map((n) => `Inbox ${n}`));
		expect(projects.subjects).toEqual([0, 1, 2].map((number) => `Project ${number}`));
		expect(Object.keys(JSON.parse(inbox.state) as object)).toEqual([
			'node:Feishu Mail Trigger',
			'node:Projects',
		]);
	});
});

describe('Gmail Trigger: mails lost between polls, manual runs that spoil the state (PR #20794)', () => {
	it('a mail that arrives while a poll is under way comes with the next one', async () => {
		const trigger = await active();
		arrive('One');
		sandbox.before(GET, () => receive({ subject: 'Between' }));
		await trigger.tick();
		expect(trigger.subjects).toEqual(['One']);
		await trigger.tick();
		expect(trigger.subjects).toEqual(['One', 'Between']);
	});

	it.each(['stay', 'shift'] as const)('what arrives and goes between two pages (pages %s)', async (pages) => {
		sandbox.mailChoices.pages = pages;
		const trigger = await active({}, { older: 30 });
		const mails = arrive(...Array.from({ length: 45 }, (_, number) => `New ${number}`));
		sandbox.before(
			LIST,
			() => {
				arrive('Between');
				for (const mail of mails.slice(30, 34)) sandbox.mailbox.remove(mail);
			},
			{ on: 2 },
		);
		await trigger.ticks(4);
		const gone = new Set([30, 31, 32, 33].map((number) => `New ${number}`));
		const stayed = mails.map(({ subject }) => subject).filter((subject) => !gone.has(subject));
		const delivered = trigger.subjects.filter((subject) => !gone.has(String(subject)));
		expect([...delivered].sort()).toEqual([...stayed, 'Between'].sort());
	});

	it('what moves over the edge of a page while mails of that page are deleted comes with the next poll', async () => {
		sandbox.mailChoices.pages = 'shift';
		const trigger = await active({}, { older: 30 });
		const mails = arrive(...Array.from({ length: 45 }, (_, number) => `New ${number}`));
		const gone = mails.slice(10, 13);
		const remove = () => gone.forEach((mail) => sandbox.mailbox.remove(mail));
		sandbox.before(LIST, remove, { on: 3 });
		await trigger.tick();
		expect(trigger.subjects.length).toBeLessThan(42);
		await trigger.tick();
		const stayed = mails.filter((mail) => !gone.includes(mail)).map(({ subject }) => subject);
		expect([...trigger.subjects].sort()).toEqual(stayed.sort());
	});

	it('a test in the editor changes nothing of what the published workflow knows', async () => {
		const trigger = await active();
		arrive('One');
		const before = trigger.memory;
		expect((await trigger.test())![0]!.json.subject).toBe('One');
		expect(trigger.memory).toBe(before);
		await trigger.tick();
		await trigger.test();
		arrive('Two');
		await trigger.test();
		await trigger.tick();
		expect(trigger.subjects).toEqual(['One', 'Two']);
	});

	it('a workflow that was tested first delivers nothing of before', async () => {
		arrive('Old');
		const trigger = published();
		await trigger.test();
		await trigger.activate();
		await trigger.tick();
		expect(trigger.executions).toEqual([]);
	});
});

describe('Outlook Trigger: of two mails within a minute one is lost (#24970)', () => {
	it.each([0, 1, 999, 30_000])(
		'%d milliseconds between them, and a poll in between',
		async (milliseconds) => {
			const trigger = await active();
			receive({ subject: 'One' });
			await trigger.tick();
			time.pass(milliseconds);
			sandbox.mailbox.receive({ subject: 'Two' });
			await trigger.tick();
			expect(trigger.subjects).toEqual(['One', 'Two']);
		},
	);
});

describe('Outlook Trigger: unread mails lie for hours, and there is no error to see (#27061, #22300)', () => {
	it.each([
		['a permission that is withdrawn', () => sandbox.app.scopes.delete('mail:user_mailbox.message:readonly')],
		['a mailbox that is closed', () => (sandbox.mailbox.active = false)],
		['a stopped app', () => (sandbox.app.enabled = false)],
		['a Feishu that is down for hours', () => breakDown(LIST, { kind: 'html' })],
	])('%s is told again and again until it is mended', async (_, happens) => {
		const trigger = await active({ filters: { readStatus: 'unread' } });
		arrive('Unread');
		happens();
		for (let poll = 0; poll < 10; poll++) {
			time.pass(MINUTE);
			await trigger.tick();
		}
		expect(trigger.errors.length).toBeGreaterThanOrEqual(7);
		for (const { message } of trigger.errors) expect(message.length).toBeGreaterThan(20);
		sandbox.app.scopes.add('mail:user_mailbox.message:readonly');
		sandbox.mailbox.active = true;
		sandbox.app.enabled = true;
		sandbox.clearFaults();
		await trigger.tick();
		expect(trigger.subjects).toEqual(['Unread']);
	});
});

describe('Outlook Trigger: the folder filter works in the test, not in production (#26106, #28969)', () => {
	it.each<[string, INodeParameters]>([
		['by its path', { folderId: locate('name', 'Projects') }],
		['by its id', { folderId: locate('id', '700') }],
		['from the list', { folderId: locate('list', '700') }],
	])('a folder %s is the same in both', async (_, parameters) => {
		addFolder('Projects', '700');
		const trigger = await active(parameters);
		receive({ subject: 'Project', folder_id: '700' });
		arrive('Inbox');
		expect((await trigger.test())!.map(({ json }) => json.subject)).toEqual(['Project']);
		await trigger.tick();
		expect(trigger.subjects).toEqual(['Project']);
	});
});

describe('two registrations of one trigger at once (#35251, #31883)', () => {
	it('that poll at the same moment start the workflow once', async () => {
		const settings = { id: 'imported' };
		const one = await active({}, { settings });
		const other = await active({}, { beside: one, settings, older: 0 });
		for (let round = 0; round < 5; round++) {
			arriveMany(3, `Round ${round}`);
			await Promise.all([one.tick(), other.tick()]);
		}
		await one.tick();
		await other.tick();
		const subjects = [...one.subjects, ...other.subjects];
		expect(subjects).toHaveLength(15);
		expect(new Set(subjects).size).toBe(15);
	});
});
