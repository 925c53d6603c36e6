import { captureLog, logged } from './capturedLog';

import type { IDataObject } from 'n8n-workflow';

import { keepFilesIn } from './engine';
import { active, arrive, arriveMany, callsOf, FILE, GET, LINKS, LIST, published, receive } from './watching';
import { appWithout, sandbox, time } from './stage';

beforeAll(async () => await keepFilesIn('memory'));
beforeEach(() => captureLog());

const MINUTE = 60_000;

const pdf = { filename: 'a.pdf', content: Buffer.from('a') };

describe('quotas as documented', () => {
	it('are kept by many mails with files, of which each comes with its file, a poll after the other', async () => {
		const trigger = await active({ options: { downloadAttachments: true, limit: 200 } });
		sandbox.setDocumentedQuotas();
		sandbox.setQuota(LINKS, { limit: 1, window: 8 });
		for (let number = 0; number < 80; number++) receive({ subject: `New ${number}`, attachments: [pdf] });
		const lengths: number[] = [];
		while (trigger.items.length < 80 && lengths.length < 30) {
			const from = Date.now();
			await trigger.tick();
			lengths.push(Date.now() - from);
			time.pass(MINUTE - lengths.at(-1)!);
		}
		expect(trigger.subjects).toEqual(Array.from({ length: 80 }, (_, number) => `New ${number}`));
		expect(trigger.items.filter(({ error }) => error !== undefined)).toEqual([]);
		expect(Math.max(...lengths)).toBeLessThan(MINUTE);
		expect(trigger.executions.length).toBeGreaterThan(10);
		expect(trigger.errors).toEqual([]);
	});

	it('are kept by hundreds of mails at once', async () => {
		const trigger = await active({ output: 'metadata', options: { limit: 1000 } });
		sandbox.setDocumentedQuotas();
		const subjects = arriveMany(500);
		await trigger.ticks(3);
		expect(trigger.subjects).toEqual(subjects);
	});
});

it('a slow Feishu: a poll ends in time, the rest follows, in order', async () => {
	const trigger = await active();
	const subjects = arriveMany(40);
	sandbox.before(GET, () => time.pass(10_000), { on: () => true });
	const from = Date.now();
	await trigger.tick();
	expect(Date.now() - from).toBeLessThan(MINUTE);
	expect(trigger.subjects.length).toBeLessThan(30);
	expect(trigger.subjects).toEqual(subjects.slice(0, trigger.subjects.length));
	await trigger.ticks(4);
	expect(trigger.subjects).toEqual(subjects);
});

it('slow files: a poll ends in time, the rest follows, in order', async () => {
	const trigger = await active({ options: { downloadAttachments: true } });
	const subjects = Array.from({ length: 5 }, (_, number) => `New ${number}`);
	for (const subject of subjects) receive({ subject, attachments: [pdf] });
	sandbox.before(FILE, () => time.pass(20_000), { on: () => true });
	await trigger.tick();
	expect(trigger.subjects).toEqual(subjects.slice(0, 3));
	await trigger.tick();
	expect(trigger.subjects).toEqual(subjects);
});

describe('what Feishu leaves out or has null of a mail', () => {
	/** The contents of the only new mail are changed in all answers. */
	const answerWith = (change: IDataObject) => {
		const { message_id, internal_date } = sandbox.mailbox.messages.at(-1)!;
		const mail = { message_id, internal_date: String(internal_date), subject: 'Odd', ...change };
		sandbox.fail({ api: GET, on: () => true, with: { code: 0, data: { messages: [mail] } } });
	};

	it.each<[string, IDataObject]>([
		['no sender', { head_from: null }],
		['a sender of nulls', { head_from: { mail_address: null, name: null } }],
		['no labels, files and subject', { label_ids: null, attachments: null, subject: null }],
		['files that are none', { attachments: [null, 1, 'x'] }],
	])('%s: it is compared as if it had none', async (_, change) => {
		for (const filters of [
			{ sender: 'ann' },
			{ subject: 'plan' },
			{ hasAttachments: true },
			{ labelIds: ['FLAGGED'] },
		]) {
			const trigger = await active({ filters }, { older: 1 });
			receive();
			answerWith({ head_from: { mail_address: 'x@y.example' }, to: [], attachments: [], ...change });
			await trigger.ticks(2);
			expect(trigger.errors.map(({ message }) => message)).toEqual([]);
			expect(trigger.executions).toEqual([]);
			sandbox.clearFaults();
		}
	});

	it('a date that is none: it comes once', async () => {
		const trigger = await active();
		receive();
		answerWith({ internal_date: 'yesterday' });
		await trigger.ticks(3);
		expect(trigger.subjects).toEqual(['Odd']);
	});
});

