/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- watches the timers that n8n's `sleep` sets, and who listens */
import { getEventListeners } from 'node:events';

import { clock, unlessCancelled } from '../../nodes/FeishuMail/transport/clock';

describe('a wait', () => {
	it('that is cancelled ends at once, and its timer soon after', async () => {
		const timers = jest.spyOn(globalThis, 'setTimeout');
		const cancellation = new AbortController();
		const waiting = clock.wait(60_000, cancellation.signal);
		cancellation.abort();
		await expect(waiting).rejects.toMatchObject({ name: 'ExecutionCancelledError' });
		expect(timers.mock.calls.map(([, milliseconds]) => milliseconds)).toEqual([500]);
	});

	it('takes as long as asked for, also when that is longer than one timer', async () => {
		const from = performance.now();
		await clock.wait(700);
		expect(performance.now() - from).toBeGreaterThan(690);
	});

	it('of a cancelled execution does not begin', async () => {
		const waiting = clock.wait(60_000, AbortSignal.abort());
		await expect(waiting).rejects.toMatchObject({ name: 'ExecutionCancelledError' });
	});

	it('that is over listens no more for the end of the execution', async () => {
		const { signal } = new AbortController();
		await clock.wait(1, signal);
		await unlessCancelled(Promise.resolve(), signal);
		await unlessCancelled(Promise.reject(new Error('failed')), signal).catch(() => {});
		expect(getEventListeners(signal, 'abort')).toEqual([]);
	});

	it('takes one listener, however many there are at the same time', async () => {
		const cancellation = new AbortController();
		const { signal } = cancellation;
		const waits = Array.from({ length: 20 }, async () => await clock.wait(60_000, signal).catch(String));
		expect(getEventListeners(signal, 'abort')).toHaveLength(1);
		cancellation.abort();
		await expect(Promise.all(waits)).resolves.toEqual(
			waits.map(() => 'ExecutionCancelledError: The execution was cancelled'),
		);
		expect(getEventListeners(signal, 'abort')).toEqual([]);
	});
});
