import { captureLog, logged } from './capturedLog';

import type { ApiName, Fault } from '../sandbox';
import { active, instant, receive, started, steered } from './instantStage';
import { locate, sandbox } from './stage';
import { until } from './until';
import { addFolder, breakDown, GET, lastRead, LIST } from './watching';

const MINUTE = 60_000;

beforeEach(() => captureLog());

const descriptionOf = (error: unknown) => String((error as { description?: unknown }).description);

const quietLines = () =>
	logged.filter((line) => line.includes('a poll has failed, the next one tries again'));

/** What may pass by itself. */
const passing: Array<[string, Fault]> = [
	['HTTP 500', { status: 500, code: 1230003, msg: 'internal error' }],
	['HTTP 502 and HTML', { kind: 'html' }],
	['a reset', { kind: 'reset', when: 'before' }],
	['a cut-off answer', { kind: 'truncated' }],
];

describe.each(passing)('%s', (_, fault) => {
	it('three times is told to the log only; what lasts is told, and nothing is lost', async () => {
		const listening = await active();
		breakDown(LIST, fault);
		breakDown(GET, fault);
		receive({ subject: 'One' });
		while (quietLines().length < 3) await steered.pass(MINUTE / 2);
		expect(listening.errors).toEqual([]);
		while (listening.errors.length === 0) await steered.pass(MINUTE / 2);
		expect(descriptionOf(listening.errors[0])).toContain(
			'4 polls in a row have failed. The trigger goes on trying, and delivers what came in meanwhile as soon as it succeeds.',
		);
		expect(quietLines()).toHaveLength(3);
		sandbox.clearFaults();
		receive({ subject: 'Two' });
		await steered.pass(15 * MINUTE);
		await started(listening, 'One', 'Two');
		expect(listening.errors).toHaveLength(1);
	});
});

it('a check that fails is made again a minute later', async () => {
	const listening = await active();
	sandbox.events.lose(1);
	receive({ subject: 'New' });
	breakDown(LIST, { kind: 'html' });
	await until(() => quietLines().length > 0 || (steered.pass(MINUTE), false));
	sandbox.clearFaults();
	await steered.pass(MINUTE + 1000);
	await started(listening, 'New');
	expect(quietLines()).toHaveLength(1);
});

it('a folder that is made anew is found by its name once the old one fails', async () => {
	addFolder('Projects', '700');
	const listening = await active({ folderId: locate('name', 'Projects') });
	sandbox.mailbox.folders.pop();
	addFolder('Projects', '701');
	sandbox.events.folders = 'all';
	receive({ subject: 'New', folder_id: '701' });
	await steered.pass(31 * MINUTE);
	await until(() => listening.errors.length > 0 || listening.executions.length > 0);
	receive({ subject: 'Newer', folder_id: '701' });
	await until(() => listening.executions.length > 0);
	expect(listening.subjects).toContain('Newer');
});

it('an n8n that shows no failures of such triggers has them in its log', async () => {
	const listening = await active({}, { isOld: true });
	sandbox.app.userScopes.delete('mail:user_mailbox.message:readonly');
	receive({ subject: 'New' });
	await steered.pass(2 * MINUTE);
	expect(logged.join('\n')).toContain('mail:user_mailbox.message:readonly');
	sandbox.app.userScopes.add('mail:user_mailbox.message:readonly');
	await steered.pass(15 * MINUTE);
	await started(listening, 'New');
});

it('an announced mail that cannot be read for now comes a minute later', async () => {
	const listening = await active();
	const fault = sandbox.fail({ api: GET, on: (n) => n <= 6, with: { kind: 'html' } });
	receive({ subject: 'New' });
	await steered.pass(30_000);
	expect(fault.fired).toBe(6);
	expect(listening.executions).toEqual([]);
	await steered.pass(MINUTE);
	await started(listening, 'New');
	expect(listening.errors).toEqual([]);
});

it('failures that are not in a row are not told', async () => {
	const listening = await active();
	for (let round = 1; round <= 2; round++) {
		breakDown(LIST, { kind: 'html' });
		while (quietLines().length < 3 * round) await steered.pass(MINUTE / 2);
		sandbox.clearFaults();
		await steered.pass(2 * MINUTE);
	}
	expect(listening.errors).toEqual([]);
});

it('what somebody has to mend is told at once, and mails come when it is mended', async () => {
	const listening = await active();
	const scope = 'mail:user_mailbox.message:readonly';
	sandbox.app.userScopes.delete(scope);
	receive({ subject: 'New' });
	await steered.pass(2 * MINUTE);
	expect(listening.errors.map(({ message }) => message)).toEqual([expect.stringContaining(scope)]);
	sandbox.app.userScopes.add(scope);
	await steered.pass(15 * MINUTE);
	await started(listening, 'New');
	expect(listening.errors).toHaveLength(1);
});

