import { captureLog, logged } from './capturedLog';

import type { INodeParameters } from 'n8n-workflow';

import type { ApiName, Fault } from '../sandbox';
import { keepFilesIn } from './engine';
import type { Publishing } from './published';
import {
	active,
	arrive,
	arriveMany,
	breakDown,
	callsOf,
	FILE,
	GET,
	lastRead,
	LINKS,
	LIST,
	published,
	receive,
} from './watching';
import { appWithout, connected, engine, locate, sandbox, time } from './stage';
import { until } from './until';

beforeAll(async () => await keepFilesIn('memory'));
beforeEach(() => captureLog());

const messages = ({ errors }: { errors: Error[] }) => errors.map(({ message }) => message);

const descriptionOf = (error: unknown) => String((error as { description?: unknown }).description);

const userWithout = async (word: string) =>
	await connected({ scopes: [...sandbox.app.userScopes].filter((scope) => !scope.includes(word)) });

describe('a mistake is told when the workflow is published, and in the editor:', () => {
	it.each<[string, () => Promise<Publishing> | Publishing, string]>([
		[
			'an app without the permission',
			async () => ({ credential: await appWithout('message:readonly') }),
			"The app lacks a permission that this operation needs: add mail:user_mailbox.message:readonly under 'Permissions & Scopes'",
		],
		[
			'a user without the permission',
			async () => ({
				credential: await userWithout('message:readonly'),
				parameters: { userMailboxId: 'me' },
			}),
			"The user has not granted a permission that this operation needs: see that 'Scopes' of the credential holds mail:user_mailbox.message:readonly",
		],
		[
			'a mailbox that there is not',
			() => ({ parameters: { userMailboxId: 'nobody@example.com' } }),
			"Feishu finds no active mailbox with this address: check 'Mailbox'",
		],
		[
			'a mailbox without the data permission',
			() => {
				sandbox.app.dataPermission = new Set();
				return {};
			},
			'the data permission for the mails of this mailbox',
		],
		[
			'a public mailbox of which the user is no member',
			async () => {
				sandbox.tenant.addMailbox('team@example.com');
				return { credential: await connected(), parameters: { userMailboxId: 'team@example.com' } };
			},
			'the user must own the mailbox or be a member of it',
		],
		[
			'a folder that there is not, by its id',
			() => ({ parameters: { folderId: locate('id', '7012345678901234567') } }),
			"check 'Mailbox', and 'Folder' or 'Label'",
		],
		[
			'a folder that is none',
			() => ({ parameters: { folderId: locate('id', 'Projects') } }),
			"Feishu does not accept the folder: check 'Folder'",
		],
		[
			'a folder that there is not, by its path',
			() => ({ parameters: { folderId: locate('name', 'Projects/2026') } }),
			"'Folder': the mailbox has no folder 'Projects/2026'",
		],
		[
			'a label that there is not, by its name',
			() => ({ parameters: { source: 'label', labelId: locate('name', 'VIP') } }),
			"'Label': the mailbox has no label 'VIP'",
		],
		[
			'a label that there is not, by its id',
			() => ({ parameters: { source: 'label', labelId: locate('id', '800') } }),
			"check 'Mailbox', and 'Folder' or 'Label'",
		],
		[
			'a wrong secret',
			async () => ({ credential: await engine.addCredential({ appSecret: 'another' }) }),
			'Feishu does not accept this App ID and App Secret',
		],
	])('%s', async (_, prepare, message) => {
		const trigger = published({ ...(await prepare()) });
		await expect(trigger.activate()).rejects.toThrow(message);
		expect(trigger.isActive).toBe(false);
		expect(trigger.memory).not.toContain('newMail');
		await expect(trigger.test()).rejects.toThrow(message);
	});

	it.each<[string, INodeParameters, string]>([
		['the own mailbox of an app', { userMailboxId: 'me' }, "'Mailbox' cannot be 'me': an app has no mailbox"],
		['no mailbox', { userMailboxId: '' }, "'Mailbox' is empty"],
		['what is no address', { userMailboxId: 'Anna' }, "'Mailbox' must be the address of a mailbox"],
		['the folder of drafts', { folderId: locate('list', 'DRAFT') }, "'Folder': no mails come into DRAFT"],
		[
			'the folder of what is sent later',
			{ folderId: locate('id', 'scheduled') },
			'no mails come into SCHEDULED',
		],
		['no label', { source: 'label', labelId: locate('list', '') }, "'Label' is empty"],
		['no number as limit', { options: { limit: 0 } }, "'Limit' must be a whole number above 0"],
		['an output that there is not', { output: '={{ "raw" }}' }, "'Output'"],
		['a read status that there is not', { filters: { readStatus: '={{ "read" }}' } }, "'Read Status'"],
		['a switch that is neither', { options: { markAsRead: '={{ "maybe" }}' } }, "'Mark as Read'"],
		['a switch that gives nothing', { options: { includeMoved: '={{ null }}' } }, "'Include Moved Mails'"],
	])('%s, without a request', async (_, parameters, message) => {
		const trigger = published({ parameters });
		await expect(trigger.activate()).rejects.toThrow(message);
		await expect(trigger.test()).rejects.toThrow(message);
		expect(sandbox.requests).toEqual([]);
	});
});

