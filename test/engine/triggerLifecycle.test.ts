import { captureLog, logged } from './capturedLog';

import type { INodeParameters } from 'n8n-workflow';

import type { NewMessage } from '../sandbox';
import type { Published, Publishing } from './published';
import {
	active,
	addFolder,
	addLabel,
	arrive,
	arriveMany,
	callsOf,
	GET,
	LIST,
	published,
	receive,
} from './watching';
import { connected, locate, sandbox, time } from './stage';

const MINUTE = 60_000;

beforeEach(() => captureLog());

/** What the log says about where the trigger begins, and why. */
const beginnings = () =>
	logged.flatMap(
		(line) => /Mails that come in from now on start the workflow: (.*?)\.(?=[^.]*$)/.exec(line)?.[1] ?? [],
	);

const NOTHING_KNOWN = 'n8n has nothing of an earlier poll, which it keeps by the name of the node';
const OTHER_SOURCE = 'another mailbox, folder, label or read status is chosen than before';

describe('when the workflow is published', () => {
	it('for the first time, what is there already starts nothing', async () => {
		const trigger = await active({}, { older: 45 });
		await trigger.ticks(3);
		expect(trigger.executions).toEqual([]);
		expect(beginnings()).toEqual([NOTHING_KNOWN]);
	});

	it('in an empty mailbox, the first mail starts it', async () => {
		const trigger = await active({}, { older: 0 });
		await trigger.tick();
		arrive('First');
		await trigger.tick();
		expect(trigger.subjects).toEqual(['First']);
	});

	it('again, it catches up at once', async () => {
		const trigger = await active();
		arrive('Before');
		await trigger.tick();
		trigger.deactivate();
		const subjects = arriveMany(25, 'Meanwhile');
		time.pass(60 * MINUTE);
		await trigger.activate();
		expect(trigger.subjects).toEqual(['Before', ...subjects]);
		await trigger.tick();
		expect(trigger.executions).toHaveLength(2);
		expect(beginnings()).toHaveLength(1);
	});

	it('again, it begins anew where Catch Up is off', async () => {
		const trigger = await active({ options: { catchUp: false } });
		arrive('Before');
		await trigger.tick();
		trigger.deactivate();
		arriveMany(25, 'Meanwhile');
		await trigger.activate();
		arrive('After');
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['Before', 'After']);
		expect(beginnings()).toEqual([NOTHING_KNOWN, "'Catch Up' is off"]);
	});

	it.each(['init', 'update', 'leadershipChange'] as const)(
		'Catch Up is not asked for by %s: n8n was down, or the node was changed',
		async (activation) => {
			const trigger = await active({ options: { catchUp: false } });
			arrive('Meanwhile');
			await trigger.activate(activation);
			expect(trigger.subjects).toEqual(['Meanwhile']);
		},
	);
});

describe('when n8n is killed and starts again', () => {
	it('what came in meanwhile starts the workflow at once', async () => {
		const trigger = await active();
		arriveMany(3);
		await trigger.tick();
		const subjects = arriveMany(30, 'Down');
		await trigger.restart();
		expect(trigger.subjects.slice(3)).toEqual(subjects);
	});

	it('what n8n has not stored is found again', async () => {
		const trigger = await active();
		const subjects = arriveMany(3);
		await trigger.tickInVain();
		await trigger.restart();
		await trigger.tick();
		expect(trigger.subjects).toEqual(subjects);
	});

	it('what was left out by filters stays out', async () => {
		const trigger = await active({ filters: { subject: 'plan' } });
		arrive('Other');
		await trigger.tick();
		arrive('Plan');
		await trigger.restart();
		await trigger.restart();
		expect(trigger.subjects).toEqual(['Plan']);
	});
});