it.each<[string, (() => boolean) | undefined]>([
	['at all', undefined],
	['with its text', () => lastRead().format !== 'metadata'],
])('a mail that Feishu cannot give %s keeps no other back, and comes in the end', async (_, isSick) => {
	const listening = await active();
	const { message_id } = receive({ subject: 'Sick' });
	const on = () => lastRead().message_ids.includes(message_id) && (isSick?.() ?? true);
	sandbox.fail({ api: GET, on, with: { status: 500, code: 1230004, msg: 'internal error' } });
	const subjects: string[] = [];
	for (let round = 0; round < 14; round++) {
		const subject = `Round ${round}`;
		receive({ subject });
		subjects.push(subject);
		await steered.pass(2 * MINUTE);
		expect(listening.subjects).toContain(subject);
	}
	await until(() => listening.items.some((item) => item.message_id === message_id));
	expect(listening.items).toHaveLength(15);
	expect(listening.items.find((item) => item.message_id === message_id)).toMatchObject({
		error: 'Feishu could not process the request because of an internal fault: run it again later',
	});
});

it('a mail that is read a minute later is not lost although others were announced meanwhile', async () => {
	const listening = await active();
	const { message_id } = receive({ subject: 'Sick' });
	const on = () => lastRead().message_ids.includes(message_id) && lastRead().format !== 'metadata';
	sandbox.fail({ api: GET, on, with: { kind: 'html' } });
	receive({ subject: 'Well' });
	await steered.pass(30_000);
	sandbox.clearFaults();
	await steered.pass(MINUTE);
	await started(listening, 'Sick', 'Well');
});

describe('a workflow that ends', () => {
	it.each<[string, ApiName, number]>([
		['while announced mails are looked at', GET, 1],
		['while their texts are read', GET, 2],
	])('%s emits nothing more, and delivers each mail once when it is active again', async (_, api, on) => {
		const listening = await active();
		let end: Promise<void> | undefined;
		sandbox.before(api, () => void (end ??= listening.deactivate()), { on });
		const subjects = ['One', 'Two', 'Three'];
		for (const subject of subjects) receive({ subject });
		await until(() => end !== undefined);
		await steered.settle();
		await end;
		expect(listening.executions).toEqual([]);
		await listening.activate();
		await started(listening, ...subjects);
		expect(listening.refused).toBe(0);
	});

	it.each(['activate', 'init'] as const)(
		'between two executions delivers the rest later (%s)',
		async (mode) => {
			const listening = await active();
			const subjects = Array.from({ length: 30 }, (_, number) => `New ${number}`);
			sandbox.events.lose(30);
			for (const subject of subjects) receive({ subject });
			await steered.settle();
			// All are found together.
			sandbox.events.odd('noMessageId');
			const { executions } = listening;
			await new Promise<void>((resolve) => {
				const { push } = executions;
				executions.push = (...items) => {
					resolve();
					return push.apply(executions, items);
				};
			});
			await listening.deactivate();
			const { length } = executions;
			expect(length).toBe(1);
			await steered.pass(MINUTE);
			expect(executions).toHaveLength(length);
			await listening.activate(mode);
			await steered.pass(MINUTE);
			await started(listening, ...subjects);
		},
	);

	it('while a scan waits for the quota ends at once', async () => {
		const listening = await active();
		breakDown(LIST, { code: 99991400, headers: { 'x-ogw-ratelimit-reset': '30' } });
		sandbox.events.odd('noMessageId');
		await steered.settle();
		await listening.deactivate();
		await until(() => steered.waiting === 0);
		expect(listening.errors).toEqual([]);
	});

	it('keeps n8n waiting for 5 seconds at most where a request hangs that nobody can end', async () => {
		const listening = await instant();
		sandbox.fail({ api: 'application.versions', with: { kind: 'hang' } });
		await listening.activate('init');
		await until(() => sandbox.requestsTo('application.versions').length > 0);
		let isDone = false;
		const end = listening.deactivate().then(() => (isDone = true));
		await steered.pass(4000);
		await steered.pass(1100);
		await end;
		expect(isDone).toBe(true);
	});
});

it('a connection that cannot be opened for as long as from one check to the next is told once, and what to see to', async () => {
	const listening = await active();
	sandbox.fail({ api: 'event.connect', on: () => true, with: { status: 403 } });
	sandbox.events.closeAll();
	receive({ subject: 'Offline' });
	await steered.pass(14 * MINUTE);
	expect(listening.errors).toEqual([]);
	await steered.pass(32 * MINUTE);
	await started(listening, 'Offline');
	expect(listening.errors).toMatchObject([{ message: 'Feishu announces no mails to the app' }]);
	expect(descriptionOf(listening.errors[0])).toContain('See that n8n may open a connection to Feishu');
	sandbox.clearFaults();
	await steered.pass(3 * MINUTE);
	receive({ subject: 'Online' });
	await started(listening, 'Offline', 'Online');
	expect(listening.errors).toHaveLength(1);
});