it('a mistake of later is thrown at once, and the trigger goes on when it is mended', async () => {
	const trigger = await active();
	const before = trigger.memory;
	sandbox.app.dataPermission = new Set();
	arrive('New');
	await trigger.ticks(2);
	expect(messages(trigger)).toEqual(Array(2).fill(expect.stringContaining('the data permission')));
	expect(trigger.memory).toBe(before);
	sandbox.app.dataPermission = 'all';
	await trigger.tick();
	expect(trigger.subjects).toEqual(['New']);
});

/** What may pass by itself. */
const passing: Array<[string, Fault]> = [
	['a reset', { kind: 'reset', when: 'before' }],
	['HTTP 500', { status: 500, code: 1230003, msg: 'internal error' }],
	['HTTP 502 and HTML', { kind: 'html' }],
	['a quota', { code: 99991400 }],
	['HTTP 429 of a proxy', { kind: 'html', status: 429 }],
	['a cut-off answer', { kind: 'truncated' }],
	['an answer without a list', { code: 0, data: { items: 'x' } }],
	['a list that has changed', { status: 400, code: 1234037, msg: 'page token outdated' }],
];

describe.each(passing)('%s', (_, fault) => {
	it('three times is told to the log only; the fourth poll says what to do, and nothing is lost', async () => {
		const trigger = await active();
		const before = trigger.memory;
		breakDown(LIST, fault);
		arrive('One');
		await trigger.ticks(3);
		expect(messages(trigger)).toEqual([]);
		const lines = logged.filter((line) => line.includes('a poll has failed, the next one tries again'));
		expect(lines).toHaveLength(3);
		await trigger.ticks(2);
		expect(trigger.errors).toHaveLength(2);
		expect(descriptionOf(trigger.errors[0])).toContain(
			'4 polls in a row have failed. The trigger goes on trying, and delivers what came in meanwhile as soon as it succeeds.',
		);
		for (const { message } of trigger.errors) {
			expect(message).not.toBe('');
			// The trigger has no such field.
			expect(message).not.toContain('Max Wait');
		}
		expect(trigger.memory).toBe(before);
		sandbox.clearFaults();
		arrive('Two');
		await trigger.tick();
		expect(trigger.subjects).toEqual(['One', 'Two']);
		expect(trigger.errors).toHaveLength(2);
	});

	it('that passes is forgotten', async () => {
		const trigger = await active();
		for (let round = 0; round < 3; round++) {
			breakDown(LIST, fault);
			await trigger.ticks(3);
			sandbox.clearFaults();
			await trigger.tick();
		}
		expect(messages(trigger)).toEqual([]);
	});

	it.each(['init', 'leadershipChange'] as const)(
		'when n8n starts or takes the lead keeps the workflow active, and the next poll goes on (%s)',
		async (activation) => {
			const trigger = await active();
			arrive('Down');
			breakDown(LIST, fault);
			await trigger.activate(activation);
			expect(trigger.isActive).toBe(true);
			expect(logged.filter((line) => line.includes('the first poll has failed'))).toHaveLength(1);
			sandbox.clearFaults();
			arrive('Up');
			await trigger.tick();
			expect(trigger.subjects).toEqual(['Down', 'Up']);
			expect(messages(trigger)).toEqual([]);
		},
	);

	it.each(['activate', 'update'] as const)('when somebody publishes it is told (%s)', async (activation) => {
		const trigger = published();
		breakDown(LIST, fault);
		await expect(trigger.activate(activation)).rejects.toThrow();
		expect(trigger.memory).not.toContain('newMail');
	});
});

