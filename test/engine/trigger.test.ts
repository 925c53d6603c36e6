import { active, arrive, arriveMany, callsOf, GET, LIST, receive } from './watching';
import { sandbox, time } from './stage';

test('starts with what comes in once the workflow is published', async () => {
	const trigger = await active();
	expect(trigger.executions).toEqual([]);
	arrive('One', 'Two');
	await trigger.tick();
	await trigger.tick();
	expect(trigger.subjects).toEqual(['One', 'Two']);
	expect(trigger.executions).toHaveLength(1);
});

describe('calls', () => {
	it('one of a poll that finds nothing', async () => {
		const trigger = await active({}, { older: 30 });
		expect(await callsOf(async () => await trigger.ticks(3))).toEqual({ [LIST]: 3 });
	});

	it('two when the workflow is published', async () => {
		await active({}, { older: 30 });
		expect(await callsOf(async () => await active({}, { older: 0 }))).toMatchObject({ [LIST]: 1, [GET]: 1 });
	});

	describe.each([1, 5, 6, 19, 20, 21, 40, 45])('of %d new mails', (count) => {
		const pages = { [LIST]: 1 + Math.floor(count / 20), [GET]: Math.ceil(count / 20) };

		it.each([
			['metadata', 'one for each page', 0],
			['simplified', 'one more for five mails each', Math.ceil(count / 5)],
			['full', 'one more for five mails each', Math.ceil(count / 5)],
		])('%s: %s', async (output, _, more) => {
			const trigger = await active({ output }, { older: 25 });
			const subjects = arriveMany(count);
			const calls = await callsOf(async () => await trigger.tick());
			expect(calls).toEqual({ ...pages, [GET]: pages[GET]! + more });
			expect(trigger.subjects).toEqual(subjects);
		});
	});
});

describe('many mails at once', () => {
	it('all of 60 in one execution, the oldest first, where the limit allows it', async () => {
		const trigger = await active({ options: { limit: 60 } });
		const subjects = arriveMany(60);
		await trigger.ticks(2);
		expect(trigger.executions.map((items) => items.length)).toEqual([60]);
		expect(trigger.subjects).toEqual(subjects);
	});

	it('50 unless something else is set, and the rest the next time', async () => {
		const trigger = await active();
		const subjects = arriveMany(60);
		await trigger.ticks(3);
		expect(trigger.executions.map((items) => items.length)).toEqual([50, 10]);
		expect(trigger.subjects).toEqual(subjects);
	});

	it('the oldest first, also where others come in while they wait', async () => {
		const trigger = await active({ options: { limit: 3 } });
		const subjects = arriveMany(7);
		await trigger.tick();
		subjects.push(...arriveMany(2, 'Later'));
		await trigger.ticks(4);
		expect(trigger.executions.map((items) => items.length)).toEqual([3, 3, 3]);
		expect(trigger.subjects).toEqual(subjects);
	});

	it('are not looked for as long as enough wait', async () => {
		const trigger = await active({ output: 'metadata', options: { limit: 5 } });
		const subjects = arriveMany(15);
		await trigger.tick();
		subjects.push(...arriveMany(1, 'Later'));
		expect(await callsOf(async () => await trigger.ticks(2))).toEqual({ [GET]: 2 });
		expect(await callsOf(async () => await trigger.tick())).toMatchObject({ [LIST]: 1 });
		expect(trigger.subjects).toEqual(subjects);
	});

	it('an older one that is listed late comes before those that wait', async () => {
		const trigger = await active({ options: { limit: 3 } });
		const date = sandbox.clock.now();
		time.pass(60_000);
		arriveMany(5);
		await trigger.tick();
		receive({ subject: 'Late', internal_date: date });
		await trigger.ticks(2);
		expect(trigger.subjects.slice(3, 4)).toEqual(['Late']);
		expect(trigger.subjects).toHaveLength(6);
	});

	it('that are still to be delivered come after a restart, each once', async () => {
		const trigger = await active({ options: { limit: 4 } });
		const subjects = arriveMany(10);
		await trigger.tick();
		await trigger.restart();
		await trigger.ticks(3);
		expect(trigger.subjects).toEqual(subjects);
	});

	it('a limit of text is a number', async () => {
		const trigger = await active({ options: { limit: '={{ "2" }}' } });
		arriveMany(3);
		await trigger.tick();
		expect(trigger.executions.map((items) => items.length)).toEqual([2]);
	});
});
