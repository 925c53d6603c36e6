import { captureLog, logged } from './capturedLog';

import type { INodeParameters } from 'n8n-workflow';

import { envelopeOf, type EventAddress, type NewMessage } from '../sandbox';
import { active, receive, started, steered } from './instantStage';
import { locate, sandbox } from './stage';
import { addFolder, addLabel, callsOf, GET, LIST, reads } from './watching';

const MINUTE = 60_000;

beforeEach(() => captureLog());

/** The app is told of a mail. */
const announce = (event: { mail_address?: string; message_id?: string }) =>
	sandbox.events.push(envelopeOf(sandbox.app, sandbox.clock.now(), { mailbox_type: 1, ...event }));

const settled = async () => await steered.pass(3000);

describe('the address of an event', () => {
	it.each<EventAddress>(['own', 'upperCase', 'alias', 'absent'])('may be %s', async (mailAddress) => {
		sandbox.mailbox.aliases.push('alias@example.com');
		sandbox.events.mailAddress = mailAddress;
		const listening = await active();
		const lists = sandbox.requestsTo(LIST).length;
		receive({ subject: 'One' });
		await started(listening, 'One');
		receive({ subject: 'Two' });
		await started(listening, 'One', 'Two');
		expect(sandbox.requestsTo(LIST)).toHaveLength(lists);
	});

	it('of another mailbox is looked at until it is known, and never again', async () => {
		const other = sandbox.tenant.addMailbox('other@example.com');
		const listening = await active();
		const tell = (mail_address: string) => async () => {
			announce({ mail_address, message_id: other.receive().message_id });
			await settled();
		};
		expect(await callsOf(tell(other.address))).toEqual({ [GET]: 2 });
		for (const address of [other.address, other.address.toUpperCase()]) {
			expect(await callsOf(tell(address))).toEqual({});
		}
		expect(listening.executions).toEqual([]);
		expect(listening.errors).toEqual([]);
		receive({ subject: 'Mine' });
		await started(listening, 'Mine');
	});

	it('of a mail that was found before it was announced is known', async () => {
		const listening = await active();
		sandbox.events.hold();
		receive({ subject: 'Found' });
		await steered.pass(15 * MINUTE);
		await started(listening, 'Found');
		sandbox.events.release();
		await settled();
		sandbox.mailbox.remove(receive({ subject: 'Gone' }));
		await settled();
		receive({ subject: 'New' });
		await started(listening, 'Found', 'New');
	});

	it('that is not told says nothing of the next mail, also after one that is gone', async () => {
		sandbox.events.mailAddress = 'absent';
		const listening = await active();
		sandbox.mailbox.remove(receive({ subject: 'Gone' }));
		await settled();
		receive({ subject: 'New' });
		await started(listening, 'New');
	});

	it('that was taken for that of another mailbox is known from the next check on', async () => {
		const listening = await active();
		sandbox.mailbox.remove(receive({ subject: 'Gone' }));
		await settled();
		receive({ subject: 'One' });
		await settled();
		expect(listening.executions).toEqual([]);
		await steered.pass(15 * MINUTE);
		await started(listening, 'One');
		receive({ subject: 'Two' });
		await started(listening, 'One', 'Two');
		expect(logged.join('\n')).not.toContain('has not announced');
	});
});

