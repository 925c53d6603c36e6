import { captureLog, logged } from './capturedLog';

import type { RunOptions } from './engine';
import { named, run, sandbox } from './stage';
import { until } from './until';

beforeEach(() => captureLog());

const runFor = async (
	resource: string,
	operation: string,
	count: number,
	options: Pick<RunOptions, 'started'> = {},
) =>
	await run(
		resource,
		operation,
		{ name: '={{ $json.name }}', matchBy: 'name' },
		{ items: named(count), ...options },
	);

it.each([
	['contact', 'create', 45, '20 every 60 seconds. This takes 2 min 0 s at least.'],
	['contact', 'upsert', 45, '40 every 60 seconds. This takes 1 min 0 s at least.'],
	['label', 'create', 40, '5 every second. This takes 7 s at least.'],
])('%s %s of %d items: the log says how long it takes at least', async (resource, operation, count, text) => {
	await runFor(resource, operation, count);
	expect(logged.filter((line) => line.includes('at least'))).toEqual([
		expect.stringContaining(`Feishu Mail: ${count} items, of which Feishu's quota lets through ${text}`),
	]);
});

it.each([
	['contact', 'create', 20],
	['label', 'create', 25],
])('%s %s of %d items: nothing is announced that takes no time', async (resource, operation, count) => {
	await runFor(resource, operation, count);
	expect(logged.filter((line) => line.includes('at least'))).toEqual([]);
});

it('a cancelled execution: the log says how far it came', async () => {
	sandbox.setQuota('mail.contact.create', { limit: 2, window: 60 });
	const { status } = await runFor('contact', 'create', 45, {
		started: ({ cancel }) =>
			void until(() => sandbox.requestsTo('mail.contact.create').at(-1)?.status === 429).then(cancel),
	});
	expect(status).toBe('canceled');
	const created = () => sandbox.mailbox.contacts.length;
	await until(() => logged.some((line) => line.includes(`cancelled. ${created()} of 45 items were done.`)));
});