it('a workflow whose first polls all failed begins with the first that succeeds', async () => {
	const trigger = published();
	breakDown(LIST, { kind: 'html' });
	await trigger.restart();
	await trigger.tick();
	sandbox.clearFaults();
	arrive('Unknown');
	await trigger.tick();
	time.pass(1000);
	arrive('New');
	await trigger.tick();
	expect(trigger.subjects).toEqual(['New']);
});

describe('quota', () => {
	it('is waited for, where it opens in time', async () => {
		const trigger = await active();
		const subjects = arriveMany(30);
		sandbox.setQuota(LIST, { limit: 1, window: 10 });
		sandbox.setQuota(GET, { limit: 2, window: 3 });
		await trigger.tick();
		expect(time.waits.length).toBeGreaterThan(1);
		expect(trigger.subjects).toEqual(subjects);
		expect(messages(trigger)).toEqual([]);
	});

	it('is not waited for beyond the time of a poll, and what was read till then is delivered', async () => {
		const trigger = await active();
		const subjects = arriveMany(15);
		sandbox.setQuota(GET, { limit: 1, window: 20 });
		const from = Date.now();
		await trigger.tick();
		expect(Date.now() - from).toBeLessThan(60_000);
		expect(trigger.subjects).toEqual(subjects.slice(0, trigger.subjects.length));
		expect(trigger.subjects.length).toBeGreaterThan(0);
		await trigger.ticks(5);
		expect(trigger.subjects).toEqual(subjects);
		expect(messages(trigger)).toEqual([]);
	});

	it('of which nothing is left ends a poll before the next one begins', async () => {
		const trigger = await active();
		breakDown(LIST, { code: 99991400, headers: { 'x-ogw-ratelimit-reset': '7' } });
		const from = Date.now();
		await trigger.tick();
		expect(Date.now() - from).toBeGreaterThan(30_000);
		expect(Date.now() - from).toBeLessThan(60_000);
	});
});

it('says what to do in the message, which is all that n8n shows of what keeps a workflow from being published', async () => {
	const trigger = published({ parameters: { userMailboxId: 'me' } });
	await expect(trigger.activate()).rejects.toThrow(
		"'Mailbox' cannot be 'me': an app has no mailbox of its own. Enter the address of the mailbox, for example anna@example.com.",
	);
});

