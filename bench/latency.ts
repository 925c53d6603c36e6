import { NodeRun } from './node-run';
import { labels, minimumOf, openWith } from './quota';
import type { Part } from './report';
import type { SandboxProcess } from './sandbox-process';

const LATENCIES = [0, 60, 300, 700];

/** Sixty labels on servers that are near and far away. */
export async function latencies(sandboxes: SandboxProcess): Promise<Part> {
	const minimum = minimumOf(labels);
	const measured = await Promise.all(
		LATENCIES.map(async (latency) => {
			const feishu = await openWith(sandboxes, labels, latency);
			const start = performance.now();
			await new NodeRun(feishu).create('label', 60);
			const time = performance.now() - start;
			await sandboxes.journal(feishu.url);
			return { latency, time };
		}),
	);
	return {
		title: '4. Far-away servers',
		text: `60 labels at ${labels.limit} per ${labels.window} s, with milliseconds of latency per request, half before and half after the work. The minimum is the ${minimum / 1000} windows that have to end. The node starts without a token, so its first label takes two requests. All rows run at the same time, each on a quota of its own.`,
		columns: ['latency', 'time', 'minimum', 'time / minimum'],
		rows: measured.map(({ latency, time }) => [
			`${latency} ms`,
			`${(time / 1000).toFixed(2)} s`,
			`${(minimum / 1000).toFixed(2)} s`,
			(time / minimum).toFixed(3),
		]),
		targets: measured.map(({ latency, time }) => ({
			what: `time at ${latency} ms`,
			value: time,
			atMost: 1.15 * minimum + latency,
			digits: 0,
			unit: ' ms',
		})),
	};
}
