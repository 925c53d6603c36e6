/* eslint-disable @n8n/community-nodes/no-restricted-globals -- measures real time */
import type { IExecuteFunctions, INodeParameters } from 'n8n-workflow';

import { FeishuMail } from '../../nodes/FeishuMail/FeishuMail.node';
import { appWithout, continues, named, run, sandbox, time } from './stage';

/** Milliseconds for which nothing else in n8n may have to wait: 200, and something for a slow machine and its garbage. */
const LIMIT = 1000;

/** Milliseconds of processor time: what other programs of a busy machine take is not the node's. */
const worked = () => {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
};

/** The node, which notes how long at most nothing else got a turn while it was running. */
class WatchedNode extends FeishuMail {
	static longestGap = 0;

	override async execute(this: IExecuteFunctions) {
		let last = [performance.now(), worked()] as const;
		const look = () => {
			const now = [performance.now(), worked()] as const;
			const gap = Math.min(now[0] - last[0], now[1] - last[1]);
			WatchedNode.longestGap = Math.max(WatchedNode.longestGap, gap);
			last = now;
		};
		const timer = setInterval(look, 5);
		try {
			return await new FeishuMail().execute.call(this);
		} finally {
			look();
			clearInterval(timer);
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
	WatchedNode.longestGap = 0;
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
		WatchedNode.longestGap = 0;
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