describe('it begins anew, and the log says why,', () => {
	/** Mails come in, something is changed, and mails come in. */
	async function subjectsAround(trigger: Published, change: () => Promise<unknown>, fields: NewMessage = {}) {
		arrive('Before');
		await trigger.tick();
		for (let number = 0; number < 3; number++) receive({ subject: 'Unknown', ...fields });
		await change();
		receive({ subject: 'After', ...fields });
		await trigger.tick();
		return trigger.subjects;
	}

	it('where the node has another name', async () => {
		const trigger = await active();
		const rename = async () => await trigger.change({ settings: { name: 'Renamed' } });
		expect(await subjectsAround(trigger, rename)).toEqual(['Before', 'After']);
		expect(beginnings()).toEqual([NOTHING_KNOWN, NOTHING_KNOWN]);
		expect(logged.join('\n')).toContain('Renamed: Mails that come in from now on');
	});

	it.each([
		['is lost', '{}'],
		['is of another version', '{"node:Feishu Mail Trigger":{"newMail":{"v":2,"seen":{}}}}'],
		['is of another node', '{"node:Feishu Mail Trigger":{"lastTimeChecked":"2026-11-24T00:00:00Z"}}'],
		['is broken', '{"node:Feishu Mail Trigger":{"newMail":{"v":1,"seen":{"a":"b"}}}}'],
	])('where what n8n has kept %s', async (_, state) => {
		const trigger = await active();
		const lose = async () => {
			trigger.state = state;
			await trigger.restart();
		};
		expect(await subjectsAround(trigger, lose)).toEqual(['Before', 'After']);
		expect(beginnings()).toEqual([NOTHING_KNOWN, NOTHING_KNOWN]);
	});

	it.each<[string, INodeParameters, NewMessage]>([
		['folder', { folderId: locate('id', '700') }, { folder_id: '700' }],
		['label', { source: 'label', labelId: locate('id', 'FLAGGED') }, { label_ids: ['FLAGGED', 'UNREAD'] }],
		['read status', { filters: { readStatus: 'unread' } }, {}],
	])('where another %s is chosen', async (_, parameters, fields) => {
		addFolder('Projects', '700');
		const trigger = await active();
		const choose = async () => await trigger.change({ parameters });
		expect(await subjectsAround(trigger, choose, fields)).toEqual(['Before', 'After']);
		expect(beginnings()).toEqual([NOTHING_KNOWN, OTHER_SOURCE]);
	});

	it('where another mailbox is chosen', async () => {
		const other = sandbox.tenant.addMailbox('other@example.com');
		other.receive({ subject: 'Unknown' });
		const trigger = await active();
		arrive('Before');
		await trigger.tick();
		await trigger.change({ parameters: { userMailboxId: 'other@example.com' } });
		time.pass(1000);
		other.receive({ subject: 'After' });
		await trigger.tick();
		expect(trigger.subjects).toEqual(['Before', 'After']);
		expect(beginnings()).toEqual([NOTHING_KNOWN, OTHER_SOURCE]);
	});

	it('where another user has the own mailbox', async () => {
		const mailbox = sandbox.tenant.addMailbox('other@example.com');
		mailbox.receive({ subject: 'Unknown' });
		const user = sandbox.tenant.addUser({ mailbox });
		const trigger = await active({ userMailboxId: 'me' }, { credential: await connected() });
		await trigger.change({ credential: await connected({ user }) });
		time.pass(1000);
		mailbox.receive({ subject: 'After' });
		await trigger.tick();
		expect(trigger.subjects).toEqual(['After']);
		expect(beginnings()).toEqual([NOTHING_KNOWN, OTHER_SOURCE]);
	});
});

it.each<[string, Publishing]>([
	['the address in other letters', { parameters: { userMailboxId: ' USER@example.com ' } }],
	['the inbox by its id', { parameters: { folderId: locate('id', 'inbox') } }],
	['filters', { parameters: { filters: { subject: 'e' } } }],
	['the output', { parameters: { output: 'metadata' } }],
	['options', { parameters: { options: { limit: 3 } } }],
	['notes', { settings: { notes: 'Mine' } }],
])('it goes on where only %s changed', async (_, publishing) => {
	const trigger = await active();
	arrive('Before');
	await trigger.tick();
	arrive('Meanwhile');
	await trigger.change(publishing);
	expect(trigger.subjects).toEqual(['Before', 'Meanwhile']);
	expect(beginnings()).toHaveLength(1);
});