describe('a poll that hangs', () => {
	it('keeps the next one from beginning', async () => {
		const trigger = await active({ options: { timeout: 0.4 } });
		arrive('New');
		sandbox.fail({ api: LIST, with: { kind: 'hang' } });
		const from = sandbox.requests.length;
		const hanging = trigger.tick();
		await until(() => sandbox.requests.length > from);
		await trigger.tick();
		expect(sandbox.requests.length).toBe(from + 1);
		expect(trigger.executions).toEqual([]);
		await hanging;
		expect(trigger.subjects).toEqual(['New']);
		await trigger.tick();
		expect(trigger.executions).toHaveLength(1);
	});

	it('for ten minutes keeps the next ones from beginning no longer', async () => {
		const trigger = await active({ options: { timeout: 0.8 } });
		arrive('New');
		sandbox.fail({ api: LIST, on: [1, 3, 4], with: { kind: 'hang' } });
		const from = sandbox.requests.length;
		const hanging = trigger.tick();
		await until(() => sandbox.requests.length > from);
		time.pass(9 * 60_000);
		await trigger.tick();
		expect(trigger.executions).toEqual([]);
		time.pass(60_000);
		await trigger.tick();
		expect(trigger.errors.map(({ message }) => message)).toEqual(['A poll has not ended in 10 minutes']);
		await trigger.tick();
		expect(trigger.subjects).toEqual(['New']);
		await hanging;
		await trigger.tick();
		expect(trigger.subjects).toEqual(['New']);
	});

	it('keeps another trigger of the workflow from nothing', async () => {
		const one = await active({ options: { timeout: 0.4 } });
		const other = await active({}, { beside: one, settings: { name: 'Other' } });
		arrive('New');
		sandbox.fail({ api: LIST, with: { kind: 'hang' } });
		const from = sandbox.requests.length;
		const hanging = one.tick();
		await until(() => sandbox.requests.length > from);
		await other.tick();
		expect(other.subjects).toContain('New');
		await hanging;
	});
});

describe('a fault in the middle of a poll', () => {
	const hasTexts = () => lastRead().format !== 'metadata';

	it.each<[string, ApiName, (n: number) => boolean]>([
		['between the list and the mails', GET, () => !hasTexts()],
		['between two pages', LIST, (n) => n > 1],
		['at the mails of the second page', GET, (n) => n > 1 && !hasTexts()],
		['in the texts', GET, hasTexts],
		['in the links to attachments', LINKS, () => true],
		['in the download of attachments', FILE, () => true],
	])('%s loses nothing, and nothing comes twice', async (_, api, on) => {
		const trigger = await active({ options: { downloadAttachments: true, limit: 100 } });
		const before = trigger.memory;
		const subjects = Array.from({ length: 25 }, (__, number) => `New ${number}`);
		for (const subject of subjects) {
			receive({ subject, attachments: [{ filename: 'a.txt', content: Buffer.from(subject) }] });
		}
		sandbox.fail({ api, on, with: { status: 500, code: 1230003, msg: 'internal error' } });
		await trigger.tick();
		expect(trigger.executions).toEqual([]);
		expect(trigger.memory).toBe(before);
		sandbox.clearFaults();
		subjects.push(...arriveMany(2, 'Later'));
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(subjects);
		expect(trigger.items.filter(({ error }) => error !== undefined)).toEqual([]);
	});

	it.each([3, 7])(
		'what was read before number %d of the texts is delivered, the rest follows',
		async (nth) => {
			const trigger = await active();
			const subjects = arriveMany(40);
			let texts = 0;
			const on = () => hasTexts() && ++texts >= nth;
			sandbox.fail({ api: GET, on, with: { kind: 'html' } });
			await trigger.tick();
			expect(trigger.subjects).toEqual(subjects.slice(0, 5 * (nth - 1)));
			await trigger.restart();
			sandbox.clearFaults();
			await trigger.ticks(2);
			expect(trigger.subjects).toEqual(subjects);
			expect(messages(trigger)).toEqual([]);
		},
	);
});

