/* eslint-disable @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { captureLog, logged } from './capturedLog';

import { active, receive, started, steered } from './instantStage';
import { mailEvent } from '../sandbox';
import { sandbox } from './stage';
import { until } from './until';
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

describe('what is announced to the app', () => {
	let count = 0;

	const announce = (event: unknown) => {
		const envelope = { schema: '2.0', header: { event_type: mailEvent }, event };
		sandbox.events.connections[0]!.send({
			method: 1,
			headers: Object.entries({ type: 'event', message_id: `m${++count}`, sum: '1', seq: '0' }).map(
				([key, value]) => ({ key, value }),
			),
			payload: Buffer.from(JSON.stringify(envelope)),
		});
	};

	const asked = () => sandbox.requests.filter(({ api }) => api?.startsWith('mail.')).length;

	it('for other mailboxes takes requests until they are known, and delays nothing for long', async () => {
		const listening = await active();
		const foreign = (word: string) => {
			for (let index = 0; index < 30; index++) {
				announce({ message_id: `${word} ${index}`, mail_address: `${index}@example.org` });
			}
		};
		foreign('First');
		await steered.pass(MINUTE);
		const before = asked();
		for (let count = 0; count < 50; count++) foreign(`Later ${count}`);
		await steered.pass(MINUTE);
		expect(asked()).toBe(before);
		receive({ subject: 'Own' });
		await started(listening, 'Own');
	});

	it('with addresses that are none is looked at all the same', async () => {
		const listening = await active();
		sandbox.events.lose(4);
		const mails = ['A', 'B', 'C', 'D'].map((subject) => receive({ subject }));
		const addresses = [{ toString: 1, valueOf: 1 }, [], null, 7];
		for (const [index, mail_address] of addresses.entries()) {
			announce({ message_id: mails[index]!.message_id, mail_address });
		}
		await started(listening, 'A', 'B', 'C', 'D');
		expect(logged.join('\n')).not.toContain('has failed to take');
	});
});

describe('Feishu that hangs or fails in parts', () => {
	it('that does not end the subscription keeps n8n for seconds only, and nothing is left', async () => {
		const listening = await active({ options: { unsubscribe: true } });
		sandbox.before(
			'mail.event.unsubscribe',
			async () => await new Promise((resolve) => setTimeout(resolve, 20_000)),
		);
		let isOver = false;
		const closing = Promise.all([listening.deactivate(), listening.deactivate()]).then(() => (isOver = true));
		await steered.pass(3000);
		expect(isOver).toBe(false);
		await steered.pass(3000);
		expect(isOver).toBe(true);
		await closing;
		await until(() => sandbox.events.connections.length + steered.waiting === 0);
	});

	it('that lists no mails still has those start an execution that it announces', async () => {
		const listening = await active();
		breakDown('mail.message.list', { status: 403, code: 1230002, msg: 'no access' });
		receive({ subject: 'One' });
		await started(listening, 'One');
		await steered.pass(2 * CHECK);
		receive({ subject: 'Two' });
		await started(listening, 'One', 'Two');
		expect(listening.errors.length).toBeGreaterThan(0);
		expect(listening.errors.length).toBeLessThan(4);
	});

	it('that reads no mails is asked once a minute, and all are delivered later', async () => {
		const listening = await active();
		breakDown('mail.message.batchGet', { status: 500, code: 1230004, msg: 'fault' });
		const before = sandbox.requests.length;
		const all = subjects('Mail', 30);
		for (const subject of all) {
			receive({ subject });
			await steered.pass(MINUTE);
		}
		expect(listening.executions).toEqual([]);
		expect(sandbox.requests.length - before).toBeLessThan(30 * 60);
		sandbox.clearFaults();
		await steered.pass(CHECK);
		await started(listening, ...all);
	});
});
