import { active, instant, receive, started, steered } from './instantStage';
import { sandbox } from './stage';
import { until } from './until';

describe('a mail that comes in', () => {
	it('starts an execution as soon as Feishu announces it', async () => {
		receive({ subject: 'Older' });
		const listening = await active();
		receive({ subject: 'Invoice' });
		await started(listening, 'Invoice');
		expect(listening.executions).toHaveLength(1);
		await until(() => sandbox.events.deliveries.at(-1)?.outcome === 'answered');
	});

	it('has an execution of its own', async () => {
		const listening = await active();
		const subjects = Array.from({ length: 60 }, (_, number) => `Mail ${number}`);
		for (const subject of subjects) receive({ subject });
		await started(listening, ...subjects);
		expect(listening.executions.map(({ length }) => length)).toEqual(subjects.map(() => 1));
	});

	it('that no event announces comes with the next check', async () => {
		const listening = await active();
		sandbox.events.lose(1);
		receive({ subject: 'Lost' });
		await steered.settle();
		expect(listening.executions).toEqual([]);
		await steered.pass(15 * 60_000);
		await started(listening, 'Lost');
	});
});

it('gives a test the newest mail, without a connection', async () => {
	const listening = await instant();
	receive({ subject: 'One' });
	receive({ subject: 'Two' });
	const items = await listening.test();
	expect(items!.map(({ json }) => json.subject)).toEqual(['Two']);
	expect(sandbox.events.opened).toBe(0);
});

it('closes its connection with the workflow, and waits for nothing more', async () => {
	const listening = await active();
	await listening.deactivate();
	await until(() => sandbox.events.connections.length === 0);
	await steered.settle();
	expect(steered.waiting).toBe(0);
	expect(sandbox.events.opened).toBe(1);
});