describe('one mail that Feishu cannot give', () => {
	const poison = (id: string, isSick: () => boolean = () => true) => {
		const on = () => lastRead().message_ids.includes(id) && isSick();
		sandbox.fail({ api: GET, on, with: { status: 500, code: 1230004, msg: 'internal error' } });
	};

	it.each<[string, INodeParameters, (() => boolean) | undefined]>([
		['at all', {}, undefined],
		['at all, one at a time', { limit: 1 }, undefined],
		['with its text', {}, () => lastRead().format !== 'metadata'],
		['with its text, one at a time', { limit: 1 }, () => lastRead().format !== 'metadata'],
	])('%s keeps no other back, and comes in the end with what is known of it', async (_, options, isSick) => {
		const trigger = await active({ options });
		const [, sick] = arrive('Before', 'Sick', 'After');
		poison(sick!.message_id, isSick);
		await trigger.ticks(3);
		expect(trigger.subjects).toEqual(['Before', 'After']);
		for (let round = 0; round < 12; round++) {
			const [subject] = arriveMany(1, `Round ${round}`);
			await trigger.ticks(2);
			expect(trigger.subjects).toContain(subject);
		}
		const sicks = trigger.items.filter(({ message_id }) => message_id === sick!.message_id);
		expect(sicks).toEqual([
			expect.objectContaining({
				error: 'Feishu could not process the request because of an internal fault: run it again later',
			}),
		]);
		expect(trigger.items).toHaveLength(15);
	});

	it('that can be given later comes as it is', async () => {
		const trigger = await active();
		const [sick] = arrive('Sick', 'After');
		poison(sick!.message_id);
		await trigger.tick();
		sandbox.clearFaults();
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['After', 'Sick']);
		expect(trigger.items[1]).not.toHaveProperty('error');
	});

	it.each([50, 1])(
		'whose file cannot be had keeps no other back, and comes in the end (limit %d)',
		async (limit) => {
			const trigger = await active({ options: { downloadAttachments: true, limit } });
			receive({ subject: 'Sick', attachments: [{ filename: 'a.pdf', content: Buffer.from('a') }] });
			breakDown(FILE, { kind: 'html', status: 403 });
			for (let round = 0; round < 12; round++) {
				const [subject] = arriveMany(1, `Round ${round}`);
				await trigger.ticks(2);
				expect(trigger.subjects).toContain(subject);
			}
			expect(trigger.items.filter(({ subject }) => subject === 'Sick')).toEqual([
				expect.objectContaining({
					error: "The attachment 'a.pdf' could not be downloaded: run it again later",
				}),
			]);
		},
	);
});

describe.each(['refuse', 'leaveOut'] as const)('a mail that is deleted (unknown ids: %s)', (unknownIds) => {
	beforeEach(() => {
		sandbox.mailChoices.unknownIds = unknownIds;
	});

	it('between list and read is left out, without a word', async () => {
		const trigger = await active();
		const [, gone] = arrive('One', 'Gone', 'Two');
		sandbox.before(GET, () => sandbox.mailbox.remove(gone!));
		await trigger.ticks(4);
		expect(trigger.subjects).toEqual(['One', 'Two']);
		expect(messages(trigger)).toEqual([]);
	});

	it('before its text is read is left out, without a word', async () => {
		const trigger = await active();
		const [, gone] = arrive('One', 'Gone', 'Two');
		sandbox.before(GET, () => sandbox.mailbox.remove(gone!), { on: 2 });
		await trigger.ticks(4);
		expect(trigger.subjects).toEqual(['One', 'Two']);
		expect(messages(trigger)).toEqual([]);
	});

	it('before its text is read is not asked for any more', async () => {
		const trigger = await active();
		const [gone] = arrive('Gone');
		sandbox.before(GET, () => sandbox.mailbox.remove(gone!), { on: 2 });
		// What Feishu leaves out without a word may be there later.
		await trigger.ticks(unknownIds === 'refuse' ? 1 : 11);
		expect(await callsOf(async () => await trigger.tick())).toEqual({ [LIST]: 1 });
	});

	it('as the only one starts nothing', async () => {
		const trigger = await active();
		const [gone] = arrive('Gone');
		sandbox.before(GET, () => sandbox.mailbox.remove(gone!));
		await trigger.ticks(4);
		expect(trigger.executions).toEqual([]);
		expect(messages(trigger)).toEqual([]);
	});
});