describe('a list', () => {
	const page = (ids: string[], page_token?: string) => ({
		code: 0,
		data: { items: ids, has_more: page_token !== undefined, page_token },
	});

	const newestFirst = () => sandbox.mailbox.messages.map(({ message_id }) => message_id).reverse();

	it('that leads in a circle ends, and the rest comes when it is whole again', async () => {
		const trigger = await active({}, { older: 60 });
		const subjects = arriveMany(45);
		const ids = newestFirst();
		sandbox.fail({ api: LIST, on: (n) => n % 2 === 1, with: page(ids.slice(0, 20), 'a') });
		sandbox.fail({ api: LIST, on: (n) => n % 2 === 0, with: page(ids.slice(20, 40), 'a') });
		expect(await callsOf(async () => await trigger.tick())).toMatchObject({ [LIST]: 2 });
		expect(trigger.subjects).toEqual(subjects.slice(5));
		sandbox.clearFaults();
		await trigger.tick();
		expect([...trigger.subjects].sort()).toEqual([...subjects].sort());
		expect(trigger.errors).toEqual([]);
	});

	it('that says that there is more, but not where: new mails come, and the rest when it is whole again', async () => {
		const trigger = await active({}, { older: 60 });
		const subjects = arriveMany(25);
		const fault = { code: 0, data: { items: newestFirst().slice(0, 20), has_more: true } };
		sandbox.fail({ api: LIST, on: () => true, with: fault });
		await trigger.tick();
		expect(trigger.subjects).toEqual(subjects.slice(5));
		sandbox.clearFaults();
		await trigger.tick();
		expect([...trigger.subjects].sort()).toEqual([...subjects].sort());
	});

	it('that holds the same mail twice: it comes once', async () => {
		const trigger = await active();
		arrive('It');
		const ids = newestFirst();
		sandbox.fail({ api: LIST, on: () => true, with: page([ids[0]!, ...ids]) });
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['It']);
	});

	it('that is empty for a moment: what was known is still known afterwards', async () => {
		const trigger = await active();
		arrive('It');
		await trigger.tick();
		sandbox.fail({ api: LIST, with: page([]) });
		await trigger.ticks(3);
		arrive('Next');
		await trigger.tick();
		expect(trigger.subjects).toEqual(['It', 'Next']);
	});
});

it('a draft that lies in the folder is no mail that comes in', async () => {
	const trigger = await active();
	receive({ subject: 'Draft', message_state: 3 });
	receive({ subject: 'Own copy', message_state: 2 });
	await trigger.ticks(2);
	expect(trigger.subjects).toEqual(['Own copy']);
});

it('thousands of mails leave a state that n8n can keep', async () => {
	const trigger = await active({ output: 'metadata', options: { limit: 1000 } });
	for (let round = 0; round < 3; round++) {
		arriveMany(700, `Round ${round}`);
		await trigger.ticks(2);
	}
	time.pass(70 * MINUTE);
	await trigger.restart();
	await trigger.ticks(2);
	expect(trigger.subjects).toHaveLength(2100);
	expect(new Set(trigger.subjects).size).toBe(2100);
	expect(trigger.state.length).toBeLessThan(50_000);
});

it('what Feishu hides of the mails is told to the log, once', async () => {
	const trigger = await active({}, { credential: await appWithout('body:read') });
	for (let round = 0; round < 3; round++) {
		arrive(`Mail ${round}`);
		await trigger.tick();
	}
	const lines = logged.filter((line) =>
		line.includes('Feishu leaves texts and attachments out of the mails'),
	);
	expect(lines).toEqual([
		expect.stringMatching(/Feishu Mail Trigger: .*mail:user_mailbox.message.body:read is missing/),
	]);
	expect(trigger.subjects).toHaveLength(3);
});

it('files that are not wanted cost nothing, and a test in the editor gets them if they are', async () => {
	receive({ attachments: [pdf] });
	const calls = await callsOf(async () => await published().test());
	expect(calls).not.toHaveProperty([LINKS]);
	const wanted = published({ parameters: { options: { downloadAttachments: true } } });
	expect(await callsOf(async () => await wanted.test())).toMatchObject({ [LINKS]: 1, [FILE]: 1 });
});