describe('an event', () => {
	it('that does not say which mail it is about has all looked through', async () => {
		const listening = await active();
		sandbox.events.lose(1);
		receive({ subject: 'New' });
		sandbox.events.odd('noMessageId');
		await started(listening, 'New');
	});

	it('whose mail has no name has all looked through', async () => {
		const listening = await active();
		sandbox.events.lose(1);
		receive({ subject: 'New' });
		announce({ mail_address: 'user@example.com', message_id: '' });
		await started(listening, 'New');
	});

	it('that cannot be read has all looked through', async () => {
		const listening = await active();
		sandbox.events.lose(1);
		receive({ subject: 'New' });
		sandbox.events.odd('unreadable');
		await started(listening, 'New');
	});

	it('of another kind is answered and left alone', async () => {
		await active();
		expect(
			await callsOf(async () => {
				const delivery = sandbox.events.odd('otherEvent');
				await settled();
				expect(delivery?.outcome).toBe('answered');
			}),
		).toEqual({});
	});

	it('that comes with others starts the oldest mail first', async () => {
		const listening = await active();
		sandbox.events.hold();
		for (const subject of ['One', 'Two', 'Three']) {
			receive({ subject });
			await steered.pass(10);
		}
		sandbox.events.release();
		await started(listening, 'One', 'Two', 'Three');
		expect(listening.subjects).toEqual(['One', 'Two', 'Three']);
	});

	it('that comes several times starts one execution', async () => {
		const listening = await active();
		sandbox.events.repeat(3);
		const { message_id } = receive({ subject: 'New' });
		await started(listening, 'New');
		announce({ mail_address: 'user@example.com', message_id });
		await steered.pass(16 * MINUTE);
		await started(listening, 'New');
		expect(listening.refused).toBe(0);
	});

	it.each(['refuse', 'leaveOut'] as const)(
		'of a mail that is not there yet has it looked for again after 2 seconds (unknown ids: %s)',
		async (unknownIds) => {
			sandbox.mailChoices.unknownIds = unknownIds;
			const listening = await active();
			const mail = receive({ subject: 'New' });
			sandbox.mailbox.remove(mail);
			await steered.pass(1500);
			expect(reads()).toHaveLength(1);
			sandbox.mailbox.messages.push(mail);
			await steered.pass(1000);
			await started(listening, 'New');
		},
	);

	it.each(['refuse', 'leaveOut'] as const)(
		'of a mail that never comes is forgotten (unknown ids: %s)',
		async (unknownIds) => {
			sandbox.mailChoices.unknownIds = unknownIds;
			const listening = await active();
			receive({ subject: 'Known' });
			await started(listening, 'Known');
			const before = reads().length;
			const { message_id } = receive({ subject: 'Gone' });
			sandbox.mailbox.messages.pop();
			await steered.pass(10 * MINUTE);
			const ids = reads()
				.slice(before)
				.map(({ message_ids }) => message_ids);
			expect(ids).toEqual([[message_id], [message_id]]);
			expect(listening.errors).toEqual([]);
			receive({ subject: 'New' });
			await started(listening, 'Known', 'New');
		},
	);

	it('of a mail that comes much later has all looked through once more', async () => {
		const listening = await active();
		receive({ subject: 'Known' });
		await started(listening, 'Known');
		const mail = receive({ subject: 'Slow' });
		sandbox.mailbox.remove(mail);
		await settled();
		sandbox.mailbox.messages.push(mail);
		await steered.pass(MINUTE);
		await started(listening, 'Known', 'Slow');
	});

	it('of a mail that is not there does not keep the others back', async () => {
		const listening = await active();
		const subjects = Array.from({ length: 25 }, (_, number) => `New ${number}`);
		sandbox.events.hold();
		for (const subject of subjects) receive({ subject });
		const gone = receive({ subject: 'Gone' });
		sandbox.mailbox.remove(gone);
		sandbox.events.release({ reversed: true });
		await started(listening, ...subjects);
	});
});

describe('what is not wanted', () => {
	it.each<[string, INodeParameters, NewMessage, NewMessage]>([
		['in another folder', {}, { folder_id: '700' }, {}],
		['in the inbox', { folderId: locate('id', '700') }, {}, { folder_id: '700' }],
		['in the spam', {}, { folder_id: 'SPAM' }, {}],
		['sent', {}, { folder_id: 'SENT' }, {}],
		[
			'being written',
			{ folderId: locate('id', '700') },
			{ folder_id: '700', message_state: 3 },
			{ folder_id: '700' },
		],
		[
			'without the label',
			{ source: 'label', labelId: locate('name', 'VIP') },
			{},
			{ label_ids: ['800', 'UNREAD'] },
		],
		['read', { filters: { readStatus: 'unread' } }, { label_ids: [] }, {}],
		[
			'of another sender',
			{ filters: { sender: 'ann@' } },
			{ head_from: { mail_address: 'bob@x.example' } },
			{},
		],
		['of another subject', { filters: { subject: 'here' } }, { subject: 'Elsewhen' }, { subject: 'Here' }],
		[
			'without attachments',
			{ filters: { hasAttachments: true } },
			{},
			{ attachments: [{ filename: 'a', content: Buffer.from('a') }] },
		],
		['without one of the labels', { filters: { labelIds: ['VIP'] } }, {}, { label_ids: ['800'] }],
	])('starts nothing: %s', async (_, parameters, fitsNot, fits) => {
		addFolder('Projects', '700');
		addLabel('VIP');
		sandbox.events.folders = 'all';
		const listening = await active(parameters);
		receive({ subject: 'Elsewhere', ...fitsNot });
		receive({ subject: 'Here', ...fits });
		await started(listening, 'Here');
		await steered.pass(16 * MINUTE);
		await started(listening, 'Here');
		expect(logged.join('\n')).not.toContain('has not announced');
	});
});

describe('a mail that is moved in', () => {
	it('later is new if it came since', async () => {
		addFolder('Projects', '700');
		const listening = await active({ folderId: locate('id', '700') });
		const mail = receive({ subject: 'Moved' });
		await settled();
		expect(listening.executions).toEqual([]);
		mail.folder_id = '700';
		await steered.pass(15 * MINUTE);
		await started(listening, 'Moved');
		expect(logged.join('\n')).not.toContain('has not announced');
	});

	it.each([
		[true, ['Old']],
		[false, []],
	])('and is older counts by Include Moved Mails: %s', async (includeMoved, subjects) => {
		addFolder('Projects', '700');
		const old = receive({ subject: 'Old' });
		await steered.pass(60 * MINUTE);
		const listening = await active({ folderId: locate('id', '700'), options: { includeMoved } });
		old.folder_id = '700';
		await steered.pass(16 * MINUTE);
		await started(listening, ...subjects);
		expect(logged.join('\n')).not.toContain('has not announced');
	});
});
