/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { captureLog } from './capturedLog';

import { active, receive, started, steered } from './instantStage';
import { sandbox } from './stage';
import { breakDown } from './watching';

const MINUTE = 60_000;

const CHECK = 15 * MINUTE;

beforeEach(() => captureLog());

const subjects = (word: string, count: number) =>
	Array.from({ length: count }, (_, index) => `${word} ${index}`);

describe('what Feishu announces and what it loses', () => {
	it('mails that no event announces come with the next check, however many newer ones were announced', async () => {
		const listening = await active();
		const lost = subjects('Lost', 3);
		sandbox.events.lose(lost.length);
		for (const subject of lost) receive({ subject });
		await steered.pass(1000);
		const announced = subjects('Announced', 45);
		for (const subject of announced) receive({ subject });
		await steered.pass(MINUTE);
		await started(listening, ...announced);
		await steered.pass(CHECK);
		await started(listening, ...lost, ...announced);
	});

	it('a mailbox whose first announced mail is gone at once is announced to all the same', async () => {
		const listening = await active();
		const gone = receive({ subject: 'Gone' });
		sandbox.mailbox.remove(gone);
		await steered.pass(MINUTE);
		receive({ subject: 'Next' });
		await steered.pass(CHECK);
		await started(listening, 'Next');
		receive({ subject: 'Instant' });
		await started(listening, 'Next', 'Instant');
	});
});

describe('n8n that fails', () => {
	const broken: unknown[] = [];
	const noteBroken = (error: unknown) => broken.push(error);

	beforeEach(() => {
		broken.length = 0;
		process.on('uncaughtException', noteBroken).on('unhandledRejection', noteBroken);
	});

	afterEach(() => {
		process.off('uncaughtException', noteBroken).off('unhandledRejection', noteBroken);
	});

	it('to take a failure ends nothing', async () => {
		const listening = await active();
		listening.fails.saving = true;
		breakDown('mail.message.list', { status: 403, code: 1230002, msg: 'no access' });
		await steered.pass(CHECK);
		expect(listening.errors).toEqual([]);
		sandbox.clearFaults();
		await steered.pass(CHECK);
		receive({ subject: 'New' });
		await started(listening, 'New');
		expect(broken).toEqual([]);
	});

	it('to start an execution loses no mail', async () => {
		const listening = await active();
		listening.fails.starting = true;
		receive({ subject: 'One' });
		receive({ subject: 'Two' });
		await steered.pass(1000);
		expect(listening.executions).toEqual([]);
		listening.fails.starting = false;
		await steered.pass(CHECK);
		await started(listening, 'One', 'Two');
		expect(broken).toEqual([]);
	});
});

it.each(['Infinity', '1e999', '-Infinity', 'NaN', 'soon', ''])(
	'a mail with the date %j makes nothing forgotten',
	async (internal_date) => {
		const listening = await active();
		const odd = receive({ subject: 'Odd' });
		Object.assign(odd, { internal_date });
		await steered.pass(1000);
		receive({ subject: 'Next' });
		await started(listening, 'Odd', 'Next');
		expect(listening.stored).not.toContain('null');
		await listening.restart();
		await steered.pass(CHECK);
		receive({ subject: 'Last' });
		await steered.pass(CHECK);
		await started(listening, 'Odd', 'Next', 'Last');
	},
);
