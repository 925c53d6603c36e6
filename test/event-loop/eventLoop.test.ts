/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- measures real time */
import { PerformanceObserver } from 'node:perf_hooks';

import type { IExecuteFunctions, INodeParameters } from 'n8n-workflow';

import { FeishuMail } from '../../nodes/FeishuMail/FeishuMail.node';
import { appWithout, continues, named, run, sandbox, time } from '../engine/stage';

/** Milliseconds for which nothing else in n8n may have to wait: 200, and something for a slow machine. */
const LIMIT = 500;

/** Milliseconds of processor time: what other programs of a busy machine take is not the node's. */
const worked = () => {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
};

/** The collections of garbage, of which a process that has run many tests has much: also not the node's. */
const collections: Array<{ from: number; to: number }> = [];
const observer = new PerformanceObserver((list) => {
	for (const { startTime: from, duration } of list.getEntries()) {
		collections.push({ from, to: from + duration });
	}
});
beforeAll(() => observer.observe({ entryTypes: ['gc'] }));
afterAll(() => observer.disconnect());

const collecting = (from: number, to: number) =>
	collections.reduce((sum, gc) => sum + Math.max(0, Math.min(to, gc.to) - Math.max(from, gc.from)), 0);

/** The node, which notes how long at most nothing else got a turn while it was running. */
class WatchedNode extends FeishuMail {
	static longestGap = 0;

	override async execute(this: IExecuteFunctions) {
		const looks = [[performance.now(), worked()]] as Array<[number, number]>;
		const look = () => looks.push([performance.now(), worked()]);
		const timer = setInterval(look, 5);
		try {
			return await new FeishuMail().execute.call(this);
		} finally {
			look();
			clearInterval(timer);
			await new Promise((resolve) => setTimeout(resolve, 50));
			WatchedNode.longestGap = looks.slice(1).reduce((longest, [to, workedTo], index) => {
				const [from, workedFrom] = looks[index]!;
				return Math.max(longest, Math.min(to - from, workedTo - workedFrom) - collecting(from, to));
			}, 0);
		}
	}
}

const ROWS = 10_000;

/** Many labels to look through for the one that a row names. */
const fillLabels = () =>
	sandbox.mailbox.labels.push(
		...named(1000, 'Customers/Asia').map(({ name }) => ({
			id: `id of ${name}`,
			name,
			background_color: 'blue',
			messages_unread: 0,
		})),
	);

it.each<[string, INodeParameters]>([
	[
		'a check of all rows that finds a hidden field in the last one',
		{ company: 'Acme', phone: '={{ $json.phone }}' },
	],
	['rows that all fail without a request', { company: '={{ "x".repeat(65) }}' }],
])(`the event loop never stands still for ${ROWS} rows: %s`, async (_, additionalFields) => {
	time.end();
	sandbox.mailbox.contacts.push({ id: 'id-0', name: 'Ann' });
	const { jsons } = await run(
		'contact',
		'upsert',
		{
			matchBy: 'name',
			name: 'Ann',
			additionalFields: { mailAddress: 'ann@example.com', ...additionalFields },
		},
		{
			items: Array.from({ length: ROWS }, (__, index) => (index < ROWS - 1 ? { phone: `${index}` } : {})),
			credential: await appWithout('phone'),
			nodeType: new WatchedNode(),
			...continues,
		},
	);
	expect(jsons.filter(({ error }) => error !== undefined)).toHaveLength(ROWS);
	expect(WatchedNode.longestGap).toBeLessThan(LIMIT);
});

it.each<[string, Array<Record<string, string>>, boolean, number]>([
	[
		'whose labels are not there',
		named(ROWS).map(({ name }) => ({ id: name, label: 'Customers/Asia' })),
		true,
		ROWS,
	],
	[
		'of the same mail',
		Array.from({ length: ROWS }, () => ({ id: 'one', label: 'customers/asia 999' })),
		true,
		0,
	],
	[
		'of which the first batch ends the run',
		named(ROWS).map(({ name }) => ({ id: name, label: 'customers/asia 999' })),
		false,
		1,
	],
])(
	`the event loop never stands still for ${ROWS} labels %s`,
	async (_, items, goesOn, failures) => {
		time.end();
		fillLabels();
		sandbox.mailbox.receive({ message_id: 'one' });
		sandbox.fail({
			api: 'mail.message.batchModify',
			on: () => !goesOn,
			with: { status: 403, code: 1230009 },
		});
		const { jsons, error } = await run(
			'message',
			'addLabels',
			{ messageId: '={{ $json.id }}', labelIds: '={{ [$json.label] }}' },
			{ items, nodeType: new WatchedNode(), ...(goesOn ? continues : {}) },
		);
		expect(error ? 1 : jsons.filter((json) => json.error).length).toBe(failures);
		expect(WatchedNode.longestGap).toBeLessThan(LIMIT);
	},
	120_000,
);
