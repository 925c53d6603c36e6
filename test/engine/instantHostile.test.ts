import { captureLog } from './capturedLog';

import { active, receive, started, steered } from './instantStage';
import { sandbox } from './stage';

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