describe('a test in the editor', () => {
	it('gives the newest mail, and nothing is kept of it', async () => {
		const trigger = published();
		arriveMany(25);
		const items = await trigger.test();
		expect(items!.map(({ json }) => json.subject)).toEqual(['New 24']);
		expect(trigger.state).toBe('{}');
	});

	it.each(['simplified', 'full', 'metadata'])('gives what the workflow would get (%s)', async (output) => {
		const trigger = await active({ output });
		arrive('New');
		const tested = await trigger.test();
		await trigger.tick();
		expect(tested).toEqual(trigger.executions[0]);
	});

	it('gives the newest that passes the filters, of the newest 60', async () => {
		arriveMany(100);
		const trigger = published({ parameters: { filters: { subject: 'New 4' } } });
		expect((await trigger.test())![0]!.json.subject).toBe('New 49');
		const deeper = published({ parameters: { filters: { subject: 'New 39' } } });
		expect(await callsOf(async () => expect(await deeper.test()).toBeNull())).toMatchObject({
			[LIST]: 3,
			[GET]: 3,
		});
	});

	it('gives nothing of an empty mailbox', async () => {
		expect(await published().test()).toBeNull();
	});

	it('gives nothing of what is being written', async () => {
		arrive('Received');
		receive({ subject: 'Draft', message_state: 3 });
		expect((await published().test())![0]!.json.subject).toBe('Received');
	});

	it('of an unread one passes by what is read', async () => {
		arrive('Unread');
		receive({ subject: 'Read', label_ids: [] });
		const trigger = published({ parameters: { filters: { readStatus: 'unread' } } });
		expect((await trigger.test())![0]!.json.subject).toBe('Unread');
	});

	it('marks nothing as read', async () => {
		const [mail] = arrive('New');
		await published({ parameters: { options: { markAsRead: true } } }).test();
		expect([...mail!.label_ids]).toEqual(['UNREAD']);
	});

	it('of a folder and of a label takes the same way as the published workflow', async () => {
		addFolder('Projects', '700');
		const label = addLabel('VIP');
		receive({ subject: 'Filed', folder_id: '700' });
		receive({ subject: 'Labelled', label_ids: [label] });
		arrive('Inbox');
		const filed = published({ parameters: { folderId: locate('name', 'Projects') } });
		expect((await filed.test())![0]!.json.subject).toBe('Filed');
		const labelled = published({ parameters: { source: 'label', labelId: locate('name', 'VIP') } });
		expect((await labelled.test())![0]!.json.subject).toBe('Labelled');
	});
});

describe('an empty folder', () => {
	it.each([
		['ahead of', -10 * MINUTE],
		['behind', 10 * MINUTE],
	])("begins by Feishu's clock, where that of n8n is ten minutes %s it", async (_, difference) => {
		sandbox.clock.advance(difference);
		addFolder('Projects', '700');
		const trigger = await active({ folderId: locate('id', '700') }, { older: 0 });
		const old = receive({ subject: 'Old', internal_date: sandbox.clock.now() - 5 * MINUTE });
		old.folder_id = '700';
		receive({ subject: 'New', folder_id: '700' });
		await trigger.tick();
		expect(trigger.subjects).toEqual(['New']);
	});

	it('begins with all that comes where nothing tells the time', async () => {
		const fault = { code: 0, data: { items: [], has_more: false }, headers: { Date: 'now' } };
		sandbox.fail({ api: LIST, with: fault });
		const trigger = await active({}, { older: 0 });
		receive({ subject: 'New', internal_date: sandbox.clock.now() - 60 * MINUTE });
		await trigger.tick();
		expect(trigger.subjects).toEqual(['New']);
	});
});

it('a list that begins with the oldest is refused in words', async () => {
	sandbox.mailChoices.listOrder = 'oldestFirst';
	arriveMany(25);
	const trigger = published();
	await expect(trigger.activate()).rejects.toThrow(
		'Feishu lists these mails the oldest first, so that new ones cannot be found',
	);
	expect(trigger.memory).not.toContain('newMail');
});
