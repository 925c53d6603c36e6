import { active, receive, started, steered } from './instantStage';
import type { Listening } from './listening';

describe('n8n that is killed after it has stored what is known, and before it has stored an execution', () => {
	it('starts that execution when it starts again', async () => {
		const listening = await active();
		receive({ subject: 'One' });
		await started(listening, 'One');
		listening.lost = 2;
		for (const subject of ['Two', 'Three']) receive({ subject });
		await steered.settle();
		await started(listening, 'One');
		await listening.restart();
		await started(listening, 'One', 'Two', 'Three');
	});

	it('starts none of those again that it has', async () => {
		const listening = await active();
		receive({ subject: 'One' });
		await started(listening, 'One');
		await listening.restart();
		await started(listening, 'One');
		expect(listening.refused).toBe(1);
	});

	it('starts none again that are minutes old: it may have deleted them', async () => {
		const listening = await active();
		receive({ subject: 'One' });
		await started(listening, 'One');
		await listening.kill();
		await steered.pass(5 * 60_000);
		await listening.restart();
		await started(listening, 'One');
		expect(listening.refused).toBe(0);
	});

	it('starts none again where it would not know that it has them', async () => {
		const listening = await active({}, { isOld: true });
		receive({ subject: 'One' });
		await started(listening, 'One');
		await listening.restart();
		await started(listening, 'One');
	});

	it('is not asked to start any again when the workflow is published again', async () => {
		const listening = await active();
		receive({ subject: 'One' });
		await started(listening, 'One');
		await listening.change({});
		await started(listening, 'One');
		expect(listening.refused).toBe(0);
	});
});

/** The ids of the mails that n8n has stored as those that were started a moment ago. */
function justStarted({ stored }: Listening): unknown[] {
	const [node] = Object.values(JSON.parse(stored) as Record<string, { newMail: { started: unknown[][] } }>);
	return node!.newMail.started.map(([id]) => id);
}

it('keeps which executions it has started as long as n8n may not have stored them', async () => {
	const listening = await active();
	const one = receive({ subject: 'One' });
	await started(listening, 'One');
	await steered.pass(5000);
	const two = receive({ subject: 'Two' });
	await started(listening, 'One', 'Two');
	expect(justStarted(listening)).toEqual([one.message_id, two.message_id]);
	await steered.pass(6000);
	const three = receive({ subject: 'Three' });
	await started(listening, 'One', 'Two', 'Three');
	expect(justStarted(listening)).toEqual([two.message_id, three.message_id]);
});
